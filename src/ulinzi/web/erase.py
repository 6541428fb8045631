"""Erasing words or a whole task, for ever: a page of its own, a second person, and a reason."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ulinzi.accounts.rules import Act, check_may
from ulinzi.desk import actions
from ulinzi.kernel.errors import Refused
from ulinzi.web import session, task, words
from ulinzi.web.forms import EraseForm


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, record: UUID) -> HttpResponse:
    row, me = task.find(request, record), session.acting(request)
    check_may(me.rights, Act.ERASE_WORDS, row["compartment"])
    posted = request.POST if request.method == "POST" else None
    form = EraseForm(posted, by=me.id, place=row["compartment"], erased=task.words_erased(row), auto_id="erase-%s")
    if posted is not None and form.is_valid():
        try:
            return _erase(request, record, form)
        except Refused as error:
            form.add_error(None, str(words.said(error)))
    status = 200 if posted is None else 422
    return render(request, "web/erase.html", {"row": row, "form": form}, status=status)


def _erase(request: HttpRequest, record: UUID, form: EraseForm) -> HttpResponse:
    told, by = form.cleaned_data, session.acting(request).id
    if told["what"] == EraseForm.WORDS:
        actions.erase_words(record, by=by, basis=told["basis"], second=told["second"])
        messages.success(request, _("The words are erased. That there were words, and when, stays in the history."))
        return redirect("task", record)
    actions.erase_task(record, by=by, basis=told["basis"], second=told["second"])
    messages.success(request, _("The task is erased."))
    return redirect("tasks")
