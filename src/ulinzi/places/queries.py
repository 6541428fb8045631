from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from ulinzi.ledger import node, tables
from ulinzi.ledger.shapes import Row
from ulinzi.places.models import Area


def areas(compartments: Sequence[str]) -> list[Row]:
    """Areas by name."""
    if not compartments:
        return []
    marks = ", ".join(["%s"] * len(compartments))
    return tables.read(node.current(), Area.shape, f"compartment IN ({marks}) ORDER BY name, id", list(compartments))


def names(areas: Iterable[UUID]) -> dict[UUID, str]:
    """What these areas are called; an area that is not here has no name here."""
    wanted = {area for area in areas if area}
    return {row["id"]: row["name"] for row in tables.by_ids(node.current(), Area.shape, wanted)}
