from __future__ import annotations

from ulinzi.accounts import rules
from ulinzi.ledger.records import Record, record


@record(rules.PERSON)
class Person(Record):
    """Somebody who works with the mission: the name shown beside what they did."""


@record(rules.GRANT)
class Grant(Record):
    """A role for a person in a place: asked by one, confirmed by another, ended for ever."""


@record(rules.TEAM)
class Team(Record):
    """People who share a desk."""


@record(rules.MEMBERSHIP)
class Membership(Record):
    """One person's time in a team."""
