"""A node served as people start it, `ulinzi run`: asked over HTTP, its processes watched from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil

PATIENCE = 30.0


@dataclass
class Served:
    port: int
    begun: subprocess.Popen[bytes]

    def processes(self) -> list[psutil.Process]:
        """The one that was started and everything below it: the web server and the worker."""
        first = psutil.Process(self.begun.pid)
        return [first, *first.children(recursive=True)]

    def web(self) -> list[psutil.Process]:
        return [one for one in self.processes() if "ulinzi.config.server" in one.cmdline()]

    def web_cpu(self) -> float:
        """Seconds of a core so far."""
        return sum(sum(one.cpu_times()[:2]) for one in self.web())

    def memory(self) -> float:
        """Megabytes that would be free again if all of it ended."""
        return sum(one.memory_full_info().uss for one in self.processes()) / 1e6


class Browser:
    """One connection that stays open, as a browser keeps it."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.headers = {"Host": "localhost", "Cookie": cookie, "Accept-Encoding": "gzip", "Accept-Language": "fr"}

    def get(self, address: str) -> tuple[int, bytes, dict[str, str], float]:
        """Status, body as it came, headers, milliseconds to the last byte."""
        began = time.perf_counter()
        self.connection.request("GET", address, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        return answer.status, body, {name.lower(): value for name, value in answer.getheaders()}, took

    def close(self) -> None:
        self.connection.close()


@contextmanager
def served(home: Path) -> Iterator[Served]:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port = int(tried.getsockname()[1])
    told = {"ULINZI_HOME": str(home), "ULINZI_PORT": str(port), "ULINZI_LANG": "en"}
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "ULINZI_DEMO")}
    command = [sys.executable, "-m", "ulinzi.cli", "run"]
    begun = subprocess.Popen(command, env=environment | told, stdout=subprocess.DEVNULL)
    try:
        _wait(begun, port)
        yield Served(port, begun)
    finally:
        begun.send_signal(signal.SIGTERM)
        begun.wait(timeout=PATIENCE)


def _wait(begun: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and begun.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server never answered")
