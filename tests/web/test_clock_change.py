"""The days on which a mission's clock is set: a time that is left out, one that comes twice, a day of another length.

In Osmere the clock goes forward by half an hour on 4 October 2026 at 2:00, and back on 4 April 2027 at 2:00.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from uuid import UUID

import pytest
from django.test import override_settings

from tests.nodes import person, reader
from tests.web.conftest import Browser, entries
from ulinzi.desk import actions, queries
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.ledger.node import Node
from ulinzi.web import times

ANA = person("ana")
FORWARD, BACK = date(2026, 10, 4), date(2027, 4, 4)
TYPED = {"title": "Read the tide", "compartment": "north", "urgency": "routine"}


@pytest.fixture
def osmere() -> Iterator[None]:
    with override_settings(TIME_ZONE="Australia/Lord_Howe"):
        yield


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        (FORWARD, time(1, 59), "2026-10-03T15:29:00Z"),
        (FORWARD, time(2, 30), "2026-10-03T15:30:00Z"),
        (BACK, time(1, 29), "2027-04-03T14:29:00Z"),
        # Comes twice: the first of the two is meant.
        (BACK, time(1, 45), "2027-04-03T14:45:00Z"),
        (BACK, time(2, 0), "2027-04-03T15:30:00Z"),
    ],
)
def test_a_time_typed_on_the_day_of_the_change(osmere: None, day: date, hour: time, utc: str) -> None:
    at = times.stored(day, hour)
    assert (times.machine(at), times.exists(day, hour)) == (utc, True)
    assert (times.local(at).date(), times.local(at).time()) == (day, hour)


@pytest.mark.parametrize("hour", [time(2, 0), time(2, 15), time(2, 29)])
def test_a_time_that_is_left_out_does_not_exist(osmere: None, hour: time) -> None:
    assert not times.exists(FORWARD, hour)


def test_control_where_no_clock_is_set_every_time_exists() -> None:
    assert times.exists(FORWARD, time(2, 15)) and times.exists(BACK, time(1, 45))


def test_a_day_is_half_an_hour_shorter_or_longer_and_ends_at_midnight(osmere: None) -> None:
    for day, length in ((FORWARD, 24 * HOUR - 30 * MINUTE), (BACK, 24 * HOUR + 30 * MINUTE)):
        begin = times.stored(day, time(0))
        assert times.end_of_day(begin) - begin == length
        assert times.show_time(times.end_of_day(begin)) == "00:00"


def test_the_offset_of_the_mission_is_that_of_the_season(osmere: None) -> None:
    assert times.offset(times.stored(FORWARD, time(1))) == "UTC+10:30"
    assert times.offset(times.stored(FORWARD, time(3))) == "UTC+11:00"


@pytest.mark.sqlite_only
def test_a_promise_for_a_time_that_is_left_out_is_refused_beside_its_field(browser: Browser, osmere: None) -> None:
    made = browser()
    before = entries()
    response = made.post("/tasks/add", {**TYPED, "due_date": "04/10/2026", "due_time": "02:15"})
    page = response.content.decode()
    assert (response.status_code, entries()) == (422, before)
    assert "The clocks go forward over this time on that day." in page and 'value="02:15"' in page


@pytest.mark.sqlite_only
def test_control_the_same_time_a_day_later_is_saved(browser: Browser, osmere: None) -> None:
    response = browser().post("/tasks/add", {**TYPED, "due_date": "05/10/2026", "due_time": "02:15"})
    assert response.status_code == 302


@pytest.mark.sqlite_only
def test_a_promise_in_the_second_of_two_equal_times_is_not_moved_by_an_edit(
    browser: Browser, osmere: None, node: Node
) -> None:
    second = times.stored(BACK, time(1, 45)) + 30 * MINUTE
    task = actions.add_task(compartment="north", by=ANA, title="Read the tide", due_at=second, due_basis="own")
    saved(browser, task, title="Read the tide twice", due_time="01:45", was=second)
    row = queries.task(task, reader("north"))
    assert (row["title"], row["due_at"]) == ("Read the tide twice", second)


@pytest.mark.sqlite_only
def test_control_another_time_on_that_day_moves_it(browser: Browser, osmere: None, node: Node) -> None:
    second = times.stored(BACK, time(1, 45)) + 30 * MINUTE
    task = actions.add_task(compartment="north", by=ANA, title="Read the tide", due_at=second, due_basis="own")
    saved(browser, task, title="Read the tide", due_time="01:46", was=second)
    assert queries.task(task, reader("north"))["due_at"] == times.stored(BACK, time(1, 46))


def saved(browser: Browser, task: UUID, *, title: str, due_time: str, was: int) -> None:
    made = browser()
    assert made.get(f"/tasks/{task}/edit").status_code == 200
    told = {"title": title, "due_date": "04/04/2027", "due_time": due_time, "due_basis": "own", "due_was": str(was)}
    assert made.post(f"/tasks/{task}/edit", told).status_code == 302
