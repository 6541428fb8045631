"""Who is signed in: tokens that change, sessions that end by themselves, at once, and whatever the clock does."""

from __future__ import annotations

import subprocess
import sys
from uuid import UUID

import pytest

from tests.faults.together import errors, together
from tests.nodes import NOON, person
from ulinzi.accounts import local, logins, sessions
from ulinzi.accounts.sessions import Session
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND, SetClock
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]

ANA, BORI = person("ana"), person("bori")


@pytest.fixture
def session(node: Node) -> Session:
    return sessions.begin(ANA)


def found(session: Session, *, touch: bool = True) -> UUID | None:
    here = sessions.find(session.token, touch=touch)
    return here.person if here else None


def test_a_session_is_found_by_its_token_and_by_no_other(node: Node, session: Session) -> None:
    assert sessions.find(session.token) == session
    for wrong in ("", session.token[:-1], session.token.upper(), session.token + "0", "' OR 1=1 --", "0" * 64):
        assert sessions.find(wrong) is None
    assert len(session.token) == 64 and sessions.begin(ANA).token != session.token


def test_a_token_is_stored_nowhere_and_shown_in_no_log(node: Node, session: Session) -> None:
    held = b"".join(path.read_bytes() for path in node.home.iterdir())
    assert session.token.encode() not in held and bytes.fromhex(session.token) not in held
    assert sessions._hidden(session.token) in held  # the control: what is stored is found like this
    assert session.token not in repr(session) and session.token not in f"{session}"


# T-A-11: a token that was known before is worth nothing after.


def test_a_token_from_outside_begins_no_session(node: Node) -> None:
    chosen = "a" * 64
    assert sessions.find(chosen) is None
    sessions.begin(ANA)
    assert sessions.find(chosen) is None


def test_a_fresh_proof_is_a_fresh_token(node: Node, clock: SetClock, session: Session) -> None:
    clock.advance(10 * MINUTE)
    fresh = sessions.renew(session)
    assert fresh.token != session.token and fresh.person == ANA and fresh.proved == clock.now()
    assert found(session) is None and sessions.find(fresh.token) == fresh


def test_of_two_who_renew_one_token_at_once_one_goes_on(node: Node, session: Session) -> None:
    done = together(node, [lambda: sessions.renew(session)] * 4)
    assert errors(done) == []
    assert [found(one) for one in done].count(ANA) == 1 and found(session) is None
    assert len(local.rows(node, "SELECT 1 FROM session")) == 1


def test_renewing_what_has_ended_brings_nothing_back(node: Node, session: Session) -> None:
    logins.forget(ANA)
    assert found(sessions.renew(session)) is None


# T-A-12: ended at once.


def test_a_session_ends_at_once_and_the_others_go_on(node: Node, session: Session) -> None:
    other, bori = sessions.begin(ANA), sessions.begin(BORI)
    sessions.end(session.token)
    assert [found(one) for one in (session, other, bori)] == [None, ANA, BORI]
    sessions.end(session.token)  # nothing to end is no error


def test_all_sessions_of_a_person_end_at_once(node: Node, session: Session) -> None:
    mine, bori = [session, *(sessions.begin(ANA) for _ in range(4))], sessions.begin(BORI)
    logins.forget(ANA)
    assert [found(one) for one in mine] == [None] * 5 and found(bori) == BORI


def test_what_one_thread_ends_has_ended_for_all(node: Node, session: Session) -> None:
    assert together(node, [lambda: found(session)] * 4) == [ANA] * 4
    together(node, [lambda: logins.forget(ANA)])
    assert found(session) is None
    assert together(node, [lambda: found(session)] * 4) == [None] * 4


ELSEWHERE = """
import sys, pathlib, django
django.setup()
from nacl.signing import SigningKey
from ulinzi.accounts import sessions
from ulinzi.kernel.clock import SetClock
from ulinzi.ledger.node import Node

home, token, now = sys.argv[1:]
with Node(pathlib.Path(home), "default", SigningKey.generate(), SetClock(int(now))).use():
    print(sessions.find(token) is not None)
    sessions.end(token)
    print(sessions.find(token) is not None)
"""


def test_two_processes_share_the_sessions(node: Node, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ULINZI_HOME", str(node.home))
    command = [sys.executable, "-c", ELSEWHERE, str(node.home), session.token, str(NOON)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert told.split() == ["True", "False"]
    assert found(session) is None


OPENING = """
import sqlite3, sys, pathlib
from types import SimpleNamespace
from ulinzi.accounts import local

node = SimpleNamespace(home=pathlib.Path(sys.argv[1]))
sys.stdin.readline()
for n in range(20):
    with local.writing(node) as file:
        file.execute("INSERT INTO try VALUES (?, ?, ?)", (b"x", sys.argv[2], n))
"""


def test_a_file_that_is_not_there_is_made_by_several_at_once(node: Node) -> None:
    local.close()
    for path in node.home.glob("local.sqlite3*"):
        path.unlink()
    command = [sys.executable, "-c", OPENING, str(node.home)]
    running = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for n in range(4)
    ]
    for one in running:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    assert [one.communicate(timeout=60)[1] for one in running] == [""] * 4
    assert local.rows(node, "SELECT COUNT(*) FROM try") == [(80,)]


def test_many_at_once_begin_find_and_end(node: Node) -> None:
    def day(n: int) -> bool:
        for _ in range(10):
            one = sessions.begin(person(f"one {n}"))
            assert found(one) == person(f"one {n}")
            one = sessions.renew(one)
            sessions.end(one.token)
            assert found(one) is None
        return True

    assert together(node, [lambda n=n: day(n) for n in range(8)]) == [True] * 8
    assert local.rows(node, "SELECT 1 FROM session") == []


# T-A-13: they end by themselves.


@pytest.mark.parametrize(("later", "who"), [(15 * MINUTE - 1, ANA), (15 * MINUTE, None), (DAY, None)])
def test_after_a_quarter_of_an_hour_of_nothing_it_ends(
    node: Node, clock: SetClock, session: Session, later: int, who: UUID | None
) -> None:
    clock.advance(later)
    assert found(session) == who


def test_whoever_works_stays_for_twelve_hours_and_no_longer(node: Node, clock: SetClock, session: Session) -> None:
    """Nor does a fresh proof now and then begin the day anew."""
    for turn in range(12 * 6 - 1):
        clock.advance(10 * MINUTE)
        assert found(session) == ANA
        session = sessions.renew(session) if turn % 6 == 0 else session
    clock.advance(10 * MINUTE - 1)
    assert found(session) == ANA
    clock.advance(1)
    assert found(session) is None and found(sessions.renew(session)) is None


def test_what_the_screen_asks_by_itself_keeps_nobody_signed_in(node: Node, clock: SetClock, session: Session) -> None:
    for _ in range(14):
        clock.advance(MINUTE)
        assert found(session, touch=False) == ANA
    clock.advance(MINUTE)
    assert found(session, touch=False) is None


def test_control_what_a_person_asks_does(node: Node, clock: SetClock, session: Session) -> None:
    for _ in range(30):
        clock.advance(MINUTE)
        assert found(session) == ANA


def test_what_ended_is_taken_out_of_the_file(node: Node, clock: SetClock, session: Session) -> None:
    clock.advance(15 * MINUTE)
    sessions.begin(BORI)
    assert local.rows(node, "SELECT person FROM session") == [(BORI.bytes,)]


@pytest.mark.parametrize("back", [2 * MINUTE, HOUR, DAY, 400 * DAY])
def test_a_clock_set_back_makes_no_session_longer(node: Node, clock: SetClock, session: Session, back: int) -> None:
    """Nor does it come to life again when the clock is right once more."""
    clock.advance(-back)
    assert found(session) is None
    clock.advance(back)
    assert found(session) is None


def test_a_clock_set_back_between_two_questions_ends_it_before_the_next_begins(
    node: Node, clock: SetClock, session: Session
) -> None:
    clock.advance(-DAY)
    sessions.begin(BORI)
    clock.advance(DAY)
    assert found(session) is None


def test_a_clock_put_right_by_a_moment_signs_nobody_out(node: Node, clock: SetClock, session: Session) -> None:
    clock.advance(-30 * SECOND)
    assert found(session) == ANA
    clock.advance(15 * MINUTE + 30 * SECOND)
    assert found(session) is None


# T-A-18: a proof holds five minutes.


@pytest.mark.parametrize(
    ("later", "proved"), [(0, True), (5 * MINUTE, True), (5 * MINUTE + 1, False), (6 * MINUTE, False), (-1, False)]
)
def test_a_proof_holds_five_minutes_and_none_is_from_the_future(later: int, proved: bool) -> None:
    assert Session("token", ANA, NOON).is_proved(NOON + later) == proved


def test_using_a_session_is_no_proof(node: Node, clock: SetClock, session: Session) -> None:
    for _ in range(6):
        clock.advance(MINUTE)
        now = sessions.find(session.token)
    assert now and not now.is_proved(clock.now())
    assert sessions.renew(now).is_proved(clock.now())
