// One key for every frequent act. What a key does stands in the page (data-key); this only presses it.
// Off where the person switched single keys off, and never while something is typed.
(() => {
  "use strict";
  const on = "keys" in document.body.dataset;
  const dialog = document.getElementById("keys");
  const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select, [contenteditable]";
  const LINES = ".strip h3 a, .lines tbody th a, .items > li a:first-of-type, .person";
  let first = "";

  const visible = (one) => one.checkVisibility ? one.checkVisibility() : one.offsetParent !== null;
  const pressable = () => [...document.querySelectorAll("[data-key]")];
  const named = (key) => pressable().find((one) => one.dataset.key === key && (visible(one) || one.dataset.opens));

  function press(one) {
    if (one.dataset.opens) document.getElementById(one.dataset.opens).showModal();
    else if (one.matches(TYPING)) { one.focus(); if (one.select) one.select(); }
    else one.click();
  }

  function move(step) {
    const lines = [...document.querySelectorAll(LINES)].filter(visible);
    const at = lines.indexOf(document.activeElement);
    const next = lines[at < 0 ? (step > 0 ? 0 : lines.length - 1) : Math.min(Math.max(at + step, 0), lines.length - 1)];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  function list() {
    const place = dialog.querySelector("[data-listing]");
    place.replaceChildren(...pressable().filter((one) => visible(one) && one.dataset.key !== "?").flatMap((one) => {
      const term = document.createElement("dt"), said = document.createElement("dd");
      for (const part of one.dataset.key.split(" ")) {
        const key = document.createElement("kbd");
        key.textContent = part;
        term.append(key, " ");
      }
      said.textContent = one.dataset.says || one.placeholder || words(one);
      return [term, said];
    }));
  }

  function words(one) {
    const copy = one.cloneNode(true);
    for (const extra of copy.querySelectorAll("kbd, .vh")) extra.remove();
    return copy.textContent.trim();
  }

  function pressed(event) {
    if (event.key === "Escape" && document.activeElement.matches(TYPING)) document.activeElement.blur();
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (dialog.open || event.target.matches(TYPING)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const chosen = named(first ? `${first} ${key}` : key);
    first = !chosen && !first && key === "g" ? "g" : "";
    if (!chosen && (key === "j" || key === "k")) move(key === "j" ? 1 : -1);
    if (!chosen) return;
    event.preventDefault();
    if (chosen.dataset.opens) list();
    press(chosen);
  }

  // Said to those who do not see the small key beside the word.
  function tell(root) {
    for (const one of root.querySelectorAll("[data-key]")) {
      if (one.dataset.key.length === 1 && on) one.setAttribute("aria-keyshortcuts", one.dataset.key);
      if (one.dataset.opens) { one.hidden = false; one.onclick = () => { list(); document.getElementById(one.dataset.opens).showModal(); }; }
      if (!on || !one.matches(".btn") || one.querySelector("kbd")) continue;
      const key = document.createElement("kbd");
      key.textContent = one.dataset.key.toUpperCase();
      key.setAttribute("aria-hidden", "true");
      one.append(key);
    }
  }

  tell(document);
  document.body.addEventListener("htmx:afterSettle", (event) => tell(event.target));
  if (on) document.addEventListener("keydown", pressed);
})();
