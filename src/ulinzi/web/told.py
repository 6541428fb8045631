"""Values of any record as words: codes by their labels, persons by their names, references by what they point at.

What another version wrote is shown as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from ulinzi.accounts import rules as accounts
from ulinzi.alerts import rules as alerts
from ulinzi.desk import rules as desk
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.shapes import Row, Shape
from ulinzi.messages import rules as messages
from ulinzi.network import rules as network
from ulinzi.places import rules as places
from ulinzi.reports import rules as reports
from ulinzi.responses import rules as responses
from ulinzi.web import labels, labels_alerts, labels_messages, people, profile, times
from ulinzi.web.labels import Labels

Names = Mapping[UUID, str]

_ALL = (
    desk.TASK,
    desk.STEP,
    desk.ERASURE,
    accounts.PERSON,
    accounts.GRANT,
    accounts.TEAM,
    accounts.MEMBERSHIP,
    places.AREA,
    places.COMMUNITY,
    places.BASE,
    network.SOURCE,
    network.LIAISON,
    network.SHIFT,
    messages.MESSAGE,
    messages.STEP,
    reports.REPORT,
    alerts.ALERT,
    alerts.STEP,
    responses.RESPONSE,
    responses.STEP,
)
SHAPES: Mapping[str, Shape] = {shape.label: shape for shape in _ALL}


def _step_codes() -> Labels:
    """Of any step; what one means in a step of its kind, `labels_alerts.code_of` says."""
    listed = (*labels_alerts.CODES.values(), labels_alerts.NO_RESPONSE)
    return {code: word for words in listed for code, word in words.items()}


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
    ("desk.Erasure", "what"): labels.ERASURES,
    ("desk.Erasure", "decision"): labels.ERASURE_STATES,
    ("places.Area", "kind"): labels.AREA_KINDS,
    ("places.Community", "precision"): labels.PRECISIONS,
    ("places.Base", "kind"): labels.BASES,
    ("places.Base", "precision"): labels.PRECISIONS,
    ("network.Source", "kind"): labels.SOURCES,
    ("network.Source", "contact"): labels.CONTACT,
    ("network.Source", "reply"): labels.REPLY,
    ("network.Source", "ended"): labels.SOURCE_STATES,
    ("network.Liaison", "ended"): labels.LIAISON_STATES,
    ("network.Shift", "post"): labels.POSTS,
    ("network.Shift", "ended"): labels.SHIFT_STATES,
    ("messages.Message", "channel"): labels_alerts.CHANNELS,
    ("messages.Step", "kind"): labels_messages.STEPS,
    # What came of a call, and why one is set aside: no code is both.
    ("messages.Step", "code"): {**labels_messages.ASIDE, **labels_messages.CALLED},
    ("reports.Report", "channel"): labels_alerts.CHANNELS,
    ("reports.Report", "what"): labels_alerts.WHAT,
    ("reports.Report", "happened"): labels_alerts.WHEN,
    ("reports.Report", "ongoing"): labels_alerts.ONGOING,
    ("reports.Report", "who"): labels_alerts.WHO,
    ("reports.Report", "unknown_why"): labels_alerts.UNKNOWN_WHY,
    # Grades are said by their letter and number wherever they are used.
    ("reports.Report", "reliability"): {one: one for one in reports.RELIABILITY},
    ("reports.Report", "credibility"): {one: one for one in reports.CREDIBILITY},
    ("alerts.Alert", "channel"): labels_alerts.CHANNELS,
    ("alerts.Alert", "what"): labels_alerts.WHAT,
    ("alerts.Alert", "priority"): labels_alerts.PRIORITY,
    ("alerts.Alert", "who"): labels_alerts.WHO,
    ("alerts.Step", "kind"): labels_alerts.STEPS,
    ("alerts.Step", "code"): _step_codes(),
    ("responses.Response", "responder"): labels_alerts.RESPONDERS,
    ("responses.Response", "way"): labels_alerts.WAYS,
    ("responses.Step", "kind"): labels_alerts.RESPONSE_STEPS,
    ("responses.Step", "outcome"): labels_alerts.OUTCOMES,
}


def group(label: str, name: str) -> str:
    """What a part of such a record is called."""
    return str(labels.GROUPS_OF.get((label, name)) or labels.of(labels.GROUPS, name))


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
