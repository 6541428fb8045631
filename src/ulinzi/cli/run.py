"""`ulinzi run`: web server, worker and, where there are phones, gateway as child processes, ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from ulinzi.cli import gateway, interrupts, opening, serving
from ulinzi.cli.language import _
from ulinzi.kernel.errors import Refused
from ulinzi.web import plain

if TYPE_CHECKING:
    from ulinzi.ledger.node import Node

HOST = "127.0.0.1"
MODULE = (sys.executable, "-m")
LOOK_EVERY = 0.2
# The worker stops between two chunks, the web server after the pages it is serving.
PATIENCE = 6.0
STEADY = 60.0
MOST_QUICK_DEATHS = 5
_PR_SET_PDEATHSIG = 1


def run(options: Namespace) -> None:
    with opening.node(older=True) as node:
        from ulinzi.ledger import queries
        from ulinzi.ledger.init import migrate

        port = free_port()
        migrate(node)
        _fill(node)
        label = queries.node_state().label
    serve(node.home, port, label)


def _fill(node: Node) -> None:
    """A migration makes columns; what stands in them comes from the entries. No row goes before somebody says so."""
    from ulinzi.ledger import rebuild
    from ulinzi.ledger.init import STALE

    mark = node.home / STALE
    if not mark.exists():
        return
    print(_("The tables are brought up to this version."), flush=True)
    if rebuild.compare(node).removed:
        raise Refused("rows_unexplained")
    rebuild.rebuild(node)
    mark.unlink()


def port_wanted() -> int:
    said = os.environ.get("ULINZI_PORT") or "8417"
    port = int(said) if said.isdecimal() else 0
    if not 1024 <= port <= 65535:
        raise Refused("port_not_allowed", port=said)
    return port


def address(port: int) -> str:
    return f"http://localhost:{port}/"


def free_port() -> int:
    port = port_wanted()
    with socket.socket() as tried:
        # The web server itself shares its port willingly: two nodes would answer in turn.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            raise Refused("port_taken", port=port) from error
    return port


def serve(home: Path, port: int, label: str) -> None:
    """Until Ctrl-C or SIGTERM. A child that dies is started again, each time a little later."""
    died = _("The web server stopped by itself; it is started again.")
    web = Child(died, [*MODULE, "ulinzi.config.server", str(port)], lambda: (serving.take_lock(home),))
    died = _("The worker stopped by itself; it is started again.")
    worker = Child(died, [*MODULE, "ulinzi.cli", "work"])
    died = _("The gateway stopped by itself; it is started again.")
    phones = Child(died, [*MODULE, "ulinzi.gateway.process", str(home)])
    with interrupts.listening() as stop:
        try:
            web.start()
            worker.start()
            _tell_where(web, port, label, stop)
            while not stop.wait(LOOK_EVERY):
                web.watch()
                worker.watch()
                if phones.process is not None or gateway.is_wanted(home):
                    phones.watch()
                if web.quick_deaths >= MOST_QUICK_DEATHS:
                    raise Refused("web_does_not_start")
        finally:
            end([web, worker, phones])
    print(_("Stopped."))


def _tell_where(web: Child, port: int, label: str, stop: Event) -> None:
    while web.is_alive() and not stop.is_set() and not _answers(port):
        stop.wait(LOOK_EVERY)
    if web.is_alive() and not stop.is_set():
        where = address(port)
        said = _("Node {label} is at {where} - Ctrl-C stops it.").format(label=label, where=where)
        print(plain.line(said), flush=True)


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex((HOST, port)) == 0


@dataclass
class Child:
    """A process that is kept running. `died` is what is said when it was not stopped by us."""

    died: str
    command: Sequence[str]
    open_files: Callable[[], tuple[int, ...]] = tuple
    quick_deaths: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    again_at: float = field(default=0.0)

    def start(self) -> None:
        # In a group of its own: Ctrl-C in a terminal comes to us alone, and we end both in order.
        files = self.open_files()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, pass_fds=files, start_new_session=True, preexec_fn=_end_with_parent
        )
        for one in files:
            os.close(one)
        self.started_at, self.again_at = time.monotonic(), 0.0

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def watch(self) -> None:
        """Start it again where it died: at once if it had been steady, else after 1, 2, 4 ... at most 30 seconds."""
        if self.is_alive():
            return
        if self.process is None:
            self.start()
            return
        now = time.monotonic()
        if self.again_at == 0.0:
            self.quick_deaths = 0 if now - self.started_at > STEADY else self.quick_deaths + 1
            self.again_at = now + (min(2 ** (self.quick_deaths - 1), 30) if self.quick_deaths else 0)
            print(self.died, file=sys.stderr)
        elif now >= self.again_at:
            self.start()


def end(children: Sequence[Child]) -> None:
    """Ask all to end, then make them."""
    running = [one.process for one in children if one.process is not None and one.is_alive()]
    for process in running:
        process.send_signal(signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    for process in running:
        try:
            process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _end_with_parent() -> None:
    """Where the system can: a child does not outlive a parent that was killed, and keep its port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
