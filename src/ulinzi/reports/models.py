from __future__ import annotations

from django.db import models

from ulinzi.ledger.records import Record, record
from ulinzi.reports import rules


@record(rules.REPORT)
class Report(Record):
    """What somebody said had happened, or was about to."""

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["source"], name="reports_source"),
            models.Index(fields=["message"], name="reports_message"),
        ]
