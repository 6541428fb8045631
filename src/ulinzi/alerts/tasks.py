"""What the worker does about alerts: ask the next person where a promise has passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings

from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act, Role
from ulinzi.alerts import actions, climbing, queries
from ulinzi.alerts.clocks import clocks, targets_of
from ulinzi.jobs import rounds
from ulinzi.kernel.clock import DAY, MINUTE, SECOND
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.node import Node
from ulinzi.messages import actions as messages
from ulinzi.network import queries as network

LOOK_EVERY = 10 * SECOND
# Whoever closed something by mistake notices soon; the gateway forgets by itself after three days.
KEPT, LONGEST_KEPT = 15 * MINUTE, 3 * DAY


@rounds.every(LOOK_EVERY)
def let_climb(node: Node) -> None:
    """Every open alert of this machine whose promise has passed and that nobody holds."""
    now, waiting = node.clock.now(), queries.waiting_to_climb(ledger_queries.compartments())
    if not waiting:
        return
    targets = targets_of([(one.clock, one.minutes) for one in settings.MISSION.targets])
    standing = [(row, clocks(row, targets, now)) for row in waiting]
    late = [(row, stand) for row, stand in standing if climbing.wants_to_climb(row, stand, now)]
    people = {place: _people(place, now) for place in {row["compartment"] for row, _stand in late}}
    console = accounts.console()
    with accounts.at_console(console):
        for row, _stand in late:
            actions.climb(row["id"], targets=targets, people=people[row["compartment"]], by=console, at=now)


@rounds.every(5 * MINUTE)
def let_go(node: Node) -> None:
    """Number and words of what led to an alert are forgotten when it is closed: nobody is called back any more."""
    now = node.clock.now()
    messages.let_go_all(queries.messages_of_closed(now - LONGEST_KEPT, now - KEPT))


def _people(compartment: str, now: int) -> Mapping[Role, Sequence[UUID]]:
    """Who holds each role of the chain there now and may take it; whoever has the duty comes first."""
    duty = {one["person"]: place for place, one in enumerate(network.duty(compartment, now))}
    holders: dict[Role, list[UUID]] = {role: [] for role in climbing.CHAIN}
    for person in accounts.with_roles():
        held = {role for role, where in person["rights"].held if where in (compartment, "*")}
        if not person["rights"].may(Act.TAKE_ALERTS, compartment):
            continue
        for role in held & holders.keys():
            holders[role].append(person["id"])
    return {
        role: sorted(listed, key=lambda one: (duty.get(one, len(duty)), one.int)) for role, listed in holders.items()
    }
