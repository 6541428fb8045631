"""What a demonstration's past is made of: acts, tasks, and who is where. The data of each mission: past_<code>.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ulinzi.desk.rules import Step

EDIT, EDIT_UNSEEN, UNDO, ERASE = "edit", "edit_unseen", "undo", "erase"
TAKEN, DONE, NOTED, HANDED = Step.TAKEN, Step.DONE, Step.NOTED, Step.HANDED_OVER


@dataclass(frozen=True)
class Act:
    """One step: so many hours ago, who, what. `claimed`: when it happened, where it was written down later."""

    ago: float
    who: str
    kind: Step | str
    words: str = ""
    to: str = ""
    claimed: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """A task: hours ago it was added, hours until it is due (negative: late), and what was done with it."""

    ago: float
    who: str
    compartment: str
    area: str
    title: str
    acts: tuple[Act, ...] = ()
    due: float | None = None
    basis: str = "own"
    urgency: str = ""
    tiers: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Past:
    """`code` is the node's. `offices`: where the people of "north" and "south" sit; `team`: its name and its office."""

    code: str
    areas: Mapping[str, tuple[tuple[str, str, str, str], ...]]
    offices: Mapping[str, str]
    team: tuple[str, str]
    stories: tuple[Story, ...]
    # The task of a commander who took it, handed it over and left.
    left_behind: Story
