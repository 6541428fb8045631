"""The loop of a worker: take up what is due, do it, sleep until something is."""

from __future__ import annotations

import logging
import time
from threading import Event

from django.db import connections
from django.utils.module_loading import autodiscover_modules

from ulinzi.jobs import actions, heartbeat, kinds, queries, rounds
from ulinzi.jobs.queries import JobRow
from ulinzi.jobs.work import Work
from ulinzi.kernel.clock import DAY, SECOND
from ulinzi.ledger import access
from ulinzi.ledger.node import Node

log = logging.getLogger("ulinzi.jobs")
# One line for each job, for machines to read: settings say which file it goes to.
lines = logging.getLogger("ulinzi.lines.work")
# Other processes ask for jobs too: the list is looked at this often while nothing is due.
LOOK_EVERY = SECOND
AFTER_DATABASE_ERROR = 5.0


def run(node: Node, *, stop: Event, once: bool = False) -> int:
    """Work until `stop` is set; with `once`, until nothing is due. Returns how many jobs were taken up."""
    autodiscover_modules("tasks")
    taken = 0
    with node.use():
        worker = node.chance.bytes(8).hex()
        while not stop.is_set():
            heartbeat.beat(node)
            try:
                worked = _round(node, worker, stop)
            except access.DATABASE_ERRORS as error:
                if once:
                    raise
                _after_database_error(node, stop, error)
                continue
            taken += worked
            if not worked and once:
                break
            if not worked:
                stop.wait(_pause(node))
        access.flush(node)
    return taken


def _round(node: Node, worker: str, stop: Event) -> int:
    access.flush(node)
    ask_daily(node)
    rounds.make(node)
    job = actions.take(worker)
    if job is None:
        return 0
    run_one(job, stop)
    return 1


def ask_daily(node: Node) -> None:
    """What belongs to every day. The ids come from the day, so all workers together ask once."""
    key = f"day-{node.clock.now() // DAY}"
    actions.ask("ledger.verify", key=key, arguments={"tables": True}, once=True)
    actions.ask("jobs.forget", key=key, once=True)


def run_one(job: JobRow, leaving: Event) -> None:
    """Do one job and say how it ended."""
    began, error = time.monotonic(), ""
    try:
        error = _run_one(job, leaving)
    except actions.LeaseLost:
        error = actions.LeaseLost.__name__
        log.warning("job %s of kind %s was taken over", job.id, job.kind)
    told = {"kind": job.kind, "try": job.tries, "ms": round((time.monotonic() - began) * 1000), "error": error}
    lines.info(job.kind, extra={"line": told})


def _run_one(job: JobRow, leaving: Event) -> str:
    """The class of what went wrong, or nothing."""
    found = kinds.known(job.kind)
    if found is None:
        actions.fail(job, "UnknownKind", most_tries=1)
        return "UnknownKind"
    if found.most_tries is not None and job.tries > found.most_tries:
        actions.fail(job, "WorkerLost", most_tries=found.most_tries)  # each worker that took it up died of it
        return "WorkerLost"
    return _do(found, job, Work(job, leaving))


def _do(kind: kinds.Kind, job: JobRow, work: Work) -> str:
    try:
        result = kind.run(work)
    except actions.LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 - the edge of the process: one bad job must not end the worker
        log.warning("job %s of kind %s failed: %s", job.id, job.kind, type(error).__name__)
        actions.fail(job, type(error).__name__, most_tries=kind.most_tries)
        return type(error).__name__
    if not work.was_stopped:
        actions.finish(job, result or {})
    elif work.leaving:
        actions.put_back(job)
    else:
        actions.end_stopped(job)
    return ""


def _pause(node: Node) -> float:
    now = node.clock.now()
    next_at = queries.next_at(now)
    wanted = LOOK_EVERY if next_at is None else min(next_at - now, LOOK_EVERY)
    return wanted / SECOND


def _after_database_error(node: Node, stop: Event, error: BaseException) -> None:
    """The server was restarted, or the disk is full: nothing is lost, the lease ends by itself."""
    log.warning("the database did not answer: %s", type(error).__name__)
    connections[node.alias].close()
    stop.wait(AFTER_DATABASE_ERROR)
