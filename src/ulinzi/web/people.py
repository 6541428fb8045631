"""Names for pages: asked for once a request, however many names a page shows."""

from __future__ import annotations

from contextvars import ContextVar
from uuid import UUID

from django.utils.translation import gettext as _

from ulinzi.accounts import queries
from ulinzi.web import plain

_names: ContextVar[dict[UUID, str] | None] = ContextVar("ulinzi_names", default=None)


def forget() -> None:
    """At the start of each request: somebody may have been renamed."""
    _names.set(None)


def name(person: UUID | None) -> str:
    """A name for a page; an id that nobody here has is shown as what it is."""
    if person is None:
        return _("name erased")
    known = _names.get()
    if known is None:
        known = queries.all_names() | {queries.console(): _("the console of this machine")}
        _names.set(known)
    if known.get(person) == "":
        return _("name erased")
    return plain.visible(known.get(person) or "") or _("person %(id)s, not known here") % {"id": str(person)[:8]}
