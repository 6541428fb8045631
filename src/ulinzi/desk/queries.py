"""What people ask about tasks. Each question names who reads: others' tasks are not there, deep words are withheld."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from django.db import connections

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.desk import rules
from ulinzi.desk.models import Erasure, Step, Task
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.history import Change, Event
from ulinzi.ledger.queries import GroupState, Heard
from ulinzi.ledger.shapes import Row, Sensitivity


def open_tasks(reader: Rights, *, limit: int = 200) -> list[Row]:
    """Unfinished tasks, the next promise first; those without a date come last."""
    return _rows(
        "compartment IN ({}) AND state IN (%s, %s) ORDER BY due_at IS NULL, due_at, id LIMIT %s",
        reader,
        [*sorted(rules.UNFINISHED), limit],
    )


def finished_tasks(reader: Rights, *, limit: int = 50) -> list[Row]:
    # As an expression the state has no index: that of the time is gone through from its newest end, and most tasks
    # that there are, finished long ago, are neither read nor sorted.
    return _rows(
        "compartment IN ({}) AND state || '' IN (%s, %s) ORDER BY finished_at DESC, id LIMIT %s",
        reader,
        [*sorted(rules.FINISHED), limit],
    )


def owned(reader: Rights, *, limit: int = 200) -> list[Row]:
    """What the reader has, the next promise first."""
    return _rows(
        "compartment IN ({}) AND state = %s AND owner = %s ORDER BY due_at IS NULL, due_at, id LIMIT %s",
        reader,
        [rules.State.TAKEN, *_as_stored(reader), limit],
    )


def late_and_loose(reader: Rights, *, now: int, limit: int = 200) -> list[Row]:
    """Promises that were not kept and that nobody has, where the reader could take them."""
    return _rows(
        "compartment IN ({}) AND state = %s AND due_at < %s ORDER BY due_at, id LIMIT %s",
        reader,
        [rules.State.OPEN, now, limit],
        act=Act.STEP_TASKS,
    )


def torn(reader: Rights, *, limit: int = 200) -> list[Row]:
    """Tasks with two values, where the reader could say which holds; their own first."""
    return _rows(
        # Said with CASE: where nobody has it the comparison is null, which PostgreSQL would put first.
        "compartment IN ({}) AND conflict ORDER BY CASE WHEN owner = %s THEN 0 ELSE 1 END, id DESC LIMIT %s",
        reader,
        [*_as_stored(reader), limit],
        act=Act.EDIT_TASKS,
    )


def _as_stored(reader: Rights) -> list[object]:
    return tables.id_params(node.current(), [reader.person])


def _rows(where: str, reader: Rights, rest: Sequence[object], *, act: Act | None = None) -> list[Row]:
    """`act`: only where the reader could also do this."""
    held = [one for one in seen_by(reader) if act is None or reader.may(act, one)]
    if not held:
        return []
    found = tables.read(node.current(), Task.shape, where.format(_marks(held)), [*held, *rest])
    return [_open_to(reader, row) for row in found]


def seen_by(reader: Rights) -> list[str]:
    """The compartments whose tasks a person may know of."""
    return reader.where(Act.SEE_TASKS, ledger_queries.compartments())


def _open_to(reader: Rights, row: Row) -> Row:
    return withhold(Task.shape, row, reader, Act.SEE_TASKS)


def counts(reader: Rights, *, now: int) -> dict[str, int]:
    """Open, late and in conflict: the sentence at the head of the page."""
    held, unfinished = seen_by(reader), sorted(rules.UNFINISHED)
    if not held:
        return {"open": 0, "late": 0, "conflict": 0}
    within, states = f"compartment IN ({_marks(held)})", f"state IN ({_marks(unfinished)})"
    asked = (f"{within} AND {states}", f"{within} AND {states} AND due_at < %s", f"{within} AND conflict")
    counts = ", ".join(f"(SELECT COUNT(*) FROM {_table()} WHERE {one})" for one in asked)
    values = [*held, *unfinished, *held, *unfinished, now, *held]
    return dict(zip(("open", "late", "conflict"), ledger_queries.read(f"SELECT {counts}", values)[0], strict=True))


def next_promise(reader: Rights, *, now: int) -> int | None:
    """When the next one falls due that can still be kept, however many late ones stand before it."""
    held, unfinished = seen_by(reader), sorted(rules.UNFINISHED)
    if not held:
        return None
    where = f"compartment IN ({_marks(held)}) AND state IN ({_marks(unfinished)}) AND due_at >= %s"
    sql = f"SELECT MIN(due_at) FROM {_table()} WHERE {where}"
    found: int | None = ledger_queries.read(sql, [*held, *unfinished, now])[0][0]
    return found


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _table() -> str:
    return tables.table(Task.shape).name


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
    last = last_step(steps(record))
    return last["id"] if last else None


def last_step(taken: Sequence[Row]) -> Row | None:
    """Of these steps the last one that counts: the one that may be undone."""
    counting = rules.effective(taken)
    return counting[-1] if counting else None


def history(row: Row, reader: Rights, taken: Sequence[Row]) -> list[Event]:
    """What happened to a task that the reader may know of and to its steps, without the words that lie deeper than
    they see.
    """
    found = ledger_queries.history(Task.shape.label, row["id"], [step["id"] for step in taken])
    return [_event_open_to(reader, row, one) for one in found]


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


def groups(row: Row, reader: Rights, found: dict[str, GroupState] | None = None) -> dict[str, GroupState]:
    """The values that stand in each group of a task, as far as the reader sees; `found`, if they were read already."""
    every = ledger_queries.groups_of(Task.shape.label, row["id"], row) if found is None else found
    return {name: one for name, one in every.items() if name not in row["withheld"]}


# Erasing: what somebody asks for and somebody else decides on. Read by those alone who may decide, words and all.


def erasure(record: UUID) -> Row:
    found = tables.by_ids(node.current(), Erasure.shape, [record])
    if not found:
        raise NotFound("record_not_found", record=str(record))
    return found[0]


def erasures(reader: Rights, *, now: int) -> list[Row]:
    """What waits, or was declined, in the last days, where the reader may decide or may have asked; oldest first."""
    if not (reader.may_anywhere(Act.ERASE_WORDS) or reader.may_anywhere(Act.ERASE_NAMES)):
        return []
    where = "asked_at >= %s AND (decision IS NULL OR decision = %s) ORDER BY asked_at, id LIMIT %s"
    found = tables.read(node.current(), Erasure.shape, where, [now - rules.ERASURE_HOLDS, rules.DECLINED, 200])
    return [row for row in found if rules.may_erase(reader, row)]


def erasures_about(record: UUID, reader: Rights) -> list[Row]:
    """Everything that was ever asked about a task or a name, the newest first."""
    return [row for row in _about(record) if rules.may_erase(reader, row)]


def erasure_waiting(record: UUID, *, now: int) -> Row | None:
    return next((row for row in _about(record) if rules.erasure_waits(row, now)), None)


def _about(record: UUID) -> list[Row]:
    here = node.current()
    where = "task_id = %s OR whose = %s ORDER BY asked_at DESC, id DESC LIMIT %s"
    return tables.read(here, Erasure.shape, where, [*tables.id_params(here, [record, record]), 100])


# Promises that fell due, counted.

OUTCOMES = ("kept", "told_late", "late", "set_aside", "taken", "open")
"""Of a promise whose time is over. `told_late`: said to be kept, and written down only well after the promise.
`taken` and `open` are unfinished; about the open ones nothing at all is written."""


class Promises(NamedTuple):
    """How many of one kind, in one place and one span of time, had one outcome."""

    compartment: str
    basis: str  # empty where nobody said why it is due
    span: int
    outcome: str
    many: int


def promises(reader: Rights, bounds: Sequence[int], *, late_note: int) -> list[Promises]:
    """Promises that fell due in each span [bounds[n], bounds[n + 1]), by place, kind and what came of them.

    Written down more than `late_note` after the promise, a step proves nothing about it.
    """
    held = counted_in(reader)
    if not held or bounds[0] >= bounds[-1]:
        return []
    told = Counter(_counted(_DUE, _OUTCOME, held, bounds))
    # A task that was done, undone and done again at the same claimed time has several such steps.
    for key, count in _counted(_told_late(late_note), "1", held, bounds, "COUNT(DISTINCT t.id)").items():
        told[key] += count
        told[key - 1] -= count  # they were counted as kept, which stands just before
    return [_unpacked(key, count, held) for key, count in sorted(told.items()) if count > 0]


def counted_in(reader: Rights) -> list[str]:
    """Where the reader may know of tasks, and see the fields that a count is made of."""
    return [one for one in seen_by(reader) if reader.sees(Sensitivity.RESTRICTED, Act.SEE_TASKS, one)]


_DUE = "desk_task t WHERE t.due_at IS NOT NULL"
_OUTCOME = (
    "CASE WHEN t.state = 'done' AND t.finished_at <= t.due_at THEN 0 WHEN t.state = 'done' THEN 2"
    " WHEN t.state = 'set_aside' THEN 3 WHEN t.state = 'taken' THEN 4 ELSE 5 END"
)
# The id of a step begins with the milliseconds at which it was written down, whatever it claims. First the few steps
# that were written down late, then their tasks: the other way round costs three times as much.
_TOLD_LATE = (
    "desk_step s CROSS JOIN desk_task t WHERE s.kind = 'done' AND {after_claim} AND t.id = s.root_id"
    " AND t.state = 'done' AND t.finished_at <= t.due_at AND s.claimed_at = t.finished_at AND {after_due}"
)
_WRITTEN_AFTER = {
    "sqlite": "s.id > printf('%%012x', max({at}, 0) / 1000 + {late})",
    "postgresql": "replace(s.id::text, '-', '') COLLATE \"C\""
    " > lpad(to_hex(greatest({at}, 0) / 1000 + {late}), 12, '0')",
}


def _told_late(late_note: int) -> str:
    # The next millisecond: an id goes on after its time, and so is greater than its own beginning.
    after, late = _WRITTEN_AFTER[connections[node.current().alias].vendor], late_note // 1000 + 1
    return _TOLD_LATE.format(
        after_claim=after.format(at="s.claimed_at", late=late), after_due=after.format(at="t.due_at", late=late)
    )


def _counted(
    rows: str, outcome: str, held: Sequence[str], bounds: Sequence[int], many: str = "COUNT(*)"
) -> dict[int, int]:
    """One whole number says place, kind, span and outcome: the database sorts it in half the time of four columns."""
    span = _span("t.due_at", bounds, 0, len(bounds) - 1)
    kind = _place("t.due_basis", [f"'{one}'" for one in rules.DUE_BASIS])
    home = _place("t.compartment", ["%s"] * len(held))
    kinds, outcomes = len(rules.DUE_BASIS) + 1, len(OUTCOMES)
    key = f"((({span}) * {kinds} + {kind}) * {len(held) + 1} + {home}) * {outcomes} + {outcome}"
    within = f"t.compartment IN ({_marks(held)}) AND t.due_at >= {bounds[0]} AND t.due_at < {bounds[-1]}"
    sql = f"SELECT {key} AS packed, {many} FROM {rows} AND {within} GROUP BY 1"
    return {int(key): int(count) for key, count in ledger_queries.read(sql, [*held, *held])}


def _span(column: str, bounds: Sequence[int], low: int, high: int) -> str:
    """Which span a moment lies in, halving: exact where a day of the mission has 23 hours, which dividing is not."""
    if high - low <= 1:
        return str(low)
    middle = (low + high) // 2
    below, above = _span(column, bounds, low, middle), _span(column, bounds, middle, high)
    return f"CASE WHEN {column} < {bounds[middle]} THEN {below} ELSE {above} END"


def _place(column: str, listed: Sequence[str]) -> str:
    """Where a code stands in a list; after its end if it does not."""
    cases = " ".join(f"WHEN {one} THEN {place}" for place, one in enumerate(listed))
    return f"CASE {column} {cases} ELSE {len(listed)} END"


def _unpacked(key: int, many: int, held: Sequence[str]) -> Promises:
    key, outcome = divmod(key, len(OUTCOMES))
    key, home = divmod(key, len(held) + 1)
    span, kind = divmod(key, len(rules.DUE_BASIS) + 1)
    return Promises(held[home], (*rules.DUE_BASIS, "")[kind], span, OUTCOMES[outcome], many)


def heard(reader: Rights) -> list[Heard]:
    """How far what is here reaches: when each place was last written to, by this machine and by others."""
    return ledger_queries.heard(counted_in(reader))
