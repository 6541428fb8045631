"""One local write, whole: action, rules, entry, fold, derive, commit and fsync, beside the engine's own insert."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from bench import rig
from bench.relay import Relay
from bench.table import Line, at_most, quantile
from tests.nodes import PostgresServer, reader
from ulinzi.accounts import queries as accounts
from ulinzi.desk import actions, queries, rules
from ulinzi.ledger import queries as ledger_queries

TIMES = 1000
EDITS = 500
SLOW_FSYNC = 0.3


def run(times: int = TIMES) -> Iterator[Line]:
    with rig.folder() as folder:
        bare = bare_sqlite(folder, times)
    yield Line("SQLite FULL: bare insert, wall p50", f"{bare:.2f} ms")
    with rig.node() as _:
        yield from _local_writes("SQLite FULL", times, cpu_bar=1.0, bare=bare, ratio_bar=4.0)
        yield _long_record()
    with rig.postgres() as server:
        yield from _on_postgres(server, times)


def bare_sqlite(folder: Path, times: int) -> float:
    """What one durable insert costs with nothing of ours in it."""
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, words TEXT)")
    wall, _ = rig.timed(lambda n: connection.execute("INSERT INTO bare (words) VALUES (?)", (f"Task {n}",)), times)
    connection.close()
    return quantile(wall, 0.5)


def _local_writes(name: str, times: int, *, cpu_bar: float, bare: float, ratio_bar: float | None) -> Iterator[Line]:
    tasks: list[UUID] = []

    def add(n: int) -> None:
        tasks.append(actions.add_task(compartment="north", by=rig.PERSON, title=f"Task {n}", urgency="soon"))

    acts = {
        "add a task": add,
        "edit a task": lambda n: actions.edit_task(rig.some(tasks, n), by=rig.PERSON, title=f"Task {n}, again"),
        "take a task": lambda n: actions.step(rig.some(tasks, n), rules.Step.TAKEN, by=rig.PERSON),
    }
    for what, act in acts.items():
        wall, cpu = rig.timed(act, times)
        yield at_most(f"{name}: {what}, CPU p50", quantile(cpu, 0.5), cpu_bar, "ms")
        yield _wall(f"{name}: {what}", wall, bare, ratio_bar)
    asked, _ = rig.timed(lambda n: accounts.rights_of(rig.CLERK), times)
    yield Line(f"{name}: asking what a person may do, p50", f"{quantile(asked, 0.5):.2f} ms, one query, in every act")


def _wall(what: str, wall: list[float], bare: float, bar: float | None) -> Line:
    p50, ratio = quantile(wall, 0.5), quantile(wall, 0.5) / bare
    told = f"{p50:.2f} / {quantile(wall, 0.95):.2f} ms, {ratio:.1f}x a bare insert"
    if bar is None:
        return Line(f"{what}, wall p50 / p95", told)
    # On a disk that answers faster than that, the ratio would measure the disk.
    kept = ratio <= bar if bare >= SLOW_FSYNC else None
    return Line(f"{what}, wall p50 / p95", told, f"at most {bar:g}x where fsync is {SLOW_FSYNC} ms or more", kept)


def _long_record() -> Line:
    task = actions.add_task(compartment="north", by=rig.PERSON, title="Edited often")
    for n in range(EDITS - rig.WARM):
        actions.edit_task(task, by=rig.PERSON, title=f"Edited {n} times")
    wall, _ = rig.timed(lambda n: actions.edit_task(task, by=rig.PERSON, title=f"Once more {n}"), 20)
    assert len(ledger_queries.history("desk.Task", task)) == 1 + EDITS + len(wall)
    return at_most(f"one record with {EDITS} edits, one more edit, p50", quantile(wall, 0.5), 5.0, "ms")


def _on_postgres(server: PostgresServer, times: int) -> Iterator[Line]:
    bare = _bare_postgres(server, times)
    yield Line("PostgreSQL: bare insert and commit, wall p50", f"{bare:.2f} ms")
    with rig.node("postgres", server):
        yield from _local_writes("PostgreSQL", times, cpu_bar=2.0, bare=bare, ratio_bar=None)
    with Relay(server.url) as relay, rig.node("postgres", PostgresServer(relay.url)):
        yield from _round_trips(relay)


def _bare_postgres(server: PostgresServer, times: int) -> float:
    import psycopg

    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, words text)")
        wall, _ = rig.timed(lambda n: connection.execute("INSERT INTO bare (words) VALUES (%s)", (f"Task {n}",)), times)
    return quantile(wall, 0.5)


def _round_trips(relay: Relay) -> Iterator[Line]:
    task = actions.add_task(compartment="north", by=rig.PERSON, title="Counted")
    acts: dict[str, Any] = {
        "add a task": lambda: actions.add_task(compartment="north", by=rig.PERSON, title="Counted too"),
        "edit a task": lambda: actions.edit_task(task, by=rig.PERSON, title="Counted again"),
        "take a task": lambda: actions.step(task, rules.Step.TAKEN, by=rig.PERSON),
    }
    queries.task(task, reader("north"))
    for what, act in acts.items():
        before = relay.turns
        act()
        yield at_most(f"PostgreSQL: {what}, round trips", relay.turns - before, 9, "")
