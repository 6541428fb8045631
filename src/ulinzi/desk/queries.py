"""What people ask about tasks. Each question names who reads: others' tasks are not there, deep words are withheld."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.desk import rules
from ulinzi.desk.models import Step, Task
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.history import Change, Event
from ulinzi.ledger.queries import GroupState
from ulinzi.ledger.shapes import Row, Sensitivity


def open_tasks(reader: Rights, *, limit: int = 200) -> list[Row]:
    """Unfinished tasks, the next promise first; those without a date come last."""
    return _rows(
        "compartment IN ({}) AND state IN (%s, %s) ORDER BY due_at IS NULL, due_at, id LIMIT %s",
        reader,
        [*sorted(rules.UNFINISHED), limit],
    )


def finished_tasks(reader: Rights, *, limit: int = 50) -> list[Row]:
    return _rows(
        "compartment IN ({}) AND state IN (%s, %s) ORDER BY finished_at DESC, id LIMIT %s",
        reader,
        [*sorted(rules.FINISHED), limit],
    )


def _rows(where: str, reader: Rights, rest: Sequence[object]) -> list[Row]:
    held = seen_by(reader)
    if not held:
        return []
    marks = ", ".join(["%s"] * len(held))
    found = tables.read(node.current(), Task.shape, where.format(marks), [*held, *rest])
    return [_open_to(reader, row) for row in found]


def seen_by(reader: Rights) -> list[str]:
    """The compartments whose tasks a person may know of."""
    return reader.where(Act.SEE_TASKS, ledger_queries.compartments())


def _open_to(reader: Rights, row: Row) -> Row:
    return withhold(Task.shape, row, reader, Act.SEE_TASKS)


def counts(reader: Rights, *, now: int) -> dict[str, int]:
    """Open, late and in conflict: the sentence at the head of the page."""
    held = seen_by(reader)
    unfinished = Task.objects.filter(compartment__in=held, state__in=sorted(rules.UNFINISHED))
    return {
        "open": unfinished.count(),
        "late": unfinished.filter(due_at__lt=now).count(),
        "conflict": Task.objects.filter(compartment__in=held, conflict=True).count(),
    }


def task(record: UUID, reader: Rights) -> Row:
    """One task, or NotFound: not here and not yours look the same."""
    found = tasks([record], reader)
    if not found:
        raise NotFound("record_not_found", record=str(record))
    return found[record]


def tasks(records: Iterable[UUID], reader: Rights) -> dict[UUID, Row]:
    """Those of them that are tasks, are here and may be known of."""
    found = tables.by_ids(node.current(), Task.shape, set(records))
    return {row["id"]: _open_to(reader, row) for row in found if reader.may(Act.SEE_TASKS, row["compartment"])}


def steps(record: UUID) -> list[Row]:
    """All steps in turn, the undone ones too."""
    found = tables.by_ids(node.current(), Step.shape, [record], column="root_id")
    return sorted(found, key=lambda step: (step["turn"] or 0, step["claimed_at"] or 0, step["id"]))


def undoable(record: UUID) -> UUID | None:
    """The step that may be undone now."""
    counting = rules.effective(steps(record))
    return counting[-1]["id"] if counting else None


def history(record: UUID, reader: Rights) -> list[Event]:
    """What happened to a task, without the words that lie deeper than the reader sees."""
    row = task(record, reader)
    return [_event_open_to(reader, row, one) for one in ledger_queries.history(Task.shape.label, record)]


def _event_open_to(reader: Rights, row: Row, event: Event) -> Event:
    """The reason of an entry is somebody's words too."""
    changes = [one if _sees(reader, row, one) else replace(one, values=None, withheld=True) for one in event.changes]
    deep = not reader.sees(Sensitivity.CONFIDENTIAL, Act.SEE_TASKS, row["compartment"])
    erasures = [replace(one, basis="") for one in event.erasures] if deep else event.erasures
    return replace(event, changes=changes, erasures=erasures, reason="" if deep else event.reason)


def _sees(reader: Rights, row: Row, change: Change) -> bool:
    shape = {Task.shape.label: Task.shape, Step.shape.label: Step.shape}.get(change.label)
    if shape is None or not change.group:
        return True  # nothing of it can be read by anybody
    return reader.sees(shape.group(change.group).sensitivity, Act.SEE_TASKS, row["compartment"])


def groups(row: Row, reader: Rights) -> dict[str, GroupState]:
    """The values that stand in each group of a task, as far as the reader sees."""
    found = ledger_queries.groups_of(Task.shape.label, row["id"])
    return {name: one for name, one in found.items() if name not in row["withheld"]}
