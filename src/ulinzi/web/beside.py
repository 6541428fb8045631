"""What stands beside the open alerts: silent gateways, what waits in the inbox, who has the duty.

A quiet watch is calm only where these say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ulinzi.accounts.rules import Act, Rights
from ulinzi.kernel.errors import Broken, Refused
from ulinzi.ledger.shapes import Row
from ulinzi.messages import queries as messages
from ulinzi.network import queries as network
from ulinzi.web import labels, people, plain, profile, times


@dataclass(frozen=True)
class Silent:
    """`since`: how long nothing was heard, nothing where it never was; `usual` how often it speaks otherwise."""

    name: str
    since: str
    usual: str


@dataclass(frozen=True)
class Duty:
    who: str
    post: str
    place: str
    until: int


def shown(reader: Rights, now: int) -> dict[str, Any]:
    shifts = network.duty_seen(reader, now) if reader.may_anywhere(Act.SEE_NETWORK) else []
    found: dict[str, Any] = {"duty": shifts, "on_duty": [_duty(one) for one in shifts]}
    if reader.may_anywhere(Act.SEE_MESSAGES):
        found |= _inbox(messages.waiting(reader), now) | _silent(reader, now)
    return found


def _duty(shift: Row) -> Duty:
    post = labels.of(labels.POSTS, shift["post"])
    return Duty(people.name(shift["person"]), post, profile.office(shift["compartment"]), shift["ends_at"])


def _inbox(waiting: Sequence[Row], now: int) -> dict[str, Any]:
    oldest = waiting[0]["received_at"] if waiting else None
    age = times.said_span(now - oldest) if oldest is not None else ""
    return {"waiting": len(waiting), "oldest": age, "many": len(waiting) >= messages.MOST_WAITING}


def _silent(reader: Rights, now: int) -> dict[str, Any]:
    """A gateway that does not answer at all is the loudest silence there is."""
    try:
        return {"silent": [_phone(one, now) for one in messages.silent_phones(reader)], "gateway_away": False}
    except (Broken, Refused):
        return {"silent": [], "gateway_away": True}


def _phone(phone: dict[str, Any], now: int) -> Silent:
    heard, usual = phone["last_heard"], phone["usual_gap"]
    since = times.said_span(now - heard) if heard is not None else ""
    return Silent(plain.visible(phone["name"]), since, times.said_span(usual) if usual else "")
