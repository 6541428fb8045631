"""What the worker looks after: letters that wait in the gateway, and letters that nobody needs any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ulinzi.accounts import queries as accounts
from ulinzi.jobs import rounds
from ulinzi.kernel.clock import DAY, MINUTE, SECOND
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.node import Node
from ulinzi.messages import actions, queries, rules
from ulinzi.network import actions as network
from ulinzi.network import queries as sources

log = logging.getLogger("ulinzi.messages")

# Whoever set something aside by mistake notices soon. What became a report may yet become an alert, and be told about.
ASIDE_KEPT, REPORTED_KEPT = 15 * MINUTE, DAY


@rounds.every(SECOND)
def drain(node: Node) -> None:
    """Write down what came. A letter is taken only after the commit, so one that comes twice is one message."""
    try:
        found = queries.letters()
    except Refused:
        return  # screens say that the gateway is silent
    _receive(found)
    _tell_of_strays()


def _tell_of_strays() -> None:
    try:
        strange = queries.strays()
    except Refused:
        return
    if strange:
        log.warning("%s letters are for a compartment that is not here", strange)


def _receive(letters: Iterable[dict[str, Any]]) -> None:
    console = accounts.console()
    with accounts.at_console(console):
        done = [one["handle"] for one in letters if _received(one, console)]
    if done:
        queries.gateway().taken(done)


def _received(letter: dict[str, Any], by: UUID) -> bool:
    told = {name: letter[name] for name in ("handle", "compartment", "received_at", "taken_at", "phone")}
    try:
        actions.receive(**told, channel=letter["kind"], source=_source(letter, by), by=by)
    except Refused as refused:
        if refused.code == "already_here":  # it was erased since: it does not come back
            return True
        log.warning("a letter was not written down: %s", refused.code)
        return False
    return True


def _source(letter: dict[str, Any], by: UUID) -> UUID | None:
    """Whoever is not enrolled has a code all the same, so that two messages of one are seen to be."""
    code, compartment = letter["code"] or "", letter["compartment"]
    if code.startswith("U-"):
        return network.unknown_source(code, compartment, by=by)
    # Enrolled at another base, a source may not have arrived here yet: its record has this name all the same.
    return sources.source_id(compartment, code) if code else None


@rounds.every(5 * MINUTE)
def let_go(node: Node) -> None:
    """Words and number of what was set aside, or written down a day ago, are forgotten."""
    now = node.clock.now()
    over = {"aside_before": now - ASIDE_KEPT, "reported_before": now - REPORTED_KEPT}
    for found in queries.finished_with(since=now - rules.NUMBER_KEPT, **over):
        if not actions.let_go_of(one["letter"].hex() for one in found if one["letter"]):
            return  # the gateway is silent
