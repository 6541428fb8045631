"""The one way to write: `with ledger.unit("desk.add_task", by=person) as unit: ...`

A unit is one action: it collects births, writes and erasures, and becomes one entry per compartment when it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import fold
from ulinzi.ledger import node as nodes
from ulinzi.ledger.codec import WRITE, Dot, check_text
from ulinzi.ledger.intents import NUMBER, Birth, Erasure, Write
from ulinzi.ledger.merge import FoldedGroup, value_of
from ulinzi.ledger.records import Record, shape_of
from ulinzi.ledger.shapes import Group, Kind, Row, Shape
from ulinzi.ledger.writing import Writing

_batch: ContextVar[Writing | None] = ContextVar("ulinzi_batch", default=None)
_unit: ContextVar[Unit | None] = ContextVar("ulinzi_unit", default=None)

Seen = Mapping[str, Sequence[Dot]]


class Moved(Refused):
    """Somebody changed it since the form was shown. Nothing was saved; both values are here."""

    def __init__(self, row: Row, groups: Mapping[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
        super().__init__("moved", groups=",".join(groups))
        self.row = row
        self.groups = groups


@dataclass
class Unit:
    writing: Writing
    action: str
    by: UUID
    at: int
    why: str = ""
    on_behalf_of: UUID | None = None
    births: list[Birth] = field(default_factory=list)
    writes: dict[tuple[UUID, int], Write] = field(default_factory=dict)
    erasures: list[Erasure] = field(default_factory=list)

    # Reading, with the lock that makes what is read still true when the unit ends.

    def load(self, model: type[Record], record: UUID) -> Row:
        row = self.writing.row(model.shape, record)
        if row is None:
            raise NotFound("record_not_found", record=str(record))
        return row

    def find(self, model: type[Record], record: UUID) -> Row | None:
        return self.writing.row(model.shape, record)

    def children(self, model: type[Record], root: Row) -> list[Row]:
        return self.writing.aggregate(shape_of(model.shape.root), root["id"]).listed()[model.shape.label]

    # Writing.

    def add(
        self,
        model: type[Record],
        *,
        compartment: str = "",
        root: Row | None = None,
        id: UUID | None = None,
        **values: Any,
    ) -> Row:
        shape = model.shape
        self._check_home(shape, root, values)
        home = root["compartment"] if root else compartment
        if id is not None:
            if not ids.lives_in(id.bytes, home):
                raise TypeError("a derived id names its compartment: ids.derived_id(..., compartment=...)")
            self.writing.check_absent(id)
        record = id or ids.new_id(self.writing.node.clock.now(), self.writing.node.chance, home)
        birth = Birth(shape, record, home, root["id"] if root else None)
        self.births.append(birth)
        for group in shape.groups:
            given = {one.name: values[one.name] for one in group.fields if one.name in values}
            if given:
                self._write(birth, group, self._checked(group, given), None)
        row = fold.new_row(shape, record, birth.compartment, birth.root, values)
        self.writing.added(birth, row)
        return row

    def _check_home(self, shape: Shape, root: Row | None, values: Mapping[str, Any]) -> None:
        if bool(shape.root) != (root is not None):
            raise TypeError(f"{shape.label} needs {'a' if shape.root else 'no'} root")
        _check_names(shape, values)
        if root is not None:
            self.writing.row(root_shape(shape), root["id"])

    def put(
        self,
        model: type[Record],
        row: Row,
        *,
        seen: Seen | None = None,
        keep_both: bool = False,
        settle: bool = False,
        **values: Any,
    ) -> list[str]:
        """Write the groups that really change; returns their names.

        `seen` is what the person's form was made from. Where somebody has written since, Moved shows both values;
        with `keep_both` the write stands beside the other, and the conflict is for somebody to settle; with `settle`
        a value is written even where it is the one shown, because choosing it ends the conflict.
        """
        shape = model.shape
        _check_names(shape, values)
        folded = self.writing.folded(shape, row["id"])
        changed = _Change(self, shape, row, folded, seen or {}, keep_both, settle)
        for group in shape.groups:
            given = {one.name: values[one.name] for one in group.fields if one.name in values}
            if given:
                changed.look_at(group, given)
        return changed.write()

    def _write(self, birth: Birth, group: Group, wire: dict[int, Any], seen: list[Dot] | None) -> None:
        self.writes[birth.record, group.number] = Write(birth, group.number, seen, wire)

    def _checked(self, group: Group, values: Mapping[str, Any]) -> dict[int, Any]:
        """Values as the entry holds them. A group is always written whole."""
        wire = {}
        for one in group.fields:
            value = values.get(one.name)
            stored = value if value is NUMBER else one.to_wire(value)
            if stored is not NUMBER and not one.fits(stored):
                raise Refused("field_does_not_fit", field=one.name)
            if stored is not NUMBER and not one.knows(stored):
                raise Refused("code_unknown", field=one.name, value=value)
            wire[one.number] = stored
        return wire

    def erase(
        self,
        model: type[Record],
        row: Row,
        *,
        basis: str,
        groups: Iterable[str] | None = None,
        second: UUID | None = None,
    ) -> None:
        """Remove words for ever, past and still to come. `groups` None is the record and its children."""
        shape = model.shape
        _check_basis(basis)
        numbers = None if groups is None else tuple(shape.group(name).number for name in groups)
        self._keep_beside(shape, row, frozenset(numbers or ()))
        self.writing.row(shape, row["id"])
        self.erasures.append(Erasure(shape, row["id"], row["compartment"], row.get("root"), numbers, basis, second))

    def _keep_beside(self, shape: Shape, row: Row, erased: frozenset[int]) -> None:
        """Groups that share an old body with erased ones are written anew first, or they would go with it."""
        told = [one for one in self.writing.history(row["id"]) if one.type == WRITE] if erased else []
        shared = {one.dot for one in told if erased & one.read(shape).groups and one.read(shape).groups - erased}
        if not shared:
            return
        birth = Birth(shape, row["id"], row["compartment"], row.get("root"))
        for number, now in self.writing.folded(shape, row["id"]).groups.items():
            if number not in erased and shared.intersection(now.dots):
                self._write(birth, shape.by_number[number], dict(now.values), now.dots)

    def erase_person(self, person: UUID, *, compartment: str, basis: str, second: UUID | None = None) -> None:
        """Take a person's name off every entry of a compartment. What the person wrote stays, nobody wrote it."""
        _check_basis(basis)
        self.erasures.append(Erasure(None, person, compartment, None, None, basis, second))


class _Change:
    """What one put would do, group by group, before anything is decided."""

    def __init__(
        self, unit: Unit, shape: Shape, row: Row, folded: Any, seen: Seen, keep_both: bool, settle: bool
    ) -> None:
        self.unit, self.shape, self.row, self.folded, self.seen = unit, shape, row, folded, seen
        self.keep_both, self.settle = keep_both, settle
        self.writes: list[tuple[Group, dict[int, Any], list[Dot] | None]] = []
        self.moved: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}

    def look_at(self, group: Group, given: Mapping[str, Any]) -> None:
        if (self.row["id"], group.number) in self.unit.writes:
            self._join_pending(group, given)
            return
        now: FoldedGroup = self.folded.groups[group.number]
        self._check_open(group, now)
        dots = now.dots
        seen = list(self.seen.get(group.name, dots))
        stands = set(seen) == set(dots)
        shown = now.values if stands else self._shown(group, seen)
        mine = self.unit._checked(group, _named(group, shown) | dict(given))
        if mine in (shown, now.values) and not (self.settle and now.conflict):
            return
        if not stands and mine != now.values and not self.keep_both:
            self.moved[group.name] = (_named(group, now.values), _named(group, mine))
        self.writes.append((group, mine, seen))

    def _check_open(self, group: Group, now: FoldedGroup) -> None:
        if group.kind is Kind.FIXED:
            raise Refused("fixed", group=group.name)
        if now.erased:
            raise Refused("erased", group=group.name)
        if any(leaf.newer for leaf in now.leaves):
            raise Refused("newer_version_needed", group=group.name)

    def _shown(self, group: Group, seen: list[Dot]) -> dict[int, Any]:
        """The value the form was made from: a person who changed nothing writes nothing."""
        versions = self.unit.writing.versions(self.shape, self.row["id"], group, seen)
        return value_of(group, versions) if versions else dict(group.empty)

    def _join_pending(self, group: Group, given: Mapping[str, Any]) -> None:
        """A second put in the same unit changes the first: one action writes a group once."""
        pending = self.unit.writes[self.row["id"], group.number]
        before = {one.name: pending.wire[one.number] for one in group.fields}
        pending.wire.update(self.unit._checked(group, before | dict(given)))

    def write(self) -> list[str]:
        if self.moved:
            raise Moved(self.row, self.moved)
        birth = Birth(self.shape, self.row["id"], self.row["compartment"], self.row.get("root"))
        for group, wire, seen in self.writes:
            self.unit._write(birth, group, wire, seen)
        return [group.name for group, _, _ in self.writes]


def _check_basis(basis: str) -> None:
    check_text(basis)
    if not basis.strip():
        raise Refused("erasure_needs_basis")


def _check_names(shape: Shape, values: Mapping[str, Any]) -> None:
    unknown = values.keys() - shape.field.keys()
    if unknown:
        raise TypeError(f"{shape.label} has no field {', '.join(sorted(unknown))}")


def _named(group: Group, wire: Mapping[int, Any]) -> dict[str, Any]:
    return {one.name: one.from_wire(wire.get(one.number)) for one in group.fields}


def root_shape(shape: Shape) -> Shape:
    return shape_of(shape.root) if shape.root else shape


@contextmanager
def unit(
    action: str,
    *,
    by: UUID,
    at: int | None = None,
    why: str = "",
    on_behalf_of: UUID | None = None,
    alone: bool = False,
) -> Iterator[Unit]:
    """One action of one person. Inside an open unit of the same person it joins that one.

    `alone` waits for everybody who is in the middle of something, and keeps others from beginning: what it takes away,
    nobody goes on using.
    """
    outer = _unit.get()
    if outer is not None:
        if outer.by != by:
            raise Refused("unit_of_another_person")
        yield outer
        return
    open_batch = _batch.get()
    with nullcontext(open_batch) if open_batch else Writing.begin(nodes.current(), alone=alone) as writing:
        check_text(why)
        claimed = writing.node.clock.now() if at is None else at
        mine = Unit(writing, action, by, claimed, why, on_behalf_of)
        token = _unit.set(mine)
        try:
            yield mine
        except BaseException:
            writing.take_back(mine)
            raise
        finally:
            _unit.reset(token)
        writing.take(mine)


@contextmanager
def batch() -> Iterator[Writing]:
    """Many units, one commit: imports, simulations. All of them or none."""
    node = nodes.current()
    if _batch.get() is not None:
        raise Refused("batch_in_batch")
    with Writing.begin(node, alone=True) as writing:
        token = _batch.set(writing)
        try:
            yield writing
        finally:
            _batch.reset(token)


def hold() -> None:
    """Inside a unit: what is asked from here on stays true until its commit, whatever somebody does who acts alone."""
    mine = _unit.get()
    if mine is not None:
        mine.writing.gate()
