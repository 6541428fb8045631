"""Ids of the other province, put into addresses and forms: the answer is that of an id that never was (T-A-03)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.http import HttpResponse

from tests.access.asks import ASKS, SENDING, SIX, Ask, Request
from tests.access.loop import Loop
from tests.access.world import BY_ROLE, COLUMNS, Column, World, id_of, is_foreign, narrow, place_of
from ulinzi.accounts.rules import PLACED, Rights, Role
from ulinzi.config.urls import urlpatterns
from ulinzi.desk import queries
from ulinzi.kernel import ids
from ulinzi.ledger import access, store
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.codec import Dot
from ulinzi.web import leaves, routes

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


class Said(NamedTuple):
    """What a stranger can tell two answers apart by."""

    status: int
    length: int
    page: str
    headers: dict[str, str]
    cookies: frozenset[str]


def said(response: HttpResponse, *swapped: object) -> Said:
    """Less what the asker put in, and the form token, which is another each time."""
    page = TOKEN.sub("", response.content.decode())
    for one in swapped:
        page = page.replace(str(one), "#")
    shown = UUIDS.sub("#", page)
    return Said(response.status_code, len(response.content), shown, dict(response.headers), frozenset(response.cookies))


def never_was(here: World, place: str) -> UUID:
    """An id as a record of this province would have."""
    return ids.new_id(here.node.clock.now(), here.node.chance, place)


def bound(here: World) -> list[Column]:
    """Everybody whose role ends at the border of a province."""
    return [one for one in COLUMNS if is_foreign(one, "north") or is_foreign(one, "south")] + list(narrow(here))


def asked_of(column: Column) -> Iterator[Ask]:
    """What the role would be let through to, about a record named in the address."""
    if isinstance(column, type):
        return
    for ask in ASKS:
        if routes.ACTS.get(ask.name) in PLACED[Role(column.role)] and "<uuid" in pattern_of(ask.name):
            yield ask


def pattern_of(name: str) -> str:
    return next(str(one.pattern) for one in urlpatterns if one.name == name)


# In the address.


def test_a_foreign_id_in_an_address_is_one_that_never_was(here: World) -> None:
    compared = 0
    for column in bound(here):
        place = place_of(column, "foreign")
        for ask in asked_of(column):
            request = ask.make(here, place)
            record = UUIDS.findall(request.url)[0]
            never = Request(request.url.replace(record, str(never_was(here, place))), request.data)
            before = here.written()
            foreign, unknown = (here.send(id_of(column), ask.method, *one) for one in (request, never))
            assert foreign.status_code == 404, (column, ask.key)
            assert said(foreign) == said(unknown), (column, ask.key)
            assert here.written() == before, (column, ask.key)
            compared += 1
    assert compared > 100


def test_control_answers_that_differ_are_told_apart(here: World) -> None:
    watch = id_of(BY_ROLE["watch_officer"])
    own = here.send(watch, "GET", f"/tasks/{here.standing['north'].task}")
    gone = here.send(watch, "GET", f"/tasks/{never_was(here, 'north')}")
    refused = here.send(watch, "GET", f"/people/{here.standing['north'].holder}")
    assert len({said(own).page, said(gone).page, said(refused).page}) == 3
    assert len({said(own).status, said(gone).status, said(refused).status}) == 3


def test_control_a_refusal_that_says_too_much_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the question for the reader left out, a foreign task is no longer one that never was."""
    real = queries.tasks
    monkeypatch.setattr(queries, "tasks", lambda records, reader: real(records, Rights(reader.person, all=True)))
    watch = id_of(BY_ROLE["watch_officer"])
    foreign, never = here.standing["south"].task, never_was(here, "south")
    answers = [said(here.send(watch, "GET", f"/tasks/{one}/erase")) for one in (foreign, never)]
    assert answers[0] == answers[1]  # the role does not erase at all
    answers = [said(here.send(watch, "GET", f"/tasks/{one}")) for one in (foreign, never)]
    assert answers[0] != answers[1]


def test_whoever_tries_a_foreign_id_is_in_the_access_log(here: World) -> None:
    watch, foreign = BY_ROLE["watch_officer"], here.standing["south"].task
    here.send(id_of(watch), "GET", f"/tasks/{foreign}")
    here.send(id_of(watch), "GET", "/people")
    access.flush(here.node)
    found = {str(row[0]) for row in store.rows(here.node, "SELECT object FROM ledger_access")}
    assert {f"desk.Task:{foreign}", "route:people"} <= found


# In the form.


def token_of(task: UUID) -> str:
    return leaves.token(ledger.groups_of("desk.Task", task)["words"].dots)


def unknown_token(task: UUID) -> str:
    """As long as the token of a task, of entries that are nowhere."""
    dots = ledger.groups_of("desk.Task", task)["words"].dots
    return leaves.token([Dot(bytes(len(dot.feed)), dot.seq, dot.part) for dot in dots])


class Swap(NamedTuple):
    """A form about something of one's own, with one value taken from the other province."""

    role: str
    url: str
    data: dict[str, Any]
    name: str
    foreign: Any
    unknown: Any
    own: Any = None  # of one's own province; None where nothing there would be taken either


def swaps(here: World) -> Iterator[Swap]:
    """The watch officer and the head of office work in the north."""
    own, other = here.standing["north"], here.standing["south"]
    never, title = never_was(here, "south"), {"title": "Mine"}
    settle = {"group": "words", "choose": _choice(own.task)}
    hand_over, decline = {"kind": "handed_over"}, {"decision": "declined", "reason": "still needed"}
    add, task = "/tasks/add", f"/tasks/{own.task}"
    yield Swap("watch_officer", add, title, "compartment", "south", "sauth", "north")
    yield Swap("watch_officer", add, {**title, "compartment": "north"}, "area", other.area, never, own.area)
    yield Swap("watch_officer", f"{task}/edit", title, "area", other.area, never, own.area)
    yield Swap("watch_officer", f"{task}/undo", {}, "step", other.step, never, own.step)
    base = id_of(BY_ROLE["base_commander"])
    yield Swap("watch_officer", f"{task}/step", hand_over, "handed_over-to", other.holder, never, base)
    yield Swap("watch_officer", f"{task}/settle", settle, "seen", token_of(other.task), unknown_token(other.task))
    yield Swap("watch_officer", f"{task}/edit", title, "seen-words", token_of(other.task), unknown_token(other.task))
    asked = _asked(here, own.task)
    yield Swap("head_of_office", f"{task}/erase/decide", decline, "asked", _asked(here, other.task), never, asked)
    yield from _network(here, own.loop, other.loop, never)
    yield from _messages(here, own.loop, other.loop, never)
    yield from _alerts(own.loop, other.loop, never, other.holder)


def _network(here: World, own: Loop, other: Loop, never: UUID) -> Iterator[Swap]:
    """What belongs to a province is chosen from its own; who works there too."""
    liaison, adviser = "liaison_assistant", "provincial_adviser"
    south, strange, mine = f"south {here.someone('south')}", f"south {never}", f"north {here.someone('north')}"
    yield Swap("watch_officer", "/network/shifts", {"until": "23:59", "post": "watch"}, "person", south, strange, mine)
    enrol = {"said": "sign", "kind": "elected", "contact": "call", "reply": "none"}
    yield Swap(liaison, "/network/sources", enrol, "community", other.community, never, own.community)
    yield Swap(adviser, "/network/liaisons", {}, "person", south, strange, mine)
    yield Swap(adviser, f"/network/liaisons/{own.liaison}", {}, "base", other.base, never, own.base)
    yield Swap(adviser, f"/network/liaisons/{own.liaison}", {}, "supervisor", here.someone("south"), never)
    yield Swap(adviser, "/places/communities", {"name": "Nerela"}, "place", "south", "sauth", "north")
    yield Swap(
        adviser,
        "/places/communities",
        {"name": "Nerela", "place": "north"},
        "area",
        _area(here),
        never,
        here.standing["north"].area,
    )
    yield Swap(
        adviser, f"/places/bases/{own.base}/edit", {"name": "Nerela", "kind": "office"}, "area", _area(here), never
    )


def _area(here: World) -> UUID:
    return here.standing["south"].area


def _messages(here: World, own: Loop, other: Loop, never: UUID) -> Iterator[Swap]:
    message = f"/inbox/{own.written}"
    yield Swap("watch_officer", f"{message}/take-down", SIX, "do", other.alert, never, own.alert)
    yield Swap("watch_officer", f"{message}/undo", {}, "step", other.step, never)
    yield Swap("watch_officer", "/call", {**SIX, "channel": "radio"}, "compartment", "south", "sauth", "north")
    told = {**SIX, "channel": "radio", "place": "sign", "asked": "sign", "compartment": "north"}
    yield Swap("watch_officer", "/call", told, "place_is", other.community, never, own.community)


def _alerts(own: Loop, other: Loop, never: UUID, holder: UUID) -> Iterator[Swap]:
    alert = f"/alerts/{own.alert}"
    yield Swap("watch_officer", f"{alert}/same", {}, "other", other.alert, never)
    yield Swap("watch_officer", f"{alert}/undo", {}, "step", other.step, never)
    yield Swap(
        "watch_officer", f"{alert}/step", {"kind": "handed_over"}, "to", holder, never, id_of(BY_ROLE["base_commander"])
    )
    yield Swap("watch_officer", f"{alert}/send", SENDING, "base", other.base, never, own.base)
    yield Swap(
        "watch_officer", f"/responses/{own.response}/undo", {}, "step", other.response_step, never, own.response_step
    )


def _asked(here: World, task: UUID) -> UUID:
    """What waits to be erased of it."""
    asked = queries.erasure_waiting(task, now=here.node.clock.now())
    assert asked is not None
    found: UUID = asked["id"]
    return found


def _choice(task: UUID) -> str:
    return leaves.token(ledger.groups_of("desk.Task", task)["words"].leaves[0].dots)


def test_a_foreign_value_in_a_form_is_one_that_never_was(here: World) -> None:
    for swap in swaps(here):
        who, before = id_of(BY_ROLE[swap.role]), here.written()
        values = (swap.foreign, swap.unknown)
        answers = [said(here.send(who, "POST", swap.url, {**swap.data, swap.name: one}), *values) for one in values]
        assert answers[0] == answers[1], swap
        assert answers[0].status in (404, 409, 422), swap
        assert here.written() == before, swap


def test_control_the_same_forms_with_a_value_of_ones_own_are_taken(here: World) -> None:
    for swap in [one for one in swaps(here) if one.own is not None]:
        sent = here.send(id_of(BY_ROLE[swap.role]), "POST", swap.url, {**swap.data, swap.name: swap.own})
        assert sent.status_code == 302, swap


def test_a_team_of_another_province_is_none_that_one_may_fill(here: World) -> None:
    administrator = next(one for one in narrow(here) if one.role is Role.ADMINISTRATOR)
    person = here.someone("north")
    before = here.written()
    for team in (here.standing["south"].team, never_was(here, "mission")):
        sent = here.send(administrator.id, "POST", f"/people/{person}/teams", {"team": team})
        assert sent.status_code == 404
    assert here.written() == before
