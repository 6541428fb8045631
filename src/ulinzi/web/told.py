"""Values of any record as words: codes by their labels, persons by their names, references by what they point at.

What another version wrote is shown as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ulinzi.accounts import rules as accounts
from ulinzi.desk import rules as desk
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.shapes import Row, Shape
from ulinzi.places import rules as places
from ulinzi.web import labels, people, profile, times
from ulinzi.web.labels import Labels

Names = Mapping[UUID, str]

_ALL = (
    desk.TASK,
    desk.STEP,
    accounts.PERSON,
    accounts.GRANT,
    accounts.TEAM,
    accounts.MEMBERSHIP,
    places.AREA,
)
SHAPES: Mapping[str, Shape] = {shape.label: shape for shape in _ALL}

CODES: Mapping[tuple[str, str], Labels] = {
    ("desk.Task", "urgency"): labels.URGENCY,
    ("desk.Task", "tiers"): labels.TIERS,
    ("desk.Task", "due_basis"): labels.DUE_BASIS,
    ("desk.Step", "kind"): labels.STEPS,
    ("accounts.Person", "body"): labels.BODIES,
    ("accounts.Person", "language"): labels.LANGUAGES,
    ("accounts.Grant", "decision"): labels.GRANT_STATES,
    ("accounts.Grant", "ended"): labels.GRANT_STATES,
    ("accounts.Membership", "left"): labels.MEMBER_STATES,
    ("places.Area", "kind"): labels.AREA_KINDS,
}


def value(label: str, name: str, told: Any, names: Names) -> str:
    """One field of a record of this kind; nothing where nothing was written."""
    if told is None or told == []:
        return ""
    shape = SHAPES.get(label)
    kind = shape.field[name].type if shape and name in shape.field else ""
    if kind == "person":
        return people.name(told)
    if kind == "ref":
        return names.get(told) or _nowhere(name)
    if kind == "time":
        return f"{times.show_date(told)} {times.show_time(told)}"
    if name == "place":
        return profile.office(told)
    if (label, name) == ("accounts.Grant", "role"):
        return profile.role(told)
    return _coded(CODES.get((label, name), {}), told)


def _coded(words: Labels, told: Any) -> str:
    return ", ".join(labels.of(words, one) for one in told) if isinstance(told, list) else labels.of(words, str(told))


def _nowhere(name: str) -> str:
    return _("an area that is not here") if name in ("area", "parent") else _("something that is not here")


def role(values: Mapping[str, Any]) -> str:
    """A role with where it holds; either may be unknown here."""
    named = profile.role(values["role"]) if values.get("role") else ""
    return ", ".join(one for one in (named, profile.office(values.get("place"))) if one)


def apart(torn: Iterable[tuple[str, Row]]) -> frozenset[Dot]:
    """Where the values were written that stand beside each other in these records, each by its kind."""
    return standing(one for label, row in torn for one in ledger.groups_of(label, row["id"], row).values())


def standing(groups: Iterable[ledger.GroupState]) -> frozenset[Dot]:
    torn = (one for one in groups if one.conflict)
    return frozenset(dot for group in torn for leaf in group.leaves for dot in leaf.dots)


def refs(label: str, values: Mapping[str, Any]) -> set[UUID]:
    """What these values point at: whose names a page has to know."""
    shape = SHAPES.get(label)
    found = [values.get(one.name) for one in shape.fields if one.type == "ref"] if shape else []
    return {one for one in found if one}
