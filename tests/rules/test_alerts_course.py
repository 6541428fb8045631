"""What the steps of an alert come to: who has it, what was found, decided and done, and what a reopening takes back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ulinzi.alerts import rules
from ulinzi.alerts.rules import State, Step
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Row

MARA, IDRIS = UUID(int=101), UUID(int=102)


def step(number: int, kind: str, **more: Any) -> Row:
    """Step `number`, written in that turn, said to be and written at ten times that time, by Mara."""
    told = {"claimed_at": number * 10, "entered_at": number * 10, "by_whom": MARA, "to_whom": None, "turn": number}
    told |= {"undoes": None, "code": None, "reason": None, "other": None, "report": None}
    return Row({"id": UUID(int=number), "kind": kind, **told, **more})


def undo(number: int, undone: int) -> Row:
    return step(number, Step.UNDONE, undoes=UUID(int=undone))


def alert(**more: Any) -> Row:
    told = {"received_at": 5, "priority": "p1", "erased": "", "compartment": "north", "id": UUID(int=9000)}
    return Row(told | more)


def after(steps: Sequence[Row]) -> Row:
    found = rules.derive(alert(), {"alerts.Step": steps})
    assert set(found) == {one.name for one in rules.ALERT.derived}
    return Row(alert() | found)


TAKEN = step(1, "taken")
VERIFIED = step(2, "verified", code="corroborated")
RESPOND = step(3, "decided", code="respond")
ARRIVED = step(4, "arrived", code="seen", reason="mission_force")
TOLD = step(5, "fed_back", code="visit")
CLOSED = step(6, "closed", code="fed_back")
WHOLE = [TAKEN, VERIFIED, RESPOND, ARRIVED, TOLD, CLOSED]

COURSES: dict[str, tuple[list[Row], dict[str, Any]]] = {
    "nothing yet": ([], {"state": "open", "owner": None, "holds": None, "rounds": 1, "reports": 0}),
    "taken": ([TAKEN], {"owner": MARA, "holds": True, "taken_at": 10}),
    "handed over and not yet taken": (
        [TAKEN, step(2, "handed_over", to_whom=IDRIS)],
        {"owner": IDRIS, "holds": False, "taken_at": 10},
    ),
    "handed over and taken": (
        [TAKEN, step(2, "handed_over", to_whom=IDRIS), step(3, "taken", by_whom=IDRIS)],
        {"owner": IDRIS, "holds": True, "taken_at": 10},
    ),
    "climbed": ([TAKEN, step(2, "escalated", to_whom=IDRIS)], {"climbed_to": IDRIS, "holds": False}),
    "climbed and taken": (
        [TAKEN, step(2, "escalated", to_whom=IDRIS), step(3, "taken", by_whom=IDRIS)],
        {"climbed_to": None, "owner": IDRIS, "holds": True},
    ),
    "verified twice: the first time counts, the last finding holds": (
        [VERIFIED, step(7, "verified", code="refuted")],
        {"verified_at": 20, "verification": "refuted"},
    ),
    "to look first ends no clock": (
        [step(3, "decided", code="observe")],
        {"decision": "observe", "decided_at": None},
    ),
    "looked, then decided": (
        [step(3, "decided", code="observe"), step(4, "decided", code="respond")],
        {"decision": "respond", "decided_at": 40},
    ),
    "told somebody: nobody has answered": (
        [TAKEN, step(2, "told", code="army")],
        {"answered_at": None, "arrived_at": None, "decided_at": None},
    ),
    "left and not there": ([step(3, "left")], {"left_at": 30, "arrived_at": None, "answered_at": None}),
    "confirmed, then seen by others of ours: the first sure one counts": (
        [step(3, "arrived", code="confirmed", claimed_at=25), step(4, "arrived", code="seen")],
        {"arrival": "confirmed", "arrived_at": 25},
    ),
    "claimed, then seen": (
        [step(3, "arrived", code="claimed", reason="army"), step(4, "arrived", code="seen", reason="mission_force")],
        {"arrival": "seen", "arrived_at": 40, "arrived_by": "mission_force", "answered_at": 30},
    ),
    "seen, then claimed": (
        [step(3, "arrived", code="seen"), step(4, "arrived", code="claimed")],
        {"arrival": "seen", "arrived_at": 30},
    ),
    "claimed, then confirmed at the time that was claimed": (
        [step(3, "arrived", code="claimed"), step(4, "arrived", code="confirmed", claimed_at=30)],
        {"arrival": "confirmed", "arrived_at": 30},
    ),
    "talked from afar": (
        [step(3, "ended", code="talked")],
        {"answered_at": 30, "arrived_at": None, "ended_at": 30},
    ),
    "turned back": ([step(3, "ended", code="turned_back")], {"answered_at": None, "ended_at": 30}),
    "the whole road": (
        WHOLE,
        {"state": "closed", "closed_at": 60, "closing": "fed_back", "feedback": "visit", "fed_back_at": 50},
    ),
    "reopened: what was verified stays, what was done does not": (
        [*WHOLE, step(7, "reopened")],
        {"state": "open", "rounds": 2, "verified_at": 20, "decided_at": None, "arrived_at": None, "fed_back_at": None},
    ),
    "reopening undone": ([*WHOLE, step(7, "reopened"), undo(8, 7)], {"state": "closed", "rounds": 1, "closed_at": 60}),
    "the same as another": (
        [step(2, "duplicate", other=UUID(int=77))],
        {"state": "duplicate", "same_as": UUID(int=77), "closed_at": 20},
    ),
    "paused and going on": (
        [step(2, "paused", code="not_safe"), step(5, "resumed")],
        {"paused_at": None, "paused_for": 30},
    ),
    "still paused": ([step(2, "paused", code="not_safe")], {"paused_at": 20, "paused_for": 0}),
    "verified while paused": (
        [step(2, "paused", code="not_safe"), step(5, "verified", code="refuted")],
        {"paused_at": None, "paused_for": 30, "verified_at": 50},
    ),
    "two reports": ([step(2, "attached"), step(3, "attached")], {"reports": 2}),
    "a kind from a newer version": ([TAKEN, step(2, "weighed")], {"owner": MARA}),
    "a code from a newer version": ([step(3, "arrived", code="beamed")], {"arrival": "beamed", "arrived_at": 30}),
    "a step whose act is not here": ([TAKEN, step(2, None, turn=None, claimed_at=None)], {"owner": MARA}),
}


@pytest.mark.parametrize("name", COURSES)
def test_what_the_steps_come_to(name):
    steps, wanted = COURSES[name]
    found = after(steps)
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", COURSES)
def test_the_order_in_which_they_arrive_changes_nothing(name):
    steps = COURSES[name][0][-4:]
    wanted = after(steps)
    for shuffled in permutations(steps):
        assert after(list(shuffled)) == wanted


def test_how_late_it_was_written_is_kept():
    found = after([step(4, "arrived", code="seen", claimed_at=40, entered_at=1_000)])
    assert found["arrived_at"] == 40 and found["arrived_lag"] == 960


KINDS = [*Step, "weighed", None]
SOME_STEP = st.builds(
    lambda number, kind, code, at, entered, undoes: step(
        number, kind, code=code, claimed_at=at, entered_at=entered, undoes=undoes and UUID(int=undoes)
    ),
    st.integers(1, 30),
    st.sampled_from(KINDS),
    st.sampled_from([*rules.CODES, "beamed", None]),
    st.one_of(st.none(), st.integers(-(2**62), 2**62)),
    st.one_of(st.none(), st.integers(-(2**62), 2**62)),
    st.one_of(st.none(), st.integers(1, 30)),
)


@given(st.lists(SOME_STEP, max_size=12, unique_by=lambda one: one["id"]))
def test_no_steps_from_anywhere_stop_the_fold(steps):
    found = after(steps)
    rules.problems(found, {"alerts.Step": steps})
    assert all(-(2**63) <= value < 2**63 for value in found.values() if isinstance(value, int))


# What may be done when.

OPEN = after([TAKEN])
UNVERIFIED, CHECKED = OPEN, after([TAKEN, VERIFIED])
DECIDED = after([TAKEN, VERIFIED, RESPOND])
ANSWERED = after([TAKEN, VERIFIED, RESPOND, ARRIVED, TOLD])
OVER = after(WHOLE)

REFUSED = {
    "a verification says what was found": (OPEN, Step.VERIFIED, {}, "reason_missing"),
    "a decision names one of the six": (CHECKED, Step.DECIDED, {"code": "attack"}, "reason_missing"),
    "no response has a reason": (CHECKED, Step.DECIDED, {"code": "no_response"}, "reason_missing"),
    "another reason is said in words": (
        CHECKED, Step.DECIDED, {"code": "no_response", "reason": "other"}, "words_missing",
    ),
    "unverified: somebody says why": (UNVERIFIED, Step.DECIDED, {"code": "respond"}, "unverified_needs_words"),
    "closed as told without anybody having been told": (DECIDED, Step.CLOSED, {"code": "fed_back"}, "feedback_missing"),
    "closed as unsafe to tell after telling": (ANSWERED, Step.CLOSED, {"code": "unsafe_to_tell"}, "feedback_was_given"),
    "closed without any reason": (ANSWERED, Step.CLOSED, {}, "reason_missing"),
    "closed before anybody decided": (CHECKED, Step.CLOSED, {"code": "nobody_to_tell"}, "decision_missing"),
    "taken when it is over": (OVER, Step.TAKEN, {}, "alert_not_now"),
    "reopened while open": (OPEN, Step.REOPENED, {"words": "x"}, "alert_not_now"),
    "reopened without a word": (OVER, Step.REOPENED, {}, "words_missing"),
    "going on without a pause": (OPEN, Step.RESUMED, {}, "alert_not_now"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_and_why(name):
    row, kind, told, code = REFUSED[name]
    with pytest.raises(Refused) as refused:
        rules.check_may_step(row, kind, **told)
    assert refused.value.code == code


ALLOWED = {
    "one tap for no response, verified or not": (
        UNVERIFIED, Step.DECIDED, {"code": "no_response", "reason": "out_of_reach"},
    ),
    "deciding before verifying, with a word": (UNVERIFIED, Step.DECIDED, {"code": "respond", "words": "Shots heard."}),
    "deciding once it is verified": (CHECKED, Step.DECIDED, {"code": "respond"}),
    "a test ends without a decision": (OPEN, Step.CLOSED, {"code": "test"}),
    "closed with feedback": (ANSWERED, Step.CLOSED, {"code": "fed_back"}),
    "closed with a reason for none": (DECIDED, Step.CLOSED, {"code": "unsafe_to_tell"}),
    "reopened with a word": (OVER, Step.REOPENED, {"words": "They came back."}),
    "noted when it is over": (OVER, Step.NOTED, {"words": "The chief called."}),
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed(name):
    row, kind, told = ALLOWED[name]
    rules.check_may_step(row, kind, **told)


def test_only_the_newest_is_undone_and_never_what_belongs_to_a_response():
    steps = [TAKEN, VERIFIED]
    assert rules.may_undo(steps, VERIFIED) and not rules.may_undo(steps, TAKEN)
    assert not rules.may_undo([*steps, RESPOND, ARRIVED], ARRIVED)


PROBLEMS = {
    "before it was received": ([step(1, "taken", claimed_at=1)], ["before_it_was_received"]),
    "decided both ways at two bases": (
        [step(1, "decided", code="respond"), step(1, "decided", code="no_response", id=UUID(int=44))],
        ["decided_both_ways"],
    ),
    "decided anew after reopening": (
        [step(1, "decided", code="no_response"), step(2, "reopened"), step(3, "decided", code="respond")],
        [],
    ),
    "all in order": (WHOLE, []),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_people_have_to_see(name):
    steps, wanted = PROBLEMS[name]
    told = [Row(one | {"id": one.get("id")}) for one in steps]
    assert [one.code for one in rules.problems(after(told), {"alerts.Step": told})] == wanted


def test_every_state_that_is_derived_is_one_of_the_three():
    assert {after(steps)["state"] for steps, _ in COURSES.values()} == set(State)
