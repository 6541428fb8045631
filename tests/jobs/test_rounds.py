"""What the worker looks after: one round that fails keeps no other from its turn, and no job from being taken."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from django.db import DataError, InterfaceError, OperationalError

from ulinzi.jobs import actions, loop, queries, rounds, tasks  # noqa: F401 - registers its kinds
from ulinzi.jobs.rules import State
from ulinzi.kernel.clock import SECOND
from ulinzi.ledger.node import Node

AWAY = (
    OperationalError("the server closed the connection"),
    InterfaceError("connection already closed"),
    sqlite3.OperationalError("unable to open database file"),
    ConnectionResetError(),
    TimeoutError(),
)
SAID_AGAIN = (DataError("value too long"), sqlite3.DataError("too big"), PermissionError(13, "no"), ValueError())


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A round that raises what is put in here, each time it has its turn, and nothing else to do."""
    wrong: list[BaseException] = []

    def look(node: Node) -> None:
        raise wrong[0]

    monkeypatch.setattr(rounds, "_ROUNDS", {})
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    rounds.every(SECOND)(look)
    return wrong


@pytest.mark.parametrize("error", SAID_AGAIN, ids=repr)
def test_what_a_database_would_say_again_keeps_no_job_from_being_taken(
    node: Node, failing: list[BaseException], error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    failing.append(error)
    job = actions.ask("ledger.checkpoint")
    loop.run(node, stop=threading.Event(), once=True)
    assert queries.job(job).state == State.DONE
    assert f"failed: {type(error).__name__}" in caplog.text


@pytest.mark.parametrize("error", AWAY, ids=repr)
def test_control_a_database_that_is_away_is_waited_for(
    node: Node, failing: list[BaseException], error: BaseException
) -> None:
    failing.append(error)
    with pytest.raises(type(error)):
        loop.run(node, stop=threading.Event(), once=True)
