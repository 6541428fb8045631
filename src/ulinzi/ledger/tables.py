"""Record tables as plain rows, read and written in SQL: the ORM would cost more than the ledger does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from ulinzi.kernel.ids import in_order
from ulinzi.ledger import store
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import model_of
from ulinzi.ledger.shapes import Row, Shape

Convert = Callable[[Any], Any] | None


class Column(NamedTuple):
    name: str
    column: str
    type: str


class Table(NamedTuple):
    name: str
    columns: tuple[Column, ...]
    select: str
    upsert: str


@lru_cache(maxsize=256)
def table(shape: Shape) -> Table:
    name = model_of(shape.label)._meta.db_table
    columns = tuple(_columns(shape))
    listed = ", ".join(f'"{one.column}"' for one in columns)
    changed = ", ".join(f'"{one.column}" = excluded."{one.column}"' for one in columns if one.name != "id")
    upsert = (
        f"INSERT INTO {name} ({listed}) VALUES ({store.marks(len(columns))}) ON CONFLICT (id) DO UPDATE SET {changed}"
    )
    return Table(name, columns, f"SELECT {listed} FROM {name}", upsert)


def _columns(shape: Shape) -> Iterable[Column]:
    yield Column("id", "id", "id")
    yield Column("compartment", "compartment", "text")
    yield Column("conflict", "conflict", "bool")
    yield Column("newer", "newer", "bool")
    yield Column("erased", "erased", "text")
    yield Column("problems", "problems", "int")
    if shape.root:
        yield Column("root", "root_id", "id")
    for one in shape.fields:
        yield Column(one.name, one.column, "id" if one.is_id else one.type)
    yield Column("breaches", "breaches", "int")
    for derived in shape.derived:
        yield Column(derived.name, derived.name, "id" if derived.type == "person" else derived.type)


def _to_hex(value: UUID | None) -> str | None:
    return None if value is None else value.hex


def to_uuid(value: Any) -> Any:
    """An id as both databases give it."""
    return UUID(value) if isinstance(value, str) else value


def _to_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _from_json(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def _to_bool(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _to_bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


_READ: dict[str, Convert] = {"id": to_uuid, "bool": _to_bool, "codes": _from_json, "bytes": _to_bytes}


@lru_cache(maxsize=512)
def _converters(shape: Shape, vendor: str, *, reading: bool) -> tuple[tuple[int, Convert], ...]:
    """Which places of a row need another form; most need none."""
    write: dict[str, Convert] = {"codes": _to_json, "id": _to_hex if vendor == "sqlite" else None}
    chosen = _READ if reading else write
    places = enumerate(table(shape).columns)
    return tuple((place, chosen[one.type]) for place, one in places if chosen.get(one.type))


def params(node: Node, shape: Shape, rows: Iterable[Row], *, base: bool = False) -> list[list[Any]]:
    """Rows as the database takes them; `base` leaves out what their aggregates derive."""
    columns = table(shape).columns[: base_columns(shape) if base else None]
    names = [one.name for one in columns]
    converters = _converters(shape, store.connection(node).vendor, reading=False)
    return [_converted([row[name] for name in names], converters) for row in rows]


def _converted(listed: list[Any], converters: tuple[tuple[int, Convert], ...]) -> list[Any]:
    for place, convert in converters:
        if place < len(listed):
            listed[place] = convert(listed[place])  # type: ignore[misc]
    return listed


def base_columns(shape: Shape) -> int:
    """How many columns come before `breaches` and the derived ones."""
    return len(table(shape).columns) - len(shape.derived) - 1


def read(node: Node, shape: Shape, where: str, values: Sequence[Any], *, lock: bool = False) -> list[Row]:
    found = table(shape)
    locking = " FOR UPDATE" if lock and store.connection(node).vendor == "postgresql" else ""
    names = [one.name for one in found.columns]
    converters = _converters(shape, store.connection(node).vendor, reading=True)
    raws = store.rows(node, f"{found.select} WHERE {where}{locking}", values)
    return [Row(zip(names, _converted(list(raw), converters), strict=True)) for raw in raws]


def by_ids(node: Node, shape: Shape, ids: Iterable[UUID], *, lock: bool = False, column: str = "id") -> list[Row]:
    found: list[Row] = []
    for chunk in store.in_lists(sorted(ids, key=in_order)):
        where = f"{column} IN ({store.marks(len(chunk))}) ORDER BY id"
        found += read(node, shape, where, id_params(node, chunk), lock=lock)
    return found


def id_params(node: Node, ids: Iterable[UUID]) -> list[Any]:
    return [one.hex for one in ids] if store.connection(node).vendor == "sqlite" else list(ids)


def upsert(node: Node, shape: Shape, rows: Sequence[Row]) -> None:
    store.execute_many(node, table(shape).upsert, params(node, shape, rows))


def delete(node: Node, shape: Shape, ids: Sequence[UUID]) -> None:
    delete_raw(node, shape, id_params(node, ids))


def delete_raw(node: Node, shape: Shape, ids: Sequence[Any]) -> None:
    store.execute_many(node, f"DELETE FROM {table(shape).name} WHERE id = %s", [[one] for one in ids])
