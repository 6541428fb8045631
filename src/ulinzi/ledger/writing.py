"""A write transaction: units in, entries appended, records folded, rows written, all or nothing.

Order of locks: the aggregate's root rows first, the node's row last; on SQLite the one writer lock holds both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from ulinzi.kernel import ids
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import codec, erase, fold, heads, intents, merge, store, tables
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.fold import Aggregate, Standing
from ulinzi.ledger.intents import Birth, Erasure, Intent
from ulinzi.ledger.merge import Folded, Told, Tombs, Version
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import shape_numbered, shape_of
from ulinzi.ledger.shapes import Group, Row, Shape


@dataclass
class Writing:
    node: Node
    alone: bool = False
    gated: bool = False
    histories: dict[bytes, list[Told]] = field(default_factory=dict)
    tombs: dict[UUID, Mapping[str, Tombs]] = field(default_factory=dict)
    aggregates: dict[UUID, Aggregate] = field(default_factory=dict)
    root_of: dict[UUID, UUID] = field(default_factory=dict)
    marked: set[UUID] = field(default_factory=set)
    derived_ids: set[UUID] = field(default_factory=set)
    pending: list[Intent] = field(default_factory=list)
    waiting: set[UUID] = field(default_factory=set)
    heads: heads.Heads | None = None
    erased: bool = False
    spoiled: bool = False

    @classmethod
    @contextmanager
    def begin(cls, node: Node, *, alone: bool = False) -> Iterator[Writing]:
        """Opens the transaction and ends it with a flush and the commit; `alone` keeps other writers out until then."""
        writing = cls(node, alone=alone)
        with transaction.atomic(using=node.alias, durable=True):
            if alone:
                writing.gate()
            yield writing
            writing.flush()
        if writing.erased:
            erase.clean_store(node)

    # What is there.

    def aggregate(self, shape: Shape, root: UUID) -> Aggregate:
        self._write_earlier(root)
        if root not in self.aggregates:
            self._load(shape, [root])
        return self.aggregates[root]

    def gate(self) -> None:
        """On PostgreSQL, before the first row is locked: a batch locks rows after the node's, so it has to be alone."""
        if not self.gated and store.connection(self.node).vendor == "postgresql":
            store.pass_gate(self.node, alone=self.alone)
        self.gated = True

    def _load(self, shape: Shape, roots: Iterable[UUID]) -> None:
        self.gate()
        found = fold.load_aggregates(self.node, shape, roots, lock=True)
        self.aggregates.update(found)
        for aggregate in found.values():
            for row in aggregate.rows():
                self.root_of[row["id"]] = aggregate.root
                if fold.is_marked(row):
                    self.marked.add(row["id"])

    def row(self, shape: Shape, record: UUID) -> Row | None:
        if not shape.root:
            found = self.aggregate(shape, record)
            return found.row if found.shape == shape else None
        root = self._find_root(record)
        return self.aggregate(shape_of(shape.root), root).find(shape, record) if root else None

    def _find_root(self, record: UUID) -> UUID | None:
        self._write_earlier(record)
        if record not in self.root_of:
            # Not kept: until the root is locked, somebody else may still be adding to this history.
            birth = merge.owner_of(store.histories(self.node, [record.bytes])[record.bytes])
            return UUID(bytes=birth.body[3]) if birth and birth.body[3] else None
        return self.root_of[record]

    def history(self, record: UUID) -> list[Told]:
        if record.bytes not in self.histories:
            self.histories.update(store.histories(self.node, [record.bytes]))
        return self.histories[record.bytes]

    def folded(self, shape: Shape, record: UUID) -> Folded:
        row = self.row(shape, record)
        found = merge.fold(shape, self.history(record), self._tombs_of(shape, record, row))
        if found is None:
            raise Refused("erased", group="all")
        return found

    def _tombs_of(self, shape: Shape, record: UUID, row: Row | None) -> Mapping[str, Tombs]:
        """What was erased of a record. Where its row is here, the row tells and nobody has to ask."""
        if record in self.tombs:
            return self.tombs[record]
        if row is not None:
            return erase.tombs_of(shape, row)
        return erase.stones_on(self.node, self.history(record))

    def versions(self, shape: Shape, record: UUID, group: Group, dots: Sequence[Dot]) -> list[Version]:
        """The writes a form was made from. Dots that this record never had were not seen by anybody."""
        wanted = set(dots)
        told = [one for one in self.history(record) if one.dot in wanted and one.type == codec.WRITE]
        if len(told) != len(wanted) or any(group.number not in one.read(shape).groups for one in told):
            raise Refused("form_not_from_here", group=group.name)
        births = [one for one in self.history(record) if one.type == codec.BIRTH]
        found = merge.fold(shape, births + told)
        return found.groups[group.number].leaves if found else []

    def prefetch(self, shape: Shape, roots: Iterable[UUID]) -> None:
        """Read many roots and their history at once: an import that asks one by one is many times slower."""
        wanted = [root for root in roots if root not in self.aggregates]
        self._load(shape, wanted)
        self.histories.update(store.histories(self.node, [root.bytes for root in wanted]))

    def check_absent(self, record: UUID) -> None:
        """For derived ids: what was born before, or erased before, is not born again."""
        self._write_earlier(record)
        self.gate()
        if merge.owner_of(self.history(record)) or record in self.derived_ids:
            raise Refused("already_here", record=str(record))
        self.derived_ids.add(record)

    def added(self, birth: Birth, row: Row) -> None:
        """A newborn, visible to the rest of its unit before anything is written."""
        self.histories.setdefault(birth.record.bytes, [])
        if not birth.shape.root:
            self.aggregates[birth.record] = Aggregate(birth.record, birth.shape)
        self.aggregates[birth.aggregate].put(birth.shape, row)
        self.root_of[birth.record] = birth.aggregate

    def take_back(self, unit: Intent) -> None:
        """A unit failed in a batch that goes on: what it gave birth to was never there."""
        for birth in unit.births:
            self.histories.pop(birth.record.bytes, None)
            self.root_of.pop(birth.record, None)
            self.derived_ids.discard(birth.record)
            if birth.shape.root:
                self.aggregates[birth.aggregate].drop(birth.shape, birth.record)
            else:
                self.aggregates.pop(birth.record, None)

    def _write_earlier(self, record: UUID) -> None:
        """Units of the batch that touch this record are written before it is read again."""
        if record in self.waiting:
            self.flush()

    # What is written.

    def take(self, unit: Intent) -> None:
        if unit.births or unit.writes or unit.erasures:
            self.pending.append(unit)
            self.waiting |= intents.touched(unit)

    def flush(self) -> None:
        """Write what is pending. A flush that failed may have moved the heads: nothing of it is ever committed."""
        if self.spoiled:
            raise Refused("batch_spoiled")
        self.spoiled = True
        self._flush()
        self.spoiled = False

    def _flush(self) -> None:
        if not self.pending:
            return
        units, self.pending = self.pending, []
        self.waiting.clear()
        with store.connection(self.node).ledger_opened():
            if self.heads is None:
                self.heads = heads.lock(self.node)
            self._read_derived_again(units)
            appended = self.heads.append(units)
            with store.pipelined(self.node):
                store.insert_entries(self.node, appended)
                self._tell(appended)
                touched = set[UUID]().union(*map(intents.records, units))
                touched |= self._erase([one for unit in units for one in unit.erasures])
                self._write_rows(touched)
                self.heads.save()

    def _read_derived_again(self, units: Sequence[Intent]) -> None:
        """On PostgreSQL another process may have given birth to the same derived id until the node's row was locked."""
        born = {birth.record for unit in units for birth in unit.births} & self.derived_ids
        if born and store.connection(self.node).vendor == "postgresql":
            self.marked |= born
            self.histories.update(store.histories(self.node, [record.bytes for record in born]))

    def _tell(self, appended: Sequence[store.Appended]) -> None:
        """Add what was just written to the histories it belongs to."""
        for one in appended:
            feed, seq, compartment, stamp = one.entry.feed, one.entry.seq, one.feed.compartment, one.entry.hlc
            for place, (record, body, (kind, *_)) in enumerate(one.parts):
                if record is not None and kind in store.TELLING:
                    dot = codec.dot_of((feed, seq, place))
                    self.histories[record].append(Told(compartment, dot, stamp, kind, body))

    def _erase(self, erasures: Sequence[Erasure]) -> set[UUID]:
        if not erasures:
            return set()
        self.erased = True
        store.insert_tombs(self.node, erase.stones(erasures))
        touched: set[UUID] = set()
        for one in erasures:
            if one.shape is None:
                erase.blank_person(self.node, one.compartment, one.subject)
            else:
                touched |= self._erase_record(one.shape, one)
        return touched

    def _erase_record(self, shape: Shape, one: Erasure) -> set[UUID]:
        records = {one.subject}
        if one.groups is None and not shape.root:
            records |= erase.children_of(self.node, one.compartment, one.subject)
        for record in records:
            erase.blank_record(self.node, one.compartment, record, shape, one.groups)
            self.tombs[record] = self._with_stone(shape, record, one)
            self.histories.update(store.histories(self.node, [record.bytes]))
        return records

    def _with_stone(self, shape: Shape, record: UUID, one: Erasure) -> Mapping[str, Tombs]:
        before = self._tombs_of(shape, record, self.row(shape, record) if record == one.subject else None)
        mine = before.get(one.compartment, Tombs())
        return {**before, one.compartment: Tombs(mine.all or one.groups is None, mine.groups | set(one.groups or ()))}

    def _write_rows(self, touched: set[UUID]) -> None:
        standing = [one for one in (self._stand(record) for record in sorted(touched, key=ids.in_order)) if one]
        written = {one.row["id"]: (one.shape, one.row) for one in standing}
        merged = [(one.shape, one.row, problem) for one in standing for problem in one.folded.problems]
        ruled: list[fold.Found] = []
        aggregates = self._aggregates_of(touched)
        for aggregate in aggregates:
            changed, problems = fold.derive(aggregate)
            if aggregate.row is not None:
                ruled += [(aggregate.shape, aggregate.row, problem) for problem in problems]
                written |= {aggregate.root: (aggregate.shape, aggregate.row)} if changed else {}
        fold.clear_merged(self.node, touched & self.marked)
        fold.clear_ruled(self.node, {one.root for one in aggregates} & self.marked)
        fold.write_rows(self.node, written.values())
        fold.write_conflicts(self.node, standing)
        fold.write_problems(self.node, merged, ruled)
        self.marked |= {id for id, (_, row) in written.items() if fold.is_marked(row)}

    def _stand(self, record: UUID) -> Standing | None:
        """The record folded anew, in the row its aggregate already has; a record that is gone leaves it."""
        history = self.history(record)
        birth = merge.owner_of(history)
        shape = shape_numbered(birth.body[0]) if birth else None
        if birth is None or shape is None:
            return None
        aggregate = self.aggregates[self._root_by(record, birth)]
        row = aggregate.find(shape, record)
        folded = merge.fold(shape, history, self._tombs_of(shape, record, row), birth=birth)
        if folded is None:
            aggregate.drop(shape, record)
            tables.delete(self.node, shape, [record])
            return None
        fresh = fold.row_of(shape, folded, row)
        aggregate.put(shape, fresh)
        return Standing(shape, fresh, folded)

    def _root_by(self, record: UUID, birth: Told) -> UUID:
        if record not in self.root_of:
            self.root_of[record] = UUID(bytes=birth.body[3]) if birth.body[3] else record
        return self.root_of[record]

    def _aggregates_of(self, touched: set[UUID]) -> list[Aggregate]:
        roots = {self.root_of.get(record, record) for record in touched}
        return [self.aggregates[root] for root in sorted(roots, key=ids.in_order) if root in self.aggregates]
