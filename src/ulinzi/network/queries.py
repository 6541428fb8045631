"""What people ask about the network: who may be called, who has the duty, how many voices a community has."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Row, Shape
from ulinzi.network import rules
from ulinzi.network.models import Liaison, Shift, Source


def source_id(compartment: str, code: str) -> UUID:
    """The same code is the same source on every node, so writing it down twice is writing it down once."""
    return ids.derived_id("network.source", code, compartment=compartment)


# Sources.


def source(record: UUID, reader: Rights) -> Row:
    """One source. Whether it may be called is told to everybody who sees the network; its code to those who see codes.

    `withheld` names the groups that were taken out.
    """
    row = _one(Source.shape, record, reader)
    return row if reader.may(Act.SEE_SOURCES, row["compartment"]) else _without_code(row)


def _without_code(row: Row) -> Row:
    return Row({**row, "code": None, "community": None, "kind": None, "withheld": row["withheld"] | {"code", "home"}})


def sources(reader: Rights, *, community: UUID | None = None, ended: bool = False) -> list[Row]:
    """By code, for those alone who see codes; those who withdrew are left out."""
    where = "" if ended else " AND ended IS NULL"
    values: list[object] = []
    if community is not None:
        where, values = f"{where} AND community_id = %s", tables.id_params(node.current(), [community])
    return _rows(Source.shape, reader, f"{where} ORDER BY code, id", values, act=Act.SEE_SOURCES)


def voices(reader: Rights) -> dict[UUID, int]:
    """How many speak to us, by community. Who has withdrawn or is not known counts for none."""
    held = _seen_by(reader)
    if not held:
        return {}
    sql = (
        f"SELECT community_id, COUNT(*) FROM {tables.table(Source.shape).name} WHERE compartment IN ({_marks(held)})"
        " AND ended IS NULL AND kind <> %s AND community_id IS NOT NULL GROUP BY community_id"
    )
    found = ledger_queries.read(sql, [*held, "unknown"])
    return {tables.to_uuid(community): int(count) for community, count in found}


def source_of_code(code: str, compartment: str) -> UUID | None:
    """The source that the gateway means, where it is here. For the machine, which shows it to nobody."""
    record = source_id(compartment, code)
    return record if tables.by_ids(node.current(), Source.shape, [record]) else None


def withdrawn_codes() -> list[str]:
    """For the worker, which tells the gateway and nobody else."""
    found = ledger_queries.read(f"SELECT code FROM {tables.table(Source.shape).name} WHERE ended IS NOT NULL", [])
    return sorted(str(code) for (code,) in found if code)


# Liaison assistants.


def posts(compartment: str) -> list[Row]:
    """Every post there that has not ended, for a rule that asks whether somebody has one."""
    return tables.read(node.current(), Liaison.shape, "compartment = %s AND ended IS NULL", [compartment])


def liaisons(reader: Rights) -> list[Row]:
    """Those who have a post now."""
    return _rows(Liaison.shape, reader, " AND ended IS NULL ORDER BY id", [])


def liaison(record: UUID, reader: Rights) -> Row:
    return _one(Liaison.shape, record, reader)


# Who has the duty.


def duty(compartment: str, now: int) -> list[Row]:
    """The shifts that are held there at this moment: the phone first. Asked by the machine, which reads for nobody."""
    where = "compartment = %s AND ended IS NULL AND starts_at <= %s AND ends_at > %s"
    return rules.on_duty(tables.read(node.current(), Shift.shape, where, [compartment, now, now]), now)


def duty_seen(reader: Rights, now: int) -> list[Row]:
    """The same for a screen, wherever the reader sees the network."""
    return rules.on_duty(shifts(reader, now, now + 1), now)


def shifts(reader: Rights, since: int, until: int) -> list[Row]:
    """Those that have a part in this span, by their beginning; what was called off is left out."""
    rest = " AND ended IS NULL AND ends_at > %s AND starts_at < %s ORDER BY starts_at, id"
    return _rows(Shift.shape, reader, rest, [since, until])


def shift(record: UUID, reader: Rights) -> Row:
    return _one(Shift.shape, record, reader)


def _rows(
    shape: Shape, reader: Rights, rest: str, values: Sequence[object], *, act: Act = Act.SEE_NETWORK
) -> list[Row]:
    held = [one for one in _seen_by(reader) if reader.may(act, one)]
    if not held:
        return []
    found = tables.read(node.current(), shape, f"compartment IN ({_marks(held)}){rest}", [*held, *values])
    return [withhold(shape, row, reader, act) for row in found]


def _one(shape: Shape, record: UUID, reader: Rights) -> Row:
    """Not here and not yours look the same."""
    found = tables.by_ids(node.current(), shape, [record])
    if not found or not reader.may(Act.SEE_NETWORK, found[0]["compartment"]):
        raise NotFound("record_not_found", record=str(record))
    return withhold(shape, found[0], reader, Act.SEE_NETWORK)


def _seen_by(reader: Rights) -> list[str]:
    return reader.where(Act.SEE_NETWORK, ledger_queries.compartments())


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))
