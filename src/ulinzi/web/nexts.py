"""What an alert waits for next, by when, and what happens if nobody does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.accounts.rules import Role
from ulinzi.alerts import climbing, rules
from ulinzi.alerts import clocks as alert_clocks
from ulinzi.alerts.clocks import Clock, Run
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.shapes import Row
from ulinzi.network import queries as network
from ulinzi.web import labels, people, profile, times

TAKE, CALL, VERIFY, DECIDE, SEND, ARRIVE, FEEDBACK, CLOSE = (
    "taken", "called", "verified", "decided", "send", "arrived", "fed_back", "closed",
)  # fmt: skip
HEADS: labels.Labels = {
    TAKE: lazy("Take it"),
    CALL: lazy("Call back"),
    VERIFY: lazy("Verify it"),
    DECIDE: lazy("Decide the response"),
    SEND: lazy("Send somebody"),
    ARRIVE: lazy("Get somebody there"),
    FEEDBACK: lazy("Tell the community"),
    CLOSE: lazy("Close the file"),
}
# As a step on the way: what stands under the time that is left.
SHORT: labels.Labels = {
    "verification": lazy("verify"),
    "decision": lazy("decide"),
    "arrival": lazy("arrive"),
    "feedback": lazy("feedback"),
}
_IF_NOBODY: labels.Labels = {
    "taking": lazy("If nobody takes it, %(who)s is asked at %(moment)s."),
    "verification": lazy("If nobody verifies it, %(who)s is asked at %(moment)s."),
    "decision": lazy("If nobody decides, %(who)s is asked at %(moment)s."),
    "arrival": lazy("If nobody arrives, %(who)s is asked at %(moment)s."),
    "feedback": lazy("If nobody tells the community, %(who)s is asked at %(moment)s."),
}
_OF_CLOCK = {"verification": VERIFY, "decision": DECIDE, "arrival": ARRIVE, "feedback": FEEDBACK}


@dataclass(frozen=True)
class Chain:
    """Who may be asked to take an alert, of those who may there: asked for only where a page says it.

    `able`: everybody who may; `duty`: who has the duty, where a page has read it already.
    """

    able: Sequence[Row]
    now: int
    duty: Sequence[UUID] | None = None

    def of(self, compartment: str) -> Mapping[Role, Sequence[UUID]]:
        """By role, whoever has the duty first."""
        held = [one["person"] for one in network.duty(compartment, self.now)] if self.duty is None else self.duty
        first = {person: place for place, person in enumerate(held)}
        ranked = sorted(self.able, key=lambda row: (first.get(row["id"], len(first)), row["id"].int))
        return {role: [row["id"] for row in ranked if role in row["rights"].roles] for role in climbing.CHAIN}


@dataclass(frozen=True)
class Next:
    """`when`: by when, in words; `otherwise`: what happens if nobody does it, nothing where that is not known."""

    code: str
    head: str
    when: str
    otherwise: str
    late: bool


def code(row: Row, clocks: Sequence[Clock], calls: int | None = None) -> str:
    """The one thing that is most worth doing now. `calls`: how often somebody was called back, where that is known."""
    if not row["holds"]:
        return TAKE
    due = alert_clocks.next_due(clocks)
    if due is None:
        return CLOSE
    found = _OF_CLOCK[due.name]
    if found == VERIFY and row["channel"] == "missed_call" and calls == 0:
        return CALL
    return SEND if found == ARRIVE and row["left_at"] is None and calls is not None else found


def said(row: Row, clocks: Sequence[Clock], now: int, chain: Chain, steps: Sequence[Row] = ()) -> Next:
    """With every step of the alert, so that what was tried already is known."""
    counting = rules.effective(steps)
    chosen = code(row, clocks, sum(one["kind"] == rules.Step.CALLED for one in counting))
    due = alert_clocks.next_due(clocks)
    late = due is not None and due.run == Run.LATE
    return Next(chosen, str(HEADS[chosen]), _when(due, now), _otherwise(row, clocks, now, chain), late)


def _when(due: Clock | None, now: int) -> str:
    if due is None:
        return _("Nothing is promised any more.")
    told = {"moment": times.moment(due.due_at, now), "span": times.said_span(due.due_at - now)}
    if due.due_at < now:
        return _("Was due %(moment)s, %(span)s ago.") % told
    return _("Due %(moment)s, in %(span)s.") % told


def _otherwise(row: Row, clocks: Sequence[Clock], now: int, chain: Chain) -> str:
    if row["climbed_at"] is not None and not row["holds"]:
        told = {"who": _name(row["climbed_to"]), "moment": times.moment(row["climbed_at"], now)}
        return _("%(who)s was asked at %(moment)s and has not answered.") % told
    at = _asks_at(row, clocks)
    if at is None or at <= now:
        return ""
    found = climbing.next_climb(row, clocks, chain.of(row["compartment"]), at)
    if found is None or found.to is None:
        return _("Nobody is left to be asked. Find somebody who takes it.")
    return str(_IF_NOBODY[found.clock]) % {"who": _name(found.to), "moment": times.moment(at, now)}


def _asks_at(row: Row, clocks: Sequence[Clock]) -> int | None:
    """When the next person is asked: half of the time to verify where nobody has it, else when the promise passes."""
    due = alert_clocks.next_due(clocks)
    if due is None:
        return None
    half = row["received_at"] + clocks[0].target // 2
    return half if not row["holds"] and clocks[0].is_due else due.due_at


def _name(person: UUID | None) -> str:
    return people.name(person) if person else _("nobody")


def waits_too_long(row: Row, now: int) -> bool:
    """Nobody could be called back for so long that an officer chooses without it (H05)."""
    wait = profile.mission().thresholds.call_back_minutes * MINUTE
    return row["verified_at"] is None and now - row["received_at"] >= wait
