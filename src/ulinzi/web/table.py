"""Tasks as a table: what is asked for stands whole in the address, and may be kept under a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as context
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts import queries as accounts
from ulinzi.accounts import views
from ulinzi.desk import lists, queries, rules
from ulinzi.desk.lists import Asked, Found, Names, Sorted
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries as places
from ulinzi.web import labels, people, profile, session, tables, words
from ulinzi.web.session import Acting
from ulinzi.web.tables import Cell, Column, Nothing, Table

SCREEN = "task_table"
SIZE = 50
TITLE = Column("title", labels.FIELDS["title"])
# The title always stands first; the others as somebody chooses.
COLUMNS: Mapping[str, Column] = {
    "number": Column("number", labels.FIELDS["number"]),
    "state": Column("state", lazy("State")),
    "urgency": Column("urgency", labels.FIELDS["urgency"]),
    "due": Column("due", labels.FIELDS["due_at"]),
    "owner": Column("owner", lazy("Who has it")),
    "area": Column("area", labels.FIELDS["area"]),
    "office": Column("office", lazy("Belongs to")),
    "basis": Column("basis", labels.FIELDS["due_basis"]),
    "tiers": Column("tiers", labels.FIELDS["tiers"], sorts=False),
    "finished": Column("finished", context("time", "Finished")),
}
USUAL = ("number", "state", "urgency", "due", "owner", "area")
SORTS = frozenset(name for name, one in COLUMNS.items() if one.sorts) | {"title"}
STATES: Mapping[str, tuple[str, ...]] = {
    "unfinished": tuple(sorted(rules.UNFINISHED)),
    "finished": tuple(sorted(rules.FINISHED)),
    **{str(one): (str(one),) for one in rules.State},
}
OWNERS = ("me", "nobody")
ONLY = ("late", "torn")
ANY = context("filter", "any")
_STATE_NAMES = {
    "": ANY,
    "unfinished": lazy("not finished"),
    "finished": context("several", "finished"),
    **labels.STATES,
}
_MOST_PAGES = 100_000


@dataclass(frozen=True)
class Question:
    """What an address asks for. Names and values that nobody knows are left out: it may be old, or somebody's guess."""

    words: str = ""
    state: str = ""
    urgency: str = ""
    office: str = ""
    owner: str = ""
    area: UUID | None = None
    only: tuple[str, ...] = ()
    columns: tuple[str, ...] = USUAL
    by: str = "due"
    down: bool = False
    page: int = 1

    @property
    def filters(self) -> bool:
        return replace(self, columns=USUAL, by="due", down=False, page=1) != Question()

    def asked(self, me: UUID) -> Asked:
        return Asked(
            words=self.words,
            states=STATES.get(self.state, ()),
            urgency=self.urgency,
            office=self.office,
            owner=me if self.owner == "me" else None,
            loose=self.owner == "nobody",
            area=self.area,
            late="late" in self.only,
            torn="torn" in self.only,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The same question as an address has it, each thing in its place. It is never empty."""
        told = {"q": self.words, "state": self.state, "urgency": self.urgency, "office": self.office}
        told |= {"owner": self.owner, "area": str(self.area or "")}
        found = [(name, value) for name, value in told.items() if value]
        found += [("only", one) for one in self.only]
        found += [("col", one) for one in self.columns] if self.columns != USUAL else []
        found += [("sort", f"-{self.by}" if self.down else self.by)]
        return found + ([("page", str(self.page))] if self.page > 1 else [])

    @property
    def query(self) -> str:
        return urlencode(self.pairs())

    @property
    def url(self) -> str:
        return f"{reverse(SCREEN)}?{self.query}"


def read(given: QueryDict, offices: Iterable[str]) -> Question:
    sort = given.get("sort", "")
    by = sort.removeprefix("-")
    known = by in SORTS
    return Question(
        words=given.get("q", "").strip()[: lists.LONGEST],
        state=_one_of(STATES, given.get("state")),
        urgency=_one_of(rules.URGENCY, given.get("urgency")),
        office=_one_of(list(offices), given.get("office")),
        owner=_one_of(OWNERS, given.get("owner")),
        area=_id(given.get("area")),
        only=tuple(one for one in ONLY if one in given.getlist("only")),
        columns=tuple(one for one in COLUMNS if one in given.getlist("col")) or USUAL,
        by=by if known else "due",
        down=known and sort.startswith("-"),
        page=_page(given.get("page")),
    )


def _one_of(known: Iterable[str], value: str | None) -> str:
    return value if value and value in known else ""


def _id(value: str | None) -> UUID | None:
    try:
        return UUID(value or "")
    except ValueError:
        return None


def _page(value: str | None) -> int:
    return min(int(value), _MOST_PAGES) if value and value.isascii() and value.isdecimal() and len(value) < 10 else 1


class FilterForm(forms.Form):
    """Only shown, never checked: an address is read as it came."""

    q = forms.CharField(label=lazy("Words, a number, an area"), required=False, max_length=lists.LONGEST)
    state = forms.ChoiceField(label=lazy("State"), required=False, choices=list(_STATE_NAMES.items()))
    urgency = forms.ChoiceField(label=labels.FIELDS["urgency"], required=False)
    owner = forms.ChoiceField(label=lazy("Who has it"), required=False)
    office = forms.ChoiceField(label=lazy("Belongs to"), required=False)
    only = forms.MultipleChoiceField(label=lazy("Only"), required=False, widget=forms.CheckboxSelectMultiple)
    col = forms.MultipleChoiceField(label=lazy("Columns"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, question: Question, offices: Sequence[str]) -> None:
        given = {"q": question.words, "only": question.only, "col": question.columns}
        given |= {name: getattr(question, name) for name in ("state", "urgency", "owner", "office")}
        super().__init__(initial=given, auto_id="table-%s")
        anything = ("", ANY)
        self._offer("urgency", [anything, *((one, labels.URGENCY[one]) for one in reversed(rules.URGENCY))])
        self._offer("owner", [("", _("anybody or nobody")), ("me", context("owner", "me")), ("nobody", _("nobody"))])
        self._offer("office", [anything, *((one, profile.office(one)) for one in offices)])
        self._offer("only", [("late", _("what is late")), ("torn", _("what has two values"))])
        self._offer("col", [(name, one.label) for name, one in COLUMNS.items()])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices


class SaveForm(forms.Form):
    name = forms.CharField(
        label=lazy("Save this view under a name"),
        max_length=views.LONGEST_NAME,
        error_messages={"required": lazy("This is missing.")},
    )
    usual = forms.BooleanField(label=lazy("My usual one: shown whenever I open the table"), required=False)
    query = forms.CharField(required=False, widget=forms.HiddenInput, max_length=views.LONGEST_QUERY)


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    me = session.acting(request)
    if not request.GET:
        mine = views.usual(me.id, SCREEN)
        if mine:
            return redirect(_reread(mine.query, me).url)
        # Opened without a question, it shows what is still to be done.
        return _shown(request, Question(state="unfinished"))
    return _shown(request, read(request.GET, _offices(me)))


def _reread(query: str, me: Acting) -> Question:
    """What was kept, by what is known today: a column may be gone, an office may no longer be theirs."""
    return replace(read(QueryDict(query), _offices(me)), page=1)


def _offices(me: Acting) -> list[str]:
    return queries.seen_by(me.rights)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    me, form = session.acting(request), SaveForm(request.POST, auto_id="view-%s")
    question = _reread(request.POST.get("query", "")[: views.LONGEST_QUERY], me)
    if form.is_valid():
        told = form.cleaned_data
        try:
            if views.save(me.id, SCREEN, told["name"], question.query, usual=told["usual"]):
                messages.success(request, _("Saved on this machine, for you alone."))
                return redirect(question.url)
            form.add_error("name", _("There are %(most)s already: delete one first.") % {"most": views.MOST})
        except Refused as error:
            form.add_error("name", words.in_form(error))
    return _shown(request, question, failed=form, status=422)


@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    me = session.acting(request)
    views.drop(me.id, SCREEN, request.POST.get("name", ""))
    messages.success(request, _("The view is deleted. The tasks are as they were."))
    return redirect(_reread(request.POST.get("query", "")[: views.LONGEST_QUERY], me).url)


def _shown(
    request: HttpRequest, question: Question, *, failed: SaveForm | None = None, status: int = 200
) -> HttpResponse:
    me, now, offices = session.acting(request), nodes.current().clock.now(), _offices(session.acting(request))
    access.note("desk.Task:list", purpose="table", by=me.id)
    names = Names({row["id"]: row["name"] or "" for row in places.areas(offices)}, accounts.all_names())
    order = Sorted(question.by, question.down)
    kept = _views(me, question)
    found = lists.table(me.rights, question.asked(me.id), order, names=names, now=now, page=question.page, size=SIZE)
    values = {
        "question": question,
        "form": FilterForm(question, offices),
        "table": _table(replace(question, page=found.page), found, names, now),
        "area": names.areas.get(question.area) if question.area else None,
        "without_area": replace(question, area=None, page=1).url,
        "views": kept,
        "view": next((one["view"].name for one in kept if one["here"]), ""),
        "sorted_by": {"title": TITLE, **COLUMNS}[question.by].label,
        "save_form": failed or SaveForm(initial={"query": question.query}, auto_id="view-%s"),
        "everything": Question().url,
        "cut": lists.sought(question.words)[1],
        "unfolded": found.unfolded,
    }
    return render(request, "web/table.html", values, status=status)


def _views(me: Acting, question: Question) -> list[dict[str, Any]]:
    here = replace(question, page=1)
    found = [(one, _reread(one.query, me)) for one in views.of(me.id, SCREEN)]
    return [{"view": one, "url": kept.url, "query": kept.query, "here": kept == here} for one, kept in found]


def _table(question: Question, found: Found, names: Names, now: int) -> Table:
    columns = [TITLE, *(COLUMNS[one] for one in question.columns)]

    def sorted_by(by: str, down: bool) -> str:
        return replace(question, by=by, down=down, page=1).url

    def page(number: int) -> str:
        return replace(question, page=number).url

    heads = tables.heads(columns, question.by, down=question.down, url=sorted_by)
    lines = [_line(row, question.columns, names, now) for row in found.rows]
    pages = tables.pages(found.page, found.pages, SIZE, len(lines), found.total, url=page)
    return Table("h-table", heads, lines, pages, _nothing(question))


def _nothing(question: Question) -> Nothing:
    elsewhere = lazy("Other machines may hold tasks that have not arrived.")
    if not question.filters:
        return Nothing(lazy("No task is written down here."), elsewhere)
    back = replace(Question(), columns=question.columns, by=question.by, down=question.down).url
    return Nothing(lazy("No task here is like that."), elsewhere, back, lazy("Show all tasks"))


def _line(row: Row, columns: Sequence[str], names: Names, now: int) -> list[Cell]:
    area = names.areas.get(row["area"], "")
    title = Cell(row=row, area=area, url=reverse("task", args=[row["id"]]))
    return [title, *(_cell(one, row, area, now) for one in columns)]


def _cell(column: str, row: Row, area: str, now: int) -> Cell:
    if column in ("state", "urgency"):
        known = {"state": labels.STATES, "urgency": labels.URGENCY}[column]
        return Cell(labels.of(known, row[column]), icon=row[column] or "") if row[column] else Cell()
    if column == "due":
        return Cell(at=row["due_at"], late=tables.is_late(row, now))
    if column == "owner":
        return Cell(people.name(row["owner"])) if row["owner"] else Cell(_("Nobody has it"), quiet=True)
    if column == "finished":
        return Cell(at=row["finished_at"])
    return Cell({"number": row["number"], "area": area}.get(column) or _words(column, row))


def _words(column: str, row: Row) -> str:
    if column == "office":
        return profile.office(row["compartment"])
    if column == "basis":
        return labels.of(labels.DUE_BASIS, row["due_basis"]) if row["due_basis"] else ""
    return ", ".join(labels.of(labels.TIERS, one) for one in row["tiers"] or []) if column == "tiers" else ""
