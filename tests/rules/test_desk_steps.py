"""Which step may be written in which state, and with which words: the whole table, written out by hand."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from types import ModuleType

import pytest

from ulinzi.desk import rules
from ulinzi.desk.rules import State, Step, What
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Row

STATES = (State.OPEN, State.TAKEN, State.DONE, State.SET_ASIDE)
# One sign a state, in the order above: y may be written, - may not.
TABLE = {
    Step.TAKEN: "y---",
    Step.HANDED_OVER: "yy--",
    Step.NOTED: "yyyy",
    Step.DONE: "yy--",
    Step.SET_ASIDE: "yy--",
    Step.REOPENED: "--yy",
    Step.UNDONE: "yyyy",
}
WORDS = {
    Step.TAKEN: False,
    Step.HANDED_OVER: False,
    Step.NOTED: True,
    Step.DONE: False,
    Step.SET_ASIDE: True,
    Step.REOPENED: True,
    Step.UNDONE: False,
}
LEADS_TO = {
    Step.TAKEN: State.TAKEN,
    Step.HANDED_OVER: State.TAKEN,
    Step.NOTED: None,
    Step.DONE: State.DONE,
    Step.SET_ASIDE: State.SET_ASIDE,
    Step.REOPENED: State.OPEN,
    Step.UNDONE: None,
}
CELLS = [(kind, state, TABLE[kind][place] == "y") for kind in TABLE for place, state in enumerate(STATES)]


def task(state: State) -> Row:
    return Row(state=str(state), title="Call back", erased="")


def refusal(kind: Step, state: State, words: str) -> str:
    """The code, or nothing where the step may be written."""
    try:
        rules.check_may_step(task(state), kind, words=words)
    except Refused as refused:
        return refused.code
    return ""


def wrong_cells() -> list[tuple[Step, State]]:
    """Where the rules and the table differ, in either of the pair."""
    answered = [(kind, state) for kind, state, may in CELLS if rules.may_step(task(state), kind) != may]
    raised = [(kind, state) for kind, state, may in CELLS if (refusal(kind, state, "Because.") == "") != may]
    return answered + raised


def wrong_words(words: str) -> list[Step]:
    """Steps that ask for words where they should not, or do not where they should."""
    expected = {kind: "words_missing" if WORDS[kind] and not words.strip() else "" for kind in WORDS}
    return [kind for kind in WORDS if refusal(kind, STATES[TABLE[kind].index("y")], words) != expected[kind]]


def enums_of(module: ModuleType) -> set[type[enum.Enum]]:
    """The enumerations a module declares itself."""
    found = [one for one in vars(module).values() if isinstance(one, enum.EnumMeta)]
    return {one for one in found if one.__module__ == module.__name__}


def not_covered(steps: Iterable[Step], states: Iterable[State]) -> list[str]:
    """Members without a place, by name: the two enumerations share words, and equal words are equal members."""
    placed = {f"{type(one).__name__}.{one.name}" for one in (*steps, *states)}
    return sorted({f"{one.__name__}.{name}" for one in (Step, State) for name in one.__members__} - placed)


def test_every_member_of_every_enumeration_has_its_place_in_the_tables():
    # What may be asked to be erased has tables of its own.
    assert enums_of(rules) == {Step, State, What}
    for table in (TABLE, WORDS, LEADS_TO):
        assert not_covered(table, STATES) == []
    assert {len(row) for row in TABLE.values()} == {len(STATES)} == {len(set(State))}


def test_control_a_member_without_a_place_is_found():
    assert not_covered(set(TABLE) - {Step.NOTED}, STATES) == ["Step.NOTED"]
    assert not_covered(TABLE, STATES[:-1]) == ["State.SET_ASIDE"]


def test_every_step_in_every_state():
    assert len(CELLS) == len(Step) * len(State)
    assert wrong_cells() == []


@pytest.mark.parametrize(("kind", "state", "may"), CELLS)
def test_control_a_rule_that_answers_otherwise_is_found(monkeypatch, kind, state, may):
    other = rules.ALLOWED[kind] ^ {state}
    monkeypatch.setattr(rules, "ALLOWED", {**rules.ALLOWED, kind: other})
    assert wrong_cells() == [(kind, state)] * 2


@pytest.mark.parametrize(("kind", "state", "may"), [cell for cell in CELLS if not cell[2]])
def test_a_refused_step_says_which_and_why(kind, state, may):
    with pytest.raises(Refused) as refused:
        rules.check_may_step(task(state), kind, words="Because.")
    assert refused.value.code == "step_not_now"
    assert refused.value.values == {"step": str(kind), "state": str(state)}


@pytest.mark.parametrize("words", ["", "   ", "\n\t", "Nobody there.", " Nobody there. "])
def test_steps_that_need_words(words):
    assert wrong_words(words) == []


def test_missing_words_name_the_field():
    with pytest.raises(Refused) as refused:
        rules.check_may_step(task(State.OPEN), Step.NOTED, words=" ")
    assert refused.value.values == {"field": "words", "step": "noted"}


def test_the_state_comes_before_the_words():
    assert refusal(Step.REOPENED, State.OPEN, "") == "step_not_now"


@pytest.mark.parametrize("kind", list(Step))
def test_control_another_need_of_words_is_found(monkeypatch, kind):
    monkeypatch.setattr(rules, "NEEDS_WORDS", rules.NEEDS_WORDS ^ {kind})
    assert wrong_words("") == [kind]


def test_the_state_a_step_leaves_behind():
    assert {kind: rules.LEADS_TO.get(kind) for kind in Step} == LEADS_TO


def test_control_a_step_that_leads_elsewhere_is_found(monkeypatch):
    monkeypatch.setattr(rules, "LEADS_TO", {**rules.LEADS_TO, Step.DONE: State.SET_ASIDE})
    assert {kind: rules.LEADS_TO.get(kind) for kind in Step} != LEADS_TO


def test_a_state_is_finished_or_it_is_not():
    assert {State.DONE, State.SET_ASIDE} == rules.FINISHED
    assert {State.OPEN, State.TAKEN} == rules.UNFINISHED
    assert rules.FINISHED | rules.UNFINISHED == rules.ANY == set(State)
    assert not rules.FINISHED & rules.UNFINISHED


def test_every_allowed_state_can_be_reached():
    """From an open task, by steps that may be written."""
    reached, waiting = set(), [State.OPEN]
    while waiting:
        state = waiting.pop()
        reached.add(state)
        onward = {LEADS_TO[kind] for kind in Step if rules.may_step(task(state), kind)} - {None}
        waiting += [one for one in onward if one not in reached]
    assert reached == set(State)


@pytest.mark.parametrize("title", ["Call back", " x "])
def test_a_task_with_a_title_passes(title):
    rules.check_task({"title": title})


@pytest.mark.parametrize("values", [{}, {"title": None}, {"title": ""}, {"title": " \t"}, {"detail": "Call back"}])
def test_control_a_task_without_a_title_is_refused(values):
    with pytest.raises(Refused) as refused:
        rules.check_task(values)
    assert (refused.value.code, refused.value.values) == ("title_missing", {"field": "title"})


def field_of(shape: rules.Shape, name: str) -> rules.Field:
    return shape.field[name]


def test_the_form_and_the_rules_know_the_same_codes():
    assert field_of(rules.STEP, "kind").choices == tuple(Step)
    assert field_of(rules.TASK, "urgency").choices == rules.TASK.group("urgency").scale == rules.URGENCY
    assert field_of(rules.TASK, "tiers").choices == rules.TIERS
    assert field_of(rules.TASK, "due_basis").choices == rules.DUE_BASIS


@pytest.mark.parametrize(("low", "high"), [("routine", "soon"), ("soon", "now"), ("now", "at_once"), (None, "routine")])
def test_urgency_rises_and_what_we_do_not_know_ranks_highest(low, high):
    group = rules.TASK.group("urgency")
    assert group.rank({7: low}) < group.rank({7: high})


def test_control_a_code_nobody_knows_is_not_a_choice():
    assert not field_of(rules.TASK, "urgency").knows("at_once")
    assert field_of(rules.TASK, "urgency").knows("now")
