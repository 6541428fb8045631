"""A node as an explicit object: home folder, database alias, key, clock, chance. Many live in one test process."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nacl.signing import SigningKey

from ulinzi.kernel.chance import Chance, SystemChance
from ulinzi.kernel.clock import Clock, SystemClock
from ulinzi.kernel.errors import Broken, Refused

_KEY_FILE = "node.key"
_current: ContextVar[Node | None] = ContextVar("ulinzi_node", default=None)


@dataclass(frozen=True)
class Node:
    home: Path
    alias: str
    key: SigningKey
    clock: Clock = field(default_factory=SystemClock)
    chance: Chance = field(default_factory=SystemChance)

    @property
    def public_key(self) -> bytes:
        return bytes(self.key.verify_key)

    @property
    def marker(self) -> Marker:
        return Marker(self.home / "incarnation")

    @contextmanager
    def use(self) -> Iterator[Node]:
        """Everything inside reads and writes this node."""
        token = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(token)


def current() -> Node:
    node = _current.get()
    if node is None:
        raise Broken("no_node")
    return node


def current_alias() -> str | None:
    node = _current.get()
    return node.alias if node else None


def open_node(home: Path, *, alias: str = "default", clock: Clock | None = None, chance: Chance | None = None) -> Node:
    try:
        seed = bytes.fromhex((home / _KEY_FILE).read_text())
    except FileNotFoundError as error:
        raise Refused("node_not_here", home=str(home)) from error
    except ValueError as error:
        raise Broken("node_key_unreadable", home=str(home)) from error
    return Node(home, alias, SigningKey(seed), clock or SystemClock(), chance or SystemChance())


def make_key(home: Path, chance: Chance) -> None:
    """Write a new node key, readable by its owner alone. An existing one is left as it is."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / _KEY_FILE
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(chance.bytes(32).hex() + "\n")
        out.flush()
        os.fsync(out.fileno())


class Mark(NamedTuple):
    """Which incarnation, the how manyth, and how much has been written."""

    incarnation: bytes
    incarnations: int
    written: int


class Marker:
    """The incarnation and how much it wrote, beside the database and never in a backup.

    A database that knows less than the marker was restored from an old copy: it must not go on in the same feed.
    Two slots in turn, written after the commit: one may be torn or behind, neither is ever ahead.
    """

    _SLOT = 64

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Mark | None:
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return None
        slots = [_slot(raw[start : start + self._SLOT]) for start in (0, self._SLOT)]
        return max((slot for slot in slots if slot), key=lambda slot: slot.written, default=None)

    def write(self, mark: Mark) -> None:
        text = f"{mark.incarnation.hex()} {mark.incarnations:04x} {mark.written:016x}"
        line = f"{text} {zlib.crc32(text.encode()):08x}\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(handle, line.encode(), self._SLOT * (mark.written % 2))
        finally:
            os.close(handle)

    def begin(self, mark: Mark) -> None:
        """A new incarnation: both slots go, or the old one's larger count would win."""
        self.path.unlink(missing_ok=True)
        self.write(mark)


def _slot(raw: bytes) -> Mark | None:
    try:
        text, check = raw.decode("ascii").rstrip("\n").rsplit(" ", 1)
        incarnation, incarnations, written = text.split(" ")
        if int(check, 16) != zlib.crc32(text.encode()):
            return None
        return Mark(bytes.fromhex(incarnation), int(incarnations, 16), int(written, 16))
    except ValueError:
        return None
