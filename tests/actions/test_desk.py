"""Tasks, as the people who have them see it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.nodes import person, reader
from ulinzi import ledger
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.node import Node

ANA, BORI, CIMO = person("ana"), person("bori"), person("cimo")
NORTH = ["north"]


def add(**values: object) -> object:
    return actions.add_task(compartment="north", by=ANA, **{"title": "Call back Telwa", **values})


def test_a_task_is_added_taken_and_done(node: Node) -> None:
    task = add(urgency="soon", tiers=["dialogue"])
    actions.step(task, rules.Step.TAKEN, by=BORI)
    actions.step(task, rules.Step.DONE, by=BORI, words="Spoke to the chief")
    row = queries.task(task, reader(*NORTH))
    assert (row.number, row.state, row.owner) == ("BEN-1", "done", BORI)
    assert [step.words for step in queries.steps(task)] == [None, "Spoke to the chief"]


def test_a_refused_task_leaves_nothing(node: Node) -> None:
    with pytest.raises(Refused, match="title_missing"):
        add(title="  ")
    assert queries.open_tasks(reader(*NORTH)) == []
    assert ledger_queries.node_state().entries == 0


def test_nobody_takes_what_is_taken(node: Node) -> None:
    task = add()
    actions.step(task, rules.Step.TAKEN, by=ANA)
    with pytest.raises(Refused, match="step_not_now"):
        actions.step(task, rules.Step.TAKEN, by=BORI)
    assert queries.task(task, reader(*NORTH)).owner == ANA


def test_undoing_the_last_step_opens_the_task_again(node: Node) -> None:
    task = add()
    done = actions.step(task, rules.Step.DONE, by=ANA)
    actions.undo(task, done, by=BORI, words="It was another village")
    assert queries.task(task, reader(*NORTH)).state == "open"
    assert len(queries.steps(task)) == 2


def test_two_people_edit_the_same_group(node: Node) -> None:
    task = add()
    form = {name: group.dots for name, group in ledger_queries.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ANA, seen=form, title="Call back Telwa, north side")
    with pytest.raises(ledger.Moved) as moved:
        actions.edit_task(task, by=BORI, seen=form, title="Call back Telwa, south side")
    theirs, mine = moved.value.groups["words"]
    assert (theirs["title"], mine["title"]) == ("Call back Telwa, north side", "Call back Telwa, south side")
    assert queries.task(task, reader(*NORTH)).title == "Call back Telwa, north side"


def test_two_people_edit_different_groups_and_both_stay(node: Node) -> None:
    task = add()
    form = {name: group.dots for name, group in ledger_queries.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ANA, seen=form, title="Call back Telwa at noon")
    assert actions.edit_task(task, by=BORI, seen=form, title="Call back Telwa", due_at=7, due_basis="own") == ["when"]
    row = queries.task(task, reader(*NORTH))
    assert (row.title, row.due_at) == ("Call back Telwa at noon", 7)


def test_two_people_make_the_same_change_and_nobody_is_asked(node: Node) -> None:
    task = add()
    form = {name: group.dots for name, group in ledger_queries.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ANA, seen=form, title="The same")
    assert actions.edit_task(task, by=BORI, seen=form, title="The same") == []
    assert len(ledger_queries.groups_of("desk.Task", task)["words"].leaves) == 1


def test_keeping_both_is_a_conflict_until_somebody_settles_it(node: Node) -> None:
    task = add()
    form = {name: group.dots for name, group in ledger_queries.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ANA, seen=form, title="North side")
    actions.edit_task(task, by=BORI, seen=form, keep_both=True, title="South side")
    assert queries.task(task, reader(*NORTH)).conflict
    assert len(ledger_queries.conflicts(NORTH)) == 1
    both = ledger_queries.groups_of("desk.Task", task)["words"]
    assert {leaf.values["title"] for leaf in both.leaves} == {"North side", "South side"}
    actions.settle(task, by=CIMO, seen={"words": both.dots}, title="North side", detail=None)
    assert not queries.task(task, reader(*NORTH)).conflict
    assert queries.task(task, reader(*NORTH)).title == "North side"
    assert ledger_queries.conflicts(NORTH) == []


def test_both_are_kept_only_of_the_groups_that_were_named(node: Node) -> None:
    task = add(urgency="routine")
    form = {name: group.dots for name, group in ledger_queries.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=ANA, seen=form, title="North side", urgency="now")
    mine = {"title": "South side", "urgency": "soon"}
    with pytest.raises(ledger.Moved) as moved:
        actions.edit_task(task, by=BORI, seen=form, keep_both=["words"], **mine)
    assert list(moved.value.groups) == ["urgency"]
    assert not queries.task(task, reader(*NORTH)).conflict
    assert actions.edit_task(task, by=BORI, seen=form, keep_both=["words", "urgency"], **mine) == ["words", "urgency"]
    assert {one["group"] for one in ledger_queries.conflicts(NORTH)} == {"words", "urgency"}


def test_erased_words_are_gone_from_every_file(node: Node) -> None:
    task = add(detail="CANARY-8841 said so")
    actions.step(task, rules.Step.NOTED, by=ANA, words="CANARY-8842 too")
    actions.erase_words(task, by=ANA, second=BORI, basis="asked by the person")
    row = queries.task(task, reader(*NORTH))
    assert (row.title, row.erased) == (None, "words")
    for path in node.home.rglob("*"):
        assert b"CANARY-884" not in path.read_bytes() if path.is_file() else True


def test_an_erased_task_is_not_found_and_its_steps_neither(node: Node) -> None:
    task = add()
    actions.step(task, rules.Step.TAKEN, by=ANA)
    actions.erase_task(task, by=ANA, second=BORI, basis="entered in the wrong place")
    with pytest.raises(NotFound):
        queries.task(task, reader(*NORTH))
    assert queries.steps(task) == []
    assert ledger_queries.was_erased(task)


@pytest.mark.parametrize("second", [ANA, None])
@pytest.mark.parametrize("erase", [actions.erase_task, actions.erase_words])
def test_nobody_erases_alone(node: Node, erase: Callable[..., None], second: UUID | None) -> None:
    task = add()
    with pytest.raises(Refused, match="second_person_needed"):
        erase(task, by=ANA, second=second, basis="alone")
    assert queries.task(task, reader(*NORTH)).title == "Call back Telwa"


def test_a_task_of_another_compartment_is_not_found(node: Node) -> None:
    with pytest.raises(NotFound):
        queries.task(add(), reader("south"))


def test_the_timeline_says_who_what_when_why(node: Node) -> None:
    task = add()
    actions.step(task, rules.Step.SET_ASIDE, by=BORI, words="Somebody else went")
    events = ledger_queries.history("desk.Task", task)
    assert [(event.actor, event.action) for event in events] == [(ANA, "desk.add_task"), (BORI, "desk.set_aside")]
    assert events[0].changes[0].group == "number" and events[0].changes[0].born
