from __future__ import annotations

from django.db import models

from ulinzi.ledger.records import Record, record
from ulinzi.responses import rules


@record(rules.RESPONSE)
class Response(Record):
    """Somebody sent because of an alert."""

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["alert"], name="responses_of_alert")]


@record(rules.STEP)
class Step(Record):
    """One thing that a response did: left, arrived, ended, was called off."""
