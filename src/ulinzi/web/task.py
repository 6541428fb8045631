"""One task: what it is, who has it, what can be done now, and everything that happened."""

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

from ulinzi.accounts.rules import Act
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.history import Event
from ulinzi.ledger.queries import GroupState
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries as places
from ulinzi.web import labels, leaves, people, session, timeline, told, words
from ulinzi.web.forms import StepForm
from ulinzi.web.session import Acting
from ulinzi.web.timeline import Author

LABEL = "desk.Task"
TASK_ACTS = (Act.STEP_TASKS, Act.EDIT_TASKS, Act.ERASE_WORDS)

_DONE = {
    rules.Step.TAKEN: lazy("Saved here. You have it now."),
    rules.Step.HANDED_OVER: lazy("Saved here. It is handed over."),
    rules.Step.NOTED: lazy("Saved here. The note is in the history."),
    rules.Step.DONE: lazy("Saved here. It is done."),
    rules.Step.SET_ASIDE: lazy("Saved here. It is set aside."),
    rules.Step.REOPENED: lazy("Saved here. It is open again."),
}


@dataclass(frozen=True)
class Leaf:
    """One of two values, and whose it is."""

    token: str
    values: list[tuple[str, str]]
    author: Author | None


@dataclass(frozen=True)
class Conflict:
    group: str
    name: str
    seen: str
    leaves: list[Leaf]


@require_safe
def task(request: HttpRequest, record: UUID) -> HttpResponse:
    return page(request, find(request, record))


def find(request: HttpRequest, record: UUID) -> Row:
    """The task that this request is about. Whoever is shown it, on whatever page, is in the access log."""
    with session.looking_at(request, f"{LABEL}:{record}", purpose="task page") as me:
        return queries.task(record, me.rights)


def page(
    request: HttpRequest,
    row: Row,
    *,
    failed: StepForm | None = None,
    refusal: words.Said | None = None,
    undo_words: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a task; with the form that was refused, open and as it was typed."""
    now, me = nodes.current().clock.now(), session.acting(request)
    taken = queries.steps(row["id"])
    events = queries.history(row, me.rights, taken)
    areas = places.names(timeline.areas_named(events, row))
    groups = ledger.groups_of(LABEL, row["id"], row) if row["conflict"] else {}
    apart = told.standing(groups.values())
    values = {
        "row": row,
        "area": areas.get(row["area"], "") if row["area"] else "",
        "owner_name": people.name(row["owner"]) if row["owner"] else "",
        "mine": row["owner"] == me.id,
        "late": row["due_at"] is not None and row["due_at"] < now and row["state"] in rules.UNFINISHED,
        "finished": row["state"] in rules.FINISHED,
        "forms": _forms(row, me, now, failed),
        "may": {one.value: me.rights.may(one, row["compartment"]) for one in TASK_ACTS},
        "refusal": refusal,
        "undoable": _undoable(row, me, taken),
        "undo_words": undo_words,
        "conflicts": conflicts(queries.groups(row, me.rights, groups), events, areas),
        "problems": ledger.problems([row["compartment"]], root=row["id"]),
        "lines": timeline.lines(events, areas=areas, own=ledger.own_feeds(events), apart=apart)[::-1],
        "words_erased": words_erased(row),
    }
    return render(request, "web/task.html", values, status=status)


def words_erased(row: Row) -> bool:
    return "words" in (row["erased"] or "").split(",")


def _undoable(row: Row, me: Acting, taken: Sequence[Row]) -> Row | None:
    """The last step that counts, for whoever may do such a step."""
    last = queries.last_step(taken)
    allowed = last is not None and me.rights.may(rules.act_of(rules.Step(last["kind"])), row["compartment"])
    return last if allowed else None


def _forms(row: Row, me: Acting, now: int, failed: StepForm | None) -> list[StepForm]:
    """One form for each step that is possible now. One that was refused stays with its words, possible or not."""
    if not me.rights.may(Act.NOTE_TASKS, row["compartment"]):
        return []
    kinds = [one for one in timeline.steps_that_may(row) if me.rights.may(rules.act_of(one), row["compartment"])]
    if failed is not None and failed.kind not in [rules.Step.TAKEN, *kinds]:
        kinds = [failed.kind, *kinds]
    made = [StepForm(kind=kind, now=now, by=me.id, place=row["compartment"], auto_id="%s") for kind in kinds]
    return [failed if failed is not None and failed.kind == form.kind else form for form in made]


def conflicts(groups: dict[str, GroupState], events: list[Event], areas: dict[UUID, str]) -> list[Conflict]:
    """Groups with more than one value, each with who wrote it and when."""
    found = timeline.authors(events)
    return [_conflict(group, found, areas) for group in groups.values() if group.conflict]


def _conflict(group: GroupState, found: dict[Dot, Author], areas: dict[UUID, str]) -> Conflict:
    values = timeline.differing([leaf.values for leaf in group.leaves])
    listed = [
        Leaf(leaves.token(leaf.dots), timeline.shown(value, areas), timeline.newest_author(found, leaf.dots))
        for leaf, value in zip(group.leaves, values, strict=True)
    ]
    return Conflict(group.name, labels.of(labels.GROUPS, group.name), leaves.token(group.dots), listed)


@require_POST
def step(request: HttpRequest, record: UUID) -> HttpResponse:
    row, me = find(request, record), session.acting(request)
    kind = _kind(request.POST.get("kind", ""))
    form = StepForm(
        request.POST, kind=kind, now=nodes.current().clock.now(), by=me.id, place=row["compartment"], auto_id="%s"
    )
    if not form.is_valid():
        return page(request, row, failed=form, status=422)
    told = form.cleaned_data
    try:
        actions.step(record, kind, by=me.id, words=told["words"], to=told.get("to"), at=form.said_at)
    except Refused as error:
        _not_theirs(error)
        return page(request, find(request, record), failed=form, refusal=words.said(error), status=409)
    messages.success(request, str(_DONE[kind]))
    return redirect("task", record)


def _not_theirs(error: Refused) -> None:
    """A step that the role does not take is no matter of being late: no form is shown again for it."""
    if error.code == "not_for_your_role":
        raise error


def _kind(code: str) -> rules.Step:
    if code not in _DONE:
        raise Refused("code_unknown", field="kind", value=code)
    return rules.Step(code)


@require_POST
def undo(request: HttpRequest, record: UUID) -> HttpResponse:
    find(request, record)
    try:
        undone = UUID(request.POST.get("step", ""))
    except ValueError:
        raise Refused("undo_names_a_step") from None
    if undone not in {one["id"] for one in queries.steps(record)}:
        raise NotFound("record_not_found", record=str(undone))
    said = request.POST.get("words", "").replace("\r\n", "\n")
    try:
        actions.undo(record, undone, by=session.acting(request).id, words=said)
    except Refused as error:
        _not_theirs(error)
        return page(request, find(request, record), refusal=words.said(error), undo_words=said, status=409)
    messages.success(request, _("Saved here. The step is undone; it stays in the history, crossed out."))
    return redirect("task", record)


@require_POST
def settle(request: HttpRequest, record: UUID) -> HttpResponse:
    """Choose one of several values, having seen them all."""
    row, name = find(request, record), request.POST.get("group", "")
    group = queries.groups(row, session.acting(request).rights).get(name)
    chosen = _chosen(request, group)
    if group is None or not group.conflict or chosen is None:
        return page(request, row, refusal=words.said(Refused("moved")), status=409)
    seen = {name: leaves.dots(request.POST.get("seen", ""))}
    try:
        actions.settle(record, by=session.acting(request).id, seen=seen, **chosen)
    except Refused as error:
        return page(request, find(request, record), refusal=words.said(error), status=409)
    messages.success(request, _("Saved here. One value stands; the other stays in the history."))
    return redirect("task", record)


def _chosen(request: HttpRequest, group: GroupState | None) -> dict[str, Any] | None:
    """The values of the leaf that was chosen; None where it no longer stands."""
    wanted = request.POST.get("choose", "")
    found = [leaf for leaf in group.leaves if leaves.token(leaf.dots) == wanted] if group else []
    return found[0].values if found else None
