"""A warning that nobody takes climbs, person by person, until a named one says that they have it (L05)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest

from tests.nodes import person, reader
from ulinzi.accounts import actions as people
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Role
from ulinzi.alerts import actions, queries, tasks
from ulinzi.alerts.rules import Step
from ulinzi.cli import personas
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.network import actions as network

pytestmark = pytest.mark.access

NORTH = reader("north")
# From who sits nearest: the codes of the invented people whose roles make the chain.
CHAIN = ("odhal", "telwe", "rensa", "adeyo")
CAME = 10 * MINUTE


def bring(codes: Sequence[str]) -> None:
    console = person("console")
    with accounts.at_console(console):
        personas.bring([one for one in personas.PERSONAS if one.code in codes], by=console)


def warn(node: Node) -> UUID:
    """Raised at the console, which nobody is: so nobody has it."""
    console = person("console")
    told = {"what": "attack_now", "who": "armed_unknown", "priority": "p1", "place_said": "Telwa"}
    with accounts.at_console(console):
        alert = actions.raise_alert(
            compartment="north", by=console, received_at=node.clock.now(), channel="missed_call", **told
        )
        actions.step(alert, Step.HANDED_OVER, by=console, to=console)
    return alert


def wait(node: Node, hours: float) -> None:
    """The worker makes its rounds every five minutes meanwhile."""
    for _ in range(round(hours * 12)):
        node.clock.advance(5 * MINUTE)
        tasks.let_climb(node)


def asked(alert: UUID) -> Iterator[Any]:
    for one in queries.steps(queries.alert(alert, NORTH), NORTH):
        if one["kind"] == Step.ESCALATED:
            yield one["to_whom"]


def codes(alert: UUID) -> list[str]:
    by_id = {people.person_id(code): code for code in CHAIN}
    return [by_id.get(one, "nobody") for one in asked(alert)]


def test_it_climbs_from_the_watch_to_the_leadership(node: Node) -> None:
    bring(CHAIN)
    alert = warn(node)
    wait(node, 2)
    assert codes(alert)[0] == "odhal" and set(codes(alert)) == set(CHAIN)


def test_it_ends_when_somebody_says_that_they_have_it_and_begins_again_with_the_next_promise(node: Node) -> None:
    bring(CHAIN)
    alert = warn(node)
    wait(node, 0.3)
    actions.step(alert, Step.TAKEN, by=people.person_id("odhal"))
    many = len(codes(alert))
    wait(node, 0.1)
    assert len(codes(alert)) == many
    wait(node, 1)
    assert len(codes(alert)) > many


@pytest.mark.parametrize("gone", CHAIN)
def test_whoever_is_not_there_is_passed_over(node: Node, gone: str) -> None:
    left = [one for one in CHAIN if one != gone]
    bring(left)
    alert = warn(node)
    wait(node, 1.5)
    assert codes(alert)[0] == left[0] and gone not in codes(alert)


def test_whoever_has_left_the_mission_is_not_asked(node: Node) -> None:
    bring(CHAIN)
    alert = warn(node)
    with accounts.at_console(person("console")):
        people.leave(people.person_id("odhal"), by=person("console"), reason="end of rotation")
    wait(node, 0.5)
    assert codes(alert)[0] == "telwe"


def test_where_all_are_gone_it_stands_on_the_system_page_once_for_each_promise(node: Node) -> None:
    alert = warn(node)
    wait(node, 0.4)
    assert codes(alert) == ["nobody"]
    assert "nobody_to_ask" in [one["code"] for one in ledger.problems(["north"])]


def test_whoever_has_the_duty_is_asked_before_others_of_the_same_role(node: Node) -> None:
    bring(CHAIN)
    with accounts.at_console(person("console")):
        console, now = person("console"), node.clock.now()
        for name in ("first", "second"):
            told = {"code": name, "name": name, "body": "mission_military", "held": (Role.WATCH_OFFICER, "north")}
            people.add_person(by=console, **told)
        on_duty = max((people.person_id(one) for one in ("first", "second", "odhal")), key=lambda one: one.int)
        hours = {"starts_at": now - HOUR, "ends_at": now + 8 * HOUR}
        network.add_shift(compartment="north", person=on_duty, post="watch", by=console, **hours)
    alert = warn(node)
    wait(node, 0.3)
    assert next(asked(alert)) == on_duty


def test_another_machines_alert_is_left_to_it(node: Node) -> None:
    bring(CHAIN)
    alert = warn(node)
    with accounts.at_console(person("console")):
        actions.edit_alert(alert, by=person("console"), duty_node=b"another machine's key, 32 bytes.")
    wait(node, 1)
    assert codes(alert) == []


def test_control_this_machines_own_climbs(node: Node) -> None:
    bring(CHAIN)
    alert = warn(node)
    wait(node, 1)
    assert codes(alert) != []
