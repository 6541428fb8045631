"""Looking for something by a word of it: tasks, areas, people, screens, and of each what the reader may know of.

What was looked for is somebody's words: it stands in the address and on the page, and in no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from ulinzi.accounts import queries as accounts
from ulinzi.accounts import rules as access_rules
from ulinzi.accounts.rules import Act, Rights
from ulinzi.desk import lists, queries
from ulinzi.kernel.folding import folded
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries as places
from ulinzi.web import context, people, routes, session, tables

MOST = 20
# What a person may look for by name, beside what people wrote; those of the head of the page and those below them.
SCREENS: Mapping[str, Any] = {
    "desk": lazy("Desk"),
    "tasks": lazy("Tasks"),
    "task_table": lazy("Tasks as a table"),
    "trends": lazy("Promises kept"),
    "people": lazy("People"),
    "system": lazy("System"),
    "mission": lazy("Mandate and words of the mission"),
    "password": lazy("Another password"),
    "style": lazy("Parts of the house"),
}


@dataclass(frozen=True)
class Hit:
    """A line of what was found. `row` for tasks, whose words may be withheld."""

    url: str
    name: str = ""
    more: str = ""
    row: Row | None = None
    owner: str = ""
    late: bool = False


@dataclass(frozen=True)
class Kind:
    """What was found of one kind: the best first, and how many more there are."""

    code: str
    name: Any
    hits: Sequence[Hit]
    total: int
    icon: str = ""
    more_at: str = ""
    unfolded: int = 0  # that may be among what was looked for, and cannot be found yet

    @property
    def more(self) -> int:
        return self.total - len(self.hits)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Open to everybody who is signed in; each kind is there for those whose role has it."""
    reader, text = session.acting(request).rights, request.GET.get("q", "").strip()
    words, cut = lists.sought(text)
    if words:
        access.note("search", purpose="search", by=reader.person)
    kinds = _kinds(reader, text, words) if words else []
    values = {
        "q": text[: lists.LONGEST],
        "asked": bool(words),
        "cut": cut,
        "longest": lists.LONGEST,
        "most_words": lists.MOST_WORDS,
        "kinds": [one for one in kinds if one.total],
        "total": sum(one.total for one in kinds),
        "unfolded": sum(one.unfolded for one in kinds),
    }
    return render(request, "web/search.html", values)


def _kinds(reader: Rights, text: str, words: Sequence[str]) -> list[Kind]:
    areas = {row["id"]: row["name"] or "" for row in places.areas(queries.seen_by(reader))}
    return [_tasks(reader, text, areas), _areas(areas, words), _people(reader, words), _screens(reader, words)]


def _tasks(reader: Rights, text: str, areas: Mapping[UUID, str]) -> Kind:
    here = lists.search(reader, text, areas=areas, limit=MOST)
    now = nodes.current().clock.now()
    hits = [_task(row, areas, now) for row in here.rows]
    return Kind("tasks", lazy("Tasks"), hits, here.total, more_at=_table(text), unfolded=here.unfolded)


def _task(row: Row, areas: Mapping[UUID, str], now: int) -> Hit:
    owner = people.name(row["owner"]) if row["owner"] else ""
    late = tables.is_late(row, now)
    return Hit(reverse("task", args=[row["id"]]), areas.get(row["area"], ""), row=row, owner=owner, late=late)


def _table(text: str) -> str:
    """Where all of them are."""
    return f"{reverse('task_table')}?{urlencode({'q': text[: lists.LONGEST]})}"


def _areas(areas: Mapping[UUID, str], words: Sequence[str]) -> Kind:
    here = _best(((areas[one], one) for one in lists.named(areas, words)), words)
    hits = [Hit(reverse("area", args=[one]), name) for name, one in here[:MOST]]
    return Kind("areas", lazy("Areas"), hits, len(here))


def _people(reader: Rights, words: Sequence[str]) -> Kind:
    here: list[tuple[str, UUID]] = []
    if reader.may_anywhere(Act.SEE_PEOPLE):
        names = accounts.all_names()
        held = accounts.grants(lists.named(names, words))
        here = _best(((names[one], one) for one in held if access_rules.may_know(reader, one, held[one])), words)
    hits = [Hit(reverse("person", args=[one]), name) for name, one in here[:MOST]]
    return Kind("people", lazy("People"), hits, len(here), icon="taken")


def _screens(reader: Rights, words: Sequence[str]) -> Kind:
    named = {name: folded(str(shown)) for name, shown in SCREENS.items() if _is_open(reader, name)}
    here = [name for name, shown in named.items() if all(word in shown for word in words)]
    return Kind("screens", lazy("Screens"), [Hit(reverse(one), str(SCREENS[one])) for one in here], len(here))


def _is_open(reader: Rights, name: str) -> bool:
    if name == "style":
        return context.offers_parts(reader)
    if name in routes.SIGNED_IN:
        return True
    return name in routes.ACTS and reader.may_anywhere(routes.ACTS[name])


def _best(named: Iterable[tuple[str, UUID]], words: Sequence[str]) -> list[tuple[str, UUID]]:
    """Names that begin as was typed first, then by name."""
    keyed = [((not folded(name).startswith(words[0]), folded(name), one.int), name, one) for name, one in named]
    return [(name, one) for _key, name, one in sorted(keyed)]
