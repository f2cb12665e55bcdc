var consentConfig = {
  "version": 7, "updated": "2021-11-30", "region": "all", "purposes": [
    {"id": 1, "name": "Store and access information on a device", "legInt": false},
    {"id": 2, "name": "Select basic ads", "legInt": true},
    {"id": 3, "name": "Create a personalised ads profile", "legInt": false},
    {"id": 4, "name": "Select personalised ads", "legInt": false},
    {"id": 5, "name": "Measure ad performance", "legInt": true},
    {"id": 6, "name": "Measure content performance", "legInt": true},
    {"id": 7, "name": "Develop and improve products", "legInt": true}],
  "slots": [
    {"id": "top", "sizes": [[728, 90], [970, 250]], "refresh": 30, "floor": 0.15},
    {"id": "side-1", "sizes": [[300, 250], [300, 600]], "refresh": 45, "floor": 0.12},
    {"id": "side-2", "sizes": [[300, 250]], "refresh": 45, "floor": 0.09},
    {"id": "body-1", "sizes": [[300, 250], [320, 50], "fluid"], "refresh": 0, "floor": 0.21},
    {"id": "body-2", "sizes": [[300, 250], [320, 50], "fluid"], "refresh": 0, "floor": 0.18},
    {"id": "foot", "sizes": [[728, 90], [320, 50]], "refresh": 60, "floor": 0.05}]
};
(function (window, document, config) {
  "use strict";
  var slots = config.slots, i, seen = {}, timers = [];
  function visible(node) {
    var box = node.getBoundingClientRect();
    return box.top < window.innerHeight && box.bottom > 0;
  }
  function fill(slot) {
    var node = document.getElementById("ad-" + slot.id);
    if (!node || seen[slot.id]) { return; }
    if (visible(node)) { seen[slot.id] = true; node.setAttribute("data-filled", "1"); }
  }
  function tick() { for (i = 0; i < slots.length; i += 1) { fill(slots[i]); } }
  function debounce(action, wait) {
    var timer = null;
    return function () { window.clearTimeout(timer); timer = window.setTimeout(action, wait); timers.push(timer); };
  }
  window.addEventListener("scroll", debounce(tick, 120));
  window.addEventListener("resize", debounce(tick, 200));
  document.addEventListener("DOMContentLoaded", tick);
}(window, document, consentConfig));
