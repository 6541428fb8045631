"""Many entries: import, rebuild, verify, and what an import does to those who write beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from bench import rig
from bench.table import Line, at_least, at_most, quantile
from ulinzi.ledger import rebuild, store, verify
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places

COUNT = 20_000
ALONE, BESIDE, PAUSE = 500, 100, 0.02


def run(count: int = COUNT) -> Iterator[Line]:
    with rig.node() as node:
        took = [_import(count // 2, ALONE, version) for version in (1, 2)]
        yield at_least("import, nothing else running, half new and half changed", count / sum(took), 8_000, "entries/s")
        each = [f"{count // 2 / one:,.0f} entries/s" for one in took]
        yield Line("the new ones by themselves; the changed ones", "; ".join(each))
        entries, parts = _sizes(node)
        size = (node.home / "main.sqlite3").stat().st_size
        yield Line(
            "the same, in the database", f"{size / entries:,.0f} B an entry, {parts / entries:.1f} parts an entry"
        )
        yield from _reading(node)
    yield Line("the same rows by bare executemany, one commit a chunk", f"{bare_import(count):,.0f} rows/s")
    with rig.node() as node:
        yield from _beside(node, count // 2)


def import_half_and_half(count: int, chunk: int, *, pause: float = 0.0) -> float:
    """Half new areas, half changed ones: entries a second, pauses included."""
    return count / sum(_import(count // 2, chunk, version, pause=pause) for version in (1, 2))


def _import(count: int, chunk: int, version: int, *, pause: float = 0.0) -> float:
    """Seconds. The second version changes what the first brought."""
    began = time.perf_counter()
    for start in range(0, count, chunk):
        places.import_areas(rig.areas(chunk, start=start, version=version), compartment="north", by=rig.PERSON)
        if pause:
            time.sleep(pause)
    return time.perf_counter() - began


def bare_import(count: int, chunk: int = ALONE) -> float:
    import sqlite3

    with rig.folder() as folder:
        connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE bare (code TEXT PRIMARY KEY, name TEXT, kind TEXT)")
        began = time.perf_counter()
        for start in range(0, count, chunk):
            connection.execute("BEGIN IMMEDIATE")
            rows = [tuple(area.values()) for area in rig.areas(chunk, start=start)]
            connection.executemany("INSERT INTO bare VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")
        return count / (time.perf_counter() - began)


def _sizes(node: Node) -> tuple[int, int]:
    report = verify.verify(node)
    assert report.ok, report.findings[:3]
    return report.entries, report.parts


def _reading(node: Node) -> Iterator[Line]:
    entries, _ = _sizes(node)
    began = time.perf_counter()
    done = rebuild.rebuild(node)
    yield at_least("rebuild, nothing to mend", entries / (time.perf_counter() - began), 20_000, "entries/s")
    assert not done.differing
    _empty_tables(node)
    began = time.perf_counter()
    rebuild.rebuild(node)
    yield at_least("rebuild from empty tables", entries / (time.perf_counter() - began), 20_000, "entries/s")
    for tables, bar in ((False, 100_000), (True, 20_000)):
        began = time.perf_counter()
        assert verify.verify(node, tables=tables).ok
        what = "verify --tables" if tables else "verify"
        yield at_least(what, entries / (time.perf_counter() - began), bar, "entries/s")


def _empty_tables(node: Node) -> None:
    with store.connection(node).ledger_opened():
        store.execute(node, "DELETE FROM places_area")


def _beside(node: Node, count: int) -> Iterator[Line]:
    """An import in chunks with pauses, while another process writes 80 tasks a second."""
    alone = _latencies(_Writer(node), after=3.0)
    writer = _Writer(node)
    store.connection(node).writer.longest = 0.0
    rate = import_half_and_half(count, BESIDE, pause=PAUSE)
    others = _latencies(writer)
    held = store.connection(node).writer.longest * 1000
    yield at_least("import beside a process that writes 80/s", rate, 2_500, "entries/s")
    yield at_most("longest hold of the writer lock by the import", held, 50, "ms")
    yield Line("p99 of the other's writes, no import", f"{quantile(alone, 0.99):.1f} ms, n = {len(alone)}")
    yield at_most("p99 of the other's writes beside the import", quantile(others, 0.99), 250, "ms")


class _Writer:
    """Another process on the same node."""

    def __init__(self, node: Node) -> None:
        command = [sys.executable, "-m", "bench.other_writer", str(node.home)]
        self.process: Any = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"


def _latencies(writer: _Writer, *, after: float = 0.0) -> list[float]:
    """Tell it to stop, hear how long each write took."""
    if after:
        time.sleep(after)
    told, _ = writer.process.communicate("stop\n")
    return list(json.loads(told.splitlines()[-1]))
