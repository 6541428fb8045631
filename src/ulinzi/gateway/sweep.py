"""What the clock does: calls that were missed, and all that has been kept long enough.

Whoever has key and file counts every number of a country through an index in minutes. So neither the index nor the
fingerprints outlive their use; what stays of people who were never enrolled leads to nobody.
"""

from __future__ import annotations

import sqlite3

from ulinzi.gateway import intake, letters
from ulinzi.gateway.store import Store


def sweep(store: Store) -> None:
    """Words that nobody has taken over yet are never too old."""
    calls(store)
    now = store.clock.now()
    with store.writing() as db:
        gone = letters.erase(db, ("number",), now, "taken_at <= ?", now - letters.KEPT)
        gone += letters.erase(db, ("words",), now, "handed_at <= ?", now - letters.KEPT)
        gone += db.execute("DELETE FROM seen WHERE at <= ?", (now - intake.SEEN_FOR,)).rowcount
        gone += _unknown(db) + _fingerprints(store, db, now)
    if gone:
        store.let_go()


def _unknown(db: sqlite3.Connection) -> int:
    """Who is not enrolled is told apart while a number of theirs is kept, and no longer."""
    return db.execute(
        "DELETE FROM known WHERE code >= 'U-' AND code < 'U.' AND NOT EXISTS"
        " (SELECT 1 FROM letter WHERE letter.code = known.code AND letter.number IS NOT NULL)"
    ).rowcount


def _fingerprints(store: Store, db: sqlite3.Connection, now: int) -> int:
    """Chance takes their place, once; that it did stands in the row, so that no restart and no pause skips one."""
    found = db.execute(
        "SELECT handle FROM letter WHERE number IS NULL AND words IS NULL AND fingerprint_gone_at IS NULL"
        " AND taken_at <= ?",
        (now - intake.SEEN_FOR,),
    ).fetchall()
    for row in found:
        told = (store.chance.bytes(32), now, row["handle"])
        db.execute("UPDATE letter SET fingerprint = ?, fingerprint_gone_at = ? WHERE handle = ?", told)
    return len(found)


def calls(store: Store) -> None:
    before = store.clock.now() - intake.RINGS
    if store.rows("SELECT 1 FROM ringing WHERE heard_at <= ? LIMIT 1", (before,)):
        with store.writing() as db:
            intake.miss(store, db, before)
