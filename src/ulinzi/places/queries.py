from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.history import Erased, Event
from ulinzi.ledger.shapes import Row, Sensitivity
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


def known_area(record: UUID, reader: Rights) -> Row:
    """For whoever may see the tasks there: which areas a province tells apart says where it has people."""
    found = tables.by_ids(node.current(), Area.shape, [record])
    if not found or not _sees(reader, found[0]):
        raise NotFound("record_not_found", record=str(record))
    return found[0]


def known_names(areas: Iterable[UUID], reader: Rights) -> dict[UUID, str]:
    """Of those that the reader may know of: an area of one province may name one of another as what it is part of."""
    found = tables.by_ids(node.current(), Area.shape, {area for area in areas if area})
    return {row["id"]: row["name"] for row in found if _sees(reader, row)}


def _sees(reader: Rights, area: Row) -> bool:
    return reader.may(Act.SEE_TASKS, area["compartment"])


def area_history(area: Row, reader: Rights) -> list[Event]:
    """What happened to an area. Reasons are words, and lie deeper than its name does."""
    found = ledger_queries.history(Area.shape.label, area["id"])
    if reader.sees(Sensitivity.CONFIDENTIAL, Act.SEE_TASKS, area["compartment"]):
        return found
    return [_without_words(event) for event in found]


def _without_words(event: Event) -> Event:
    return replace(event, reason="", erasures=[Erased(one.groups, "", one.second) for one in event.erasures])
