"""What phones bring becomes one letter each, whatever happens to it on the way."""

from __future__ import annotations

import json

import pytest

from tests.gateway.conftest import NOW, NUMBER, WORDS, bring, the_letter
from ulinzi.gateway import hooks, phones
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.simulated import SimulatedPhone
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND


def body(event: str, payload: object, id: str = "e1") -> bytes:
    return json.dumps({"deviceId": "d", "event": event, "id": id, "payload": payload, "webhookId": "w"}).encode()


def sms(words: str = WORDS, *, at: str = "2026-09-21T16:13:20.000+02:00", id: str = "e1", **more: object) -> bytes:
    told = {"messageId": "abc123", "message": words, "phoneNumber": NUMBER, "simNumber": 1, "receivedAt": at}
    return body("sms:received", told | more, id)


# As the real programs write it.


def test_a_message_is_a_letter_with_the_phones_time(gateway, phone):
    assert bring(gateway, phone, sms()) == 200
    (one,) = gateway.pending()
    code = one.pop("code")
    handle = one.pop("handle")
    assert code.startswith("U-") and len(bytes.fromhex(handle)) == 16
    assert one == {
        "phone": "NORTH-1", "compartment": "north", "kind": "sms", "taken_at": NOW,
        "received_at": 1_789_999_999_000_000 + SECOND,
    }  # fmt: skip
    assert gateway.words(handle) == WORDS


def test_a_newer_phone_calls_the_number_sender(gateway, phone):
    bring(gateway, phone, sms(phoneNumber=None, sender=NUMBER, simNumber=None))
    bring(gateway, phone, sms(at="2026-09-21T17:13:20Z"))
    assert len({one["code"] for one in gateway.pending()}) == 1


def test_the_same_sender_keeps_a_code_and_another_gets_another(gateway, phone):
    for words, number in (("one", NUMBER), ("two", "0712345678"), ("three", "+999712345679")):
        bring(gateway, phone, sms(words, phoneNumber=number))
    first, second, third = [one["code"] for one in gateway.pending()]
    assert first == second != third


def test_a_name_or_short_number_has_a_code_of_its_own(gateway, phone):
    for words, number in (("one", NUMBER), ("two", NUMBER[1:]), ("three", "ORANGE"), ("four", "1100")):
        bring(gateway, phone, sms(words, phoneNumber=number))
    assert len({one["code"] for one in gateway.pending()}) == 4


def test_no_two_senders_share_a_code_even_if_chance_repeats_itself(gateway, phone, monkeypatch):
    made = iter(["U-00000001", "U-00000001", "U-00000001", "U-00000002"])
    monkeypatch.setattr("ulinzi.gateway.codes.new", lambda *_: next(made))
    for number in (NUMBER, "+999712345679"):
        bring(gateway, phone, sms(phoneNumber=number))
    assert [one["code"] for one in gateway.pending()] == ["U-00000001", "U-00000002"]


def test_halves_of_a_sign_that_came_apart_are_one_again(gateway, phone):
    bring(gateway, phone, sms().replace(json.dumps(WORDS).encode(), rb'"au pont \ud83d\ude97 \ud83d"'))
    assert gateway.words(the_letter(gateway)) == "au pont \U0001f697 \ufffd"


# T-C-04: the same message, brought again.


def test_five_times_is_one_letter(gateway, phone):
    assert bring(gateway, phone, sms(), times=5) == 200
    assert len(gateway.pending()) == 1


def test_two_hooks_of_one_phone_and_a_second_phone_are_one_letter(gateway, phone):
    bring(gateway, phone, sms(id="first"))
    bring(gateway, phone, sms(id="second"))
    bring(gateway, phone, sms(id="third"), to="SOUTH-1")
    assert len(gateway.pending()) == 1


def test_a_copy_that_comes_after_the_erasing_brings_nothing_back(gateway, phone, clock):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    gateway.taken([handle])
    gateway.forget([handle])
    clock.advance(3 * DAY)
    assert bring(gateway, phone, sms()) == 200
    assert gateway.pending() == [] and gateway.words(handle) is None


def test_a_gateway_that_was_started_again_knows_it(gateway, phone, home, clock):
    bring(gateway, phone, sms())
    gateway.close()
    again = Gateway(home, clock, SeededChance("again"))
    assert bring(again, phone, sms()) == 200
    assert len(again.pending()) == 1
    again.close()


@pytest.mark.parametrize(
    "other",
    [
        {"at": "2026-09-21T17:13:20.000+02:00"},
        {"at": "2026-09-21T16:13:21.000+02:00"},
        {"words": WORDS + "."},
        {"phoneNumber": "+999712345679"},
    ],
)
def test_control_the_same_words_later_or_from_another_are_another_letter(gateway, phone, other):
    bring(gateway, phone, sms())
    bring(gateway, phone, sms(**other))
    assert len(gateway.pending()) == 2


def test_a_message_without_a_time_is_known_again_by_its_id(gateway, phone):
    for id in ("e1", "e1", "e2"):
        bring(gateway, phone, sms(at="", id=id))
    assert [one["received_at"] for one in gateway.pending()] == [NOW, NOW]


@pytest.mark.parametrize("at", ["yesterday", "2026-09-21T16:13:20", "99999-01-01T00:00:00Z"])
def test_a_time_that_cannot_be_read_is_the_time_of_arrival(gateway, phone, at):
    bring(gateway, phone, sms(at=at), times=2)
    (one,) = gateway.pending()
    assert one["received_at"] == NOW


# T-C-05: late and out of order.


def test_seventy_two_hours_late_keeps_the_time_it_was_written(gateway, phone, clock):
    clock.advance(72 * HOUR)
    bring(gateway, phone, sms())
    (one,) = gateway.pending()
    assert (one["received_at"], one["taken_at"]) == (NOW, NOW + 72 * HOUR)


def test_an_old_time_stamp_is_good(gateway, phone):
    raw = sms()
    assert gateway.receive("NORTH-1", phone.headers(raw, NOW - 2 * DAY), raw) == 200


def test_out_of_order_every_letter_has_its_own_time(gateway, phone, clock):
    for hour in (3, 1, 2):
        bring(gateway, phone, sms(f"words {hour}", at=f"2026-09-21T0{hour}:00:00+02:00"))
        clock.advance(SECOND)
    assert [gateway.words(one["handle"]) for one in gateway.pending()] == ["words 3", "words 1", "words 2"]
    assert len({one["received_at"] for one in gateway.pending()}) == 3


# What is wrong.


def test_a_wrong_signature_leaves_nothing_but_a_count(gateway, phone):
    raw = sms()
    good = phone.headers(raw, NOW)
    wrong = [
        {}, {"X-Timestamp": good["X-Timestamp"]}, {**good, "X-Signature": "0" * 64}, {**good, "X-Signature": "é"},
        {**good, "X-Timestamp": "1"}, {**good, "X-Timestamp": ""},
    ]  # fmt: skip
    assert [gateway.receive("NORTH-1", one, raw) for one in wrong] == [401] * 6
    assert gateway.receive("NORTH-1", good, raw + b" ") == 401
    assert gateway.receive("NOBODY", good, raw) == 401
    assert gateway.pending() == [] and gateway.phones()[0]["last_heard"] is None
    assert gateway.phones()[0]["refused"] == 7
    assert gateway.receive("NORTH-1", good, raw) == 200


def test_one_phones_key_is_not_anothers(gateway, phone):
    other = SimulatedPhone("SOUTH-1", b"another key", gateway.receive, SeededChance("other"))
    raw = sms()
    assert gateway.receive("NORTH-1", other.headers(raw, NOW), raw) == 401


@pytest.mark.parametrize(
    "raw",
    [
        b"not json \xff", b"[]", b"{}", b'{"event": 1}', b"null", b"[" * 60_000,
        body("sms:received", {"message": 3}), body("sms:received", None), body("sms:data-received", {"data": "AA=="}),
        body("mms:received", {"subject": "Kasolo"}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_goes_to_a_person_as_it_came(gateway, phone, raw):
    assert bring(gateway, phone, raw, times=3) == 200
    assert gateway.words(the_letter(gateway)) == raw.decode("utf-8", "replace")


def test_what_cannot_be_read_keeps_its_number_where_it_names_one(gateway, phone):
    bring(gateway, phone, body("mms:received", {"sender": NUMBER, "subject": "Kasolo"}))
    assert gateway.offer(the_letter(gateway))["word"]


def test_an_event_of_no_concern_is_counted(gateway, phone):
    assert bring(gateway, phone, body("sms:later", {"message": WORDS})) == 200
    assert gateway.pending() == [] and gateway.store.counts["NORTH-1", "other"] == 1


def test_what_is_too_large_is_refused(gateway, phone):
    assert bring(gateway, phone, sms("x" * hooks.MOST_BYTES)) == 413
    assert bring(gateway, phone, sms("x" * (hooks.MOST_BYTES - 1000))) == 200


# Calls.


def call(event: str, number: str | None = NUMBER, id: str = "") -> bytes:
    return body(f"call:{event}", {"phoneNumber": number}, id or f"{event} {number}")


def kinds(gateway: Gateway) -> list[str]:
    return [one["kind"] for one in gateway.pending()]


def test_ringing_and_ended_is_a_missed_call_at_the_time_it_rang(gateway, phone, clock):
    bring(gateway, phone, call("ringing"))
    clock.advance(4 * SECOND)
    assert kinds(gateway) == []
    bring(gateway, phone, call("ended"))
    (one,) = gateway.pending()
    assert (one["kind"], one["received_at"], gateway.words(one["handle"])) == ("missed_call", NOW, None)


def test_a_call_that_was_answered_is_a_call(gateway, phone):
    for event in ("ringing", "started", "ended"):
        bring(gateway, phone, call(event))
    assert kinds(gateway) == ["call"]


def test_ringing_of_which_no_end_is_told_was_missed_after_a_minute(gateway, phone, clock):
    bring(gateway, phone, call("ringing"))
    clock.advance(MINUTE - 1)
    assert kinds(gateway) == []
    clock.advance(1)
    assert kinds(gateway) == ["missed_call"]


def test_a_hidden_number_is_a_missed_call_all_the_same(gateway, phone):
    bring(gateway, phone, call("ringing", None))
    bring(gateway, phone, call("ended", None))
    (one,) = gateway.pending()
    assert (one["kind"], one["code"]) == ("missed_call", None)


def test_two_calls_from_hidden_numbers_are_two(gateway, phone):
    for id in "ab":
        bring(gateway, phone, call("ringing", None, f"r{id}"))
        bring(gateway, phone, call("ended", None, f"e{id}"))
    assert kinds(gateway) == ["missed_call"] * 2


def test_every_event_told_twice_is_one_call(gateway, phone, clock):
    for event in ("ringing", "ended", "ringing", "ended"):
        bring(gateway, phone, call(event), times=2)
        clock.advance(2 * SECOND)
    clock.advance(MINUTE)
    assert kinds(gateway) == ["missed_call"]


def test_control_a_second_bip_is_a_second_call(gateway, phone, clock):
    for id in "ab":
        bring(gateway, phone, call("ringing", id=f"r{id}"))
        bring(gateway, phone, call("ended", id=f"e{id}"))
        clock.advance(10 * SECOND)
    assert kinds(gateway) == ["missed_call"] * 2


def test_a_call_that_we_made_is_no_letter(gateway, phone, clock):
    for event in ("started", "ended"):
        bring(gateway, phone, call(event))
    clock.advance(HOUR)
    assert kinds(gateway) == []


def test_two_phones_that_ring_are_two_calls(gateway, phone):
    for to in ("NORTH-1", "SOUTH-1"):
        bring(gateway, phone, call("ringing"), to=to)
        bring(gateway, phone, call("ended"), to=to)
    assert [one["compartment"] for one in gateway.pending()] == ["north", "south"]


def test_the_call_and_the_message_of_one_person_have_one_code(gateway, phone):
    bring(gateway, phone, sms())
    bring(gateway, phone, call("ringing"))
    bring(gateway, phone, call("ended"))
    assert len({one["code"] for one in gateway.pending()}) == 1


# A phone that was never heard, or no more.


def test_a_phone_is_silent_after_three_times_its_usual_gap(gateway, phone, clock):
    def silent() -> bool:
        return bool(gateway.phones()[0]["silent"])

    assert silent()
    phone.ping(NOW)
    phone.tick(NOW)
    assert not silent() and gateway.phones()[0]["last_heard"] == NOW
    clock.advance(45 * MINUTE)
    assert not silent()
    clock.advance(1)
    assert silent()
    bring(gateway, phone, sms())
    assert not silent()


PING = body("system:ping", {"health": {"status": "pass"}})


def heard(gateway: Gateway) -> int | None:
    found: int | None = gateway.phones()[0]["last_heard"]
    return found


def test_one_recorded_ping_keeps_no_dead_phone_alive(gateway, phone, clock):
    headers = phone.headers(PING, NOW)
    for _ in range(4):
        assert gateway.receive("NORTH-1", headers, PING) == 200
        clock.advance(45 * MINUTE)
        gateway.sweep()
    assert heard(gateway) == NOW and gateway.phones()[0]["silent"]


def test_a_recorded_ping_is_not_heard_when_it_is_no_longer_remembered(gateway, phone, clock):
    """The phone's clock is six days ahead: its stamp would be good for longer than a week from its arrival."""
    headers = phone.headers(PING, NOW + 6 * DAY)
    gateway.receive("NORTH-1", headers, PING)
    for _ in range(15):
        clock.advance(DAY)
        gateway.sweep()
        gateway.receive("NORTH-1", headers, PING)
    assert heard(gateway) == NOW
    assert gateway.store.rows("SELECT 1 FROM seen") == []


@pytest.mark.parametrize(("away", "counts"), [(-7 * DAY, False), (-6 * DAY, True), (6 * DAY, True), (7 * DAY, False)])
def test_a_phone_is_heard_within_a_week_of_our_clock(gateway, phone, away, counts):
    assert gateway.receive("NORTH-1", phone.headers(PING, NOW + away), PING) == 200
    assert (heard(gateway) is not None) == counts


def test_a_stamp_that_is_no_time_is_not_heard_and_loses_no_letter(gateway):
    raw, stamp = sms(), "yesterday"
    headers = {"X-Signature": hooks.signature(phone_key(gateway), raw, stamp), "X-Timestamp": stamp}
    assert gateway.receive("NORTH-1", headers, raw) == 200
    assert heard(gateway) is None and len(gateway.pending()) == 1


def phone_key(gateway: Gateway) -> bytes:
    return phones.of(gateway.store, "NORTH-1").signing


def test_control_the_next_ping_is_heard_even_with_the_same_bytes(gateway, phone, clock):
    bring(gateway, phone, PING)
    clock.advance(15 * MINUTE)
    bring(gateway, phone, PING)
    assert heard(gateway) == NOW + 15 * MINUTE


def test_a_call_counts_as_heard_and_as_a_call(gateway, phone):
    bring(gateway, phone, call("ringing"))
    bring(gateway, phone, call("ended"))
    assert kinds(gateway) == ["missed_call"] and heard(gateway) == NOW
