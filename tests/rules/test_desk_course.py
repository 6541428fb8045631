"""What a task's steps come to: which of them count, in which turn, what follows, and what people have to see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from ulinzi.desk import rules
from ulinzi.desk.rules import State, Step
from ulinzi.kernel import turns
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Problem, Row

MARA, IDRIS = UUID(int=101), UUID(int=102)


def step(number: int, kind: str, **more: Any) -> Row:
    """Step `number`, written in that turn, at ten times that time, by Mara."""
    told = {"claimed_at": number * 10, "by_whom": MARA, "to_whom": None, "undoes": None, "turn": number}
    return Row(id=UUID(int=number), kind=kind, **(told | more))


def undo(number: int, undone: int, **more: Any) -> Row:
    return step(number, Step.UNDONE, undoes=UUID(int=undone), **more)


def task(**more: Any) -> Row:
    told = {"number": "BEN-1", "title": "Call back the school", "detail": None, "erased": "", "state": "open"}
    return Row(told | more)


def derived(steps: Sequence[Row]) -> tuple[str, UUID | None, int | None]:
    found = rules.derive(task(), {"desk.Step": steps})
    assert set(found) == {one.name for one in rules.TASK.derived}
    return found["state"], found["owner"], found["finished_at"]


def problems(steps: Sequence[Row], **more: Any) -> list[Problem]:
    return rules.problems(task(**more), {"desk.Step": steps})


def counting(steps: Sequence[Row]) -> list[int]:
    return [one["id"].int for one in rules.effective(steps)]


TAKEN, DONE, REOPENED = step(1, "taken"), step(2, "done"), step(3, "reopened")
ASIDE = step(2, "set_aside")
TO_IDRIS = step(2, "handed_over", to_whom=IDRIS)

COURSES: dict[str, tuple[list[Row], tuple[str, UUID | None, int | None]]] = {
    "nothing yet": ([], ("open", None, None)),
    "noted only": ([step(1, "noted")], ("open", None, None)),
    "taken": ([TAKEN], ("taken", MARA, None)),
    "taken for somebody": ([step(1, "taken", to_whom=IDRIS)], ("taken", IDRIS, None)),
    "handed over": ([TAKEN, TO_IDRIS], ("taken", IDRIS, None)),
    "handed over while open": ([step(1, "handed_over", to_whom=IDRIS)], ("taken", IDRIS, None)),
    "handed over to nobody named": ([step(1, "handed_over", by_whom=IDRIS)], ("taken", IDRIS, None)),
    "done by its owner": ([TAKEN, DONE], ("done", MARA, 20)),
    "done by another": ([TAKEN, step(2, "done", by_whom=IDRIS)], ("done", MARA, 20)),
    "done by nobody's": ([step(1, "done")], ("done", None, 10)),
    "set aside": ([TAKEN, ASIDE], ("set_aside", MARA, 20)),
    "noted after it was done": ([TAKEN, DONE, step(3, "noted")], ("done", MARA, 20)),
    "reopened": ([TAKEN, DONE, REOPENED], ("open", None, None)),
    "reopened and taken": ([TAKEN, DONE, REOPENED, step(4, "taken", by_whom=IDRIS)], ("taken", IDRIS, None)),
    "taking undone": ([TAKEN, undo(2, 1)], ("open", None, None)),
    "done undone": ([TAKEN, DONE, undo(3, 2)], ("taken", MARA, None)),
    "handing over undone": ([TAKEN, TO_IDRIS, undo(3, 2)], ("taken", MARA, None)),
    "reopening undone": ([TAKEN, DONE, REOPENED, undo(4, 3)], ("done", MARA, 20)),
    "undone twice over": ([TAKEN, DONE, undo(3, 2), undo(4, 2)], ("taken", MARA, None)),
    "both undone": ([TAKEN, DONE, undo(3, 2), undo(4, 1)], ("open", None, None)),
    "an undoing of what is not here": ([TAKEN, undo(2, 77)], ("taken", MARA, None)),
    "a kind from a newer version": ([TAKEN, step(2, "weighed")], ("taken", MARA, None)),
    "a step whose act is not here": ([TAKEN, step(2, None, turn=None, claimed_at=None)], ("taken", MARA, None)),
    "done at a time nobody gave": ([TAKEN, step(2, "done", claimed_at=None)], ("done", MARA, None)),
}


def wrong_courses() -> list[str]:
    """Courses that come to something else than written, in any order of the steps."""
    return [name for name, (steps, comes_to) in COURSES.items() if outcomes(steps) != {comes_to}]


def outcomes(steps: Sequence[Row]) -> set[tuple[str, UUID | None, int | None]]:
    return {derived(order) for order in permutations(steps)}


@pytest.mark.parametrize("name", COURSES)
def test_what_a_course_comes_to_in_any_order(name):
    steps, comes_to = COURSES[name]
    assert outcomes(steps) == {comes_to}


def test_courses_go_through_every_kind_and_reach_every_state():
    assert {one["kind"] for steps, _ in COURSES.values() for one in steps} >= set(Step)
    assert {state for _, (state, _, _) in COURSES.values()} == set(State)


def unsorted(steps: Sequence[Row]) -> list[Row]:
    return [one for one in steps if one["kind"] in rules.LEADS_TO]


def heedless(steps: Sequence[Row]) -> list[Row]:
    """As if undoing were a note."""
    return sorted(unsorted(steps), key=lambda one: one["turn"])


def by_clock(steps: Sequence[Row]) -> list[Row]:
    return sorted(rules_effective(steps), key=lambda one: one["claimed_at"] or 0)


rules_effective = rules.effective
MUTANTS: dict[str, tuple[Callable[[Sequence[Row]], list[Row]], str]] = {
    "order of arrival": (unsorted, "done by its owner"),
    "undoing forgotten": (heedless, "done undone"),
    "clocks before turns": (by_clock, "done at a time nobody gave"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_control_other_steps_that_count_are_found(monkeypatch, name):
    mutant, course = MUTANTS[name]
    monkeypatch.setattr(rules, "effective", mutant)
    assert course in wrong_courses()


def test_control_as_it_is_nothing_is_wrong():
    assert wrong_courses() == []


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        ([], []),
        ([TAKEN, DONE], [1, 2]),
        ([TAKEN, step(2, "noted")], [1]),
        ([TAKEN, DONE, undo(3, 2)], [1]),
        ([TAKEN, undo(2, 1), step(3, "taken")], [3]),
        ([TAKEN, undo(2, 1), undo(3, 2)], []),  # an undoing is not undone, not even by a node that tries
        ([TAKEN, undo(2, 2)], [1]),
        ([step(5, "taken", turn=1), step(4, "taken", turn=2)], [5, 4]),  # the turn first
        ([step(5, "taken", turn=1, claimed_at=1), step(4, "taken", turn=1, claimed_at=2)], [5, 4]),  # then the time
        ([step(5, "taken", turn=1, claimed_at=1), step(4, "taken", turn=1, claimed_at=1)], [4, 5]),  # then the id
        ([step(4, "taken", turn=None), step(5, "done", turn=1)], [4, 5]),
    ],
)
def test_the_steps_that_count_in_turn(steps, count):
    assert [counting(order) for order in permutations(steps)] == [count] * len(list(permutations(steps)))


def test_a_clock_set_back_reorders_nothing():
    late, early = step(1, "taken", claimed_at=9_000), step(2, "done", claimed_at=3)
    assert derived([early, late]) == ("done", MARA, 3)


def test_control_without_a_turn_the_clock_would_decide():
    late, early = step(1, "taken", claimed_at=9_000, turn=1), step(2, "done", claimed_at=3, turn=1)
    assert derived([early, late]) == ("taken", MARA, None)


@pytest.mark.parametrize(
    ("steps", "turn"),
    [
        ([], 1),
        ([TAKEN], 2),
        ([TAKEN, step(9, "done")], 10),
        ([step(9, "done"), TAKEN], 10),
        ([TAKEN, undo(4, 1)], 5),
        ([step(1, "noted", turn=3)], 4),
        ([step(1, "taken", turn=None)], 1),
    ],
)
def test_the_next_turn_is_after_everything_seen(steps, turn):
    assert turns.next_turn(steps) == turn


def test_control_a_turn_counted_from_steps_that_count_would_come_again():
    steps = [TAKEN, undo(2, 1)]
    assert turns.next_turn(rules.effective(steps)) == TAKEN["turn"] != turns.next_turn(steps)


@pytest.mark.parametrize(
    ("steps", "undone", "may"),
    [
        ([TAKEN], TAKEN, True),
        ([TAKEN, DONE], DONE, True),
        ([TAKEN, DONE], TAKEN, False),  # something stands on it
        ([TAKEN, DONE, undo(3, 2)], DONE, False),  # it is undone
        ([TAKEN, DONE, undo(3, 2)], TAKEN, True),  # nothing stands on it any more
        ([TAKEN, undo(2, 1)], undo(2, 1), False),  # undoing is not undone
        ([TAKEN, step(2, "noted")], step(2, "noted"), False),  # a note moves nothing
        ([TAKEN, step(2, "noted")], TAKEN, True),
        ([], TAKEN, False),
    ],
)
def test_only_the_newest_step_that_counts_is_undone(steps, undone, may):
    for order in permutations(steps):
        assert rules.may_undo(order, undone) is may
        assert may_be_undone(order, undone) is may


def may_be_undone(steps: Sequence[Row], undone: Row) -> bool:
    try:
        rules.check_may_undo(steps, undone)
    except Refused as refused:
        return (refused.code, refused.values) != ("undo_not_now", {"step": undone["kind"]})
    return True


def test_control_the_order_of_arrival_would_undo_another(monkeypatch):
    monkeypatch.setattr(rules, "effective", unsorted)
    assert not rules.may_undo([DONE, TAKEN], DONE)


OUT_OF_TURN = "step_out_of_turn"


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([], []),
        ([TAKEN, TO_IDRIS, step(3, "done"), step(4, "reopened"), step(5, "taken")], []),
        ([TAKEN, step(2, "taken", by_whom=IDRIS)], [("taken_twice", "taken")]),
        ([TAKEN, step(2, "taken"), step(3, "taken")], [("taken_twice", "taken")] * 2),
        ([TAKEN, DONE, step(3, "taken")], [("taken_twice", "taken")]),
        ([TAKEN, DONE, step(3, "done")], [(OUT_OF_TURN, "done")]),
        ([TAKEN, ASIDE, step(3, "done")], [(OUT_OF_TURN, "done")]),
        ([TAKEN, DONE, step(3, "set_aside")], [(OUT_OF_TURN, "set_aside")]),
        ([TAKEN, DONE, step(3, "handed_over", to_whom=IDRIS)], [(OUT_OF_TURN, "handed_over")]),
        ([step(1, "reopened")], [(OUT_OF_TURN, "reopened")]),
        ([TAKEN, DONE, REOPENED, step(4, "reopened")], [(OUT_OF_TURN, "reopened")]),
        ([TAKEN, step(2, "taken"), undo(3, 2)], []),
        ([TAKEN, step(2, "taken"), step(2, "noted"), step(3, "weighed")], [("taken_twice", "taken")]),
    ],
)
def test_what_two_bases_bring_about_together(steps, found):
    assert problems(steps) == [Problem(*one) for one in found]
    assert problems(steps[::-1]) == problems(steps)


def test_every_step_that_moves_a_task_can_be_out_of_turn():
    moving = {kind: [state for state in State if state not in rules.ALLOWED[kind]] for kind in rules.LEADS_TO}
    assert all(moving.values())
    assert set(Step) - set(moving) == {Step.NOTED, Step.UNDONE}


def test_control_if_everything_were_allowed_nothing_would_be_found(monkeypatch):
    monkeypatch.setattr(rules, "ALLOWED", dict.fromkeys(Step, rules.ANY))
    assert problems([TAKEN, step(2, "taken"), step(3, "reopened")]) == []


@pytest.mark.parametrize(
    ("title", "erased", "missing"),
    [
        ("Call back", "", False),
        ("", "", True),
        (None, "", True),
        (None, None, True),
        (None, "words", False),  # its words were erased: there is nothing anybody could add
        (None, "where,words", False),
        (None, "where", True),
        (None, "words_of_others", True),
    ],
)
def test_a_title_is_missing_unless_its_words_were_erased(title, erased, missing):
    found = problems([], title=title, erased=erased)
    assert found == ([Problem("title_missing")] if missing else [])


def test_a_missing_title_stands_beside_the_steps():
    found = problems([TAKEN, step(2, "taken")], title=None)
    assert [one.code for one in found] == ["taken_twice", "title_missing"]


def test_nothing_given_is_changed():
    steps = [DONE, TAKEN, undo(3, 2)]
    before = [dict(one) for one in steps]
    derived(steps), problems(steps), turns.next_turn(steps)
    assert [dict(one) for one in steps] == before
