"""What is kept: handed over without number or words, opened one at a time, erased in time."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from ulinzi.gateway import codes, numbers
from ulinzi.gateway.store import Store
from ulinzi.kernel.clock import HOUR
from ulinzi.kernel.errors import NotFound, Refused

KEPT = 72 * HOUR
"""A number from its arrival, words from their handing over: for the life of the call-back and no longer."""
MOST_AT_ONCE = 1000


_WAITING = " FROM letter JOIN phone ON phone.code = letter.phone WHERE handed_at IS NULL"


def pending(store: Store, limit: int, compartments: Sequence[str] | None = None) -> list[Mapping[str, Any]]:
    """The oldest that nobody has taken over, of phones of these compartments. Never a number, never words."""
    held, marks = [*(compartments or ())], ", ".join("?" * len(compartments or ()))
    here = "" if compartments is None else f" AND phone.compartment IN ({marks})"
    found = store.rows(
        f"SELECT letter.*, phone.compartment{_WAITING}{here} ORDER BY taken_at, letter.rowid LIMIT ?",
        (*held, max(0, min(limit, MOST_AT_ONCE))),
    )
    names = ("phone", "compartment", "kind", "received_at", "taken_at", "code")
    return [{"handle": row["handle"].hex(), **{name: row[name] for name in names}} for row in found]


def strays(store: Store, compartments: Sequence[str]) -> int:
    """How many wait that came by phones of no such compartment."""
    marks = ", ".join("?" * len(compartments))
    (row,) = store.rows(f"SELECT count(*) AS n{_WAITING} AND phone.compartment NOT IN ({marks})", [*compartments])
    return int(row["n"])


def taken(store: Store, handles: Sequence[str]) -> None:
    """Whoever says so has them on a disk of their own; saying it twice changes nothing."""
    now = store.clock.now()
    with store.writing() as db:
        for one in handles:
            db.execute("UPDATE letter SET handed_at = coalesce(handed_at, ?) WHERE handle = ?", (now, _bytes(one)))


def words(store: Store, handle: str) -> str | None:
    row = row_of(store, handle)
    return None if row["words"] is None else store.unseal(row["handle"] + b"/words", row["words"])


def number_to_call(store: Store, handle: str) -> str:
    row = row_of(store, handle)
    if row["number"] is None:
        raise _no_number(row)
    number = store.unseal(row["handle"] + b"/number", row["number"])
    if not numbers.is_callable(number):
        raise Refused("number_not_callable")
    return number


def _no_number(row: sqlite3.Row) -> Refused:
    return Refused("number_gone") if row["number_gone_at"] else Refused("number_hidden")


def row_of(store: Store, handle: str) -> sqlite3.Row:
    found = store.rows("SELECT * FROM letter WHERE handle = ?", (_bytes(handle),))
    if not found:
        raise NotFound("letter_unknown")
    return found[0]


def _bytes(handle: str) -> bytes:
    try:
        return bytes.fromhex(handle)
    except (TypeError, ValueError) as error:
        raise NotFound("letter_unknown") from error


# Erasing.


def forget(store: Store, handles: Sequence[str]) -> None:
    """Number and words, at once. The fingerprint stays a week, so that a late copy does not bring them back."""
    now = store.clock.now()
    with store.writing() as db:
        for one in handles:
            erase(db, ("number", "words"), now, "handle = ?", _bytes(one))
    store.let_go()


def erase(db: sqlite3.Connection, what: Sequence[str], now: int, where: str, value: object) -> int:
    gone = 0
    for one in what:
        gone += db.execute(
            f"UPDATE letter SET {one} = NULL, {one}_gone_at = ? WHERE {one} IS NOT NULL AND {where}", (now, value)
        ).rowcount
    return gone


# Codes.


def enrol(store: Store, handle: str, code: str) -> str | None:
    """Whoever sent this letter is that source from now on. The code they had until now, where it was another."""
    codes.check_enrolled(code)
    row = row_of(store, handle)
    with store.writing() as db:
        if row["number"] is not None:
            number = store.unseal(row["handle"] + b"/number", row["number"])
            return _enrol(db, store.sender(number), code)
        return _enrol_unknown(db, row, code)


def _enrol_unknown(db: sqlite3.Connection, row: sqlite3.Row, code: str) -> str | None:
    """The number has gone; a code that was made for one sender leads to that one alone."""
    was = row["code"] or ""
    found = db.execute("SELECT sender FROM known WHERE code = ?", (was,)).fetchall()
    if not was.startswith(codes.UNKNOWN) or len(found) != 1:
        raise _no_number(row)
    return _enrol(db, found[0]["sender"], code)


def _enrol(db: sqlite3.Connection, sender: bytes, code: str) -> str | None:
    found = db.execute("SELECT code FROM known WHERE sender = ?", (sender,)).fetchone()
    was = found["code"] if found and found["code"] != code else None
    if was is not None and was.startswith(codes.ENROLLED):
        # Moved without a word, one source would speak under the name of another.
        raise Refused("sender_is_enrolled", known=was)
    db.execute(
        "INSERT INTO known VALUES (?, ?) ON CONFLICT (sender) DO UPDATE SET code = excluded.code", (sender, code)
    )
    if was is not None and was.startswith(codes.UNKNOWN):
        db.execute("UPDATE letter SET code = ? WHERE code = ?", (code, was))
    return was


def enrol_number(store: Store, number: str, code: str) -> str | None:
    """For this machine's own console: whoever could ask it for any number could find out who is a source."""
    codes.check_enrolled(code)
    whole = numbers.normal(number, _calling_code(store))
    if not numbers.is_international(whole):
        raise Refused("number_not_international")
    with store.writing() as db:
        return _enrol(db, store.sender(whole), code)


def _calling_code(store: Store) -> str:
    """Where all phones are of one country, a number may be typed as it is dialled there."""
    found = {row["calling_code"] for row in store.rows("SELECT calling_code FROM phone")}
    return found.pop() if len(found) == 1 else ""


def withdraw(store: Store, code: str) -> int:
    """Nothing leads from a number to this code any more, and the numbers that are held for it go at once.

    It may be asked every minute for everybody who ever withdrew: where nothing is left, nothing is written.
    """
    now = store.clock.now()
    here = "SELECT 1 FROM known WHERE code = ? UNION ALL SELECT 1 FROM letter WHERE code = ? AND number IS NOT NULL"
    if not store.rows(here, (code, code)):
        return 0
    with store.writing() as db:
        gone = db.execute("DELETE FROM known WHERE code = ?", (code,)).rowcount
        erase(db, ("number",), now, "code = ?", code)
    store.let_go()
    return gone
