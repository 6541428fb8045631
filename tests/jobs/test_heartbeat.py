"""The worker says that it lives, from its loop and from within a job; one that is stuck says nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ulinzi.jobs import actions, heartbeat, kinds, loop
from ulinzi.jobs.work import Work
from ulinzi.kernel.clock import SECOND, SetClock
from ulinzi.ledger.node import Node

pytestmark = pytest.mark.sqlite_only


def clock_of(node: Node) -> SetClock:
    assert isinstance(node.clock, SetClock)
    return node.clock


def test_a_round_of_the_loop_beats(node: Node) -> None:
    assert heartbeat.is_silent(node)
    loop.run(node, stop=threading.Event(), once=True)
    assert heartbeat.last(node) == node.clock.now() and not heartbeat.is_silent(node)


def test_a_long_job_beats_between_its_chunks(node: Node) -> None:
    actions.ask("ledger.verify")
    job = actions.take("w1")
    assert job is not None
    for say in (lambda work: work.stopped(), lambda work: work.progress(1, 10)):
        clock_of(node).advance(heartbeat.EVERY)
        say(Work(job, threading.Event()))
        assert heartbeat.last(node) == node.clock.now()


def test_control_a_loop_that_is_stuck_says_nothing(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process lives and a job hangs: after as long as a lease lasts it counts as silent."""
    found: list[bool] = []

    def hang(work: Any) -> None:
        clock_of(node).advance(heartbeat.SILENT_AFTER + SECOND)
        found.append(heartbeat.is_silent(node))

    monkeypatch.setitem(kinds._KINDS, "test.hang", kinds.Kind("test.hang", hang, 1))
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    actions.ask("test.hang")
    loop.run(node, stop=threading.Event(), once=True)
    assert found == [True]


def test_it_is_written_at_most_every_ten_seconds(node: Node) -> None:
    heartbeat.beat(node)
    first = heartbeat.last(node)
    clock_of(node).advance(heartbeat.EVERY - 1)
    heartbeat.beat(node)
    assert heartbeat.last(node) == first
    clock_of(node).advance(1)
    heartbeat.beat(node)
    assert heartbeat.last(node) == first + heartbeat.EVERY


def test_a_clock_that_was_set_back_is_not_believed(node: Node) -> None:
    heartbeat.beat(node)
    clock_of(node).advance(-heartbeat.SILENT_AFTER - SECOND)
    assert heartbeat.is_silent(node)
    heartbeat.beat(node)
    assert not heartbeat.is_silent(node)


def test_a_file_that_says_nothing_is_silence(node: Node) -> None:
    (node.home / heartbeat.FILE).write_text("soon\n")
    assert heartbeat.is_silent(node)
    heartbeat.beat(node)
    assert not heartbeat.is_silent(node)


def test_a_folder_that_cannot_be_written_stops_no_worker(node: Node) -> None:
    (node.home / heartbeat.FILE).mkdir()
    heartbeat.beat(node)
    assert heartbeat.is_silent(node)
