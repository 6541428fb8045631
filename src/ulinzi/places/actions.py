"""Areas come from the mission's own list. Communities and bases are written down by those who know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act
from ulinzi.kernel import ids
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.records import Record
from ulinzi.ledger.shapes import Row
from ulinzi.places import rules
from ulinzi.places.models import Area, Base, Community

Seen = Mapping[str, Sequence[Dot]]


def area_id(compartment: str, code: str) -> UUID:
    """The same code is the same area, on every node and at every import."""
    return ids.derived_id("places.area", code, compartment=compartment)


def add_area(*, compartment: str, code: str, by: UUID, **values: Any) -> UUID:
    rules.check_area(values)
    with ledger.unit("places.add_area", by=by) as unit:
        accounts.check_may(by, Act.EDIT_AREAS, compartment)
        return unit.add(Area, compartment=compartment, id=area_id(compartment, code), code=code, **values)["id"]


def import_areas(rows: Sequence[dict[str, Any]], *, compartment: str, by: UUID) -> dict[str, int]:
    """Areas from the mission's list, a chunk of rows already checked: new ones are added, changed names written."""
    done = {"added": 0, "changed": 0, "same": 0}
    known = {row["code"]: area_id(compartment, row["code"]) for row in rows}
    with ledger.batch() as batch:
        accounts.check_may(by, Act.EDIT_AREAS, compartment)
        batch.prefetch(Area.shape, known.values())
        for row in rows:
            done[_import_area(row, known[row["code"]], compartment=compartment, by=by)] += 1
    return done


def _import_area(row: dict[str, Any], record: UUID, *, compartment: str, by: UUID) -> str:
    parent = area_id(compartment, row["parent"]) if row.get("parent") else None
    told = {"name": row["name"], "kind": row["kind"], "parent": parent}
    with ledger.unit("places.import_area", by=by) as unit:
        here: Row | None = unit.find(Area, record)
        if here is None:
            unit.add(Area, compartment=compartment, id=record, code=row["code"], **told)
            return "added"
        return "changed" if unit.put(Area, here, **told) else "same"


# Communities and bases. Two may have one name, so none is known by it: each has an id made by chance.


def add_community(*, compartment: str, by: UUID, at: int | None = None, **values: Any) -> UUID:
    return _add(Community, "places.add_community", compartment, by, at, values)


def add_base(*, compartment: str, by: UUID, at: int | None = None, **values: Any) -> UUID:
    return _add(Base, "places.add_base", compartment, by, at, values)


def edit_community(
    community: UUID, *, by: UUID, seen: Seen | None = None, at: int | None = None, **values: Any
) -> list[str]:
    return _edit(Community, "places.edit_community", community, by, seen, at, values)


def edit_base(base: UUID, *, by: UUID, seen: Seen | None = None, at: int | None = None, **values: Any) -> list[str]:
    return _edit(Base, "places.edit_base", base, by, seen, at, values)


def _add(model: type[Record], action: str, compartment: str, by: UUID, at: int | None, values: dict[str, Any]) -> UUID:
    rules.check_place(values)
    with ledger.unit(action, by=by, at=at) as unit:
        accounts.check_may(by, Act.EDIT_NETWORK, compartment)
        _check_area(values, compartment)
        return unit.add(model, compartment=compartment, **values)["id"]


def _edit(
    model: type[Record], action: str, place: UUID, by: UUID, seen: Seen | None, at: int | None, values: dict[str, Any]
) -> list[str]:
    """Where somebody else changed it since `seen`, ledger.Moved shows both and saves nothing."""
    with ledger.unit(action, by=by, at=at) as unit:
        row = unit.load(model, place)
        accounts.check_may(by, Act.EDIT_NETWORK, row["compartment"])
        rules.check_place({**row, **values})
        _check_area(values, row["compartment"])
        return unit.put(model, row, seen=seen, **values)


def _check_area(values: Mapping[str, Any], compartment: str) -> None:
    area = values.get("area")
    if area is not None and not ids.lives_in(area.bytes, compartment):
        raise Refused("area_elsewhere", field="area")
