"""Tasks and their steps: who has what to do, since when, and what came of it.

A task's state and owner are derived from its steps; no screen writes them. Undoing is a step too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from ulinzi.accounts.rules import EVERYWHERE, Act, Rights
from ulinzi.kernel import turns
from ulinzi.kernel.clock import DAY
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
    return turns.effective(steps, LEADS_TO)


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


def act_of(kind: Step) -> Act:
    """To say something and to send back is for more people than to take, hand over and finish."""
    return Act.NOTE_TASKS if kind in (Step.NOTED, Step.REOPENED) else Act.STEP_TASKS


def check_may_undo(steps: Sequence[Row], step: Row) -> None:
    if not may_undo(steps, step):
        raise Refused("undo_not_now", step=step["kind"])


def may_undo(steps: Sequence[Row], step: Row) -> bool:
    return turns.is_newest(effective(steps), step)


# Erasing: one person asks, another agrees, and only then anything goes.


class What(StrEnum):
    """What is to be erased: the words of a task, the task with everything, or a person's name."""

    WORDS = "words"
    TASK = "task"
    NAME = "name"


CONFIRMED, DECLINED = "confirmed", "declined"
ERASURE_HOLDS = 7 * DAY
"""Who agrees after that agrees to something that nobody may remember."""

ERASURE = Shape(
    number=20,
    label="desk.Erasure",
    schema=1,
    groups=(
        Group(
            1,
            "asked",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(1, "what", "code", choices=tuple(What)),
                Field(2, "task", "ref", to="desk.Task"),
                Field(3, "whose", "person"),
                Field(4, "asked_by", "person"),
                Field(5, "asked_at", "time"),
            ),
        ),
        Group(2, "basis", Kind.FIXED, Sensitivity.CONFIDENTIAL, (Field(6, "basis", "text", max_length=200),)),
        Group(
            3,
            "decision",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (
                Field(7, "decided_by", "person"),
                Field(8, "decided_at", "time"),
                Field(9, "decision", "code", choices=(CONFIRMED, DECLINED)),
            ),
        ),
        Group(4, "reason", Kind.LAST, Sensitivity.CONFIDENTIAL, (Field(10, "reason", "text", max_length=200),)),
    ),
)


def act_that_erases(what: str) -> Act:
    return Act.ERASE_NAMES if what == What.NAME else Act.ERASE_WORDS


def may_erase(rights: Rights, asked: Row) -> bool:
    """Who may decide on a request may have made it: both of the two need the right. A name is the whole mission's."""
    return rights.may(
        act_that_erases(asked["what"]), EVERYWHERE if asked["what"] == What.NAME else asked["compartment"]
    )


def erasure_waits(asked: Row, now: int) -> bool:
    return asked["decision"] is None and not asked["erased"] and not is_too_old(asked, now)


def is_too_old(asked: Row, now: int) -> bool:
    return bool(asked["asked_at"] is None or now - asked["asked_at"] > ERASURE_HOLDS)


def check_waits(asked: Row, now: int) -> None:
    if is_too_old(asked, now):
        raise Refused("erasure_too_old")
    if not erasure_waits(asked, now):
        raise Refused("erasure_decided")


def check_two_persons(by: UUID, second: UUID | None, whose: UUID | None = None) -> None:
    """Nobody agrees with themselves, and nobody decides about their own name."""
    if second is None or by == second or (whose is not None and whose in (by, second)):
        raise Refused("second_person_needed", field="second")
