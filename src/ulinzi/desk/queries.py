"""What people ask about tasks. Every question names the compartments it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from ulinzi.desk import rules
from ulinzi.desk.models import Step, Task
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger.shapes import Row


def open_tasks(compartments: Sequence[str], *, limit: int = 200) -> list[Row]:
    """Unfinished tasks, the next promise first; those without a date come last."""
    return _rows(
        "compartment IN ({}) AND state IN (%s, %s) ORDER BY due_at IS NULL, due_at, id LIMIT %s",
        compartments,
        [*sorted(rules.UNFINISHED), limit],
    )


def finished_tasks(compartments: Sequence[str], *, limit: int = 50) -> list[Row]:
    return _rows(
        "compartment IN ({}) AND state IN (%s, %s) ORDER BY finished_at DESC, id LIMIT %s",
        compartments,
        [*sorted(rules.FINISHED), limit],
    )


def _rows(where: str, compartments: Sequence[str], rest: Sequence[object]) -> list[Row]:
    if not compartments:
        return []
    marks = ", ".join(["%s"] * len(compartments))
    return tables.read(node.current(), Task.shape, where.format(marks), [*compartments, *rest])


def counts(compartments: Sequence[str], *, now: int) -> dict[str, int]:
    """Open, late and in conflict: the sentence at the head of the page."""
    unfinished = Task.objects.filter(compartment__in=compartments, state__in=sorted(rules.UNFINISHED))
    return {
        "open": unfinished.count(),
        "late": unfinished.filter(due_at__lt=now).count(),
        "conflict": Task.objects.filter(compartment__in=compartments, conflict=True).count(),
    }


def task(record: UUID, compartments: Sequence[str]) -> Row:
    """One task, or NotFound: not here and not yours look the same."""
    found = tables.by_ids(node.current(), Task.shape, [record])
    if not found or found[0]["compartment"] not in compartments:
        raise NotFound("record_not_found", record=str(record))
    return found[0]


def tasks(records: Iterable[UUID], compartments: Sequence[str]) -> dict[UUID, Row]:
    """Those of them that are tasks, are here and are asked for."""
    found = tables.by_ids(node.current(), Task.shape, set(records))
    return {row["id"]: row for row in found if row["compartment"] in compartments}


def steps(record: UUID) -> list[Row]:
    """All steps in turn, the undone ones too."""
    found = tables.by_ids(node.current(), Step.shape, [record], column="root_id")
    return sorted(found, key=lambda step: (step["turn"] or 0, step["claimed_at"] or 0, step["id"]))


def undoable(record: UUID) -> UUID | None:
    """The step that may be undone now."""
    counting = rules.effective(steps(record))
    return counting[-1]["id"] if counting else None
