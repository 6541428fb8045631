"""What each request cost, counted by the name of its route: for /metrics, and one line in log/web.jsonl.

Counted here is what was done, never who did it or to what: no path, no id, no person, no place.
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from ulinzi.ledger import node as nodes
from ulinzi.web import errors, logs

Respond = Callable[[HttpRequest], HttpResponse]
lines = logging.getLogger("ulinzi.lines.web")

# Seconds. A page is to answer within 0.2.
BOUNDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
# Asked every few seconds by every screen and by machines: counted, and written down only where it went wrong.
OFTEN = frozenset({"tick", "health", "metrics", "static"})
# Any of these says that somebody else asked, and a server in front passed it on.
_X = tuple(f"HTTP_X_FORWARDED_{one}" for one in ("FOR", "HOST", "PROTO", "PORT", "SERVER"))
FORWARDED = ("HTTP_FORWARDED", *_X, "HTTP_X_REAL_IP", "HTTP_VIA")


@dataclass(frozen=True)
class Told:
    """One request as it may be written down."""

    route: str
    method: str
    status: int
    seconds: float
    queries: int
    bytes: int
    error: str
    unknown: int = 0  # fields that the form does not have

    @property
    def line(self) -> dict[str, object]:
        told = {"route": self.route, "method": self.method, "status": self.status}
        told |= {"ms": round(self.seconds * 1000, 1), "queries": self.queries, "bytes": self.bytes}
        told |= {"unknown_fields": self.unknown} if self.unknown else {}
        return told | ({"error": self.error} if self.error else {})


@dataclass
class Tally:
    """Everything counted of one route."""

    statuses: Counter[str] = field(default_factory=Counter)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0
    queries: int = 0
    bytes: int = 0
    unknown: int = 0

    def add(self, told: Told) -> None:
        self.statuses[f"{told.status // 100}xx"] += 1
        self.buckets[bisect_left(BOUNDS, told.seconds)] += 1
        self.seconds += told.seconds
        self.queries += told.queries
        self.bytes += told.bytes
        self.unknown += told.unknown


class Counters:
    """One process serves, so what it counts by itself is all there is; a restart begins at nought."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tallies: dict[str, Tally] = {}

    def add(self, told: Told) -> None:
        with self._lock:
            self._tallies.setdefault(told.route, Tally()).add(told)

    def routes(self) -> list[tuple[str, Tally]]:
        """As they stand now, each a copy: others go on counting."""
        with self._lock:
            return [(name, _copied(one)) for name, one in sorted(self._tallies.items())]


def _copied(one: Tally) -> Tally:
    return Tally(Counter(one.statuses), list(one.buckets), one.seconds, one.queries, one.bytes, one.unknown)


counters = Counters()


def keep(told: Told) -> None:
    counters.add(told)
    if told.route not in OFTEN or told.status >= 400:
        lines.info(told.route, extra={"line": told.line})


class MeasureMiddleware:
    """Around everything but the headers, so that what is counted is what was sent."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == reverse("health"):
            # It is about the machine: whoever asks is nobody, so no session is looked up, and none goes on.
            request.COOKIES.pop(settings.SIGNED_IN_COOKIE, None)
        began, before = time.perf_counter(), statements()
        response = self.get_response(request)
        keep(
            Told(
                _route(request),
                method(request.method or ""),
                response.status_code,
                time.perf_counter() - began,
                statements() - before,
                _size(request, response),
                getattr(request, "raised", ""),
                getattr(request, "unknown", 0),
            )
        )
        return response

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        """Before anything looks at the form: where /metrics is not there, it is not there for any method."""
        if logs.route_of(request) != "metrics" or is_from_here(request):
            return None
        request.resolver_match = None  # the page of an address that is none of ours, to the last letter
        return errors.not_found(request)


def is_from_here(request: HttpRequest) -> bool:
    """A program on this machine, and nobody for whom a server in front passes it on."""
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class RaisedMiddleware:
    """Within everything, so that it hears of an error before a page is made of it. Its class, never what it says."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> None:
        request.raised = type(error).__name__  # type: ignore[attr-defined]


def statements() -> int:
    """How many statements this thread's connection has sent, by either way."""
    alias = nodes.current_alias()
    return int(connections[alias].statements) if alias else 0


def method(said: str) -> str:
    """Browsers have a handful; whoever sends a request by hand may write a name there."""
    return said if said in METHODS else "other"


def _route(request: HttpRequest) -> str:
    """Of an address that is none of ours nothing is kept: it may hold whatever somebody typed."""
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    return logs.route_of(request) or "none"


def _size(request: HttpRequest, response: HttpResponse) -> int:
    if request.method == "HEAD":
        return 0
    if response.streaming:
        said = response.headers.get("Content-Length", "")
        return int(said) if said.isdecimal() else 0
    return len(response.content)
