"""The gateway over HTTP: where phones bring what they received, and where the duty phone is shown a number once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from ulinzi.gateway import hooks, page, trouble
from ulinzi.gateway.core import Gateway
from ulinzi.kernel.errors import Refused

HOOK, DUTY, STYLE = "/hook/", "/duty", "/duty.css"
SAFE = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
     " frame-ancestors 'none'"),
    # Not "no-referrer": by that a browser hides the Origin of our own page from us, too.
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Robots-Tag", "noindex"),
)  # fmt: skip
MOST_TYPED = 1024
ARRIVES_WITHIN, LOOK_EVERY, CONNECTIONS, THREADS = 30, 5, 500, 4
_LINES = {
    200: "200 OK", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found",
    405: "405 Method Not Allowed", 413: "413 Content Too Large", 429: "429 Too Many Requests",
    500: "500 Internal Server Error", 503: "503 Service Unavailable",
}  # fmt: skip
Answer = tuple[int, str, bytes]
Start = Callable[[str, list[tuple[str, str]]], Any]


def application(gateway: Gateway) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    def answered(request: dict[str, Any], start: Start) -> Iterable[bytes]:
        try:
            status, kind, body = _answer(gateway, request)
        except sqlite3.Error as error:
            # A full disk, a lock: the phone tries again, and the letter is not lost.
            status, kind, body = _failed(error, 503)
        except Exception as error:  # noqa: BLE001 - the edge of the process: what an error says may hold a number
            status, kind, body = _failed(error, 500)
        start(_LINES[status], [("Content-Type", kind), ("Content-Length", str(len(body))), *SAFE])
        return [body]

    return answered


def _failed(error: Exception, status: int) -> Answer:
    trouble.tell("an answer failed", type(error).__name__)
    return status, "text/plain", b""


def _answer(gateway: Gateway, request: dict[str, Any]) -> Answer:
    path, method = request.get("PATH_INFO", ""), request["REQUEST_METHOD"]
    if path.startswith(HOOK):
        return _hook(gateway, request, path[len(HOOK) :]) if method == "POST" else (405, "text/plain", b"")
    if path == STYLE and method == "GET":
        return 200, "text/css; charset=utf-8", page.STYLE.encode()
    if path == DUTY and method in ("GET", "POST"):
        language = page.language(request.get("HTTP_ACCEPT_LANGUAGE", ""))
        return _shown(gateway, request, language) if method == "POST" else _html(200, page.asking(language))
    return (405 if path == DUTY else 404), "text/plain", b""


def _hook(gateway: Gateway, request: dict[str, Any], phone: str) -> Answer:
    names = {hooks.SIGNATURE: "HTTP_X_SIGNATURE", hooks.TIMESTAMP: "HTTP_X_TIMESTAMP"}
    headers = {name: request.get(key, "") for name, key in names.items()}
    return gateway.receive(phone, headers, _body(request, hooks.MOST_BYTES + 1)), "text/plain", b""


def _shown(gateway: Gateway, request: dict[str, Any], language: str) -> Answer:
    """The word comes in the body alone: an address stays in histories and logs."""
    if _is_from_elsewhere(request):
        gateway.refused_word()
        return _html(400, page.asking(language, "wrong"))
    typed = parse_qs(_body(request, MOST_TYPED).decode("ascii", "replace")).get("word", [""])[0]
    try:
        number = gateway.show(typed)
    except Refused:
        return _html(429, page.asking(language, "wait"))
    return _html(200, page.showing(language, number) if number else page.asking(language, "wrong"))


def _is_from_elsewhere(request: dict[str, Any]) -> bool:
    """Pages of others could use up the tries. Browsers say where a form stood; without TLS by Origin alone."""
    if request.get("HTTP_SEC_FETCH_SITE", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.get("HTTP_ORIGIN")
    return origin is not None and _host(origin) != _host("//" + request.get("HTTP_HOST", ""))


def _host(address: str) -> str:
    """Without the port, which a server in front may change. An origin that is hidden ("null") has none."""
    try:
        return urlsplit(address).hostname or "nowhere"
    except ValueError:
        return "nowhere"


def _html(status: int, text: str) -> Answer:
    return status, "text/html; charset=utf-8", text.encode()


def _body(request: dict[str, Any], most: int) -> bytes:
    found: bytes = request["wsgi.input"].read(most)
    return found


class Channel(HTTPChannel):
    def handle_read(self) -> None:
        """A byte now and then is no sign of life: a request has to arrive whole, in time, or its line is cut."""
        began, since = self.request, self.last_activity
        super().handle_read()
        if began is not None and self.request is began:
            self.last_activity = since


class Server(TcpWSGIServer):
    channel_class = Channel


def server(gateway: Gateway, host: str, port: int) -> TcpWSGIServer:
    return Server(
        application(gateway), host=host, port=port, threads=THREADS, channel_timeout=ARRIVES_WITHIN,
        connection_limit=CONNECTIONS, cleanup_interval=LOOK_EVERY, max_request_body_size=hooks.MOST_BYTES,
        max_request_header_size=16 * 1024, inbuf_overflow=4 * hooks.MOST_BYTES, ident=None, log_socket_errors=False,
    )  # fmt: skip
