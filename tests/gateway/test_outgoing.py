"""Both directions with a phone that is simulated: what it brings, retried; what it is told, once."""

from __future__ import annotations

import pytest

from tests.gateway.conftest import DOOR, KEY, NOW, NUMBER, WORDS, bring, the_letter
from tests.gateway.test_intake import sms
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.outgoing import ASK_AGAIN, ask
from ulinzi.gateway.phones import Door, Phone
from ulinzi.gateway.simulated import MOST_CALL_TRIES, MOST_TRIES, SimulatedPhone
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND
from ulinzi.kernel.errors import Refused


@pytest.fixture
def handle(gateway: Gateway, phone: SimulatedPhone) -> str:
    bring(gateway, phone, sms())
    return the_letter(gateway)


def minutes(phone: SimulatedPhone, clock, hours: int) -> None:
    for _ in range(hours * 60):
        phone.tick(clock.advance(MINUTE))


# What it brings.


def test_a_phone_without_a_network_brings_everything_when_it_is_back(gateway, phone, clock):
    phone.deliver = lambda *_: 0
    for place in range(50):
        phone.sms(NUMBER, f"{WORDS} {place}", NOW + place * SECOND)
    minutes(phone, clock, 24)
    phone.deliver = gateway.receive
    minutes(phone, clock, 24)
    assert len(gateway.pending()) == 50 and phone.waiting == phone.given_up == []


def test_a_lost_answer_is_one_letter(gateway, phone, clock):
    def lost(*told) -> int:
        gateway.receive(*told)
        raise OSError

    phone.deliver = lost
    phone.sms(NUMBER, WORDS, NOW)
    minutes(phone, clock, 1)
    phone.deliver = gateway.receive
    minutes(phone, clock, 1)
    assert len(gateway.pending()) == 1 and phone.waiting == []


def test_control_a_phone_gives_up_after_two_days(gateway, phone, clock):
    phone.deliver = lambda *_: 503
    phone.sms(NUMBER, WORDS, NOW)
    phone.ring(NUMBER, NOW)
    for _ in range(3 * 24):
        phone.tick(clock.advance(HOUR))
    assert [one.tries for one in phone.given_up] == [MOST_CALL_TRIES, MOST_TRIES]


def test_a_bip_is_a_missed_call(gateway, phone):
    phone.bip(None, NOW)
    phone.tick(NOW + 10 * SECOND)
    assert [one["kind"] for one in gateway.pending()] == ["missed_call"]


# What it is told.


def test_it_is_told_to_call(gateway, phone, handle):
    gateway.dial(handle)
    assert phone.dialled == [NUMBER]


def test_it_sends_once_however_often_it_is_told(gateway, phone, handle):
    told = [gateway.send(handle, "Merci", "m1") for _ in range(3)]
    assert [one["state"] for one in told] == ["pending"] * 3
    assert phone.to_send == [
        {"id": "m1", "textMessage": {"text": "Merci"}, "phoneNumbers": [NUMBER], "withDeliveryReport": True}
    ]


@pytest.mark.parametrize(
    ("states", "ends"),
    [
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["sent", "failed"], "failed"),
        (["failed", "sent"], "failed"),
        (["delivered", "failed"], "delivered"),
    ],
)
def test_what_became_of_it_is_known_in_whatever_order_it_is_told(gateway, phone, handle, states, ends):
    gateway.send(handle, "Merci", "m1")
    told = list(phone.to_send)
    for state in states:
        phone.to_send = list(told)
        phone.report(NOW, state, "RESULT_ERROR_NO_SERVICE")
        phone.tick(NOW)
    (one,) = gateway.sent()
    assert (one["state"], one["handle"]) == (ends, handle)
    assert one["reason"] == ("no_network" if ends == "failed" else "")


def test_another_phone_cannot_say_what_became_of_it(gateway, phone, handle):
    gateway.send(handle, "Merci", "m1")
    other = SimulatedPhone("SOUTH-1", KEY, gateway.receive, SeededChance("other"), to_send=list(phone.to_send))
    other.report(NOW)
    other.tick(NOW)
    assert gateway.sent()[0]["state"] == "pending"


def test_only_what_changed_since_is_listed(gateway, phone, handle, clock):
    gateway.send(handle, "Merci", "m1")
    clock.advance(MINUTE)
    gateway.send(handle, "Merci", "m2")
    assert [one["id"] for one in gateway.sent(NOW + 1)] == ["m2"]


def test_a_phone_that_does_not_answer_is_asked_again_under_the_same_id(gateway, phone, handle):
    gateway._asked = lambda *_: (_ for _ in ()).throw(ConnectionRefusedError())
    assert gateway.send(handle, "Merci", "m1")["reason"] == "phone_silent"
    with pytest.raises(Refused, match="phone_does_not_answer"):
        gateway.dial(handle)
    gateway._asked = phone.asked
    assert gateway.send(handle, "Merci", "m1")["state"] == "pending"
    assert len(phone.to_send) == 1


def test_a_gateway_that_died_before_it_asked_asks_again(gateway, phone, handle, clock):
    class Died(Exception):
        pass

    gateway._asked = lambda *_: (_ for _ in ()).throw(Died())
    with pytest.raises(Died):
        gateway.send(handle, "Merci", "m1")
    gateway._asked = phone.asked
    gateway.send(handle, "Merci", "m1")
    assert phone.to_send == []  # another may be asking at this moment
    clock.advance(ASK_AGAIN)
    gateway.send(handle, "Merci", "m1")
    assert len(phone.to_send) == 1


def test_a_phone_with_a_wrong_password_is_named(gateway, phone, handle):
    phone.password = "another"
    with pytest.raises(Refused, match="phone_refused"):
        gateway.dial(handle)
    assert gateway.send(handle, "Merci", "m1")["reason"] == "phone_refused"


def test_a_phone_that_has_no_address_is_refused_by_name(gateway, phone):
    bring(gateway, phone, sms(), to="SOUTH-1")
    handle = the_letter(gateway)
    with pytest.raises(Refused, match="phone_cannot_dial"):
        gateway.dial(handle)
    with pytest.raises(Refused, match="phone_cannot_send"):
        gateway.send(handle, "Merci", "m1")
    assert gateway.sent() == []


def test_over_the_network_it_is_the_same(phone):
    with phone.listening() as port:
        door = Door(f"http://127.0.0.1:{port}/api/v1", phone.user, phone.password)
        assert ask(door, "/calls", {"call": {"phoneNumber": NUMBER}}) == 202
        assert ask(Door(door.url, "sms", "wrong"), "/calls", {"call": {"phoneNumber": NUMBER}}) == 401
    assert phone.dialled == [NUMBER]
    with pytest.raises(OSError):
        ask(door, "/calls", {})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "north one"}, "phone_code_not_allowed"),
        ({"code": "../duty"}, "phone_code_not_allowed"),
        ({"calling_code": "0999"}, "calling_code_not_allowed"),
        ({"sends": Door("ftp://192.0.2.7")}, "phone_address_not_allowed"),
        ({"dials": Door("http://user:word@192.0.2.7")}, "phone_address_not_allowed"),
        ({"dials": Door("http://[::1")}, "phone_address_not_allowed"),
    ],
)
def test_a_phone_that_is_not_allowed_is_not_added(gateway, change, code):
    told = {"code": "EAST-1", "compartment": "east", "name": "Third", "signing": KEY}
    with pytest.raises(Refused, match=code):
        gateway.add_phone(Phone(**{**told, **change}))
    assert len(gateway.phones()) == 2


def test_a_phone_that_is_added_again_is_replaced_and_was_heard_when_it_was(gateway, phone, clock):
    phone.ping(NOW)
    phone.tick(NOW)
    gateway.add_phone(Phone("NORTH-1", "north", "Another room", b"new key", sends=DOOR))
    one = gateway.phones()[0]
    assert (one["name"], one["dials"], one["last_heard"]) == ("Another room", False, NOW)
    assert bring(gateway, phone, sms()) == 401
    clock.advance(DAY)
