"""What people ask about reports. Who told it is for those alone who may know of sources."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger.shapes import Row
from ulinzi.reports.models import Report


def report_id(message: UUID, compartment: str) -> UUID:
    """What one message says is one report, however often somebody writes it down."""
    return ids.derived_id("reports.report", message.bytes, compartment=compartment)


def report(record: UUID, reader: Rights) -> Row:
    """One report, or NotFound: not here and not yours look the same."""
    found = reports([record], reader)
    if record not in found:
        raise NotFound("record_not_found", record=str(record))
    return found[record]


def reports(records: Iterable[UUID], reader: Rights) -> dict[UUID, Row]:
    """Those of them that are reports, are here and may be known of."""
    found = tables.by_ids(node.current(), Report.shape, set(records))
    return {row["id"]: _open_to(reader, row) for row in found if reader.may(Act.SEE_ALERTS, row["compartment"])}


def of_message(message: Row, reader: Rights) -> Row | None:
    record = report_id(message["id"], message["compartment"])
    return reports([record], reader).get(record)


def _open_to(reader: Rights, row: Row) -> Row:
    known = withhold(Report.shape, row, reader, Act.SEE_ALERTS)
    if reader.may(Act.SEE_SOURCES, row["compartment"]):
        return known
    # The message leads to its source, so it goes too.
    return Row({**known, "source": None, "message": None, "withheld": known["withheld"] | {"source"}})
