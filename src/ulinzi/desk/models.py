from __future__ import annotations

from django.db import models

from ulinzi.desk import rules
from ulinzi.ledger.records import Record, record


@record(rules.TASK)
class Task(Record):
    """Something that somebody has to do, by a time, and what came of it."""

    class Meta(Record.Meta):
        # What is unfinished, what was finished last, what has two values: few rows each, of all that there ever were.
        # The state comes first, so that lists of a whole province do not go row by row through an index.
        indexes = [
            models.Index(fields=["state", "compartment", "due_at"], name="desk_task_due"),
            models.Index(fields=["finished_at"], name="desk_task_finished"),
            models.Index(fields=["compartment"], name="desk_task_torn", condition=models.Q(conflict=True)),
        ]


@record(rules.STEP)
class Step(Record):
    """One thing that was done with a task: taken, handed over, done, set aside, undone."""


@record(rules.ERASURE)
class Erasure(Record):
    """That somebody wants words or a name gone for ever, and what somebody else said to it."""
