"""kill -9 at any moment: what was acknowledged is there, what was not is whole or absent, and the feed goes on."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.faults.writer import COMMITTING, INSIDE, OUTSIDE, Writers
from tests.nodes import Nodes, person
from ulinzi.desk import actions
from ulinzi.desk.models import Task
from ulinzi.ledger import queries, store, verify
from ulinzi.ledger.node import Node

KILLS = 40
ANA = person("ana")


@pytest.fixture
def writers(nodes: Nodes) -> Iterator[Writers]:
    with Writers(nodes, nodes.make()) as writers:
        yield writers


@pytest.fixture
def killed_node(nodes: Nodes, writers: Writers) -> Iterator[Node]:
    with nodes.made[0].use() as node:
        yield node


def reopened(nodes: Nodes, node: Node) -> set[UUID]:
    """As the next process finds it: sound, and the marker never ahead of the database."""
    nodes.reopen(node)
    report = verify.verify(node, tables=True)
    assert report.ok, report.findings
    marker = node.marker.read()
    assert marker is not None and marker.written <= store.read_node(node).written
    return set(Task.objects.values_list("id", flat=True))


def goes_on(node: Node) -> int:
    """Write once more; which incarnation it was written in."""
    actions.add_task(compartment="north", by=ANA, title="After the crash")
    return queries.node_state().incarnations


def kill_again_and_again(nodes: Nodes, node: Node, writers: Writers, *, kills: int) -> Counter[bytes]:
    rng = random.Random(kills)
    hits: Counter[bytes] = Counter()
    acked: set[UUID] = set()
    for _ in range(kills):
        running = writers.start()
        acked.update(running.acked(rng.randrange(1, 6)))
        # Not to wait for anything: this is the moment of the blow, anywhere in a write of some milliseconds.
        time.sleep(rng.random() * 0.006)
        hits[running.kill()] += 1
        acked.update(running.wait())
        assert acked <= reopened(nodes, node)
    return hits


def say(capsys: pytest.CaptureFixture[str], engine: str, hits: Counter[bytes]) -> None:
    with capsys.disabled():
        print(
            f"\n  {engine}: {sum(hits.values())} kills: {hits[INSIDE]} inside a transaction,"
            f" {hits[COMMITTING]} while it committed, {hits[OUTSIDE]} between two"
        )


@pytest.mark.slow
def test_killed_at_any_moment(
    nodes: Nodes, killed_node: Node, writers: Writers, engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hits = kill_again_and_again(nodes, killed_node, writers, kills=KILLS)
    say(capsys, engine, hits)
    assert hits[INSIDE] + hits[COMMITTING] >= KILLS // 3
    assert hits[INSIDE] >= 3
    assert goes_on(killed_node) == 1


def test_killed_a_few_times(nodes: Nodes, killed_node: Node, writers: Writers) -> None:
    kill_again_and_again(nodes, killed_node, writers, kills=4)
    assert goes_on(killed_node) == 1


@pytest.mark.parametrize(("place", "holds"), [("before_commit", 3), ("before_marker", 4)])
def test_killed_at_one_exact_place(nodes: Nodes, killed_node: Node, writers: Writers, place: str, holds: int) -> None:
    """Three tasks are written in full, the fourth as far as the place; one of the three has a note."""
    acked = writers.start(count=4, die=place).wait()
    assert len(acked) == 3
    here = reopened(nodes, killed_node)
    assert set(acked) <= here and len(here) == holds
    assert goes_on(killed_node) == 1


def test_control_a_marker_written_first_breaks_off_the_feed(nodes: Nodes, killed_node: Node, writers: Writers) -> None:
    writers.start(count=4, die="before_commit", plant="marker_first").wait()
    nodes.reopen(killed_node)
    assert killed_node.marker.read().written > store.read_node(killed_node).written
    assert goes_on(killed_node) == 2


def test_control_an_early_acknowledgement_is_caught(nodes: Nodes, killed_node: Node, writers: Writers) -> None:
    acked = writers.start(count=4, die="before_commit", plant="acknowledge_early").wait()
    assert not set(acked) <= reopened(nodes, killed_node)
