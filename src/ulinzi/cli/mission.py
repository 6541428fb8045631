"""The demonstration's past: what invented people did in two provinces during the last ten days.

Told as data, in the order of the tasks; written in the order of time, by the same actions as everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from ulinzi.accounts import actions as people
from ulinzi.accounts import queries as accounts
from ulinzi.cli import opening, personas
from ulinzi.desk import actions
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import DAY, HOUR, Clock, SetClock, SystemClock
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries
from ulinzi.places import actions as places

AREAS = {
    "north": (
        ("BEL", "Belavi", "province", ""),
        ("SAR", "Sareth", "district", "BEL"),
        ("LOM", "Lomuk", "district", "BEL"),
        ("TEL", "Telwa", "area", "SAR"),
        ("SAN", "Sanjeh", "area", "SAR"),
        ("NAK", "Nakorro", "area", "LOM"),
    ),
    "south": (
        ("TAM", "Tamorro", "province", ""),
        ("VEL", "Velune", "district", "TAM"),
        ("HAR", "Harsenne", "district", "TAM"),
        ("POM", "Pomiré", "area", "VEL"),
        ("CHE", "Chedra", "area", "VEL"),
        ("ODR", "Odrume", "area", "HAR"),
    ),
}


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


COMMANDER = "bastiane"
EDIT, EDIT_UNSEEN, UNDO, ERASE = "edit", "edit_unseen", "undo", "erase"
TAKEN, DONE, NOTED, HANDED = Step.TAKEN, Step.DONE, Step.NOTED, Step.HANDED_OVER

STORIES = (
    # North, open and late.
    Story(
        52, "odhal", "north", "TEL", "Call back the women's group in Telwa", due=-4, basis="promise", urgency="now",
        tiers=("dialogue",), detail="They heard shots on the mill road and asked whether it is safe to go to market.",
        acts=(Act(50, "vessin", TAKEN), Act(30, "vessin", NOTED, "Line is down, tried three times.")),
    ),
    Story(
        40, "vessin", "north", "SAN", "Find out why nobody from Sanjeh has called for nine days", due=-20, basis="rule",
        urgency="soon", tiers=("dialogue",),
    ),
    Story(
        28, "telwe", "north", "NAK", "Ask the base for a patrol on market day in Nakorro", due=9, basis="promise",
        urgency="now", tiers=("physical",), detail="Market is on the far bank. People return after dark.",
        acts=(Act(27, "dusane", TAKEN), Act(6, "dusane", NOTED, "Two vehicles, leaving at first light.")),
    ),
    Story(
        20, "korum", "north", "SAR", "Visit the family that came to the gate on Tuesday", due=30, basis="promise",
        tiers=("environment",), acts=(Act(19, "korum", TAKEN),),
    ),
    Story(
        14, "odhal", "north", "LOM", "Tell Lomuk what came of their last warning", due=20, basis="rule",
        tiers=("dialogue",), acts=(Act(12, "odhal", HANDED, "You know the chief.", to="vessin"),),
    ),
    Story(
        10, "dusane", "north", "TEL", "Repair the radio of the Telwa committee", due=70, urgency="routine",
        tiers=("physical",),
    ),
    Story(
        7, "vessin", "north", "NAK", "Check the rumour about the ferry", due=5, urgency="soon",
        acts=(Act(5, "odhal", TAKEN), Act(1.5, "odhal", NOTED, "The ferryman says it runs. A second voice is needed.")),
    ),
    Story(3, "rensa", "north", "BEL", "Prepare Thursday's meeting with the province", due=60, basis="order"),
    # Two people corrected the same words without having seen each other: for somebody to settle.
    Story(
        26, "odhal", "north", "LOM", "Meet the elders of Lomuk", due=44, basis="promise", urgency="soon",
        tiers=("dialogue",), detail="At the school.",
        acts=(
            Act(9, "vessin", EDIT, values={"title": "Meet the elders of upper Lomuk", "detail": "At the school."}),
            Act(8, "telwe", EDIT_UNSEEN, values={"title": "Meet the elders of Lomuk", "detail": "At the well."}),
        ),
    ),
    # Marked done by mistake, and opened again by undoing that.
    Story(
        70, "telwe", "north", "SAN", "Bring the leaflets on the hotline to Sanjeh", due=26, tiers=("environment",),
        acts=(
            Act(60, "vessin", TAKEN),
            Act(33, "vessin", DONE, "Left with the teacher."),
            Act(31, "vessin", UNDO, "That was Telwa, Sanjeh still has none."),
        ),
    ),
    # North, finished.
    Story(
        120, "odhal", "north", "TEL", "Ask Telwa whether the patrol came", due=-90, basis="rule", tiers=("dialogue",),
        acts=(Act(110, "vessin", TAKEN), Act(93, "vessin", DONE, "It came, and stayed two hours.")),
    ),
    Story(
        170, "korum", "north", "NAK", "Write up the interview of last week", due=-140, basis="rule",
        acts=(Act(168, "korum", TAKEN), Act(141, "korum", DONE)),
    ),
    Story(
        96, "dusane", "north", "SAR", "Second patrol to the Sareth crossroads", due=-60, tiers=("physical",),
        acts=(
            Act(90, "dusane", TAKEN),
            Act(72, "rensa", Step.SET_ASIDE, "The road is under water until the end of the month."),
        ),
    ),
    Story(
        210, "telwe", "north", "BEL", "List the villages without a focal point", due=-150,
        acts=(Act(200, "telwe", TAKEN), Act(160, "telwe", DONE, "Four, all west of the river.", claimed=166)),
    ),
    # Entered in the wrong place and erased for ever: only that something was here can still be seen.
    Story(
        46, "vessin", "north", "TEL", "Entered by mistake, with a name in it",
        acts=(Act(45, "rensa", ERASE, "entered in the wrong place, with a name", to="korum"),),
    ),
    # South.
    Story(
        44, "telwe", "south", "POM", "Rappeler le chef de Pomiré", due=-2, basis="promise", urgency="now",
        tiers=("dialogue",), detail="Il a signalé des hommes armés près du puits.",
        acts=(Act(43, "odhal", TAKEN), Act(21, "odhal", HANDED, "Je pars en mission demain.", to="telwe")),
    ),
    Story(
        36, "korum", "south", "CHE", "Verify what happened at the Chedra well", due=12, urgency="now",
        tiers=("dialogue", "physical"),
        acts=(Act(34, "korum", TAKEN), Act(10, "korum", NOTED, "Two accounts agree, a third is still to come.")),
    ),
    Story(
        22, "dusane", "south", "ODR", "Move the night patrol to the Odrume road", due=6, basis="order", urgency="soon",
        tiers=("physical",), acts=(Act(20, "dusane", TAKEN),),
    ),
    Story(
        18, "vessin", "south", "VEL", "Explain the hotline in Velune", due=90, tiers=("environment",),
        detail="Three schools, then the market.",
    ),
    Story(
        15, "rensa", "south", "TAM", "Répondre à la lettre de l'administrateur de Tamorro", due=33, basis="order",
        acts=(Act(13, "rensa", HANDED, "", to="telwe"),),
    ),
    Story(11, "odhal", "south", "HAR", "Ask Harsenne how many families have left", due=28, tiers=("dialogue",)),
    Story(
        5, "korum", "south", "POM", "Find a second source on the burnt granary", due=40, urgency="soon",
        acts=(Act(2, "vessin", TAKEN, claimed=3.5),),
    ),
    Story(
        130, "odhal", "south", "CHE", "Tell Chedra that the patrol is cancelled", due=-120, basis="promise",
        tiers=("dialogue",), acts=(Act(128, "vessin", TAKEN), Act(124, "vessin", DONE, "Told two of the elders.")),
    ),
    Story(
        190, "dusane", "south", "ODR", "Escort to the Odrume market", due=-165, basis="promise", tiers=("physical",),
        acts=(
            Act(188, "dusane", TAKEN),
            Act(164, "dusane", DONE, "Forty traders went, all came back."),
            Act(150, "odhal", Step.REOPENED, "They ask for it every week."),
            Act(149, "dusane", TAKEN),
            Act(100, "dusane", DONE, "Now a standing order."),
        ),
    ),
    Story(
        80, "vessin", "south", "VEL", "Vérifier les numéros des points focaux de Velune", due=-30,
        acts=(Act(76, "vessin", TAKEN), Act(35, "vessin", DONE, "Six sur huit répondent.")),
    ),
)  # fmt: skip


def seed(home: Path, clock: Clock | None = None) -> None:
    """Write it all, each act at its own time, so that the past looks as it would have grown."""
    now = (clock or SystemClock()).now()
    past = SetClock(now - 11 * DAY)
    with nodes.open_node(home, clock=past).use() as node, accounts.at_console(opening.operator(node)):
        _bring_people(opening.operator(node))
        for compartment, rows in AREAS.items():
            told = [dict(zip(("code", "name", "kind", "parent"), row, strict=True)) for row in rows]
            places.import_areas(told, compartment=compartment, by=_person("ferro"))
        for at, act in sorted([*_acts(now), *_changes(now)], key=lambda one: one[0]):
            past.value = max(past.value, at)
            act()


def _bring_people(by: UUID) -> None:
    """Everybody with the one role; six of them answer for both provinces, as in a small office."""
    personas.bring(personas.PERSONAS, by=by)
    for code in ("odhal", "vessin", "dusane", "telwe", "korum", "rensa"):
        people.ask_grant(_person(code), personas.role_of(code), "south", by=by)
    team = people.add_team(by=by, name="JPT Velune", place="south")
    for code in ("tirel", "fendt", "korum"):
        people.join_team(team, _person(code), by=by)
    people.add_person(by=by, code=COMMANDER, name="Ludo Bastiane", body="mission_military")
    people.ask_grant(people.person_id(COMMANDER), "base_commander", "north", by=by)


def _changes(now: int) -> Iterator[tuple[int, Callable[[], None]]]:
    """A commander wrote something and left; a role waits for somebody to confirm it."""
    gone = people.person_id(COMMANDER)
    told = _Told(Story(200, COMMANDER, "north", "LOM", "Hand the Lomuk night patrol to the next rotation", due=20), now)
    yield told.at(200), told.add
    yield told.at(199), lambda: told.do(Act(199, COMMANDER, TAKEN))
    yield told.at(121), lambda: told.do(Act(121, COMMANDER, HANDED, "I leave on Monday.", to="dusane"))
    yield told.at(120), lambda: _nothing(people.leave(gone, by=_person("haakon"), reason="end of rotation"))
    yield told.at(3), lambda: _nothing(people.ask_grant(_person("anselo"), "team_leader", "north", by=_person("ferro")))


def _nothing(done: object) -> None:
    """What an action answers is of no use to a past that only has to be written."""


def _acts(now: int) -> Iterator[tuple[int, Callable[[], None]]]:
    for story in STORIES:
        told = _Told(story, now)
        yield told.at(story.ago), told.add
        for act in story.acts:
            yield told.at(act.ago), lambda told=told, act=act: told.do(act)  # type: ignore[misc]


class _Told:
    """A story while it is written: which task it became, and what its last step was."""

    def __init__(self, story: Story, now: int) -> None:
        self.story, self.now = story, now
        self.task = self.last = UUID(int=0)
        self.first_form: Mapping[str, Any] = {}

    def at(self, hours_ago: float) -> int:
        return self.now - round(hours_ago * HOUR)

    def add(self) -> None:
        story = self.story
        values: dict[str, Any] = {"title": story.title, "area": places.area_id(story.compartment, story.area)}
        if story.due is not None:
            values |= {"due_at": self.now + round(story.due * HOUR), "due_basis": story.basis}
        told = {"detail": story.detail, "urgency": story.urgency, "tiers": list(story.tiers)}
        values |= {name: value for name, value in told.items() if value}
        self.task = actions.add_task(compartment=story.compartment, by=_person(story.who), **values)
        self.first_form = {name: group.dots for name, group in queries.groups_of("desk.Task", self.task).items()}

    def do(self, act: Act) -> None:
        by, to = _person(act.who), _person(act.to) if act.to else None
        if act.kind == EDIT:
            actions.edit_task(self.task, by=by, **act.values)
        elif act.kind == EDIT_UNSEEN:
            actions.edit_task(self.task, by=by, seen=self.first_form, keep_both=True, **act.values)
        elif act.kind == UNDO:
            actions.undo(self.task, self.last, by=by, words=act.words)
        elif act.kind == ERASE and to is not None:
            actions.erase_task(self.task, by=by, second=to, basis=act.words)
        else:
            claimed = None if act.claimed is None else self.at(act.claimed)
            self.last = actions.step(self.task, Step(act.kind), by=by, words=act.words, to=to, at=claimed)


def _person(code: str) -> UUID:
    return people.person_id(code)
