"""The four clocks: what runs, what is late, what is paused, what nobody can vouch for; and whom it climbs to."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from tests.rules.test_alerts_course import MARA, after, step
from ulinzi.accounts.rules import Role
from ulinzi.alerts import climbing
from ulinzi.alerts.climbing import Climb
from ulinzi.alerts.clocks import CLOCKS, Run, clocks, next_due, targets_of
from ulinzi.alerts.rates import count, split
from ulinzi.kernel.clock import HOUR, MINUTE

# p1: half an hour to verify, one to decide, two to arrive, a day to feed back.
TARGETS = targets_of([("verification", (30, 120, 720, 2880)), ("decision", (60, 240, 1440, 4320)),
                      ("arrival", (120, 480, 2880, 10080)), ("feedback", (1440, 2880, 4320, 10080))])  # fmt: skip
CAME = 1_000 * HOUR


def at(minutes: float) -> int:
    """So many minutes after the warning came."""
    return CAME + round(minutes * MINUTE)


def did(number: int, kind: str, minutes: float, *, written: float | None = None, **more: Any) -> Any:
    return step(number, kind, claimed_at=at(minutes), entered_at=at(minutes if written is None else written), **more)


def an_alert(*steps: Any, **more: Any) -> Any:
    told = {"received_at": CAME, "priority": "p1", "owner": None}
    row = after(steps)
    row.update(told | {"owner": row["owner"]} | more)
    return row


def runs(row: Any, minutes: float) -> list[str]:
    return [one.run.value for one in clocks(row, TARGETS, at(minutes))]


TAKEN = did(1, "taken", 1)
SEEN = did(5, "arrived", 90, code="seen", reason="mission_force")
NO = did(3, "decided", 40, code="no_response", reason="out_of_reach")

STANDS = {
    "it has just come": ((), 5, ["running"] * 4),
    "nobody verified in half an hour": ((), 31, ["late", "running", "running", "running"]),
    "exactly at the promise is not late": ((), 30, ["running"] * 4),
    "verified in time": ((did(2, "verified", 20, code="corroborated"),), 200, ["done", "late", "late", "running"]),
    "verified too late": ((did(2, "verified", 45, code="refuted"),), 50,
                          ["done_late", "running", "running", "running"]),
    "not safe to call: the clock waits": ((did(2, "paused", 10, code="not_safe"),), 300,
                                          ["paused", "late", "late", "running"]),
    "after the pause it goes on": ((did(2, "paused", 10, code="not_safe"), did(3, "resumed", 70)), 80,
                                   ["running", "late", "running", "running"]),
    "a reasoned no: nobody is to arrive": ((TAKEN, NO), 500, ["no", "done", "no", "running"]),
    "to look first ends nothing": ((did(3, "decided", 20, code="observe"),), 61,
                                   ["late", "late", "running", "running"]),
    "somebody came": ((did(3, "decided", 20, code="respond"), SEEN), 100, ["no", "done", "done", "running"]),
    "closed without feedback": ((TAKEN, NO, did(4, "closed", 60, code="nobody_to_tell")), 5000,
                                ["no", "done", "no", "no"]),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDS)
def test_how_each_clock_stands(name):
    steps, minutes, wanted = STANDS[name]
    assert runs(an_alert(*steps), minutes) == wanted


def test_the_clocks_start_when_the_warning_came_not_when_it_was_raised():
    verify = clocks(an_alert(), TARGETS, at(10))[0]
    assert (verify.used, verify.target, verify.due_at) == (10 * MINUTE, 30 * MINUTE, at(30))


def test_a_pause_is_not_time_used():
    row = an_alert(did(2, "paused", 10, code="not_safe"), did(3, "resumed", 70), did(4, "verified", 75, code="refuted"))
    verify = clocks(row, TARGETS, at(200))[0]
    assert (verify.used, verify.due_at, verify.run) == (15 * MINUTE, at(90), Run.DONE)


def test_what_was_written_long_afterwards_is_hatched():
    late = an_alert(did(2, "verified", 20, written=50, code="refuted"))
    soon = an_alert(did(2, "verified", 20, written=30, code="refuted"))
    assert [clocks(row, TARGETS, at(60))[0].hatched for row in (late, soon)] == [True, False]


def test_a_reopened_alert_stays_as_late_as_it_was():
    steps = (TAKEN, NO, did(4, "closed", 60, code="nobody_to_tell"), did(5, "reopened", 5000))
    assert runs(an_alert(*steps), 5001) == ["late", "late", "late", "late"]


def test_what_falls_due_next_comes_first():
    row = an_alert(did(2, "verified", 20, code="refuted"))
    found = next_due(clocks(row, TARGETS, at(25)))
    assert found is not None and found.name == "decision"
    closed = an_alert(TAKEN, NO, did(4, "closed", 60, code="nobody_to_tell"))
    assert next_due(clocks(closed, TARGETS, at(90))) is None


def test_the_less_urgent_has_more_time():
    assert [clocks(an_alert(priority=one), TARGETS, at(0))[0].target for one in ("p1", "p2", "p4")] == [
        30 * MINUTE, 2 * HOUR, 48 * HOUR,
    ]  # fmt: skip
    assert tuple(TARGETS) == CLOCKS


# Climbing.

WATCH, ADVISER, HEAD, CHIEF = (UUID(int=n) for n in (201, 202, 203, 204))
PEOPLE = {
    Role.WATCH_OFFICER: [WATCH],
    Role.PROVINCIAL_ADVISER: [ADVISER],
    Role.HEAD_OF_OFFICE: [HEAD],
    Role.LEADERSHIP: [CHIEF],
}


def climbs(row: Any, minutes: float, people: Any = None) -> Climb | None:
    held = PEOPLE if people is None else people
    return climbing.next_climb(row, clocks(row, TARGETS, at(minutes)), held, at(minutes))


def climbed(number: int, minutes: float, to: UUID | None, code: str = "verification") -> Any:
    return did(number, "escalated", minutes, to_whom=to, code=code, reason="0")


def test_what_nobody_takes_climbs_before_it_is_late():
    assert climbs(an_alert(), 14) is None
    assert climbs(an_alert(), 15) == Climb("taking", 0, WATCH)


def test_what_somebody_has_climbs_when_the_promise_has_passed():
    assert climbs(an_alert(TAKEN), 29) is None
    assert climbs(an_alert(TAKEN), 30) == Climb("verification", 0, WATCH)


def test_whoever_let_it_pass_is_asked_last():
    mine = an_alert(did(1, "taken", 1, by_whom=WATCH))
    assert climbs(mine, 31) == Climb("verification", 0, ADVISER)


def test_it_goes_on_to_the_next_and_ends_when_somebody_says_that_they_have_it():
    first = climbed(2, 31, WATCH)
    row = an_alert(first)
    assert climbs(row, 40) is None
    assert climbs(row, 46) == Climb("verification", 1, ADVISER)
    taken = an_alert(first, did(3, "taken", 41, by_whom=ADVISER))
    assert climbs(taken, 61) == Climb("decision", 0, WATCH)
    assert climbs(an_alert(first, did(3, "taken", 41)), 59) is None


@pytest.mark.parametrize("gone", list(PEOPLE), ids=str)
def test_whoever_is_not_there_is_passed_over(gone):
    left = {role: people for role, people in PEOPLE.items() if role != gone}
    found = climbs(an_alert(), 31, people=left)
    assert found is not None and found.to == next(iter(left.values()))[0]


def test_where_nobody_is_there_at_all_it_says_so_once():
    found = climbs(an_alert(), 31, people={})
    assert found == Climb("verification", 0, None)
    assert climbs(an_alert(climbed(2, 31, None)), 59, people={}) is None


def test_everybody_is_asked_then_all_of_them_again_more_slowly():
    row, done, asked, minute = an_alert(), [], [], 48 * 60 + 1
    while len(asked) < 9:
        found = climbs(an_alert(*done, priority="p4"), minute)
        if found is not None:
            asked.append((found.to, minute))
            done.append(climbed(len(done) + 2, minute, found.to))
        minute += 1
    people = [WATCH, ADVISER, HEAD, CHIEF]
    assert [to for to, _ in asked] == [*people, *people, WATCH]
    gaps = [later - sooner for (_, sooner), (_, later) in pairwise(asked)]
    assert gaps[:3] == [15, 15, 15] and gaps[4] == 30 and gaps[-1] == 60
    assert row["climbed_to"] is None


# Rates.

ALERTS = {
    "reached in time": an_alert(TAKEN, did(3, "decided", 20, code="respond"), SEEN,
                                did(6, "fed_back", 300, code="visit")),
    "reached too late": an_alert(TAKEN, did(5, "arrived", 150, code="seen")),
    "claimed by others": an_alert(TAKEN, did(5, "arrived", 30, code="claimed")),
    "confirmed afterwards": an_alert(did(5, "arrived", 30, code="claimed"),
                                     did(6, "arrived", 30, written=900, code="confirmed")),
    "written the day after": an_alert(did(5, "arrived", 30, written=900, code="seen")),
    "only told": an_alert(TAKEN, did(2, "told", 5, code="army")),
    "talked": an_alert(TAKEN, did(5, "ended", 30, code="talked")),
    "a reasoned no, closed": an_alert(TAKEN, NO, did(4, "closed", 60, code="nobody_to_tell")),
    "nobody came": an_alert(),
    "a test": an_alert(TAKEN, did(4, "closed", 6, code="test")),
    "the same as another": an_alert(did(4, "duplicate", 6)),
}  # fmt: skip


def counted(*names: str) -> Any:
    return count([ALERTS[one] for one in names or ALERTS], TARGETS, at(2000), late_entry=15 * MINUTE)


def test_the_whole_table():
    found = counted()
    assert (found.received, found.tests, found.duplicates, found.counted) == (11, 1, 1, 9)
    assert (found.taken, found.answered, found.reached, found.in_time) == (6, 6, 4, 2)
    assert (found.claimed, found.refused, found.told, found.untold, found.still_open) == (1, 1, 1, 1, 8)


def test_telling_somebody_is_not_a_response():
    assert counted("only told").answered == 0


def test_what_is_left_open_stays_in_the_denominator():
    assert counted("reached in time", "nobody came").rate("reached") == 0.5
    assert counted("a test").rate("reached") is None


def test_what_was_written_the_day_after_is_in_time_only_if_somebody_else_says_so():
    assert counted("written the day after").in_time == 0
    assert counted("confirmed afterwards").in_time == 1


def test_the_parts_add_up_to_the_whole():
    parts = split(ALERTS.values(), lambda row: row["arrived_by"] or "", TARGETS, at(2000), late_entry=15 * MINUTE)
    whole = counted()
    assert sum(parts.values(), type(whole)()) == whole
    assert MARA in {row["owner"] for row in ALERTS.values()}
