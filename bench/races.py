"""Two of four people take one task, 150 times, on both databases, and once more with the lock taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bench import rig
from bench.table import Line
from tests.faults.together import Meeting
from tests.ledger import test_races
from tests.nodes import PostgresServer
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Rights
from ulinzi.desk import rules
from ulinzi.ledger import fold

CONTROL_FLOOR = 100


def run() -> Iterator[Line]:
    yield _kept("SQLite", _doubles("sqlite", None))
    with rig.postgres() as server:
        yield _kept("PostgreSQL", _doubles("postgres", server))
        found = _doubles("postgres", server, locked=False)
        what = f"the same on PostgreSQL with the row lock taken out, of {test_races.RACES}"
        yield Line(what, f"{found} doubled", f"more than {CONTROL_FLOOR}", found > CONTROL_FLOOR)


def _kept(engine: str, found: int) -> Line:
    return Line(f"{engine}: {test_races.RACES} races for one task", f"{found} doubled", "0", found == 0)


def _doubles(engine: str, server: PostgresServer | None, *, locked: bool = True) -> int:
    with rig.node(engine, server) as node, pytest.MonkeyPatch.context() as patch:
        # Who may is another question: here four people of whom no record is held all may.
        patch.setattr(accounts, "rights_of", lambda person: Rights(person, all=True))
        _meet_between_rule_and_write(patch, patience=0.01 if locked else 5.0)
        if not locked:
            load = fold.load_aggregates
            patch.setattr(fold, "load_aggregates", lambda *told, lock=False: load(*told, lock=False))
        tasks = test_races.some_tasks()
        test_races.race(node, tasks)
        return test_races.doubles(tasks)


def _meet_between_rule_and_write(patch: pytest.MonkeyPatch, *, patience: float) -> None:
    meeting, check = Meeting(patience=patience), rules.check_may_step

    def check_and_wait(task: Any, kind: Any, **rest: Any) -> None:
        check(task, kind, **rest)
        meeting.wait(task["id"])

    patch.setattr(rules, "check_may_step", check_and_wait)
