// Says the values of the dot nearest to the pointer, in each figure.
(function () {
  "use strict";
  var hover = document.getElementById("hover"), ring;
  function spotsOf(figure) {
    return figure.dataset.spots.split("\n").filter(Boolean).map(function (text) {
      var parts = /^(\S+) (\S+) ([^]*)$/.exec(text);
      return { x: +parts[1], y: +parts[2], text: parts[3] };
    });
  }
  function hide() {
    hover.hidden = true;
    if (ring) { ring.remove(); ring = null; }
  }
  document.querySelectorAll("figure[data-spots]").forEach(function (figure) {
    var svg = figure.querySelector("svg"), spots;
    function show(event) {
      spots = spots || spotsOf(figure);
      var box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
      var x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale, best, least = 40 * 40;
      spots.forEach(function (spot) {
        var far = (spot.x - x) * (spot.x - x) + (spot.y - y) * (spot.y - y);
        if (far < least) { least = far; best = spot; }
      });
      hide();
      if (!best) { return; }
      ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      ring.setAttribute("cx", best.x); ring.setAttribute("cy", best.y); ring.setAttribute("r", 5.5);
      ring.setAttribute("style", "fill:none;stroke:var(--ink);stroke-width:1.5");
      svg.appendChild(ring);
      hover.textContent = best.text;
      hover.hidden = false;
      var left = box.left + best.x / scale + 12, top = box.top + best.y / scale + 14;
      left = Math.max(8, Math.min(left, document.documentElement.clientWidth - hover.offsetWidth - 8));
      hover.style.left = left + window.scrollX + "px";
      hover.style.top = top + window.scrollY + "px";
    }
    svg.addEventListener("pointermove", show);
    svg.addEventListener("pointerdown", show);
    svg.addEventListener("pointerleave", function (event) { if (event.pointerType === "mouse") { hide(); } });
  });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") { hide(); } });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (d) { d.open = true; });
  });
})();
