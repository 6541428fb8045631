"""Six fictitious people who stand in until there are accounts. Whoever sits at this machine chooses one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ulinzi.kernel import ids


@dataclass(frozen=True)
class Person:
    code: str
    name: str
    role: str

    @property
    def id(self) -> UUID:
        return ids.derived_id("web.person", self.code)


PEOPLE = (
    Person("odhal", "Maren Odhal", gettext_lazy("watch officer")),
    Person("vessin", "Tomas Vessin", gettext_lazy("community liaison assistant")),
    Person("dusane", "Iria Dusane", gettext_lazy("base commander")),
    Person("telwe", "Ossan Telwe", gettext_lazy("protection adviser")),
    Person("korum", "Davi Korum", gettext_lazy("human rights officer")),
    Person("rensa", "Lioba Rensa", pgettext_lazy("role", "head of office")),
)
_BY_CODE = {person.code: person for person in PEOPLE}
_BY_ID = {person.id: person for person in PEOPLE}


def coded(code: str) -> Person | None:
    return _BY_CODE.get(code)


def known(person: UUID | None) -> Person | None:
    return _BY_ID.get(person) if person else None


def name(person: UUID | None) -> str:
    """A name for a page; an id that nobody here has is shown as what it is."""
    if person is None:
        return _("name erased")
    found = known(person)
    return found.name if found else _("person %(id)s, not known here") % {"id": str(person)[:8]}
