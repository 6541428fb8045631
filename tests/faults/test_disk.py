"""A disk that is full, or became read-only: writing says so, nothing is half-written, and later it goes on."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import django.db
import pytest

from tests.faults.disks import read_only, small_disk
from tests.faults.writer import Writers
from tests.nodes import Nodes, person, reader
from ulinzi.desk import actions, queries
from ulinzi.kernel.errors import Broken
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger import rebuild, store, verify
from ulinzi.ledger.node import Node

ANA, BORI = person("ana"), person("bori")
NORTH = ["north"]
SAID = (sqlite3.OperationalError, django.db.OperationalError, OSError)
STEP = 128 * 1024


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "4m") as disk:
        yield disk


@pytest.fixture
def nodes(disk: Path, templates: Path) -> Iterator[Nodes]:
    nodes = Nodes(disk, templates, "sqlite")
    yield nodes
    nodes.close()


def add(number: int) -> UUID:
    return actions.add_task(compartment="north", by=ANA, title=f"Task {number}", detail=f"{number} " * 500)


def here() -> set[UUID]:
    return {row.id for row in queries.open_tasks(reader(*NORTH), limit=100_000)}


def write_until_full(acked: set[UUID]) -> Exception:
    for number in range(10_000):
        try:
            acked.add(add(number))
        except SAID as error:
            return error
    raise AssertionError("the disk is larger than thought")


def test_a_full_disk_stops_writing_and_harms_nothing(nodes: Nodes, disk: Path) -> None:
    """Room comes back a little at a time: the disk ends while appending, committing, and moving the log."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(16 * STEP))
    node = nodes.make()
    acked: set[UUID] = set()
    with node.use():
        for left in range(15, 3, -1):
            error = write_until_full(acked)
            assert "full" in str(error) or "disk I/O" in str(error) or "No space" in str(error)
            assert here() == acked
            assert verify.verify(node).ok
            with ballast.open("r+b") as file:
                file.truncate(left * STEP)
            nodes.reopen(node)
            report = verify.verify(node, tables=True)
            assert report.ok, report.findings
            assert here() == acked
        ballast.unlink()
        nodes.reopen(node)
        acked.add(add(0))
        assert here() == acked and len(acked) > 100
        assert ledger_queries.node_state().incarnations == 1


def test_erasing_and_rebuilding_on_a_full_disk_are_all_or_nothing(nodes: Nodes, disk: Path) -> None:
    node = nodes.make()
    acked: set[UUID] = set()
    refused = 0
    (disk / "ballast").write_bytes(bytes(STEP))
    with node.use():
        write_until_full(acked)
        for task in sorted(acked)[:20]:
            try:
                actions.erase_words(task, by=ANA, second=BORI, basis="asked for")
            except SAID:
                refused += 1
                assert queries.task(task, reader(*NORTH)).title is not None
            else:
                assert queries.task(task, reader(*NORTH)).title is None
        assert refused
        (disk / "ballast").unlink()
        assert rebuild.rebuild(node).changed == 0
        assert verify.verify(node, tables=True).ok


def left_by_a_crash(nodes: Nodes, node: Node) -> int:
    """A writer killed on the way leaves its log beside the database; how many tasks it had acknowledged."""
    nodes.reopen(node)
    with Writers(nodes, node) as writers:
        running = writers.start()
        acked = running.acked(5)
        running.kill()
        return len(acked) + len(running.wait())


def contents(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(home.iterdir())}


def assert_reads_and_does_not_write(node: Node, count: int) -> None:
    before = contents(node.home)
    assert len(here()) >= count
    assert verify.verify(node).ok
    with pytest.raises(SAID) as refused:
        add(1)
    told = refused.value
    assert getattr(told, "errno", 0) == errno.EROFS or "readonly" in str(told) or "read-only" in str(told)
    assert contents(node.home) == before


def test_a_read_only_disk_is_read_after_a_crash(nodes: Nodes, disk: Path) -> None:
    node = nodes.make()
    with node.use():
        count = left_by_a_crash(nodes, node)
        with read_only(disk):
            assert_reads_and_does_not_write(node, count)
            nodes.reopen(node)
        add(2)
        assert verify.verify(node, tables=True).ok
        assert ledger_queries.node_state().incarnations == 1


def test_a_read_only_disk_is_read_after_a_clean_end(nodes: Nodes, disk: Path) -> None:
    """The last connection that closes takes its log away, and SQLite will not make one here."""
    node = nodes.make()
    with node.use():
        add(1)
        nodes.reopen(node)
        with read_only(disk):
            assert_reads_and_does_not_write(node, 1)
            nodes.reopen(node)


def test_tables_are_checked_on_a_read_only_disk(nodes: Nodes, disk: Path) -> None:
    """Checking writes nothing, so it needs no lock: a seized or failing disk is just the one to check."""
    node = nodes.make()
    with node.use():
        left_by_a_crash(nodes, node)
        with read_only(disk):
            try:
                assert verify.verify(node, tables=True).ok
            finally:
                nodes.reopen(node)


def test_control_the_disk_was_writable_before(nodes: Nodes, disk: Path) -> None:
    node = nodes.make()
    with node.use():
        left_by_a_crash(nodes, node)
        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            assert_reads_and_does_not_write(node, 1)


def test_a_marker_that_cannot_be_written_denies_no_write(
    tmp_path: Path, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written after the commit and may be behind. Whoever is told of an error there writes the same again."""

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    made = Nodes(tmp_path, templates, "sqlite")
    node = made.make()
    with node.use():
        add(1)
        with monkeypatch.context() as patch:
            patch.setattr(os, "pwrite", no_room)
            acked = add(2)
        assert acked in here() and len(here()) == 2
        add(3)
        assert ledger_queries.node_state().incarnations == 1
    made.close()


# Whether a commit is on the disk at all.


class _Stubborn(sqlite3.Connection):
    """An SQLite that was built, or told, not to wait for the disk."""

    def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
        return super().execute("PRAGMA synchronous=0" if sql == "PRAGMA synchronous=2" else sql, *rest)


@pytest.mark.parametrize(("factory", "objects"), [(_Stubborn, True), (sqlite3.Connection, False)])
def test_a_database_that_does_not_wait_for_the_disk_is_objected_to(
    tmp_path: Path, templates: Path, factory: type, objects: bool
) -> None:
    made = Nodes(tmp_path, templates, "sqlite")
    node = made.make()
    made.reopen(node)
    store.connection(node).settings_dict["OPTIONS"] = {"factory": factory}
    try:
        if objects:
            with pytest.raises(Broken, match="pragma_not_set"):
                store.read_node(node)
        else:
            assert store.read_node(node).code == "BEN"
    finally:
        made.close()
