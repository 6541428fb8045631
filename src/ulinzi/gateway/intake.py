"""What phones bring: raw first. A phone is answered when the letter is on the disk, and never before.

The same message brought again - five times, after a lost answer, by a second hook - is the same letter, also when its
number and words have been erased: its fingerprint stays for a week, longer than any phone retries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from ulinzi.gateway import codes, hooks, numbers, outgoing, phones
from ulinzi.gateway.hooks import Event
from ulinzi.gateway.phones import Phone
from ulinzi.gateway.store import Store
from ulinzi.kernel.clock import DAY, SECOND

TAKEN, REFUSED, TOO_LARGE = 200, 401, 413
RINGS = 60 * SECOND
"""A call of which no end was told has been missed after this long."""
SEEN_FOR = 7 * DAY


def receive(store: Store, code: str, headers: Mapping[str, str], raw: bytes) -> int:
    """The answer to a phone. One that carries no good signature leaves nothing but a count."""
    if len(raw) > hooks.MOST_BYTES:
        return TOO_LARGE
    phone = phones.find(store, code)
    given = {name.lower(): value for name, value in headers.items()}
    # Seam: a flood from one number costs every other only its turn at the disk. A measure for each sender goes here.
    if phone is None or not hooks.is_signed(phone.signing, given, raw):
        store.counts[code if phone else "", "refused"] += 1
        return REFUSED
    stamp = given[hooks.TIMESTAMP]
    event = hooks.read(raw, stamp)
    with store.writing() as db:
        if _is_sign_of_life(store, db, phone.code, stamp, raw):
            phones.heard(db, phone.code, store.clock.now())
        _take(store, db, phone, event, raw)
    return TAKEN


def _is_sign_of_life(store: Store, db: sqlite3.Connection, phone: str, stamp: str, raw: bytes) -> bool:
    """Whoever recorded one ping could keep a dead phone alive with it: once, and within a week, is what counts."""
    at, now = hooks.seconds(stamp), store.clock.now()
    if at is None or abs(now - at) >= SEEN_FOR:
        return False
    # A phone whose clock is ahead: known for as long as its stamp would be taken.
    return _is_first(db, store.fingerprint("heard", phone, stamp, raw.decode("latin-1")), max(at, now))


def _take(store: Store, db: sqlite3.Connection, phone: Phone, event: Event, raw: bytes) -> None:
    if event.kind == "sms":
        keep(store, db, phone, "sms", event)
    elif event.kind in ("ringing", "started", "ended"):
        # A call has no time of its own, so the very same bytes are what is known again.
        if _is_new(store, db, phone.code, event.mark, raw):
            _call(store, db, phone, event)
    elif event.kind == "state":
        outgoing.learn(db, phone.code, event, store.clock.now())
    elif event.kind == "other":
        store.counts[phone.code, "other"] += 1


def _is_new(store: Store, db: sqlite3.Connection, phone: str, mark: str, raw: bytes) -> bool:
    return _is_first(db, store.fingerprint("seen", phone, mark, raw.decode("latin-1")), store.clock.now())


def _is_first(db: sqlite3.Connection, mark: bytes, at: int) -> bool:
    return db.execute("INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING", (mark, at)).rowcount == 1


def keep(store: Store, db: sqlite3.Connection, phone: Phone, kind: str, event: Event) -> None:
    """One letter, unless it is here or was here."""
    number = numbers.normal(event.number, phone.calling_code)
    # One person's bip on two phones is two calls; one message that two hooks bring is one message.
    whose = "" if kind == "sms" else phone.code
    mark = store.fingerprint(kind, whose, number, event.mark, event.words or "")
    if db.execute("SELECT 1 FROM letter WHERE fingerprint = ?", (mark,)).fetchone():
        return
    handle, now = store.chance.bytes(16), store.clock.now()
    sealed = store.seal(handle + b"/number", number) if number else None
    words = None if event.words is None else store.seal(handle + b"/words", event.words)
    received = now if event.at is None else event.at
    told = (handle, phone.code, kind, received, now, code_of(store, db, number), sealed, words, mark)
    db.execute(
        "INSERT INTO letter (handle, phone, kind, received_at, taken_at, code, number, words, fingerprint)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        told,
    )


def code_of(store: Store, db: sqlite3.Connection, number: str) -> str | None:
    """Whose number it is; who is unknown becomes somebody. Nobody at all where the number is hidden."""
    if not number:
        return None
    sender = store.sender(number)
    found = db.execute("SELECT code FROM known WHERE sender = ?", (sender,)).fetchone()
    if found is None:
        made = _free_code(store, db)
        db.execute("INSERT INTO known VALUES (?, ?)", (sender, made))
        return made
    return str(found["code"])


def _free_code(store: Store, db: sqlite3.Connection) -> str:
    """Among ten thousand senders two would share a code once in seven hundred missions: once too often."""
    made = codes.new(codes.UNKNOWN, store.chance)
    taken = "SELECT 1 FROM known WHERE code = ? UNION ALL SELECT 1 FROM letter WHERE code = ?"
    while db.execute(taken, (made, made)).fetchone():
        made = codes.new(codes.UNKNOWN, store.chance)
    return made


# Calls: ringing, then perhaps started, then ended. Any of them may be lost, late or told twice.


def _call(store: Store, db: sqlite3.Connection, phone: Phone, event: Event) -> None:
    number = numbers.normal(event.number, phone.calling_code)
    caller = store.sender(number)
    now = store.clock.now()
    if event.kind == "ringing":
        miss(store, db, now - RINGS)
        sealed = store.seal(caller + b"/ringing", number) if number else None
        db.execute(
            "INSERT INTO ringing VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (phone.code, caller, sealed, _mark(store, event), now if event.at is None else event.at, now),
        )
        return
    # One that never rang here is a call that we made.
    for row in db.execute("SELECT * FROM ringing WHERE phone = ? AND caller = ?", (phone.code, caller)).fetchall():
        _over(store, db, phone, row, "call" if event.kind == "started" else "missed_call")


def _mark(store: Store, event: Event) -> str:
    """A phone may make its ids of whatever it likes, the number too."""
    return store.fingerprint("call", event.mark).hex()


def _over(store: Store, db: sqlite3.Connection, phone: Phone, row: sqlite3.Row, kind: str) -> None:
    number = store.unseal(row["caller"] + b"/ringing", row["number"]) if row["number"] else ""
    keep(store, db, phone, kind, Event(kind, number, at=row["began_at"], mark=row["mark"]))
    db.execute("DELETE FROM ringing WHERE phone = ? AND caller = ?", (row["phone"], row["caller"]))


def miss(store: Store, db: sqlite3.Connection, before: int) -> None:
    """Calls that began to ring by then, and of which nothing more was heard."""
    for row in db.execute("SELECT * FROM ringing WHERE heard_at <= ?", (before,)).fetchall():
        phone = phones.find(store, row["phone"])
        if phone is not None:
            _over(store, db, phone, row, "missed_call")
