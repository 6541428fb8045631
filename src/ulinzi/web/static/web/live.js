// A small question every few seconds: did anything of mine move? Nothing is asked while the page is hidden.
// Lists are fetched again by htmx; a page on which somebody may be typing only says so.
(() => {
  "use strict";
  const body = document.body;
  if (!body.dataset.tick) return;
  const OLD = 60_000; // a list shows "in 5 min": after a minute it is made again, moved or not
  let since = body.dataset.since, timer = 0, lost = 0, made = Date.now(), typed = false;

  const news = (name, shown) => {
    const one = document.querySelector(`[data-news=${name}]`);
    if (one) one.hidden = !shown;
  };
  const wait = () => {
    const every = Number(body.dataset.every) * 1000 * (lost ? Math.min(2 ** lost, 8) : 1);
    clearTimeout(timer);
    // Spread a little, so that a hundred screens do not ask in the same instant.
    timer = setTimeout(look, every * (0.85 + 0.3 * Math.random()));
  };

  async function look() {
    if (document.hidden) return; // asked at once when somebody looks again
    try {
      const answer = await fetch(`${body.dataset.tick}?since=${encodeURIComponent(since)}`, { cache: "no-store" });
      if (answer.status === 401) return gone();
      if (!answer.ok) throw new Error(String(answer.status));
      lost = 0;
      news("cut", false);
      show(answer);
      if (answer.status === 200) since = (await answer.json()).since;
      if (answer.status === 200 || Date.now() - made > OLD) refresh(answer.status === 200);
    } catch {
      lost += 1;
      news("cut", true);
    }
    wait();
  }

  function show(answer) {
    const clock = document.querySelector("[data-clock]"), now = answer.headers.get("Ulinzi-Clock");
    if (clock && now && document.querySelector("[data-live]")) clock.textContent = now;
  }

  function refresh(moved) {
    made = Date.now();
    if (document.querySelector("[data-live]")) htmx.trigger(body, "moved");
    else if (moved) news("moved", true);
  }

  // Whoever went away leaves nothing to read on the screen, and finds what they typed.
  function gone() {
    if (!typed) return location.reload();
    body.classList.add("away");
    news("away", true);
  }

  document.addEventListener("input", (event) => {
    typed = true;
    const form = event.target.closest("form");
    if (form) form.classList.add("typed");
  });
  document.addEventListener("submit", () => { typed = false; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) gone();
    // The right to see this has ended: what it showed goes at once.
    if (event.detail.xhr.status === 403) location.reload();
  });
  wait();
})();
