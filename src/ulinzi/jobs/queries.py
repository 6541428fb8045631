"""What people and workers ask about jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from ulinzi.jobs.models import Job
from ulinzi.jobs.rules import ENDED, State
from ulinzi.kernel.errors import NotFound


@dataclass(frozen=True)
class JobRow:
    """A job as it stands now. `error` is the class of the last failure, never what it was about."""

    id: UUID
    kind: str
    key: str
    arguments: dict[str, Any]
    state: State
    run_at: int
    tries: int
    worker: str
    lease_until: int | None
    stop_asked: bool
    done: int
    total: int
    result: dict[str, Any]
    error: str
    asked_by: UUID | None
    made_at: int
    ended_at: int | None

    @property
    def ended(self) -> bool:
        return self.state in ENDED


def job(id: UUID) -> JobRow:
    found = Job.objects.filter(id=id).first()
    if found is None:
        raise NotFound("job_not_found", job=str(id))
    return _row(found)


def recent(*, limit: int = 20) -> list[JobRow]:
    """The newest first."""
    return [_row(one) for one in Job.objects.order_by("-made_at", "-id")[:limit]]


def counts() -> dict[State, int]:
    """How many there are in each state; what ended long ago is forgotten and not counted."""
    found = dict(Job.objects.values_list("state").annotate(Count("id")))
    return {state: found.get(state, 0) for state in State}


def due(now: int, *, limit: int = 10) -> list[JobRow]:
    """What a worker may take up: waiting and its time has come, or running with a worker that no longer says so."""
    return [_row(one) for one in _due(now).order_by("run_at", "id")[:limit]]


def _due(now: int) -> QuerySet[Job]:
    waiting = Q(state=State.WAITING, run_at__lte=now)
    return Job.objects.filter(waiting | Q(state=State.RUNNING, lease_until__lt=now))


def next_at(now: int) -> int | None:
    """When the next waiting job's time comes."""
    later = Job.objects.filter(state=State.WAITING, run_at__gt=now).order_by("run_at")
    return later.values_list("run_at", flat=True).first()


def stop_asked(id: UUID) -> bool:
    return Job.objects.filter(id=id, stop_asked=True).exists()


def last_checks() -> dict[str, JobRow | None]:
    """The last finished check of the chain, and the last that compared the tables too."""
    ended = [_row(one) for one in Job.objects.filter(kind="ledger.verify", state=State.DONE).order_by("-ended_at")[:50]]
    with_tables = (one for one in ended if one.arguments.get("tables"))
    return {"chain": next(iter(ended), None), "tables": next(with_tables, None)}


def _row(one: Job) -> JobRow:
    return JobRow(
        id=one.id,
        kind=one.kind,
        key=one.key,
        arguments=json.loads(one.arguments),
        state=State(one.state),
        run_at=one.run_at,
        tries=one.tries,
        worker=one.worker,
        lease_until=one.lease_until,
        stop_asked=one.stop_asked,
        done=one.done,
        total=one.total,
        result=json.loads(one.result) if one.result else {},
        error=one.error,
        asked_by=one.asked_by,
        made_at=one.made_at,
        ended_at=one.ended_at,
    )
