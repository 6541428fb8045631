"""The worker says that it lives, from its loop and from within a job; one that is stuck says nothing."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ulinzi.jobs import actions, heartbeat, kinds, loop, tasks
from ulinzi.jobs.work import Work
from ulinzi.kernel.clock import MINUTE, SECOND, SetClock
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


def hanging(node: Node, monkeypatch: pytest.MonkeyPatch, spent: int, *, longest: int) -> bool:
    """Whether the worker counts as silent once a chunk of a job has taken so long."""
    found: list[bool] = []

    def hang(work: Any) -> None:
        clock_of(node).advance(spent)
        found.append(heartbeat.is_silent(node))

    monkeypatch.setitem(kinds._KINDS, "test.long", kinds.Kind("test.long", hang, 1, longest))
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    actions.ask("test.long")
    loop.run(node, stop=threading.Event(), once=True)
    return found[0]


def test_a_chunk_that_may_take_long_is_no_silence(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not hanging(node, monkeypatch, 29 * MINUTE, longest=30 * MINUTE)
    # Between two jobs the worker is waited for no longer than ever.
    clock_of(node).advance(heartbeat.SILENT_AFTER + SECOND)
    assert heartbeat.is_silent(node)


def test_control_a_worker_that_is_stuck_in_a_long_chunk_is_seen(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    assert hanging(node, monkeypatch, 31 * MINUTE, longest=30 * MINUTE)


def test_nobody_takes_a_job_over_while_its_chunk_may_last(node: Node) -> None:
    loop.autodiscover_modules("tasks")
    actions.ask("ledger.checkpoint")
    assert actions.take("w1")
    clock_of(node).advance(29 * MINUTE)
    assert actions.take("w2") is None
    clock_of(node).advance(2 * MINUTE)
    assert actions.take("w2")


def test_control_another_kind_is_taken_over_after_two_minutes(node: Node) -> None:
    actions.ask("ledger.verify")
    assert actions.take("w1")
    clock_of(node).advance(2 * MINUTE + 1)
    assert actions.take("w2")


def test_walking_the_access_log_beats(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the longest part of a check, and is no part of what is said of its progress."""
    beats: list[int] = []

    def walk(node: Node, *, progress: Any) -> Any:
        clock_of(node).advance(heartbeat.EVERY)
        progress(1, 2)
        beats.append(heartbeat.last(node))
        return tasks.access.Report(feeds=1)

    monkeypatch.setattr(tasks.access, "verify_access", walk)
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    actions.ask("ledger.verify")
    loop.run(node, stop=threading.Event(), once=True)
    assert beats == [node.clock.now()]


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
