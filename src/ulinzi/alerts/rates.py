"""Four response rates, because one would hide what matters: taken up, answered, reached, reached in time.

Each has its denominator beside it. What is still open counts in it: a warning that nobody answers must not vanish from
the figure by being left open. Told is not answered (L02), and what others claim of themselves stands apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields

from ulinzi.alerts import rules
from ulinzi.alerts.clocks import Clock, Run, Targets, clocks
from ulinzi.ledger.shapes import Row

RATES = ("taken", "answered", "reached", "in_time")


@dataclass(frozen=True)
class Counts:
    """Of the alerts that came in: how many stand outside, how many count, and what became of those."""

    received: int = 0
    tests: int = 0
    duplicates: int = 0
    counted: int = 0
    still_open: int = 0
    taken: int = 0
    answered: int = 0
    reached: int = 0  # somebody was there, and ours saw it or agree
    claimed: int = 0  # others say that they were there, and nobody of ours has seen it
    in_time: int = 0
    refused: int = 0  # a reasoned no
    told: int = 0  # the community heard what came of it
    untold: int = 0  # closed without its hearing

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def rate(self, name: str) -> float | None:
        """None where there is nothing to divide by: no alert is no rate, not a bad one."""
        return int(getattr(self, name)) / self.counted if self.counted else None


def count(alerts: Iterable[Row], targets: Targets, now: int, *, late_entry: int) -> Counts:
    found = Counts()
    for alert in alerts:
        found = found + counts_of(alert, targets, now, late_entry=late_entry)
    return found


def counts_of(alert: Row, targets: Targets, now: int, *, late_entry: int) -> Counts:
    if alert["closing"] in rules.NOT_COUNTED:
        return Counts(received=1, tests=1)
    if alert["state"] == rules.State.DUPLICATE:
        return Counts(received=1, duplicates=1)
    arrival = clocks(alert, targets, now, late_entry=late_entry)[2]
    surely = alert["arrival"] in ("seen", "confirmed")
    return Counts(
        received=1,
        counted=1,
        still_open=int(alert["state"] == rules.State.OPEN),
        taken=int(alert["taken_at"] is not None),
        answered=int(alert["answered_at"] is not None),
        reached=int(surely),
        claimed=int(alert["arrival"] == "claimed"),
        in_time=int(surely and is_timely(alert, arrival)),
        refused=int(alert["decision"] == "no_response"),
        told=int(alert["fed_back_at"] is not None),
        untold=int(alert["state"] == rules.State.CLOSED and alert["fed_back_at"] is None),
    )


def is_timely(alert: Row, arrival: Clock) -> bool:
    """A time written down long afterwards needs somebody else who says the same (L01)."""
    return arrival.run is Run.DONE and (alert["arrival"] == "confirmed" or not arrival.hatched)


def split(
    alerts: Iterable[Row], by: Callable[[Row], str], targets: Targets, now: int, *, late_entry: int
) -> Mapping[str, Counts]:
    """The same for each kind, office, priority or responder; they add up to the whole."""
    found: dict[str, Counts] = {}
    for alert in alerts:
        key = by(alert)
        found[key] = found.get(key, Counts()) + counts_of(alert, targets, now, late_entry=late_entry)
    return dict(sorted(found.items()))
