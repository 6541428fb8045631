"""Whom somebody may know of: people with a role where they see people, or in the whole mission, and newcomers."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.accounts.people import CONSOLE, add, head
from tests.ledger.test_hostile import born, new_id, told_by_a_stranger, written
from ulinzi.accounts import actions, queries, rules
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger.node import Node

pytestmark = pytest.mark.access

PERSON = 4


@pytest.fixture
def everybody(node: Node) -> dict[str, UUID]:
    made = {
        "north": add("North", (Role.TEAM_LEADER, "north")),
        "south": add("South", (Role.TEAM_LEADER, "south")),
        "both": add("Both", (Role.TEAM_LEADER, "north"), (Role.TEAM_LEADER, "south")),
        "wide": add("Wide", (Role.SENIOR_ADVISER, EVERYWHERE)),
        "wide and south": add("Wide South", (Role.DILIGENCE_OFFICER, EVERYWHERE), (Role.TEAM_LEADER, "south")),
        "newcomer": add("Newcomer"),
        "left the south": add("Left", (Role.TEAM_LEADER, "south")),
    }
    with queries.at_console(CONSOLE):
        actions.leave(made["left the south"], by=CONSOLE, reason="end of mission")
    return made


def known_to(reader: UUID, everybody: dict[str, UUID]) -> set[str]:
    """By list and by page alike."""
    rights = queries.rights_of(reader)
    listed = {row["id"] for row, _held in queries.known(rights)}
    for name, who in everybody.items():
        assert opens(who, rights) == (who in listed), name
    return {name for name, who in everybody.items() if who in listed}


def opens(who: UUID, rights: rules.Rights) -> bool:
    try:
        queries.known_person(who, rights)
    except NotFound:
        return False
    return True


HERE = {"north", "both", "wide", "wide and south", "newcomer"}


def test_a_head_of_office_knows_their_own_and_those_of_the_whole_mission(everybody: dict[str, UUID]) -> None:
    assert known_to(head(), everybody) == HERE


def test_whoever_sees_people_everywhere_knows_everybody(everybody: dict[str, UUID]) -> None:
    assert known_to(add("Lior", (Role.LEADERSHIP, EVERYWHERE)), everybody) == set(everybody)


@pytest.mark.sqlite_only
def test_whoever_sees_no_people_knows_themselves_and_no_wide_roles(everybody: dict[str, UUID]) -> None:
    watch = add("Watch", (Role.WATCH_OFFICER, "north"))
    grants = [one for found in queries.grants(everybody.values()).values() for one in found]
    assert rules.known_grants(queries.rights_of(watch), grants) == []


def test_of_somebody_known_the_roles_elsewhere_are_not_told(everybody: dict[str, UUID]) -> None:
    rights = queries.rights_of(head())
    for name, places in (("both", ["north"]), ("wide and south", [EVERYWHERE])):
        known = queries.known_person(everybody[name], rights)
        assert [one["place"] for one in known.grants] == places, name


def born_in(node: Node, place: str) -> UUID:
    """A person whom another machine wrote into a province, where no person belongs."""
    who = new_id(place)
    told_by_a_stranger(node, place, born(PERSON, who.bytes), written(PERSON, who.bytes, 1, {1: "Stray", 2: None}))
    return who


def test_a_person_born_in_a_province_is_for_those_who_see_people_there(node: Node) -> None:
    stray = {"stray": born_in(node, "south")}
    assert known_to(head(), stray) == set()
    assert known_to(head("South", "south"), stray) == {"stray"}
    assert known_to(add("Lior", (Role.LEADERSHIP, EVERYWHERE)), stray) == {"stray"}


@pytest.mark.sqlite_only
def test_control_a_rule_that_forgets_the_birth_shows_it_to_all(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    stray = {"stray": born_in(node, "south")}
    monkeypatch.setattr(ids, "lives_in", lambda record, place: True)
    assert known_to(head(), stray) == {"stray"}


@pytest.mark.sqlite_only
def test_control_a_rule_that_forgets_the_place_shows_everybody(
    everybody: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "known_grants", lambda rights, grants: list(grants))
    assert known_to(head(), everybody) == set(everybody)
