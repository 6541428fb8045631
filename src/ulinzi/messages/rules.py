"""Messages: what reached the mission and has to be looked at by a person, and what became of it.

The words of a message and the number it came from are the gateway's; here is that it came, when, by which way, under
which code, and what was done with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from ulinzi.kernel import turns
from ulinzi.kernel.clock import DAY, MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.kernel.replies import holds_number
from ulinzi.ledger.shapes import Children, Derived, Field, Group, Kind, Problem, Row, Sensitivity, Shape

CHANNELS = ("missed_call", "call", "sms", "radio", "visit", "partner", "patrol")
CLAIM_LASTS = 15 * MINUTE
MOST_CALLS = 2  # after that people are added, not attempts (H02)
NUMBER_KEPT = 3 * DAY
"""The gateway erases a number by itself so long after it came (settled question 1)."""
LONGEST_ON_THE_WAY = 3 * DAY
"""A phone without a network tries for about two days. What says it came longer ago has a clock that is dead."""


class Step(StrEnum):
    """What a person does with a message. An event: nobody changes it afterwards."""

    CLAIMED = "claimed"
    RELEASED = "released"
    CALLED = "called"
    REPORTED = "reported"
    ALERTED = "alerted"
    ATTACHED = "attached"
    SET_ASIDE = "set_aside"
    REOPENED = "reopened"
    UNDONE = "undone"


class State(StrEnum):
    WAITING = "waiting"
    REPORTED = "reported"
    ALERTED = "alerted"
    ATTACHED = "attached"
    SET_ASIDE = "set_aside"


LEADS_TO: Mapping[Step, State] = {
    Step.REPORTED: State.REPORTED,
    Step.ALERTED: State.ALERTED,
    Step.ATTACHED: State.ATTACHED,
    Step.SET_ASIDE: State.SET_ASIDE,
    Step.REOPENED: State.WAITING,
}
# A report that turns out to be urgent becomes an alert; nothing else is dealt with twice.
ALLOWED: Mapping[Step, frozenset[State]] = {
    Step.CLAIMED: frozenset({State.WAITING}),
    Step.RELEASED: frozenset({State.WAITING}),
    Step.CALLED: frozenset(State),
    Step.REPORTED: frozenset({State.WAITING}),
    Step.ALERTED: frozenset({State.WAITING, State.REPORTED}),
    Step.ATTACHED: frozenset({State.WAITING, State.REPORTED}),
    Step.SET_ASIDE: frozenset({State.WAITING}),
    Step.REOPENED: frozenset({State.REPORTED, State.ATTACHED, State.SET_ASIDE}),
    Step.UNDONE: frozenset(State),
}
ASIDE = ("test", "wrong_number", "greeting", "network_fault", "already_told", "other")
CALLED = ("safe", "not_safe", "no_answer", "other_person", "not_called")


def derive(message: Row, children: Children) -> dict[str, Any]:
    state, holder, until, calls = State.WAITING, None, None, 0
    ended = None
    for step in effective(children["messages.Step"]):
        kind = Step(step["kind"])
        calls += kind == Step.CALLED and step["code"] != "not_called"
        if kind == Step.CLAIMED:
            holder, until = step["by_whom"], step["until"]
        elif kind == Step.RELEASED:
            holder, until = None, None
        if kind in LEADS_TO:
            state = LEADS_TO[kind]
            holder, until = None, None
            ended = None if state == State.WAITING else step["claimed_at"]
    return {"state": str(state), "holder": holder, "held_until": until, "calls": calls, "ended_at": ended}


def effective(steps: Sequence[Row]) -> list[Row]:
    return turns.effective(steps, tuple(Step))


def problems(message: Row, children: Children) -> list[Problem]:
    """Two bases dealt with one message, each in its own way."""
    state, found = State.WAITING, []
    for step in effective(children["messages.Step"]):
        kind = Step(step["kind"])
        if kind in LEADS_TO:
            if state not in ALLOWED[kind]:
                found.append(Problem("message_dealt_with_twice", str(kind)))
            state = LEADS_TO[kind]
    return found


MESSAGE = Shape(
    number=13,
    label="messages.Message",
    schema=1,
    children=("messages.Step",),
    groups=(
        Group(
            1,
            "received",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(1, "channel", "code", choices=CHANNELS),
                Field(2, "gateway", "text", max_length=40),
                Field(3, "received_at", "time"),  # when the phone says it came: the clocks start here
                Field(4, "taken_at", "time"),  # when our gateway had it
            ),
        ),
        # Who told what is what could kill: the code and the letter lie deeper than that something came.
        Group(
            2,
            "source",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (Field(5, "source", "ref", to="network.Source"), Field(6, "letter", "bytes", max_length=16)),
        ),
    ),
    derived=(
        Derived("state", "code"),
        Derived("holder", "person"),
        Derived("held_until", "time"),
        Derived("calls", "int"),
        Derived("ended_at", "time"),
    ),
    derive=derive,
    problems=problems,
)

STEP = Shape(
    number=14,
    label="messages.Step",
    schema=1,
    root="messages.Message",
    groups=(
        Group(
            1,
            "act",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(1, "kind", "code", choices=tuple(Step)),
                Field(2, "claimed_at", "time"),
                Field(3, "by_whom", "person"),
                Field(4, "until", "time"),
                Field(5, "code", "code", choices=(*ASIDE, *CALLED)),
                Field(6, "undoes", "ref", to="messages.Step"),
                Field(7, "turn", "int"),
            ),
        ),
        Group(2, "words", Kind.LAST, Sensitivity.CONFIDENTIAL, (Field(8, "words", "text", max_length=500),)),
    ),
)


def is_held(message: Row, now: int) -> bool:
    """A claim runs out by itself: whoever was called away keeps nothing from the others."""
    return message["holder"] is not None and (message["held_until"] or 0) > now


def check_may_step(message: Row, kind: Step, *, by: Any, now: int, code: str = "", words: str = "") -> None:
    if message["state"] not in ALLOWED[kind]:
        raise Refused("message_not_now", step=str(kind), state=message["state"])
    if is_held(message, now) and message["holder"] != by:
        raise Refused("message_held_by_another")
    if kind == Step.SET_ASIDE and code not in ASIDE:
        raise Refused("reason_missing", field="code")
    if kind == Step.SET_ASIDE and code == "other" and not words.strip():
        raise Refused("words_missing", field="words", step=str(kind))
    if kind == Step.CALLED and code not in CALLED:
        raise Refused("reason_missing", field="code")
    if holds_number(words):
        raise Refused("number_in_words", field="words")


def may_step(message: Row, kind: Step, *, by: Any, now: int) -> bool:
    free = not is_held(message, now) or message["holder"] == by
    return message["state"] in ALLOWED[kind] and free


def believed(received_at: int, taken_at: int) -> int:
    """When it came, as far as the phone can be believed: never after we had it, nor too long before."""
    return received_at if taken_at - LONGEST_ON_THE_WAY <= received_at <= taken_at else taken_at


def number_is_kept(message: Row, now: int) -> bool:
    """As far as it is known outside the gateway, which may have been told to forget sooner."""
    return bool(message["letter"]) and now < (message["taken_at"] or 0) + NUMBER_KEPT


def check_may_dial(message: Row) -> None:
    if (message["calls"] or 0) >= MOST_CALLS:
        raise Refused("enough_calls", calls=MOST_CALLS)


def may_enrol(message: Row, source: Row | None) -> bool:
    """Whoever wrote under a code that the gateway gave them, and is nobody's source yet."""
    return bool(message["letter"]) and source is not None and source["kind"] == "unknown" and not source["ended"]


def check_may_enrol(message: Row, source: Row | None) -> None:
    if not may_enrol(message, source):
        raise Refused("sender_not_unknown")


def check_may_undo(steps: Sequence[Row], step: Row) -> None:
    if not may_undo(steps, step):
        raise Refused("undo_not_now", step=step["kind"])


def may_undo(steps: Sequence[Row], step: Row) -> bool:
    """Only the newest step that counts, and never what made an alert: that is ended on the alert itself.

    Nor what took a report away from an alert: it would not come back by itself, so it is attached again.
    """
    counting = effective(steps)
    if not turns.is_newest(counting, step) or step["kind"] == Step.ALERTED:
        return False
    led = [one["kind"] for one in counting if one["kind"] in LEADS_TO]
    return led[-2:] != [Step.ATTACHED, Step.REOPENED] or step["kind"] != Step.REOPENED
