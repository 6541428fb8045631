"""What people do with tasks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.models import Person
from ulinzi.accounts.rules import EVERYWHERE, Act
from ulinzi.desk import queries, rules
from ulinzi.desk.models import Erasure, Step, Task
from ulinzi.jobs import actions as jobs
from ulinzi.kernel import ids, turns
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import queries as ledger_queries
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
        row = _loaded(unit, task, by, rules.act_of(kind))
        if to is not None:
            _check_other(to, Act.STEP_TASKS, row["compartment"], "to")
        rules.check_may_step(row, kind, words=words)
        return _add(unit, row, kind, by=by, words=words, to_whom=to)["id"]


def undo(task: UUID, undone: UUID, *, by: UUID, words: str = "", at: int | None = None) -> UUID:
    """Undoing is a step: the one undone stays in the timeline, crossed out."""
    with ledger.unit("desk.undone", by=by, at=at) as unit:
        row, last = _loaded(unit, task, by, Act.NOTE_TASKS), unit.load(Step, undone)
        rules.check_may_undo(unit.children(Step, row), last)
        accounts.check_may(by, rules.act_of(rules.Step(last["kind"])), row["compartment"])
        return _add(unit, row, rules.Step.UNDONE, by=by, words=words, undoes=undone)["id"]


def _add(unit: ledger.Unit, task: Row, kind: rules.Step, *, by: UUID, words: str, **act: Any) -> Row:
    spoken = {"words": words.strip()} if words.strip() else {}
    turn = turns.next_turn(unit.children(Step, task))
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


# Erasing. Each of the three is done by whoever agrees; `second` is who asked for it.


def ask_erasure(what: rules.What, about: UUID, *, by: UUID, basis: str, at: int | None = None) -> UUID:
    """Somebody wants words, a task or a name gone. Nothing goes before somebody else has agreed."""
    if not basis.strip():
        raise Refused("erasure_needs_basis", field="basis")
    with ledger.unit("desk.ask_erasure", by=by, at=at) as unit:
        row = _named(unit, about, by) if what == rules.What.NAME else _loaded(unit, about, by, Act.ERASE_WORDS)
        if queries.erasure_waiting(about, now=unit.at):
            raise Refused("erasure_asked_already")
        told = {"whose" if what == rules.What.NAME else "task": about, "basis": basis.strip()}
        told |= {"what": str(what), "asked_by": by, "asked_at": unit.at}
        return unit.add(Erasure, compartment=row["compartment"], **told)["id"]


def confirm_erasure(asked: UUID, *, by: UUID, at: int | None = None) -> Row:
    """Agree, and erase: one act, so that nothing is agreed to and left standing. The request as it was."""
    found = queries.erasure(asked)
    about, told = found["whose"] or found["task"], {"by": by, "basis": found["basis"], "second": found["asked_by"]}
    erase, action = _ERASE[rules.What(found["what"])]
    with ledger.unit(action, by=by, at=at) as unit:
        row = _decided(unit, asked, by)
        rules.check_two_persons(by, row["asked_by"], row["whose"])
        erase(about, **told)
        unit.put(Erasure, row, decided_by=by, decided_at=unit.at, decision=rules.CONFIRMED)
    return found


def decline_erasure(asked: UUID, *, by: UUID, reason: str, at: int | None = None) -> Row:
    """No, and why. Who asked takes it back in the same way."""
    if not reason.strip():
        raise Refused("reason_missing", field="reason")
    with ledger.unit("desk.decline_erasure", by=by, at=at) as unit:
        row = _decided(unit, asked, by)
        told = {"decided_by": by, "decided_at": unit.at, "decision": rules.DECLINED, "reason": reason.strip()}
        unit.put(Erasure, row, **told)
        return row


def _decided(unit: ledger.Unit, asked: UUID, by: UUID) -> Row:
    """The request, for somebody who may decide on it now."""
    row = unit.load(Erasure, asked)
    place = EVERYWHERE if row["what"] == rules.What.NAME else row["compartment"]
    accounts.check_may(by, rules.act_that_erases(row["what"]), place)
    rules.check_waits(row, unit.at)
    return row


def erase_words(task: UUID, *, by: UUID, basis: str, second: UUID) -> None:
    """Remove the words of a task and of its steps for ever; that it was there, and when, stays."""
    rules.check_two_persons(by, second)
    with ledger.unit("desk.erase_words", by=by) as unit:
        row = _loaded(unit, task, by, Act.ERASE_WORDS)
        _check_agreed(unit, task, rules.What.WORDS, by, second)
        unit.erase(Task, row, groups=("words",), basis=basis, second=second)
        for one in unit.children(Step, row):
            unit.erase(Step, one, groups=("words",), basis=basis, second=second)
        jobs.ask("ledger.checkpoint", key="erased", by=by)


def erase_task(task: UUID, *, by: UUID, basis: str, second: UUID) -> None:
    """Remove a task and its steps for ever."""
    rules.check_two_persons(by, second)
    with ledger.unit("desk.erase_task", by=by) as unit:
        row = _loaded(unit, task, by, Act.ERASE_WORDS)
        _check_agreed(unit, task, rules.What.TASK, by, second)
        unit.erase(Task, row, basis=basis, second=second)
        jobs.ask("ledger.checkpoint", key="erased", by=by)


def erase_name(person: UUID, *, by: UUID, basis: str, second: UUID) -> None:
    """Take a name off everything, for ever: off the person, and off every entry of every compartment held here.

    What was written stays, and nobody wrote it. Only of somebody who has left, and not of oneself.
    """
    rules.check_two_persons(by, second, person)
    with ledger.unit("accounts.erase_name", by=by) as unit:
        row = _named(unit, person, by)
        _check_agreed(unit, person, rules.What.NAME, by, second)
        unit.erase(Person, row, groups=("name",), basis=basis, second=second)
        for compartment in ledger_queries.compartments():
            unit.erase_person(person, compartment=compartment, basis=basis, second=second)
        jobs.ask("ledger.checkpoint", key="erased", by=by)


_ERASE: Mapping[rules.What, tuple[Callable[..., None], str]] = {
    rules.What.WORDS: (erase_words, "desk.erase_words"),
    rules.What.TASK: (erase_task, "desk.erase_task"),
    rules.What.NAME: (erase_name, "accounts.erase_name"),
}


def _named(unit: ledger.Unit, person: UUID, by: UUID) -> Row:
    """A person whose name may go."""
    accounts.check_may(by, Act.ERASE_NAMES, EVERYWHERE)
    row = unit.load(Person, person)
    rules.check_two_persons(by, person)
    if row["roles_held"]:
        raise Refused("person_still_holds_roles")
    return row


def _check_agreed(unit: ledger.Unit, about: UUID, what: rules.What, by: UUID, second: UUID) -> None:
    """Not named by somebody else: asked for it under their own name, and still may. The console is one person."""
    if accounts.rights_of(by).all:
        return
    asked = queries.erasure_waiting(about, now=unit.at)
    if asked is None or (asked["asked_by"], asked["what"]) != (second, what):
        raise Refused("erasure_not_asked")
    if not rules.may_erase(accounts.rights_of(second), asked):
        raise Refused("asker_has_left")
