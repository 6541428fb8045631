"""Asking for a job, and what a worker does to one: take it up, say how far it is, end it.

Every change names the job as it was read (compare-and-set), so two workers never have the same one, on either database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from ulinzi.jobs import kinds, queries, rules
from ulinzi.jobs.models import Job
from ulinzi.jobs.queries import JobRow
from ulinzi.jobs.rules import State
from ulinzi.kernel import ids
from ulinzi.ledger import node as nodes
from ulinzi.ledger import store, tables


class LeaseLost(Exception):
    """Another worker has taken the job over; this one lets go of it."""


def ask(
    kind: str,
    *,
    key: str = "",
    arguments: Mapping[str, Any] | None = None,
    once: bool = False,
    by: UUID | None = None,
    at: int | None = None,
) -> UUID:
    """Put a job on the list, in the transaction that is open here.

    With a key, asking again before it is taken up changes nothing but an earlier time; with `once`, asking ever again.
    Inside a unit ask last: the row stays locked until the commit.
    """
    rules.check_arguments(arguments or {})
    node = nodes.current()
    now = node.clock.now()
    id = ids.derived_id("jobs", kind, key) if once else ids.new_id(now, node.chance)
    if once and Job.objects.filter(id=id).exists():
        return id
    values = {
        "id": tables.id_params(node, [id])[0],
        "kind": kind,
        "key": key,
        "waiting_key": f"{kind} {key}" if key and not once else None,
        "arguments": json.dumps(dict(arguments or {}), sort_keys=True),
        "run_at": now if at is None else at,
        "state": str(State.WAITING),
        **_NOT_YET,
        "asked_by": tables.id_params(node, [by])[0] if by else None,
        "made_at": now,
    }
    with transaction.atomic(using=node.alias):
        found = store.rows(node, _insert(list(values), once=once), list(values.values()))
    return UUID(str(found[0][0])) if found else id


_NOT_YET = {"tries": 0, "worker": "", "stop_asked": False, "done": 0, "total": 0, "result": "", "error": ""}


def _insert(columns: Sequence[str], *, once: bool) -> str:
    earlier = "CASE WHEN excluded.run_at < jobs_job.run_at THEN excluded.run_at ELSE jobs_job.run_at END"
    # An update rather than nothing: it holds the row, so that no worker ends the job before this commit asked for it.
    otherwise = "(id) DO NOTHING" if once else f"(waiting_key) DO UPDATE SET run_at = {earlier}"
    return (
        f"INSERT INTO jobs_job ({', '.join(columns)}) VALUES ({store.marks(len(columns))})"
        f" ON CONFLICT {otherwise} RETURNING id"
    )


def stop(id: UUID) -> None:
    """A waiting job ends at once, a running one between two of its chunks."""
    if Job.objects.filter(id=id, state=State.WAITING).update(**_ended(State.STOPPED)) == 0:
        Job.objects.filter(id=id, state=State.RUNNING).update(stop_asked=True)


def forget(*, ended_before: int) -> int:
    """Jobs name who asked for them: nobody needs that for ever."""
    return Job.objects.filter(ended_at__lt=ended_before).delete()[0]


# What a worker does.


def take(worker: str) -> JobRow | None:
    """A job that is due, or whose worker's lease has ended. None where nothing is left, or others were faster."""
    now = nodes.current().clock.now()
    for job in queries.due(now):
        if _take(job, worker, now):
            return queries.job(job.id)
    return None


def _take(job: JobRow, worker: str, now: int) -> bool:
    wanted = Job.objects.filter(id=job.id, **as_read(job))
    lease = now + kinds.longest(job.kind)
    mine = wanted.update(state=State.RUNNING, worker=worker, lease_until=lease, tries=F("tries") + 1, waiting_key=None)
    return mine == 1


def as_read(job: JobRow) -> dict[str, Any]:
    """What must still be so for a worker's change to count."""
    return {"state": job.state, "tries": job.tries, "worker": job.worker, "lease_until": job.lease_until}


def progress(job: JobRow, done: int, total: int) -> None:
    """Say how far it is, which also renews the lease."""
    lease = nodes.current().clock.now() + kinds.longest(job.kind)
    _change(job, done=done, total=total, lease_until=lease)


def finish(job: JobRow, result: Mapping[str, Any]) -> None:
    _change(job, result=json.dumps(dict(result), sort_keys=True), error="", **_ended(State.DONE))


def end_stopped(job: JobRow) -> None:
    _change(job, **_ended(State.STOPPED))


def put_back(job: JobRow) -> None:
    """The worker has to go; the next one begins again, and this try does not count."""
    _change(job, state=State.WAITING, lease_until=None, worker="", tries=job.tries - 1)


def fail(job: JobRow, error: str, *, most_tries: int | None) -> None:
    """Try again later, or give up. `error` is a class name: what an exception says may hold somebody's words."""
    if most_tries is not None and job.tries >= most_tries:
        _change(job, error=error, **_ended(State.FAILED))
    else:
        later = nodes.current().clock.now() + rules.backoff(job.tries)
        _change(job, state=State.WAITING, error=error, run_at=later, lease_until=None, worker="")


def _change(job: JobRow, **values: Any) -> None:
    """Only while it is still this worker's, at this try."""
    mine = Job.objects.filter(id=job.id, state=State.RUNNING, worker=job.worker, tries=job.tries)
    if mine.update(**values) == 0:
        raise LeaseLost


def _ended(state: State) -> dict[str, Any]:
    return {"state": state, "ended_at": nodes.current().clock.now(), "lease_until": None, "waiting_key": None}
