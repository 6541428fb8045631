"""A phone that is none: brings signed messages, retries as the real programs do, and is told to send and to call.

For tests, benches and the demonstration. By default nothing leaves the process: `deliver` and `asked` are plain calls.
"""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zlib import crc32

from ulinzi.gateway import hooks
from ulinzi.gateway.phones import Door
from ulinzi.kernel.chance import Chance
from ulinzi.kernel.clock import SECOND

# Once, and fourteen times again: about two days.
FIRST_WAIT, MOST_TRIES, MOST_CALL_TRIES = 10 * SECOND, 15, 2
ACCEPTED = 202
Deliver = Callable[[str, Mapping[str, str], bytes], int]


@dataclass
class Hook:
    """One message on its way, until somebody answers 2xx or it is given up."""

    raw: bytes
    due: int
    most: int
    tries: int = 0


@dataclass
class SimulatedPhone:
    """`deliver` takes what Gateway.receive takes; it may raise OSError, where there is no network."""

    code: str
    key: bytes
    deliver: Deliver
    chance: Chance
    zone: int = 2
    waiting: list[Hook] = field(default_factory=list)
    given_up: list[Hook] = field(default_factory=list)
    to_send: list[Mapping[str, Any]] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)
    user: str = "sms"
    password: str = "invented"

    # What happens to it.

    def sms(self, number: str, words: str, at: int, *, sim: int | None = 1) -> bytes:
        told = {"message": words, "phoneNumber": number, "simNumber": sim, "receivedAt": self._local(at)}
        # As the real one: made from the content, so it is not the message's own.
        return self._queue("sms:received", {"messageId": f"{crc32((number + words).encode()):08x}", **told}, at)

    def ring(self, number: str | None, at: int) -> bytes:
        return self._queue("call:ringing", {"phoneNumber": number}, at, MOST_CALL_TRIES)

    def start(self, number: str | None, at: int) -> bytes:
        return self._queue("call:started", {"phoneNumber": number}, at, MOST_CALL_TRIES)

    def end(self, number: str | None, at: int) -> bytes:
        return self._queue("call:ended", {"phoneNumber": number}, at, MOST_CALL_TRIES)

    def bip(self, number: str | None, at: int) -> None:
        """Rings and hangs up: somebody wants to be called."""
        self.ring(number, at)
        self.end(number, at + 3 * SECOND)

    def ping(self, at: int) -> bytes:
        return self._queue("system:ping", {"health": {"status": "pass"}}, at)

    def report(self, at: int, state: str = "delivered", reason: str = "") -> None:
        """What became of everything it was told to send."""
        for told in self.to_send:
            payload = {"messageId": told["id"], "phoneNumber": told["phoneNumbers"][0], f"{state}At": self._local(at)}
            self._queue(f"sms:{state}", payload | ({"reason": reason} if reason else {}), at)
        self.to_send.clear()

    # What it does by itself.

    def tick(self, now: int) -> None:
        """Try everything that is due: after 10, 20, 40 ... seconds, the same bytes with a new time stamp."""
        for hook in [one for one in self.waiting if one.due <= now]:
            if 200 <= self._tried(hook, now) < 300:
                self.waiting.remove(hook)
            elif hook.tries >= hook.most:
                self.waiting.remove(hook)
                self.given_up.append(hook)
            else:
                hook.due = now + FIRST_WAIT * 2 ** (hook.tries - 1)

    def _tried(self, hook: Hook, now: int) -> int:
        hook.tries += 1
        try:
            return self.deliver(self.code, self.headers(hook.raw, now), hook.raw)
        except OSError:
            return 0

    def headers(self, raw: bytes, at: int) -> dict[str, str]:
        stamp = str(at // SECOND)
        return {"X-Signature": hooks.signature(self.key, raw, stamp), "X-Timestamp": stamp}

    def _queue(self, event: str, payload: Mapping[str, Any], at: int, most: int = MOST_TRIES) -> bytes:
        told = {"deviceId": f"device-{self.code}", "event": event, "id": self.chance.bytes(8).hex(), "payload": payload}
        raw = json.dumps({**told, "webhookId": "hook"}, ensure_ascii=False).encode()
        self.waiting.append(Hook(raw, at, most))
        return raw

    def _local(self, at: int) -> str:
        moment = datetime.fromtimestamp(at // SECOND, UTC).astimezone(timezone(timedelta(hours=self.zone)))
        return moment.isoformat(timespec="milliseconds")

    # What it is told.

    def asked(self, door: Door, path: str, told: Mapping[str, Any]) -> int:
        """For Gateway(asked=...): the phone without a network between."""
        if (door.user, door.password) != (self.user, self.password):
            return 401
        return self.told(path, told)

    def told(self, path: str, body: Mapping[str, Any]) -> int:
        if path.endswith("/message"):
            if any(one["id"] == body["id"] for one in self.to_send):
                return 409
            self.to_send.append(body)
            return ACCEPTED
        if path.endswith("/calls"):
            self.dialled.append(body["call"]["phoneNumber"])
            return ACCEPTED
        return 404

    @contextmanager
    def listening(self) -> Iterator[int]:
        """On a port of this machine alone, as the local server of the real one."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _listener(self))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            server.server_close()


def over_http(port: int) -> Deliver:
    """To a gateway's door on this machine."""

    def deliver(code: str, headers: Mapping[str, str], raw: bytes) -> int:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", f"/hook/{code}", raw, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()

    return deliver


def _listener(phone: SimulatedPhone) -> type[BaseHTTPRequestHandler]:
    pass_key = "Basic " + b64encode(f"{phone.user}:{phone.password}".encode()).decode()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            known = self.headers.get("Authorization") == pass_key
            body = json.loads(raw) if known else {}
            status = phone.told(self.path, body) if known else 401
            said = json.dumps({"id": body.get("id"), "state": "Pending"}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *args: object) -> None:
            """Addresses and bodies hold numbers."""

    return Listener
