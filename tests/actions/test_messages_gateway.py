"""The inbox with a real gateway beside it: what a phone brings is written down, read through it, called back by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

import pytest

from tests.actions.test_messages import holds
from tests.gateway.conftest import DOOR, KEY, NUMBER, WORDS
from tests.nodes import NOON, person
from ulinzi.accounts.rules import Rights, Role
from ulinzi.gateway import inside
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.phones import Phone
from ulinzi.gateway.simulated import SimulatedPhone
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import HOUR, SetClock
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.node import Node
from ulinzi.messages import actions, queries, tasks
from ulinzi.messages.rules import Step

ANA = person("ana")
WATCH = Rights(ANA, ((Role.WATCH_OFFICER, "north"),))


class Room(NamedTuple):
    gateway: Gateway
    phone: SimulatedPhone


@pytest.fixture
def room(node: Node) -> Iterator[Room]:
    """The gateway of this node, with one duty phone, answering on its own door."""
    phone = SimulatedPhone("NORTH-1", KEY, lambda *_: 0, SeededChance("phone"))
    gateway = Gateway(node.home, node.clock, SeededChance("gateway"), asked=phone.asked)
    gateway.add_phone(Phone("NORTH-1", "north", "Duty room", KEY, calling_code="999", sends=DOOR, dials=DOOR))
    phone.deliver = gateway.receive
    with inside.serving(gateway, gateway.store.folder):
        yield Room(gateway, phone)
    gateway.close()


def came(node: Node, room: Room) -> UUID:
    room.phone.sms(NUMBER, WORDS, NOON)
    room.phone.tick(NOON)
    tasks.drain(node)
    return UUID(str(queries.waiting(WATCH)[0]["id"]))


def test_what_a_phone_brings_waits_in_the_inbox_and_is_read_through_the_gateway(node: Node, room: Room) -> None:
    row = queries.message(came(node, room), WATCH)
    assert (row["channel"], row["gateway"], row["compartment"]) == ("sms", "NORTH-1", "north")
    assert queries.words(row) == WORDS
    assert room.gateway.pending() == []
    assert not holds(node, WORDS) and not holds(node, NUMBER) and not holds(node, NUMBER[1:])


def test_the_duty_phone_calls_back(node: Node, room: Room) -> None:
    message = came(node, room)
    actions.dial(message, by=ANA)
    assert queries.message(message, WATCH)["calls"] == 1


def test_the_word_for_the_duty_phone_comes_with_its_time(node: Node, room: Room) -> None:
    offered = actions.offer(came(node, room), by=ANA)
    assert offered["word"] and offered["expires_at"] > NOON


def test_what_is_set_aside_is_gone_from_the_gateway_an_hour_later(node: Node, room: Room) -> None:
    message = came(node, room)
    actions.step(message, Step.SET_ASIDE, by=ANA, code="test")
    assert isinstance(node.clock, SetClock)
    node.clock.advance(HOUR)
    tasks.let_go(node)
    assert queries.words(queries.message(message, WATCH)) is None
    actions.step(message, Step.REOPENED, by=ANA)
    with pytest.raises(Refused, match="number_gone"):
        actions.dial(message, by=ANA)


def test_control_without_its_gateway_nothing_can_be_read(node: Node) -> None:
    with pytest.raises(Refused, match="gateway_silent"):
        queries.letters()
