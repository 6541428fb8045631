"""What a phone says: the signature on it, and its JSON as one of a few events. Pure: bytes in, an event out.

The forms are those of android-sms-gateway and of its companion CallGate: docs/reference/gateway.md.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ulinzi.kernel.clock import SECOND

MOST_BYTES = 64 * 1024
SIGNATURE, TIMESTAMP = "x-signature", "x-timestamp"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNS_OF_LIFE = frozenset({"system:ping", "app:started"})
# What holds something somebody wrote, in a form that we do not take apart: a person gets it as it came.
_AS_IT_CAME = frozenset({"sms:data-received", "mms:received", "mms:downloaded"})
_CALLS = {"call:ringing": "ringing", "call:started": "started", "call:ended": "ended"}
_STATES = {"sms:sent": "sent", "sms:delivered": "delivered", "sms:failed": "failed"}
_REASONS = (
    ("no_network", ("NO_SERVICE", "RADIO_OFF", "NETWORK")),
    ("limit", ("LIMIT",)),
    ("too_late", ("TTL", "EXPIR")),
)


@dataclass(frozen=True)
class Event:
    """`mark` tells this message from the next one with the same words: its time, or what comes nearest to it."""

    kind: str
    number: str = ""
    words: str | None = None
    at: int | None = None
    mark: str = ""
    message: str = ""
    state: str = ""
    reason: str = ""


def signature(key: bytes, raw: bytes, stamp: str) -> str:
    return hmac.new(key, raw + stamp.encode("utf-8", "replace"), "sha256").hexdigest()


def is_signed(key: bytes, headers: Mapping[str, str], raw: bytes) -> bool:
    """Old time stamps are good: a phone without a network tries for two days, and twice said is once said."""
    given = headers.get(SIGNATURE, "").strip().lower().encode("utf-8", "replace")
    stamp = headers.get(TIMESTAMP, "")
    return bool(stamp) and hmac.compare_digest(signature(key, raw, stamp).encode(), given)


def read(raw: bytes, stamp: str) -> Event:
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("event"), str):
        return _as_it_came(raw, {})
    payload = told["payload"] if isinstance(told.get("payload"), dict) else {}
    return _event(told["event"], payload, str(told.get("id") or ""), stamp, raw)


def _event(name: str, payload: Mapping[str, Any], id: str, stamp: str, raw: bytes) -> Event:
    if name == "sms:received":
        return _sms(payload, id or stamp) if isinstance(payload.get("message"), str) else _as_it_came(raw, payload)
    if name in _AS_IT_CAME:
        return _as_it_came(raw, payload)
    if name in _CALLS:
        # Without an id two calls look alike, but for the time at which the phone spoke of them.
        return Event(_CALLS[name], _number(payload), at=seconds(stamp), mark=id or stamp)
    if name in _STATES:
        message, state = str(payload.get("messageId") or ""), _STATES[name]
        return Event("state", message=message, state=state, reason=_reason(payload) if state == "failed" else "")
    return Event("life" if name in _SIGNS_OF_LIFE else "other")


def _sms(payload: Mapping[str, Any], otherwise: str) -> Event:
    said = str(payload.get("receivedAt") or "")
    at = _moment(said)
    mark = str(at // SECOND) if at is not None else said or otherwise
    return Event("sms", _number(payload), whole(payload["message"]), at, mark)


def _as_it_came(raw: bytes, payload: Mapping[str, Any]) -> Event:
    return Event("sms", _number(payload), raw.decode("utf-8", "replace"), mark="as it came")


def _number(payload: Mapping[str, Any]) -> str:
    """`sender` in newer versions; nothing where the caller hides it."""
    given = payload.get("phoneNumber") or payload.get("sender")
    return whole(given) if isinstance(given, str) else ""


def whole(text: str) -> str:
    """Halves of one sign that were escaped apart become that sign again; a lone half becomes the sign for that."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _moment(said: str) -> int | None:
    """Microseconds; nothing where the zone is missing: an hour guessed wrong is worse than the time of arrival."""
    try:
        found = datetime.fromisoformat(said)
        return (found - _EPOCH) // timedelta(microseconds=1) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def seconds(stamp: str) -> int | None:
    return int(stamp) * SECOND if stamp.isascii() and stamp.isdecimal() and len(stamp) <= 11 else None


def _reason(payload: Mapping[str, Any]) -> str:
    """A class and never the phone's own sentence, which may hold the number."""
    said = str(payload.get("reason") or "").upper()
    return next((name for name, signs in _REASONS if any(one in said for one in signs)), "other")
