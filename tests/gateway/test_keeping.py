"""What is kept, for how long, and where it can be read: nowhere in clear, and in the end nowhere at all."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.gateway.conftest import ENROLLED, NOW, NUMBER, WORDS, bring, the_letter
from tests.gateway.test_intake import call, sms
from ulinzi.gateway import inside, store
from ulinzi.gateway.core import Gateway
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND
from ulinzi.kernel.errors import Broken, NotFound, Refused

OTHER = "S-7Q4KM2BZ"


def every_byte(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def traces(found: bytes) -> list[str]:
    """Of the number and the words, in the writings in which they could stand in a file or an answer."""
    wanted = {NUMBER, NUMBER[1:], NUMBER[4:], WORDS, "Kasolo", json.dumps(WORDS)[1:-1]}
    return [one for one in sorted(wanted) if one.encode() in found or one.encode("utf-16-le") in found]


def ask(gateway: Gateway, name: str, **told: object) -> bytes:
    return json.dumps(inside.answer(gateway, json.dumps({"ask": name, "with": told}).encode())).encode()


# The canary.


def test_no_file_holds_the_number_or_the_words_in_clear(gateway, phone, home):
    bring(gateway, phone, sms())
    bring(gateway, phone, call("ringing", id=f"the phone's own: {NUMBER}"))
    handle = the_letter(gateway)
    gateway.offer(handle)
    gateway.dial(handle)
    gateway.send(handle, "Nous avons lu Kasolo", "m1")
    phone.report(NOW, "failed", f"no route to {NUMBER}")
    phone.tick(NOW)
    assert len(list(home.rglob("*"))) >= 4  # the journal too
    assert traces(every_byte(home)) == []
    gateway.forget([handle])
    assert traces(every_byte(home)) == []


def test_control_what_is_in_clear_is_found(gateway, phone, home, monkeypatch):
    monkeypatch.setattr(gateway.store, "seal", lambda about, text: text.encode())
    bring(gateway, phone, sms())
    assert NUMBER in traces(every_byte(home)) and WORDS in traces(every_byte(home))


def test_no_answer_holds_them_but_that_of_words(gateway, phone):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    told = {
        "pending": {"limit": 9}, "strays": {"compartments": []},
        "taken": {"handles": [handle]}, "offer": {"handle": handle},
        "dial": {"handle": handle}, "send": {"handle": handle, "text": "Nous avons lu", "id": "m1"}, "sent": {},
        "enrol": {"handle": handle, "code": ENROLLED}, "phones": {}, "withdraw": {"code": ENROLLED},
        "forget": {"handles": [handle]},
    }  # fmt: skip
    assert set(told) | {"words"} == inside.ALLOWED
    assert traces(ask(gateway, "words", handle=handle)) != []
    assert traces(b"".join(ask(gateway, name, **given) for name, given in told.items())) == []


def test_what_is_asked_wrongly_says_nothing_of_what_was_asked(gateway, capfd):
    asked = [b"{}", b"nonsense", b"[]", b'{"ask": "close"}', b'{"ask": "enrol_number", "with": {"number": "1"}}']
    asked += [json.dumps({"ask": "words", "with": {NUMBER: WORDS}}).encode()]
    assert {json.dumps(inside.answer(gateway, one)) for one in asked} == {
        json.dumps({"error": ["Refused", "gateway_not_understood", {}]})
    }
    assert traces(capfd.readouterr().err.encode()) == []


# Sealing.


def test_two_letters_cannot_change_their_numbers(gateway, phone):
    bring(gateway, phone, sms("one"))
    bring(gateway, phone, sms("two", phoneNumber="+999712345679"))
    first, second = [bytes.fromhex(one["handle"]) for one in gateway.pending()]
    with gateway.store.writing() as db:
        db.execute("UPDATE letter SET number = (SELECT number FROM letter WHERE handle = ?)", (second,))
    with pytest.raises(Broken, match="gateway_seal_broken"):
        gateway.offer(first.hex())


def test_another_key_does_not_open_the_file(gateway, home, clock):
    gateway.close()
    (home / "gateway" / "gateway.key").write_bytes(b"x" * 32)
    with pytest.raises(Broken, match="gateway_key_is_another"):
        Gateway(home, clock, SeededChance(1))


def test_everything_is_its_owners_alone(gateway, phone, home):
    bring(gateway, phone, sms())
    folder = home / "gateway"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o077 for path in folder.iterdir() if path.stat().st_mode & 0o077} == {}
    assert (folder / "gateway.key").stat().st_size == 32


def test_the_settings_of_the_file_are_those_that_were_asked_for(gateway):
    named = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "trusted_schema": 0}
    assert {name: gateway.store.rows(f"PRAGMA {name}")[0][0] for name in named} == named


# How long.


def test_a_number_is_kept_for_seventy_two_hours(gateway, phone, clock):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    clock.advance(72 * HOUR - 1)
    gateway.sweep()
    assert gateway.offer(handle)
    clock.advance(1)
    gateway.sweep()
    with pytest.raises(Refused, match="number_gone"):
        gateway.offer(handle)


def test_words_are_kept_for_seventy_two_hours_after_they_were_taken_over(gateway, phone, clock):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    clock.advance(10 * DAY)
    gateway.taken([handle])
    clock.advance(72 * HOUR - 1)
    gateway.taken([handle])
    gateway.sweep()
    assert gateway.words(handle) == WORDS
    clock.advance(1)
    gateway.sweep()
    assert gateway.words(handle) is None


def test_words_that_nobody_took_over_are_never_too_old(gateway, phone, clock):
    bring(gateway, phone, sms())
    clock.advance(400 * DAY)
    gateway.sweep()
    assert gateway.words(the_letter(gateway)) == WORDS


def test_what_is_forgotten_is_gone_from_the_files_too(gateway, phone, home):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    row = gateway.store.rows("SELECT number, words FROM letter")[0]
    sealed = [bytes(row["number"]), bytes(row["words"])]
    assert [one in every_byte(home) for one in sealed] == [True, True]
    gateway.forget([handle, handle])
    assert [one in every_byte(home) for one in sealed] == [False, False]
    with pytest.raises(Refused, match="number_gone"):
        gateway.dial(handle)


def test_control_without_letting_go_of_the_journal_it_is_still_there(gateway, phone, home, monkeypatch):
    monkeypatch.setattr(gateway.store, "let_go", lambda: None)
    bring(gateway, phone, sms())
    sealed = bytes(gateway.store.rows("SELECT words FROM letter")[0]["words"])
    gateway.forget([the_letter(gateway)])
    assert sealed in every_byte(home)


@pytest.mark.parametrize("handle", ["00" * 16, "", "nonsense", None])
def test_a_letter_that_is_none_is_not_found(gateway, handle):
    with pytest.raises(NotFound, match="letter_unknown"):
        gateway.words(handle)


def test_pending_gives_the_oldest_first_and_no_more_than_asked(gateway, phone, clock):
    for place in range(5):
        bring(gateway, phone, sms(f"words {place}"))
        clock.advance(SECOND)
    handles = [one["handle"] for one in gateway.pending(3)]
    assert [gateway.words(one) for one in handles] == ["words 0", "words 1", "words 2"]
    gateway.taken(handles)
    assert len(gateway.pending(100)) == 2 and gateway.pending(0) == []


def test_what_is_for_elsewhere_stands_before_nothing(gateway, phone, clock):
    for place in range(3):
        bring(gateway, phone, sms(f"stray {place}"), to="SOUTH-1")
        clock.advance(SECOND)
    bring(gateway, phone, sms("ours"))
    (one,) = gateway.pending(2, ["north", "mission"])
    assert gateway.words(one["handle"]) == "ours"
    assert {one["phone"] for one in gateway.pending(2)} == {"SOUTH-1"}  # the control: asked for all, strays come first
    assert (gateway.strays(["north", "mission"]), gateway.strays(["north", "south"])) == (3, 0)
    assert (gateway.pending(100, []), gateway.strays([])) == ([], 4)
    gateway.taken([one["handle"] for one in gateway.pending()])
    assert gateway.strays([]) == 0


# Whose number it is.


def test_whoever_is_enrolled_is_that_source_from_then_on(gateway, phone):
    bring(gateway, phone, sms("one"))
    (one,) = gateway.pending()
    assert gateway.enrol(one["handle"], ENROLLED) == one["code"]
    bring(gateway, phone, sms("two", phoneNumber="0712345678"))
    assert [one["code"] for one in gateway.pending()] == [ENROLLED, ENROLLED]
    assert gateway.enrol(one["handle"], ENROLLED) is None


def test_a_sender_can_be_enrolled_when_the_number_has_gone(gateway, phone, clock):
    bring(gateway, phone, sms("one"))
    handle = the_letter(gateway)
    gateway.forget([handle])
    assert gateway.enrol(handle, ENROLLED).startswith("U-")
    bring(gateway, phone, sms("two"))
    assert gateway.pending()[-1]["code"] == ENROLLED
    with pytest.raises(Refused, match="number_gone"):
        gateway.enrol(handle, OTHER)


def test_whoever_was_not_enrolled_is_forgotten_with_the_last_number(gateway, phone, clock):
    gateway.enrol_number("+999712345679", ENROLLED)
    bring(gateway, phone, sms("one"))
    clock.advance(48 * HOUR)
    bring(gateway, phone, sms("two"))
    first, second = gateway.pending()
    clock.advance(24 * HOUR)
    gateway.sweep()
    assert first["code"] == second["code"] and index(gateway) == {ENROLLED, first["code"]}  # one number is still kept
    clock.advance(48 * HOUR)
    gateway.sweep()
    assert index(gateway) == {ENROLLED}
    with pytest.raises(Refused, match="number_gone"):
        gateway.enrol(first["handle"], OTHER)


def index(gateway: Gateway) -> set[str]:
    return {row["code"] for row in gateway.store.rows("SELECT code FROM known")}


def test_control_key_and_file_give_a_number_back_by_counting_until_it_is_swept(gateway, phone, home, clock):
    """What an attacker with the disk does, over few numbers: the guess that stands in the file is the right one."""
    guess = gateway.store.sender(NUMBER)
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    gateway.taken([handle])
    gateway.forget([handle])
    assert guess in every_byte(home)
    gateway.sweep()
    assert guess not in every_byte(home)


# Fingerprints.


def fingerprints(gateway: Gateway) -> list[bytes]:
    return [bytes(row["fingerprint"]) for row in gateway.store.rows("SELECT fingerprint FROM letter ORDER BY rowid")]


def test_a_fingerprint_is_chance_after_a_week_and_only_once(gateway, phone, home, clock):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    gateway.taken([handle])
    gateway.forget([handle])
    (made,) = fingerprints(gateway)
    clock.advance(7 * DAY - 1)
    gateway.sweep()
    assert fingerprints(gateway) == [made]
    clock.advance(1)
    gateway.sweep()
    (chance,) = fingerprints(gateway)
    assert chance != made and made not in every_byte(home)
    clock.advance(DAY)
    gateway.sweep()
    assert fingerprints(gateway) == [chance]


def test_no_pause_however_long_skips_a_fingerprint(gateway, phone, home, clock):
    for words in ("one", "two"):
        bring(gateway, phone, sms(words))
    gateway.forget([one["handle"] for one in gateway.pending()])
    made = fingerprints(gateway)
    gateway.close()
    clock.advance(400 * DAY)
    again = Gateway(home, clock, SeededChance("again"))
    again.sweep()
    assert not set(made) & set(fingerprints(again)) and len(set(fingerprints(again))) == 2
    again.close()


def test_control_while_number_or_words_are_kept_the_fingerprint_is(gateway, phone, clock):
    """Words that nobody took over are never too old: nor is what tells a copy of them."""
    bring(gateway, phone, sms())
    made = fingerprints(gateway)
    clock.advance(30 * DAY)
    gateway.sweep()
    assert fingerprints(gateway) == made and bring(gateway, phone, sms()) == 200
    assert len(gateway.pending()) == 1


def test_a_file_that_was_made_before_is_brought_up_to_date(gateway, phone, home, clock):
    bring(gateway, phone, sms())
    gateway.forget([the_letter(gateway)])
    made = fingerprints(gateway)
    gateway.close()
    with closing(sqlite3.connect(home / "gateway" / store.FILE)) as old:
        old.execute("DROP INDEX letter_fingerprint")
        old.execute("ALTER TABLE letter DROP COLUMN fingerprint_gone_at")
    clock.advance(8 * DAY)
    again = Gateway(home, clock, SeededChance("again"))
    again.sweep()
    assert fingerprints(again) != made
    again.close()


def test_two_numbers_may_be_one_source(gateway, phone):
    assert gateway.enrol_number(NUMBER, ENROLLED) is None
    assert gateway.enrol_number("0712345679", ENROLLED) is None
    for number in (NUMBER, "+999712345679"):
        bring(gateway, phone, sms(phoneNumber=number))
    assert [one["code"] for one in gateway.pending()] == [ENROLLED, ENROLLED]


def test_a_source_is_not_moved_to_another_without_withdrawing_first(gateway, phone):
    bring(gateway, phone, sms("one"))
    handle = the_letter(gateway)
    gateway.enrol(handle, ENROLLED)
    for asked in (lambda: gateway.enrol(handle, OTHER), lambda: gateway.enrol_number(NUMBER, OTHER)):
        with pytest.raises(Refused, match="sender_is_enrolled") as refused:
            asked()
        assert refused.value.values == {"known": ENROLLED}
    bring(gateway, phone, sms("two"))
    assert gateway.pending()[-1]["code"] == ENROLLED


def test_control_the_same_code_again_and_another_after_withdrawing_are_taken(gateway):
    gateway.enrol_number(NUMBER, ENROLLED)
    assert gateway.enrol_number(NUMBER, ENROLLED) is None
    gateway.withdraw(ENROLLED)
    assert gateway.enrol_number(NUMBER, OTHER) is None


@pytest.mark.parametrize("number", ["ORANGE", "1100", "712345678", ""])
def test_only_a_whole_number_is_enrolled(gateway, number):
    with pytest.raises(Refused, match="number_not_international"):
        gateway.enrol_number(number, ENROLLED)


def test_a_code_that_is_none_is_not_enrolled(gateway):
    with pytest.raises(Refused, match="source_code_not_allowed"):
        gateway.enrol_number(NUMBER, "U-7Q4KM2A1")


def test_who_withdrew_is_known_no_more_and_the_number_is_gone(gateway, phone):
    gateway.enrol_number(NUMBER, ENROLLED)
    bring(gateway, phone, sms("one"))
    handle = the_letter(gateway)
    assert gateway.withdraw(ENROLLED) == 1
    with pytest.raises(Refused, match="number_gone"):
        gateway.offer(handle)
    assert gateway.words(handle) == "one"
    bring(gateway, phone, sms("two"))
    assert gateway.pending()[-1]["code"].startswith("U-")
    assert gateway.withdraw(ENROLLED) == 0


# Shown once.


def test_a_word_shows_the_number_once(gateway, phone):
    bring(gateway, phone, sms())
    word = gateway.offer(the_letter(gateway))["word"]
    assert gateway.show(f" {word[:3].lower()}-{word[3:].lower()} ") == NUMBER
    assert gateway.show(word) is None


def test_a_word_holds_for_five_minutes_and_the_newest_counts(gateway, phone, clock):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    older, newer = gateway.offer(handle), gateway.offer(handle)
    assert newer["expires_at"] == NOW + 5 * MINUTE
    assert gateway.show(older["word"]) is None
    clock.advance(5 * MINUTE)
    assert gateway.show(newer["word"]) is None


def test_a_word_for_what_was_forgotten_shows_nothing(gateway, phone):
    bring(gateway, phone, sms())
    handle = the_letter(gateway)
    word = gateway.offer(handle)["word"]
    gateway.forget([handle])
    assert gateway.show(word) is None


def test_a_word_has_eight_signs(gateway, phone):
    bring(gateway, phone, sms())
    assert len(gateway.offer(the_letter(gateway))["word"]) == 8


def test_control_a_few_wrong_words_keep_nobody_out_and_are_counted(gateway, phone):
    bring(gateway, phone, sms())
    word = gateway.offer(the_letter(gateway))["word"]
    assert [gateway.show("00000000") for _ in range(299)] == [None] * 299
    assert gateway.show(word) == NUMBER
    assert [one["refused"] for one in gateway.phones()] == [299, 299]


def test_after_three_hundred_wrong_words_even_a_right_one_waits_a_minute(gateway, phone, clock):
    bring(gateway, phone, sms())
    word = gateway.offer(the_letter(gateway))["word"]
    assert [gateway.show("00000000") for _ in range(300)] == [None] * 300
    with pytest.raises(Refused, match="duty_wait"):
        gateway.show(word)
    clock.advance(MINUTE)
    assert gateway.show(word) == NUMBER


@pytest.mark.parametrize(("number", "code"), [("ORANGE", "number_not_callable"), (None, "number_hidden")])
def test_there_is_no_word_where_nobody_could_be_called(gateway, phone, number, code):
    bring(gateway, phone, sms(phoneNumber=number))
    with pytest.raises(Refused, match=code):
        gateway.offer(the_letter(gateway))


# A disk that does not take it.


def test_a_letter_that_could_not_be_written_is_not_acknowledged(gateway, phone, monkeypatch):
    def full(*_: object) -> bytes:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(store.Store, "seal", full)
    with pytest.raises(sqlite3.OperationalError):
        bring(gateway, phone, sms())
    monkeypatch.undo()
    assert gateway.pending() == [] and bring(gateway, phone, sms()) == 200
    assert len(gateway.pending()) == 1
