"""What stays on this machine and in no ledger: log-ins, one-time codes, sessions, tries, saved views.

A file of its own. Losing it costs nothing but new codes and the saved views, so it is written without waiting for the
disk, and no backup holds it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Any

from ulinzi.ledger.node import Node

FILE = "local.sqlite3"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS login (person BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, hash TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS code (hash BLOB PRIMARY KEY, person BLOB NOT NULL, until INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS asked (person BLOB PRIMARY KEY, asked_by BLOB NOT NULL, at INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS session (hash BLOB PRIMARY KEY, person BLOB NOT NULL, began INTEGER NOT NULL,"
    " seen INTEGER NOT NULL, proved INTEGER NOT NULL) STRICT",
    "CREATE INDEX IF NOT EXISTS session_person ON session (person)",
    "CREATE TABLE IF NOT EXISTS try (name BLOB NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
    "CREATE INDEX IF NOT EXISTS try_name ON try (name, address)",
    "CREATE INDEX IF NOT EXISTS try_address ON try (address)",
    "CREATE TABLE IF NOT EXISTS saved_view (person BLOB NOT NULL, screen TEXT NOT NULL, name TEXT NOT NULL,"
    " query TEXT NOT NULL, usual INTEGER NOT NULL, PRIMARY KEY (person, screen, name)) STRICT",
)
_PRAGMAS = ("busy_timeout=5000", "journal_mode=wal", "synchronous=NORMAL", "secure_delete=1", "trusted_schema=0")
_open = local()


def rows(node: Node, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return list(_connection(node).execute(sql, params))


@contextmanager
def writing(node: Node) -> Iterator[sqlite3.Connection]:
    """One transaction, alone: what is counted in it is still true when it ends."""
    connection = _connection(node)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # A full disk ends a transaction by itself; one that is left open would stop this thread for ever.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _connection(node: Node) -> sqlite3.Connection:
    """One for each thread and home; each process opens its own."""
    held: dict[tuple[Path, int], tuple[sqlite3.Connection, int]] = _open.__dict__.setdefault("held", {})
    path = node.home / FILE
    key = (node.home, os.getpid())
    if key in held and _inode(path) != held[key][1]:
        held.pop(key)[0].close()  # taken away while we ran: what it held is gone
    if key not in held:
        held[key] = (_opened(path), _inode(path))
    return held[key][0]


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None)
    for one in _PRAGMAS:
        connection.execute(f"PRAGMA {one}")
    for one in _TABLES:
        connection.execute(one)
    return connection


def close() -> None:
    """This thread's connections, for tests that take a home away."""
    for one in _open.__dict__.pop("held", {}).values():
        one[0].close()
