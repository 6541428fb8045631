// The watch by hand: on a line, `t` takes that very alert; elsewhere it takes the first, as keys.js says.
// Nothing here is needed: every line has its own button, and Enter opens its file.
// A sound for a new P1 would begin here, in `moved`; none is made yet.
(() => {
  "use strict";
  if (!("keys" in document.body.dataset)) return;

  // Before keys.js sees it: the line that has the focus goes before the first of the page.
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "t" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]")) return;
    const line = event.target.closest && event.target.closest(".strip");
    const button = line && event.target.matches("h3 a") && line.querySelector("[data-take]");
    if (!button) return;
    event.preventDefault();
    button.click();
  }, true);
})();
