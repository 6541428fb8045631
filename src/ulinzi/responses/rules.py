"""Responses: who was sent, when they left and came, and what they found. Telling somebody is not a response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from ulinzi.kernel import turns
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Children, Derived, Field, Group, Kind, Problem, Row, Sensitivity, Shape

RESPONDERS = (
    "mission_force",
    "mission_police",
    "mission_civilian",
    "army",
    "police",
    "authority",
    "community",
    "humanitarian",
)
OURS = frozenset({"mission_force", "mission_police", "mission_civilian"})
WAYS = ("patrol", "quick_reaction", "air", "escort", "evacuation", "medical", "dialogue", "talk")
# Somebody went there; talking to somebody from afar is a response, not a physical one.
PHYSICAL = frozenset({"patrol", "quick_reaction", "air", "escort", "evacuation", "medical", "dialogue"})
OUTCOMES = (
    "prevented",
    "attackers_left",
    "too_late",
    "clash",
    "nothing_found",
    "people_helped",
    "not_known",
)


class Step(StrEnum):
    LEFT = "left"
    ARRIVED = "arrived"
    ENDED = "ended"
    CALLED_OFF = "called_off"
    CONFIRMED = "confirmed"
    UNDONE = "undone"


class State(StrEnum):
    ORDERED = "ordered"
    ON_THE_WAY = "on_the_way"
    THERE = "there"
    ENDED = "ended"
    CALLED_OFF = "called_off"


LEADS_TO: Mapping[Step, State] = {
    Step.LEFT: State.ON_THE_WAY,
    Step.ARRIVED: State.THERE,
    Step.ENDED: State.ENDED,
    Step.CALLED_OFF: State.CALLED_OFF,
}
# Whoever forgot to say that they left may still say that they are there.
ALLOWED: Mapping[Step, frozenset[State]] = {
    Step.LEFT: frozenset({State.ORDERED}),
    Step.ARRIVED: frozenset({State.ORDERED, State.ON_THE_WAY}),
    Step.ENDED: frozenset({State.ON_THE_WAY, State.THERE}),
    Step.CALLED_OFF: frozenset({State.ORDERED, State.ON_THE_WAY}),
    Step.CONFIRMED: frozenset({State.THERE, State.ENDED}),
    Step.UNDONE: frozenset(State),
}
UNFINISHED = frozenset({State.ORDERED, State.ON_THE_WAY, State.THERE})


def derive(response: Row, children: Children) -> dict[str, Any]:
    now: dict[str, Any] = {"state": str(State.ORDERED), "left_at": None, "arrived_at": None, "ended_at": None}
    now |= {"confirmed_at": None, "outcome": None}
    for step in effective(children["responses.Step"]):
        kind = Step(step["kind"])
        now["state"] = str(LEADS_TO.get(kind, now["state"]))
        if kind == Step.CONFIRMED:
            now["confirmed_at"] = step["entered_at"]
        if kind in (Step.LEFT, Step.ARRIVED, Step.ENDED):
            now[f"{kind}_at"] = step["claimed_at"]
        if kind == Step.ENDED:
            now["outcome"] = step["outcome"]
    return now


def effective(steps: Sequence[Row]) -> list[Row]:
    return turns.effective(steps, (*LEADS_TO, Step.CONFIRMED))


def problems(response: Row, children: Children) -> list[Problem]:
    """Times that run backwards are shown, never counted."""
    moved = [step for step in effective(children["responses.Step"]) if step["kind"] in LEADS_TO]
    times = [step["claimed_at"] for step in moved if step["claimed_at"] is not None]
    return [Problem("times_run_backwards")] if times != sorted(times) else []


RESPONSE = Shape(
    number=18,
    label="responses.Response",
    schema=1,
    children=("responses.Step",),
    groups=(
        Group(
            1,
            "order",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(1, "alert", "ref", to="alerts.Alert"),
                Field(2, "ordered_at", "time"),
                Field(3, "ordered_by", "person"),
                Field(4, "responder", "code", choices=RESPONDERS),
                Field(5, "way", "code", choices=WAYS),
                Field(6, "base", "ref", to="places.Base"),
            ),
        ),
        Group(2, "words", Kind.LAST, Sensitivity.CONFIDENTIAL, (Field(7, "words", "text", max_length=1000),)),
    ),
    derived=(
        Derived("state", "code"),
        Derived("left_at", "time"),
        Derived("arrived_at", "time"),
        Derived("ended_at", "time"),
        Derived("confirmed_at", "time"),
        Derived("outcome", "code"),
    ),
    derive=derive,
    problems=problems,
)

STEP = Shape(
    number=19,
    label="responses.Step",
    schema=1,
    root="responses.Response",
    groups=(
        Group(
            1,
            "act",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(1, "kind", "code", choices=tuple(Step)),
                Field(2, "claimed_at", "time"),
                Field(3, "entered_at", "time"),
                Field(4, "by_whom", "person"),
                Field(5, "outcome", "code", choices=OUTCOMES),
                Field(6, "undoes", "ref", to="responses.Step"),
                Field(7, "alert_step", "ref", to="alerts.Step"),  # what it pushed down, to be taken back with it
                Field(8, "turn", "int"),
            ),
        ),
        Group(2, "words", Kind.LAST, Sensitivity.CONFIDENTIAL, (Field(9, "words", "text", max_length=1000),)),
    ),
)


def check_response(values: Mapping[str, Any]) -> None:
    if values.get("responder") not in RESPONDERS:
        raise Refused("answer_missing", field="responder")
    if values.get("way") not in WAYS:
        raise Refused("answer_missing", field="way")


def check_may_step(response: Row, kind: Step, *, outcome: str | None = None) -> None:
    if not may_step(response, kind):
        raise Refused("response_not_now", step=str(kind), state=response["state"])
    if kind == Step.ENDED and outcome not in OUTCOMES:
        raise Refused("answer_missing", field="outcome")


def may_step(response: Row, kind: Step) -> bool:
    return response["state"] in ALLOWED[kind]


def told(response: Row, kind: Step) -> str | None:
    """What the alert hears of it. Our own people saw themselves arrive; what others say of themselves is a claim."""
    if kind == Step.ARRIVED:
        return "seen" if response["responder"] in OURS else "claimed"
    if kind != Step.ENDED:
        return None
    if response["way"] not in PHYSICAL:
        return "talked"
    return "came" if response["state"] == State.THERE else "turned_back"


def check_may_confirm(response: Row) -> None:
    if not may_confirm(response):
        raise Refused("nothing_to_confirm")


def may_confirm(response: Row) -> bool:
    came = response["responder"] not in OURS and response["arrived_at"] is not None
    return came and response["confirmed_at"] is None and may_step(response, Step.CONFIRMED)


def check_may_undo(steps: Sequence[Row], step: Row) -> None:
    if not may_undo(steps, step):
        raise Refused("undo_not_now", step=step["kind"])


def may_undo(steps: Sequence[Row], step: Row) -> bool:
    return turns.is_newest(effective(steps), step)
