"""The phones: whose office they serve, how their messages are signed, where they are told to send and dial."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ulinzi.gateway import numbers
from ulinzi.gateway.store import Store
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import NotFound, Refused

USUAL_GAP = 15 * MINUTE
SILENT_AFTER = 3
DUTY = "/duty"
"""In the counts, where a phone has its code, which holds no such sign."""
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")


@dataclass(frozen=True)
class Door:
    """Where a phone listens, and as whom we come."""

    url: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True)
class Phone:
    code: str
    compartment: str
    name: str
    signing: bytes
    calling_code: str = ""
    usual_gap: int = USUAL_GAP
    sends: Door | None = None
    dials: Door | None = None


def check(phone: Phone) -> None:
    if not _CODE.fullmatch(phone.code):
        raise Refused("phone_code_not_allowed", given=phone.code)
    if phone.calling_code and not numbers.is_calling_code(phone.calling_code):
        raise Refused("calling_code_not_allowed", given=phone.calling_code)
    for door in (phone.sends, phone.dials):
        if door is not None:
            _check_url(door.url)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.username
    except ValueError:
        right = False
    if not right:
        raise Refused("phone_address_not_allowed", given=url)


def add(store: Store, phone: Phone) -> None:
    """What was known of it before is replaced; when it was last heard stays."""
    check(phone)
    about = phone.code.encode()
    told = (phone.code, phone.compartment, phone.name, phone.calling_code, phone.usual_gap)
    sealed = (store.seal(about + b"/signing", phone.signing.hex()), _door(store, about + b"/sends", phone.sends))
    with store.writing() as db:
        db.execute(
            "INSERT INTO phone (code, compartment, name, calling_code, usual_gap, signing, sends, dials)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET compartment = excluded.compartment,"
            " name = excluded.name, calling_code = excluded.calling_code, usual_gap = excluded.usual_gap,"
            " signing = excluded.signing, sends = excluded.sends, dials = excluded.dials",
            (*told, *sealed, _door(store, about + b"/dials", phone.dials)),
        )


def _door(store: Store, about: bytes, door: Door | None) -> bytes | None:
    return None if door is None else store.seal(about, json.dumps([door.url, door.user, door.password]))


def find(store: Store, code: str) -> Phone | None:
    found = store.rows("SELECT * FROM phone WHERE code = ?", (code,))
    return _phone(store, found[0]) if found else None


def of(store: Store, code: str) -> Phone:
    found = find(store, code)
    if found is None:
        raise NotFound("phone_unknown", given=code)
    return found


def _phone(store: Store, row: sqlite3.Row) -> Phone:
    about = row["code"].encode()
    return Phone(
        row["code"], row["compartment"], row["name"],
        signing=bytes.fromhex(store.unseal(about + b"/signing", row["signing"])),
        calling_code=row["calling_code"],
        usual_gap=row["usual_gap"],
        sends=_opened(store, about + b"/sends", row["sends"]),
        dials=_opened(store, about + b"/dials", row["dials"]),
    )  # fmt: skip


def _opened(store: Store, about: bytes, sealed: bytes | None) -> Door | None:
    return None if sealed is None else Door(*json.loads(store.unseal(about, sealed)))


def heard(db: sqlite3.Connection, code: str, now: int) -> None:
    """A clock that was set back does not take back what was heard."""
    db.execute("UPDATE phone SET last_heard = max(coalesce(last_heard, 0), ?) WHERE code = ?", (now, code))


def listed(store: Store) -> list[Mapping[str, Any]]:
    """How each is. Never its keys or addresses. What was refused, by its key or at /duty, since the gateway started."""
    now = store.clock.now()
    return [_told(store, row, now) for row in store.rows("SELECT * FROM phone ORDER BY code")]


def _told(store: Store, row: sqlite3.Row, now: int) -> dict[str, Any]:
    told = {name: row[name] for name in ("code", "name", "compartment", "last_heard", "usual_gap")}
    silent = row["last_heard"] is None or now - row["last_heard"] > SILENT_AFTER * row["usual_gap"]
    can = {"sends": row["sends"] is not None, "dials": row["dials"] is not None}
    # The page of the duty phone is one for all: whoever looks at any phone sees that somebody tries words there.
    refused = store.counts[row["code"], "refused"] + store.counts[DUTY, "refused"]
    return told | can | {"silent": silent, "refused": refused}
