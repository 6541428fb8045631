"""Who is asked next when a promise has passed and nobody says that they have it.

It ends when a named person acknowledges, never by itself. Whoever is not there is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from ulinzi.accounts.rules import Role
from ulinzi.alerts.clocks import Clock
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.ledger.shapes import Row

# From who sits nearest to who answers for the office, then the mission.
CHAIN = (Role.WATCH_OFFICER, Role.PROVINCIAL_ADVISER, Role.HEAD_OF_OFFICE, Role.LEADERSHIP)
STEP_EVERY = 15 * MINUTE
LONGEST_PAUSE = 24 * HOUR


class Climb(NamedTuple):
    """`to` is nobody where every one of the chain is missing: the alert then stands on System."""

    clock: str
    level: int
    to: UUID | None


def next_climb(alert: Row, clocks: Sequence[Clock], people: Mapping[Role, Sequence[UUID]], now: int) -> Climb | None:
    """`people`: who holds each role there now, whoever has the duty first."""
    late = wants_to_climb(alert, clocks, now)
    if late is None:
        return None
    listed, done = _listed(people, owner=alert["owner"]), _asked(alert, late)
    if done and now - alert["climbed_at"] < _pause(done, len(listed)):
        return None
    if not listed:
        return None if done else Climb(late, 0, None)
    return Climb(late, done, listed[done % len(listed)])


def wants_to_climb(alert: Row, clocks: Sequence[Clock], now: int) -> str | None:
    """The promise that has passed, where it is time to ask somebody about it."""
    late = _late(alert, clocks, now)
    if late is None or not _asked(alert, late):
        return late
    waits = alert["holds"] or now - alert["climbed_at"] < STEP_EVERY
    return None if waits else late


def _asked(alert: Row, late: str) -> int:
    """How many were asked because of this one."""
    return alert["climbs"] if alert["climbed_for"] == late else 0


def _late(alert: Row, clocks: Sequence[Clock], now: int) -> str | None:
    """The promise that passed last: each climbs by itself. Before the first of them, that nobody has it at all."""
    passed = [one for one in clocks if one.is_due and one.due_at <= now]
    if passed:
        return max(passed, key=lambda one: one.due_at).name
    return "taking" if not alert["holds"] and _has_waited(alert, clocks, now) else None


def _has_waited(alert: Row, clocks: Sequence[Clock], now: int) -> bool:
    """Half the time to verify is gone, and nobody has said that they have it."""
    verify = clocks[0]
    return verify.is_due and now >= verify.due_at - verify.target + verify.target // 2


def _listed(people: Mapping[Role, Sequence[UUID]], *, owner: UUID | None) -> list[UUID]:
    """Everybody of the chain once. Whoever has it already and let it pass is asked last."""
    listed = list(dict.fromkeys(person for role in CHAIN for person in people.get(role, ())))
    return sorted(listed, key=lambda one: one == owner)


def _pause(done: int, many: int) -> int:
    """A quarter of an hour from one to the next. When all were asked in vain it begins again, each time more slowly."""
    return int(min(STEP_EVERY * 2 ** (done // max(many, 1)), LONGEST_PAUSE))
