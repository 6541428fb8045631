"""What people ask about messages. What was written, and the number, are asked of the gateway and kept nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.gateway.client import Client
from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Row
from ulinzi.messages import rules
from ulinzi.messages.models import Message, Step
from ulinzi.network.models import Source
from ulinzi.network.rules import may_call, may_write

MOST_WAITING = 500
MOST_LETTERS = 500
"""How many letters of the gateway are looked at in one round."""
FORGOTTEN_AT_ONCE = 1000


def waiting(reader: Rights, *, limit: int = MOST_WAITING) -> list[Row]:
    """All that no person has dealt with, the oldest first: each has the same time, so the oldest is due first."""
    return _rows("state = %s ORDER BY received_at, id LIMIT %s", reader, [rules.State.WAITING, limit])


def dealt_with(reader: Rights, *, limit: int = 10) -> list[Row]:
    """The newest first. What has no time of its own stands last, on both databases."""
    where = "state <> %s ORDER BY ended_at IS NULL, ended_at DESC, id LIMIT %s"
    return _rows(where, reader, [rules.State.WAITING, limit])


def _rows(where: str, reader: Rights, values: Sequence[object]) -> list[Row]:
    held = seen_by(reader)
    if not held:
        return []
    marks = ", ".join(["%s"] * len(held))
    found = tables.read(node.current(), Message.shape, f"compartment IN ({marks}) AND {where}", [*held, *values])
    return [withhold(Message.shape, row, reader, Act.SEE_MESSAGES) for row in found]


def seen_by(reader: Rights) -> list[str]:
    return reader.where(Act.SEE_MESSAGES, ledger_queries.compartments())


def message(record: UUID, reader: Rights) -> Row:
    """One message, or NotFound: not here and not yours look the same."""
    found = tables.by_ids(node.current(), Message.shape, [record])
    if not found or not reader.may(Act.SEE_MESSAGES, found[0]["compartment"]):
        raise NotFound("record_not_found", record=str(record))
    return withhold(Message.shape, found[0], reader, Act.SEE_MESSAGES)


def rows(messages: Iterable[UUID]) -> list[Row]:
    """As they stand, for actions alone."""
    return tables.by_ids(node.current(), Message.shape, set(messages))


def steps(message: Row, reader: Rights) -> list[Row]:
    """All steps in turn, the undone ones too, as far as they are open to the reader."""
    found = tables.by_ids(node.current(), Step.shape, [message["id"]], column="root_id")
    known = [withhold(Step.shape, one, reader, Act.SEE_MESSAGES) for one in found]
    return sorted(known, key=lambda one: (one["turn"] or 0, one["claimed_at"] or 0, one["id"].int))


def undoable(steps: Sequence[Row]) -> Row | None:
    """The step that may be undone now."""
    counting = rules.effective(steps)
    return counting[-1] if counting and rules.may_undo(steps, counting[-1]) else None


def call_begun(steps: Iterable[Row]) -> Row | None:
    """A call of which nobody has said yet what came of it."""
    counting = rules.effective(list(steps))
    begun = [one for one in counting if one["kind"] == rules.Step.CALLED and one["code"] is None]
    return begun[-1] if begun else None


@dataclass(frozen=True)
class Origin:
    """What may be said of whoever a message came from. The code is for those alone who may know of sources."""

    code: str
    kind: str
    community: UUID | None
    contact: str
    ended: bool
    may_be_called: bool


def origins(messages: Iterable[Row], reader: Rights) -> dict[UUID, Origin]:
    """By message; one whose source is withheld, or is not here, has none."""
    wanted = {row["id"]: row["source"] for row in messages if row["source"]}
    found = {row["id"]: row for row in tables.by_ids(node.current(), Source.shape, set(wanted.values()))}
    return {message: _origin(found[source], reader) for message, source in wanted.items() if source in found}


def _origin(source: Row, reader: Rights) -> Origin:
    knows = reader.may(Act.SEE_SOURCES, source["compartment"])
    told = (source["code"] or "") if knows else ""
    contact = "withdrawn" if source["ended"] else source["contact"] or ""
    return Origin(told, source["kind"] or "", source["community"], contact, bool(source["ended"]), may_call(source))


# Writing back.


def outgoing_id(message: UUID, phrase: str) -> str:
    """One phrase goes to whoever sent one message once, however often somebody presses (T-C-09)."""
    return str(ids.derived_id("messages.outgoing", message.bytes, phrase))


def source_of(message: Row) -> Row | None:
    """As it stands, for actions alone."""
    found = tables.by_ids(node.current(), Source.shape, [message["source"]]) if message["source"] else []
    return found[0] if found else None


def of_source(source: UUID) -> list[Row]:
    """Every message of one sender, for actions alone."""
    return tables.by_ids(node.current(), Message.shape, [source], column="source_id")


def writable(messages: Iterable[UUID], now: int) -> list[Row]:
    """Those whose source has asked for an SMS and whose number is still kept, the oldest first. For actions alone:
    whoever shows them asks `origins` what may be said of them.
    """
    found = [row for row in rows(messages) if rules.number_is_kept(row, now) and may_write(source_of(row))]
    return sorted(found, key=lambda row: (row["received_at"], row["id"].int))


def outgoing(since: int) -> dict[str, dict[str, Any]]:
    """What became of every SMS that something was heard of since then, by its id."""
    return {one["id"]: one for one in gateway().sent(since)}


# What the gateway says.


def gateway() -> Client:
    """That of this machine: a process of its own, which holds the numbers and the raw words."""
    return Client(node.current().home)


def words(message: Row) -> str | None:
    """What was written, read where it is sealed. Whoever shows it notes it in the access log first.

    None where nothing was written, or where it has been handed back.
    """
    return gateway().words(message["letter"].hex()) if message["letter"] else None


def letters(*, limit: int = MOST_LETTERS) -> list[dict[str, Any]]:
    """What the gateway holds for this machine's compartments, and this machine has not written down yet."""
    return list(gateway().pending(limit, compartments=ledger_queries.compartments()))


def strays() -> int:
    """How many are for a compartment that this machine does not hold: they wait in the gateway until somebody looks.

    Counted by themselves: however many there are, they stand before no letter that can be taken.
    """
    return gateway().strays(ledger_queries.compartments())


def silent_phones(reader: Rights) -> list[dict[str, Any]]:
    """Duty phones of the reader's places that have not been heard for longer than is usual."""
    seen = set(seen_by(reader))
    return [one for one in gateway().phones() if one["silent"] and one["compartment"] in seen]


def finished_with(*, since: int, aside_before: int, reported_before: int) -> Iterator[list[Row]]:
    """For the worker alone: set aside or written down long enough ago that nobody takes it back any more.

    All of them, so many at once: however many there are, the newest have their turn too.
    """
    over = "((state = %s AND ended_at < %s) OR (state = %s AND ended_at < %s))"
    where = f"{over} AND (ended_at > %s OR (ended_at = %s AND id > %s)) ORDER BY ended_at, id LIMIT %s"
    values = [rules.State.SET_ASIDE, aside_before, rules.State.REPORTED, reported_before]
    here, ended, last = node.current(), since, UUID(int=0)
    while True:
        after = [ended, ended, *tables.id_params(here, [last])]
        found = tables.read(here, Message.shape, where, [*values, *after, FORGOTTEN_AT_ONCE])
        yield found
        if len(found) < FORGOTTEN_AT_ONCE:
            return
        ended, last = found[-1]["ended_at"], found[-1]["id"]
