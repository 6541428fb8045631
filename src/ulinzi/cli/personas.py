"""Nineteen invented people, one for each role, and how they come into a node: for the demonstration and for tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from ulinzi.accounts import actions, queries
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.kernel.errors import NotFound


class Persona(NamedTuple):
    code: str
    name: str
    role: Role
    body: str
    place: str

    @property
    def id(self) -> UUID:
        return actions.person_id(self.code)


CIVILIAN, MILITARY, POLICE = "mission_civilian", "mission_military", "mission_police"

PERSONAS = (
    Persona("odhal", "Maren Odhal", Role.WATCH_OFFICER, MILITARY, "north"),
    Persona("vessin", "Tomas Vessin", Role.LIAISON_ASSISTANT, CIVILIAN, "north"),
    Persona("dusane", "Iria Dusane", Role.BASE_COMMANDER, MILITARY, "north"),
    Persona("brahane", "Selim Brahane", Role.POLICE_COMMANDER, POLICE, "north"),
    Persona("telwe", "Ossan Telwe", Role.PROVINCIAL_ADVISER, CIVILIAN, "north"),
    Persona("valmor", "Ines Valmor", Role.SENIOR_ADVISER, CIVILIAN, EVERYWHERE),
    Persona("tirel", "Joram Tirel", Role.TEAM_LEADER, CIVILIAN, "south"),
    Persona("anselo", "Pia Anselo", Role.PROVINCIAL_ANALYST, CIVILIAN, "south"),
    Persona("kestra", "Wim Kestra", Role.HEADQUARTERS_ANALYST, CIVILIAN, EVERYWHERE),
    Persona("korum", "Davi Korum", Role.HUMAN_RIGHTS_OFFICER, CIVILIAN, "north"),
    Persona("solenne", "Amara Solenne", Role.WOMEN_ADVISER, CIVILIAN, "north"),
    Persona("fendt", "Jory Fendt", Role.CHILD_ADVISER, CIVILIAN, "south"),
    Persona("ristow", "Lena Ristow", Role.DILIGENCE_OFFICER, CIVILIAN, EVERYWHERE),
    Persona("rensa", "Lioba Rensa", Role.HEAD_OF_OFFICE, CIVILIAN, "north"),
    Persona("adeyo", "Corin Adeyo", Role.LEADERSHIP, CIVILIAN, EVERYWHERE),
    Persona("malket", "Ester Malket", Role.SOURCE_HANDLER, CIVILIAN, EVERYWHERE),
    Persona("joubrel", "Mano Joubrel", Role.PARTNER, "partner", EVERYWHERE),
    Persona("haakon", "Tilde Haakon", Role.SECURITY_OFFICER, "united_nations", EVERYWHERE),
    Persona("ferro", "Nils Ferro", Role.ADMINISTRATOR, CIVILIAN, EVERYWHERE),
)


def bring(found: Iterable[Persona], *, by: UUID, at: int | None = None) -> None:
    """Each person with the one role. Who is here already is left alone."""
    for one in found:
        try:
            queries.person(one.id)
        except NotFound:
            told = {"code": one.code, "name": one.name, "body": one.body, "held": (one.role, one.place)}
            actions.add_person(by=by, at=at, **told)
