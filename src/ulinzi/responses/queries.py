"""What people ask about responses: those of an alert, for whoever may see the alert."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger.shapes import Row
from ulinzi.responses.models import Response, Step


def of_alerts(alerts: Iterable[UUID], reader: Rights) -> dict[UUID, list[Row]]:
    """By alert, in the order in which they were sent."""
    found: dict[UUID, list[Row]] = {}
    for row in tables.by_ids(node.current(), Response.shape, set(alerts), column="alert_id"):
        if reader.may(Act.SEE_ALERTS, row["compartment"]):
            found.setdefault(row["alert"], []).append(withhold(Response.shape, row, reader, Act.SEE_ALERTS))
    for listed in found.values():
        listed.sort(key=lambda row: (row["ordered_at"] or 0, row["id"].int))
    return found


def response(record: UUID, reader: Rights) -> Row:
    """One response, or NotFound: not here and not yours look the same."""
    found = tables.by_ids(node.current(), Response.shape, [record])
    if not found or not reader.may(Act.SEE_ALERTS, found[0]["compartment"]):
        raise NotFound("record_not_found", record=str(record))
    return withhold(Response.shape, found[0], reader, Act.SEE_ALERTS)


def steps(responses: Iterable[Row], reader: Rights) -> list[Row]:
    """The steps of these, in turn, the undone ones too."""
    found = tables.by_ids(node.current(), Step.shape, {row["id"] for row in responses}, column="root_id")
    known = [withhold(Step.shape, one, reader, Act.SEE_ALERTS) for one in found]
    return sorted(known, key=lambda one: (one["root"].int, one["turn"] or 0, one["claimed_at"] or 0, one["id"].int))
