"""The four clocks of an alert: how long it took, or has already taken, to verify, to decide, to arrive, to feed back.

Pure: the row, the mission's targets and the time come in. All four begin when the warning came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ulinzi.alerts import rules
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.shapes import Row

CLOCKS = ("verification", "decision", "arrival", "feedback")
_EVENT = {"verification": "verified", "decision": "decided", "arrival": "arrived", "feedback": "fed_back"}

Targets = Mapping[str, Mapping[str, int]]
"""Clock, then priority: how many microseconds after the warning came."""


class Run(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    LATE = "late"  # the promise has passed, and it is not done
    DONE = "done"
    DONE_LATE = "done_late"
    PAUSED = "paused"
    NO = "no"  # a reasoned no: nobody is to arrive


@dataclass(frozen=True)
class Clock:
    """`used` and `target` are durations; `hatched` where it was written down so late that nobody can vouch for it."""

    name: str
    run: Run
    due_at: int
    done_at: int | None
    used: int
    target: int
    hatched: bool = False
    claimed: bool = False  # others say so, and nobody of ours saw it

    @property
    def is_due(self) -> bool:
        return self.run in (Run.RUNNING, Run.LATE)

    @property
    def is_late(self) -> bool:
        return self.run in (Run.LATE, Run.DONE_LATE)

    def left(self, now: int) -> int:
        return self.due_at - now


def clocks(alert: Row, targets: Targets, now: int, *, late_entry: int = 15 * MINUTE) -> tuple[Clock, ...]:
    row = whole(alert, now)
    return tuple(_clock(row, name, targets[name][row["priority"]], now, late_entry) for name in CLOCKS)


def whole(row: Row, now: int) -> Row:
    """What another version wrote may lack what every clock needs: it came when it was raised, and is most urgent.

    One such alert must not take the whole watch away, nor keep the others from climbing.
    """
    mended: dict[str, object] = {}
    if row["received_at"] is None:
        mended["received_at"] = row.get("raised_at") or now
    if row["priority"] not in rules.PRIORITIES:
        mended["priority"] = rules.PRIORITIES[-1]
    return Row({**row, **mended}) if mended else row


def _clock(alert: Row, name: str, target: int, now: int, late_entry: int) -> Clock:
    event = _EVENT[name]
    done = alert[f"{event}_at"]
    lag = alert[f"{event}_lag"] or 0
    paused = _paused(alert, now) if name == "verification" else 0
    due = alert["received_at"] + target + paused
    end = _end(alert, done, now)
    used = max(0, end - alert["received_at"] - paused)
    claimed = name == "arrival" and alert["arrival"] == "claimed"
    return Clock(name, _run(alert, name, done, due, end), due, done, used, target, lag > late_entry, claimed)


def _end(alert: Row, done: int | None, now: int) -> int:
    """A clock that nothing ended stops with the alert."""
    if done is not None:
        return done
    return alert["closed_at"] if alert["closed_at"] is not None else now


def _paused(alert: Row, now: int) -> int:
    standing = max(0, now - alert["paused_at"]) if alert["paused_at"] is not None else 0
    return (alert["paused_for"] or 0) + standing


def _run(alert: Row, name: str, done: int | None, due: int, end: int) -> Run:
    if done is not None:
        return Run.DONE_LATE if done > due else Run.DONE
    if _is_off(alert, name):
        return Run.NO
    if name == "verification" and alert["paused_at"] is not None:
        return Run.PAUSED
    return Run.LATE if end > due else Run.RUNNING


def _is_off(alert: Row, name: str) -> bool:
    """Nobody waits for it any more: somebody said no with a reason, or the alert was ended without it."""
    if name == "arrival" and alert["decision"] in ("no_response", "transfer"):
        return True
    if name == "verification" and alert["decided_at"] is not None:
        return True
    return bool(alert["state"] != rules.State.OPEN)


def next_due(clocks: Sequence[Clock]) -> Clock | None:
    """The promise that falls due next. What waits for people to leave is not due before somebody has decided."""
    due = [one for one in clocks if one.is_due]
    return min(due, key=lambda one: (one.due_at, CLOCKS.index(one.name))) if due else None


def targets_of(listed: Sequence[tuple[str, Sequence[int]]]) -> Targets:
    """The mission's targets, minutes by priority with the most urgent first, as durations."""
    names = tuple(reversed(rules.PRIORITIES))
    return {
        clock: {name: many * MINUTE for name, many in zip(names, minutes, strict=True)} for clock, minutes in listed
    }
