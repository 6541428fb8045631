"""The list of tasks, and adding one."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.nodes import NOON, Nodes, person, reader
from tests.web.conftest import SIX, Browser, add_one, signed_in
from ulinzi.accounts.rules import Role
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel.clock import DAY, HOUR, MINUTE
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.web import board, rest, strips

ANA = person("ana")
CANARY = "<script>alert('canary')</script><b>"
ONE = {"title": "Call back Telwa", "compartment": "north", "urgency": "soon"}


def add(title: str, due: int | None = None, **values: object) -> UUID:
    dated = {} if due is None else {"due_at": NOON + due}
    return actions.add_task(compartment="north", by=ANA, title=title, **dated, **values)


def body(response: object) -> str:
    text: str = response.content.decode()  # type: ignore[attr-defined]
    return text


def test_a_task_is_added_and_shown(browser: Browser, node: Node) -> None:
    area = places.add_area(compartment="north", code="T", by=ANA, name="Telwa", kind="area")
    told = {**ONE, "detail": "One\r\nTwo", "area": str(area), "due_date": "23/09/2026", "due_time": "9h30"}
    response = browser().post("/tasks/add", {**told, "due_basis": "promise", "tiers": ["dialogue"]}, follow=True)
    row = queries.open_tasks(reader("north"))[0]
    assert response.redirect_chain == [(f"/tasks/{row.id}", 302)]
    assert "Saved here as BEN-1." in body(response)
    assert (row.title, row.detail, row.area, row.urgency) == ("Call back Telwa", "One\nTwo", area, "soon")
    assert (row.due_at, row.due_basis, row.tiers) == (1_790_148_600_000_000, "promise", ["dialogue"])
    assert "Telwa" in body(browser().get("/tasks"))


def test_a_time_alone_means_today(browser: Browser, node: Node) -> None:
    browser().post("/tasks/add", {**ONE, "due_time": "23:00"})
    due = queries.open_tasks(reader("north"))[0].due_at
    assert 0 < due - NOON < DAY


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": "  "}, "Say in a few words what has to be done."),
        ({"title": "x" * 201}, "200"),
        ({"due_date": "31/02/2026"}, "This is no day. Write it as 17/11/2026."),
        ({"due_time": "25:00"}, "This is no time. Write it as 14:05."),
        ({"due_date": "17/11/2026"}, "The time is missing."),
        ({"due_basis": "promise"}, "Say when it is due, or leave the reason empty."),
        ({"urgency": "perhaps"}, "Select a valid choice"),
        ({"area": "no-id"}, "Select a valid choice"),
        ({"compartment": "east"}, "Select a valid choice"),
        ({"title": "a\ud800"}, ""),
    ],
)
def test_a_wrong_form_comes_back_with_everything_typed(browser: Browser, wrong: dict[str, str], said: str) -> None:
    told = {**ONE, "detail": "Typed with <care> & patience", "due_date": "", **wrong}
    encoded = {name: value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for name, value in told.items()}
    response = browser().post("/tasks/add", encoded)
    if said:
        assert response.status_code == 422
        assert said in body(response) and "Nothing was saved." in body(response)
        assert "Typed with &lt;care&gt; &amp; patience" in body(response)
        assert queries.open_tasks(reader("north")) == []


@pytest.mark.sqlite_only
def test_what_the_ledger_refuses_comes_back_too(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board.NewTaskForm, "values", lambda self: {"title": "", "detail": "Typed with care"})
    response = browser().post("/tasks/add", {**ONE, "detail": "Typed with care"})
    assert response.status_code == 422
    assert "The task has no title." in body(response) and "Typed with care" in body(response)


@pytest.mark.sqlite_only
def test_an_area_of_another_compartment_is_refused(browser: Browser) -> None:
    area = places.add_area(compartment="south", code="S", by=ANA, name="Sarn", kind="area")
    response = browser().post("/tasks/add", {**ONE, "area": str(area)})
    assert "This area belongs to South office, Tamorro." in body(response)


@pytest.mark.sqlite_only
def test_one_compartment_is_not_asked_for(nodes: Nodes) -> None:
    from django.test import Client

    with nodes.make("ONE", compartments=("mission", "north")).use():
        add_one("telwe", (Role.PROVINCIAL_ADVISER, "north"))
        made = signed_in(Client(SERVER_NAME="localhost"), "telwe")
        assert '<input type="hidden" name="compartment" value="north"' in body(made.get("/tasks"))
        assert made.post("/tasks/add", ONE).status_code == 302


@pytest.mark.sqlite_only
def test_what_is_typed_is_text_and_never_markup(browser: Browser) -> None:
    task = add(CANARY, detail=CANARY)
    actions.step(task, rules.Step.NOTED, by=ANA, words=CANARY)
    places.add_area(compartment="north", code="T", by=ANA, name=CANARY, kind="area")
    for url in ("/tasks", f"/tasks/{task}", f"/tasks/{task}/edit", f"/tasks/{task}/erase"):
        page = body(browser().get(url))
        assert "<script>" not in page and "canary&#x27;)&lt;/script&gt;&lt;b&gt;" in page
    assert "&lt;script&gt;alert(&#x27;canary&#x27;)" in body(browser().get("/tasks"))


@pytest.mark.sqlite_only
def test_the_next_promise_comes_first_and_each_has_its_place(browser: Browser) -> None:
    add("undated")
    add("in a week", 7 * DAY)
    add("in an hour", HOUR)
    add("an hour late", -HOUR)
    add("tomorrow", 24 * HOUR)
    add("a day late", -DAY)
    page = body(browser().get("/tasks"))
    order = ["a day late", "an hour late", "in an hour", "tomorrow", "in a week", "undated"]
    places_on_page = [page.index(f">{title}<") for title in order]
    assert places_on_page == sorted(places_on_page)
    for code in ("late", "today", "tomorrow", "later", "undated"):
        assert f'id="s-{code}"' in page
    assert page.count('class="strip today next"') == 1


@pytest.mark.sqlite_only
def test_the_sentence_counts_open_late_and_in_conflict(browser: Browser) -> None:
    task = add("one", -HOUR)
    add("two", 10 * MINUTE)
    seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ANA, seen=seen, title="north")
    actions.edit_task(task, by=ANA, seen=seen, keep_both=True, title="south")
    page = body(browser().get("/tasks")).split('class="say"')[1].split("</p>")[0]
    assert "<b>1</b> late" in page and "<b>2</b> open" in page and "<b>1</b> with two values" in page
    assert "<b>10<i> min</i></b> to the next promise" in page


@pytest.mark.sqlite_only
def test_an_empty_board_does_not_say_that_all_is_calm(browser: Browser) -> None:
    page = body(browser().get("/tasks"))
    assert "No open task is written down here." in page and "other machines may hold tasks" in page


@pytest.mark.sqlite_only
def test_finished_and_erased_tasks_are_marked(browser: Browser) -> None:
    done, gone = add("done thing"), add("secret thing")
    actions.step(done, rules.Step.DONE, by=ANA)
    actions.erase_words(gone, by=ANA, second=person("bori"), basis="asked")
    page = body(browser().get("/tasks"))
    assert page.index("Words erased") < page.index("done thing") and "secret thing" not in page


@pytest.mark.sqlite_only
def test_mine_is_marked_as_mine(browser: Browser) -> None:
    chosen = SIX[0]
    assert chosen is not None
    actions.step(add("one"), rules.Step.TAKEN, by=chosen.id)
    actions.step(add("two"), rules.Step.TAKEN, by=ANA)
    page = body(browser().get("/tasks"))
    assert page.count('<span class="sub">you</span>') == 1 and "not known here" in page


def test_the_ribbon_shows_the_next_day() -> None:
    rows = [{"due_at": NOON + away, "urgency": None} for away in (-DAY, 0, 12 * HOUR, 24 * HOUR, 2 * DAY)]
    ticks = strips.ribbon(rows, NOON)  # type: ignore[arg-type]
    assert [tick.at for tick in ticks] == ["0.40%", "11.11%", "55.56%", "99.60%"]
    assert [tick.late for tick in ticks] == [True, False, False, False]
    assert all(tick.name.endswith(":00") for tick in strips.hours(NOON))


@pytest.mark.sqlite_only
def test_a_list_of_tasks_asks_the_database_a_fixed_number_of_times(browser: Browser, node: Node) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    def asked() -> int:
        with CaptureQueriesContext(connections[node.alias]) as found:
            browser().get("/tasks")
        return len(found)

    add("one")
    few = asked()
    for number in range(20):
        add(f"task {number}", number * HOUR)
    assert asked() == few <= 12


@pytest.mark.parametrize("day", ["01/01/0001", "31/12/9999", "01/01/1969"])
def test_a_day_out_of_our_time_is_refused_and_nothing_is_lost(browser: Browser, node: Node, day: str) -> None:
    response = browser().post("/tasks/add", {**ONE, "due_date": day, "due_time": "00:00"})
    assert response.status_code == 422 and ONE["title"] in body(response)
    assert queries.open_tasks(reader("north")) == []


def test_a_time_that_cannot_be_does_not_hide_the_board(browser: Browser, node: Node) -> None:
    for at in (-(2**62), 2**62):
        add("Impossible", due=at)
    assert browser().get("/tasks").status_code == 200


@pytest.mark.sqlite_only
def test_late_tasks_that_do_not_fit_are_counted_all_the_same(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        add(f"late {n}", -HOUR)
    assert "in full" not in body(browser().get("/tasks"))
    monkeypatch.setattr(rest, "FULL", 3)
    monkeypatch.setattr(rest, "EACH", 3)
    page = body(browser().get("/tasks"))
    assert "<small>3 of 4 in full</small>" in page and "1 more" in page
    assert 'href="/tasks?day=late#s-late"' in page


@pytest.mark.sqlite_only
def test_tasks_that_are_not_even_counted_by_day_are_said(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        add(f"late {n}", -HOUR)
    monkeypatch.setattr(board, "MOST_OPEN", 3)
    assert "Only the first 3 of 4 open tasks are counted by day." in body(browser().get("/tasks"))


def test_ticks_that_fall_on_each_other_are_drawn_once() -> None:
    late = [{"due_at": NOON - DAY - n, "urgency": None} for n in range(50)]
    assert len(strips.ribbon(late, NOON)) == 1  # type: ignore[arg-type]
