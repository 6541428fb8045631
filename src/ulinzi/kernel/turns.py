"""Steps in the order in which they were taken, whatever the clocks said: what tasks, messages and alerts are made of.

A turn is one more than the highest its writer had seen, so a wrong clock at a base cannot reorder what happened.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

UNDONE = "undone"
_LAST = 2**63 - 1

Step = TypeVar("Step", bound=Mapping[str, Any])


def effective(steps: Sequence[Step], kinds: Collection[str]) -> list[Step]:
    """The steps of these kinds that count, in turn: an undone step and its undoing cancel out."""
    undone = {step["undoes"] for step in steps if step["kind"] == UNDONE}
    counting = [step for step in steps if step["kind"] in kinds and step["kind"] != UNDONE and step["id"] not in undone]
    return sorted(counting, key=lambda step: (step["turn"] or 0, step["claimed_at"] or 0, step["id"].int))


def next_turn(steps: Sequence[Step]) -> int:
    """One more than the highest; where somebody took the last number there is, steps share it: their times decide."""
    return min(1 + max((step["turn"] or 0 for step in steps), default=0), _LAST)


def is_newest(counting: Sequence[Step], step: Step) -> bool:
    """Only the newest that counts can be undone: undoing below others would rewrite what they answered."""
    return bool(counting) and counting[-1]["id"] == step["id"]
