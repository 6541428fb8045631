"""The gateway as a process: 50 messages a second for 20 seconds, over HTTP, each stored before it is answered."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from queue import SimpleQueue

from bench import rig
from bench.table import Line, at_most, quantile
from bench.writes import bare_sqlite
from ulinzi.gateway.client import Client
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.phones import Phone
from ulinzi.gateway.simulated import SimulatedPhone
from ulinzi.kernel.chance import SystemChance
from ulinzi.kernel.clock import SECOND, SystemClock
from ulinzi.kernel.errors import Refused

RATE, SECONDS, LINES, SENDERS, PORT = 50, 20, 8, 40, 8439
KEY, BAR = b"a signing key that is invented..", 250.0


def run() -> Iterator[Line]:
    with rig.folder() as home:
        bare = bare_sqlite(home, 500)
        took, refused = _under_load(home)
        kept = _count(home)
    count = RATE * SECONDS
    yield Line("SQLite FULL: bare insert, wall p50, in this run", f"{bare:.2f} ms")
    yield Line("gateway: message stored and acknowledged, p50", f"{quantile(took, 0.5):.1f} ms, {_ratio(took, bare)}")
    yield at_most(f"the same, p99 of {count} at {RATE} a second", quantile(took, 0.99), BAR, "ms")
    yield Line(
        "messages lost or doubled", f"{abs(count - kept)}, {refused} refused", "0", count == kept and not refused
    )


def _ratio(took: list[float], bare: float) -> str:
    return f"{quantile(took, 0.5) / bare:.1f}x a bare insert"


def _under_load(home: Path) -> tuple[list[float], int]:
    """Each message has its own moment; one that had to wait for the one before has waited, and that counts."""
    gateway = Gateway(home, SystemClock(), SystemChance())
    gateway.add_phone(Phone("NORTH-1", "north", "Duty room", KEY, calling_code="999"))
    gateway.close()
    waiting: SimpleQueue[tuple[float, bytes] | None] = SimpleQueue()
    took: list[float] = []
    refused: list[int] = []
    with _process(home):
        lines = [threading.Thread(target=_line, args=(waiting, took, refused)) for _ in range(LINES)]
        for one in lines:
            one.start()
        for due, raw in _messages():
            time.sleep(max(0.0, due - time.perf_counter()))
            waiting.put((due, raw))
        for _ in lines:
            waiting.put(None)
        for one in lines:
            one.join()
        return took, len(refused)


def _messages() -> list[tuple[float, bytes]]:
    phone, now = SimulatedPhone("NORTH-1", KEY, lambda *_: 0, SystemChance()), SystemClock().now()
    began = time.perf_counter() + 1
    numbers = [f"+9997000000{place:02d}" for place in range(SENDERS)]
    return [
        (began + place / RATE, phone.sms(numbers[place % SENDERS], f"words {place}", now + place * SECOND))
        for place in range(RATE * SECONDS)
    ]


def _line(waiting: SimpleQueue[tuple[float, bytes] | None], took: list[float], refused: list[int]) -> None:
    phone = SimulatedPhone("NORTH-1", KEY, lambda *_: 0, SystemChance())
    while (one := waiting.get()) is not None:
        due, raw = one
        connection = HTTPConnection("127.0.0.1", PORT, timeout=30)
        connection.request("POST", "/hook/NORTH-1", raw, phone.headers(raw, SystemClock().now()))
        answer = connection.getresponse()
        answer.read()
        connection.close()
        took.append((time.perf_counter() - due) * 1000)
        if answer.status != 200:
            refused.append(answer.status)


@contextmanager
def _process(home: Path) -> Iterator[None]:
    begun = subprocess.Popen(
        [sys.executable, "-m", "ulinzi.gateway.process", str(home)],
        env={**os.environ, "ULINZI_GATEWAY_PORT": str(PORT)},
    )
    try:
        _wait(home)
        yield
    finally:
        begun.terminate()
        begun.wait(timeout=30)


def _wait(home: Path) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            Client(home).phones()
            return
        except Refused:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _count(home: Path) -> int:
    gateway = Gateway(home, SystemClock(), SystemChance())
    try:
        return int(gateway.store.rows("SELECT count(*) FROM letter")[0][0])
    finally:
        gateway.close()
