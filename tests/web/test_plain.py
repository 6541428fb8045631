"""What people wrote cannot turn a page around or hide a part of it: such signs are shown, and the words stand apart."""

from __future__ import annotations

from html.parser import HTMLParser
from uuid import UUID

import pytest

from tests.nodes import person
from tests.web.conftest import Browser
from tests.web.test_board import ANA, body
from tests.web.test_edit import opened
from ulinzi.desk import actions, rules
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.web import plain, timeline

BORI = person("bori")
TURNED = "\u202e\u2066\u2069\x9b\x1b"  # written by somebody: the rest of the line from right to left
MARK = "[U+202E]"
CALM = f"R {TURNED} 2"
# Where the browser itself keeps words apart from the page, and sends them back as they were.
APART = {"bdi", "title", "textarea", "option"}
EMPTY = {"input", "meta", "link", "br", "line", "rect", "path", "circle"}


@pytest.mark.parametrize("number", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x1B, 0x7F, 0x85, 0x2028, 0x0D])
def test_a_sign_that_acts_is_named(number: int) -> None:
    assert plain.visible(f"a{chr(number)}b") == f"a[U+{number:04X}]b"


@pytest.mark.parametrize("text", ["Kibélé", "قرية كيبيلي", "two\nlines", "a\tb", "ن\u200cب", "\u05d0\u200f1", "🙂"])
def test_ordinary_text_stays(text: str) -> None:
    assert plain.visible(text) == text


class Page(HTMLParser):
    """Where words on a page could act on it: raw signs in text, and named ones outside an element of their own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.raw: list[str] = []
        self.loose: list[str] = []
        self.shown = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.raw += [
            f"{tag} {name}" for name, value in attrs if acts(value or "") and (tag, name) != ("input", "value")
        ]
        if tag not in EMPTY:
            self.open.append((tag, tag in APART or told.get("dir") == "auto"))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        within = [tag for tag, _apart in self.open]
        if acts(data) and "textarea" not in within:
            self.raw.append(" ".join(within))
        if MARK in data:
            self.shown += 1
            if not any(apart for _tag, apart in self.open):
                self.loose.append(" ".join(within))


def acts(text: str) -> bool:
    return any(sign in text for sign in TURNED)


def planted() -> UUID:
    """A task with such signs in every place that takes words, its title, detail and area with two values; and one
    that nobody argues about.
    """
    area, other = (
        places.add_area(compartment="north", code=code, by=ANA, name=f"{code} {TURNED} area", kind="area")
        for code in ("T", "K")
    )
    row = {"title": f"Title {TURNED}", "detail": f"Detail\n\n{TURNED}", "area": area}
    rows = [row | {"reference": name} for name in (f"R {TURNED} 1", CALM)]
    actions.import_tasks(rows, compartment="north", by=ANA)
    task = actions.task_id("north", rows[0]["reference"])
    seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ANA, seen=seen, title=f"Hers {TURNED}", area=other)
    actions.edit_task(task, by=BORI, seen=seen, keep_both=True, title=f"Mine {TURNED}", area=None)
    actions.step(task, rules.Step.NOTED, by=ANA, words=f"Note\n{TURNED}")
    return task


def pages(browser: Browser, task: UUID) -> dict[str, str]:
    """Every page that shows words of somebody's, by what was done to see it."""
    made = browser()
    calm = actions.task_id("north", CALM)
    urls = ("/tasks", "/system", f"/tasks/{calm}", *(f"/tasks/{task}{end}" for end in ENDS))
    found = {url: body(made.get(url)) for url in urls}
    told = opened(browser, task, title=f"Typed {TURNED}", detail=TURNED)
    actions.edit_task(task, by=ANA, title=f"Newest {TURNED}")
    found["moved"] = body(made.post(f"/tasks/{task}/edit", told))
    wrong = told | {"urgency": TURNED, "area": TURNED, "due_date": TURNED}
    found["wrong form"] = body(made.post(f"/tasks/{task}/edit", wrong))
    found["undone"] = body(made.post(f"/tasks/{task}/undo", {"step": str(first_step(task)), "words": TURNED}))
    found["unsigned"] = body(browser(csrf=True).post("/tasks/add", {"title": TURNED}))
    actions.erase_words(task, by=ANA, second=BORI, basis=f"Basis {TURNED}")
    actions.step(task, rules.Step.DONE, by=ANA, words=TURNED)
    return found | {"finished": body(made.get(f"/tasks/{task}")), "last": body(made.get("/tasks"))}


ENDS = ("", "/edit", "/erase")


def first_step(task: UUID) -> UUID:
    """One that is no longer the last, so that undoing it is refused."""
    from ulinzi.desk import queries

    actions.step(task, rules.Step.TAKEN, by=ANA)
    return next(step["id"] for step in queries.steps(task) if step["kind"] == "noted")


@pytest.mark.sqlite_only
def test_no_page_lets_words_act_on_it(browser: Browser, node: Node) -> None:
    found = {name: Page(page) for name, page in pages(browser, planted()).items()}
    assert [name for name, page in found.items() if not page.shown] == []
    assert {name: page.raw for name, page in found.items() if page.raw} == {}
    assert {name: page.loose for name, page in found.items() if page.loose} == {}


@pytest.mark.sqlite_only
def test_control_words_left_as_they_are_would_be_found(
    browser: Browser, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "visible", str)
    found = {name: Page(page) for name, page in pages(browser, planted()).items()}
    assert [name for name, page in found.items() if not page.raw] == []


def test_control_words_that_stand_loose_are_found() -> None:
    page = Page(f"<p><b>{MARK}</b> <bdi>{MARK}</bdi></p><div dir='auto'><p>{MARK}</p></div><h1 title='{TURNED}'>x</h1>")
    assert (page.loose, page.raw, page.shown) == (["p b"], ["h1 title"], 3)


@pytest.mark.sqlite_only
def test_what_was_written_is_not_changed(browser: Browser, node: Node) -> None:
    task = actions.add_task(compartment="north", by=ANA, title=f"Title {TURNED}")
    assert f'value="Title {TURNED}"' in body(browser().get(f"/tasks/{task}/edit"))
    browser().post(f"/tasks/{task}/edit", opened(browser, task, urgency="now"))
    assert set(ledger.groups_of("desk.Task", task)["words"].leaves[0].values.values()) == {f"Title {TURNED}", None}


@pytest.mark.sqlite_only
def test_an_action_that_nobody_here_knows_is_shown_as_it_came(node: Node) -> None:
    from ulinzi import ledger as door
    from ulinzi.desk.models import Task

    with door.unit("desk.raise_100%", by=ANA) as unit:
        task = unit.add(Task, compartment="north", number=door.NUMBER, title="Call back Telwa")["id"]
    shown = timeline.lines(ledger.history("desk.Task", task), areas={}, own=frozenset())
    assert [line.what for line in shown] == ["desk.raise_100%"]
