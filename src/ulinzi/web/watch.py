"""The watch: every open alert by the promise that falls due next, and beside it what is silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act, Rights
from ulinzi.alerts import queries
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.web import alert_lines, beside, board_alerts, labels_alerts, nexts, people, session, tables, times, where
from ulinzi.web.alert_lines import Told
from ulinzi.web.board_alerts import Due
from ulinzi.web.tables import Cell, Column, Head, Nothing, Table
from ulinzi.web.timeline import Line

# A page of the plain table.
PAGE = 50
LATEST = 3
# Beside the strips: those that wait to be taken.
MOST_LOOSE = 6


@require_safe
def watch(request: HttpRequest) -> HttpResponse:
    """Asked for again by itself whenever something moved: the clocks are as of that moment."""
    me, now = session.acting(request), nodes.current().clock.now()
    access.note("alerts.Alert:list", purpose="watch", by=me.id)
    dues = board_alerts.by_deadline(queries.open_alerts(me.rights), now)
    opened, groups = request.GET.get("when", ""), board_alerts.groups(dues, now)
    listed = board_alerts.chosen(groups, me.id, opened)
    shown = [one for one in dues if one.row["id"] in listed]
    names = where.names([one.row for one in shown], me.rights)
    mine = board_alerts.next_of(shown, me.rights, now)
    strips = [board_alerts.strip(one, names, me.rights, now, is_next=one is mine) for one in shown]
    values: dict[str, Any] = {
        "strips": strips,
        "loose": [one for one in strips if one.may_take][:MOST_LOOSE],
        "counts": board_alerts.counts(dues, now),
        "next_due": _next_due(dues, now),
        "rest": board_alerts.counted(groups, listed, now, opened),
        "opened": opened in groups,
        "urgent": any(one.row["priority"] == "p1" for one in dues),
        "sees_inbox": me.rights.may_anywhere(Act.SEE_MESSAGES),
    }
    values |= beside.shown(me.rights, now)
    if shown:
        duty = [one["person"] for one in values["duty"] if one["compartment"] == shown[0].row["compartment"]]
        values["first"] = _first(shown[0], me.rights, now, duty)
    return render(request, "web/watch.html", values)


def _next_due(dues: Sequence[Due], now: int) -> tuple[str, str] | None:
    """To the next promise that can still be kept."""
    coming = next((one.at for one in dues if one.at is not None and one.at >= now), None)
    return times.span(coming - now) if coming is not None else None


def _first(due: Due, reader: Rights, now: int, duty: Sequence[UUID]) -> dict[str, Any]:
    """The one strip that is open: what it waits for, with what can be done at once."""
    steps = queries.steps(due.row, reader)
    able = accounts.with_act(Act.TAKE_ALERTS, due.row["compartment"], people.everybody())
    return {
        "row": due.row,
        "next": nexts.said(due.row, due.clocks, now, nexts.Chain(able, now, duty), steps),
        "latest": _latest(due.row, steps),
        "may_step": reader.may(Act.TAKE_ALERTS, due.row["compartment"]),
        "may_decide": reader.may(Act.DECIDE_ALERTS, due.row["compartment"]),
        "may_respond": reader.may(Act.RESPOND, due.row["compartment"]),
    }


def _latest(row: Row, steps: Sequence[Row]) -> list[Line]:
    """The last that happened and counts; all of it stands in the file."""
    lines = alert_lines.lines(Told(row, steps, (), ()), {})
    return [one for one in lines if not one.undone][:LATEST]


# The same as a plain table: all of it, page by page.

_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("what", lazy("What")),
    ("priority", lazy("Priority")),
    ("place", lazy("Where")),
    ("waits", lazy("Waits for")),
    ("due", lazy("Due")),
    ("owner", lazy("Owner")),
    ("received", lazy("Received")),
)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    me, now = session.acting(request), nodes.current().clock.now()
    access.note("alerts.Alert:list", purpose="watch table", by=me.id)
    dues = board_alerts.by_deadline(queries.open_alerts(me.rights), now)
    wanted = board_alerts.groups(dues, now).get(request.GET.get("when", ""))
    values = {"table": _table(request, dues if wanted is None else wanted, me.rights, now)}
    return render(request, "web/watch_table.html", values)


def _table(request: HttpRequest, dues: Sequence[Due], reader: Rights, now: int) -> Table:
    count = max(1, -(-len(dues) // PAGE))
    page = min(max(_number(request.GET.get("page", "")), 1), count)
    listed = dues[(page - 1) * PAGE : page * PAGE]
    names = where.names([one.row for one in listed], reader)
    heads = [Head(Column(name, label, sorts=False)) for name, label in _COLUMNS]
    pages = tables.pages(page, count, PAGE, len(listed), len(dues), url=lambda number: _page(request, number))
    nothing = Nothing(_("No open alert."), _("That is not the same as calm: look at what is silent."))
    return Table("all-open", heads, [_line(one, names, now) for one in listed], pages, nothing)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _page(request: HttpRequest, page: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(page)
    return f"?{asked.urlencode()}"


def _line(due: Due, names: where.Names, now: int) -> list[Cell]:
    row = due.row
    what = labels_alerts.of(labels_alerts.WHAT, row["what"])
    return [
        Cell(what, board_alerts.url_of(row)),
        Cell(labels_alerts.of(labels_alerts.PRIORITY, row["priority"])),
        Cell(where.said(row, names)),
        Cell(str(nexts.HEADS[nexts.code(row, due.clocks)])),
        Cell(at=due.at, late=due.at is not None and due.at < now) if due.at is not None else Cell("–", quiet=True),
        Cell(people.name(row["owner"])) if row["owner"] else Cell(_("nobody"), quiet=True),
        Cell(at=row["received_at"]),
    ]
