"""What is asked of each address: a valid request about a record of a province, fresh where the request changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from tests.access.world import ADVISER, PASSWORD, World
from ulinzi.accounts.rules import Role
from ulinzi.cli.personas import PERSONAS
from ulinzi.jobs import heartbeat
from ulinzi.ledger import queries as ledger
from ulinzi.web import leaves

READER = next(one for one in PERSONAS if one.role is Role.SENIOR_ADVISER)


class Request(NamedTuple):
    url: str
    data: dict[str, Any] = {}


@dataclass(frozen=True)
class Ask:
    """`shows` is what a page holds where it shows a record of the province; None where the whole page is the answer.

    `also` is asked after it, for what else such a page may show; the answer is that to the first.
    """

    name: str
    method: str
    make: Callable[[World, str], Request]
    shows: Callable[[World, str], str] | None = None
    also: Callable[[World, str], str] | None = None

    @property
    def key(self) -> str:
        return f"{self.name} {self.method}"


def _at(name: str, *, data: dict[str, Any] | None = None, **ids: UUID) -> Request:
    return Request(reverse(name, kwargs=ids), data or {})


def _plain(name: str, method: str = "GET", /, **data: Any) -> Ask:
    return Ask(name, method, lambda world, place: _at(name, data=data))


def _list(name: str, record: str) -> Ask:
    return Ask(
        name, "GET", lambda world, place: _at(name), lambda world, place: str(getattr(world.standing[place], record))
    )


def _read(name: str, key: str, record: str) -> Ask:
    def make(world: World, place: str) -> Request:
        return _at(name, **{key: getattr(world.standing[place], record)})

    return Ask(name, "GET", make)


def _task(name: str, /, **data: Any) -> Ask:
    return Ask(name, "POST", lambda world, place: _at(name, data=data, record=world.task(place)))


def _person(name: str, /, **data: Any) -> Ask:
    return Ask(name, "POST", lambda world, place: _at(name, data=data, person=world.someone(place)))


def _erased(world: World, place: str) -> str:
    return reverse("task", kwargs={"record": world.standing[place].erased})


def _search(world: World, place: str) -> Request:
    """By a piece of its number: what was typed stands on the page, and must be no sign itself."""
    return Request(f"{reverse('search')}?q={place}+number")


def _search_widely(world: World, place: str) -> str:
    return f"{reverse('search')}?q=sign"


def _add_task(world: World, place: str) -> Request:
    told = {"compartment": place, "title": world.fresh("task"), "area": world.standing[place].area}
    return _at("add_task", data={**told, "urgency": "routine"})


def _undo(world: World, place: str) -> Request:
    task, step = world.taken(place)
    return _at("undo", record=task, data={"step": step})


def settling(task: UUID) -> dict[str, str]:
    """The form that chooses the first of two titles."""
    group = ledger.groups_of("desk.Task", task)["words"]
    return {"group": "words", "seen": leaves.token(group.dots), "choose": leaves.token(group.leaves[0].dots)}


def _settle(world: World, place: str) -> Request:
    task = world.in_two_minds(place)
    return _at("settle", record=task, data=settling(task))


def _ask_grant(world: World, place: str) -> Request:
    told = {"role": str(Role.PROVINCIAL_ANALYST), "place": place}
    return _at("ask_grant", person=world.someone(place), data=told)


def _erase_name(world: World, place: str) -> Request:
    told = {"basis": "asked by the person", "second": str(ADVISER.id)}
    return _at("erase_name", person=world.gone(place), data=told)


def _decide(world: World, place: str) -> Request:
    grant = world.ask(world.someone(place), Role.PROVINCIAL_ANALYST, place)
    return _at("decide_grant", grant=grant, data={"decision": "confirmed"})


def _end(world: World, place: str) -> Request:
    return _at("end_grant", grant=world.grants_of(world.someone(place))[0], data={"reason": "moved on"})


def _join(world: World, place: str) -> Request:
    return _at("join_team", person=world.someone(place), data={"team": world.standing[place].team})


def _office(world: World, place: str) -> str:
    """What the mission calls a province: it stands above its picture."""
    return settings.MISSION.office(place, "en")


def _enrol(world: World, place: str) -> Request:
    name = world.fresh("guest").replace(" ", "-")
    return _at("enrol", data={"code": world.code(place), "name": name, "password": PASSWORD})


def _health(world: World, place: str) -> Request:
    """Of a machine that is well: its worker has just said that it lives."""
    heartbeat.beat(world.node)
    return _at("health")


ERASING = {"what": "words", "basis": "rule 4", "second": READER.id, "sure": "on"}
CHANGED = {"title": "Another title", "urgency": "soon"}
NEW_PASSWORD = {"old": PASSWORD, "password": PASSWORD}

ASKS: tuple[Ask, ...] = (
    _plain("home"),
    _plain("mission"),
    _plain("sign_in"),
    _plain("sign_in", "POST", name=PERSONAS[0].code, password=PASSWORD),
    _plain("sign_out", "POST"),
    _plain("enrol"),
    Ask("enrol", "POST", _enrol),
    _plain("password"),
    _plain("password", "POST", **NEW_PASSWORD),
    _plain("choose_person"),
    _plain("choose_person", "POST", person=PERSONAS[0].id),
    _plain("choose_language", "POST", language="en"),
    _plain("choose_theme", "POST", theme="night"),
    _plain("choose_keys", "POST", keys="off"),
    _plain("desk"),
    _plain("tick"),
    _plain("style"),
    _list("tasks", "task"),
    Ask("trends", "GET", lambda world, place: _at("trends"), lambda world, place: f'data-place="{place}"'),
    Ask("trends_csv", "GET", lambda world, place: _at("trends_csv"), lambda world, place: f",{place},"),
    Ask("trends_svg", "GET", lambda world, place: Request(reverse("trends_svg", args=["places"])), _office),
    Ask("search", "GET", _search, lambda world, place: str(world.standing[place].task), also=_search_widely),
    _list("task_table", "task"),
    _plain("save_view", "POST", name="Late", query="only=late"),
    _plain("drop_view", "POST", name="Late"),
    Ask("add_task", "POST", _add_task),
    replace(_read("task", "record", "task"), also=_erased),
    _task("step", **{"kind": "noted", "noted-words": "All calm"}),
    Ask("undo", "POST", _undo),
    Ask("settle", "POST", _settle),
    _read("edit_task", "record", "task"),
    _task("edit_task", **CHANGED),
    _read("erase", "record", "task"),
    _task("erase", **ERASING),
    _list("people", "holder"),
    _plain("add_person", "POST", name="Newcomer", body="mission_civilian", language="fr"),
    _read("person", "person", "holder"),
    _read("team", "team", "team"),
    _read("area", "area", "area"),
    _person("rename_person", name="Renamed"),
    Ask("ask_grant", "POST", _ask_grant),
    _person("person_left", reason="end of mission"),
    _person("issue_code"),
    Ask("confirm_code", "POST", lambda world, place: _at("confirm_code", person=world.asked_code(place))),
    _person("withdraw"),
    Ask("erase_name", "POST", _erase_name),
    Ask("join_team", "POST", _join),
    Ask("decide_grant", "POST", _decide),
    Ask("end_grant", "POST", _end),
    Ask(
        "add_team",
        "POST",
        lambda world, place: _at("add_team", data={"name": world.fresh("team"), "place": place}),
    ),
    Ask("leave_team", "POST", lambda world, place: _at("leave_team", membership=world.in_team(place))),
    Ask("health", "GET", _health),
    _plain("metrics"),
    _list("system", "task"),
    _plain("check", "POST"),
)
BY_KEY = {one.key: one for one in ASKS}
# Done without an entry: cookies, log-ins, saved views and jobs are no part of the ledger.
_COOKIES = {"sign_in", "sign_out", "choose_language", "choose_theme", "choose_keys"}
_LOG_INS = {"enrol", "password", "issue_code", "confirm_code", "withdraw"}
_VIEWS = {"save_view", "drop_view"}
BESIDE = frozenset({*_COOKIES, *_LOG_INS, *_VIEWS, "check"})
