"""Names and passwords, on this machine alone: enrolling with a one-time code, signing in, lock-outs that end.

Lock-outs count by name and address together: one base behind one address, and three typos, must not lock out everybody.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from ulinzi.accounts import local, queries, rules
from ulinzi.accounts.rules import Act
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes

WINDOW = 15 * MINUTE
MOST_TRIES = 5
MOST_FROM_ADDRESS = 60
PATIENCE_SECONDS = 8.0
CODE_HOLDS = 72 * HOUR
SHORTEST, LONGEST = 12, 200
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that look alike
_CODE_SIGNS = 12
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{2,39}")  # what looks like another's name is another's name
_PROVING = " proof "
_ENROLLING = " code"  # counted like a name, and with the blank before it nobody's: names are stripped

# 64 MiB each: two at a time, or a flood of sign-ins would take the machine's memory.
hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
_at_once = BoundedSemaphore(2)


def ask_code(person: UUID, *, by: UUID) -> None:
    """A code is a way to be somebody, so it takes two: one asks, another confirms and hands it over."""
    _check_may(by, Act.ISSUE_CODES, person)
    here = nodes.current()
    with local.writing(here) as file:
        file.execute("INSERT OR REPLACE INTO asked VALUES (?, ?, ?)", (person.bytes, by.bytes, here.clock.now()))


def codes_asked() -> set[UUID]:
    """Everybody for whom a code waits for a second person."""
    here = nodes.current()
    found = local.rows(here, "SELECT person FROM asked WHERE at > ?", (here.clock.now() - CODE_HOLDS,))
    return {UUID(bytes=bytes(row[0])) for row in found}


def code_asked_by(person: UUID) -> UUID | None:
    here = nodes.current()
    sql = "SELECT asked_by FROM asked WHERE person = ? AND at > ?"
    found = local.rows(here, sql, (person.bytes, here.clock.now() - CODE_HOLDS))
    return UUID(bytes=bytes(found[0][0])) if found else None


def confirm_code(person: UUID, *, by: UUID) -> str:
    check_may_confirm(person, by=by)
    return issue_code(person)


def check_may_confirm(person: UUID, *, by: UUID) -> None:
    _check_may(by, Act.CONFIRM_GRANTS, person)
    asked_by = code_asked_by(person)
    if asked_by is None:
        raise Refused("code_not_asked")
    if by in (asked_by, person):
        raise Refused("four_eyes_needed")
    if not may(asked_by, Act.ISSUE_CODES, person):
        raise Refused("asker_has_left")


def _check_may(by: UUID, act: Act, person: UUID) -> None:
    if not may(by, act, person):
        raise Refused("not_for_your_role", act=str(act))


def may(by: UUID, act: Act, person: UUID) -> bool:
    """Wherever the person holds a role: who may act in one province opens no door to another."""
    return rules.may_for(queries.rights_of(by), act, queries.rights_of(person))


def issue_code(person: UUID) -> str:
    """A code to enrol with on this machine, shown once. A new one takes the place of the last."""
    here = nodes.current()
    raw = here.chance.bytes(_CODE_SIGNS)
    code = "".join(_SIGNS[one % 32] for one in raw)
    with local.writing(here) as file:
        file.execute("DELETE FROM code WHERE person = ?", (person.bytes,))
        file.execute("DELETE FROM asked WHERE person = ?", (person.bytes,))
        file.execute("INSERT INTO code VALUES (?, ?, ?)", (_hidden(code), person.bytes, here.clock.now() + CODE_HOLDS))
    return "-".join(code[start : start + 4] for start in range(0, _CODE_SIGNS, 4))


def enrol(code: str, name: str, password: str, *, address: str) -> UUID:
    """Take a name and a password in exchange for a code. Whoever enrols anew is signed out everywhere first."""
    here, wanted = nodes.current(), folded(name)
    _count_try(_ENROLLING, address)
    found = local.rows(here, "SELECT person FROM code WHERE hash = ? AND until > ?", (_told(code), here.clock.now()))
    if not found:
        raise Refused("code_not_valid", field="code")
    _forgive(_ENROLLING, address)
    check_name(wanted)
    check_password(password, wanted)
    stored, person = _hash(password), bytes(found[0][0])
    with local.writing(here) as file:
        # Asked again, alone: one code enrols one person once.
        if file.execute("DELETE FROM code WHERE hash = ? AND until > ?", (_told(code), here.clock.now())).rowcount != 1:
            raise Refused("code_not_valid", field="code")
        if file.execute("SELECT 1 FROM login WHERE name = ? AND person <> ?", (wanted, person)).fetchone():
            raise Refused("login_taken", field="name")
        file.execute("INSERT OR REPLACE INTO login VALUES (?, ?, ?)", (person, wanted, stored))
        file.execute("DELETE FROM session WHERE person = ?", (person,))
    return UUID(bytes=person)


def sign_in(name: str, password: str, *, address: str) -> UUID:
    """The person, or Refused in the same words and the same time whether the name or the password is wrong."""
    here, wanted = nodes.current(), folded(name)
    _count_try(wanted, address)
    found = local.rows(here, "SELECT person, hash FROM login WHERE name = ?", (wanted,))
    stored = found[0][1] if found else _nobody()
    if not _holds(stored, password) or not found:
        raise Refused("sign_in_refused", field="password")
    person = bytes(found[0][0])
    if not _keep(person, stored, _hash(password) if hasher.check_needs_rehash(stored) else stored):
        raise Refused("sign_in_refused", field="password")
    _forgive(wanted, address)
    return UUID(bytes=person)


def prove(person: UUID, password: str, *, address: str) -> None:
    """The same password again, by somebody who is signed in."""
    _proved(person, password, address)


def _proved(person: UUID, password: str, address: str) -> str:
    """The hash that the password was held against."""
    here = nodes.current()
    found = local.rows(here, "SELECT name, hash FROM login WHERE person = ?", (person.bytes,))
    stored = found[0][1] if found else ""
    key = _PROVING + person.hex
    _count_try(key, "")
    if not found or not _holds(stored, password):
        raise Refused("password_wrong", field="password")
    _forgive(key, "")
    return str(stored)


def change_password(person: UUID, old: str, new: str, *, address: str) -> None:
    """Another password, and no session that the old one opened."""
    stored = _proved(person, old, address)
    check_password(new, login_name(person))
    if not _keep(person.bytes, stored, _hash(new), sessions=False):
        raise Refused("password_wrong", field="password")


def login_name(person: UUID) -> str:
    found = local.rows(nodes.current(), "SELECT name FROM login WHERE person = ?", (person.bytes,))
    return found[0][0] if found else ""


def withdraw(person: UUID, *, by: UUID) -> None:
    """No more signing in on this machine until a new code is issued."""
    _check_may(by, Act.ISSUE_CODES, person)
    forget(person)


def forget(person: UUID) -> None:
    """Of somebody who has left."""
    with local.writing(nodes.current()) as file:
        for table in ("login", "code", "asked", "session"):
            file.execute(f"DELETE FROM {table} WHERE person = ?", (person.bytes,))


# Rules.


def folded(name: str) -> str:
    """As it is compared. Cut off first: to bring a million accents into order would keep a core busy for minutes."""
    plain = unicodedata.normalize("NFKC", name[:LONGEST]).strip().casefold()
    return unicodedata.normalize("NFKC", plain)


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise Refused("login_not_allowed", field="name")


def check_password(password: str, name: str) -> None:
    plain = _plain(password)
    if len(plain) < SHORTEST or len(password) > LONGEST:
        raise Refused("password_length", field="password", shortest=SHORTEST, longest=LONGEST)
    if name and name in folded(plain):
        raise Refused("password_holds_name", field="password")
    try:
        CommonPasswordValidator().validate(plain)
    except ValidationError as error:
        raise Refused("password_common", field="password") from error


# Hashes.


def _plain(password: str) -> str:
    """The same on every keyboard. What is too long to be anybody's is cut: it is wrong either way."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1])


@contextmanager
def _turn() -> Iterator[None]:
    """Two at a time; whoever waits too long is told so, and holds up nobody else."""
    if not _at_once.acquire(timeout=PATIENCE_SECONDS):
        raise Refused("busy")
    try:
        yield
    finally:
        _at_once.release()


def _hash(password: str) -> str:
    with _turn():
        return hasher.hash(_plain(password))


def _holds(stored: str, password: str) -> bool:
    try:
        with _turn():
            return hasher.verify(stored, _plain(password))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    """What an unknown name is compared with, so that it takes as long as a known one."""
    return _hash("nobody has this password")


def _keep(person: bytes, stored: str, renewed: str, *, sessions: bool = True) -> bool:
    """Whether the hash that was looked at still stands, renewed where it does: looking takes long enough to change it.

    Without `sessions` those that it opened end in the same moment.
    """
    with local.writing(nodes.current()) as file:
        sql = "UPDATE login SET hash = ? WHERE person = ? AND hash = ?"
        kept = file.execute(sql, (renewed, person, stored)).rowcount == 1
        if kept and not sessions:
            file.execute("DELETE FROM session WHERE person = ?", (person,))
    return kept


def _hidden(code: str) -> bytes:
    return hashlib.sha256(b"ulinzi/code1" + code.encode()).digest()


def _told(code: str) -> bytes:
    """As people copy it: small letters, blanks, hyphens or none; O for 0, I and L for 1."""
    plain = code.upper().translate(str.maketrans("OIL", "011"))
    return _hidden("".join(sign for sign in plain if sign in _SIGNS))


# Tries.


def _count_try(name: str, address: str) -> None:
    """Counted before the password is looked at: fifty at once are counted like fifty in a row."""
    here = nodes.current()
    now, key = here.clock.now(), _key(name)
    with local.writing(here) as file:
        file.execute("DELETE FROM try WHERE at <= ? OR at > ?", (now - WINDOW, now + WINDOW))
        tries = file.execute("SELECT COUNT(*) FROM try WHERE name = ? AND address = ?", (key, address)).fetchone()[0]
        others = file.execute("SELECT COUNT(*) FROM try WHERE address = ?", (address,)).fetchone()[0]
        too_many = tries >= MOST_TRIES or (bool(address) and others >= MOST_FROM_ADDRESS)
        if not too_many:
            file.execute("INSERT INTO try VALUES (?, ?, ?)", (key, address, now))
    if too_many:
        raise Refused("too_many_tries", minutes=WINDOW // MINUTE)


def _forgive(name: str, address: str) -> None:
    with local.writing(nodes.current()) as file:
        file.execute("DELETE FROM try WHERE name = ? AND address = ?", (_key(name), address))


def _key(name: str) -> bytes:
    """People type passwords where names belong: what was tried is kept in a form that tells nobody."""
    return hmac.new(settings.SECRET_KEY.encode(), b"ulinzi/try1" + name.encode(), hashlib.sha256).digest()
