"""The demonstration's past: what invented people did during half a year, in the mission that was chosen.

Told as data, in the order of the tasks; written in the order of time, by the same actions as everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import actions as people
from ulinzi.accounts import queries as accounts
from ulinzi.cli import opening, past_belavi, past_osmere, past_weeks, personas
from ulinzi.cli.past import EDIT, EDIT_UNSEEN, ERASE, UNDO, Act, Past, Story
from ulinzi.desk import actions
from ulinzi.desk.rules import Step, What
from ulinzi.gateway import inside
from ulinzi.gateway.core import Gateway
from ulinzi.kernel import mission as missions
from ulinzi.kernel.clock import DAY, HOUR, Clock, SetClock, SystemClock
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.sim import play
from ulinzi.sim.play import Stage

# By the mission's code; `ulinzi demo --mission` offers these.
PASTS: Mapping[str, Past] = {"belavi": past_belavi.PAST, "osmere": past_osmere.PAST}
COMMANDER = "bastiane"
# From when on each act is one commit, as in life; what lies before is one for all of it.
LAST_DAYS = 31 * DAY
# Where nobody comes so often, by mission: a code of its areas.
BAD_AREA = {"belavi": "SAN", "osmere": "OSS"}
# They answer for every office, as in a small mission.
EVERYWHERE_AT_HOME = ("odhal", "vessin", "dusane", "telwe", "korum", "rensa")


def seed(home: Path, mission: str, clock: Clock | None = None) -> None:
    """Write it all, each act at its own time, so that the past looks as it would have grown."""
    now, told = (clock or SystemClock()).now(), PASTS[mission]
    past = SetClock(now - (past_weeks.WEEKS + 1) * 7 * DAY)
    with nodes.open_node(home, clock=past).use() as node, accounts.at_console(opening.operator(node)):
        _bring_people(told, opening.operator(node))
        for compartment, rows in told.areas.items():
            areas = [dict(zip(("code", "name", "kind", "parent"), row, strict=True)) for row in rows]
            places.import_areas(areas, compartment=compartment, by=_person("ferro"))
        with _gateway(node) as gateway:
            stage = _stage(told, mission, gateway, missions.of_home(home).language)
            month = play.acts(stage, BAD_AREA[mission], now)
            listed = sorted([*_acts(told, now), *_changes(told, now), *month], key=lambda one: one[0])
            recent = now - LAST_DAYS
            # The older weeks are one commit: nobody waits through a thousand of them.
            with ledger.batch():
                _do(past, [one for one in listed if one[0] < recent])
            _do(past, [one for one in listed if one[0] >= recent])


@contextmanager
def _gateway(node: Node) -> Iterator[Gateway]:
    """The month's own: it keeps the clock of the past, and answers as the real one does."""
    gateway = Gateway(node.home, node.clock, node.chance)
    try:
        with inside.serving(gateway, gateway.folder):
            yield gateway
    finally:
        gateway.close()


def _stage(told: Past, mission: str, gateway: Gateway, language: str) -> Stage:
    """One office has a network: that of the north, as this mission calls it."""
    office = told.offices["north"]
    areas = {
        code: places.area_id(office, code) for code, _name, kind, _above in told.areas[office] if kind != "province"
    }
    return play.stage_of(mission, gateway, play.cast_of(office, _person), areas, language)


def _do(past: SetClock, listed: Iterable[tuple[int, Callable[[], None]]]) -> None:
    for at, act in listed:
        past.value = max(past.value, at)
        act()


def _bring_people(told: Past, by: UUID) -> None:
    """Everybody with the one role, at the office that this mission has for it."""
    placed = [one._replace(place=told.offices.get(one.place, one.place)) for one in personas.PERSONAS]
    personas.bring(placed, by=by)
    for one in placed:
        for office in told.areas:
            if one.code in EVERYWHERE_AT_HOME and office != one.place:
                people.ask_grant(one.id, one.role, office, by=by)
    name, office = told.team
    team = people.add_team(by=by, name=name, place=office)
    for code in ("tirel", "fendt", "korum"):
        people.join_team(team, _person(code), by=by)
    people.add_person(by=by, code=COMMANDER, name="Ludo Bastiane", body="mission_military")
    people.ask_grant(people.person_id(COMMANDER), "base_commander", told.left_behind.compartment, by=by)


def _changes(told: Past, now: int) -> Iterator[tuple[int, Callable[[], None]]]:
    """A commander wrote something and left; a role waits for somebody to confirm it."""
    gone, last, north = people.person_id(COMMANDER), _Told(told.left_behind, now), told.offices["north"]
    yield from _story(last)
    left = told.left_behind.acts[-1].ago - 1
    yield last.at(left), lambda: _nothing(people.leave(gone, by=_person("haakon"), reason="end of rotation"))
    yield last.at(3), lambda: _nothing(people.ask_grant(_person("anselo"), "team_leader", north, by=_person("ferro")))


def _nothing(done: object) -> None:
    """What an action answers is of no use to a past that only has to be written."""


def _acts(told: Past, now: int) -> Iterator[tuple[int, Callable[[], None]]]:
    for story in [*_weeks(told), *told.stories]:
        yield from _story(_Told(story, now))


def _weeks(told: Past) -> tuple[Story, ...]:
    """One office after the other, so that each has its half-year."""
    listed = [
        (place, code, name) for place, rows in told.areas.items() for code, name, kind, _above in rows if kind == "area"
    ]
    return past_weeks.stories(sorted(listed, key=lambda one: (one[1][1:], one[0])), french=told.code == "BEN")


def _story(told: _Told) -> Iterator[tuple[int, Callable[[], None]]]:
    yield told.at(told.story.ago), told.add
    for act in told.story.acts:
        yield told.at(act.ago), partial(told.do, act)


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
        if any(act.kind == EDIT_UNSEEN for act in story.acts):
            self.first_form = self._form()

    def _form(self) -> Mapping[str, Any]:
        """As somebody has it who opened the page now."""
        return {name: group.dots for name, group in queries.groups_of("desk.Task", self.task).items()}

    def do(self, act: Act) -> None:
        by, to = _person(act.who), _person(act.to) if act.to else None
        if act.kind == EDIT:
            actions.edit_task(self.task, by=by, **act.values)
        elif act.kind == EDIT_UNSEEN:
            actions.edit_task(self.task, by=by, seen=self.first_form, keep_both=True, **act.values)
        elif act.kind == UNDO:
            actions.undo(self.task, self.last, by=by, words=act.words)
        elif act.kind == ERASE and to is not None:
            asked = actions.ask_erasure(What.TASK, self.task, by=to, basis=act.words)
            actions.confirm_erasure(asked, by=by)
        else:
            claimed = None if act.claimed is None else self.at(act.claimed)
            self.last = actions.step(self.task, Step(act.kind), by=by, words=act.words, to=to, at=claimed)


def _person(code: str) -> UUID:
    return people.person_id(code)
