"""Areas: what they are made of, and what a good one looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Field, Group, Kind, Sensitivity, Shape

KINDS = ("province", "district", "area")

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


def check_area(values: Mapping[str, Any]) -> None:
    if not (values.get("name") or "").strip():
        raise Refused("name_missing", field="name")
    if values.get("kind") not in KINDS:
        raise Refused("code_unknown", field="kind", value=values.get("kind"))
