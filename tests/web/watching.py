"""Alerts for tests of screens: raised by people who may do everything, in a province, so long ago."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from tests.nodes import NOON, person
from tests.web.conftest import Persona, add_one
from ulinzi.accounts.rules import Rights, Role
from ulinzi.alerts import actions, queries
from ulinzi.alerts.rules import Step
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.shapes import Row
from ulinzi.places import actions as places

ME = person("me")


def officer(code: str = "brahane", *places: str) -> Persona:
    """A watch officer of these provinces; of the north where none is named."""
    return add_one(code, *((Role.WATCH_OFFICER, one) for one in places or ("north",)))


def raised(minutes_ago: float = 0, *, compartment: str = "north", take: bool = False, **told: Any) -> UUID:
    """Somebody without a role raises it: it is nobody's, unless it is taken."""
    values = {"what": "armed_men", "who": "armed_unknown", "priority": "p1", "channel": "sms", "place_said": "the ford"}
    values |= {"received_at": NOON - round(minutes_ago * MINUTE)} | told
    made = actions.raise_alert(compartment=compartment, by=ME, **values)
    if not take:
        actions.undo(made, queries.undoable(queries.steps(row(made), reader())) or made, by=ME)
    return made


def step(alert: UUID, kind: Step, code: str | None = None, *, ago: float | None = None, **told: Any) -> UUID:
    happened_at = None if ago is None else NOON - round(ago * MINUTE)
    return actions.step(alert, kind, by=ME, code=code, happened_at=happened_at, **told)


def reader() -> Rights:
    return Rights(ME, all=True)


def row(alert: UUID) -> Row:
    return queries.alert(alert, reader())


def community(name: str, compartment: str = "north") -> UUID:
    return places.add_community(compartment=compartment, by=ME, name=name)


def body(response: HttpResponse) -> str:
    """What a page shows, its spaces made one."""
    return " ".join(response.content.decode().split())
