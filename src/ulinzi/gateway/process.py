"""`python -m ulinzi.gateway.process HOME`: the door, the socket and the sweep, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import socket
import sqlite3
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from ulinzi.gateway import door, inside, trouble
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.store import FOLDER
from ulinzi.kernel.chance import SystemChance
from ulinzi.kernel.clock import SystemClock
from ulinzi.kernel.errors import Refused, UlinziError

HOST = "127.0.0.1"
LOCK = "gateway.lock"
SWEEP_EVERY = 5.0
_PR_SET_DUMPABLE = 4


def place(environ: Mapping[str, str] = os.environ) -> tuple[str, int]:
    """Where the door is: one port above the screens', unless somebody says otherwise."""
    screens = environ.get("ULINZI_PORT") or "8417"
    said = environ.get("ULINZI_GATEWAY_PORT") or (str(int(screens) + 1) if screens.isdecimal() else "8418")
    port = int(said) if said.isascii() and said.isdecimal() else 0
    if not 1024 <= port <= 65535:
        raise Refused("gateway_port_not_allowed", port=said)
    return environ.get("ULINZI_GATEWAY_HOST") or HOST, port


def check(home: Path) -> tuple[str, int]:
    """Where it will be; refused in words before a process is started that can only say a code."""
    folder = _folder(home)
    os.close(_alone(folder))
    host, port = place()
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            raise Refused("gateway_port_taken", port=port) from error
    return host, port


def run(home: Path) -> None:
    """Nothing of what is in memory reaches a file when the process dies."""
    _no_cores()
    folder = _folder(home)
    lock = _alone(folder)
    gateway = Gateway(home, SystemClock(), SystemChance())
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
    ended = threading.Event()
    try:
        serve(gateway, folder, ended)
    finally:
        ended.set()
        gateway.close()
        os.close(lock)


def serve(gateway: Gateway, folder: Path, ended: threading.Event) -> None:
    host, port = place()
    try:
        server = door.server(gateway, host, port)
    except OSError as error:
        raise Refused("gateway_port_taken", port=port) from error
    threading.Thread(target=_sweep, args=(gateway, ended), name="sweep", daemon=True).start()
    with inside.serving(gateway, folder):
        server.run()


def _sweep(gateway: Gateway, ended: threading.Event) -> None:
    while not ended.wait(SWEEP_EVERY):
        try:
            gateway.sweep()
        except sqlite3.Error as error:
            trouble.tell("the sweep failed", type(error).__name__)


def _folder(home: Path) -> Path:
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _alone(folder: Path) -> int:
    """Held until we end, however we end. Offers and counts are in one process, and so is the socket."""
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise Refused("gateway_is_running") from error
    return handle


def _no_cores() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0)


def main(argv: list[str]) -> int:
    os.umask(0o077)
    try:
        run(Path(argv[1]))
    except UlinziError as error:
        # In words by the command line, which tries the same before; here for whoever watches the children.
        trouble.tell("not started", error.code)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
