"""The node itself: who it is, what it holds, what does not fit together, and when that was last checked."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts.rules import HOME, Act, Rights
from ulinzi.desk import queries as desk
from ulinzi.jobs import actions as jobs
from ulinzi.jobs import queries as asked
from ulinzi.jobs.queries import JobRow
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.queries import NodeState
from ulinzi.web import session

CHECK = "ledger.verify"


@require_safe
def system(request: HttpRequest) -> HttpResponse:
    reader = session.acting(request).rights
    held = reader.where(Act.SEE_SYSTEM, ledger.compartments())
    conflicts, problems = ledger.conflicts(held), ledger.problems(held)
    tasks = desk.tasks([one["root"] for one in [*conflicts, *problems]], reader)
    values = {
        "node": _seen_by(reader),
        "conflicts": [one | {"task": tasks.get(one["root"])} for one in conflicts],
        "problems": [one | {"task": tasks.get(one["root"])} for one in problems],
        "checks": asked.last_checks(),
        "checking": _checking(),
        "may_check": reader.may_anywhere(Act.CHECK_LEDGER),
    }
    return render(request, "web/system.html", values)


def _seen_by(reader: Rights) -> NodeState:
    """The node as far as somebody answers for it: how much is written elsewhere is not for everybody."""
    state = ledger.node_state()
    held = [HOME, *reader.where(Act.SEE_SYSTEM, state.compartments)]
    feeds = tuple(feed for feed in state.feeds if feed.compartment in held)
    seen = {code: tick for code, tick in state.compartments.items() if code in held}
    return replace(state, feeds=feeds, compartments=seen, entries=sum(feed.seq for feed in feeds))


def _checking() -> JobRow | None:
    return next((job for job in asked.recent() if job.kind == CHECK and not job.ended), None)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    jobs.ask(CHECK, key="asked", arguments={"tables": True}, by=session.acting(request).id)
    messages.success(request, _("Asked for. The worker of this machine checks the ledger now."))
    return redirect("system")
