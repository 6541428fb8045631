"""All tasks: unfinished ones by the next promise, finished ones below, and the form that adds one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts.rules import HOME, Act
from ulinzi.desk import actions, queries
from ulinzi.kernel.clock import HOUR, MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries as places
from ulinzi.web import people, session, times, words
from ulinzi.web.forms import NewTaskForm

MOST_OPEN = 200
MOST_FINISHED = 50
_AHEAD = 24 * HOUR
_BEHIND = 3 * HOUR


@dataclass(frozen=True)
class Strip:
    """A task as one line of the board."""

    row: Row
    area: str
    owner: str
    number: str = ""
    unit: str = ""
    place: str = ""
    mine: bool = False
    is_next: bool = False


@dataclass(frozen=True)
class Section:
    name: str
    code: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class Tick:
    """A place on the ribbon, in per cent of its width."""

    at: str
    name: str = ""
    late: bool = False
    urgency: str = ""


@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    return _page(request, _form(request))


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    form = _form(request, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        task = _add(request, form)
    except Refused as error:
        form.add_error(None, str(words.said(error)))
        return _page(request, form, status=422)
    row = queries.task(task, session.acting(request).rights)
    messages.success(request, _("Saved here as %(number)s.") % {"number": row["number"]})
    return redirect("task", task)


def _add(request: HttpRequest, form: NewTaskForm) -> UUID:
    given = {name: value for name, value in form.values().items() if value is not None}
    compartment = form.cleaned_data["compartment"]
    return actions.add_task(compartment=compartment, by=session.acting(request).id, **given)


def _form(request: HttpRequest, posted: Any = None) -> NewTaskForm:
    held = session.acting(request).rights.where(Act.ADD_TASKS, _provinces())
    now = nodes.current().clock.now()
    return NewTaskForm(posted, compartments=held, areas=places.areas(held), now=now, auto_id="add-%s")


def _provinces() -> list[str]:
    return [one for one in ledger.compartments() if one != HOME]


def _page(request: HttpRequest, form: NewTaskForm, status: int = 200) -> HttpResponse:
    reader, now = session.acting(request).rights, nodes.current().clock.now()
    access.note("desk.Task:list", purpose="board", by=reader.person)
    unfinished = queries.open_tasks(reader, limit=MOST_OPEN)
    finished = queries.finished_tasks(reader, limit=MOST_FINISHED)
    names = places.names(row["area"] for row in [*unfinished, *finished])
    me, coming = session.acting(request).id, _coming(unfinished, now)
    values = {
        "form": form,
        "may_add": reader.may_anywhere(Act.ADD_TASKS),
        "counts": queries.counts(reader, now=now),
        "next_due": times.span(coming["due_at"] - now) if coming else None,
        "sections": sections([_strip(row, names, me, now, coming) for row in unfinished]),
        "ribbon": ribbon(unfinished, now),
        "hours": hours(now),
        "now_at": _percent(now, now),
        "shown": len(unfinished),
        "finished": [_strip(row, names, me, now) for row in finished],
    }
    return render(request, "web/board.html", values, status=status)


def _coming(rows: Sequence[Row], now: int) -> Row | None:
    """The next promise that can still be kept; the rows come in the order of their promises."""
    return next((row for row in rows if row["due_at"] is not None and row["due_at"] >= now), None)


def _strip(row: Row, names: dict[UUID, str], me: UUID, now: int, coming: Row | None = None) -> Strip:
    number, unit = times.span(row["due_at"] - now) if row["due_at"] is not None else ("", "")
    owner = people.name(row["owner"]) if row["owner"] else ""
    area = names.get(row["area"], "") if row["area"] else ""
    return Strip(row, area, owner, number, unit, _place(row, now), row["owner"] == me, row is coming)


def _place(row: Row, now: int) -> str:
    """Which part of the board a task belongs to."""
    due = row["due_at"]
    if due is None:
        return "undated"
    if due < now:
        return "late"
    if due < times.end_of_day(now):
        return "today"
    return "tomorrow" if due < times.end_of_day(now, 1) else "later"


_SECTIONS = {
    "late": lazy("Late"),
    "today": lazy("Today"),
    "tomorrow": lazy("Tomorrow"),
    "later": lazy("Later"),
    "undated": lazy("No time promised"),
}


def sections(strips: Sequence[Strip]) -> list[Section]:
    found = [
        Section(str(name), code, tuple(one for one in strips if one.place == code)) for code, name in _SECTIONS.items()
    ]
    return [section for section in found if section.strips]


def ribbon(rows: Sequence[Row], now: int) -> list[Tick]:
    """What is due from three hours ago to a day ahead; what is later than late stands at the left edge."""
    near = [row for row in rows if row["due_at"] is not None and row["due_at"] <= now + _AHEAD]
    return [Tick(_percent(row["due_at"], now), "", row["due_at"] < now, row["urgency"] or "routine") for row in near]


def hours(now: int) -> list[Tick]:
    """Every third hour of the mission's clock."""
    first = times.end_of_day(now, -1) - 24 * HOUR
    marks = range(first, now + _AHEAD + HOUR, 3 * HOUR)
    return [
        Tick(_percent(at, now), times.show_time(at)) for at in marks if now - _BEHIND < at < now + _AHEAD - 40 * MINUTE
    ]


def _percent(at: int, now: int) -> str:
    """As SVG writes it: with a point in every language."""
    place = (at - now + _BEHIND) / (_AHEAD + _BEHIND)
    return f"{min(max(place, 0.004), 0.996) * 100:.2f}%"
