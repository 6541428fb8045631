"""One area: what it is, what it is part of, and what happened to it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ulinzi.ledger import queries as ledger
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries
from ulinzi.web import session, timeline, told

LABEL = "places.Area"


@require_safe
def area(request: HttpRequest, area: UUID) -> HttpResponse:
    me, row = session.acting(request), _known(request, area)
    events = queries.area_history(row, me.rights)
    names = queries.known_names(timeline.refs_in(events) | {row["parent"]}, me.rights)
    apart = told.apart([(LABEL, row)] if row["conflict"] else [])
    values = {
        "row": row,
        "kind": told.value(LABEL, "kind", row["kind"], names),
        "parent": told.value(LABEL, "parent", row["parent"], names),
        "parent_known": row["parent"] in names,
        "lines": timeline.lines(events, areas=names, own=ledger.own_feeds(events), apart=apart)[::-1],
    }
    return render(request, "web/area.html", values)


def _known(request: HttpRequest, area: UUID) -> Row:
    with session.looking_at(request, f"{LABEL}:{area}", purpose="area page") as me:
        return queries.known_area(area, me.rights)
