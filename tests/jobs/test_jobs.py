"""Jobs: asked for with what they belong to, done once, taken over from the dead, stopped, tried again."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import pytest
from django.db import connections

from tests.nodes import NOON, person
from ulinzi.desk import actions as desk
from ulinzi.jobs import actions, kinds, loop, queries, rules, tasks
from ulinzi.jobs.rules import State
from ulinzi.jobs.work import Work
from ulinzi.kernel.clock import DAY, MINUTE, SECOND
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import erase, store
from ulinzi.ledger.node import Node

ANA, BORI = person("ana"), person("bori")
NEVER = threading.Event()


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A kind that only writes down what it was asked; the jobs of every day are left out."""
    seen: list[dict[str, Any]] = []
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    declare(monkeypatch, "test.note", lambda work: seen.append(dict(work.arguments)))
    return seen


def declare(monkeypatch: pytest.MonkeyPatch, name: str, run: Any, **options: Any) -> None:
    monkeypatch.setattr(kinds, "_KINDS", {**kinds._KINDS})
    kinds.kind(name, **options)(run)


def work_off(node: Node) -> int:
    return loop.run(node, stop=NEVER, once=True)


# Asking.


def test_a_job_is_done_and_says_so(node, ran):
    id = actions.ask("test.note", arguments={"number": 7}, by=ANA)
    assert queries.job(id).state == State.WAITING
    assert work_off(node) == 1
    done = queries.job(id)
    assert (done.state, done.tries, done.asked_by, done.ended_at) == (State.DONE, 1, ANA, NOON)
    assert ran == [{"number": 7}]
    assert queries.recent() == [done]


def test_a_job_waits_for_its_time(node, ran):
    actions.ask("test.note", at=NOON + MINUTE)
    assert work_off(node) == 0
    node.clock.advance(MINUTE)
    assert work_off(node) == 1


def test_asked_twice_before_it_is_taken_up_is_asked_once_at_the_earlier_time(node, ran):
    first = actions.ask("test.note", key="a", at=NOON + MINUTE)
    assert actions.ask("test.note", key="a", at=NOON) == first
    assert actions.ask("test.note", key="a", at=NOON + DAY) == first
    assert queries.job(first).run_at == NOON
    work_off(node)
    assert actions.ask("test.note", key="a") != first


def test_asked_once_is_never_done_again(node, ran):
    id = actions.ask("test.note", key="day-1", once=True)
    work_off(node)
    assert actions.ask("test.note", key="day-1", once=True) == id
    assert work_off(node) == 0


def test_a_job_asked_in_a_unit_that_fails_was_never_asked(node, ran):
    with pytest.raises(ZeroDivisionError), desk.ledger.unit("desk.add_task", by=ANA):
        actions.ask("test.note")
        _ = 1 / 0
    assert queries.recent() == []


@pytest.mark.parametrize("words", ["She said no", 1.5, ["a"], None, "x" * 81])
def test_nobody_puts_words_into_a_job(node, words):
    with pytest.raises(Refused, match="job_argument_not_allowed"):
        actions.ask("test.note", arguments={"words": words})


# Two workers.


def race(node: Node, monkeypatch: pytest.MonkeyPatch) -> list[queries.JobRow]:
    """Two workers who both saw the job before either took it up; what each of them got."""
    actions.ask("test.note")
    both_saw, found = threading.Barrier(2, timeout=20), []
    due = queries.due

    def due_then_wait(now: int, **options: Any) -> Any:
        listed = due(now, **options)
        both_saw.wait()
        return listed

    def worker(name: str) -> None:
        with node.use():
            try:
                found.append(actions.take(name))
            finally:
                connections[node.alias].close()

    with monkeypatch.context() as patch:
        patch.setattr(queries, "due", due_then_wait)
        threads = [threading.Thread(target=worker, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    return [job for job in found if job]


def test_two_workers_never_have_the_same_job(node, ran, monkeypatch):
    for _ in range(5):
        assert len(race(node, monkeypatch)) == 1
    assert {job.tries for job in queries.recent()} == {1}


def test_control_without_compare_and_set_both_have_it(node, ran, monkeypatch):
    monkeypatch.setattr(actions, "as_read", lambda job: {})
    assert len(race(node, monkeypatch)) == 2
    assert queries.recent()[0].tries == 2


def test_two_workers_ask_once_for_the_check_of_the_day(node):
    loop.ask_daily(node)
    loop.ask_daily(node)
    assert sorted(job.kind for job in queries.recent()) == ["jobs.forget", "ledger.verify"]
    node.clock.advance(DAY)
    loop.ask_daily(node)
    assert len(queries.recent()) == 4


def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(node, ran):
    id = actions.ask("test.note")
    lost = actions.take("dead")
    assert lost and actions.take("other") is None
    node.clock.advance(rules.LEASE + 1)
    mine = actions.take("other")
    assert mine and (mine.id, mine.tries, mine.worker) == (id, 2, "other")
    with pytest.raises(actions.LeaseLost):
        actions.finish(lost, {})
    actions.finish(mine, {"by": "other"})
    assert queries.job(id).result == {"by": "other"}


def test_saying_how_far_it_is_keeps_the_lease(node, ran):
    actions.ask("test.note")
    job = actions.take("slow")
    for _ in range(3):
        node.clock.advance(rules.LEASE - SECOND)
        actions.progress(job, 1, 3)
    assert actions.take("other") is None
    assert queries.job(job.id).done == 1


def test_a_job_that_every_worker_dies_of_is_given_up(node, ran):
    id = actions.ask("test.note")
    for _ in range(rules.MOST_TRIES):
        assert actions.take("dies")
        node.clock.advance(rules.LEASE + 1)
    work_off(node)
    assert (queries.job(id).state, queries.job(id).error, ran) == (State.FAILED, "WorkerLost", [])


# Failing and stopping.


def test_a_failing_job_is_tried_again_later_and_later_and_then_given_up(node, ran, monkeypatch):
    def fails(work: Work) -> None:
        raise ValueError("CANARY: what Ana told us")

    declare(monkeypatch, "test.fails", fails, most_tries=3)
    id = actions.ask("test.fails")
    waits = []
    while work_off(node):
        job = queries.job(id)
        if job.state == State.WAITING:
            waits.append((job.run_at - node.clock.now()) // SECOND)
            node.clock.value = job.run_at
    assert waits == [10, 20]
    assert (job.state, job.tries, job.error) == (State.FAILED, 3, "ValueError")
    assert "CANARY" not in repr(job)


def test_a_job_of_an_unknown_kind_fails_and_the_worker_goes_on(node, ran):
    unknown, known = actions.ask("test.unknown"), actions.ask("test.note")
    assert work_off(node) == 2
    assert (queries.job(unknown).error, queries.job(known).state) == ("UnknownKind", State.DONE)


def test_a_waiting_job_is_stopped_at_once(node, ran):
    id = actions.ask("test.note", key="a")
    actions.stop(id)
    assert work_off(node) == 0
    assert queries.job(id).state == State.STOPPED
    assert actions.ask("test.note", key="a") != id


@pytest.fixture
def counting(ran: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A kind in ten chunks; `between` runs after the third."""
    control: dict[str, Any] = {"between": lambda work: None, "reached": 0, "leaving": threading.Event()}

    def count(work: Work) -> dict[str, int]:
        for chunk in range(1, 11):
            if work.stopped():
                break
            control["reached"] = chunk
            work.progress(chunk, 10)
            if chunk == 3:
                control["between"](work)
        return {"reached": control["reached"]}

    declare(monkeypatch, "test.count", count)
    return control


def test_a_running_job_stops_between_two_chunks(node, counting):
    id = actions.ask("test.count")
    counting["between"] = lambda work: actions.stop(work.job.id)
    work_off(node)
    assert (queries.job(id).state, counting["reached"]) == (State.STOPPED, 3)


def test_a_worker_that_has_to_go_puts_its_job_back(node, counting):
    id = actions.ask("test.count")
    counting["between"] = lambda work: counting["leaving"].set()
    loop.run(node, stop=counting["leaving"])
    job = queries.job(id)
    assert (job.state, job.tries, job.worker, counting["reached"]) == (State.WAITING, 0, "", 3)
    counting["between"] = lambda work: None
    work_off(node)
    assert (queries.job(id).state, queries.job(id).result) == (State.DONE, {"reached": 10})


def test_progress_is_stored_at_most_once_a_second(node, counting, monkeypatch):
    stored = []
    keep = actions.progress
    monkeypatch.setattr(actions, "progress", lambda job, done, total: (stored.append(done), keep(job, done, total)))
    counting["between"] = lambda work: node.clock.advance(SECOND)
    id = actions.ask("test.count")
    work_off(node)
    assert stored == [1, 4, 10]
    assert (queries.job(id).done, queries.job(id).total) == (10, 10)


# Housekeeping.


def test_the_daily_check_says_what_it_checked(node):
    desk.add_task(compartment="north", by=ANA, title="Call back Telwa")
    work_off(node)
    checks = queries.last_checks()
    assert checks["chain"] == checks["tables"]
    assert checks["tables"].result["found"] == 0
    assert (checks["tables"].result["entries"], checks["tables"].result["rows_compared"]) == (1, 1)


def test_no_check_yet_is_said_too(node):
    assert queries.last_checks() == {"chain": None, "tables": None}


def test_erasing_asks_for_a_clean_store_until_no_reader_is_in_the_way(node, monkeypatch):
    task = desk.add_task(compartment="north", by=ANA, title="Call back Telwa")
    desk.erase_task(task, by=ANA, second=BORI, basis="entered in the wrong place")
    answers = iter([False] * 8 + [True])
    monkeypatch.setattr(erase, "clean_store", lambda node: next(answers))
    while work_off(node):
        node.clock.advance(2 * rules.backoff(20))
    job = next(job for job in queries.recent() if job.kind == "ledger.checkpoint")
    assert (job.state, job.tries, job.error, job.asked_by) == (State.DONE, 9, "", ANA)


def test_a_reader_in_the_way_is_an_error_that_is_tried_again(node, monkeypatch):
    id = actions.ask("ledger.checkpoint", key="erased")
    monkeypatch.setattr(erase, "clean_store", lambda node: False)
    work_off(node)
    assert (queries.job(id).state, queries.job(id).error) == (State.WAITING, tasks.ReaderInTheWay.__name__)


@pytest.mark.sqlite_only
def test_what_a_reader_kept_in_the_journal_is_gone_once_the_reader_is(node):
    task = desk.add_task(compartment="north", by=ANA, title="Call back", detail="CANARY-5521")
    store.rows(node, "PRAGMA busy_timeout = 10")
    reader = sqlite3.connect(node.home / "main.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM ledger_part").fetchall()
    desk.erase_words(task, by=ANA, second=BORI, basis="asked by the person")
    work_off(node)
    assert b"CANARY-5521" in (node.home / "main.sqlite3-wal").read_bytes()
    reader.close()
    node.clock.advance(rules.backoff(1))
    work_off(node)
    files = [path for path in node.home.rglob("*") if path.is_file()]
    held = [path.name for path in files if b"CANARY-5521" in path.read_bytes()]
    assert held == []


def test_ended_jobs_are_forgotten_after_a_month(node, ran):
    actions.ask("test.note")
    work_off(node)
    assert actions.forget(ended_before=NOON) == 0
    assert actions.forget(ended_before=NOON + 1) == 1
    assert queries.recent() == []
