// The live tail: rows for events as they are applied, the newest on top. Text goes in as text, never as markup.
(function () {
  "use strict";
  var MOST = 200;
  var body = document.getElementById("tail");
  var state = document.getElementById("tail-state");
  var button = document.getElementById("tail-pause");
  if (!body || !window.EventSource) return;
  var paused = false;

  function tell(name, colour) {
    state.hidden = false;
    state.className = "badge " + colour;
    state.textContent = state.dataset[name];
  }

  function cell(row, text, kind, small) {
    var made = row.insertCell();
    if (kind) made.className = kind;
    made.textContent = text + (small ? " " : "");
    if (small) made.appendChild(document.createElement("small")).textContent = small;
  }

  function show(said) {
    var row = body.insertRow(0);
    cell(row, said.time, "when");
    cell(row, said.event, "", said.type);
    cell(row, said.unit);
    cell(row, said["case"]);
    cell(row, said.content);
    var link = row.insertCell().appendChild(document.createElement("a"));
    link.href = said.address;
    link.appendChild(document.createElement("code")).textContent = said.place;
    while (body.rows.length > MOST) body.deleteRow(-1);
    var empty = document.getElementById("tail-empty");
    if (empty) empty.remove();
  }

  var source = new EventSource(body.dataset.source);
  source.onopen = function () { if (!paused) tell("live", "green"); };
  source.onerror = function () { tell("lost", "orange"); };
  source.onmessage = function (message) { if (!paused) show(JSON.parse(message.data)); };
  button.hidden = false;
  button.addEventListener("click", function () {
    paused = !paused;
    button.textContent = paused ? button.dataset.goOn : button.dataset.pause;
    tell(paused ? "stopped" : "live", paused ? "" : "green");
  });
})();
