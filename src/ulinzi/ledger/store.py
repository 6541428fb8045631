"""Entries, feeds and parts in SQL: the one module that appends, and the one that reads the log back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connections, transaction

from ulinzi.kernel.errors import Refused
from ulinzi.ledger import codec
from ulinzi.ledger.codec import Entry, Part
from ulinzi.ledger.merge import Told, Tombs
from ulinzi.ledger.node import Node

IN_LIST = 400
TELLING = (codec.BIRTH, codec.WRITE)


@dataclass
class NodeRow:
    code: str
    key: bytes
    incarnation: bytes
    incarnations: int
    written: int
    hlc: int
    counter: int

    @property
    def label(self) -> str:
        """The code in numbers people say aloud: BEN, and BEN2 once the node had to begin a new incarnation."""
        return self.code if self.incarnations == 1 else f"{self.code}{self.incarnations}"


@dataclass
class FeedRow:
    no: int
    feed: bytes
    compartment: str
    seq: int
    hash: bytes
    seal: bytes = b""


def connection(node: Node) -> Any:
    return connections[node.alias]


def rows(node: Node, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    found = connection(node)
    if found.vendor == "sqlite":
        with found.wrap_database_errors:
            return list(_sqlite(found).execute(_question_marks(sql), params))
    with found.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def each(node: Node, sql: str, params: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The same rows one by one: a third less to pay where there are many and none is kept."""
    found = connection(node)
    if found.vendor == "sqlite":
        return iter(_sqlite(found).execute(_question_marks(sql), params))
    return iter(rows(node, sql, params))


def execute(node: Node, sql: str, params: Sequence[Any] = ()) -> None:
    found = connection(node)
    if found.vendor == "sqlite":
        with found.wrap_database_errors:
            _sqlite(found).execute(_question_marks(sql), params)
        return
    with found.cursor() as cursor:
        cursor.execute(sql, params)


def execute_many(node: Node, sql: str, params: Sequence[Sequence[Any]]) -> None:
    if not params:
        return
    found = connection(node)
    if found.vendor == "sqlite":
        with found.wrap_database_errors:
            _sqlite(found).executemany(_question_marks(sql), params)
        return
    with found.cursor() as cursor:
        cursor.executemany(sql, params)


def _sqlite(found: Any) -> Any:
    """The handle itself: Django's cursor costs ten times the statement, and a write has nine of them."""
    found.ensure_connection()
    found.statements += 1
    return found.connection


@lru_cache(maxsize=1024)
def _question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


@contextmanager
def pipelined(node: Node) -> Iterator[None]:
    """Send what follows without waiting for each answer, where the database can."""
    found = connection(node)
    if found.vendor != "postgresql":
        yield
        return
    with found.connection.pipeline():
        yield


@contextmanager
def view(node: Node) -> Iterator[None]:
    """One unchanging view of the store for several reads, without keeping anybody from writing."""
    if connection(node).vendor == "postgresql":
        with transaction.atomic(using=node.alias):
            execute(node, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    execute(node, "BEGIN")
    try:
        yield
    finally:
        execute(node, "ROLLBACK")


_GATE = 8417


def pass_gate(node: Node, *, alone: bool) -> None:
    """PostgreSQL: many at once, or one alone, until the commit."""
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    execute(node, f"SELECT {lock}(%s)", (_GATE,))


def marks(count: int) -> str:
    return ", ".join(["%s"] * count)


def in_lists(values: Iterable[Any]) -> Iterable[list[Any]]:
    listed = list(values)
    return (listed[start : start + IN_LIST] for start in range(0, len(listed), IN_LIST))


def read_node(node: Node, *, lock: bool = False) -> NodeRow:
    locking = " FOR UPDATE" if lock and connection(node).vendor == "postgresql" else ""
    sql = "SELECT code, key, incarnation, incarnations, written, hlc, counter FROM ledger_node WHERE id = 1"
    found = rows(node, sql + locking)
    if not found:
        raise Refused("node_not_initialised")
    code, key, incarnation, *rest = found[0]
    return NodeRow(code, bytes(key), bytes(incarnation), *rest)


def insert_compartment(node: Node, code: str) -> None:
    execute(node, "INSERT INTO ledger_compartment (code) VALUES (%s) ON CONFLICT (code) DO NOTHING", (code,))


def compartments(node: Node) -> list[str]:
    return [row[0] for row in rows(node, "SELECT code FROM ledger_compartment ORDER BY code")]


def own_feeds(node: Node, incarnation: bytes) -> tuple[dict[str, FeedRow], bool]:
    """The feeds this node goes on with, and whether any person was erased: asked together, after the lock."""
    sql = (
        "SELECT f.no, f.feed, f.compartment, f.seq, f.hash, EXISTS (SELECT 1 FROM ledger_tombstone WHERE scope = 1)"
        " FROM (SELECT 1) one LEFT JOIN ledger_feed f ON f.node_key = %s AND f.incarnation = %s"
    )
    found = rows(node, sql, (node.public_key, incarnation))
    feeds = {row[2]: FeedRow(row[0], bytes(row[1]), row[2], row[3], bytes(row[4])) for row in found if row[0]}
    return feeds, bool(found[0][5])


def insert_feed(node: Node, incarnation: bytes, compartment: str) -> FeedRow:
    feed = codec.feed_id(node.public_key, incarnation, compartment)
    sql = (
        "INSERT INTO ledger_feed (feed, node_key, incarnation, compartment, own, seq, hash, seal, tick)"
        f" VALUES ({marks(9)}) RETURNING no"
    )
    values = (feed, node.public_key, incarnation, compartment, True, 0, codec.NO_PREVIOUS, b"", 0)
    return FeedRow(rows(node, sql, values)[0][0], feed, compartment, 0, codec.NO_PREVIOUS)


# The record that a part names, its body, the part.
Named = tuple[bytes | None, Any, Part]


class Appended(NamedTuple):
    """An entry where it stands, its hash, a seal where one is kept, its parts."""

    feed: FeedRow
    entry: Entry
    hash: bytes
    seal: bytes | None
    parts: Sequence[Named]


def insert_entries(node: Node, appended: Sequence[Appended]) -> None:
    heads = [(one.feed.no, one.entry.seq, one.entry.hlc, one.entry.unit, one.hash, one.seal) for one in appended]
    execute_many(node, f"INSERT INTO ledger_entry (feed, seq, hlc, unit, hash, seal) VALUES ({marks(6)})", heads)
    parts = [
        (one.feed.no, one.entry.seq, place, kind, record, salt, raw)
        for one in appended
        for place, (record, _, (kind, salt, raw, _)) in enumerate(one.parts)
    ]
    execute_many(
        node, f"INSERT INTO ledger_part (feed, seq, part, type, record, salt, body) VALUES ({marks(7)})", parts
    )


def save_heads(node: Node, row: NodeRow, feeds: Iterable[FeedRow]) -> None:
    execute(
        node,
        "UPDATE ledger_node SET incarnation = %s, incarnations = %s, written = %s, hlc = %s, counter = %s WHERE id = 1",
        (row.incarnation, row.incarnations, row.written, row.hlc, row.counter),
    )
    heads = [(feed.seq, feed.hash, feed.seal, feed.no) for feed in feeds]
    sql = "UPDATE ledger_feed SET seq = %s, hash = %s, seal = %s, tick = tick + 1 WHERE no = %s"
    execute_many(node, sql, heads)


_TOLD = (
    "SELECT p.record, f.compartment, f.feed, p.seq, p.part, e.hlc, p.type, p.body FROM ledger_part p"
    " JOIN ledger_feed f ON f.no = p.feed JOIN ledger_entry e ON e.feed = p.feed AND e.seq = p.seq"
    f" WHERE p.body IS NOT NULL AND p.type IN ({codec.BIRTH}, {codec.WRITE}) AND "
)


def histories(node: Node, records: Iterable[bytes]) -> dict[bytes, list[Told]]:
    """What the log says of each record: its births and writes, whoever wrote them."""
    found: dict[bytes, list[Told]] = {}
    for chunk in in_lists(records):
        found.update((record, []) for record in chunk)
        listed = rows(node, f"{_TOLD} p.record IN ({marks(len(chunk))})", chunk)
        for record, compartment, feed, seq, part, hlc, kind, body in listed:
            dot = codec.dot_of((bytes(feed), seq, part))
            found[bytes(record)].append(Told(compartment, dot, hlc, kind, codec.loads(body)))
    return found


def tombs(node: Node, subjects: Iterable[bytes]) -> dict[bytes, dict[str, Tombs]]:
    """What was erased of each record, by the compartment that said so."""
    found: dict[bytes, dict[str, Tombs]] = {}
    for chunk in in_lists(subjects):
        sql = 'SELECT subject, compartment, "group" FROM ledger_tombstone WHERE scope = 0 AND subject IN'
        for subject, compartment, group in rows(node, f"{sql} ({marks(len(chunk))})", chunk):
            mine = found.setdefault(bytes(subject), {})
            old = mine.get(compartment, Tombs())
            mine[compartment] = Tombs(old.all or group == 0, old.groups | ({group} if group else set()))
    return found


Stone = tuple[int, str, bytes, int]


def stones_of(compartment: str, body: Any) -> list[Stone]:
    """The tombstones of an erasure, one per group; group 0 is everything."""
    if not codec.is_erasure(body):
        return []
    scope, subject, groups = body[0], body[2], body[3]
    return [(scope, compartment, subject, group) for group in ((0,) if groups is None else groups)]


def insert_tombs(node: Node, stones: Sequence[Stone]) -> None:
    sql = f'INSERT INTO ledger_tombstone (scope, compartment, subject, "group") VALUES ({marks(4)})'
    execute_many(node, sql, stones)


def person_erased(node: Node, person: bytes) -> bool:
    return bool(rows(node, "SELECT 1 FROM ledger_tombstone WHERE scope = 1 AND subject = %s LIMIT 1", (person,)))
