from __future__ import annotations

from django.db import models

from ulinzi.ledger.records import Record, record
from ulinzi.messages import rules


@record(rules.MESSAGE)
class Message(Record):
    """That something reached the mission, and what became of it. Its words are the gateway's."""

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["state", "compartment", "received_at"], name="messages_waiting"),
            models.Index(fields=["compartment", "ended_at"], name="messages_ended"),
            models.Index(fields=["source"], name="messages_source"),
        ]


@record(rules.STEP)
class Step(Record):
    """One thing that was done with a message: claimed, called back, reported, set aside, undone."""
