"""The gateway's own file and keys: what is kept of numbers and words is sealed, and gone when it is erased.

The file is SQLite with every write on the disk before anybody is told. A key beside it seals; whoever has only one of
the two has nothing, whoever has both has what is kept and can count back the enrolled numbers. Neither goes into a
backup.
"""

from __future__ import annotations

import hmac
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from ulinzi.kernel.chance import Chance
from ulinzi.kernel.clock import Clock
from ulinzi.kernel.errors import Broken

FOLDER, FILE, KEY = "gateway", "gateway.sqlite3", "gateway.key"
_PRAGMAS = (
    "busy_timeout=5000", "journal_mode=wal", "synchronous=FULL", "secure_delete=1", "trusted_schema=0", "temp_store=2",
)  # fmt: skip
_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS phone (code TEXT PRIMARY KEY, compartment TEXT NOT NULL, name TEXT NOT NULL,"
    " calling_code TEXT NOT NULL, usual_gap INTEGER NOT NULL, signing BLOB NOT NULL, sends BLOB, dials BLOB,"
    " last_heard INTEGER) STRICT",
    "CREATE TABLE IF NOT EXISTS letter (handle BLOB PRIMARY KEY, phone TEXT NOT NULL, kind TEXT NOT NULL,"
    " received_at INTEGER NOT NULL, taken_at INTEGER NOT NULL, code TEXT, number BLOB, words BLOB,"
    " fingerprint BLOB NOT NULL UNIQUE, handed_at INTEGER, number_gone_at INTEGER, words_gone_at INTEGER) STRICT",
    "CREATE INDEX IF NOT EXISTS letter_waiting ON letter (taken_at) WHERE handed_at IS NULL",
    "CREATE INDEX IF NOT EXISTS letter_number ON letter (taken_at) WHERE number IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS letter_words ON letter (handed_at) WHERE words IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS letter_code ON letter (code)",
    "CREATE TABLE IF NOT EXISTS known (sender BLOB PRIMARY KEY, code TEXT NOT NULL) STRICT",
    "CREATE INDEX IF NOT EXISTS known_code ON known (code)",
    "CREATE TABLE IF NOT EXISTS ringing (phone TEXT NOT NULL, caller BLOB NOT NULL, number BLOB, mark TEXT NOT NULL,"
    " began_at INTEGER NOT NULL, heard_at INTEGER NOT NULL, PRIMARY KEY (phone, caller)) STRICT",
    "CREATE TABLE IF NOT EXISTS seen (mark BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS outgoing (id TEXT PRIMARY KEY, handle BLOB NOT NULL, phone TEXT NOT NULL,"
    " state TEXT NOT NULL, reason TEXT NOT NULL, asked_at INTEGER NOT NULL, given_at INTEGER,"
    " changed_at INTEGER NOT NULL) STRICT",
)
# What a file that was made before does not have.
_LATER = (("letter", "fingerprint_gone_at", "INTEGER"),)
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS letter_fingerprint ON letter (taken_at)"
    " WHERE number IS NULL AND words IS NULL AND fingerprint_gone_at IS NULL",
)


class Store:
    """One file, one connection, one writer at a time. Other processes (the command line) open their own."""

    def __init__(self, home: Path, clock: Clock, chance: Chance) -> None:
        self.folder = home / FOLDER
        self.clock, self.chance = clock, chance
        self.counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.RLock()
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.folder.chmod(0o700)
        master = _master(self.folder / KEY, chance)
        self._box = SecretBox(_derived(master, "seal"))
        self._index, self._finger = _derived(master, "index"), _derived(master, "fingerprint")
        self._db = _opened(self.folder / FILE)
        self._check(_derived(master, "check"))

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return list(self._db.execute(sql, params))

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction. When it ends well, what it wrote is on the disk."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def let_go(self) -> None:
        """Erased pages leave the journal too; a reader in another process may hold them until the next time."""
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def seal(self, about: bytes, text: str) -> bytes:
        """`about` goes in with it: nobody with the file alone can put one sender's number to another's words."""
        plain = len(about).to_bytes(2, "big") + about + text.encode("utf-8")
        return bytes(self._box.encrypt(plain, self.chance.bytes(SecretBox.NONCE_SIZE)))

    def unseal(self, about: bytes, sealed: bytes) -> str:
        try:
            plain = self._box.decrypt(sealed)
        except CryptoError as error:
            raise Broken("gateway_seal_broken") from error
        head = len(about).to_bytes(2, "big") + about
        if not plain.startswith(head):
            raise Broken("gateway_seal_broken")
        return plain[len(head) :].decode("utf-8")

    def sender(self, number: str) -> bytes:
        """The keyed index. Names and short numbers have a place of their own: none can look like somebody's number."""
        kind = b"tel" if number.startswith("+") else b"as it came"
        told = b"ulinzi-v1/bi\0" + kind + b"\0" + number.encode("utf-8")
        return hmac.digest(self._index, told, "sha256")[:16]

    def fingerprint(self, *parts: str) -> bytes:
        told = [part.encode("utf-8", "replace") for part in parts]
        return hmac.digest(self._finger, b"".join(len(one).to_bytes(4, "big") + one for one in told), "sha256")

    def _check(self, made: bytes) -> None:
        with self.writing() as db:
            db.execute("INSERT INTO meta (name, value) VALUES ('key', ?) ON CONFLICT DO NOTHING", (made,))
            found = db.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()["value"]
        if not hmac.compare_digest(found, made):
            raise Broken("gateway_key_is_another")


def _derived(master: bytes, what: str) -> bytes:
    return hmac.digest(master, b"ulinzi-v1/gateway/" + what.encode(), "sha256")


def _master(path: Path, chance: Chance) -> bytes:
    if not path.exists():
        _make(path, chance.bytes(32))
    found = path.read_bytes()
    if len(found) != 32:
        raise Broken("gateway_key_is_another")
    return found


def _make(path: Path, key: bytes) -> None:
    """Whole or not at all, and never over one that is there."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
        os.link(part, path)
    except FileExistsError:
        pass  # another process was faster, and its key holds
    finally:
        os.close(handle)
        part.unlink()


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    made = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    made.row_factory = sqlite3.Row
    for one in _PRAGMAS:
        made.execute(f"PRAGMA {one}")
    # One transaction: one wait for the disk, and none where everything is there.
    made.execute("BEGIN IMMEDIATE")
    for one in _TABLES:
        made.execute(one)
    for table, name, kind in _LATER:
        if not made.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, name)).fetchone():
            made.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    for one in _INDEXES:
        made.execute(one)
    made.execute("COMMIT")
    return made
