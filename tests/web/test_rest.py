"""What a board of hundreds says in full, and what it counts by day."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils.translation import override

from tests.nodes import NOON, person
from tests.web.conftest import SIX, Browser
from tests.web.test_board import add, body
from ulinzi.desk import actions, rules
from ulinzi.kernel.clock import DAY, HOUR
from ulinzi.web import rest

ME, OTHER = person("me"), person("other")


def rows(*due: int | None, urgency: str = "", owner: UUID | None = None, first: int = 0) -> list[Any]:
    """Tasks due so long from now."""
    told = {"urgency": urgency, "owner": owner}
    return [
        {"id": UUID(int=first + n), "due_at": None if one is None else NOON + one, **told} for n, one in enumerate(due)
    ]


def busy() -> list[Any]:
    """40 late, 10 today, 20 each for the days after, 30 without a time; in the order of their promises."""
    late = rows(*[-HOUR * (41 - n) for n in range(40)])
    today = rows(*[n * HOUR // 4 for n in range(10)], first=100)
    days = [one for day in range(1, 30) for one in rows(*[day * DAY] * 20, first=1000 * day)]
    return [*late, *today, *days, *rows(*[None] * 30, first=200)]


def listed(found: list[Any], opened: str = "") -> tuple[rest.Groups, set[UUID]]:
    groups = rest.groups(found, NOON)
    return groups, rest.chosen(groups, ME, opened)


def names(found: list[Any], opened: str = "") -> dict[str, tuple[int, bool]]:
    groups, shown = listed(found, opened)
    with override("en"):
        return {one.name: (one.count, one.more) for one in rest.counted(groups, shown, NOON, opened)}


def test_a_short_board_is_said_in_full() -> None:
    found = rows(-HOUR, HOUR, 3 * DAY, 40 * DAY, None)
    assert listed(found)[1] == {one["id"] for one in found} and names(found) == {}


def test_of_a_long_one_what_is_late_and_next_stands_in_full_and_the_rest_by_day() -> None:
    groups, shown = listed(busy())
    assert {code: len([one for one in group if one["id"] in shown]) for code, group in groups.items()}["late"] == 40
    told = names(busy())
    assert list(told)[:3] == ["Tomorrow", "Wednesday 23/09", "Thursday 24/09"]
    assert told["Tomorrow"] == told["Thursday 24/09"] == (20, False)
    assert list(told)[-2:] == ["After 05/10/2026", "No time promised"] and told["No time promised"] == (30, False)
    # Nothing is lost between the two.
    assert len(shown) + sum(count for count, _more in told.values()) == len(busy())


@pytest.mark.parametrize(("told", "where"), [({"owner": ME}, "mine"), ({"urgency": "now"}, "urgent")])
def test_what_is_mine_or_urgent_stands_in_full_however_late_it_is_due(told: dict[str, Any], where: str) -> None:
    pressing = rows(25 * DAY, None, first=9000, **told)
    assert {one["id"] for one in pressing} <= listed([*busy(), *pressing])[1], where


def test_control_what_is_anothers_and_can_wait_does_not() -> None:
    waiting = rows(25 * DAY, None, first=9000, owner=OTHER, urgency="routine")
    assert not {one["id"] for one in waiting} & listed([*busy(), *waiting])[1]


def test_a_day_that_is_opened_stands_in_full() -> None:
    assert names(busy(), "2026-09-24").keys() == names(busy()).keys() - {"Thursday 24/09"}
    assert names(busy(), "undated").get("No time promised") is None


def test_however_much_presses_the_board_has_an_end_and_the_next_promise() -> None:
    late = rows(*[-DAY - n for n in range(300, 0, -1)], urgency="now")
    found = [*late, *rows(*[HOUR] * 300, first=500), *rows(*[2 * DAY] * 300, owner=ME, first=1000)]
    groups, shown = listed(found)
    assert len(shown) <= rest.MOST
    assert any(one["id"] in shown for one in groups["today"])
    assert len(listed(found, "2026-09-23")[1]) <= rest.MOST


def test_control_without_a_measure_everything_would_stand_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FULL", "MOST"):
        monkeypatch.setattr(rest, name, 10_000)
    assert len(listed(busy())[1]) == len(busy())


# On the page.


@pytest.mark.sqlite_only
def test_a_long_board_counts_by_day_and_opens_one(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "FULL", 2)
    add("late", -HOUR)
    add("next", HOUR)
    for n in range(3):
        add(f"market {n}", 3 * DAY)
    page = body(browser().get("/tasks"))
    assert "late" in page and "next" in page and ">market 0<" not in page
    assert '<a href="/tasks?day=2026-09-24#s-later">Thursday 24/09</a>' in page and "3 with nobody" in page
    assert "The rest is counted by day." in page
    opened = body(browser().get("/tasks?day=2026-09-24"))
    assert ">market 0<" in opened and "Fold the day again" in opened


@pytest.mark.sqlite_only
@pytest.mark.parametrize("day", ["1999-01-01", "x", "<script>"])
def test_a_day_that_nobody_knows_opens_nothing(browser: Browser, day: str) -> None:
    add("late", -HOUR)
    page = body(browser().get("/tasks", {"day": day}))
    assert "late" in page and "Fold the day again" not in page


@pytest.mark.sqlite_only
def test_mine_stands_on_a_long_board(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SIX[0] is not None
    monkeypatch.setattr(rest, "FULL", 1)
    add("next", HOUR)
    add("theirs", 9 * DAY)
    actions.step(add("mine", 9 * DAY), rules.Step.TAKEN, by=SIX[0].id)
    page = body(browser().get("/tasks"))
    assert ">mine<" in page and ">theirs<" not in page
