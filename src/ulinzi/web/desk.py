"""The desk: what waits for this person. Their own promises first, then what nobody has, then what waits for a yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ulinzi.accounts import queries as accounts
from ulinzi.accounts import rules as access_rules
from ulinzi.accounts.rules import EVERYWHERE, Act, Rights
from ulinzi.alerts import queries as alerts
from ulinzi.desk import queries
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries as places
from ulinzi.web import board_alerts, erase, people, session, strips, times, where
from ulinzi.web.strips import Strip

MOST = 50


@dataclass(frozen=True)
class Yes:
    """A right that waits for this person to confirm or refuse it."""

    person: str
    grant: Row


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Open to everybody who is signed in; each part is there for those whose role has it."""
    me, now = session.acting(request), nodes.current().clock.now()
    values = _tasks(me.rights, now) if me.rights.may_anywhere(Act.SEE_TASKS) else {}
    values |= {"yes": waiting_for(me.rights), "erasures": _erasures(me, now), "acts": me.rights.held}
    values["alerts"] = _alerts(me.rights, now)
    return render(request, "web/desk.html", values)


def _tasks(reader: Rights, now: int) -> dict[str, Any]:
    access.note("desk.Task:list", purpose="desk", by=reader.person)
    mine, loose = queries.owned(reader, limit=MOST), queries.late_and_loose(reader, now=now, limit=MOST)
    torn = queries.torn(reader, limit=MOST)
    names = places.names(row["area"] for row in [*mine, *loose, *torn])
    soonest = strips.coming(mine, now)

    def shown(rows: list[Row]) -> list[Strip]:
        return [strips.strip(row, names, reader.person, now, soonest) for row in rows]

    return {
        "sees_tasks": True,
        "sections": strips.sections(shown(mine)),
        "mine": len(mine),
        "late": sum(1 for row in mine if row["due_at"] is not None and row["due_at"] < now),
        "next_due": times.span(soonest["due_at"] - now) if soonest else None,
        "loose": shown(loose),
        "torn": shown(torn),
        "urgent": any(row["urgency"] == "now" for row in [*mine, *loose]),
        "most": MOST,
    }


def _alerts(reader: Rights, now: int) -> list[board_alerts.Strip]:
    """Those that this person has, or is asked to take, the next promise first."""
    if not reader.may_anywhere(Act.TAKE_ALERTS):
        return []
    mine = [row for row in alerts.open_alerts(reader) if reader.person in (row["owner"], row["climbed_to"])]
    if not mine:
        return []
    access.note("alerts.Alert:list", purpose="desk", by=reader.person)
    dues = board_alerts.by_deadline(mine, now)[:MOST]
    names = where.names([one.row for one in dues], reader)
    return [board_alerts.strip(one, names, reader, now) for one in dues]


@dataclass(frozen=True)
class Erasing:
    """A request to erase that this person decides on, or made and was told no."""

    asked: erase.Asked
    what: str

    @property
    def url(self) -> str:
        row = self.asked.row
        return reverse("person", args=[row["whose"]]) if row["whose"] else reverse("erase", args=[row["task"]])


def _erasures(me: session.Acting, now: int) -> list[Erasing]:
    """Where their yes or no is waited for; and, of what they asked for, what waits and what was declined."""
    found = erase.asked(queries.erasures(me.rights, now=now), me, now)
    mine = [one for one in found if one.mine or one.state == "waiting"]
    tasks = queries.tasks([one.row["task"] for one in mine if one.row["task"]], me.rights)
    named = [(one, people.name(one.row["whose"]) if one.row["whose"] else _number(tasks, one.row)) for one in mine]
    return [Erasing(one, name) for one, name in named if name]


def _number(tasks: Mapping[UUID, Row], asked: Row) -> str:
    """Of a task that has gone since there is none, and nothing to open."""
    return str(tasks[asked["task"]]["number"] or asked["task"]) if asked["task"] in tasks else ""


def waiting_for(reader: Rights) -> list[Yes]:
    """Rights that others asked for and this person may decide on."""
    if not reader.may_anywhere(Act.CONFIRM_GRANTS):
        return []
    found = [(person, one) for person, held in accounts.known(reader) for one in held if access_rules.waiting(one)]
    return [Yes(people.name(person["id"]), one) for person, one in found if _may_decide(reader, person, one)]


def _may_decide(reader: Rights, person: Row, grant: Row) -> bool:
    allowed = reader.may(Act.CONFIRM_GRANTS, grant["place"] or EVERYWHERE)
    return allowed and access_rules.may_decide(person, grant, reader.person)
