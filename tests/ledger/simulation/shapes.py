"""The models of the simulation: a report and its steps, in two versions of the program.

In the second version the contact has left the group `words` for one of its own, and the scale has a new top.
"""

from __future__ import annotations

from typing import Any

from ulinzi.ledger.shapes import Field, Group, Kind, Sensitivity, Shape

REPORT, STEP = 1, 2
WORDS, WHERE, URGENCY, TIERS, ORIGIN, CONTACT = 1, 2, 3, 4, 5, 6
ACT, STEP_WORDS = 1, 2
TITLE, CONTACT_FIELD = 1, 2
LON, LAT = 3, 4

SCALE = ("routine", "soon", "now")
NEW_SCALE = (*SCALE, "flash")
TIER_CODES = ("dialogue", "environment", "physical")
OPEN, CLOSED = Sensitivity.RESTRICTED, Sensitivity.CONFIDENTIAL

_title = Field(TITLE, "title", "text")
_contact = Field(CONTACT_FIELD, "contact", "text")
_act = (Field(1, "kind", "code"), Field(2, "level", "int"), Field(3, "by", "person"))


def _report(schema: int, *, words: tuple[Group, ...], scale: tuple[str, ...], **more: Any) -> Shape:
    where = Group(WHERE, "where", Kind.LAST, OPEN, (Field(LON, "lon", "int"), Field(LAT, "lat", "int")))
    urgency = Group(URGENCY, "urgency", Kind.MAX, OPEN, (Field(5, "urgency", "code", choices=scale),), scale=scale)
    tiers = Group(TIERS, "tiers", Kind.UNION, OPEN, (Field(6, "tiers", "codes", choices=TIER_CODES),))
    origin = Group(ORIGIN, "origin", Kind.FIXED, OPEN, (Field(7, "source", "text"),))
    return Shape(REPORT, "sim.Report", schema, (*words, where, urgency, tiers, origin), children=("sim.Step",), **more)


def _split_words(group: int, values: dict[int, Any]) -> list[tuple[int, dict[int, Any]]]:
    if group != WORDS:
        return [(group, values)]
    return [(WORDS, {TITLE: values.get(TITLE)}), (CONTACT, {CONTACT_FIELD: values.get(CONTACT_FIELD)})]


REPORT_1 = _report(1, words=(Group(WORDS, "words", Kind.LAST, CLOSED, (_title, _contact)),), scale=SCALE)
REPORT_2 = _report(
    2,
    words=(
        Group(WORDS, "words", Kind.LAST, CLOSED, (_title,), since=2),
        Group(CONTACT, "contact", Kind.LAST, CLOSED, (_contact,), since=2),
    ),
    scale=NEW_SCALE,
    upcasts={1: _split_words},
)
STEP_1 = Shape(
    STEP,
    "sim.Step",
    1,
    (
        Group(ACT, "act", Kind.FIXED, OPEN, _act),
        Group(STEP_WORDS, "words", Kind.LAST, CLOSED, (Field(4, "words", "text"),)),
    ),
    root="sim.Report",
)

OLD, NEW = 1, 2
SHAPES = {OLD: {REPORT: REPORT_1, STEP: STEP_1}, NEW: {REPORT: REPORT_2, STEP: STEP_1}}


def today(shape: Shape, group: int, field: int) -> int:
    """The group in which the newest version keeps what is written now."""
    return CONTACT if (shape.number, group, field) == (REPORT, WORDS, CONTACT_FIELD) else group
