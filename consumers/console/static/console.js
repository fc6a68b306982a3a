// What a page does besides htmx: nothing that it could not do without. Every page reads the same with scripts off.
(function () {
  "use strict";

  // Sends the form of filters as soon as a choice is made; without scripts there is the button.
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-eager]");
    if (form && event.target.matches("select, input[type=checkbox], input[type=date]")) form.requestSubmit();
  });

  // Keyboard: / to the search field, Alt+1..9 to the pages, as the account page tells.
  document.addEventListener("keydown", function (event) {
    var typing = event.target.matches("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      var field = document.querySelector("input[type=search]");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
    if (event.altKey && !event.ctrlKey && event.key >= "1" && event.key <= "9") {
      var page = document.querySelectorAll(".top nav a")[Number(event.key) - 1];
      if (page) { event.preventDefault(); page.click(); }
    }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) { event.preventDefault(); window.print(); }
  });

  // Printing is audited: the browser's own command too, which no route would see.
  window.addEventListener("beforeprint", function () {
    var token = document.body.dataset.token;
    if (!token) return;
    var told = new FormData();
    told.append("csrf", token);
    told.append("page", location.pathname + location.search);
    navigator.sendBeacon("/printed", told);
  });
})();
