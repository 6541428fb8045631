from __future__ import annotations

from ulinzi.ledger.records import Record, record
from ulinzi.places import rules


@record(rules.AREA)
class Area(Record):
    """A part of the country that somebody answers for."""


@record(rules.COMMUNITY)
class Community(Record):
    """A village, a quarter or a camp whose people may call."""


@record(rules.BASE)
class Base(Record):
    """Where the mission's people are who may answer."""
