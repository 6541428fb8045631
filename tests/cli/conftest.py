"""A machine for the command line: its own home, its own database, every command a process as a person starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.repo import tree

PATIENCE = 60.0
QUESTION = """
import sys
from ulinzi.cli import opening
with opening.node() as node:
    from ulinzi.desk import actions, queries
    from ulinzi.ledger import access, node as nodes, queries as ledger, store
    from ulinzi.jobs import queries as jobs
    from ulinzi.kernel import ids
    from ulinzi.accounts.rules import Rights
    C, ALL = ledger.compartments(), Rights(nodes.current().chance.bytes(16), all=True)
"""


class Machine:
    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.home = folder, folder / "home"
        names = ("DATABASE_URL", "ULINZI_DEMO", "ULINZI_PORT", "ULINZI_LANG")
        kept = {name: value for name, value in os.environ.items() if name not in names}
        self.environment = kept | {"ULINZI_HOME": str(self.home), "ULINZI_LANG": "en", "PYTHONUNBUFFERED": "1"}
        self.environment["PYTHONPATH"] = str(tree.ROOT / "src")
        if url:
            self.environment["DATABASE_URL"] = url
        self.started: list[subprocess.Popen[str]] = []

    def run(self, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ulinzi.cli", *map(str, words)]
        settings = {**self.environment, **environment}
        return subprocess.run(command, cwd=self.folder, env=settings, capture_output=True, text=True, timeout=120)

    def init(self, *compartments: str) -> None:
        named = [word for one in compartments or ("north", "south") for word in ("--compartment", one)]
        ran = self.run("init", "--code", "BEN", *named)
        assert ran.returncode == 0, ran.stderr

    def ask(self, question: str) -> str:
        """What a few lines of Python print, run inside the node."""
        body = "".join(f"    {line}\n" for line in question.strip().splitlines())
        command = [sys.executable, "-c", QUESTION + body]
        ran = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ulinzi.cli", *words]
        out = (self.folder / "out").open("w")
        begun = subprocess.Popen(
            command, cwd=self.folder, env={**self.environment, **environment}, stdout=out, stderr=out, text=True
        )
        out.close()
        self.started.append(begun)
        return begun

    def output(self) -> str:
        return (self.folder / "out").read_text()

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def end(self) -> None:
        for one in self.started:
            if one.poll() is None:
                one.send_signal(signal.SIGTERM)
                one.wait(timeout=PATIENCE)


def until(condition: Callable[[], object], what: str, *, patience: float = PATIENCE) -> None:
    """Wait for something that another process does; never longer than it may take."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture
def machine(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    if engine == "sqlite":
        made = Machine(tmp_path, "")
        yield made
        made.end()
        return
    server = request.getfixturevalue("postgres_server")
    name = f"cli_{os.getpid()}_{time.monotonic_ns()}"
    server._run(f"CREATE DATABASE {name}")
    made = Machine(tmp_path, urlsplit(server.url)._replace(path=f"/{name}").geturl())
    yield made
    made.end()
    server.drop(name)
