"""Promises kept by week: which week, what came of it, of how many, for whom.

The mission's clock stands at Monday 21 September 2026, 16:13:20, two hours before UTC.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils.translation import override

from tests.nodes import NOON, person, reader
from tests.web.conftest import Browser, add_one, signed_in
from ulinzi.accounts.rules import EVERYWHERE, Rights, Role
from ulinzi.desk import actions, queries
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND, SetClock
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes_module
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.models import Access
from ulinzi.ledger.node import Node
from ulinzi.web import times, trends
from ulinzi.web.trends import Counted, Tally

ANA = person("ana")
ZONE = "Etc/GMT-2"
LATE_NOTE = 10 * MINUTE
WEEK = 7 * DAY
PICTURES = tuple(f"/tasks/trends/{name}.svg" for name in ("kept", "places", "kinds"))
PAGES = ("/tasks/trends", "/tasks/trends.csv", *PICTURES)


@pytest.fixture(autouse=True)
def _two_hours_before_utc() -> Iterator[None]:
    with override_settings(TIME_ZONE=ZONE):
        yield


def at(told: str) -> int:
    """A moment of the mission's clock: 2026-09-20 23:59:59."""
    return int(datetime.fromisoformat(told).replace(tzinfo=ZoneInfo(ZONE)).timestamp()) * SECOND


def promise(due: int | None, *, place: str = "north", basis: str | None = "promise", title: str = "One") -> UUID:
    dated = {} if due is None else {"due_at": due}
    return actions.add_task(compartment=place, by=ANA, title=title, **dated, **({"due_basis": basis} if basis else {}))


def step(task: UUID, kind: Step, *, said: int, written: int | None = None) -> None:
    """Said to have happened at one moment, and written down at another by a machine whose clock is right."""
    clock = nodes_module.current().clock
    assert isinstance(clock, SetClock)
    kept, clock.value = clock.value, said if written is None else written
    actions.step(task, kind, by=ANA, words="for a reason", at=said)
    clock.value = kept


def some(many: int, due: int, *, done: int = 0, place: str = "north", basis: str | None = "promise") -> None:
    for number in range(many):
        task = promise(due, place=place, basis=basis)
        if number < done:
            step(task, Step.DONE, said=due - HOUR)


def found(*places: str, now: int = NOON) -> list[queries.Promises]:
    return queries.promises(reader(*places), trends.mondays(now), late_note=LATE_NOTE)


def outcomes(*places: str) -> dict[str, int]:
    told: Counter[str] = Counter()
    for one in found(*places):
        told[one.outcome] += one.many
    return dict(told)


def body(response: object) -> str:
    text: str = response.content.decode("utf-8-sig")  # type: ignore[attr-defined]
    return text


# Which week.


def test_weeks_begin_on_mondays_at_the_missions_midnight_and_the_last_one_ends_now() -> None:
    bounds = trends.mondays(NOON)
    assert len(bounds) == trends.WEEKS + 1
    assert [times.show_date(bounds[0]), times.show_time(bounds[0])] == ["30/03/2026", "00:00"]
    assert bounds[-2:] == (at("2026-09-21 00:00"), NOON)
    assert {times.local(one).weekday() for one in bounds} == {0}


def test_a_week_with_a_changed_clock_is_still_a_week_of_the_mission() -> None:
    with override_settings(TIME_ZONE="Europe/Paris"):
        bounds = trends.mondays(NOON, 30)
        assert {times.show_time(one) for one in bounds[:-1]} == {"00:00"}
        assert {after - one for one, after in pairwise(bounds[:-1])} == {WEEK, WEEK - HOUR}


@pytest.mark.parametrize(
    ("due", "week"),
    [
        ("2026-03-29 23:59:59", None),  # the Sunday before the first week
        ("2026-03-30 00:00:00", 0),
        ("2026-04-05 23:59:59", 0),
        ("2026-04-06 00:00:00", 1),
        ("2026-09-20 21:59:59", 24),  # still Sunday in UTC too
        ("2026-09-20 23:59:59", 24),
        ("2026-09-21 00:00:00", 25),  # Monday here, Sunday in UTC
        ("2026-09-21 01:59:59", 25),
        ("2026-09-21 16:13:19", 25),
        ("2026-09-21 16:13:20", None),  # falls due now: it can still be kept
        ("2026-09-21 18:00:00", None),
    ],
)
def test_a_promise_belongs_to_the_week_it_fell_due_in(node: Node, due: str, week: int | None) -> None:
    promise(at(due))
    assert [one.span for one in found("north")] == ([] if week is None else [week])


@pytest.mark.sqlite_only
def test_control_weeks_of_utc_would_put_it_elsewhere(node: Node) -> None:
    promise(at("2026-09-21 01:59:59"))
    with override_settings(TIME_ZONE="UTC"):
        assert [one.span for one in found("north")] == [24]


# What came of it.

DUE = NOON - 2 * DAY


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ([], "open"),
        ([(Step.NOTED, -HOUR, -HOUR)], "open"),
        ([(Step.TAKEN, -HOUR, -HOUR)], "taken"),
        ([(Step.DONE, -HOUR, -HOUR)], "kept"),
        ([(Step.DONE, 0, 0)], "kept"),  # at the very moment
        ([(Step.DONE, 1, 1)], "late"),
        ([(Step.DONE, DAY, DAY)], "late"),
        ([(Step.DONE, -HOUR, LATE_NOTE)], "kept"),  # written down soon after
        ([(Step.DONE, -HOUR, LATE_NOTE + SECOND)], "told_late"),
        ([(Step.DONE, -HOUR, DAY)], "told_late"),
        ([(Step.DONE, -3 * HOUR, -2 * HOUR)], "kept"),  # late for what it says, and early enough for the promise
        ([(Step.DONE, DAY, DAY + HOUR)], "late"),
        ([(Step.SET_ASIDE, -HOUR, -HOUR)], "set_aside"),
        ([(Step.SET_ASIDE, DAY, DAY)], "set_aside"),
        ([(Step.DONE, -HOUR, -HOUR), (Step.REOPENED, HOUR, HOUR)], "open"),
        ([(Step.DONE, -HOUR, -HOUR), (Step.REOPENED, HOUR, HOUR), (Step.DONE, DAY, DAY)], "late"),
    ],
)
def test_every_promise_has_one_outcome(node: Node, steps: list[tuple[Step, int, int]], outcome: str) -> None:
    task = promise(DUE)
    for kind, said, written in steps:
        step(task, kind, said=DUE + said, written=DUE + written)
    assert outcomes("north") == {outcome: 1}


def test_a_claim_before_all_time_proves_nothing(node: Node) -> None:
    step(promise(DUE), Step.DONE, said=-DAY, written=DUE + DAY)
    assert outcomes("north") == {"told_late": 1}


@pytest.mark.sqlite_only
def test_control_by_the_time_that_was_said_all_would_be_kept(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    step(promise(DUE), Step.DONE, said=DUE - HOUR, written=DUE + DAY)
    monkeypatch.setattr(queries, "_told_late", lambda late: f"{queries._DUE} AND 1 = 0")
    assert outcomes("north") == {"kept": 1}


def test_kinds_places_and_weeks_are_counted_apart(node: Node) -> None:
    some(3, DUE, done=2)
    some(2, DUE - WEEK, done=1, basis="order")
    some(1, DUE, place="south", basis=None)
    promise(None)
    assert sorted(found("north", "south")) == [
        ("north", "order", 23, "kept", 1),
        ("north", "order", 23, "open", 1),
        ("north", "promise", 24, "kept", 2),
        ("north", "promise", 24, "open", 1),
        ("south", "", 24, "open", 1),
    ]


# How it is said.


def tally(**counts: int) -> Tally:
    return Tally(Counter(counts))


@pytest.mark.parametrize(
    ("week", "value", "upper", "coverage"),
    [
        (tally(), None, None, None),
        (tally(kept=4), None, None, 1.0),  # four are too few
        (tally(kept=5), 1.0, 1.0, 1.0),
        (tally(kept=2, late=3), 0.4, 0.4, 1.0),
        (tally(kept=2, told_late=1, open=1, late=1), 0.4, 0.8, 0.8),
        (tally(set_aside=4, kept=1), 0.2, 0.2, 1.0),  # set aside stays in what it is a share of
        (tally(open=10), 0.0, 1.0, 0.0),
        (tally(taken=5), 0.0, 0.0, 1.0),
    ],
)
def test_a_week_as_a_point(week: Tally, value: float | None, upper: float | None, coverage: float | None) -> None:
    point = trends._point(week, NOON)
    assert (point.value, point.lower, point.upper, point.coverage) == (value, value, upper, coverage)
    assert point.of == week.due


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (tally(), "No promise is written down here that fell due. That is not the same as none broken."),
        (tally(kept=1), "One promise fell due; 1 kept in time. Too few for a percentage."),
        (tally(kept=2, open=2), "4 promises fell due; 2 kept in time. Too few for a percentage."),
        (tally(kept=2, late=3), "Of 5 promises that fell due, 2 were kept in time (40%)."),
        (tally(kept=1200, late=300), "Of 1,500 promises that fell due, 1,200 were kept in time (80%)."),
    ],
)
def test_a_number_comes_with_what_it_is_a_number_of(told: Tally, sentence: str) -> None:
    with override("en"):
        assert trends.sentence(told) == sentence


def test_what_is_not_proven_is_said_with_the_share_it_could_make() -> None:
    with override("en"):
        assert "(3) had been kept, it would be 80%" in trends._unsure(tally(kept=1, told_late=1, open=2, late=1))
        assert trends._unsure(tally(kept=5, late=1)) == ""


def test_where_no_other_machine_was_heard_that_is_said() -> None:
    told = Counted(NOON, trends.mondays(NOON), ("north", "south"), ())
    heard = [queries.Heard("north", True, 1, NOON - HOUR), queries.Heard("north", False, 2, NOON - 3 * DAY)]
    with override("en"):
        said = [words for _place, words in trends.reach(heard, told)]
    assert said == [
        "This machine wrote last 15:13. The newest entry of 2 other machines is from 18/09 16:13.",
        "No other machine's entries have arrived.",
    ]


# The page.


def test_the_page_says_shares_with_their_numbers(browser: Browser, node: Node) -> None:
    some(6, DUE, done=4)
    some(3, DUE - WEEK, done=3)
    page = body(browser().get("/tasks/trends"))
    assert "Of 9 promises that fell due, 7 were kept in time (78%)." in page
    assert '<th scope="row"><bdi>14/09/2026</bdi></th><td class="num"><bdi>6</bdi></td>' in page
    row = page.split("<bdi>07/09/2026</bdi>")[1].split("</tr>")[0]
    assert "too few" in row and "%" not in row
    assert "21/09/2026, until now" in page
    assert "as known now" in page and "What has not arrived is not counted." in page


@pytest.mark.sqlite_only
def test_an_empty_page_does_not_say_that_all_is_well(browser: Browser, node: Node) -> None:
    page = body(browser().get("/tasks/trends"))
    assert "That is not the same as none broken." in page
    assert "0%, " not in page and "100% of" not in page


@pytest.mark.sqlite_only
def test_places_stand_in_the_missions_order_and_not_by_result(browser: Browser, node: Node) -> None:
    some(5, DUE, done=1)
    some(5, DUE, done=5, place="south")
    page = body(browser().get("/tasks/trends"))
    assert page.index('data-place="north"') < page.index('data-place="south"')


@pytest.mark.sqlite_only
def test_the_page_needs_no_script_and_holds_no_style(browser: Browser, node: Node) -> None:
    some(6, DUE, done=4)
    page = body(browser().get("/tasks/trends"))
    assert " style=" not in page and "<style" not in page and "onclick" not in page
    assert page.count("<details") == 2 + 1 and page.count('role="img"') == 2 + 2 + 4


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["nothing", "kept2"])
def test_a_picture_that_is_none_is_not_found(browser: Browser, node: Node, name: str) -> None:
    assert browser().get(f"/tasks/trends/{name}.svg").status_code == 404


@pytest.mark.sqlite_only
def test_the_file_of_numbers_holds_every_week_place_and_kind(browser: Browser, node: Node) -> None:
    some(6, DUE, done=4)
    response = browser().get("/tasks/trends.csv")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="promises-kept-2026-09-21.csv"'
    rows = list(csv.DictReader(io.StringIO(body(response))))
    assert len(rows) == 26 * 2 * 4
    full = [row for row in rows if row["due"] != "0"]
    assert len(full) == 1 and (full[0]["week"], full[0]["compartment"]) == ("2026-09-14", "north")
    assert (full[0]["due_basis"], full[0]["due"], full[0]["kept"], full[0]["open"]) == ("promise", "6", "4", "2")
    assert full[0]["as_known"] == "2026-09-21T14:13:20Z"
    assert ";" in body(browser(language="fr").get("/tasks/trends.csv")).splitlines()[0]


@pytest.mark.sqlite_only
def test_the_files_of_pictures_say_when_it_was_known(browser: Browser, node: Node) -> None:
    some(6, DUE, done=4)
    for url in PICTURES:
        response = browser().get(url)
        assert response.headers["Content-Type"] == "image/svg+xml"
        assert "attachment" in response.headers["Content-Disposition"]
        assert "21/09/2026 16:13" in body(response) and "<svg" in body(response)


# For whom.


def main_of(page: str) -> str:
    """Without the addresses of styles above it, in which any number may stand by chance."""
    return page.partition("<main")[2].partition("</main>")[0] or page


@pytest.fixture
def northerner(node: Node) -> Client:
    add_one("telwe", (Role.PROVINCIAL_ADVISER, "north"))
    return signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), "telwe")


@pytest.mark.access
@pytest.mark.sqlite_only
def test_a_reader_of_the_north_sees_nothing_of_the_south(
    northerner: Client, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ulinzi.accounts.queries.check_may", lambda *args: None)
    some(6, DUE, done=4)
    some(613, DUE, place="south", basis=None)
    for url in PAGES:
        page = main_of(body(northerner.get(url)))
        assert "613" not in page and "619" not in page and "outh" not in page, url
        assert "no reason written" not in page


@pytest.mark.access
@pytest.mark.sqlite_only
def test_control_whoever_reads_both_sees_it(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ulinzi.accounts.queries.check_may", lambda *args: None)
    some(613, DUE, place="south", basis=None)
    add_one("valmor", (Role.SENIOR_ADVISER, EVERYWHERE))
    made = signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), "valmor")
    page = main_of(body(made.get("/tasks/trends")))
    assert "613" in page and "outh" in page and "o reason written" in page


@pytest.mark.access
@pytest.mark.sqlite_only
def test_whoever_sees_no_tasks_gets_no_page(node: Node) -> None:
    add_one("joubrel", (Role.PARTNER, EVERYWHERE))
    made = signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), "joubrel")
    assert {made.get(url).status_code for url in PAGES} == {403}


@pytest.mark.sqlite_only
def test_whoever_holds_nothing_is_given_nothing(node: Node) -> None:
    some(6, DUE)
    assert found() == [] and queries.heard(reader()) == []
    assert queries.promises(Rights(ANA, ((Role.ADMINISTRATOR, EVERYWHERE),)), trends.mondays(NOON), late_note=0) == []


# What it leaves behind, and what it costs.


@pytest.mark.sqlite_only
def test_a_look_is_noted_and_what_leaves_the_screen_is_noted_first(
    browser: Browser, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = browser()
    made.get(PAGES[0])
    access.flush(node)
    assert list(Access.objects.values_list("object", "purpose")) == [("desk.Task:list", "trends")]
    for url in PAGES[1:]:
        made.get(url)
    assert Access.objects.filter(purpose="trends").count() == len(PAGES)

    def unwritable(*args: object, **values: object) -> None:
        raise access.Unlogged

    monkeypatch.setattr(access, "note_now", unwritable)
    assert {made.get(url).status_code for url in PAGES[1:]} == {500}


@pytest.mark.sqlite_only
def test_the_page_asks_the_database_a_fixed_number_of_times(browser: Browser, node: Node) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connections[node.alias]) as told:
            assert browser().get("/tasks/trends").status_code == 200
        return len(told)

    some(1, DUE)
    few = asked()
    some(20, DUE - WEEK, done=10, place="south", basis="order")
    assert asked() == few <= 12


def test_both_databases_name_what_they_heard_last(node: Node) -> None:
    promise(DUE)
    told = queries.heard(reader("north", "south"))
    assert [(one.compartment, one.own, one.machines) for one in told] == [("north", True, 1)]
    assert told[0].at == NOON and ledger.compartments() == ["mission", "north", "south"]


def test_a_task_done_twice_at_the_same_claimed_time_counts_once(node: Node, clock: SetClock) -> None:
    due = at("2026-09-14 12:00")
    one, two, late = promise(due), promise(due), due + 20 * HOUR
    step(one, Step.DONE, said=due - HOUR, written=late)
    clock.value = late + HOUR
    actions.undo(one, queries.undoable(one), by=ANA, words="Not yet")
    step(one, Step.DONE, said=due - HOUR, written=late + 2 * HOUR)
    step(two, Step.DONE, said=due - HOUR)
    assert outcomes("north") == {"kept": 1, "told_late": 1}
