"""The network: sources known by a code alone, liaison assistants, and who has the duty when.

A source's name and number are in no field here. The number is the gateway's own secret; what stands here is a code made
by chance, the community, and whether a call is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ulinzi.accounts.rules import Act, Rights
from ulinzi.gateway import codes
from ulinzi.kernel.chance import Chance
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Field, Group, Kind, Row, Sensitivity, Shape

# Whoever wrote or called and is not enrolled is `unknown`: a person deals with them, never a machine (H01).
SOURCES = ("elected", "confidential", "committee", "hub", "unknown")
CONTACT = ("call", "not_now", "never")
REPLY = ("none", "ring_back", "sms")
POSTS = ("duty_phone", "watch", "radio")
LANGUAGES_LONGEST = 120

SOURCE = Shape(
    number=10,
    label="network.Source",
    schema=1,
    groups=(
        Group(
            1,
            "code",
            Kind.FIXED,
            Sensitivity.CONFIDENTIAL,
            (Field(1, "code", "text", max_length=12),),
        ),
        Group(
            2,
            "home",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (Field(2, "community", "ref", to="places.Community"), Field(3, "kind", "code", choices=SOURCES)),
        ),
        # Only whether, never when or by whom: hours and cover stories are sealed (settled question 3).
        Group(
            3,
            "contact",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (Field(4, "contact", "code", choices=CONTACT), Field(5, "reply", "code", choices=REPLY)),
        ),
        Group(
            4,
            "end",
            Kind.MAX,
            Sensitivity.CONFIDENTIAL,
            (Field(6, "ended", "code", choices=("withdrawn",)), Field(7, "ended_at", "time")),
            scale=("withdrawn",),
        ),
    ),
)

LIAISON = Shape(
    number=11,
    label="network.Liaison",
    schema=1,
    groups=(
        Group(1, "person", Kind.FIXED, Sensitivity.RESTRICTED, (Field(1, "person", "person"),)),
        Group(
            2,
            "post",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (
                Field(2, "base", "ref", to="places.Base"),
                Field(3, "languages", "text", max_length=LANGUAGES_LONGEST),
                Field(4, "supervisor", "person"),
            ),
        ),
        Group(
            3,
            "end",
            Kind.MAX,
            Sensitivity.RESTRICTED,
            (Field(5, "ended", "code", choices=("ended",)), Field(6, "ended_at", "time")),
            scale=("ended",),
        ),
    ),
)

SHIFT = Shape(
    number=12,
    label="network.Shift",
    schema=1,
    groups=(
        Group(
            1,
            "duty",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (Field(1, "person", "person"), Field(2, "post", "code", choices=POSTS)),
        ),
        Group(
            2,
            "hours",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(3, "starts_at", "time"), Field(4, "ends_at", "time")),
        ),
        Group(
            3,
            "end",
            Kind.MAX,
            Sensitivity.RESTRICTED,
            (Field(5, "ended", "code", choices=("called_off",)), Field(6, "ended_at", "time")),
            scale=("called_off",),
        ),
    ),
)

MOST_HOURS = 24


def check_shift(values: Mapping[str, Any]) -> None:
    starts, ends = values.get("starts_at"), values.get("ends_at")
    if starts is None or ends is None or ends <= starts:
        raise Refused("shift_ends_before_it_starts", field="ends_at")
    if ends - starts > MOST_HOURS * 3600 * 1_000_000:
        raise Refused("shift_too_long", field="ends_at", hours=MOST_HOURS)


def may_share_duty(rights: Rights, compartment: str) -> bool:
    return rights.may(Act.EDIT_NETWORK, compartment) or rights.may(Act.HANDLE_MESSAGES, compartment)


def on_duty(shifts: Iterable[Row], now: int) -> list[Row]:
    """Who has the duty at a moment: the phone first, who came last first."""
    held = [one for one in shifts if one["ended"] is None and (one["starts_at"] or 0) <= now < (one["ends_at"] or 0)]
    return sorted(held, key=lambda one: (POSTS.index(one["post"]) if one["post"] in POSTS else 9, -one["starts_at"]))


def check_may_call(source: Row | None) -> None:
    """Whether a call may be made at all. Who is unknown may be called: politely, naming nothing (H02)."""
    if source is None:
        return
    if source["ended"]:
        raise Refused("source_withdrawn")
    if source["contact"] == "never":
        raise Refused("call_never")
    if source["contact"] == "not_now":
        raise Refused("call_not_now")


def may_call(source: Row | None) -> bool:
    return source is None or (not source["ended"] and source["contact"] not in ("never", "not_now"))


def check_may_write(source: Row | None) -> None:
    """An SMS goes to nobody who has not asked for it (H01)."""
    check_may_call(source)
    if source is None or source["reply"] != "sms":
        raise Refused("source_wants_no_sms")


def may_write(source: Row | None) -> bool:
    return source is not None and may_call(source) and source["reply"] == "sms"


# Who speaks to us in a village: with fewer than this many, one person's silence or lie is the village's.
ENOUGH_VOICES = 3


def few_voices(many: int) -> bool:
    return many < ENOUGH_VOICES


def check_source(values: Mapping[str, Any]) -> None:
    """Somebody who is enrolled: of a community, and of a kind that says under which rules."""
    if values.get("community") is None:
        raise Refused("community_missing", field="community")
    if values.get("kind") not in SOURCES or values["kind"] == "unknown":
        raise Refused("code_unknown", field="kind", value=values.get("kind"))


def loosens(now: str | None, wanted: str | None) -> bool:
    """Whether calling becomes easier than it was: whoever hears "never again" writes it down at once, but taking it
    back is for those who know the source.
    """
    return _strict(wanted) < _strict(now)


def _strict(contact: str | None) -> int:
    return CONTACT.index(contact) if contact in CONTACT else len(CONTACT)


# Codes: made by chance, so that nothing of the source can be read from one; sayable, and a slip is noticed.


def new_code(chance: Chance) -> str:
    return codes.new(codes.ENROLLED, chance)


def read_code(text: str) -> str:
    """A code as somebody typed or heard it, with or without the S before it."""
    typed = codes.as_typed(text)
    code = codes.ENROLLED + (typed[1:] if len(typed) == 9 and typed.startswith("S") else typed)
    if not codes.is_right(code):
        raise Refused("source_code_wrong", field="code")
    return code
