"""Log lines without anybody in them: no words, no names, no addresses of pages or people.

An exception's message may hold what somebody typed, and so may the address that was asked for.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from ulinzi.kernel.errors import Broken
from ulinzi.ledger import node as nodes
from ulinzi.web import times

FOLDER = "log"
# Two logs, each a file that grows and the one before it: five megabytes in all.
MOST_BYTES = 1_250_000
_lost = 0
_lock = Lock()


class WithoutWords(logging.Formatter):
    """For the console, which people read and copy into letters."""

    def format(self, record: logging.LogRecord) -> str:
        if not record.name.startswith("ulinzi"):
            record = logging.makeLogRecord(record.__dict__ | {"msg": _said_by_others(record), "args": ()})
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        kind, _error, trace = ei
        return "".join(traceback.format_tb(trace)) + (kind.__name__ if kind else "")


def _said_by_others(record: logging.LogRecord) -> str:
    """Django and the server put the address into their lines; status and route say as much as may be said."""
    return f"{getattr(record, 'status_code', '')} {route_of(getattr(record, 'request', None))}".strip()


def route_of(request: Any) -> str:
    """The name that the product gave to an address, never the address; nothing where it has none."""
    match = getattr(request, "resolver_match", None)
    return (match.url_name or "") if match else ""


class Worth(logging.Filter):
    """Whoever watches this machine asks every few seconds, and is told what is wrong: the console need not be."""

    def filter(self, record: logging.LogRecord) -> bool:
        return route_of(getattr(record, "request", None)) != "health"


class Lines(logging.Handler):
    """One line of JSON for each record that brings a `line`, into a file in the home of the node that is in use.

    The file is opened for each line: several processes may write it, somebody may move it away, and a node that is
    not yet there has none. What cannot be written is lost, counted, and stops nobody.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.file = f"{name}.jsonl"

    def emit(self, record: logging.LogRecord) -> None:
        global _lost
        try:
            here = nodes.current()
            line = {"time": times.machine(here.clock.now()), **record.__dict__.get("line", {})}
            append(here.home / FOLDER / self.file, json.dumps(line, separators=(",", ":")).encode() + b"\n")
        except (OSError, Broken):
            with _lock:
                _lost += 1


def lost() -> int:
    return _lost


def append(path: Path, line: bytes) -> None:
    handle = _opened(path)
    try:
        os.write(handle, line)
        full = os.fstat(handle).st_size >= MOST_BYTES
    finally:
        os.close(handle)
    if full:
        with suppress(FileNotFoundError):  # another process was faster
            os.replace(path, path.with_suffix(".old.jsonl"))


def _opened(path: Path) -> int:
    """For its owner alone, and never through a link that somebody has put there."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, exist_ok=True)  # but not the home: where there is none, there is no node
        return os.open(path, flags, 0o600)
