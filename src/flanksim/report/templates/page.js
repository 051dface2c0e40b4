"use strict";
(function () {
  // ---- tables: a click or Enter on a head sorts; what has no number comes last -----------------
  function value(cell) {
    var text = cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.trim();
    if (text === "" || text === "-") { return null; }
    var number = Number(text);
    return isNaN(number) ? text : number;
  }
  function compare(x, y) {
    if (typeof x === "number" && typeof y === "number") { return x - y; }
    return String(x).localeCompare(String(y), "en", { numeric: true });
  }
  document.querySelectorAll("th button").forEach(function (button) {
    button.addEventListener("click", function () {
      var head = button.parentNode, row = head.parentNode, body = head.closest("table").tBodies[0];
      var column = Array.prototype.indexOf.call(row.children, head);
      var up = head.getAttribute("aria-sort") !== "ascending";
      Array.prototype.forEach.call(row.children, function (other) { other.setAttribute("aria-sort", "none"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      Array.from(body.rows).map(function (line) { return [value(line.cells[column]), line]; }).sort(function (a, b) {
        if (a[0] === null || b[0] === null) { return (a[0] === null) - (b[0] === null); }
        return compare(a[0], b[0]) * (up ? 1 : -1);
      }).forEach(function (pair) { body.appendChild(pair[1]); });
    });
  });

  // ---- paper: the first screen and the answer; everything, with what is folded, where that is asked for ----
  var folded = [], root = document.documentElement.classList;
  window.addEventListener("beforeprint", function () {
    folded = root.contains("whole") ? Array.from(document.querySelectorAll("details:not([open])")) : [];
    folded.forEach(function (part) { part.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (part) { part.open = false; }); root.remove("whole"); });
  document.getElementById("print").addEventListener("click", function () { root.add("whole"); window.print(); });

  // ---- the explorer: points that were simulated, none between them ------------------------------
  (function () {
    var element = document.getElementById("explorer-data");
    if (!element) { return; }
    var data = JSON.parse(element.textContent), levers = Array.from(document.querySelectorAll("[data-lever]"));
    function put(id, text) { document.getElementById(id).textContent = text; }
    function path(curve) {
      var box = data.box, last = data.days[data.days.length - 1], top = Math.max(1, data.required);
      return curve.map(function (troops, number) {
        var x = box[0] + (box[2] - box[0]) * data.days[number] / last, y = box[3] - (box[3] - box[1]) * Math.min(1, troops / top);
        return (number ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1);
      }).join("");
    }
    function list(id, make, entries) {
      var parent = document.getElementById(id);
      parent.textContent = "";
      entries.forEach(function (entry) { parent.appendChild(make(entry)); });
    }
    function bar(entry, most, said) {
      var line = document.createElement("div"), parts = ["span", "span", "b"].map(function (tag) { return line.appendChild(document.createElement(tag)); });
      line.className = "bar";
      parts[0].textContent = entry[0];
      parts[1].className = "track";
      parts[1].appendChild(document.createElement("i")).style.width = Math.max(0.4, 100 * entry[1] / most) + "%";
      parts[2].textContent = said;
      return line;
    }
    function item(text) { var line = document.createElement("li"); line.textContent = text; return line; }
    function values() { return levers.map(function (lever) { return lever.value; }); }
    function go(key) { key.split(",").forEach(function (value, number) { if (levers[number]) { levers[number].value = value; } }); show(); }
    // The steps of the search, or the levels of the first slider with the others as they are.
    function steps() {
      if (data.steps) { return data.steps; }
      return (data.levels[0] || []).map(function (name, number) { return [[number].concat(values().slice(1)).join(","), name]; });
    }
    function step(entry) {
      var line = document.createElement("li"), button = line.appendChild(document.createElement("button")), point = data.points[entry[0]];
      var name = button.appendChild(document.createElement("span")), track = button.appendChild(document.createElement("span")), said = button.appendChild(document.createElement("b"));
      button.type = "button";
      name.textContent = entry[1];
      track.className = "track";
      track.appendChild(document.createElement("i")).style.width = 100 * (point ? point.part : 0) + "%";
      said.textContent = point ? point.share + " · " + point.closed : "not simulated";
      if (entry[0] === values().join(",")) { button.setAttribute("aria-current", "step"); }
      button.addEventListener("click", function () { go(entry[0]); document.querySelector("#x-steps [aria-current]").focus(); });
      return line;
    }
    // The simulated place with the fewest steps of sliders from here.
    function nearest() {
      var here = values().map(Number), best = null, least = Infinity;
      Object.keys(data.points).forEach(function (key) {
        var far = key.split(",").reduce(function (sum, value, number) { return sum + Math.abs(Number(value) - here[number]); }, 0);
        if (far < least) { least = far; best = key; }
      });
      return best;
    }
    var mostDays = 0.1, svg = "http://www.w3.org/2000/svg", near = document.getElementById("x-near");
    Object.keys(data.points).forEach(function (key) { data.points[key].waits.forEach(function (wait) { mostDays = Math.max(mostDays, wait[1]); }); });
    function ground(point) {
      var waits = document.getElementById("x-waits");
      data.areas.forEach(function (area, number) {
        var circle = document.getElementById("x-area-" + number);
        if (circle) { circle.setAttribute("r", point ? Number(circle.dataset.r) * Math.sqrt(point.there[number] / Math.max(1, area[1])) : 0); }
      });
      list("x-areas", function (area) { return bar(area, 1, area[2]); }, point ? data.areas.map(function (area, number) {
        return [area[0], point.there[number] / Math.max(1, area[1]), point.there[number].toLocaleString("en-US") + " of " + area[1].toLocaleString("en-US")];
      }) : []);
      if (!waits) { return; }
      waits.textContent = "";
      (point ? point.waits : []).forEach(function (wait) {
        var spot = data.spots[wait[0]], circle = waits.appendChild(document.createElementNS(svg, "circle"));
        circle.setAttribute("cx", spot[0]); circle.setAttribute("cy", spot[1]);
        circle.setAttribute("r", 8 + 60 * Math.sqrt(wait[1] / mostDays));
        circle.appendChild(document.createElementNS(svg, "title")).textContent = spot[2] + ": " + wait[1].toFixed(1) + " days of the last unit's way";
      });
    }
    function show() {
      var key = values().join(","), point = data.points[key];
      levers.forEach(function (lever, number) {
        put("lever-" + number, data.levels[number][lever.value]);
        lever.setAttribute("aria-valuetext", data.levels[number][lever.value]);
      });
      var note = data.excluded.indexOf(key) >= 0 ? "No schedule closes the force in time with this: that is proved by the bound, so it was not simulated." : "This combination was not simulated: with less than what failed, or more than what succeeded, nothing new was to be learnt.";
      put("x-note", point ? "" : note);
      near.hidden = Boolean(point);
      if (!point) { near.textContent = "Nearest that was simulated"; }
      ["closed", "range", "share", "chance", "cost"].forEach(function (name) { put("x-" + name, point ? point[name] : name === "range" || name === "chance" ? "" : "?"); });
      document.getElementById("x-curve").setAttribute("d", point ? path(point.curve) : "");
      var most = point ? point.causes.reduce(function (top, entry) { return Math.max(top, entry[1]); }, 0.1) : 1;
      list("x-causes", function (entry) { return bar(entry, most, entry[1].toFixed(1) + " days"); }, point ? point.causes : []);
      list("x-built", item, point ? (point.built.length ? point.built : ["what is there today"]) : []);
      list("x-steps", step, steps());
      ground(point);
    }
    near.addEventListener("click", function () { go(nearest()); });
    levers.forEach(function (lever) { lever.addEventListener("input", show); });
    show();
  })();

  // ---- the map ----------------------------------------------------------------------------------
  var data = JSON.parse(document.getElementById("map-data").textContent);
  var chart = document.getElementById("chart"), slider = document.getElementById("slider");
  var mode = document.getElementById("mode"), readout = document.getElementById("readout");
  var days = data.days, perStep = days.length > 1 ? days[1] - days[0] : 1, week = Math.max(1, Math.round(7 / perStep));
  var things = [], chosen = null;

  function total(pairs, step) {
    var low = 0, high = pairs.length;
    while (low < high) { var middle = (low + high) >> 1; if (pairs[middle][0] <= step) { low = middle + 1; } else { high = middle; } }
    return low ? pairs[low - 1][1] : 0;
  }
  function shown(thing, step) {
    var now = total(thing.f, step);
    return mode.value === "week" && thing.line ? now - total(thing.f, step - week) : now;
  }
  function read(element, id, entry, line) {
    var get = function (name) { return Number(element.getAttribute(name)); };
    var place = line ? [get("x1"), get("y1"), get("x2"), get("y2")] : [get("cx"), get("cy"), get("cx"), get("cy")];
    things.push({ id: id, element: element, inset: line ? document.getElementById("i-" + id) : null, line: line, area: element.classList.contains("assembly"), at: place, t: entry.t, d: entry.d, f: entry.f });
  }
  Object.keys(data.links).forEach(function (id) { var e = document.getElementById("l-" + id); if (e) { read(e, id, data.links[id], true); } });
  Object.keys(data.places).forEach(function (id) { var e = document.getElementById("p-" + id); if (e) { read(e, id, data.places[id], false); } });
  var lines = things.filter(function (thing) { return thing.line && thing.f.length; });
  var areas = things.filter(function (thing) { return thing.area; });
  var end = days.length - 1;
  function most(list, of) { return list.reduce(function (top, thing) { return Math.max(top, of(thing)); }, 1); }
  var topAll = most(lines, function (thing) { return total(thing.f, end); });
  var topArea = most(areas, function (thing) { return total(thing.f, end); });
  var topWeek = most(lines, function (thing) {
    return thing.f.reduce(function (top, pair) { return Math.max(top, pair[1] - total(thing.f, pair[0] - week)); }, 0);
  });

  function group(number) { return number.toLocaleString("en-US"); }
  function tell() {
    if (!chosen) { return; }
    var step = Number(slider.value), past = mode.value === "week" && chosen.line ? " in the 7 days to C+" : " by C+";
    var what = chosen.line ? "vehicles, containers and troops passed" : chosen.area ? "troops closed here" : "loaded or unloaded here";
    readout.firstChild.textContent = chosen.t + ": " + group(shown(chosen, step)) + " " + what + past + days[step] + ". ";
    readout.lastElementChild.textContent = chosen.d + ".";
  }
  function choose(thing) {
    if (chosen) { chosen.element.classList.remove("chosen"); }
    chosen = thing;
    if (chosen) { chosen.element.classList.add("chosen"); tell(); }
  }
  function draw() {
    var step = Number(slider.value), top = mode.value === "week" ? topWeek : topAll;
    document.getElementById("day").textContent = days[step];
    lines.forEach(function (thing) {
      var number = shown(thing, step);
      [thing.element, thing.inset].forEach(function (element) {
        if (!element) { return; }
        element.setAttribute("stroke-width", number ? 2 + 26 * Math.sqrt(number / top) : 1.5);
        element.classList.toggle("none", !number);
      });
    });
    areas.forEach(function (thing) { thing.element.setAttribute("r", 12 + 34 * Math.sqrt(shown(thing, step) / topArea)); });
    document.getElementById("closed").textContent = group(data.closed[step]) + " of " + group(data.required);
    document.getElementById("meter").style.width = 100 * Math.min(1, data.closed[step] / Math.max(1, data.required)) + "%";
    tell();
  }
  // Distance from a point to a thing, in units of the map; circles win over the lines beneath them.
  function distance(thing, x, y) {
    var a = thing.at, dx = a[2] - a[0], dy = a[3] - a[1], length = dx * dx + dy * dy;
    var part = length ? Math.max(0, Math.min(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length)) : 0;
    var far = Math.hypot(x - a[0] - part * dx, y - a[1] - part * dy);
    return thing.line ? far - Number(thing.element.getAttribute("stroke-width")) / 2 : far - Number(thing.element.getAttribute("r")) - 6;
  }
  function point(event) {
    var matrix = chart.getScreenCTM();
    if (!matrix) { return; }
    var here = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    var reach = 14 / matrix.a, best = null, least = reach;
    things.forEach(function (thing) {
      var far = distance(thing, here.x, here.y);
      if (!thing.line && far <= 0) { far -= reach; }
      if (far < least) { least = far; best = thing; }
    });
    if (best) { choose(best); }
  }
  chart.addEventListener("pointermove", point);
  chart.addEventListener("pointerdown", point);
  var ordered = things.slice().sort(function (a, b) { return total(b.f, end) - total(a.f, end); });
  chart.addEventListener("keydown", function (event) {
    var by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by || !ordered.length) { return; }
    event.preventDefault();
    choose(ordered[(ordered.indexOf(chosen) + by + (chosen ? 0 : by < 0 ? 1 : 0) + ordered.length) % ordered.length]);
  });

  var timer = null, play = document.getElementById("play");
  function stop() { clearInterval(timer); timer = null; play.textContent = "Play"; play.setAttribute("aria-pressed", "false"); }
  play.addEventListener("click", function () {
    if (timer) { stop(); return; }
    if (Number(slider.value) === end) { slider.value = 0; draw(); }
    play.textContent = "Pause"; play.setAttribute("aria-pressed", "true");
    timer = setInterval(function () {
      slider.value = Number(slider.value) + 1; draw();
      if (Number(slider.value) === end) { stop(); }
    }, 120);
  });
  slider.addEventListener("input", function () { stop(); draw(); });
  mode.addEventListener("change", draw);
  var zoom = document.getElementById("zoom"), whole = chart.dataset.box;
  zoom.addEventListener("click", function () {
    var near = zoom.getAttribute("aria-pressed") !== "true";
    zoom.setAttribute("aria-pressed", String(near));
    zoom.textContent = near ? "Whole map" : "Assembly areas";
    chart.setAttribute("viewBox", near ? chart.dataset.near : whole);
  });
  draw();
})();
