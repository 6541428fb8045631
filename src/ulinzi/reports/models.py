from __future__ import annotations

from ulinzi.ledger.records import Record, record
from ulinzi.reports import rules


@record(rules.REPORT)
class Report(Record):
    """What somebody said had happened, or was about to."""
