"""What the clock does: calls that were missed, numbers and words that have been kept long enough."""

from __future__ import annotations

from ulinzi.gateway import intake, letters
from ulinzi.gateway.store import Store


def sweep(store: Store) -> None:
    """Words that nobody has taken over yet are never too old."""
    calls(store)
    now = store.clock.now()
    with store.writing() as db:
        gone = letters.erase(db, ("number",), now, "taken_at <= ?", now - letters.KEPT)
        gone += letters.erase(db, ("words",), now, "handed_at <= ?", now - letters.KEPT)
        db.execute("DELETE FROM seen WHERE at <= ?", (now - intake.SEEN_FOR,))
    if gone:
        store.let_go()


def calls(store: Store) -> None:
    before = store.clock.now() - intake.RINGS
    if store.rows("SELECT 1 FROM ringing WHERE heard_at <= ? LIMIT 1", (before,)):
        with store.writing() as db:
            intake.miss(store, db, before)
