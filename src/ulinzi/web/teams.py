"""One team: who is in it, and what happened to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ulinzi.accounts import queries, rules
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.shapes import Row
from ulinzi.web import people, session, timeline, told

LABEL = "accounts.Team"


@require_safe
def team(request: HttpRequest, team: UUID) -> HttpResponse:
    me, row = session.acting(request), _known(request, team)
    memberships = queries.memberships([team])[team]
    torn = [(LABEL, row), *(("accounts.Membership", one) for one in memberships)]
    apart = told.apart((label, one) for label, one in torn if one["conflict"])
    events = queries.team_history(row, me.rights)
    lines = timeline.lines(events, areas={}, own=ledger.own_feeds(events), apart=apart)
    return render(request, "web/team.html", {"row": row, "members": _members(memberships, me), "lines": lines[::-1]})


def _members(memberships: list[Row], me: session.Acting) -> list[dict[str, Any]]:
    """Who is in it now. A name leads to its page where the reader may open that."""
    here = [one for one in memberships if one["left"] is None and one["member"]]
    held = queries.grants(one["member"] for one in here)
    found = [
        {
            "row": one,
            "name": people.name(one["member"]),
            "known": rules.may_know(me.rights, one["member"], held[one["member"]]),
        }
        for one in here
    ]
    return sorted(found, key=lambda one: str(one["name"]))


def _known(request: HttpRequest, team: UUID) -> Row:
    with session.looking_at(request, f"{LABEL}:{team}", purpose="team page") as me:
        return queries.known_team(team, me.rights)
