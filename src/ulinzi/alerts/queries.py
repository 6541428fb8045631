"""What people ask about alerts. Each question names who reads: others' are not there, deep words are withheld."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.alerts import rules
from ulinzi.alerts.models import Alert, Step
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.history import Event
from ulinzi.ledger.shapes import Row
from ulinzi.reports.models import Report

MOST_OPEN = 2000


def open_alerts(reader: Rights, *, limit: int = MOST_OPEN) -> list[Row]:
    """All that somebody still answers for, the newest first: where there are too many, tonight's are among them."""
    return _rows("state = %s ORDER BY received_at DESC, id DESC LIMIT %s", reader, [rules.State.OPEN, limit])


def received(reader: Rights, *, since: int, until: int, office: str = "", limit: int = 100_000) -> list[Row]:
    """All that came in a span of time, open or not: what rates are made of."""
    where = "received_at >= %s AND received_at < %s ORDER BY received_at, id LIMIT %s"
    return _rows(where, reader, [since, until, limit], act=Act.SEE_RATES, office=office)


def of_community(community: UUID, reader: Rights, *, since: int, limit: int = 50) -> list[Row]:
    """What was raised there lately: among them what somebody may be telling us again."""
    values = [*tables.id_params(node.current(), [community]), since, limit]
    return _rows("community_id = %s AND received_at >= %s ORDER BY received_at DESC, id LIMIT %s", reader, values)


def _rows(
    where: str, reader: Rights, values: Sequence[object], *, act: Act = Act.SEE_ALERTS, office: str = ""
) -> list[Row]:
    held = [one for one in seen_by(reader, act) if office in ("", one)]
    if not held:
        return []
    marks = ", ".join(["%s"] * len(held))
    found = tables.read(node.current(), Alert.shape, f"compartment IN ({marks}) AND {where}", [*held, *values])
    return [_open_to(reader, row, act) for row in found]


def seen_by(reader: Rights, act: Act = Act.SEE_ALERTS) -> list[str]:
    """The compartments whose alerts a person may know of."""
    return reader.where(act, ledger_queries.compartments())


def _open_to(reader: Rights, row: Row, act: Act = Act.SEE_ALERTS) -> Row:
    return withhold(Alert.shape, row, reader, act)


def alert(record: UUID, reader: Rights) -> Row:
    """One alert, or NotFound: not here and not yours look the same."""
    found = alerts([record], reader)
    if not found:
        raise NotFound("record_not_found", record=str(record))
    return found[record]


def alerts(records: Iterable[UUID], reader: Rights) -> dict[UUID, Row]:
    """Those of them that are alerts, are here and may be known of."""
    found = tables.by_ids(node.current(), Alert.shape, set(records))
    return {row["id"]: _open_to(reader, row) for row in found if reader.may(Act.SEE_ALERTS, row["compartment"])}


def steps(alert: Row, reader: Rights) -> list[Row]:
    """All steps in turn, the undone ones too, as far as they are open to the reader."""
    found = tables.by_ids(node.current(), Step.shape, [alert["id"]], column="root_id")
    known = [withhold(Step.shape, one, reader, Act.SEE_ALERTS) for one in found]
    return sorted(known, key=lambda one: (one["turn"] or 0, one["claimed_at"] or 0, one["id"].int))


def undoable(steps: Sequence[Row]) -> UUID | None:
    """The step that may be undone now."""
    counting = rules.effective(steps)
    return counting[-1]["id"] if counting and rules.may_undo(steps, counting[-1]) else None


def history(alert: Row) -> list[Event]:
    return ledger_queries.history(Alert.shape.label, alert["id"])


def waiting_to_climb(places: Sequence[str]) -> list[Row]:
    """Open alerts that this machine answers for, in the order in which they came: for the worker alone."""
    here = node.current()
    if not places:
        return []
    marks = ", ".join(["%s"] * len(places))
    where = f"compartment IN ({marks}) AND state = %s ORDER BY received_at, id"
    found = tables.read(here, Alert.shape, where, [*places, rules.State.OPEN])
    return [row for row in found if bytes(row["duty_node"] or b"") == here.public_key]


def messages_of_closed(since: int, until: int) -> set[UUID]:
    """What led to alerts that were ended in this span: for the worker alone."""
    # What was the same as another lives on there: its reports are the other's too.
    where = "state = %s AND closed_at >= %s AND closed_at < %s"
    closed = tables.read(node.current(), Alert.shape, where, [rules.State.CLOSED, since, until])
    told = tables.by_ids(node.current(), Step.shape, {row["id"] for row in closed}, column="root_id")
    attached = [one for one in rules.effective(told) if one["kind"] == rules.Step.ATTACHED]
    reports = {one["report"] for one in attached if one["report"]}
    return {row["message"] for row in tables.by_ids(node.current(), Report.shape, reports) if row["message"]}
