"""Messages without a database: what may be done in which state, whose it is, what counts as an attempt to call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.nodes import NOON, person
from ulinzi.kernel.clock import DAY, HOUR, MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Row
from ulinzi.messages import rules
from ulinzi.messages.rules import State, Step

ANA, BORI = person("ana"), person("bori")
MESSAGE = Row({"id": UUID(int=1), "received_at": NOON})
# In which states each step may be taken: read down, not generated.
TABLE = {
    Step.CLAIMED: {State.WAITING},
    Step.RELEASED: {State.WAITING},
    Step.CALLED: {State.WAITING, State.REPORTED, State.ALERTED, State.ATTACHED, State.SET_ASIDE},
    Step.REPORTED: {State.WAITING},
    Step.ALERTED: {State.WAITING, State.REPORTED},
    Step.ATTACHED: {State.WAITING, State.REPORTED},
    Step.SET_ASIDE: {State.WAITING},
    Step.REOPENED: {State.REPORTED, State.ATTACHED, State.SET_ASIDE},
}
_LATE = 2 * DAY + 23 * HOUR
CODE = {Step.SET_ASIDE: "test", Step.CALLED: "safe"}


def row(state: State = State.WAITING, **told: Any) -> Row:
    return Row({"state": str(state), "holder": None, "held_until": None, "calls": 0, **told})


def step(turn: int, kind: Step, **told: Any) -> Row:
    blank = {"id": UUID(int=100 + turn), "claimed_at": NOON + turn, "by_whom": ANA, "code": None, "until": None}
    return Row({**blank, "undoes": None, "kind": str(kind), "turn": turn, **told})


def derived(*steps: Row) -> dict[str, Any]:
    return rules.derive(MESSAGE, {"messages.Step": list(steps)})


def is_refused(message: Row, kind: Step, *, by: UUID = ANA, now: int = NOON, **told: str) -> str:
    try:
        rules.check_may_step(message, kind, by=by, now=now, **told)
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("kind", TABLE)
@pytest.mark.parametrize("state", State)
def test_what_may_be_done_in_which_state(kind: Step, state: State) -> None:
    allowed = state in TABLE[kind]
    assert rules.may_step(row(state), kind, by=ANA, now=NOON) is allowed
    assert is_refused(row(state), kind, code=CODE.get(kind, "")) == ("" if allowed else "message_not_now")


@pytest.mark.parametrize(
    ("by", "now", "refused"),
    [
        (ANA, NOON, ""),
        (BORI, NOON, "message_held_by_another"),
        (BORI, NOON + 15 * MINUTE - 1, "message_held_by_another"),
        (BORI, NOON + 15 * MINUTE, ""),
    ],
)
def test_whoever_has_it_has_it_for_a_quarter_of_an_hour(by: UUID, now: int, refused: str) -> None:
    held = row(holder=ANA, held_until=NOON + rules.CLAIM_LASTS)
    assert is_refused(held, Step.CLAIMED, by=by, now=now) == refused


@pytest.mark.parametrize(
    ("code", "words", "refused"),
    [
        ("test", "", ""),
        ("", "", "reason_missing"),
        ("because", "", "reason_missing"),
        ("other", "  ", "words_missing"),
        ("other", "it rang by itself", ""),
    ],
)
def test_nothing_is_set_aside_without_a_reason(code: str, words: str, refused: str) -> None:
    assert is_refused(row(), Step.SET_ASIDE, code=code, words=words) == refused


def test_what_the_steps_come_to() -> None:
    waiting = derived()
    assert (waiting["state"], waiting["holder"], waiting["calls"]) == ("waiting", None, 0)
    held = derived(step(1, Step.CLAIMED, until=NOON + 9))
    assert (held["holder"], held["held_until"]) == (ANA, NOON + 9)
    aside = derived(step(1, Step.CLAIMED, until=NOON + 9), step(2, Step.SET_ASIDE, code="test"))
    assert (aside["state"], aside["holder"], aside["ended_at"]) == ("set_aside", None, NOON + 2)


def test_an_undone_step_counts_for_nothing() -> None:
    aside = step(1, Step.SET_ASIDE, code="test")
    assert derived(aside, step(2, Step.UNDONE, undoes=aside["id"]))["state"] == "waiting"


def test_a_call_counts_once_and_one_that_was_not_made_never() -> None:
    begun = step(1, Step.CALLED)
    assert derived(begun)["calls"] == 1
    told = step(2, Step.UNDONE, undoes=begun["id"]), step(3, Step.CALLED, code="no_answer")
    assert derived(begun, *told)["calls"] == 1
    assert derived(step(1, Step.CALLED, code="not_called"))["calls"] == 0


def test_after_two_attempts_nobody_calls() -> None:
    rules.check_may_dial(row(calls=1))
    with pytest.raises(Refused, match="enough_calls"):
        rules.check_may_dial(row(calls=2))


def test_only_the_newest_step_is_undone_and_never_what_made_an_alert() -> None:
    claimed, aside = step(1, Step.CLAIMED), step(2, Step.SET_ASIDE, code="test")
    assert rules.may_undo([claimed, aside], aside)
    assert not rules.may_undo([claimed, aside], claimed)
    alerted = step(2, Step.ALERTED)
    assert not rules.may_undo([claimed, alerted], alerted)


def test_what_took_a_report_away_from_an_alert_is_not_undone() -> None:
    attached, again = step(1, Step.ATTACHED), step(2, Step.REOPENED)
    assert not rules.may_undo([attached, again], again)
    aside = step(1, Step.SET_ASIDE, code="test")
    assert rules.may_undo([aside, again], again)  # the control
    assert rules.may_undo([attached, again, claimed := step(3, Step.CLAIMED)], claimed)


@pytest.mark.parametrize(
    ("ago", "believed"),
    [(-HOUR, 0), (0, 0), (HOUR, HOUR), (_LATE, _LATE), (3 * DAY, 3 * DAY), (3 * DAY + 1, 0), (NOON, 0)],
)
def test_a_phone_is_believed_as_far_as_it_goes_on_trying(ago: int, believed: int) -> None:
    """Ahead, it is not; in 1970, it is not."""
    assert rules.believed(NOON - ago, NOON) == NOON - believed


def test_two_bases_that_both_dealt_with_it_are_a_problem_and_one_is_none() -> None:
    both = step(1, Step.SET_ASIDE, code="test"), step(2, Step.ALERTED)
    assert [one.code for one in rules.problems(MESSAGE, {"messages.Step": list(both)})] == ["message_dealt_with_twice"]
    later = step(1, Step.REPORTED), step(2, Step.ALERTED)
    assert rules.problems(MESSAGE, {"messages.Step": list(later)}) == []
