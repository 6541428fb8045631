"""The node itself: whether it is well, what it has room for, what it does, what it holds and when that was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as context
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts import queries as accounts
from ulinzi.accounts import rules
from ulinzi.accounts.rules import HOME, Act, Rights
from ulinzi.alerts import queries as alerts
from ulinzi.desk import queries as desk
from ulinzi.jobs import actions as jobs
from ulinzi.jobs import queries as asked
from ulinzi.jobs.queries import JobRow
from ulinzi.jobs.rules import State
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.queries import NodeState
from ulinzi.ledger.shapes import Row
from ulinzi.web import health, people, plain, session, times, told

CHECK = "ledger.verify"
# As many as a node does in a month: what is older is forgotten, and all of them are one question.
MOST_JOBS = 200

# What is wrong, and who mends it.
WRONG: Mapping[str, tuple[object, object]] = {
    "node_closed": (
        lazy("The database is not the one that belongs to this machine's key."),
        lazy("Write nothing more. Whoever looks after this machine finds out which copy was restored."),
    ),
    "database_silent": (
        lazy("The database does not answer."),
        lazy("Whoever looks after this machine starts the database again."),
    ),
    "disk_full": (
        lazy("The disk is full: soon nothing can be saved any more."),
        lazy("Whoever looks after this machine makes room on the disk now."),
    ),
    "worker_silent": (
        lazy("The worker says nothing: what waits in the background is not done."),
        lazy("Whoever looks after this machine looks whether “ulinzi run” or “ulinzi work” is running."),
    ),
}
KINDS: Mapping[str, object] = {
    CHECK: lazy("check of the ledger"),
    "ledger.checkpoint": lazy("taking out what was erased"),
    "jobs.forget": lazy("clearing away old jobs"),
}
ENDINGS: Mapping[str, object] = {
    State.DONE: context("job", "done"),
    State.FAILED: context("job", "failed"),
    State.STOPPED: context("job", "stopped"),
}


@require_safe
def system(request: HttpRequest) -> HttpResponse:
    reader, state = session.acting(request).rights, ledger.node_state()
    held = reader.where(Act.SEE_SYSTEM, state.compartments)
    conflicts, problems = ledger.conflicts(held), [*ledger.problems(held), *_doubtful(reader, state)]
    tasks, warnings = _named(reader, [*conflicts, *problems])
    may_check, here, work = reader.may_anywhere(Act.CHECK_LEDGER), nodes.current(), _work(nodes.current().clock.now())
    values = {
        "wrong": [WRONG[one] for one in health.wrong(here, key=bytes.fromhex(state.key))],
        "node": _seen_by(reader, state),
        "conflicts": [
            one | _found(one, tasks, warnings) | {"part": told.group(one["model"], one["group"])} for one in conflicts
        ],
        "problems": [one | _found(one, tasks, warnings) for one in problems],
        "checks": work.checks,
        "checking": work.checking,
        "may_check": may_check,
        "storage": health.storage(here),
        "elsewhere": not (here.home / health.MAIN).exists(),
        "work": work,
        "people": _people(reader),
    }
    return render(request, "web/system.html", values)


def _doubtful(reader: Rights, state: NodeState) -> Sequence[Mapping[str, Any]]:
    """Asked for only where another machine has written in the mission's own compartment: own grants were allowed."""
    others = any(feed.compartment == HOME and not feed.own for feed in state.feeds)
    return accounts.doubtful_grants(reader) if others else []


def _named(reader: Rights, found: Sequence[Mapping[str, Any]]) -> tuple[Mapping[UUID, Row], Mapping[UUID, Row]]:
    """The tasks and the alerts among what is wrong: each asked for only where there is one."""
    of_alerts = {one["root"] for one in found if one["model"].startswith("alerts.")}
    of_tasks = {one["root"] for one in found} - of_alerts
    return (
        desk.tasks(of_tasks, reader) if of_tasks else {},
        alerts.alerts(of_alerts, reader) if of_alerts else {},
    )


def _found(one: Mapping[str, Any], tasks: Mapping[UUID, Row], warnings: Mapping[UUID, Row]) -> dict[str, Row | None]:
    return {"task": tasks.get(one["root"]), "alert": warnings.get(one["root"])}


def _seen_by(reader: Rights, state: NodeState) -> NodeState:
    """The node as far as somebody answers for it: how much is written elsewhere is not for everybody."""
    held = [HOME, *reader.where(Act.SEE_SYSTEM, state.compartments)]
    feeds = tuple(feed for feed in state.feeds if feed.compartment in held)
    seen = {code: tick for code, tick in state.compartments.items() if code in held}
    return replace(state, feeds=feeds, compartments=seen, entries=sum(feed.seq for feed in feeds))


# Jobs.


@dataclass(frozen=True)
class Shown:
    """A job in words. A kind that this page does not know yet is shown by its code."""

    job: JobRow
    now: int

    @property
    def shown(self) -> object:
        return KINDS.get(self.job.kind, plain.visible(self.job.kind))

    @property
    def ending(self) -> object:
        return ENDINGS[self.job.state]

    @property
    def when(self) -> str:
        return times.relative(self.job.ended_at or self.now, self.now)

    def __getattr__(self, name: str) -> object:
        return getattr(self.job, name)


@dataclass(frozen=True)
class Work:
    """What the worker of this machine does, as the page says it."""

    running: list[Shown]
    waiting: int
    failed: int
    last_failed: Shown | None
    last_ended: Shown | None
    checks: dict[str, JobRow | None]
    checking: JobRow | None


def _work(now: int) -> Work:
    found = asked.recent(limit=MOST_JOBS)
    everything = len(found) < MOST_JOBS
    counts = _counted(found) if everything else asked.counts()
    ended = sorted([one for one in found if one.ended_at], key=lambda one: one.ended_at or 0, reverse=True)
    return Work(
        running=[Shown(one, now) for one in found if one.state == State.RUNNING],
        waiting=counts[State.WAITING],
        failed=counts[State.FAILED],
        last_failed=next((Shown(one, now) for one in ended if one.state == State.FAILED), None),
        last_ended=next((Shown(one, now) for one in ended), None),
        checks=_checks(ended) if everything else asked.last_checks(),
        checking=next((one for one in found if one.kind == CHECK and not one.ended), None),
    )


def _counted(found: Sequence[JobRow]) -> dict[State, int]:
    return {state: sum(one.state == state for one in found) for state in State}


def _checks(ended: Sequence[JobRow]) -> dict[str, JobRow | None]:
    done = [one for one in ended if one.kind == CHECK and one.state == State.DONE]
    return {"chain": next(iter(done), None), "tables": next((one for one in done if one.arguments.get("tables")), None)}


# People.


def _people(reader: Rights) -> dict[str, int] | None:
    """How many one may know of, how many have a role, how many roles wait: nothing to whoever sees no people."""
    if not reader.may_anywhere(Act.SEE_PEOPLE):
        return None
    everybody = accounts.persons()
    # The name at the head of the page is among these, so nobody asks for names once more.
    people.remember(everybody)
    held = accounts.grants(row["id"] for row in everybody)
    known = [row["id"] for row in everybody if rules.may_know(reader, row["id"], held[row["id"]])]
    grants = {person: rules.known_grants(reader, held[person]) for person in known}
    return {
        "known": len(known),
        "with_role": sum(bool(rules.in_force(found)) for found in grants.values()),
        "waiting": sum(rules.waiting(one) for found in grants.values() for one in found),
    }


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    jobs.ask(CHECK, key="asked", arguments={"tables": True}, by=session.acting(request).id)
    messages.success(request, _("Asked for. The worker of this machine checks the ledger now."))
    return redirect("system")
