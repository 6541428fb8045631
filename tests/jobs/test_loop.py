"""The worker's loop: it sleeps on an event, wakes for what is due, and a database that went away does not end it."""

from __future__ import annotations

import threading

from django.db import OperationalError

from tests.nodes import NOON, person
from ulinzi.jobs import actions, loop, queries, tasks  # noqa: F401 - registers its kinds before any is replaced
from ulinzi.jobs.rules import State
from ulinzi.kernel.clock import SECOND
from ulinzi.ledger import access


class Sleeps(threading.Event):
    """An event that only counts how long somebody wanted to sleep, and is set after `most` sleeps."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most, self.wanted = most, []

    def wait(self, timeout: float | None = None) -> bool:
        self.wanted.append(timeout)
        if len(self.wanted) == self.most:
            self.set()
        return self.is_set()


def test_with_nothing_to_do_it_sleeps(node, monkeypatch):
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    stop = Sleeps(3)
    loop.run(node, stop=stop)
    assert stop.wanted == [1.0, 1.0, 1.0]


def test_it_wakes_for_what_is_due_sooner(node, monkeypatch):
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    actions.ask("ledger.checkpoint", at=NOON + SECOND // 4)
    stop = Sleeps(1)
    loop.run(node, stop=stop)
    assert stop.wanted == [0.25]


def test_a_database_that_went_away_does_not_end_the_worker(node, monkeypatch):
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    id = actions.ask("ledger.checkpoint")
    answers = iter([OperationalError("gone")])
    due = queries.due

    def once_gone(now, **options):
        for error in answers:
            raise error
        return due(now, **options)

    monkeypatch.setattr(queries, "due", once_gone)
    stop = Sleeps(2)
    loop.run(node, stop=stop)
    assert stop.wanted == [loop.AFTER_DATABASE_ERROR, 1.0]
    assert queries.job(id).state == State.DONE


def test_a_round_writes_the_access_log(node):
    access.note("desk.Task:1", purpose="task page", by=person("ana"))
    loop.run(node, stop=threading.Event(), once=True)
    assert access.verify_access(node).entries == 1
