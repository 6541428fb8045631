"""What is asked of each address: a valid request about a record of a province, fresh where the request changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from tests.access.loop import CONSOLE, EVERYTHING, missed_call
from tests.access.world import PASSWORD, World
from tests.nodes import NOON
from ulinzi.accounts.rules import Role
from ulinzi.alerts import actions as alerts
from ulinzi.alerts import intake
from ulinzi.alerts import queries as alerts_read
from ulinzi.alerts.rules import Step as Warned
from ulinzi.cli.personas import PERSONAS
from ulinzi.desk.rules import What
from ulinzi.jobs import heartbeat
from ulinzi.kernel.clock import HOUR
from ulinzi.ledger import queries as ledger
from ulinzi.messages import actions as messages
from ulinzi.messages.rules import Step as Handled
from ulinzi.network import actions as network
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses
from ulinzi.responses.rules import Step as Sent
from ulinzi.web import leaves


class Request(NamedTuple):
    url: str
    data: dict[str, Any] = {}


@dataclass(frozen=True)
class Ask:
    """`shows` is what a page holds where it shows a record of the province; None where the whole page is the answer.

    `also` are asked after it, for what else such a page may show; the answer is that to the first.
    """

    name: str
    method: str
    make: Callable[[World, str], Request]
    shows: Callable[[World, str], str] | None = None
    also: tuple[Callable[[World, str], str], ...] = ()

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


def _declined(world: World, place: str) -> str:
    return reverse("erase", kwargs={"record": world.standing[place].declined})


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


def settling(record: UUID, label: str = "desk.Task", name: str = "words") -> dict[str, str]:
    """The form that chooses the first of two values."""
    group = ledger.groups_of(label, record)[name]
    return {"group": name, "seen": leaves.token(group.dots), "choose": leaves.token(group.leaves[0].dots)}


def _settle(world: World, place: str) -> Request:
    task = world.in_two_minds(place)
    return _at("settle", record=task, data=settling(task))


def _ask_grant(world: World, place: str) -> Request:
    told = {"role": str(Role.PROVINCIAL_ANALYST), "place": place}
    return _at("ask_grant", person=world.someone(place), data=told)


def _erase_name(world: World, place: str) -> Request:
    return _at("erase_name", person=world.gone(place), data={"basis": "asked by the person"})


def _agree(world: World, place: str) -> Request:
    task = world.task(place)
    asked = world.asked(What.WORDS, task, world.someone(place, role=Role.PROVINCIAL_ADVISER))
    return _at("decide_erasure", record=task, data={"asked": asked, "decision": "confirmed"})


def _agree_on_name(world: World, place: str) -> Request:
    """Asked for by a leader who is none of the personas, so that each of them may agree who may at all."""
    who = world.gone(place)
    asked = world.asked(What.NAME, who, world.leader)
    return _at("decide_name", person=who, data={"asked": asked, "decision": "confirmed"})


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


def _rates(name: str) -> Ask:
    return Ask(name, "GET", lambda world, place: Request(f"{reverse(name)}?by=office"), _office)


def _enrol(world: World, place: str) -> Request:
    name = world.fresh("guest").replace(" ", "-")
    return _at("enrol", data={"code": world.code(place), "name": name, "password": PASSWORD})


# The network. What is read stands; a fresh one for whoever changes it.


def _standing(name: str, key: str, record: str, **options: Any) -> Ask:
    """The page of a record of the loop."""

    def make(world: World, place: str) -> Request:
        return _at(name, **{key: getattr(world.standing[place].loop, record)})

    return Ask(name, "GET", make, **options)


def _listed(name: str, record: str, query: str = "", **options: Any) -> Ask:
    """A list, and what it holds where it holds something of the province."""

    def shows(world: World, place: str) -> str:
        return str(getattr(world.standing[place].loop, record))

    return Ask(name, "GET", lambda world, place: Request(reverse(name) + query), shows, **options)


def _home(world: World, place: str) -> UUID:
    return world.standing[place].loop.community


def _community(world: World, place: str) -> UUID:
    return places.add_community(compartment=place, name=world.fresh("community"), by=CONSOLE)


def _base(world: World, place: str) -> UUID:
    return places.add_base(compartment=place, name=world.fresh("base"), kind="company", by=CONSOLE)


def _source(world: World, place: str, **told: str) -> UUID:
    return network.enrol_source(compartment=place, community=_home(world, place), kind="elected", by=CONSOLE, **told)


def _post(world: World, place: str) -> UUID:
    return network.add_liaison(compartment=place, person=world.someone(place), by=CONSOLE)


def _shift(world: World, place: str) -> UUID:
    now = world.node.clock.now()
    told = {"post": "radio", "starts_at": now, "ends_at": now + HOUR}
    return network.add_shift(compartment=place, person=world.someone(place), by=CONSOLE, **told)


def _add_shift(world: World, place: str) -> Request:
    return _at("add_shift", data={"person": f"{place} {world.someone(place)}", "until": "23:59", "post": "watch"})


def _enrol_source(world: World, place: str) -> Request:
    # A piece of its name: what was typed stands on the page, and must be no sign itself.
    told = {"said": f"{place} comm", "community": _home(world, place)}
    told |= {"kind": "elected", "contact": "call", "reply": "none"}
    return _at("enrol_source", data=told)


def _add_liaison(world: World, place: str) -> Request:
    return _at("add_liaison", data={"person": f"{place} {world.someone(place)}"})


def _health(world: World, place: str) -> Request:
    """Of a machine that is well: its worker has just said that it lives."""
    heartbeat.beat(world.node)
    return _at("health")


# Messages. What waits is one letter a province; a fresh one for whoever deals with it.


def _fresh_message(world: World, place: str, source: UUID | None = None) -> UUID:
    return missed_call(place, sha256(world.fresh(place).encode()).hexdigest()[:32], source)


def _deal(name: str, /, **data: Any) -> Ask:
    return Ask(name, "POST", lambda world, place: _at(name, record=_fresh_message(world, place), data=data))


def _aside(world: World, place: str) -> str:
    return reverse("message", kwargs={"record": world.standing[place].loop.aside})


def _written(world: World, place: str) -> str:
    return reverse("message", kwargs={"record": world.standing[place].loop.written})


def _attached(world: World, place: str) -> str:
    return reverse("message", kwargs={"record": world.standing[place].loop.attached})


def _enrol_sender(world: World, place: str) -> Request:
    """A piece of its name, as above."""
    told = {"said": f"{place} comm", "community": _home(world, place)}
    told |= {"kind": "elected", "contact": "call", "reply": "none"}
    return _at("message_enrol", record=world.exchange.somebody(place), data=told)


def _undo_message(world: World, place: str) -> Request:
    message = _fresh_message(world, place)
    messages.step(message, Handled.CLAIMED, by=CONSOLE)
    released = messages.step(message, Handled.RELEASED, by=CONSOLE)
    return _at("message_undo", record=message, data={"step": released})


def _call(world: World, place: str) -> Request:
    told = {**SIX, "compartment": place, "channel": "radio", "do": "report"}
    return _at("call", data=told)


# Alerts. One of each province stands on lists; a fresh one for whoever does something about it.


def alert_of(world: World, place: str) -> UUID:
    told = {"what": "tension", "who": "civilians", "priority": "p3", "place_said": world.fresh("ford")}
    return alerts.raise_alert(compartment=place, by=CONSOLE, received_at=NOON, channel="radio", **told)


def _about(name: str, /, **data: Any) -> Ask:
    return Ask(name, "POST", lambda world, place: _at(name, alert=alert_of(world, place), data=data))


def _decided(world: World, place: str) -> UUID:
    """One that somebody is to go for: who may send is not always who decides."""
    alert = alert_of(world, place)
    alerts.step(alert, Warned.DECIDED, by=CONSOLE, code="respond", words="At once")
    return alert


def _changes(world: World, place: str) -> str:
    """With what was changed in it."""
    return reverse("alert", kwargs={"alert": world.standing[place].loop.alert}) + "?changes=1"


def _sending(world: World, place: str) -> str:
    """With the list of bases that somebody may be sent from."""
    return reverse("alert", kwargs={"alert": world.standing[place].loop.alert}) + "?do=send"


def _undo_alert(world: World, place: str) -> Request:
    """What was found out, not what somebody noted."""
    alert = alert_of(world, place)
    verified = alerts.step(alert, Warned.VERIFIED, by=CONSOLE, code="corroborated")
    return _at("alert_undo", alert=alert, data={"step": verified})


def _torn_alert(world: World, place: str) -> Request:
    """Two people said who did it, without seeing each other."""
    alert = alert_of(world, place)
    seen = {name: group.dots for name, group in ledger.groups_of("alerts.Alert", alert).items()}
    alerts.edit_alert(alert, by=CONSOLE, seen=seen, who="army")
    alerts.edit_alert(alert, by=CONSOLE, seen=seen, keep_both={"who"}, who="police")
    return _at("alert_settle", alert=alert, data=settling(alert, "alerts.Alert", "who"))


def _write_back(world: World, place: str) -> Request:
    """Somebody told us by SMS, asked to be told by SMS, and can still be reached."""
    source, alert = _source(world, place, reply="sms"), alert_of(world, place)
    message = _fresh_message(world, place, source)
    intake.attach_message(message, alert, by=CONSOLE, what="tension", who="civilians", **OTHERWISE)
    row = alerts_read.alert(alert, EVERYTHING)
    (teller,) = intake.tellers(row, EVERYTHING, NOON)
    return _at("alert_write_back", alert=alert, data={"to": teller.key, "code": "thanks.en"})


def _same(world: World, place: str) -> Request:
    return _at("alert_same", alert=alert_of(world, place), data={"other": alert_of(world, place)})


def _sent(world: World, place: str, *steps: Sent) -> UUID:
    told = {"responder": "police", "way": "patrol", "words": "At once"}
    made = responses.send(_decided(world, place), by=CONSOLE, **told)
    for one in steps:
        responses.step(made, one, by=CONSOLE)
    return made


def _undo_response(world: World, place: str) -> Request:
    made = _sent(world, place)
    left = responses.step(made, Sent.LEFT, by=CONSOLE)
    return _at("response_undo", response=made, data={"step": left})


SENDING = {"responder": "police", "way": "patrol", "words": "At once"}
SIX = {"place": "the old ford", "asked": "the old ford", "place_is": "said", "what": "tension", "happened": "now"}
SIX |= {"who": "civilians", "ongoing": "yes", "do": "report"}
OTHERWISE = {"happened": "now", "ongoing": "yes", "place_said": "the old ford"}
CORRECTED = {"place": "the ford", "place_was": "the ford", "what": "tension", "who": "army", "priority": "p2"}
ERASING = {"what": "words", "basis": "rule 4", "sure": "on"}
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
    Ask("search", "GET", _search, lambda world, place: str(world.standing[place].task), also=(_search_widely,)),
    _list("task_table", "task"),
    _plain("save_view", "POST", name="Late", query="only=late"),
    _plain("drop_view", "POST", name="Late"),
    Ask("add_task", "POST", _add_task),
    replace(_read("task", "record", "task"), also=(_erased,)),
    _task("step", **{"kind": "noted", "noted-words": "All calm"}),
    Ask("undo", "POST", _undo),
    Ask("settle", "POST", _settle),
    _read("edit_task", "record", "task"),
    _task("edit_task", **CHANGED),
    replace(_read("erase", "record", "task"), also=(_declined,)),
    _task("erase", **ERASING),
    Ask("decide_erasure", "POST", _agree),
    _listed("network", "community"),
    Ask("add_shift", "POST", _add_shift),
    Ask("call_off", "POST", lambda world, place: _at("call_off", shift=_shift(world, place))),
    Ask("enrol_source", "POST", _enrol_source),
    Ask(
        "set_contact",
        "POST",
        lambda world, place: _at("set_contact", source=_source(world, place), data={"contact": "never"}),
    ),
    Ask("withdraw_source", "POST", lambda world, place: _at("withdraw_source", source=_source(world, place))),
    Ask("add_liaison", "POST", _add_liaison),
    _standing("edit_liaison", "liaison", "liaison"),
    Ask(
        "edit_liaison",
        "POST",
        lambda world, place: _at("edit_liaison", liaison=_post(world, place), data={"languages": "Kitel"}),
    ),
    Ask("end_liaison", "POST", lambda world, place: _at("end_liaison", liaison=_post(world, place))),
    _listed("places", "base", "?q=sign"),
    Ask("add_community", "POST", lambda world, place: _at("add_community", data={"place": place, "name": "Telwa"})),
    _standing("community", "community", "community"),
    Ask(
        "edit_community",
        "POST",
        lambda world, place: _at(
            "edit_community", community=_community(world, place), data={"name": world.fresh("community")}
        ),
    ),
    Ask(
        "add_base",
        "POST",
        lambda world, place: _at("add_base", data={"place": place, "name": "Nerela", "kind": "company"}),
    ),
    _standing("base", "base", "base"),
    Ask(
        "edit_base",
        "POST",
        lambda world, place: _at(
            "edit_base", base=_base(world, place), data={"name": world.fresh("base"), "kind": "office"}
        ),
    ),
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
    Ask("decide_name", "POST", _agree_on_name),
    Ask("join_team", "POST", _join),
    Ask("decide_grant", "POST", _decide),
    Ask("end_grant", "POST", _end),
    Ask(
        "add_team",
        "POST",
        lambda world, place: _at("add_team", data={"name": world.fresh("team"), "place": place}),
    ),
    Ask("leave_team", "POST", lambda world, place: _at("leave_team", membership=world.in_team(place))),
    _listed("watch", "alert"),
    _listed("watch_table", "alert"),
    _standing("alert", "alert", "alert", also=(_changes, _sending)),
    _about("alert_step", kind="noted", words="Seen"),
    Ask("alert_undo", "POST", _undo_alert),
    Ask("alert_same", "POST", _same),
    _standing("alert_edit", "alert", "alert"),
    _about("alert_edit", **CORRECTED),
    Ask("alert_settle", "POST", _torn_alert),
    Ask("alert_write_back", "POST", _write_back),
    Ask("alert_send", "POST", lambda world, place: _at("alert_send", alert=_decided(world, place), data=SENDING)),
    Ask(
        "response_step",
        "POST",
        lambda world, place: _at("response_step", response=_sent(world, place), data={"kind": "left"}),
    ),
    Ask(
        "response_confirm",
        "POST",
        lambda world, place: _at("response_confirm", response=_sent(world, place, Sent.ARRIVED)),
    ),
    Ask("response_undo", "POST", _undo_response),
    _listed("inbox", "message"),
    _standing("message", "record", "message", also=(_aside, _written, _attached)),
    _deal("message_step", kind="claimed"),
    Ask("message_undo", "POST", _undo_message),
    _deal("message_dial", how="dial"),
    _deal("message_take_down", **SIX),
    Ask("message_enrol", "POST", _enrol_sender),
    _plain("call"),
    Ask("call", "POST", _call),
    _rates("alert_rates"),
    _rates("alert_rates_csv"),
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
