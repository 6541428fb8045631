"""Tables from entries, in place, by chunks of ids under the writer lock: refold, compare, write what differs.

The same walk without writing is the table check. It can be stopped and started again at any time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from ulinzi.ledger import codec, erase, fold, merge, store, tables
from ulinzi.ledger.fold import Aggregate, Standing
from ulinzi.ledger.merge import Told, Tombs
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import shape_numbered, shapes
from ulinzi.ledger.shapes import Problem, Row, Shape

CHUNK = 100
NIL, LAST = UUID(int=0), UUID(int=2**128 - 1)
Progress = Callable[[int, int], None]
Stop = Callable[[], bool]


@dataclass
class Report:
    records: int = 0
    changed: int = 0
    removed: int = 0
    stopped: bool = False
    differing: list[tuple[str, UUID]] = field(default_factory=list)


def rebuild(
    node: Node, *, progress: Progress | None = None, stop: Stop | None = None, chunk: int = CHUNK, pause: float = 0.0
) -> Report:
    """Write every row that differs from its entries, and take away rows that no entry explains."""
    return _Walk(node, progress, stop, chunk, pause, writing=True).run()


def compare(node: Node, *, progress: Progress | None = None, stop: Stop | None = None) -> Report:
    """The same walk, looking only."""
    return _Walk(node, progress, stop, CHUNK * 5, 0.0, writing=False).run()


class _Walk:
    """First every record by id, then every aggregate: what is derived needs the children to be right."""

    def __init__(
        self, node: Node, progress: Progress | None, stop: Stop | None, chunk: int, pause: float, *, writing: bool
    ) -> None:
        self.node, self.progress, self.stop = node, progress, stop
        self.chunk, self.pause, self.writing = chunk, pause, writing
        self.report = Report()
        self.total = store.rows(node, "SELECT COUNT(*) FROM ledger_part WHERE type = %s", [codec.BIRTH])[0][0]
        self.tombs = False

    def run(self) -> Report:
        self._walk(self._tombstones)
        self.tombs = bool(stored_stones(self.node))
        self._walk(self._records)
        for shape in shapes():
            if shape.children or shape.derived:
                self._walk(partial(self._aggregates, shape))
        return self.report

    def _walk(self, step: Callable[[UUID], UUID | None]) -> None:
        """One chunk, one transaction: others write between them."""
        after: UUID | None = NIL
        while after is not None and not self.report.stopped:
            with self._chunk():
                after = step(after)
            if self.progress:
                self.progress(min(self.report.records, self.total), self.total)
            self.report.stopped = bool(self.stop and self.stop())
            if self.pause:
                time.sleep(self.pause)

    @contextmanager
    def _chunk(self) -> Iterator[None]:
        """One transaction: to write, under the locks of whoever writes; to look, one view of the store and no lock."""
        if not self.writing:
            with store.view(self.node):
                yield
            return
        with transaction.atomic(using=self.node.alias), store.connection(self.node).ledger_opened():
            yield

    # What was erased.

    def _tombstones(self, after: UUID) -> None:
        """Every erasure in the log has its stone, and every stone its erasure."""
        wanted, stored = wanted_stones(self.node), stored_stones(self.node)
        self.report.differing += [("ledger.tombstones", UUID(bytes=stone[2])) for stone in sorted(wanted ^ stored)]
        if self.writing and wanted != stored:
            delete_stones(self.node, stored - wanted)
            store.insert_tombs(self.node, sorted(wanted - stored))

    # Records.

    def _records(self, after: UUID) -> UUID | None:
        births = store.births_between(self.node, after.bytes, self.chunk)
        last = max(births, default=LAST.bytes) if len(births) == self.chunk else LAST.bytes
        self._lock_roots(births)
        standing = self._standing(births)
        for shape in shapes():
            self._compare(shape, standing, after, UUID(bytes=last))
        self._compare_findings(standing, after, UUID(bytes=last))
        self.report.records += len(births)
        return None if last == LAST.bytes else UUID(bytes=last)

    def _lock_roots(self, births: dict[bytes, list[Any]]) -> None:
        """Whoever writes holds the root's row: with all of them held, histories and rows belong together."""
        if not self.writing or store.connection(self.node).vendor != "postgresql":
            return
        roots = {UUID(bytes=body[3] or body[1]) for body in births.values()}
        for shape in shapes():
            if not shape.root:
                tables.by_ids(self.node, shape, roots, lock=True)

    def _standing(self, births: dict[bytes, list[Any]]) -> dict[UUID, Standing]:
        tombs = (
            store.tombs(self.node, {one for body in births.values() for one in body[1::2] if one}) if self.tombs else {}
        )
        found = {}
        for record, told in store.histories(self.node, births).items():
            one = _stand(told, tombs)
            if one is not None:
                found[UUID(bytes=record)] = one
        return found

    def _compare(self, shape: Shape, standing: dict[UUID, Standing], after: UUID, last: UUID) -> None:
        here = tables.base_params(self.node, shape, after, last)
        wrong = []
        for record, one in standing.items():
            if one.shape is shape and here.pop(record, None) != tables.params(self.node, shape, one.row, base=True):
                wrong.append(record)
        rows = {row["id"]: row for row in tables.by_ids(self.node, shape, wrong)} if wrong else {}
        self._put(shape, [fold.row_of(shape, standing[record].folded, rows.get(record)) for record in wrong])
        self._remove(shape, list(here))

    def _put(self, shape: Shape, rows: Sequence[Row]) -> None:
        self.report.changed += len(rows)
        self._differ(shape, [row["id"] for row in rows])
        if self.writing and rows:
            tables.upsert(self.node, shape, rows)
            store.tick(self.node, {row["compartment"] for row in rows})

    def _remove(self, shape: Shape, records: Sequence[UUID]) -> None:
        """Rows that no entry explains; asked again, because a new one may have come since the births were read."""
        gone = [record for record in records if self._unexplained(record)]
        self.report.removed += len(gone)
        self._differ(shape, gone)
        if self.writing:
            tables.delete(self.node, shape, gone)

    def _unexplained(self, record: UUID) -> bool:
        """Asked anew: it may have been born since the births of this chunk were read."""
        births = {record.bytes: merge.owner_of(store.histories(self.node, [record.bytes])[record.bytes])}
        return not self._standing({raw: birth.body for raw, birth in births.items() if birth})

    def _compare_findings(self, standing: dict[UUID, Standing], after: UUID, last: UUID) -> None:
        wanted = fold.merged_findings(standing.values())
        stored = fold.stored_findings(self.node, after, last)
        differ = {record for record in wanted.keys() | stored.keys() if wanted.get(record) != stored.get(record)}
        wrong = {record for record in differ if record in standing or self._unexplained(record)}
        for record in sorted(wrong):
            self.report.differing.append(("ledger.findings", record))
        if self.writing and wrong:
            fold.clear_merged(self.node, wrong)
            again = [standing[record] for record in sorted(wrong) if record in standing]
            fold.write_conflicts(self.node, again)
            fold.write_problems(self.node, [(one.shape, one.row, x) for one in again for x in one.folded.problems], [])

    def _differ(self, shape: Shape, records: Iterable[UUID]) -> None:
        self.report.differing += [(shape.label, record) for record in records]

    # Aggregates.

    def _aggregates(self, shape: Shape, after: UUID) -> UUID | None:
        ids = tables.ids_after(self.node, shape, after, self.chunk)
        found = fold.load_aggregates(self.node, shape, ids, lock=self.writing)
        wrong, problems = [], {}
        for aggregate in found.values():
            changed, problems[aggregate.root] = fold.derive(aggregate)
            if changed and aggregate.row is not None:
                wrong.append(aggregate.row)
        self._put(shape, wrong)
        self._compare_rules(shape, found, problems)
        return ids[-1] if len(ids) == self.chunk else None

    def _compare_rules(self, shape: Shape, found: dict[UUID, Aggregate], problems: dict[UUID, list[Problem]]) -> None:
        stored = fold.stored_breaches(self.node, found)
        wrong = [root for root in found if sorted(map(tuple, problems[root])) != sorted(stored.get(root, []))]
        self._differ(shape, wrong)
        if self.writing and wrong:
            fold.clear_ruled(self.node, wrong)
            rows = [(shape, found[root].row, one) for root in wrong for one in problems[root]]
            fold.write_problems(self.node, [], [(a, row, c) for a, row, c in rows if row is not None])


def wanted_stones(node: Node) -> set[store.Stone]:
    """What the log says was erased."""
    sql = "SELECT f.compartment, p.body FROM ledger_part p JOIN ledger_feed f ON f.no = p.feed WHERE p.type = %s"
    found = store.rows(node, sql, (codec.ERASE,))
    return {stone for compartment, body in found for stone in store.stones_of(compartment, codec.loads(body))}


def stored_stones(node: Node) -> set[store.Stone]:
    sql = 'SELECT DISTINCT scope, compartment, subject, "group" FROM ledger_tombstone'
    return {(scope, compartment, bytes(subject), group) for scope, compartment, subject, group in store.rows(node, sql)}


def delete_stones(node: Node, stones: Iterable[store.Stone]) -> None:
    sql = 'DELETE FROM ledger_tombstone WHERE scope = %s AND compartment = %s AND subject = %s AND "group" = %s'
    store.execute_many(node, sql, sorted(stones))


def _stand(told: Sequence[Told], tombs: Mapping[bytes, Mapping[str, Tombs]]) -> Standing | None:
    birth = merge.owner_of(told)
    shape = shape_numbered(birth.body[0]) if birth else None
    if birth is None or shape is None:
        return None
    mine = erase.with_root(tombs.get(birth.body[1], {}), tombs.get(birth.body[3] or b"", {})) if tombs else {}
    folded = merge.fold(shape, told, mine)
    return Standing(shape, fold.base_row(shape, folded), folded) if folded else None
