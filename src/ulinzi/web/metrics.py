"""/metrics in Prometheus' text form, for a program on this machine. Numbers and route names, nothing else.

Written by hand: the form is three kinds of line, the counting is one class, and prometheus-client would bring
a registry of its own, collectors that tell the versions of Python and of the system, and a package to keep up to date.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ulinzi.jobs import heartbeat
from ulinzi.jobs import queries as jobs
from ulinzi.jobs.rules import State
from ulinzi.kernel.clock import SECOND
from ulinzi.kernel.errors import Broken, Refused
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.web import health, logs, measure

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_UNKNOWN = ("unknown", "Fields sent that the form does not have")
_WAITING = (State.WAITING, State.RUNNING, State.FAILED)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Whoever asks from elsewhere does not come so far: measure.py."""
    return HttpResponse("\n".join(text()) + "\n", content_type=CONTENT_TYPE)


def text() -> Iterator[str]:
    yield from _requests()
    yield from _node()
    yield from _one("ulinzi_log_lines_lost_total", "counter", "Log lines that could not be written.", logs.lost())
    yield from _one("process_resident_memory_bytes", "gauge", "Memory of the web server.", _memory())


def _head(name: str, kind: str, what: str) -> str:
    return f"# HELP {name} {what}\n# TYPE {name} {kind}"


def _one(name: str, kind: str, what: str, value: float) -> list[str]:
    return [_head(name, kind, what), f"{name} {value}"]


def _requests() -> Iterator[str]:
    counted = measure.counters.routes()
    yield _head("ulinzi_requests_total", "counter", "Requests by route and class of status.")
    for route, tally in counted:
        for status, count in sorted(tally.statuses.items()):
            yield f'ulinzi_requests_total{{route="{route}",status="{status}"}} {count}'
    yield _head("ulinzi_request_seconds", "histogram", "How long requests took, by route.")
    for route, tally in counted:
        yield from _histogram(route, tally)
    for name, what in (("queries", "Statements sent to the database"), ("bytes", "Bytes of the pages sent"), _UNKNOWN):
        yield _head(f"ulinzi_request_{name}_total", "counter", f"{what}, by route.")
        yield from (
            f'ulinzi_request_{name}_total{{route="{route}"}} {getattr(tally, name)}' for route, tally in counted
        )


def _histogram(route: str, tally: measure.Tally) -> Iterator[str]:
    name, so_far = "ulinzi_request_seconds", list(accumulate(tally.buckets))
    for bound, count in zip([*map(str, measure.BOUNDS), "+Inf"], so_far, strict=True):
        yield f'{name}_bucket{{route="{route}",le="{bound}"}} {count}'
    yield f'{name}_sum{{route="{route}"}} {tally.seconds:.6f}'
    yield f'{name}_count{{route="{route}"}} {so_far[-1]}'


def _node() -> Iterator[str]:
    """What the node holds, in numbers. Where it cannot be asked the rest is said all the same."""
    try:
        told = [*_held()]
    except (*access.DATABASE_ERRORS, Broken, Refused):
        told = []
    yield from _one("ulinzi_up", "gauge", "Whether the node answers.", int(bool(told)))
    yield from told


def _held() -> Iterator[str]:
    here, state, found = nodes.current(), ledger.node_state(), jobs.counts()
    places = list(state.compartments)
    yield _head("ulinzi_jobs", "gauge", "Jobs by state; what ended long ago is forgotten.")
    yield from (f'ulinzi_jobs{{state="{one}"}} {found[one]}' for one in _WAITING)
    silent = max(0.0, (here.clock.now() - heartbeat.last(here)) / SECOND)
    yield from _one("ulinzi_worker_silent_seconds", "gauge", "Since the worker last said that it lives.", silent)
    yield from _one("ulinzi_access_unsaved", "gauge", "Looks that the access log has no row of.", access.unsaved(here))
    yield from _one("ulinzi_entries", "gauge", "Entries of the ledger.", state.entries)
    yield from _one("ulinzi_problems", "gauge", "Problems that the fold found.", ledger.count_problems(places))
    yield from _one("ulinzi_conflicts", "gauge", "Groups with two values.", ledger.count_conflicts(places))
    yield from _one("ulinzi_disk_free_bytes", "gauge", "Room on the disk of the node.", health.room(here.home).free)


def _memory() -> int:
    """What the process holds now; nought where the system does not say it in this way."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)
