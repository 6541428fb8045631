"""A network, an inbox and five hundred open alerts on the full node: what the watch looks like on its worst night."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ulinzi.accounts import actions as accounts
from ulinzi.accounts.rules import Role
from ulinzi.alerts import actions as alerts
from ulinzi.alerts import intake
from ulinzi.alerts.rules import Step
from ulinzi.kernel.clock import MINUTE, SystemClock
from ulinzi.messages import actions as messages
from ulinzi.network import actions as network
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses

OPEN, COMMUNITIES, MESSAGES = 500, 200, 60
_WHAT = ("attack_now", "armed_men", "burning", "tension", "people_taken")
_PRIORITY = ("p1", "p2", "p2", "p3", "p1")


def fill(by: UUID, reader: UUID, areas: list[UUID]) -> dict[str, Any]:
    """In the north; the ids that addresses ask for."""
    told = {"compartment": "north", "by": by}
    villages = [
        places.add_community(name=f"Village {n}", area=areas[n % len(areas)], **told) for n in range(COMMUNITIES)
    ]
    base = places.add_base(name="Nerela base", kind="company", **told)
    sources = [network.enrol_source(community=one, kind="elected", **told) for one in villages]
    accounts.ask_grant(reader, Role.LIAISON_ASSISTANT, "north", by=by)
    post = network.add_liaison(person=reader, base=base, **told)
    now = SystemClock().now()
    shift = network.add_shift(person=reader, post="watch", starts_at=now - MINUTE, ends_at=now + 600 * MINUTE, **told)
    came = [_message(n, sources[n], by) for n in range(MESSAGES)]
    raised = [_alert(n, villages[n % COMMUNITIES], by) for n in range(OPEN)]
    response = responses.send(raised[0], by=by, responder="mission_force", way="patrol", words="At once", base=base)
    named = {"community": villages[0], "base": base, "source": sources[0], "liaison": post, "shift": shift}
    return named | {"alert": raised[0], "response": response, "message:record": came[0]}


def _message(n: int, source: UUID, by: UUID) -> UUID:
    at = SystemClock().now() - n * MINUTE
    told = {"channel": "missed_call", "phone": "N1", "compartment": "north", "source": source}
    return messages.receive(handle=f"{n:032x}", received_at=at, taken_at=at, by=by, **told)


def _alert(n: int, village: UUID, by: UUID) -> UUID:
    """Most of them verified; each came three minutes after the one before."""
    told = {"what": _WHAT[n % 5], "who": "armed_unknown", "happened": "now", "ongoing": "yes", "community": village}
    at = SystemClock().now() - n * 3 * MINUTE
    made = intake.alert_from_call(
        compartment="north", received_at=at, channel="radio", priority=_PRIORITY[n % 5], by=by, **told
    ).alert
    if n % 4:
        alerts.step(made, Step.VERIFIED, by=by, code="corroborated")
    return made
