"""Erasing: bodies and salts go, digests and a verifying chain stay. A tombstone outlives everything else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import OperationalError

from ulinzi.ledger import codec, merge, store
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.intents import Erasure
from ulinzi.ledger.merge import Told, Tombs
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import table_names
from ulinzi.ledger.shapes import Row, Shape

Stored = tuple[int, int, int, bytes, bytes]
"""A part where it stands: feed, entry, place, salt, body."""


def stones(erasures: Iterable[Erasure]) -> list[store.Stone]:
    """One tombstone per group, group 0 for everything."""
    found = []
    for one in erasures:
        scope = codec.RECORD if one.shape else codec.PERSON
        found += store.stones_of(one.compartment, codec.erase_body(scope, 0, one.subject.bytes, one.groups, "", None))
    return found


def tombs_of(shape: Shape, row: Row | None) -> dict[str, Tombs]:
    """What was erased of a record whose row is here: the row says so itself."""
    if row is None or not row["erased"]:
        return {}
    groups = frozenset(shape.group(name).number for name in row["erased"].split(","))
    return {row["compartment"]: Tombs(False, groups)}


def with_roots(told: Iterable[Told], tombs: Mapping[bytes, Mapping[str, Tombs]]) -> dict[str, Tombs]:
    """What was erased of a record. A child goes with any root it was born under, when the root goes as a whole."""
    births = merge.births(told)
    if not births:
        return {}
    mine = dict(tombs.get(births[0].body[1], {}))
    for birth in births:
        if tombs.get(birth.body[3] or b"", {}).get(birth.compartment, merge.NOTHING_ERASED).all:
            mine[birth.compartment] = Tombs(True)
    return mine


def stones_on(node: Node, told: Iterable[Told]) -> dict[str, Tombs]:
    """The same, asked of the store."""
    births = merge.births(told)
    return with_roots(births, store.tombs(node, {one for birth in births for one in birth.body[1::2] if one}))


def children_of(node: Node, compartment: str, root: UUID) -> set[UUID]:
    """Every record born under a root, by the entries: a lost row must not keep its words. A long walk."""
    births = (codec.loads(one[4]) for one in _parts(node, compartment, "p.type = %s", (codec.BIRTH,)))
    return {UUID(bytes=told[1]) for told in births if merge.is_born(told, compartment) and told[3] == root.bytes}


def blank_record(node: Node, compartment: str, record: UUID, shape: Shape, groups: Sequence[int] | None) -> None:
    """Remove bodies and salts of a record's writes, and the "why" of entries that now tell nothing."""
    found = _parts(node, compartment, "p.record = %s AND p.type = %s", (record.bytes, codec.WRITE))
    gone = [one for one in found if groups is None or merge.touches(_groups_in(shape, one[4]), groups)]
    _blank(node, gone, codec.WRITE)
    for feed, seq in _entries_of(node, compartment, record):
        if groups is None or _beside_whole(node, feed, seq):
            _blank_why_of(node, feed, seq)


def _entries_of(node: Node, compartment: str, record: UUID) -> list[tuple[int, int]]:
    """Entries that wrote a record, also those whose bodies an earlier erasure took."""
    sql = (
        "SELECT DISTINCT p.feed, p.seq FROM ledger_part p JOIN ledger_feed f ON f.no = p.feed"
        " WHERE f.compartment = %s AND p.record = %s AND p.type = %s"
    )
    return [(feed, seq) for feed, seq in store.rows(node, sql, (compartment, record.bytes, codec.WRITE))]


def _beside_whole(node: Node, feed: int, seq: int) -> bool:
    """Whether an entry also wrote a record that was erased as a whole, in whichever order the two were erased."""
    sql = "SELECT DISTINCT record FROM ledger_part WHERE feed = %s AND seq = %s AND type = %s"
    named = [bytes(row[0]) for row in store.rows(node, sql, (feed, seq, codec.WRITE)) if row[0]]
    stones = [stones_on(node, told) for told in store.histories(node, named).values()]
    return any(tombs.all for by_compartment in stones for tombs in by_compartment.values())


def _groups_in(shape: Shape, body: bytes) -> frozenset[int]:
    """The groups of today that a stored write speaks of: an old one may hold what are several now."""
    told = Told("", Dot(b"", 0, 0), 0, codec.WRITE, codec.loads(body))
    return told.read(shape).groups


def blank_person(node: Node, compartment: str, person: UUID) -> None:
    """Remove the "why" of every entry of a compartment that names the person."""
    _blank(node, whys_naming(node, compartment, person), codec.WHY)


def whys_naming(node: Node, compartment: str, person: UUID) -> list[Stored]:
    """A walk through the log: it is rare."""
    found = _parts(node, compartment, "p.type = %s", (codec.WHY,))
    return [one for one in found if _names(codec.loads(one[4]), person.bytes)]


def _names(why: object, person: bytes) -> bool:
    return isinstance(why, dict) and person in (why.get(0), why.get(4))


def _parts(node: Node, compartment: str, where: str, values: Sequence[object]) -> list[Stored]:
    sql = (
        "SELECT p.feed, p.seq, p.part, p.salt, p.body FROM ledger_part p JOIN ledger_feed f ON f.no = p.feed"
        f" WHERE f.compartment = %s AND p.body IS NOT NULL AND {where}"
    )
    found = store.rows(node, sql, (compartment, *values))
    return [(feed, seq, part, bytes(salt), bytes(body)) for feed, seq, part, salt, body in found]


def _blank(node: Node, parts: Sequence[Stored], kind: int) -> None:
    changed = [(codec.digest(salt, kind, body), feed, seq, part) for feed, seq, part, salt, body in parts]
    sql = "UPDATE ledger_part SET digest = %s, salt = NULL, body = NULL WHERE feed = %s AND seq = %s AND part = %s"
    store.execute_many(node, sql, changed)


def _blank_why_of(node: Node, feed: int, seq: int) -> None:
    told = "SELECT 1 FROM ledger_part WHERE feed = %s AND seq = %s AND type IN (%s, %s) AND body IS NOT NULL LIMIT 1"
    if store.rows(node, told, (feed, seq, codec.WRITE, codec.ERASE)):
        return
    sql = (
        "SELECT feed, seq, part, salt, body FROM ledger_part"
        " WHERE feed = %s AND seq = %s AND type = %s AND body IS NOT NULL"
    )
    found = store.rows(node, sql, (feed, seq, codec.WHY))
    _blank(node, [(a, b, part, bytes(salt), bytes(body)) for a, b, part, salt, body in found], codec.WHY)


def clean_store(node: Node) -> bool:
    """After the commit, take what was erased out of the write-ahead log too. False where a reader was in the way."""
    connection = store.connection(node)
    try:
        if connection.vendor == "sqlite":
            return _truncate_log(node)
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(['ledger_part', *sorted(table_names())])}")
    except (OperationalError, sqlite3.OperationalError):
        return False
    return True


def _truncate_log(node: Node) -> bool:
    """Without waiting: a checkpoint that waits for a reader holds up every writer, until they give up."""
    waiting = store.rows(node, "PRAGMA busy_timeout")[0][0]
    with store.connection(node).writer_lock():
        store.execute(node, "PRAGMA busy_timeout=0")
        try:
            return bool(store.rows(node, "PRAGMA wal_checkpoint(TRUNCATE)")[0][0] == 0)
        finally:
            store.execute(node, f"PRAGMA busy_timeout={waiting}")
