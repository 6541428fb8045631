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
        self._walk(self._misspelt)
        if self.report.removed and not self.writing:
            return self.report  # what comes after reads rows by their ids
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
        for scope, compartment, person, _group in sorted(wanted):
            if scope == codec.PERSON:
                self._erase_person(compartment, UUID(bytes=person))

    def _erase_person(self, compartment: str, person: UUID) -> None:
        """A name may have come after its erasure, in the words of somebody who did not know."""
        if erase.whys_naming(self.node, compartment, person):
            self.report.differing.append(("ledger.erased", person))
            if self.writing:
                erase.blank_person(self.node, compartment, person)

    # Records.

    def _misspelt(self, after: UUID) -> None:
        """SQLite keeps ids as text: nobody finds a row whose id is spelt in another way, and nothing explains it."""
        for shape in shapes():
            gone = misspelt(self.node, shape)
            self.report.removed += len(gone)
            self.report.differing += [(shape.label, NIL)] * len(gone)
            if self.writing:
                tables.delete_raw(self.node, shape, gone)

    def _records(self, after: UUID) -> UUID | None:
        births = births_between(self.node, after.bytes, self.chunk)
        last = max(births, default=LAST.bytes) if len(births) == self.chunk else LAST.bytes
        self._lock_roots(births)
        standing = self._standing(births)
        for shape in shapes():
            self._compare(shape, standing, after, UUID(bytes=last))
        self._compare_findings(standing, after, UUID(bytes=last))
        self.report.records += len(births)
        return None if last == LAST.bytes else UUID(bytes=last)

    def _lock_roots(self, births: Mapping[bytes, set[bytes]]) -> None:
        """Whoever writes holds the root's row: with all of them held, histories and rows belong together."""
        if not self.writing or store.connection(self.node).vendor != "postgresql":
            return
        roots = {UUID(bytes=one) for record, named in births.items() for one in {record, *named}}
        for shape in shapes():
            if not shape.root:
                tables.by_ids(self.node, shape, roots, lock=True)

    def _standing(self, births: Mapping[bytes, set[bytes]]) -> dict[UUID, Standing]:
        tombs = (
            store.tombs(self.node, {one for record in births for one in (record, *births[record])})
            if self.tombs
            else {}
        )
        found = {}
        for named, told in store.histories(self.node, births).items():
            record, owner = UUID(bytes=named), merge.owner_of(told)
            mine = erase.with_roots(told, tombs) if tombs else {}
            one = _stand(record, owner, told, mine)
            if one is not None:
                found[record] = one
            if owner and mine:
                self._erase_late(owner, told, mine.get(owner.compartment, merge.NOTHING_ERASED))
        return found

    def _erase_late(self, owner: Told, told: Sequence[Told], tombs: Tombs) -> None:
        """Words may have come after their erasure: the fold never shows them, and they have to go all the same."""
        shape, record = shape_numbered(owner.body[0]), UUID(bytes=owner.body[1])
        mine = [one for one in told if one.type == codec.WRITE and one.compartment == owner.compartment]
        if shape is None or not any(tombs.hides(one.read(shape).groups) for one in mine):
            return
        self.report.differing.append(("ledger.erased", record))
        if self.writing:
            groups = None if tombs.all else sorted(tombs.groups)
            erase.blank_record(self.node, owner.compartment, record, shape, groups)

    def _compare(self, shape: Shape, standing: dict[UUID, Standing], after: UUID, last: UUID) -> None:
        here = base_params(self.node, shape, after, last)
        mine = {record: one.row for record, one in standing.items() if one.shape is shape}
        wanted = zip(mine, tables.params(self.node, shape, mine.values(), base=True), strict=True)
        wrong = [record for record, told in wanted if here.pop(record, None) != told]
        rows = {row["id"]: row for row in tables.by_ids(self.node, shape, wrong)} if wrong else {}
        self._put(shape, [fold.row_of(shape, standing[record].folded, rows.get(record)) for record in wrong])
        self._remove(shape, list(here))

    def _put(self, shape: Shape, rows: Sequence[Row]) -> None:
        self.report.changed += len(rows)
        self._differ(shape, [row["id"] for row in rows])
        if self.writing and rows:
            tables.upsert(self.node, shape, rows)
            _tick(self.node, {row["compartment"] for row in rows})

    def _remove(self, shape: Shape, records: Sequence[UUID]) -> None:
        """Rows that no entry explains; asked again, because a new one may have come since the births were read."""
        gone = [record for record in records if self._unexplained(record)]
        self.report.removed += len(gone)
        self._differ(shape, gone)
        if self.writing:
            tables.delete(self.node, shape, gone)

    def _unexplained(self, record: UUID) -> bool:
        """Asked anew: it may have been born since the births of this chunk were read."""
        births = merge.births(store.histories(self.node, [record.bytes])[record.bytes])
        roots = {birth.body[3] for birth in births} - {None}
        return not self._standing({record.bytes: roots})

    def _compare_findings(self, standing: dict[UUID, Standing], after: UUID, last: UUID) -> None:
        wanted = merged_findings(standing.values())
        stored = stored_findings(self.node, after, last)
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
        ids = ids_after(self.node, shape, after, self.chunk)
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
        stored = stored_breaches(self.node, found)
        wrong = [root for root in found if _said(found[root], problems[root]) != sorted(stored.get(root, []))]
        self._differ(shape, wrong)
        if self.writing and wrong:
            fold.clear_ruled(self.node, wrong)
            rows = [(shape, found[root].row, one) for root in wrong for one in problems[root]]
            fold.write_problems(self.node, [], [(a, row, c) for a, row, c in rows if row is not None])


def _tick(node: Node, compartments: Iterable[str]) -> None:
    """What stands in these compartments has changed without a new entry."""
    codes = [(code, code) for code in sorted(compartments)]
    newest = "SELECT MAX(no) FROM ledger_feed WHERE compartment = %s"
    sql = f"UPDATE ledger_feed SET tick = tick + 1 WHERE compartment = %s AND no = ({newest})"
    store.execute_many(node, sql, codes)


# What is there, read as the walk needs it.


def births_between(node: Node, after: bytes, limit: int) -> dict[bytes, set[bytes]]:
    """The next ids with a birth in the log, and the roots that those births name: how rebuild walks."""
    ids = "SELECT DISTINCT record FROM ledger_part WHERE record > %s AND type = %s ORDER BY record LIMIT %s"
    sql = f"SELECT record, body FROM ledger_part WHERE type = %s AND record IN ({ids})"
    found: dict[bytes, set[bytes]] = {}
    for record, raw in store.rows(node, sql, (codec.BIRTH, after, codec.BIRTH, limit)):
        roots, body = found.setdefault(bytes(record), set()), codec.loads(bytes(raw))
        roots.update([body[3]] if codec.is_birth(body) and body[3] else [])
    return found


def base_params(node: Node, shape: Shape, after: UUID, last: UUID) -> dict[UUID, list[Any]]:
    """Rows between two ids as the database gives them: comparing them so saves making a Row of each."""
    found = tables.table(shape)
    listed = ", ".join(f'"{one.column}"' for one in found.columns[: tables.base_columns(shape)])
    sql = f"SELECT {listed} FROM {found.name} WHERE id > %s AND id <= %s"
    rows = store.rows(node, sql, tables.id_params(node, [after, last]))
    return {tables.to_uuid(row[0]): [bytes(one) if isinstance(one, memoryview) else one for one in row] for row in rows}


def ids_after(node: Node, shape: Shape, after: UUID, limit: int) -> list[UUID]:
    sql = f"SELECT id FROM {tables.table(shape).name} WHERE id > %s ORDER BY id LIMIT %s"
    return [tables.to_uuid(row[0]) for row in store.rows(node, sql, [*tables.id_params(node, [after]), limit])]


def misspelt(node: Node, shape: Shape) -> list[Any]:
    """Ids, as SQLite has them, that are not thirty-two small hexadecimal signs. PostgreSQL knows no others."""
    if store.connection(node).vendor != "sqlite":
        return []
    wrong = "length(id) <> 32 OR id GLOB '*[^0-9a-f]*' OR typeof(id) <> 'text'"
    return [row[0] for row in store.rows(node, f"SELECT id FROM {tables.table(shape).name} WHERE {wrong}")]


# What is on file about merging and rules, in a form that compares.

Findings = dict[UUID, set[tuple[Any, ...]]]


def merged_findings(standing: Iterable[Standing]) -> Findings:
    """What merging brought about, in a form that compares."""
    found: Findings = {}
    for shape, row, folded in standing:
        place = (fold.root_of(shape, row), shape.label, row["compartment"])
        told = {("problem", *place, one.code, one.detail[:200]) for one in folded.problems}
        told |= {("conflict", *place, name, leaves) for name, leaves in fold.conflicts_of(shape, folded)}
        if told:
            found[row["id"]] = told
    return found


def stored_findings(node: Node, after: UUID, last: UUID) -> Findings:
    between = tables.id_params(node, [after, last])
    place = "root, model, compartment"
    conflicts = (
        f"SELECT record, 'conflict', {place}, \"group\", leaves FROM ledger_conflict WHERE record > %s AND record <= %s"
    )
    problems = (
        f"SELECT record, 'problem', {place}, code, detail FROM ledger_foundproblem"
        " WHERE NOT by_rule AND record > %s AND record <= %s"
    )
    found: Findings = {}
    for record, kind, root, *told in store.rows(node, f"{conflicts} UNION ALL {problems}", [*between, *between]):
        found.setdefault(tables.to_uuid(record), set()).add((kind, tables.to_uuid(root), *told))
    return found


def stored_breaches(node: Node, roots: Iterable[UUID]) -> dict[UUID, list[tuple[Any, ...]]]:
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    for chunk in store.in_lists(tables.id_params(node, roots)):
        sql = "SELECT record, root, compartment, code, detail FROM ledger_foundproblem WHERE by_rule AND record IN"
        for record, root, *told in store.rows(node, f"{sql} ({store.marks(len(chunk))})", chunk):
            found.setdefault(tables.to_uuid(record), []).append((tables.to_uuid(root), *told))
    return found


def _said(aggregate: Aggregate, problems: Sequence[Problem]) -> list[tuple[Any, ...]]:
    home = aggregate.row["compartment"] if aggregate.row else ""
    return sorted((aggregate.root, home, one.code, one.detail[:200]) for one in problems)


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


def _stand(record: UUID, owner: Told | None, told: Sequence[Told], tombs: Mapping[str, Tombs]) -> Standing | None:
    shape = shape_numbered(owner.body[0]) if owner else None
    folded = merge.fold(shape, told, tombs, birth=owner) if shape else None
    return Standing(shape, fold.base_row(shape, folded, record), folded) if shape and folded else None
