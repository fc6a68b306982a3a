// Draws a chart above each table of figures, from the numbers in the table itself: without scripts there is the table.
(function () {
  "use strict";
  if (!window.echarts) return;
  var PAPER = 640; // what fits between the margins of A4

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function numbers(row, n) {
    return Number(row.cells[n].textContent.replace(/[^\d]/g, "")) || 0;
  }

  document.querySelectorAll("[data-chart]").forEach(function (place) {
    var table = document.getElementById(place.dataset.chart);
    var rows = Array.from(table.tBodies[0].rows).filter(function (row) { return !row.classList.contains("total"); });
    var heads = Array.from(table.tHead.rows[0].cells).slice(1, 1 + Number(place.dataset.figures));
    if (rows.length < 2) return;
    place.hidden = false;
    place.style.height = 90 + rows.length * (14 + 9 * heads.length) + "px";
    var ink = colour("--ink"), rim = colour("--rim");
    var chart = echarts.init(place, null, { renderer: "canvas" });
    chart.setOption({
      animation: false,
      color: ["bar-blue", "bar-orange", "bar-green", "bar-red", "bar-yellow", "bar-grey", "ink", "accent"].map(function (name) { return colour("--" + name); }),
      textStyle: { color: ink, fontFamily: getComputedStyle(document.body).fontFamily },
      legend: { textStyle: { color: ink }, top: 0, type: "scroll", pageTextStyle: { color: ink } },
      grid: { left: 8, right: 30, top: 34, bottom: 8, containLabel: true },
      xAxis: { type: "value", minInterval: 1, axisLabel: { color: ink }, splitLine: { lineStyle: { color: rim } } },
      yAxis: { type: "category", inverse: true, axisLabel: { color: ink, width: 150, overflow: "truncate" },
        data: rows.map(function (row) { return row.cells[0].textContent.trim(); }) },
      series: heads.map(function (head, n) {
        return { type: "bar", name: head.textContent.trim(), data: rows.map(function (row) { return numbers(row, n + 1); }) };
      })
    });
    window.addEventListener("resize", function () { chart.resize(); });
    window.addEventListener("beforeprint", function () { chart.resize({ width: PAPER }); chart.getZr().flush(); });
    window.addEventListener("afterprint", function () { chart.resize(); });
  });
})();
