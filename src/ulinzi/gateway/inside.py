"""The unix socket: one line of JSON asks, one line answers. Only this machine's own user and root are heard."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingMixIn, UnixStreamServer
from typing import Any

from ulinzi.gateway import trouble
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.wire import MOST_BYTES, SOCKET, reached
from ulinzi.kernel.errors import Refused, UlinziError

PATIENCE = 10.0
MOST_AT_ONCE = 32
# Neither enrol_number nor show: by them whoever got in could try numbers and words.
ALLOWED = frozenset(
    {"pending", "strays", "taken", "words", "forget", "offer", "dial", "send", "sent", "enrol", "withdraw", "phones"}
)


def answer(gateway: Gateway, line: bytes) -> Mapping[str, Any]:
    """What one line gets. Nothing of a question ever stands in what is said of an error."""
    try:
        name, told = _asked(line)
        return {"ok": getattr(gateway, name)(**told)}
    except UlinziError as error:
        return _refusal(error)
    except Exception as error:  # noqa: BLE001 - the edge of the process: one question must not end it
        trouble.tell("a question failed", type(error).__name__)
        return _refusal(Refused("gateway_not_understood"))


def _refusal(error: UlinziError) -> Mapping[str, Any]:
    return {"error": [type(error).__name__, error.code, error.values]}


def _asked(line: bytes) -> tuple[str, dict[str, Any]]:
    told = json.loads(line)
    if told["ask"] not in ALLOWED:
        raise ValueError
    return told["ask"], told.get("with", {})


def may_ask(connection: socket.socket) -> bool:
    """By the system's word for who is at the other end; where it gives none, the folder's mode has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return is_ours(struct.unpack("3i", found)[1])


def is_ours(uid: int) -> bool:
    return uid in (os.geteuid(), 0)


class _Handler(StreamRequestHandler):
    timeout = PATIENCE

    def handle(self) -> None:
        if not may_ask(self.connection):
            return
        try:
            line = self.rfile.readline(MOST_BYTES)
            if line.endswith(b"\n"):
                told = answer(self.server.gateway, line)  # type: ignore[attr-defined]
                self.wfile.write(json.dumps(told).encode() + b"\n")
        except OSError:
            return  # whoever asked has gone


class Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self.gateway = gateway
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        (folder / SOCKET).unlink(missing_ok=True)  # of a process that was killed; the lock says that none is left
        with reached(folder) as path, _private():
            super().__init__(path, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._room.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Without what was asked."""
        trouble.tell("a question broke off", type(sys.exc_info()[1]).__name__)


@contextmanager
def _private() -> Iterator[None]:
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def serving(gateway: Gateway, folder: Path) -> Iterator[Callable[[], None]]:
    """In a thread of its own until the end of the block."""
    server = Server(gateway, folder)
    thread = threading.Thread(target=server.serve_forever, args=(0.2,), name="inside", daemon=True)
    thread.start()
    try:
        yield server.shutdown
    finally:
        server.shutdown()
        server.server_close()
        (folder / SOCKET).unlink(missing_ok=True)
