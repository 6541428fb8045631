// The keys of the inbox act on the line that has the focus; without one, keys.js presses those of the first line.
(() => {
  "use strict";
  const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=submit]), textarea, select";

  function pressed(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches(TYPING)) return;
    const line = document.activeElement.closest("[data-line]"), key = CSS.escape(event.key.toLowerCase());
    if (!line || !document.querySelector(`[data-line-key="${key}"]`)) return;
    // Answered here even where this line has no such act: the key must not reach another line.
    event.preventDefault();
    const one = line.querySelector(`[data-line-key="${key}"]`);
    if (one) one.click();
  }

  // Whoever comes to set a message aside finds the reasons open. None is chosen for them.
  const aside = document.getElementById("aside");
  if (aside) {
    aside.addEventListener("toggle", () => { if (aside.open) aside.querySelector("input[type=radio]").focus(); });
    if (location.hash === "#aside") aside.open = true;
  }
  if ("keys" in document.body.dataset) document.addEventListener("keydown", pressed, true);
})();
