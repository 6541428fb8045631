"""The access log: who looked at what, for which purpose. A hash chain of its own, and a row is never changed.

Reading a page notes and goes on; an export or an opened secret waits for its row, and does not happen without it.
"""

from __future__ import annotations

import hashlib
import multiprocessing.util
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, NamedTuple
from uuid import UUID

from django.db import Error, connections, transaction
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import Broken
from ulinzi.ledger import codec, hlc, store, tables
from ulinzi.ledger import node as nodes
from ulinzi.ledger.node import Mark, Marker, Node
from ulinzi.ledger.verify import Finding, Progress, Report

SLOT = 15 * MINUTE
GROUP = 50
WAIT_SECONDS = 2.0
# More than this unwritten, and reading has to stop too: what is not logged would otherwise grow without end.
MOST_WAITING = 5000
# Everything a database may raise, through Django's cursors and past them.
DATABASE_ERRORS = (Error, sqlite3.Error, OSError)
_CHUNK = 5000
# No commit gives a number or a stamp beyond it; whoever puts one there must not keep the log from going on.
_HIGHEST = 2**62


class Unlogged(Broken):
    """The access log could not be written, so what was asked for does not happen."""

    def __init__(self) -> None:
        super().__init__("access_not_logged")


class Look(NamedTuple):
    """One person at one object. Codes and ids only: the log outlives what is erased."""

    actor: UUID
    object: str
    purpose: str
    action: str
    result: str
    role: str
    at: int
    slot: int | None

    @property
    def same(self) -> tuple[Any, ...]:
        """Looks that share this are one row."""
        return (self.actor, self.object, self.purpose, self.action, self.result, self.slot)


def note(
    object: str,
    *,
    purpose: str,
    by: UUID,
    action: str = "read",
    result: str = "shown",
    role: str = "",
    at: int | None = None,
) -> None:
    """Somebody read something. Written within two seconds, once per person, object, purpose and 15 minutes."""
    node = nodes.current()
    now = node.clock.now() if at is None else at
    waiting = _waiting(node)
    count = waiting.add(Look(by, object, purpose, action, result, role, now, now // SLOT))
    if count >= GROUP and not store.connection(node).in_atomic_block:
        try:
            flush(node)
        except DATABASE_ERRORS as error:
            if count >= MOST_WAITING:
                raise Unlogged from error


def note_now(
    object: str, *, purpose: str, by: UUID, action: str, result: str = "allowed", role: str = "", at: int | None = None
) -> int:
    """For exports, opened secrets, reads after a fresh proof: the row is on disk when this returns, or it raises."""
    node = nodes.current()
    now = node.clock.now() if at is None else at
    try:
        return _append(node, [Look(by, object, purpose, action, result, role, now, None)])
    except DATABASE_ERRORS as error:
        raise Unlogged from error


def flush(node: Node) -> int:
    """Write what waits; the number of looks written. What cannot be written goes on waiting."""
    waiting = _waiting(node)
    looks = waiting.take()
    try:
        return _append(node, looks) if looks else 0
    except BaseException:
        waiting.put_back(looks)
        raise


def unsaved(node: Node) -> int:
    """Looks that have no row yet: it grows where the log cannot be written."""
    return _waiting(node).count()


class _Waiting:
    """Looks that have no row yet, of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._looks: dict[tuple[Any, ...], Look] = {}

    def add(self, look: Look) -> int:
        with self._lock:
            self._looks.setdefault(look.same, look)
            return len(self._looks)

    def count(self) -> int:
        with self._lock:
            return len(self._looks)

    def take(self) -> list[Look]:
        with self._lock:
            looks, self._looks = list(self._looks.values()), {}
        return looks

    def put_back(self, looks: Iterable[Look]) -> None:
        with self._lock:
            self._looks = {look.same: look for look in looks} | self._looks


# By node, because several live in one process; the node itself holds nothing that changes.
_buffers: dict[tuple[Path, str], _Waiting] = {}
_buffers_lock = Lock()


def _waiting(node: Node) -> _Waiting:
    with _buffers_lock:
        return _buffers.setdefault((node.home, node.alias), _Waiting())


def _append(node: Node, looks: Sequence[Look]) -> int:
    with transaction.atomic(using=node.alias, durable=True), store.connection(node).ledger_opened():
        last = _lock_last(node)
        fresh = [look for look in looks if look.slot is None or not _here(node, look)]
        rows = _chained(node, last, fresh)
        sql = (
            f"INSERT INTO ledger_access (seq, body, hash, seal, actor, object, purpose, slot) VALUES ({store.marks(8)})"
        )
        store.execute_many(node, sql, rows)
        if rows:
            _mark(node, rows[-1][0], rows[-1][2])
    return len(rows)


class _Last(NamedTuple):
    seq: int
    hash: bytes
    hlc: int


def _lock_last(node: Node) -> _Last:
    """The end of the chain, held until the commit: on SQLite by the writer lock, on PostgreSQL by one on the table."""
    if store.connection(node).vendor == "postgresql":
        store.execute(node, "LOCK TABLE ledger_access IN SHARE ROW EXCLUSIVE MODE")
    sql = "SELECT seq, hash, body FROM ledger_access WHERE seq BETWEEN 1 AND %s ORDER BY seq DESC LIMIT 1"
    found = store.rows(node, sql, (_HIGHEST,))
    if not found:
        return _Last(0, codec.NO_PREVIOUS, 0)
    seq, hashed, body = found[0]
    return _Last(int(seq), _stored(hashed), _stamp(_told(body)))


def _stamp(told: dict[str, Any]) -> int:
    """Of a row that nobody can read, none: the log goes on by the clock, and verify reports the row."""
    stamp = told.get("hlc")
    return stamp if type(stamp) is int and 0 <= stamp < _HIGHEST else 0


def _told(body: Any) -> dict[str, Any]:
    told = codec.loads(_stored(body))
    return told if type(told) is dict else {}


def _stored(value: Any) -> bytes:
    """SQLite keeps anything in any column; what is no bytes says nothing."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def _here(node: Node, look: Look) -> bool:
    """Another process, or this one a moment ago, may have written the row of this quarter of an hour."""
    sql = "SELECT body FROM ledger_access WHERE actor = %s AND object = %s AND purpose = %s AND slot = %s"
    params = [*tables.id_params(node, [look.actor]), look.object, look.purpose, look.slot]
    told = [_told(row[0]) for row in store.rows(node, sql, params)]
    asked = (look.action, look.result, look.slot)
    return any((one.get("action"), one.get("result"), one.get("slot", look.slot)) == asked for one in told)


def _chained(node: Node, last: _Last, looks: Sequence[Look]) -> list[list[Any]]:
    rows = []
    seq, hashed, stamp = last
    for look in looks:
        seq, stamp = seq + 1, hlc.tick(stamp, look.at)
        body = codec.encode(_body(node, seq, stamp, look))
        hashed = hash_of(hashed, body)
        actor = tables.id_params(node, [look.actor])[0]
        rows.append([seq, body, hashed, None, actor, look.object, look.purpose, look.slot])
    if rows:
        # One seal per commit: without the node's key nobody can write the chain anew from some row on.
        rows[-1][3] = node.key.sign(_seal_text(node, seq, hashed)).signature
    return rows


def _body(node: Node, seq: int, stamp: int, look: Look) -> dict[str, Any]:
    return {
        "seq": seq,
        "hlc": stamp,
        "actor": look.actor.bytes,
        "role": look.role,
        "node": node.public_key,
        "action": look.action,
        "object_code": look.object,
        "purpose": look.purpose,
        "result": look.result,
        "slot": look.slot,
    }


def hash_of(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(b"ulinzi/access1" + previous + body).digest()


def _seal_text(node: Node, seq: int, hashed: bytes) -> bytes:
    return b"ulinzi/access-seal1" + node.public_key + seq.to_bytes(8, "big") + hashed


# A marker beside the database: a log cut at a seal, or emptied, holds together by itself.


def _marker(node: Node) -> Marker:
    """The node's own kind of marker: the count is the newest row's number, and the sixteen bytes begin its hash."""
    return Marker(node.home / "access")


def _mark(node: Node, seq: int, hashed: bytes) -> None:
    """After the commit, so it is never ahead. One that the log does not bear out stays: it is what shows the cut."""
    marker = _marker(node)
    marked = marker.read()
    if marked is None or _holds(node, marked):
        mark = Mark(hashed[:16], 0, seq)
        transaction.on_commit(lambda: marker.write(mark), using=node.alias, robust=True)


def _holds(node: Node, marked: Mark) -> bool:
    found = store.rows(node, "SELECT hash FROM ledger_access WHERE seq = %s", (marked.written,))
    return bool(found) and _stored(found[0][0])[:16] == marked.incarnation


# Checking.

# Beyond every number a commit gives: the walk does not pass there, but a look could be hidden there.
_MISPLACED = "SELECT seq FROM ledger_access WHERE seq NOT BETWEEN 1 AND %s ORDER BY seq LIMIT 100"


def verify_access(node: Node, *, progress: Progress | None = None) -> Report:
    """Walk the chain from its first row and ask for the marker's. Cut with its marker, only a witness can tell."""
    marked = _marker(node).read()  # before the walk: it must not be newer than what is walked
    chain = _Chain(node, Report(feeds=1))
    total = store.rows(node, "SELECT COUNT(*) FROM ledger_access")[0][0]
    while chain.chunk():
        if progress:
            progress(chain.report.entries, total)
    if chain.seq and not chain.sealed:
        chain.find("access_end_not_sealed")
    for (seq,) in store.rows(node, _MISPLACED, (_HIGHEST,)):
        chain.find("access_row_misplaced", seq if type(seq) is int else 0)
    if marked and not _holds(node, marked):
        chain.find("access_cut", marked.written)
    return chain.report


@dataclass
class _Chain:
    node: Node
    report: Report
    seq: int = 0
    hash: bytes = codec.NO_PREVIOUS
    sealed: bool = True
    read_to: Any = 0

    def chunk(self) -> int:
        columns = "seq, body, hash, seal, actor, object, purpose, slot"
        sql = f"SELECT {columns} FROM ledger_access WHERE seq > %s AND seq <= %s ORDER BY seq LIMIT %s"
        found = store.rows(self.node, sql, (self.read_to, _HIGHEST, _CHUNK))
        for seq, body, hashed, seal, *copies in found:
            self._row(seq, _stored(body), _stored(hashed), seal, copies)
            self.read_to = seq
        return len(found)

    def _row(self, seq: Any, body: bytes, hashed: bytes, seal: Any, copies: list[Any]) -> None:
        if seq != self.seq + 1:
            self.find("access_row_missing")
        self.seq = int(seq)
        if hash_of(self.hash, body) != hashed:
            self.find("access_hash_differs")
        if not self._agrees(body, *copies):
            self.find("access_copy_differs")
        self.sealed = seal is not None
        if self.sealed and not self._seal_holds(hashed, _stored(seal)):
            self.find("access_seal_wrong")
        self.hash = hashed
        self.report.entries += 1

    def _agrees(self, body: bytes, actor: Any, object: str, purpose: str, slot: int | None) -> bool:
        try:
            told = codec.decode(body)
            known = [told[name] for name in ("seq", "node", "actor", "object_code", "purpose")]
            known.append(told.get("slot", slot))  # older rows do not say theirs
            return known == [self.seq, self.node.public_key, UUID(str(actor)).bytes, object, purpose, slot]
        except (Broken, KeyError, TypeError, ValueError, AttributeError):
            return False

    def _seal_holds(self, hashed: bytes, seal: bytes) -> bool:
        try:
            VerifyKey(self.node.public_key).verify(_seal_text(self.node, self.seq, hashed), seal)
        except (BadSignatureError, ValueError, TypeError):
            return False
        return True

    def find(self, code: str, seq: int | None = None) -> None:
        self.report.findings.append(Finding(code, "access", self.seq if seq is None else seq))


# Writing beside a web server.


class Flusher:
    """A thread that writes what waits every two seconds, and once more when the process ends."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self._stop = Event()
        self._thread = Thread(target=self._run, name="access-log", daemon=True)

    def start(self) -> None:
        self._thread.start()
        # A worker of the web server ends without atexit, but not without this.
        multiprocessing.util.Finalize(self, Flusher.close, args=(self,), exitpriority=10)

    def _run(self) -> None:
        while not self._stop.wait(WAIT_SECONDS):
            self._flush()
        connections[self.node.alias].close()

    def _flush(self) -> None:
        try:
            flush(self.node)
        except DATABASE_ERRORS:
            connections[self.node.alias].close()  # it waits on; note() raises before it is too much

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)
        self._flush()
