from __future__ import annotations

from ulinzi.ledger.records import Record, record
from ulinzi.network import rules


@record(rules.SOURCE)
class Source(Record):
    """Somebody who tells us things, by a code. Who that is stands nowhere here."""


@record(rules.LIAISON)
class Liaison(Record):
    """A liaison assistant's post: where, in which languages, under whom."""


@record(rules.SHIFT)
class Shift(Record):
    """Who has the phone, the watch or the radio, from when to when."""
