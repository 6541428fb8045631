"""Erasing words or a whole task, for ever: one person asks on a page of its own, another agrees or says no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ulinzi.accounts.rules import Act, check_may
from ulinzi.desk import actions, queries, rules
from ulinzi.desk.rules import What
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.web import people, session, task, words
from ulinzi.web.forms import EraseForm


@dataclass(frozen=True)
class Asked:
    """A request to erase, as a page shows it to those who may decide on it."""

    row: Row
    by: str
    decided_by: str
    until: int
    state: str
    mine: bool


def asked(rows: Iterable[Row], me: session.Acting, now: int) -> list[Asked]:
    return [_asked(row, me, now) for row in rows]


def _asked(row: Row, me: session.Acting, now: int) -> Asked:
    waits, decided = rules.erasure_waits(row, now), row["decided_by"]
    return Asked(
        row,
        people.name(row["asked_by"]),
        people.name(decided) if decided else "",
        (row["asked_at"] or 0) + rules.ERASURE_HOLDS,
        "waiting" if waits else row["decision"] or "too_old",
        me.id in (row["asked_by"], row["whose"]),
    )


def newest(about: UUID, me: session.Acting) -> Asked | None:
    """What was asked about it last: waiting, or how it ended."""
    found = queries.erasures_about(about, me.rights)
    return _asked(found[0], me, nodes.current().clock.now()) if found else None


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, record: UUID) -> HttpResponse:
    row, me = task.find(request, record), session.acting(request)
    check_may(me.rights, Act.ERASE_WORDS, row["compartment"])
    posted = request.POST if request.method == "POST" else None
    form = EraseForm(posted, erased=task.words_erased(row), auto_id="erase-%s")
    if posted is not None and form.is_valid():
        try:
            actions.ask_erasure(What(form.cleaned_data["what"]), record, by=me.id, basis=form.cleaned_data["basis"])
        except Refused as error:
            form.add_error(None, str(words.said(error)))
        else:
            say_asked(request)
            return redirect("erase", record)
    values = {"row": row, "form": form, "asked": newest(record, me)}
    return render(request, "web/erase.html", values, status=200 if posted is None else 422)


def say_asked(request: HttpRequest) -> None:
    messages.success(request, _("Asked for. Nothing is erased before a second person has agreed."))


@require_POST
def decide(request: HttpRequest, record: UUID) -> HttpResponse:
    task.find(request, record)
    decided = decide_on(request, record)
    if request.POST["decision"] == rules.DECLINED:
        return redirect("erase", record)
    if decided["what"] == What.TASK:
        messages.success(request, _("The task is erased."))
        return redirect("tasks")
    messages.success(request, _("The words are erased. That there were words, and when, stays in the history."))
    return redirect("task", record)


def decide_on(request: HttpRequest, about: UUID) -> Row:
    """Yes or no to the very request that the page showed: another may have been made since."""
    told, me = request.POST, session.acting(request)
    row = _shown(about, told.get("asked", ""), me)
    if told.get("decision") == rules.DECLINED:
        actions.decline_erasure(row["id"], by=me.id, reason=_reason(told.get("reason", "")))
        messages.success(request, _("Declined. Nothing is erased, and whoever asked sees why."))
        return row
    if told.get("decision") != rules.CONFIRMED:
        raise Refused("code_unknown", field="decision", value=told.get("decision"))
    return actions.confirm_erasure(row["id"], by=me.id)


def _shown(about: UUID, wanted: str, me: session.Acting) -> Row:
    found = [row for row in queries.erasures_about(about, me.rights) if str(row["id"]) == wanted]
    if not found:
        raise NotFound("record_not_found", record=str(about))
    return found[0]


def _reason(text: str) -> str:
    """As browsers send it, cut by nobody: what is too long is said to be."""
    return " ".join(text.split())
