"""Names and passwords on one machine: codes used once, the same answer for every wrong try, lock-outs that end."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from tests.accounts import people
from tests.accounts.conftest import CHEAP
from tests.faults.together import PATIENCE, errors, together
from tests.nodes import person
from ulinzi.accounts import local, logins, sessions
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SetClock
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only, pytest.mark.usefixtures("cheap")]

ANA, BORI, CIMO = person("ana"), person("bori"), person("cimo")
PASSWORD = "seven lamps on the ford"
OTHER = "nine goats by the river"
HERE, THERE = "192.0.2.1", "198.51.100.7"


def refusal(act: Callable[[], Any]) -> str:
    try:
        act()
    except Refused as refused:
        return refused.code
    return ""


def enrolled(who: UUID, name: str, password: str = PASSWORD) -> UUID:
    return logins.enrol(logins.issue_code(who), name, password, address=HERE)


@pytest.fixture
def ana(node: Node) -> UUID:
    return enrolled(ANA, "ana.korum")


def sign_in(name: str, password: str = PASSWORD, address: str = HERE) -> UUID:
    return logins.sign_in(name, password, address=address)


def tells(name: str, password: str = PASSWORD, address: str = HERE) -> str:
    return refusal(lambda: sign_in(name, password, address))


def told(results: Iterable[Any]) -> list[str]:
    return [one.code if isinstance(one, Refused) else repr(one) for one in errors(list(results))]


# Codes.

WRITTEN = {
    "as shown": lambda code: code,
    "small": str.lower,
    "in one": lambda code: code.replace("-", ""),
    "with blanks": lambda code: f"  {code.replace('-', ' - ')}\t\n",
    "with other hyphens": lambda code: code.replace("-", "–"),
    "O for 0": lambda code: code.replace("0", "O"),
    "o for 0": lambda code: code.replace("0", "o"),
    "I for 1": lambda code: code.replace("1", "I"),
    "l for 1": lambda code: code.replace("1", "l"),
}


@pytest.mark.parametrize("copied", WRITTEN.values(), ids=WRITTEN)
def test_a_code_is_copied_as_people_copy(node: Node, copied: Callable[[str], str]) -> None:
    code = next(one for one in (logins.issue_code(ANA) for _ in range(500)) if {"0", "1"} <= set(one))
    assert logins.enrol(copied(code), "ana.korum", PASSWORD, address=HERE) == ANA
    assert sign_in("ana.korum") == ANA


def test_a_code_has_no_signs_that_look_alike_and_no_two_are_the_same(node: Node) -> None:
    codes = [logins.issue_code(ANA) for _ in range(200)]
    assert len(set(codes)) == 200
    assert {len(one) for one in codes} == {14} and {one.count("-") for one in codes} == {2}
    assert not set("".join(codes)) & set("OILU")
    assert len(set("".join(codes)) - {"-"}) == 32


@pytest.mark.parametrize("change", [lambda code: code[:-1], lambda code: code + "0", lambda code: "", lambda code: "-"])
def test_control_another_code_is_another(node: Node, change: Callable[[str], str]) -> None:
    code = change(logins.issue_code(ANA))
    assert refusal(lambda: logins.enrol(code, "ana.korum", PASSWORD, address=HERE)) == "code_not_valid"


def test_a_code_is_used_once(node: Node) -> None:
    code = logins.issue_code(ANA)
    logins.enrol(code, "ana.korum", PASSWORD, address=HERE)
    assert refusal(lambda: logins.enrol(code, "ana.korum", OTHER, address=HERE)) == "code_not_valid"
    assert sign_in("ana.korum") == ANA


def test_a_code_is_used_once_by_many_at_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """They all find the code before any of them takes it."""
    code, line = logins.issue_code(ANA), threading.Barrier(4)
    hashed = logins._hash

    def hash_and_wait(password: str) -> str:
        line.wait(PATIENCE)
        return hashed(password)

    monkeypatch.setattr(logins, "_hash", hash_and_wait)
    names = [f"ana.{n}" for n in range(4)]
    done = together(node, [lambda name=name: logins.enrol(code, name, PASSWORD, address=HERE) for name in names])
    assert told(done) == ["code_not_valid"] * 3
    assert len(local.rows(node, "SELECT 1 FROM login")) == 1


@pytest.mark.parametrize(("later", "code"), [(72 * HOUR - 1, ""), (72 * HOUR, "code_not_valid")])
def test_a_code_holds_three_days(node: Node, clock: SetClock, later: int, code: str) -> None:
    issued = logins.issue_code(ANA)
    clock.advance(later)
    assert refusal(lambda: logins.enrol(issued, "ana.korum", PASSWORD, address=HERE)) == code


def test_a_new_code_takes_the_place_of_the_last(node: Node) -> None:
    first, bori, second = logins.issue_code(ANA), logins.issue_code(BORI), logins.issue_code(ANA)
    assert refusal(lambda: logins.enrol(first, "ana.korum", PASSWORD, address=HERE)) == "code_not_valid"
    assert logins.enrol(second, "ana.korum", PASSWORD, address=HERE) == ANA
    assert logins.enrol(bori, "bori", PASSWORD, address=HERE) == BORI


def test_a_code_is_not_spent_by_what_was_typed_beside_it(node: Node, ana: UUID) -> None:
    code = logins.issue_code(BORI)
    for name, password, why in (
        ("b", PASSWORD, "login_not_allowed"),
        ("bori", "short", "password_length"),
        ("ANA.korum", PASSWORD, "login_taken"),
    ):
        assert refusal(lambda a=name, b=password: logins.enrol(code, a, b, address=HERE)) == why  # type: ignore[misc]
    assert logins.enrol(code, "bori", PASSWORD, address=HERE) == BORI
    assert sign_in("ana.korum") == ANA


def test_codes_are_not_guessed_forever_and_nobody_elses_name_is_counted(node: Node, clock: SetClock) -> None:
    enrolled(CIMO, "code")

    def guess() -> str:
        return refusal(lambda: logins.enrol("0000-0000-0000", "bori", PASSWORD, address=HERE))

    assert [guess() for _ in range(6)] == ["code_not_valid"] * 5 + ["too_many_tries"]
    assert sign_in("code") == sign_in(" code") == CIMO  # a name that reads like what is counted
    clock.advance(15 * MINUTE)
    assert guess() == "code_not_valid"


def test_who_enrols_anew_is_signed_out_everywhere_and_has_the_new_name(node: Node, ana: UUID) -> None:
    token, other = sessions.begin(ANA).token, sessions.begin(BORI).token
    enrolled(ANA, "ana.again", OTHER)
    assert sessions.find(token) is None and sessions.find(other) is not None
    assert tells("ana.korum") == tells("ana.korum", OTHER) == "sign_in_refused"
    assert sign_in("ana.again", OTHER) == ANA and logins.login_name(ANA) == "ana.again"


# Names.


@pytest.mark.parametrize(
    "typed",
    ["ana.korum", "ANA.Korum", "  ana.korum ", "ａｎａ．ｋｏｒｕｍ", "𝐚𝐧𝐚.𝐤𝐨𝐫𝐮𝐦", "ana\N{FULLWIDTH FULL STOP}korum"],
)
def test_a_name_is_the_same_however_it_is_typed(node: Node, ana: UUID, typed: str) -> None:
    assert sign_in(typed) == ANA
    code = logins.issue_code(BORI)
    assert refusal(lambda: logins.enrol(code, typed, PASSWORD, address=HERE)) == "login_taken"


def test_capitals_are_compared_as_small(node: Node) -> None:
    enrolled(ANA, "strasse")
    assert sign_in("STRASSE") == sign_in("Straße") == ANA


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "x" * 41,
        "ana korum",
        "ana\u00a0k",
        "ana\x00",
        "ana\u200b",
        "ana\u202e",
        "ana\nb",
        "\u3000ab",
        "zoé",
        "анна",
        "-ana",
        "ana\ufe0f",
    ],
)
def test_names_that_nobody_may_have(node: Node, name: str) -> None:
    code = logins.issue_code(ANA)
    assert refusal(lambda: logins.enrol(code, name, PASSWORD, address=HERE)) == "login_not_allowed"


@pytest.mark.parametrize("name", ["ana", "x" * 40, "ana_k", "ana@north", "3ab"])
def test_control_names_that_people_have(node: Node, name: str) -> None:
    assert enrolled(ANA, name) == ANA == sign_in(name)


@pytest.mark.parametrize("name", ["' OR 1=1 --", "ana' --", '" OR ""="', "%", "ana%", "_na.korum", "ana.korum\x00"])
def test_a_name_is_only_ever_compared(node: Node, ana: UUID, name: str) -> None:
    assert tells(name) == "sign_in_refused"


# Passwords.


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("x" * 11, "password_length"),
        ("", "password_length"),
        ("e\u0301" * 6, "password_length"),  # twelve signs to a machine, six to whoever types them
        (PASSWORD * 10, "password_length"),
        ("my.ana.korum.2026", "password_holds_name"),
        ("MY-ANA.KORUM-2026", "password_holds_name"),
        ("ｍｙ．ａｎａ．ｋｏｒｕｍ．26", "password_holds_name"),
        ("qwerty123456", "password_common"),
        ("QWERTY123456", "password_common"),
        ("ｑｗｅｒｔｙ１２３４５６", "password_common"),
        (PASSWORD, ""),
        ("x" * 6 + "y" * 6, ""),
    ],
)
def test_passwords(password: str, code: str) -> None:
    assert refusal(lambda: logins.check_password(password, "ana.korum")) == code


def test_a_password_is_the_same_on_every_keyboard_and_no_other_is(node: Node) -> None:
    enrolled(ANA, "ana", "sept lampes près du gué")
    assert sign_in("ana", "sept lampes pre\u0300s du gue\u0301") == ANA
    for wrong in ("sept lampes pres du gue", "Sept lampes près du gué", "sept lampes près du gué ", ""):
        assert tells("ana", wrong) == "sign_in_refused"


def test_what_is_longer_than_any_password_is_wrong_even_where_it_begins_right(node: Node) -> None:
    enrolled(ANA, "ana", "lamp ford " * 20)
    assert tells("ana", "lamp ford " * 20 + "x") == tells("ana", "lamp ford " * 40) == "sign_in_refused"


@pytest.fixture
def normalised(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much text was brought into order: for accents in the wrong order the time grows with its square."""
    seen: list[int] = []
    real = logins.unicodedata.normalize

    class Watched:
        @staticmethod
        def normalize(form: str, text: str) -> str:
            seen.append(len(text))
            assert len(text) < 4000, "this would take minutes"
            return real(form, text)

    monkeypatch.setattr(logins, "unicodedata", Watched)
    return seen


def test_a_million_accents_cost_nothing(node: Node, ana: UUID, normalised: list[int]) -> None:
    flood = "\u0327\u0301" * 500_000
    assert tells(flood) == tells("ana.korum", flood) == "sign_in_refused"
    code = logins.issue_code(BORI)
    assert refusal(lambda: logins.enrol(code, flood, flood, address=HERE)) == "login_not_allowed"
    assert refusal(lambda: logins.enrol(code, "bori", flood, address=HERE)) == "password_length"
    assert refusal(lambda: logins.enrol(flood, "bori", PASSWORD, address=HERE)) == "code_not_valid"
    assert max(normalised) > 0


# Signing in.


def test_every_wrong_try_is_told_the_same(node: Node, ana: UUID) -> None:
    wrong = []
    for name, password in (("ana.korum", OTHER), ("nobody", PASSWORD), ("nobody", ""), ("", ""), ("ana.korum", "")):
        with pytest.raises(Refused) as refused:
            sign_in(name, password)
        wrong.append((refused.value.code, refused.value.values))
    assert wrong == [("sign_in_refused", {"field": "password"})] * 5


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hash that a password was held against: that is where the time goes."""
    seen: list[str] = []
    holds = logins._holds
    monkeypatch.setattr(logins, "_holds", lambda stored, password: seen.append(stored) or holds(stored, password))
    return seen


def test_an_unknown_name_costs_one_hash_like_a_known_one(node: Node, ana: UUID, hashes: list[str]) -> None:
    tells("ana.korum", OTHER)
    tells("nobody", OTHER)
    assert len(hashes) == 2 and {one.rsplit("$", 2)[0] for one in hashes} == {hashes[0].rsplit("$", 2)[0]}


def test_an_unknown_name_has_no_password_not_even_the_one_it_is_compared_with(node: Node) -> None:
    assert tells("nobody", "nobody has this password") == "sign_in_refused"


def test_a_hash_of_older_strength_is_renewed(node: Node, ana: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    before = local.rows(node, "SELECT hash FROM login")
    monkeypatch.setattr(logins, "hasher", PasswordHasher(**CHEAP | {"time_cost": 2}))
    assert sign_in("ana.korum") == ANA
    after = local.rows(node, "SELECT hash FROM login")
    assert before != after and "t=2" in after[0][0]
    assert sign_in("ana.korum") == ANA and local.rows(node, "SELECT hash FROM login") == after


@pytest.mark.parametrize("rehash", [False, True])
@pytest.mark.parametrize("meanwhile", ["change", "withdraw"])
def test_an_old_password_opens_nothing_that_closed_while_it_was_looked_at(
    node: Node, ana: UUID, monkeypatch: pytest.MonkeyPatch, meanwhile: str, rehash: bool
) -> None:
    """Looking takes a tenth of a second: long enough for the password to be changed, and to be put back by a rehash."""
    if rehash:
        monkeypatch.setattr(logins, "hasher", PasswordHasher(**CHEAP | {"time_cost": 2}))
    holds, acts = logins._holds, [meanwhile]

    def change_first(stored: str, password: str) -> bool:
        answer = holds(stored, password)
        while acts:
            other_person_acts(acts.pop())
        return answer

    monkeypatch.setattr(logins, "_holds", change_first)
    assert tells("ana.korum") == "sign_in_refused"
    assert tells("ana.korum") == "sign_in_refused"
    if meanwhile == "change":
        assert sign_in("ana.korum", OTHER) == ANA


def other_person_acts(act: str) -> None:
    if act == "change":
        logins.change_password(ANA, PASSWORD, OTHER, address=THERE)
    else:
        logins.forget(ANA)


# T-A-09: tries.


def test_five_tries_by_name_and_address_and_another_address_still_enters(node: Node, ana: UUID) -> None:
    assert [tells("ana.korum", OTHER) for _ in range(8)] == ["sign_in_refused"] * 5 + ["too_many_tries"] * 3
    assert tells("ANA.KORUM") == "too_many_tries"  # nor with the right password, nor typed otherwise
    assert sign_in("ana.korum", address=THERE) == ANA
    assert tells("bori") == "sign_in_refused"  # nor is anybody else behind the address shut out


def test_five_tries_also_by_fifty_at_once(node: Node, ana: UUID, hashes: list[str]) -> None:
    done = together(node, [lambda: sign_in("ana.korum", OTHER)] * 50)
    assert sorted(told(done)) == ["sign_in_refused"] * 5 + ["too_many_tries"] * 45
    assert len(hashes) == 5  # who is refused costs no hash


def test_control_tries_counted_after_the_password_are_not_counted(
    node: Node, ana: UUID, hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same fifty with the count taken away from where it stands."""
    monkeypatch.setattr(logins, "_count_try", lambda name, address: None)
    together(node, [lambda: sign_in("ana.korum", OTHER)] * 50)
    assert len(hashes) == 50


def test_an_unknown_name_is_locked_like_a_known_one(node: Node, ana: UUID) -> None:
    known, unknown = ([tells(name, OTHER) for _ in range(7)] for name in ("ana.korum", "nobody"))
    assert known == unknown


def test_ten_thousand_tries_from_many_addresses_are_five_by_each(node: Node, ana: UUID, hashes: list[str]) -> None:
    for address in range(50):
        for _ in range(20):
            tells("ana.korum", OTHER, f"203.0.113.{address}")
    assert len(hashes) == 50 * 5
    assert sign_in("ana.korum") == ANA


@pytest.mark.parametrize(("later", "code"), [(15 * MINUTE - 1, "too_many_tries"), (15 * MINUTE, "")])
def test_a_lock_out_ends_by_itself(node: Node, clock: SetClock, ana: UUID, later: int, code: str) -> None:
    for _ in range(9):
        tells("ana.korum", OTHER)
    clock.advance(later)
    assert tells("ana.korum") == code


def test_who_waits_out_a_lock_out_is_not_kept_by_having_asked_meanwhile(node: Node, clock: SetClock, ana: UUID) -> None:
    """Refused tries are not counted: a door that is rattled every minute opens all the same."""
    for _ in range(5):
        tells("ana.korum", OTHER)
    for _ in range(14):
        clock.advance(MINUTE)
        assert tells("ana.korum") == "too_many_tries"
    clock.advance(MINUTE)
    assert sign_in("ana.korum") == ANA


@pytest.mark.parametrize("back", [MINUTE, 14 * MINUTE, 15 * MINUTE, DAY, 400 * DAY])
def test_a_lock_out_ends_also_where_the_clock_was_set_back(node: Node, clock: SetClock, ana: UUID, back: int) -> None:
    for _ in range(5):
        tells("ana.korum", OTHER)
    clock.advance(-back)
    clock.advance(30 * MINUTE)
    assert sign_in("ana.korum") == ANA


def test_a_right_password_forgets_the_tries_before_it(node: Node, ana: UUID) -> None:
    for _ in range(3):
        assert [tells("ana.korum", OTHER) for _ in range(4)] == ["sign_in_refused"] * 4
        assert sign_in("ana.korum") == ANA


def test_proofs_are_counted_by_person_and_no_stranger_spends_them(node: Node, ana: UUID) -> None:
    """Whoever knocks from the same address must not keep somebody who is in from ending a role."""

    def prove(password: str, address: str = HERE) -> str:
        return refusal(lambda: logins.prove(ANA, password, address=address))

    assert [tells("ana.korum", OTHER) for _ in range(6)][-1] == "too_many_tries"
    assert prove(PASSWORD) == ""
    assert [prove(OTHER) for _ in range(6)] == ["password_wrong"] * 5 + ["too_many_tries"]
    assert prove(PASSWORD, THERE) == "too_many_tries"
    assert refusal(lambda: logins.prove(BORI, PASSWORD, address=THERE)) == "password_wrong"


# Another password, no password.


def test_another_password_ends_every_session(node: Node, ana: UUID) -> None:
    tokens = [sessions.begin(ANA).token for _ in range(3)]
    other = sessions.begin(BORI).token
    assert refusal(lambda: logins.change_password(ANA, OTHER, PASSWORD, address=HERE)) == "password_wrong"
    assert refusal(lambda: logins.change_password(ANA, PASSWORD, "short", address=HERE)) == "password_length"
    assert refusal(lambda: logins.change_password(ANA, PASSWORD, "I am ana.korum!", address=HERE)) == (
        "password_holds_name"
    )
    assert all(sessions.find(token) for token in tokens)
    logins.change_password(ANA, PASSWORD, OTHER, address=HERE)
    assert [sessions.find(token) for token in tokens] == [None] * 3 and sessions.find(other)
    assert tells("ana.korum") == "sign_in_refused" and sign_in("ana.korum", OTHER) == ANA


def test_of_two_who_change_one_password_at_once_one_is_told_that_it_changed(node: Node, ana: UUID) -> None:
    new = [f"{OTHER} {n}" for n in range(4)]
    acts = [lambda one=one: logins.change_password(ANA, PASSWORD, one, address=one) for one in new]
    assert told(together(node, acts)) == ["password_wrong"] * 3
    assert [tells("ana.korum", one, one) for one in new].count("") == 1


def test_who_is_withdrawn_signs_in_no_more(node: Node, ana: UUID) -> None:
    code, token = logins.issue_code(ANA), sessions.begin(ANA).token
    enrolled(BORI, "bori")
    logins.forget(ANA)
    assert tells("ana.korum") == "sign_in_refused" and sessions.find(token) is None
    assert refusal(lambda: logins.prove(ANA, PASSWORD, address=HERE)) == "password_wrong"
    assert refusal(lambda: logins.enrol(code, "ana.korum", PASSWORD, address=HERE)) == "code_not_valid"
    assert sign_in("bori") == BORI and logins.login_name(ANA) == ""
    assert enrolled(ANA, "ana.korum", OTHER) == ANA  # until a new code is issued


# What is in which file.


def holding(folder: Path, *words: str | bytes) -> set[str]:
    """The files of a home in which any of the words is found, in the clear."""
    sought = [one if isinstance(one, bytes) else one.encode() for one in words]
    return {path.name for path in folder.iterdir() if any(one in path.read_bytes() for one in sought)}


def test_what_was_typed_is_in_no_file(node: Node) -> None:
    canary = "Canary-of-the-seventh-lamp"
    code = logins.issue_code(ANA)
    logins.enrol(code, "ana.korum", canary, address=HERE)
    tells(canary, "where a name belongs")
    tells("ana.korum", canary + " mistyped")
    sign_in("ana.korum", canary)
    logins.change_password(ANA, canary, canary + "-two", address=HERE)
    plain = code.replace("-", "")
    assert holding(node.home, canary, canary.casefold(), "seventh-lamp", code, plain) == set()


def test_log_ins_are_in_their_own_file_and_in_no_ledger(node: Node) -> None:
    who = people.add("Ana Korum")
    code = logins.issue_code(who)
    logins.enrol(code, "log-in-canary", PASSWORD, address=HERE)
    logins.issue_code(who)
    session = sessions.begin(who)
    stored = local.rows(node, "SELECT hash FROM login")[0][0]
    secret = [local.rows(node, f"SELECT hash FROM {table}")[0][0] for table in ("code", "session")]
    assert holding(node.home, stored, "log-in-canary", "argon2", *secret) <= {"local.sqlite3", "local.sqlite3-wal"}
    assert holding(node.home, session.token, bytes.fromhex(session.token)) == set()


def test_control_a_canary_in_a_file_is_found(node: Node) -> None:
    people.add("Canary of the ledger")
    enrolled(ANA, "log-in-canary")
    assert holding(node.home, "Canary of the ledger") & {"main.sqlite3", "main.sqlite3-wal"}
    assert holding(node.home, "log-in-canary")


def test_the_file_is_its_owners_alone(node: Node, ana: UUID) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in node.home.glob("local.sqlite3*")}
    assert len(modes) >= 2 and set(modes.values()) == {0o600}


def test_a_full_disk_leaves_no_transaction_open(node: Node, ana: UUID) -> None:
    """The file is full in the middle of a write: that one is told, the next goes on."""
    (pages,) = local.rows(node, "PRAGMA page_count")[0]
    local.rows(node, f"PRAGMA max_page_count={pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"), local.writing(node) as file:
        for n in range(10_000):
            file.execute("INSERT INTO try VALUES (?, ?, ?)", (b"x" * 1000, "here", n))
    local.rows(node, "PRAGMA max_page_count=100000")
    assert sign_in("ana.korum") == ANA


def test_a_write_that_fails_leaves_nothing_behind(node: Node, ana: UUID) -> None:
    with pytest.raises(ZeroDivisionError), local.writing(node) as file:
        file.execute("DELETE FROM login")
        raise ZeroDivisionError
    assert sign_in("ana.korum") == ANA


# From one address.


def test_many_names_from_one_address_are_stopped_too(node: Node, ana: UUID) -> None:
    told = {tells(f"somebody{n}") for n in range(logins.MOST_FROM_ADDRESS)}
    assert told == {"sign_in_refused"} and tells("ana.korum", PASSWORD) == "too_many_tries"
    node.clock.advance(logins.WINDOW + 1)  # type: ignore[attr-defined]
    assert sign_in("ana.korum") == ANA


def test_whoever_waits_too_long_is_told_so(node: Node, ana: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "PATIENCE_SECONDS", 0.0)
    with logins._turn(), logins._turn():
        assert tells("ana.korum", PASSWORD) == "busy"
    assert sign_in("ana.korum") == ANA
