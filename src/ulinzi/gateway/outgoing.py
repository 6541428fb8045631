"""What a phone is told to do: send a message, or call. And what it says became of it."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from ulinzi.gateway import letters, phones
from ulinzi.gateway.hooks import Event
from ulinzi.gateway.phones import Door
from ulinzi.gateway.store import Store
from ulinzi.kernel.clock import SECOND
from ulinzi.kernel.errors import Refused

PATIENCE = 5.0
ASK_AGAIN = 30 * SECOND
"""A message of which it is not known whether the phone has it may be given once more after this long."""
_THERE_ALREADY = 409
Asked = Callable[[Door, str, Mapping[str, Any]], int]


def ask(door: Door, path: str, told: Mapping[str, Any]) -> int:
    """The phone's answer. No redirects and no proxies: a number goes to the phone and nowhere else."""
    parts = urlsplit(door.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
    pass_key = b64encode(f"{door.user}:{door.password}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {pass_key}"}
    try:
        connection.request("POST", parts.path.rstrip("/") + path, json.dumps(told), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _answer(asked: Asked, door: Door, path: str, told: Mapping[str, Any]) -> int | None:
    try:
        return asked(door, path, told)
    except (OSError, HTTPException):
        return None


def dial(store: Store, asked: Asked, handle: str) -> None:
    """The phone begins to call; whoever holds it speaks."""
    phone = phones.of(store, letters.row_of(store, handle)["phone"])
    if phone.dials is None:
        raise Refused("phone_cannot_dial", phone=phone.name)
    number = letters.number_to_call(store, handle)
    status = _answer(asked, phone.dials, "/calls", {"call": {"phoneNumber": number}})
    if status is None:
        raise Refused("phone_does_not_answer", phone=phone.name)
    if not 200 <= status < 300:
        raise Refused("phone_refused", phone=phone.name, status=status)


def send(store: Store, asked: Asked, handle: str, text: str, id: str) -> Mapping[str, Any]:
    """How it stands with this message; asked twice under one id, it is sent once. The text is kept nowhere."""
    phone = phones.of(store, letters.row_of(store, handle)["phone"])
    before = _state(store, id)
    if before and not _may_go_again(before, store.clock.now()):
        return _told(before)
    if phone.sends is None:
        raise Refused("phone_cannot_send", phone=phone.name)
    number = letters.number_to_call(store, handle)
    _note(store, id, handle, phone.code)
    told = {"id": id, "textMessage": {"text": text}, "phoneNumbers": [number], "withDeliveryReport": True}
    return _given(store, id, _answer(asked, phone.sends, "/message", told))


def _state(store: Store, id: str) -> sqlite3.Row | None:
    found = store.rows("SELECT * FROM outgoing WHERE id = ?", (id,))
    return found[0] if found else None


def _may_go_again(row: sqlite3.Row, now: int) -> bool:
    """It never reached the phone, as far as we know; should it have, the phone knows it by its id."""
    lost = row["state"] == "pending" and now - row["asked_at"] >= ASK_AGAIN
    return row["given_at"] is None and (row["state"] == "failed" or lost)


def _note(store: Store, id: str, handle: str, phone: str) -> None:
    """Before the phone is asked: a message that went out is one that we know of."""
    now = store.clock.now()
    with store.writing() as db:
        db.execute(
            "INSERT INTO outgoing VALUES (?, ?, ?, 'pending', '', ?, NULL, ?)"
            " ON CONFLICT (id) DO UPDATE SET state = 'pending', reason = '', asked_at = ?, changed_at = ?",
            (id, bytes.fromhex(handle), phone, now, now, now, now),
        )


def _given(store: Store, id: str, status: int | None) -> Mapping[str, Any]:
    now = store.clock.now()
    is_given = status is not None and (200 <= status < 300 or status == _THERE_ALREADY)
    reason = "" if is_given else "phone_silent" if status is None else "phone_refused"
    with store.writing() as db:
        if is_given:
            db.execute("UPDATE outgoing SET given_at = ?, changed_at = ? WHERE id = ?", (now, now, id))
        else:
            # The phone may have said how it went in the meantime; that counts for more.
            db.execute(
                "UPDATE outgoing SET state = 'failed', reason = ?, changed_at = ? WHERE id = ? AND state = 'pending'",
                (reason, now, id),
            )
    found = _state(store, id)
    return _told(found) if found else {}


def learn(db: sqlite3.Connection, phone: str, event: Event, now: int) -> None:
    """What became of it, in whatever order it is told. What was delivered has not failed."""
    row = db.execute("SELECT * FROM outgoing WHERE id = ? AND phone = ?", (event.message, phone)).fetchone()
    if row is None or row["state"] == "delivered":
        return
    if event.state == "sent" and row["state"] == "failed" and row["given_at"] is not None:
        return
    db.execute(
        "UPDATE outgoing SET state = ?, reason = ?, given_at = coalesce(given_at, ?), changed_at = ? WHERE id = ?",
        (event.state, event.reason, now, now, event.message),
    )


def listed(store: Store, since: int) -> list[Mapping[str, Any]]:
    return [
        _told(row) for row in store.rows("SELECT * FROM outgoing WHERE changed_at >= ? ORDER BY changed_at", (since,))
    ]


def _told(row: sqlite3.Row) -> dict[str, Any]:
    told = {name: row[name] for name in ("id", "state", "reason", "changed_at")}
    return {**told, "handle": row["handle"].hex()}
