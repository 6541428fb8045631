"""A toy model in schemas 1, 2, 3 and 4, as four releases would declare it; its table is the one areas have.

schema 1   name(label, zone, parent)                 source(code)
schema 2   name(name, kind, parent)                  source(code)     label became name, zone became kind: new numbers,
                                                                      and kind is "area" where nobody had said
schema 3   name(name, parent)     kind(kind)         source(code)     a group in two
schema 4   name(name, parent)     kind(kind, since)  source(code)  size(hectares)     a release that is not ours yet
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.ledger import fold, records
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.intents import Birth, Write
from ulinzi.ledger.records import shape_of
from ulinzi.ledger.shapes import Field, Group, Kind, Sensitivity, Shape

LABEL = "places.Area"
NAME, SOURCE, KIND, SIZE = 1, 2, 3, 4
F_NAME, F_KIND, F_PARENT, F_CODE, F_LABEL, F_ZONE, F_SINCE, F_HECTARES = 1, 2, 3, 4, 9, 10, 11, 12
KINDS = ("province", "district", "area")

_ZONES = {"prov": "province", "distr": "district"}
_NAME = Field(F_NAME, "name", "text", max_length=120)
_KIND = Field(F_KIND, "kind", "code", choices=KINDS)
_PARENT = Field(F_PARENT, "parent", "ref", to=LABEL)
_SINCE = Field(F_SINCE, "since", "int")


def _group(number: int, name: str, *fields: Field, kind: Kind = Kind.LAST) -> Group:
    return Group(number, name, kind, Sensitivity.PUBLIC, fields)


_SOURCE = _group(SOURCE, "source", Field(F_CODE, "code", "text", max_length=40), kind=Kind.FIXED)


def rename(group: int, wire: dict[int, Any]) -> list[tuple[int, dict[int, Any]]]:
    """1 to 2: two fields have new numbers, and kind a word where there was none."""
    if group != NAME:
        return [(group, wire)]
    kind = _ZONES.get(wire.get(F_ZONE), "area")
    return [(NAME, {F_NAME: wire.get(F_LABEL), F_KIND: kind, F_PARENT: wire.get(F_PARENT)})]


def split(group: int, wire: dict[int, Any]) -> list[tuple[int, dict[int, Any]]]:
    """2 to 3: what an area is stands apart from what it is called."""
    if group != NAME:
        return [(group, wire)]
    named = {F_NAME: wire.get(F_NAME), F_PARENT: wire.get(F_PARENT)}
    return [(NAME, named), (KIND, {F_KIND: wire.get(F_KIND)})]


UPCASTS = {1: rename, 2: split}


def _shape(schema: int, *groups: Group) -> Shape:
    upcasts = {step: change for step, change in UPCASTS.items() if step < schema}
    return Shape(number=1, label=LABEL, schema=schema, groups=groups, upcasts=upcasts)


ONE = _shape(1, _group(NAME, "name", Field(F_LABEL, "label", "text"), Field(F_ZONE, "zone", "code"), _PARENT), _SOURCE)
TWO = _shape(2, _group(NAME, "name", _NAME, _KIND, _PARENT), _SOURCE)
THREE = _shape(3, _group(NAME, "name", _NAME, _PARENT), _SOURCE, _group(KIND, "kind", _KIND))
FOUR = _shape(
    4,
    _group(NAME, "name", _NAME, _PARENT),
    _SOURCE,
    _group(KIND, "kind", _KIND, _SINCE),
    _group(SIZE, "size", Field(F_HECTARES, "hectares", "int")),
)


@contextmanager
def release(shape: Shape) -> Iterator[type[records.Record]]:
    """The product as the release that declares this shape: everything inside folds and writes by it."""
    before, model = shape_of(LABEL), records.model_of(LABEL)
    _declare(model, shape)
    try:
        yield model
    finally:
        _declare(model, before)


def _declare(model: type[records.Record], shape: Shape) -> None:
    records._BY_LABEL[LABEL] = records._BY_NUMBER[shape.number] = model.shape = shape


def write_as(
    shape: Shape,
    record: UUID,
    group: int,
    wire: dict[int, Any],
    *,
    by: UUID,
    seen: list[Dot] | None = None,
    born: bool = False,
) -> None:
    """An entry as another release wrote it, appended and folded by the release in use."""
    birth = Birth(shape, record, "north", None)
    with ledger.unit("tests.toy", by=by) as unit:
        unit.writing.row(shape_of(LABEL), record)
        unit.writing.history(record)
        if born:
            unit.births.append(birth)
            unit.writing.added(birth, fold.new_row(shape_of(LABEL), record, "north", None, {}))
        unit.writes[record, group] = Write(birth, group, None if born else seen or [], wire)
