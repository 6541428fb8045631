"""What people do with tasks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act
from ulinzi.desk import rules
from ulinzi.desk.models import Step, Task
from ulinzi.jobs import actions as jobs
from ulinzi.kernel import ids
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.shapes import Row

Seen = Mapping[str, Sequence[Dot]]


def add_task(*, compartment: str, by: UUID, at: int | None = None, **values: Any) -> UUID:
    rules.check_task(values)
    with ledger.unit("desk.add_task", by=by, at=at) as unit:
        accounts.check_may(by, Act.ADD_TASKS, compartment)
        _check_area(values, compartment)
        task = unit.add(Task, compartment=compartment, number=ledger.NUMBER, **values)
    return task["id"]


def task_id(compartment: str, reference: str) -> UUID:
    """A task from somebody's sheet: the same reference is the same task, so importing twice is importing once."""
    return ids.derived_id("desk.task", reference, compartment=compartment)


def import_tasks(rows: Sequence[dict[str, Any]], *, compartment: str, by: UUID) -> dict[str, int]:
    """Tasks from a sheet, a chunk of checked rows. One that is here is left alone: people may have changed it."""
    done = {"added": 0, "same": 0}
    with ledger.batch() as batch:
        accounts.check_may(by, Act.ADD_TASKS, compartment)
        batch.prefetch(Task.shape, [task_id(compartment, row["reference"]) for row in rows])
        for row in rows:
            done["added" if _import_task(row, compartment=compartment, by=by) else "same"] += 1
    return done


def _import_task(row: dict[str, Any], *, compartment: str, by: UUID) -> bool:
    record = task_id(compartment, row["reference"])
    told = {name: value for name, value in row.items() if name != "reference"}
    try:
        with ledger.unit("desk.import_task", by=by) as unit:
            unit.add(Task, id=record, compartment=compartment, number=row["reference"], **told)
    except Refused as refused:
        if refused.code != "already_here":  # which it also is where it was erased
            raise
        return False
    return True


def edit_task(
    task: UUID,
    *,
    by: UUID,
    seen: Seen | None = None,
    keep_both: bool | Collection[str] = False,
    at: int | None = None,
    **values: Any,
) -> list[str]:
    """Change what the person changed. Where somebody else did too, ledger.Moved shows both and saves nothing.

    `keep_both` names the groups whose value may stand beside another; True is all of them.
    """
    if "title" in values:
        rules.check_task(values)
    beside = _beside(values, keep_both)
    alone = {name: value for name, value in values.items() if name not in beside}
    with ledger.unit("desk.edit_task", by=by, at=at) as unit:
        row = _loaded(unit, task, by, Act.EDIT_TASKS)
        _check_area(values, row["compartment"])
        changed = unit.put(Task, row, seen=seen, **alone) if alone else []
        return changed + (unit.put(Task, row, seen=seen, keep_both=True, **beside) if beside else [])


def _beside(values: Mapping[str, Any], keep_both: bool | Collection[str]) -> dict[str, Any]:
    if isinstance(keep_both, bool):
        return dict(values) if keep_both else {}
    return {name: value for name, value in values.items() if rules.TASK.group_of[name].name in keep_both}


def settle(task: UUID, *, by: UUID, seen: Seen, at: int | None = None, **values: Any) -> None:
    """Choose between two values: a normal write that has seen all of them."""
    with ledger.unit("desk.settle", by=by, at=at) as unit:
        unit.put(Task, _loaded(unit, task, by, Act.EDIT_TASKS), seen=seen, settle=True, **values)


def step(
    task: UUID, kind: rules.Step, *, by: UUID, words: str = "", to: UUID | None = None, at: int | None = None
) -> UUID:
    if kind == rules.Step.UNDONE:
        raise Refused("undo_names_a_step")
    if kind == rules.Step.HANDED_OVER and to is None:
        raise Refused("person_missing", field="to")
    with ledger.unit(f"desk.{kind}", by=by, at=at) as unit:
        row = _loaded(unit, task, by, Act.STEP_TASKS)
        if to is not None:
            _check_other(to, Act.STEP_TASKS, row["compartment"], "to")
        rules.check_may_step(row, kind, words=words)
        return _add(unit, row, kind, by=by, words=words, to_whom=to)["id"]


def undo(task: UUID, undone: UUID, *, by: UUID, words: str = "", at: int | None = None) -> UUID:
    """Undoing is a step: the one undone stays in the timeline, crossed out."""
    with ledger.unit("desk.undone", by=by, at=at) as unit:
        row = _loaded(unit, task, by, Act.STEP_TASKS)
        steps = unit.children(Step, row)
        rules.check_may_undo(steps, unit.load(Step, undone))
        return _add(unit, row, rules.Step.UNDONE, by=by, words=words, undoes=undone)["id"]


def _add(unit: ledger.Unit, task: Row, kind: rules.Step, *, by: UUID, words: str, **act: Any) -> Row:
    spoken = {"words": words.strip()} if words.strip() else {}
    turn = rules.next_turn(unit.children(Step, task))
    return unit.add(Step, root=task, kind=str(kind), claimed_at=unit.at, by_whom=by, turn=turn, **act, **spoken)


def _loaded(unit: ledger.Unit, task: UUID, by: UUID, act: Act) -> Row:
    """The task, for somebody who may do this with it. To whoever may not know of it, it is not here."""
    row = unit.load(Task, task)
    accounts.check_may(by, act, row["compartment"])
    return row


def _check_other(person: UUID, act: Act, compartment: str, field: str) -> None:
    """Whoever is named by somebody else has to be one who may."""
    if not accounts.rights_of(person).may(act, compartment):
        raise Refused("person_may_not", field=field)


def _check_area(values: Mapping[str, Any], compartment: str) -> None:
    area = values.get("area")
    if area is not None and not ids.lives_in(area.bytes, compartment):
        raise Refused("area_elsewhere", field="area")


def erase_words(task: UUID, *, by: UUID, basis: str, second: UUID) -> None:
    """Remove the words of a task and of its steps for ever; that it was there, and when, stays."""
    check_two_persons(by, second)
    with ledger.unit("desk.erase_words", by=by) as unit:
        row = _loaded(unit, task, by, Act.ERASE_WORDS)
        _check_other(second, Act.SEE_TASKS, row["compartment"], "second")
        unit.erase(Task, row, groups=("words",), basis=basis, second=second)
        for one in unit.children(Step, row):
            unit.erase(Step, one, groups=("words",), basis=basis, second=second)
        jobs.ask("ledger.checkpoint", key="erased", by=by)


def erase_task(task: UUID, *, by: UUID, basis: str, second: UUID) -> None:
    """Remove a task and its steps for ever."""
    check_two_persons(by, second)
    with ledger.unit("desk.erase_task", by=by) as unit:
        row = _loaded(unit, task, by, Act.ERASE_WORDS)
        _check_other(second, Act.SEE_TASKS, row["compartment"], "second")
        unit.erase(Task, row, basis=basis, second=second)
        jobs.ask("ledger.checkpoint", key="erased", by=by)


def check_two_persons(by: UUID, second: UUID | None) -> None:
    if second is None or by == second:
        raise Refused("second_person_needed", field="second")
