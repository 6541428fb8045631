"""Where an alert is, by name and as far as the reader may know: the community, else the area, else as it was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from ulinzi.accounts.rules import Rights
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries as places
from ulinzi.web import plain

Names = Mapping[UUID, str]


def names(rows: Iterable[Row], reader: Rights, besides: Iterable[UUID | None] = ()) -> Names:
    """Of all of them at once; `besides`: other places that the page names."""
    listed = list(rows)
    found = places.place_names({row["community"] for row in listed} | set(besides), reader)
    return {**found, **places.names({row["area"] for row in listed if row["area"]})}


def said(row: Row, names: Names) -> str:
    found = names.get(row["community"]) or row["place_said"] or names.get(row["area"])
    return plain.visible(found) if found else _("place not known here")


def around(row: Row, names: Names) -> str:
    """The area, where it is not the place itself."""
    found = names.get(row["area"]) or ""
    return plain.visible(found) if found and found != said(row, names) else ""
