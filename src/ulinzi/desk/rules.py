"""Tasks and their steps: who has what to do, since when, and what came of it.

A task's state and owner are derived from its steps; no screen writes them. Undoing is a step too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from ulinzi.kernel.errors import Refused
from ulinzi.kernel.folding import folded
from ulinzi.ledger.shapes import Children, Derived, Field, Group, Kind, Problem, Row, Sensitivity, Shape


class Step(StrEnum):
    """What a person can do with a task. An event: nobody changes it afterwards."""

    TAKEN = "taken"
    HANDED_OVER = "handed_over"
    NOTED = "noted"
    DONE = "done"
    SET_ASIDE = "set_aside"
    REOPENED = "reopened"
    UNDONE = "undone"


class State(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    SET_ASIDE = "set_aside"


FINISHED = frozenset({State.DONE, State.SET_ASIDE})
UNFINISHED = frozenset({State.OPEN, State.TAKEN})
ANY = frozenset(State)

# In which states a step may be written.
ALLOWED: Mapping[Step, frozenset[State]] = {
    Step.TAKEN: frozenset({State.OPEN}),
    Step.HANDED_OVER: UNFINISHED,
    Step.NOTED: ANY,
    Step.DONE: UNFINISHED,
    Step.SET_ASIDE: UNFINISHED,
    Step.REOPENED: FINISHED,
    Step.UNDONE: ANY,
}

# The state a step leaves behind; the others leave it as it was.
LEADS_TO: Mapping[Step, State] = {
    Step.TAKEN: State.TAKEN,
    Step.HANDED_OVER: State.TAKEN,
    Step.DONE: State.DONE,
    Step.SET_ASIDE: State.SET_ASIDE,
    Step.REOPENED: State.OPEN,
}

NEEDS_WORDS = frozenset({Step.NOTED, Step.SET_ASIDE, Step.REOPENED})
URGENCY = ("routine", "soon", "now")
TIERS = ("dialogue", "physical", "environment")
DUE_BASIS = ("promise", "order", "rule", "own")


def derive(task: Row, children: Children) -> dict[str, Any]:
    state, owner = State.OPEN, None
    steps = effective(children["desk.Step"])
    for step in steps:
        if step["kind"] not in LEADS_TO:
            continue
        state = LEADS_TO[Step(step["kind"])]
        if step["kind"] == Step.REOPENED:
            owner = None
        elif step["kind"] in (Step.TAKEN, Step.HANDED_OVER):
            owner = step["to_whom"] or step["by_whom"]
    finished = steps[-1]["claimed_at"] if steps and state in FINISHED else None
    return {"state": str(state), "owner": owner, "finished_at": finished, **sought(task)}


def sought(task: Row) -> dict[str, str]:
    """What a task is found by: its number, and its words, which lie deeper.

    Never null: what an older version wrote and no fold has filled since can be told from what has no words.
    """
    words = [folded(task["title"]), folded(task["detail"])]
    return {"folded_number": folded(task["number"]), "folded_words": "\n".join(words)}


def effective(steps: Sequence[Row]) -> list[Row]:
    """The steps that count, in turn: an undone step and its undoing cancel out.

    A turn is one more than the highest its writer had seen, so a wrong clock at a base cannot reorder what happened.
    """
    undone = {step["undoes"] for step in steps if step["kind"] == Step.UNDONE}
    counting = [step for step in steps if step["id"] not in undone and step["kind"] != Step.UNDONE]
    acting = [step for step in counting if step["kind"] in LEADS_TO]
    return sorted(acting, key=lambda step: (step["turn"] or 0, step["claimed_at"] or 0, step["id"]))


_LAST_TURN = 2**63 - 1


def next_turn(steps: Sequence[Row]) -> int:
    """One more than the highest; where somebody took the last number there is, steps share it: their times decide."""
    return min(1 + max((step["turn"] or 0 for step in steps), default=0), _LAST_TURN)


def problems(task: Row, children: Children) -> list[Problem]:
    """What two bases can bring about together, though each kept the rules."""
    found = []
    state = State.OPEN
    for step in effective(children["desk.Step"]):
        kind = Step(step["kind"])
        if state not in ALLOWED[kind]:
            found.append(Problem("taken_twice" if kind == Step.TAKEN else "step_out_of_turn", str(kind)))
        state = LEADS_TO[kind]
    if not task["title"] and "words" not in (task["erased"] or "").split(","):
        found.append(Problem("title_missing"))
    return found


STEP = Shape(
    number=3,
    label="desk.Step",
    schema=1,
    root="desk.Task",
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
                Field(4, "to_whom", "person"),
                Field(5, "undoes", "ref", to="desk.Step"),
                Field(7, "turn", "int"),
            ),
        ),
        Group(2, "words", Kind.LAST, Sensitivity.CONFIDENTIAL, (Field(6, "words", "text", max_length=2000),)),
    ),
)

TASK = Shape(
    number=2,
    label="desk.Task",
    schema=1,
    children=("desk.Step",),
    groups=(
        Group(1, "number", Kind.FIXED, Sensitivity.RESTRICTED, (Field(1, "number", "text", max_length=40),)),
        Group(
            2,
            "words",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (Field(2, "title", "text", max_length=200), Field(3, "detail", "text", max_length=4000)),
        ),
        Group(3, "where", Kind.LAST, Sensitivity.RESTRICTED, (Field(4, "area", "ref", to="places.Area"),)),
        Group(
            4,
            "when",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(5, "due_at", "time"), Field(6, "due_basis", "code", choices=DUE_BASIS)),
        ),
        Group(
            5,
            "urgency",
            Kind.MAX,
            Sensitivity.RESTRICTED,
            (Field(7, "urgency", "code", choices=URGENCY),),
            scale=URGENCY,
        ),
        Group(6, "tiers", Kind.UNION, Sensitivity.RESTRICTED, (Field(8, "tiers", "codes", choices=TIERS),)),
    ),
    derived=(
        Derived("state", "code"),
        Derived("owner", "person"),
        Derived("finished_at", "time"),
        Derived("folded_number", "text"),
        Derived("folded_words", "text", sensitivity=Sensitivity.CONFIDENTIAL),
    ),
    derive=derive,
    problems=problems,
)


def check_task(values: Mapping[str, Any]) -> None:
    if not (values.get("title") or "").strip():
        raise Refused("title_missing", field="title")


def check_may_step(task: Row, kind: Step, *, words: str = "") -> None:
    if task["state"] not in ALLOWED[kind]:
        raise Refused("step_not_now", step=str(kind), state=task["state"])
    if kind in NEEDS_WORDS and not words.strip():
        raise Refused("words_missing", field="words", step=str(kind))


def may_step(task: Row, kind: Step) -> bool:
    return task["state"] in ALLOWED[kind]


def check_may_undo(steps: Sequence[Row], step: Row) -> None:
    if not may_undo(steps, step):
        raise Refused("undo_not_now", step=step["kind"])


def may_undo(steps: Sequence[Row], step: Row) -> bool:
    """Only the newest step that counts: undoing below others would rewrite what they answered."""
    counting = effective(steps)
    return bool(counting) and counting[-1]["id"] == step["id"]
