// A small question every few seconds: did anything of mine move? Nothing is asked while the page is hidden.
// Lists are fetched again by htmx; a page on which somebody may be typing only says so.
(() => {
  "use strict";
  const body = document.body;
  if (!body.dataset.tick) return;
  const OLD = 60_000; // a list shows "in 5 min": after a minute it is made again, moved or not
  let since = body.dataset.since, timer = 0, lost = 0, made = Date.now(), title = "", over = false;
  // A page that answers a form has no number: what stands in it was typed, and to load it again would send it again.
  let typed = since.endsWith(".");

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
      if (answer.status === 401) gone();
      else if (!answer.ok) throw new Error(String(answer.status));
      else answered(answer, answer.status === 200 ? (await answer.json()).since : since);
      lost = 0;
      news("cut", false);
    } catch {
      lost += 1;
      news("cut", true);
    }
    wait();
  }

  // Before the number stands who reads, and what they may: a page that was made for somebody else has to go.
  function answered(answer, now) {
    const [who, rights, count] = since.split("."), [reader, may] = now.split("."), moved = count !== "" && since !== now;
    since = now;
    if (who !== reader) return leave();
    back();
    show(answer);
    if (rights !== may) ended();
    else if (moved || Date.now() - made > OLD) refresh(moved);
  }

  function show(answer) {
    const clock = document.querySelector("[data-clock]"), now = answer.headers.get("Ulinzi-Clock");
    if (clock && now && document.querySelector("[data-live]")) clock.textContent = now;
  }

  function refresh(moved) {
    made = Date.now();
    if (document.querySelector("[data-live]") && window.htmx) htmx.trigger(body, "moved");
    else if (moved) news("moved", true);
  }

  // By its address, never as it came: what answered a form would be sent once more, maybe in another's name.
  const leave = () => location.replace(document.querySelector("[data-news=moved] a").href);

  // Whoever went away leaves nothing to read on the screen, and finds what they typed.
  function gone() {
    if (!typed) return leave();
    hide();
    news("away", true);
  }

  // What was shown by a right that has ended goes at once.
  function ended() {
    if (!typed) return leave();
    over = true;
    hide();
    news("moved", true);
  }

  // Of a form that somebody typed into, the fields alone that are no longer as they came from the ledger.
  function same(one) {
    if (one.options) return [...one.options].every((of) => of.selected === of.defaultSelected);
    if (one.type === "radio" || one.type === "checkbox") return one.checked === one.defaultChecked;
    return one.value === one.defaultValue;
  }
  const untouched = (part) => [...part.querySelectorAll("input, select, textarea")].every(same);

  function hide() {
    if (body.classList.contains("away")) return;
    title = document.title;
    document.title = "Ulinzi";
    body.classList.add("away");
    const parts = [...document.querySelectorAll("main form.typed .f")].filter(untouched);
    for (const one of [...parts, ...document.querySelectorAll(".find")]) {
      one.hidden = true;
      one.dataset.away = "";
    }
  }

  function back() {
    if (over || !body.classList.contains("away")) return;
    document.title = title;
    body.classList.remove("away");
    news("away", false);
    for (const one of document.querySelectorAll("[data-away]")) {
      one.hidden = false;
      delete one.dataset.away;
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("main form");
    if (!form) return; // words to look for are nobody's work
    typed = true;
    form.classList.add("typed");
  });
  document.addEventListener("submit", (event) => { if (event.target.closest("main")) typed = false; });
  // A browser may keep a page whole for its back button: whose turn it is now is asked before it can be read.
  addEventListener("pageshow", (event) => { if (event.persisted) { hide(); look(); } });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) gone();
    // The right to see this has ended: what it showed goes at once.
    if (event.detail.xhr.status === 403) leave();
  });
  wait();
})();
