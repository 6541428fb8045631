"""One writer at a time on SQLite: an in-process lock and a file lock, because its busy handler is unfair under load."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

_locks: dict[str, Lock] = {}
_locks_lock = Lock()


class WriterLock:
    """Held by one connection; the same connection may take it again."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.depth = 0
        self.longest = 0.0
        self._taken_at = 0.0
        self._handle = -1
        with _locks_lock:
            self._lock = _locks.setdefault(str(path), Lock())

    def take(self) -> None:
        if self.depth == 0 and self.path is not None:
            self._lock.acquire()
            try:
                self._lock_file(self.path)
            except BaseException:
                self._lock.release()
                raise
            self._taken_at = time.perf_counter()
        self.depth += 1

    def _lock_file(self, path: Path) -> None:
        if self._handle < 0:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def leave(self) -> None:
        if self.depth == 0:
            return
        self.depth -= 1
        if self.depth == 0 and self.path is not None:
            self.longest = max(self.longest, time.perf_counter() - self._taken_at)
            fcntl.flock(self._handle, fcntl.LOCK_UN)
            self._lock.release()

    def close(self) -> None:
        while self.depth:
            self.leave()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    @contextmanager
    def held(self) -> Iterator[None]:
        self.take()
        try:
            yield
        finally:
            self.leave()
