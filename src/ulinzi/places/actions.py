"""Areas are entered by hand or imported from the mission's own list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act
from ulinzi.kernel import ids
from ulinzi.ledger.shapes import Row
from ulinzi.places import rules
from ulinzi.places.models import Area


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
