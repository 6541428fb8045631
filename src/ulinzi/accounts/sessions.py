"""Who is signed in on this machine: a random token in a cookie, its hash here, ended at once when somebody says so."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from ulinzi.accounts import local
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes

IDLE = 15 * MINUTE
LONGEST = 12 * HOUR
PROOF_HOLDS = 5 * MINUTE
_TOUCH = MINUTE
_TOKEN = 32


@dataclass(frozen=True)
class Session:
    token: str = field(repr=False)
    person: UUID
    proved: int

    def is_proved(self, now: int) -> bool:
        """Whether the password was given a moment ago: what is dangerous waits for that."""
        return 0 <= now - self.proved <= PROOF_HOLDS


# A clock that was set back by more than a moment ends sessions: by how much it was wrong nobody knows.
_HOLDS = "seen > ? AND seen <= ? AND began > ? AND began <= ?"


def _times(now: int) -> tuple[int, int, int, int]:
    return now - IDLE, now + _TOUCH, now - LONGEST, now + _TOUCH


def begin(person: UUID, *, enrolled: bool = False) -> Session:
    here = nodes.current()
    token, now = here.chance.bytes(_TOKEN).hex(), here.clock.now()
    with local.writing(here) as file:
        # Asked again, alone: the log-in may have been taken away since the password was looked at.
        if enrolled and not file.execute("SELECT 1 FROM login WHERE person = ?", (person.bytes,)).fetchone():
            raise Refused("sign_in_refused", field="password")
        file.execute(f"DELETE FROM session WHERE NOT ({_HOLDS})", _times(now))
        file.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?)", (_hidden(token), person.bytes, now, now, now))
    return Session(token, person, now)


def find(token: str, *, touch: bool = True) -> Session | None:
    """The session of a cookie, if it still holds. `touch` is False for what the screen asks by itself."""
    here = nodes.current()
    now = here.clock.now()
    sql = f"SELECT person, seen, proved, {_HOLDS} FROM session WHERE hash = ?"
    found = local.rows(here, sql, (*_times(now), _hidden(token)))
    if not found:
        return None
    person, seen, proved, holds = found[0]
    if not holds:
        end(token)
        return None
    if touch and now - seen >= _TOUCH:
        # A disk that is full keeps nobody from reading, or from signing out; the session ends by what is written.
        with suppress(sqlite3.OperationalError), local.writing(here) as file:
            file.execute("UPDATE session SET seen = ? WHERE hash = ?", (now, _hidden(token)))
    return Session(token, UUID(bytes=bytes(person)), proved)


def renew(session: Session) -> Session:
    """After a fresh proof: another token, so that one that was looked at before is worth nothing."""
    here = nodes.current()
    token, now = here.chance.bytes(_TOKEN).hex(), here.clock.now()
    with local.writing(here) as file:
        sql = "UPDATE session SET hash = ?, seen = ?, proved = ? WHERE hash = ?"
        file.execute(sql, (_hidden(token), now, now, _hidden(session.token)))
    return Session(token, session.person, now)


def end(token: str) -> None:
    with local.writing(nodes.current()) as file:
        file.execute("DELETE FROM session WHERE hash = ?", (_hidden(token),))


def _hidden(token: str) -> bytes:
    return hashlib.sha256(b"ulinzi/session1" + token.encode()).digest()
