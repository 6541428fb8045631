"""Reports: what was said, by which code, in six answers. Not what happened: that is judged later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ulinzi.kernel.errors import Refused
from ulinzi.kernel.replies import holds_number
from ulinzi.ledger.shapes import Field, Group, Kind, Sensitivity, Shape
from ulinzi.messages.rules import CHANNELS

# Twelve plain words; finer ones are for officers, later.
WHAT = (
    "attack_now",
    "attack_coming",
    "armed_men",
    "forces_left",
    "people_killed",
    "people_hurt",
    "people_taken",
    "people_fleeing",
    "burning",
    "tension",
    "abuse",
    "other",
)
WHO = (
    "armed_group",
    "army",
    "police",
    "self_defence",
    "mission",
    "civilians",
    "armed_unknown",
    "unknown",
)
UNKNOWN_WHY = ("not_seen", "not_said", "not_safe_to_ask", "accounts_differ")
ONGOING = ("yes", "no", "unknown")
WHEN = ("now", "hour", "day", "unknown")
RELIABILITY = ("A", "B", "C", "D", "E", "F")
CREDIBILITY = ("1", "2", "3", "4", "5", "6")
# What is proposed to whoever raises the alert; a person decides.
PRIORITY_OF: Mapping[str, str] = {
    "attack_now": "p1",
    "attack_coming": "p1",
    "people_killed": "p1",
    "people_taken": "p1",
    "abuse": "p1",
    "armed_men": "p2",
    "forces_left": "p2",
    "people_hurt": "p2",
    "people_fleeing": "p2",
    "burning": "p2",
    "tension": "p3",
    "other": "p3",
}

REPORT = Shape(
    number=15,
    label="reports.Report",
    schema=1,
    groups=(
        Group(1, "number", Kind.FIXED, Sensitivity.RESTRICTED, (Field(1, "number", "text", max_length=40),)),
        Group(
            2,
            "received",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(2, "channel", "code", choices=CHANNELS),
                Field(3, "received_at", "time"),
                Field(4, "entered_at", "time"),
                Field(5, "by_whom", "person"),
                Field(6, "message", "ref", to="messages.Message"),
            ),
        ),
        Group(
            3,
            "where",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(7, "community", "ref", to="places.Community"), Field(8, "area", "ref", to="places.Area")),
        ),
        Group(4, "what", Kind.LAST, Sensitivity.RESTRICTED, (Field(9, "what", "code", choices=WHAT),)),
        Group(
            5,
            "when",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (
                Field(10, "happened_at", "time"),
                Field(11, "happened", "code", choices=WHEN),
                Field(12, "ongoing", "code", choices=ONGOING),
            ),
        ),
        Group(
            6,
            "who",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(13, "who", "code", choices=WHO), Field(14, "unknown_why", "code", choices=UNKNOWN_WHY)),
        ),
        Group(
            7,
            "many",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(15, "people_min", "int"), Field(16, "people_max", "int")),
        ),
        Group(
            8,
            "words",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (Field(17, "words", "text", max_length=1000), Field(18, "place_said", "text", max_length=120)),
        ),
        Group(9, "source", Kind.LAST, Sensitivity.CONFIDENTIAL, (Field(19, "source", "ref", to="network.Source"),)),
        Group(
            10,
            "grade",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (
                Field(20, "reliability", "code", choices=RELIABILITY),
                Field(21, "credibility", "code", choices=CREDIBILITY),
            ),
        ),
    ),
)


def check_report(values: Mapping[str, Any]) -> None:
    """Six answers, each of which may be that it is not known; but each is given."""
    for name, known in (("what", WHAT), ("who", WHO), ("ongoing", ONGOING), ("happened", WHEN)):
        if values.get(name) not in known:
            raise Refused("answer_missing", field=name)
    if values["who"] == "unknown" and values.get("unknown_why") not in UNKNOWN_WHY:
        raise Refused("unknown_why_missing", field="unknown_why")
    if not (values.get("community") or values.get("area") or (values.get("place_said") or "").strip()):
        raise Refused("place_missing", field="place")
    if values["what"] == "abuse" and (values.get("words") or "").strip():
        raise Refused("abuse_in_words", field="words")  # what was done to somebody is told to nobody here (H09)
    check_words(values)
    low, high = values.get("people_min"), values.get("people_max")
    if low is not None and high is not None and not 0 <= low <= high:
        raise Refused("number_not_understood", field="many")


def check_words(values: Mapping[str, Any]) -> None:
    """The gateway keeps the number and forgets it; in words it would stay, and more people would read it."""
    for name in ("words", "place_said"):
        if holds_number(values.get(name)):
            raise Refused("number_in_words", field=name)


_MANY = re.compile(r"(\d{1,6})(?:\s*[-–à]\s*(\d{1,6}))?")


def counted(said: str) -> tuple[int | None, int | None]:
    """ "12", "10-20" or nothing: at least and at most; nothing is not known."""
    if not said.strip():
        return None, None
    found = _MANY.fullmatch(said.strip())
    if not found:
        raise Refused("number_not_understood", field="many")
    low, high = int(found[1]), int(found[2] or found[1])
    return (low, high) if low <= high else (high, low)
