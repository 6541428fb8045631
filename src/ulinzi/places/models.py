from __future__ import annotations

from ulinzi.ledger.records import Record, record
from ulinzi.places import rules


@record(rules.AREA)
class Area(Record):
    """A part of the country that somebody answers for."""
