"""Random histories of one record for Hypothesis: honest writes, forged ones, and bodies that no program would write."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from ulinzi.kernel import ids
from ulinzi.ledger.codec import BIRTH, ERASE, WRITE, Dot
from ulinzi.ledger.merge import Told, Tombs
from ulinzi.ledger.shapes import Field, Group, Kind, Sensitivity, Shape

NORTH, SOUTH = "north", "south"
RECORD = ids.derived_id("histories", "record", compartment=NORTH).bytes
ROOT = ids.derived_id("histories", "root", compartment=NORTH).bytes
FEEDS = (b"a" * 16, b"b" * 16, b"c" * 16)
MOST = 9
MODEL, UNKNOWN_GROUP = 7, 99
SCALE = ("low", "middle", "high")
OPEN = Sensitivity.RESTRICTED


def _to_schema_2(group: int, values: dict[int, Any]) -> list[tuple[int, dict[int, Any]]]:
    """The time was text once; what cannot be read as a number stops this step, and must stop nothing else."""
    return [(group, {**values, 4: int(values[4])})] if values.get(4) is not None else [(group, values)]


def _to_schema_3(group: int, values: dict[int, Any]) -> list[tuple[int, dict[int, Any]]]:
    """The second field of group 1 moved into a group of its own."""
    if group != 1:
        return [(group, values)]
    return [(1, {number: value for number, value in values.items() if number != 2}), (6, {2: values.get(2)})]


SHAPE = Shape(
    MODEL,
    "histories.Thing",
    3,
    (
        Group(
            1, "words", Kind.LAST, OPEN, (Field(1, "title", "text", max_length=5), Field(3, "open", "bool")), since=3
        ),
        Group(2, "when", Kind.LAST, OPEN, (Field(4, "at", "time"), Field(5, "who", "person")), since=2),
        Group(3, "urgency", Kind.MAX, OPEN, (Field(6, "urgency", "code", choices=SCALE),), scale=SCALE),
        Group(4, "tiers", Kind.UNION, OPEN, (Field(7, "tiers", "codes", choices=("x", "y")),)),
        Group(5, "origin", Kind.FIXED, OPEN, (Field(8, "raw", "bytes", max_length=3), Field(9, "of", "ref"))),
        Group(6, "contact", Kind.LAST, OPEN, (Field(2, "contact", "text"),), since=3),
    ),
    upcasts={1: _to_schema_2, 2: _to_schema_3},
)
FIELDS = {group.number: [one.number for one in group.fields] for group in SHAPE.groups} | {UNKNOWN_GROUP: [1]}

GOOD: dict[int, list[Any]] = {
    1: [None, "one", "two"],
    2: [None, "ana", "bori"],
    3: [None, True, False],
    4: [None, 0, 5],
    5: [None, RECORD],
    6: [None, *SCALE, "beyond", "above"],
    7: [None, [], ["x"], ["x", "y"], ["y", "y"], ["z"]],
    8: [None, b"", b"abc"],
    9: [None, ROOT],
}
BAD: list[Any] = ["too long for it", "\x00", 2**63, -(2**63), 1, b"abcd", [1], ["\x00"], {1: 2}, "12", True]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=2) | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.integers(0, 3), inner, max_size=2),
    max_leaves=8,
)


class History(NamedTuple):
    told: list[Told]
    tombs: dict[str, Tombs]


def dot_of(place: int) -> Dot:
    return Dot(FEEDS[place % len(FEEDS)], place + 1, 1)


DOTS = [dot_of(place) for place in range(MOST)] + [Dot(FEEDS[0], 99, 1)]
SEEN = st.none() | st.lists(st.sampled_from(DOTS), max_size=4).map(lambda dots: [list(dot) for dot in dots])
USUALLY = st.sampled_from([True] * 11 + [False])


@st.composite
def values(draw: st.DrawFn, group: int) -> dict[int, Any]:
    found = {}
    for number in FIELDS[group] if draw(USUALLY) else [1, 2, 4, 50]:
        found[number] = draw(st.sampled_from(GOOD.get(number, [None]) if draw(USUALLY) else BAD))
    return found


@st.composite
def writes(draw: st.DrawFn) -> list[Any]:
    group = draw(st.sampled_from([*FIELDS, 5, 5]))
    body = [MODEL, RECORD, draw(st.sampled_from([1, 2, 3, 3, 3, 4])), group, draw(SEEN), draw(values(group))]
    if not draw(USUALLY):
        body[draw(st.integers(0, 5))] = draw(JUNK)
    return body


@st.composite
def birth_bodies(draw: st.DrawFn) -> list[Any]:
    body = [MODEL, RECORD, 3, draw(st.sampled_from([None, ROOT]))]
    if not draw(USUALLY):
        body[draw(st.integers(0, 3))] = draw(JUNK)
    return body


@st.composite
def tolds(draw: st.DrawFn, place: int) -> Told:
    kind = draw(st.sampled_from([BIRTH] + [WRITE] * 5)) if draw(USUALLY) else ERASE
    body = draw(birth_bodies() if kind == BIRTH else writes()) if draw(USUALLY) else draw(JUNK)
    compartment = NORTH if draw(USUALLY) else SOUTH
    return Told(compartment, dot_of(place), draw(st.integers(0, 3)), kind, body)


TOMBS = st.dictionaries(
    st.sampled_from([NORTH, SOUTH]),
    st.builds(Tombs, st.just(False), st.frozensets(st.sampled_from(list(FIELDS)), max_size=2)) | st.just(Tombs(True)),
    max_size=2,
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Mostly born, mostly not erased, in any order, some of it twice."""
    told = [draw(tolds(place)) for place in range(draw(st.integers(1, MOST)))]
    if draw(USUALLY):
        told.append(Told(NORTH, Dot(FEEDS[0], 50, 1), 0, BIRTH, [MODEL, RECORD, 3, None]))
    return History(told, {} if draw(st.booleans()) else draw(TOMBS))
