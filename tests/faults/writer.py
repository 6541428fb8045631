"""A process that writes tasks until it is told to stop, or killed. It acknowledges each on a pipe, after the commit.

In one byte of shared memory it says where it stands, so that whoever kills it knows what was hit.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import UUID

# The server process that forks writers imports this module first of all.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ulinzi.config.settings")

import django

django.setup()

from django.db import connections  # noqa: E402
from django.db.transaction import Atomic  # noqa: E402

from tests.nodes import Nodes, database_of, person  # noqa: E402
from ulinzi.accounts.queries import at_console  # noqa: E402
from ulinzi.desk import actions, rules  # noqa: E402
from ulinzi.ledger import heads  # noqa: E402
from ulinzi.ledger.node import Mark, Marker, Node, open_node  # noqa: E402

OUTSIDE, INSIDE, COMMITTING = b"o", b"i", b"c"
PATIENCE = 60.0


@dataclass
class Order:
    """What a writer is to do. `die` kills it at one exact place, `plant` puts a mistake into it."""

    home: Path
    database: dict[str, Any]
    count: int = 1_000_000
    die: str = ""
    plant: str = ""


def write(order: Order, acks: Connection) -> None:
    """The body of the process."""
    alias = "default"
    connections.settings[alias] = connections.configure_settings({alias: order.database})[alias]
    connections[alias] = connections.create_connection(alias)
    node = open_node(order.home, alias=alias)
    with node.use(), at_console(person("ana")), _telling_where_it_stands(order.home / "state"):
        _plant(order, node)
        for number in range(order.count):
            if order.die and number == order.count - 1:
                _die_at(order.die)
            _write_one(number, acks, early=order.plant == "acknowledge_early")
    connections[alias].close()


def _write_one(number: int, acks: Connection, *, early: bool) -> None:
    by = person("ana")
    if early:
        acks.send_bytes(person("never written").bytes)
    task = actions.add_task(compartment="north", by=by, title=f"Task {number} of {os.getpid()}", detail="x" * 300)
    acks.send_bytes(task.bytes)
    if number % 3 == 0:
        actions.step(task, rules.Step.NOTED, by=by, words="Seen")


@contextmanager
def _telling_where_it_stands(path: Path) -> Iterator[None]:
    enter, leave = Atomic.__enter__, Atomic.__exit__
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 1) as state:

        def entered(self: Any) -> None:
            enter(self)
            state[:] = INSIDE

        def left(self: Any, *raised: Any) -> None:
            state[:] = COMMITTING
            leave(self, *raised)
            state[:] = OUTSIDE

        Atomic.__enter__, Atomic.__exit__ = entered, left
        yield


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(place: str) -> None:
    """Before the commit: all is written, nothing holds. After it: the transaction holds, the marker is behind."""
    if place == "before_commit":
        Atomic.__exit__ = lambda self, *raised: _die()
    else:
        Marker.write = lambda self, mark: _die()


def _plant(order: Order, node: Node) -> None:
    if order.plant == "marker_first":
        save = heads.Heads.save

        def save_marker_first(self: heads.Heads) -> None:
            node.marker.write(Mark(self.row.incarnation, self.row.incarnations, self.row.written))
            save(self)

        heads.Heads.save = save_marker_first


@dataclass
class Running:
    """A writer as seen from outside."""

    process: Any
    acks: Connection
    state: Path

    def acked(self, least: int) -> list[UUID]:
        """Wait for so many acknowledgements, or for its end."""
        found: list[UUID] = []
        try:
            while len(found) < least:
                assert self.acks.poll(PATIENCE), "the writer says nothing"
                found.append(UUID(bytes=self.acks.recv_bytes()))
        except (EOFError, ConnectionResetError):
            pass
        return found

    def wait(self) -> list[UUID]:
        """All acknowledgements up to its end."""
        found = self.acked(1_000_000)
        self.process.join(PATIENCE)
        return found

    def kill(self) -> bytes:
        """Where it stood when it was hit."""
        self.process.kill()
        self.process.join(PATIENCE)
        return self.state.read_bytes()


class Writers:
    """Starts writers from a server process that has everything imported: a new process in milliseconds."""

    def __init__(self, nodes: Nodes, node: Node) -> None:
        self.home = node.home
        self.database = {
            name: connections[node.alias].settings_dict[name] for name in ("ENGINE", "NAME", "CONN_MAX_AGE")
        }
        if nodes.engine == "postgres":
            self.database = nodes.server._settings(database_of(node.home))
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.faults.writer"])
        self.running: list[Running] = []
        (self.home / "state").write_bytes(OUTSIDE)

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *raised: object) -> None:
        for one in self.running:
            one.process.kill()
            one.process.join(PATIENCE)
            one.acks.close()

    def start(self, **order: Any) -> Running:
        here, there = self.context.Pipe(duplex=False)
        process = self.context.Process(target=write, args=(Order(self.home, self.database, **order), there))
        process.start()
        there.close()
        running = Running(process, here, self.home / "state")
        self.running.append(running)
        return running
