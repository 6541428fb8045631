"""The node itself: who it is, what it holds, what does not fit together, and when that was last checked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ulinzi.desk import queries as desk
from ulinzi.jobs import actions as jobs
from ulinzi.jobs import queries as asked
from ulinzi.jobs.queries import JobRow
from ulinzi.ledger import queries as ledger
from ulinzi.web import session

CHECK = "ledger.verify"


@require_safe
def system(request: HttpRequest) -> HttpResponse:
    held = ledger.compartments()
    conflicts, problems = ledger.conflicts(held), ledger.problems(held)
    tasks = desk.tasks([one["root"] for one in [*conflicts, *problems]], held)
    values = {
        "node": ledger.node_state(),
        "conflicts": [one | {"task": tasks.get(one["root"])} for one in conflicts],
        "problems": [one | {"task": tasks.get(one["root"])} for one in problems],
        "checks": asked.last_checks(),
        "checking": _checking(),
    }
    return render(request, "web/system.html", values)


def _checking() -> JobRow | None:
    return next((job for job in asked.recent() if job.kind == CHECK and not job.ended), None)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    jobs.ask(CHECK, key="asked", arguments={"tables": True}, by=session.acting(request).id)
    messages.success(request, _("Asked for. The worker of this machine checks the ledger now."))
    return redirect("system")
