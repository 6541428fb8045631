"""Areas, communities and bases: what they are made of, what a good one looks like, and how one is found by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ulinzi.kernel.errors import Refused
from ulinzi.kernel.folding import folded
from ulinzi.ledger.shapes import Children, Derived, Field, Group, Kind, Row, Sensitivity, Shape

KINDS = ("province", "district", "area")
BASES = ("company", "temporary", "police", "office")
PRECISIONS = ("spot", "village", "area")

AREA = Shape(
    number=1,
    label="places.Area",
    schema=1,
    groups=(
        Group(
            1,
            "name",
            Kind.LAST,
            Sensitivity.PUBLIC,
            (
                Field(1, "name", "text", max_length=120),
                Field(2, "kind", "code", choices=KINDS),
                Field(3, "parent", "ref", to="places.Area"),
            ),
        ),
        Group(2, "source", Kind.FIXED, Sensitivity.PUBLIC, (Field(4, "code", "text", max_length=40),)),
    ),
)


def _folded_names(place: Row, children: Children) -> dict[str, Any]:
    """Every spelling, one a line: a place is found by any of them."""
    return {"folded_names": "\n".join(folded(one) for one in spellings(place))}


def spellings(place: Row) -> list[str]:
    """The name, then what else people call it."""
    also = (place.get("also") or "").split(";")
    return [one.strip() for one in (place["name"] or "", *also) if one.strip()]


# That people of a community talk to us is what could get them killed: which communities there are is not public.
COMMUNITY = Shape(
    number=8,
    label="places.Community",
    schema=1,
    groups=(
        Group(
            1,
            "name",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(1, "name", "text", max_length=120), Field(2, "also", "text", max_length=400)),
        ),
        Group(2, "where", Kind.LAST, Sensitivity.RESTRICTED, (Field(3, "area", "ref", to="places.Area"),)),
        Group(
            3,
            "position",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (
                Field(4, "lon", "int"),
                Field(5, "lat", "int"),
                Field(6, "precision", "code", choices=PRECISIONS),
            ),
        ),
    ),
    derived=(Derived("folded_names", "text"),),
    derive=_folded_names,
)

BASE = Shape(
    number=9,
    label="places.Base",
    schema=1,
    groups=(
        Group(
            1,
            "name",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (
                Field(1, "name", "text", max_length=120),
                Field(2, "also", "text", max_length=400),
                Field(3, "kind", "code", choices=BASES),
            ),
        ),
        Group(2, "where", Kind.LAST, Sensitivity.RESTRICTED, (Field(4, "area", "ref", to="places.Area"),)),
        Group(
            3,
            "position",
            Kind.LAST,
            Sensitivity.CONFIDENTIAL,
            (
                Field(5, "lon", "int"),
                Field(6, "lat", "int"),
                Field(7, "precision", "code", choices=PRECISIONS),
            ),
        ),
    ),
    derived=(Derived("folded_names", "text"),),
    derive=_folded_names,
)


def check_area(values: Mapping[str, Any]) -> None:
    if not (values.get("name") or "").strip():
        raise Refused("name_missing", field="name")
    if values.get("kind") not in KINDS:
        raise Refused("code_unknown", field="kind", value=values.get("kind"))


def check_place(values: Mapping[str, Any]) -> None:
    """A community or a base: it has a name, and a position that is on the earth or none."""
    if not (values.get("name") or "").strip():
        raise Refused("name_missing", field="name")
    lon, lat = values.get("lon"), values.get("lat")
    if (lon is None) != (lat is None):
        raise Refused("position_halved", field="lat" if lat is None else "lon")
    if lon is not None and lat is not None and not (abs(lon) <= 180_000_000 and abs(lat) <= 90_000_000):
        raise Refused("position_nowhere", field="lon" if abs(lon) > 180_000_000 else "lat")


def matching(places: Iterable[Row], words: str) -> list[Row]:
    """Those that somebody may mean: exactly so called first, then beginning so, then holding it; by name within.

    Two that are called the same both come: which one is meant, a person says.
    """
    wanted = folded(words)
    ranked = [(_rank(place["folded_names"] or "", wanted), place) for place in places] if wanted else []
    found = [(rank, place) for rank, place in ranked if rank is not None]
    return [place for _, place in sorted(found, key=lambda one: (one[0], one[1]["name"] or "", one[1]["id"].int))]


def so_called(places: Iterable[Row], words: str) -> list[Row]:
    """Those of them whose name, or one of whose names, is exactly this."""
    wanted = folded(words)
    return [place for place in places if wanted and wanted in (place["folded_names"] or "").split("\n")]


def _rank(names: str, wanted: str) -> int | None:
    told = names.split("\n")
    if wanted in told:
        return 0
    if any(one.startswith(wanted) for one in told):
        return 1
    return 2 if wanted in names else None
