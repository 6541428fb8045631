"""The pages of people, teams and areas: who sees what happened to them, and how much such a page asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from tests.accounts.people import CONSOLE, add
from tests.web.test_board import body
from tests.web.test_timeline import entries_on
from ulinzi import ledger as door
from ulinzi.accounts import actions, queries, rules, sessions
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.places.models import Area


@dataclass(frozen=True)
class House:
    """One person with a role in each province, an area and a team in each, and everybody who might look."""

    who: UUID
    areas: dict[str, UUID]
    teams: dict[str, UUID]
    readers: dict[str, UUID]


READERS = {
    "head of the north": (Role.HEAD_OF_OFFICE, "north"),
    "head of the south": (Role.HEAD_OF_OFFICE, "south"),
    "adviser of the north": (Role.PROVINCIAL_ADVISER, "north"),
    "watch of the north": (Role.WATCH_OFFICER, "north"),
    "administrator": (Role.ADMINISTRATOR, EVERYWHERE),
    "leadership": (Role.LEADERSHIP, EVERYWHERE),
    "security": (Role.SECURITY_OFFICER, EVERYWHERE),
    "partner": (Role.PARTNER, EVERYWHERE),
}


@pytest.fixture
def house(node: Node) -> House:
    readers = {name: add(f"The {name}", held) for name, held in READERS.items()}
    who, found, teams = add("Bela Ostin"), {}, {}
    for place in ("north", "south"):
        asker = add(f"{place} asker", (Role.ADMINISTRATOR, place))
        grant = actions.ask_grant(who, Role.TEAM_LEADER, place, by=asker)
        actions.decide_grant(grant, "confirmed", by=add(f"{place} decider", (Role.HEAD_OF_OFFICE, place)))
        actions.end_grant(grant, by=add(f"{place} ender", (Role.HEAD_OF_OFFICE, place)), reason=f"{place} reason")
        with queries.at_console(CONSOLE):
            found[place] = places.add_area(compartment=place, code=place, name=f"{place} area", kind="area", by=CONSOLE)
            teams[place] = actions.add_team(by=CONSOLE, name=f"{place} team", place=place)
            actions.join_team(teams[place], add(f"{place} member", (Role.TEAM_LEADER, place)), by=CONSOLE)
    return House(who, found, teams, readers)


def opened(house: House, reader: str, url: str) -> tuple[int, str]:
    client = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    client.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(house.readers[reader]).token
    response = client.get(url)
    return response.status_code, body(response)


def signs(page: str) -> set[str]:
    """What of the two provinces stands on a page."""
    return set(re.findall(r"(?:north|south) (?:asker|decider|ender|reason|area|team|member)", page))


NORTH = {"north asker", "north decider", "north ender"}
SOUTH = {"south asker", "south decider", "south ender"}


@pytest.mark.access
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("reader", "seen", "closed"),
    [
        ("head of the north", NORTH | {"north reason"}, 0),
        ("head of the south", SOUTH | {"south reason"}, 0),
        ("adviser of the north", NORTH, 1),
        ("administrator", NORTH | SOUTH | {"north team", "south team"}, 2),  # teams to put the person into
        ("leadership", NORTH | SOUTH, 2),
        ("security", NORTH | SOUTH | {"north reason", "south reason"}, 0),
        ("watch of the north", set(), 0),
        ("partner", set(), 0),
    ],
)
def test_who_gave_a_role_is_for_those_who_see_it_and_why_it_ended_for_fewer(
    house: House, reader: str, seen: set[str], closed: int
) -> None:
    """An administrator can always say who gave a right, and when; the reason is words, and lies deeper."""
    status, page = opened(house, reader, f"/people/{house.who}")
    assert status == (200 if seen else 403)
    assert signs(page) == seen
    lines = entries_on(page) if seen else []
    assert sum("Words not for your role" in one for one in lines) == closed


@pytest.mark.access
@pytest.mark.sqlite_only
def test_control_a_history_read_without_a_reader_holds_both_provinces(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "person_history", lambda known, reader: ledger.history("accounts.Person", house.who))
    _status, page = opened(house, "adviser of the north", f"/people/{house.who}")
    assert signs(page) == NORTH | SOUTH | {"north reason", "south reason"}


@pytest.mark.access
@pytest.mark.sqlite_only
def test_that_something_happened_elsewhere_is_not_even_counted(house: House) -> None:
    """No line without words, no total that is too high, no reason that speaks of a hidden role."""
    _status, page = opened(house, "head of the north", f"/people/{house.who}")
    _status, all_of_it = opened(house, "security", f"/people/{house.who}")
    assert (len(entries_on(page)), len(entries_on(all_of_it))) == (4, 7)


@pytest.mark.access
@pytest.mark.sqlite_only
def test_one_reason_for_roles_of_two_provinces_is_for_who_may_read_both(house: House) -> None:
    who = add("Both", (Role.TEAM_LEADER, "north"), (Role.TEAM_LEADER, "south"))
    with queries.at_console(CONSOLE):
        actions.leave(who, by=CONSOLE, reason="north reason, and south reason")
    for reader, expected in (("head of the north", set()), ("security", {"north reason", "south reason"})):
        status, page = opened(house, reader, f"/people/{who}")
        assert (status, signs(page)) == (200, expected), reader


@pytest.mark.access
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("reader", "own", "other"),
    [
        ("head of the north", 200, 404),
        ("adviser of the north", 200, 404),
        ("administrator", 200, 200),
        ("leadership", 200, 200),
        ("watch of the north", 403, 403),
        ("partner", 403, 403),
    ],
)
def test_a_team_is_for_those_who_see_people_there(house: House, reader: str, own: int, other: int) -> None:
    for place, expected in (("north", own), ("south", other)):
        status, page = opened(house, reader, f"/teams/{house.teams[place]}")
        assert (status, signs(page)) == (expected, {f"{place} team", f"{place} member"} if status == 200 else set())


@pytest.mark.access
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("reader", "own", "other"),
    [
        ("watch of the north", 200, 404),
        ("head of the north", 200, 404),
        ("leadership", 200, 200),
        ("administrator", 403, 403),
        ("partner", 403, 403),
    ],
)
def test_an_area_is_for_those_who_see_tasks_there(house: House, reader: str, own: int, other: int) -> None:
    for place, expected in (("north", own), ("south", other)):
        status, page = opened(house, reader, f"/areas/{house.areas[place]}")
        assert (status, signs(page)) == (expected, {f"{place} area"} if status == 200 else set())


# What is another on every page, whatever it says: ids, times, tokens.
CHANGING = re.compile(r'[0-9a-f-]{36}|\d\d:\d\d|token" value="\w+|data-since="\w*')


@pytest.mark.access
@pytest.mark.sqlite_only
@pytest.mark.parametrize("kind", ["people", "teams", "areas"])
def test_not_here_and_not_yours_look_the_same(house: House, kind: str) -> None:
    alone = add("Of the south alone", (Role.TEAM_LEADER, "south"))
    foreign = {"people": alone, "teams": house.teams["south"], "areas": house.areas["south"]}[kind]
    pages = [opened(house, "head of the north", f"/{kind}/{one}") for one in (foreign, UUID(int=9))]
    same = [(status, CHANGING.sub("", page)) for status, page in pages]
    assert same[0] == same[1] and same[0][0] == 404


@pytest.mark.access
@pytest.mark.sqlite_only
def test_an_area_of_elsewhere_is_not_named_by_what_is_part_of_it(house: House) -> None:
    """A sheet, or another node, may say that an area here is part of one there."""
    with queries.at_console(CONSOLE), door.unit("places.import_area", by=CONSOLE) as unit:
        unit.put(Area, unit.load(Area, house.areas["north"]), parent=house.areas["south"])
    status, page = opened(house, "watch of the north", f"/areas/{house.areas['north']}")
    assert status == 200 and signs(page) == {"north area"} and "an area that is not here" in page
    assert str(house.areas["south"]) not in page
    _status, page = opened(house, "leadership", f"/areas/{house.areas['north']}")
    assert signs(page) == {"north area", "south area"}  # control


@pytest.mark.access
@pytest.mark.sqlite_only
def test_whoever_looks_is_in_the_access_log(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[tuple[str, str, str]] = []

    def note(object: str, *, purpose: str, by: UUID, result: str = "shown", **_more: object) -> None:
        noted.append((object, purpose, result))

    monkeypatch.setattr("ulinzi.ledger.access.note", note)
    alone = add("Of the south alone", (Role.TEAM_LEADER, "south"))
    asked = {"people": house.who, "teams": house.teams["north"], "areas": house.areas["north"]}
    hidden = {"people": alone, "teams": house.teams["south"], "areas": house.areas["south"]}
    for kind in asked:
        opened(house, "head of the north", f"/{kind}/{asked[kind]}")
        opened(house, "head of the north", f"/{kind}/{hidden[kind]}")
    labels_of = {"people": "accounts.Person", "teams": "accounts.Team", "areas": "places.Area"}
    pages = {"people": "person page", "teams": "team page", "areas": "area page"}
    for kind, label in labels_of.items():
        assert (f"{label}:{asked[kind]}", pages[kind], "shown") in noted
        assert (f"{label}:{hidden[kind]}", pages[kind], "not_found") in noted


# How much is asked of the database.


@contextmanager
def counted(node: Node) -> Iterator[list[str]]:
    """Every statement that reads, whichever way it takes to the database."""
    found: list[str] = []
    connections[node.alias].ensure_connection()
    handle = connections[node.alias].connection
    handle.set_trace_callback(lambda sql: found.append(sql) if sql.lstrip().upper().startswith("SELECT") else None)
    try:
        yield found
    finally:
        handle.set_trace_callback(None)


def crowd(count: int) -> None:
    with queries.at_console(CONSOLE), door.batch():
        for number in range(count):
            held = (str(Role.TEAM_LEADER), ("north", "south")[number % 2])
            actions.add_person(by=CONSOLE, name=f"One of many {number}", body="mission_civilian", held=held)


Url = Callable[[House], str]
MOST_QUERIES = 12


@pytest.mark.access
@pytest.mark.sqlite_only
@pytest.mark.parametrize("reader", ["administrator", "head of the north", "leadership"])
@pytest.mark.parametrize(
    "url",
    [lambda house: "/people", lambda house: f"/people/{house.who}", lambda house: f"/teams/{house.teams['north']}"],
    ids=["people", "person", "team"],
)
def test_a_page_asks_no_more_of_the_database_however_many_people_there_are(
    house: House, node: Node, reader: str, url: Url
) -> None:
    opened(house, reader, url(house))
    with counted(node) as few:
        opened(house, reader, url(house))
    crowd(850)
    with counted(node) as many:
        status, _page = opened(house, reader, url(house))
    assert status == 200 and len(many) <= len(few) <= MOST_QUERIES, "\n".join(many)


@pytest.mark.access
@pytest.mark.sqlite_only
def test_whom_to_hand_something_to_is_asked_of_one_place(house: House, node: Node) -> None:
    """Two questions, and what people hold elsewhere is not read."""
    crowd(850)
    with counted(node) as asked:
        found = queries.with_act(rules.Act.STEP_TASKS, "north")
    assert len(asked) == 2 and len(found) > 400
    assert {place for row in found for _role, place in row["rights"].held} <= {"north", EVERYWHERE}


@pytest.mark.access
@pytest.mark.sqlite_only
def test_control_a_question_for_each_person_is_counted(house: House, node: Node) -> None:
    with counted(node) as asked:
        for row in queries.persons():
            queries.rights_of(row["id"])
    assert len(asked) == 1 + len(queries.persons()) > MOST_QUERIES
