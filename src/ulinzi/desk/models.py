from __future__ import annotations

from ulinzi.desk import rules
from ulinzi.ledger.records import Record, record


@record(rules.TASK)
class Task(Record):
    """Something that somebody has to do, by a time, and what came of it."""


@record(rules.STEP)
class Step(Record):
    """One thing that was done with a task: taken, handed over, done, set aside, undone."""
