from __future__ import annotations

from django.db import models

from ulinzi.alerts import rules
from ulinzi.ledger.records import Record, record


@record(rules.ALERT)
class Alert(Record):
    """A warning that somebody answers for."""

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["state", "compartment", "received_at"], name="alerts_open"),
            models.Index(fields=["compartment", "received_at"], name="alerts_received"),
        ]


@record(rules.STEP)
class Step(Record):
    """One thing that was done about an alert, by whom, when it is said to have been and when it was written."""
