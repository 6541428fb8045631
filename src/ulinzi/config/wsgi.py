"""The door for web servers. A node is opened once, and every request runs in it: servers start their own threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any

from django import setup
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http.cookie import parse_cookie

from ulinzi.config import memory
from ulinzi.ledger.node import Node, open_node

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


# Whoever sends a form byte by byte holds a thread for as long as they like: strangers get half of the threads for it.
# The read is waited for: granian stands still, all of it, when a response is sent while a body is still being read.
_reading = BoundedSemaphore(4)
# Both languages, because nobody has looked yet at who is asking; no style, because nothing else may be fetched either.
_BUSY = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Occupé · Busy</title>
<h1>Cette machine est occupée.</h1><p>Rien n’a été enregistré. Attendez quelques secondes et essayez de nouveau.</p>
<div lang="en"><h1>This machine is busy.</h1><p>Nothing was saved. Wait a few seconds and try again.</p></div></html>
""".encode()


def _read(asked: dict[str, Any]) -> bool:
    """Read the body of a stranger, a few at a time; False where too many are being read."""
    from ulinzi.accounts import sessions

    said = str(asked.get("CONTENT_LENGTH") or "0")
    size = int(said) if said.isdecimal() else 0
    if size == 0 or size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return True
    token = parse_cookie(asked.get("HTTP_COOKIE", "")).get(settings.SIGNED_IN_COOKIE, "")
    if token and sessions.find(token, touch=False):
        return True
    if not _reading.acquire(blocking=False):
        return False
    try:
        asked["wsgi.input"] = BytesIO(asked["wsgi.input"].read(size))
    finally:
        _reading.release()
    return True


def application_for(node: Node) -> Application:
    django = get_wsgi_application()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with node.use():
            return django(environ, start_response) if _read(environ) else _busy(environ, start_response)

    return serve


def _busy(asked: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Said before anything of Django's is asked: it has to cost next to nothing."""
    from ulinzi.web import measure
    from ulinzi.web.middleware import HEADERS

    told = {"Retry-After": "5", "Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(_BUSY))}
    # What is left of the form is not waited for.
    told |= {"Connection": "close", "Cache-Control": "no-store", **HEADERS}
    if asked.get("wsgi.url_scheme") == "https":
        told["Strict-Transport-Security"] = "max-age=31536000"
    start_response("503 Service Unavailable", list(told.items()))
    method = asked.get("REQUEST_METHOD", "")
    measure.keep(measure.Told("busy", measure.method(method), 503, 0.0, 0, len(_BUSY), ""))
    return [_BUSY]


def __getattr__(name: str) -> Any:
    """Opened when a server asks for it, so that tests may import this module without a node."""
    if name != "application":
        raise AttributeError(name)
    globals()["application"] = application_for(_opened())
    return globals()["application"]


def _opened() -> Node:
    """This machine's node, once per process of the server."""
    # The modules below have tables, and a server comes here before anybody has loaded the apps.
    setup(set_prefix=False)
    from ulinzi.ledger import access
    from ulinzi.ledger.init import bring_marker_forward

    node = open_node(settings.HOME)
    bring_marker_forward(node)
    access.Flusher(node).start()
    memory.settle()
    return node
