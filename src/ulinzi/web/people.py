"""Names for pages: asked for once a request, however many names a page shows."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from uuid import UUID

from django.utils.translation import gettext as _

from ulinzi.accounts import queries
from ulinzi.ledger.shapes import Row
from ulinzi.web import plain

_names: ContextVar[dict[UUID, str] | None] = ContextVar("ulinzi_names", default=None)
_everybody: ContextVar[list[Row] | None] = ContextVar("ulinzi_everybody", default=None)


def forget() -> None:
    """At the start of each request: somebody may have been renamed."""
    _names.set(None)
    _everybody.set(None)


def everybody() -> list[Row]:
    """Whoever has a name here, read once a request: for the names, and for whom to choose from."""
    found = _everybody.get()
    if found is None:
        found = queries.everybody()
        _everybody.set(found)
        remember(found)
    return found


def remember(everybody: Iterable[Row]) -> None:
    """A page that has asked for everybody has asked for every name."""
    _keep({row["id"]: row["name"] or "" for row in everybody})


def _keep(found: dict[UUID, str]) -> dict[UUID, str]:
    known = found | {queries.console(): _("the console of this machine")}
    _names.set(known)
    return known


def name(person: UUID | None) -> str:
    """A name for a page; an id that nobody here has is shown as what it is."""
    if person is None:
        return _("name erased")
    known = _names.get()
    if known is None:
        everybody()
        known = _names.get() or {}
    if known.get(person) == "":
        return _("name erased")
    return plain.visible(known.get(person) or "") or _("person %(id)s, not known here") % {"id": str(person)[:8]}
