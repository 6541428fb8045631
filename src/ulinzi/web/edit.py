"""Changing a task. The form carries what it was made from; where somebody else was faster, both values are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from ulinzi import ledger
from ulinzi.accounts.rules import Act, check_may
from ulinzi.desk import actions, rules
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.shapes import Kind, Row
from ulinzi.places import queries as places
from ulinzi.web import forms, labels, leaves, session, task, timeline, times, words
from ulinzi.web.forms import TaskForm
from ulinzi.web.timeline import Author

Pair = tuple[dict[str, Any], dict[str, Any]]
THEIRS, MINE, BOTH = "theirs", "mine", "both"
_CHOICE = "choice-"
_AGAIN = "now-"

KEEP_BOTH = {
    Kind.LAST: lazy("Keep both, for somebody to settle"),
    Kind.MAX: lazy("Keep both; the higher counts until somebody settles it"),
    Kind.UNION: lazy("Keep both together"),
}


@dataclass(frozen=True)
class Versus:
    """One group that somebody changed meanwhile: his value, mine, and what can be done."""

    group: str
    name: str
    theirs: list[tuple[str, str]]
    mine: list[tuple[str, str]]
    author: Author | None
    token: str
    keep_both: str
    chosen: str


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, record: UUID) -> HttpResponse:
    row = task.find(request, record)
    check_may(session.acting(request).rights, Act.EDIT_TASKS, row["compartment"])
    if "title" in request.POST and task.words_erased(row):
        raise Refused("erased", group="words")
    form = _form(row, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, row, form, _tokens(record))
    tokens = {name: request.POST[name] for name in request.POST if name.startswith(leaves.PREFIX)}
    if not form.is_valid():
        return _page(request, row, form, tokens, status=422)
    try:
        return _save(request, row, form)
    except ledger.Moved as moved:
        return _moved(request, row, moved)
    except Refused as error:
        form.add_error(None, str(words.said(error)))
        return _page(request, row, form, tokens, status=422)


def _form(row: Row, posted: QueryDict | None = None) -> TaskForm:
    areas = places.areas([row["compartment"]])
    now, erased = nodes.current().clock.now(), task.words_erased(row)
    return TaskForm(posted, initial=forms.initial_of(row), areas=areas, now=now, erased=erased, auto_id="edit-%s")


def _tokens(record: UUID) -> dict[str, str]:
    groups = queries.groups_of(task.LABEL, record)
    return {leaves.PREFIX + name: leaves.token(group.dots) for name, group in groups.items()}


def _page(request: HttpRequest, row: Row, form: TaskForm, tokens: Mapping[str, str], status: int = 200) -> HttpResponse:
    due_was = request.POST.get("due_was", "" if row["due_at"] is None else str(row["due_at"]))
    values = {"row": row, "form": form, "tokens": tokens, "due_was": due_was}
    return render(request, "web/edit.html", values, status=status)


def _save(request: HttpRequest, row: Row, form: TaskForm) -> HttpResponse:
    """Save what was typed, less the groups where the other value was chosen."""
    chosen = choices(request.POST)
    seen = leaves.seen(request.POST) | seen_again(request.POST, chosen)
    values = _values(row, form, request.POST, chosen)
    both = {name for name, choice in chosen.items() if choice == BOTH}
    by = session.acting(request).id
    changed = actions.edit_task(row["id"], by=by, seen=seen, keep_both=both, **values) if values else []
    messages.success(request, _outcome(changed, chosen))
    return redirect("task", row["id"])


def choices(posted: QueryDict) -> dict[str, str]:
    """What was chosen for each group that had moved."""
    names = [name for name in posted if name.startswith(_CHOICE)]
    return {name.removeprefix(_CHOICE): posted[name] for name in names if posted[name] in (THEIRS, MINE, BOTH)}


def seen_again(posted: QueryDict, choices: Mapping[str, str]) -> dict[str, tuple[Dot, ...]]:
    """Whoever keeps his own value has seen the other: his write replaces it."""
    mine = [name for name, choice in choices.items() if choice == MINE]
    return {name: leaves.dots(posted[_AGAIN + name]) for name in mine if _AGAIN + name in posted}


def _values(row: Row, form: TaskForm, posted: QueryDict, choices: Mapping[str, str]) -> dict[str, Any]:
    values = form.values() | _due(form, posted)
    # An empty list and nothing are told apart by the ledger, by nobody else.
    values["tiers"] = values["tiers"] or ([] if row["tiers"] == [] else None)
    dropped = {name for name, choice in choices.items() if choice == THEIRS}
    return {name: value for name, value in values.items() if rules.TASK.group_of[name].name not in dropped}


def _due(form: TaskForm, posted: QueryDict) -> dict[str, Any]:
    """The form shows minutes; a due time that nobody touched keeps its seconds."""
    was = posted.get("due_was", "")
    if form.due_at is None or not was.removeprefix("-").isdecimal() or len(was) > 18:
        return {}
    same = times.show_date(int(was)), times.show_time(int(was))
    return {"due_at": int(was)} if same == (times.show_date(form.due_at), times.show_time(form.due_at)) else {}


def _outcome(changed: list[str], choices: Mapping[str, str]) -> str:
    if BOTH in choices.values():
        return _("Saved here. Both values are kept until somebody settles them.")
    if not changed:
        return _("Nothing was different, so nothing was written.")
    named = ", ".join(labels.of(labels.GROUPS, name) for name in changed)
    return _("Saved here: %(groups)s.") % {"groups": named}


def _moved(request: HttpRequest, row: Row, moved: ledger.Moved) -> HttpResponse:
    """Both values side by side. The whole form travels on, so nothing typed is lost."""
    resolved = choices(request.POST)
    values = {
        "row": row,
        "versus": _versus(row, moved, resolved),
        "carried": carried(request.POST, moved),
    }
    return render(request, "web/moved.html", values, status=409)


def carried(posted: QueryDict, moved: ledger.Moved) -> list[tuple[str, str]]:
    """What was typed and chosen, less what is asked for again."""
    asked = {prefix + group for group in moved.groups for prefix in (_CHOICE, _AGAIN)}
    names = [name for name in posted if name != "csrfmiddlewaretoken" and name not in asked]
    return [(name, value) for name in names for value in posted.getlist(name)]


def _versus(row: Row, moved: ledger.Moved, resolved: Mapping[str, str]) -> list[Versus]:
    found = timeline.authors(queries.history(task.LABEL, row["id"]))
    groups = queries.groups_of(task.LABEL, row["id"])
    areas = places.names(value["area"] for pair in moved.groups.values() for value in pair if value.get("area"))
    return [
        _one_versus(groups[name], pair, found, areas, resolved.get(name, "")) for name, pair in moved.groups.items()
    ]


def _one_versus(
    group: queries.GroupState, pair: Pair, found: dict[Dot, Author], areas: dict[UUID, str], chosen: str
) -> Versus:
    theirs, mine = timeline.differing(pair)
    return Versus(
        group.name,
        labels.of(labels.GROUPS, group.name),
        timeline.shown(theirs, areas),
        timeline.shown(mine, areas),
        timeline.newest_author(found, group.dots),
        leaves.token(group.dots),
        str(KEEP_BOTH[rules.TASK.group(group.name).kind]),
        chosen,
    )
