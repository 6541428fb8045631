"""All tasks: unfinished ones by the next promise, finished ones below, and the form that adds one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts.rules import HOME, Act
from ulinzi.desk import actions, queries
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.places import queries as places
from ulinzi.web import rest, session, strips, times, words
from ulinzi.web.forms import NewTaskForm

# Read to be counted by day; few of them are listed (rest.py).
MOST_OPEN = 1000
MOST_FINISHED = 10


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
    opened, found = request.GET.get("day", ""), rest.groups(unfinished, now)
    shown = rest.chosen(found, reader.person, opened)
    listed = [row for row in unfinished if row["id"] in shown]
    names = places.names(row["area"] for row in [*listed, *finished])
    me, soonest, due = reader.person, strips.coming(unfinished, now), queries.next_promise(reader, now=now)
    counted = rest.counted(found, shown, now, opened)
    values = {
        "form": form,
        "counts": queries.counts(reader, now=now),
        "next_due": times.span(due - now) if due is not None else None,
        "sections": strips.sections([strips.strip(row, names, me, now, soonest) for row in listed], counted),
        "counted": counted,
        "opened": opened in found,
        "ribbon": strips.ribbon(unfinished, now),
        "hours": strips.hours(now),
        "now_at": strips.percent(now, now),
        "read": len(unfinished),
        "finished": [strips.strip(row, names, me, now) for row in finished],
    }
    return render(request, "web/board.html", values, status=status)
