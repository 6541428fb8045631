"""Whether a web server of this node is up: it holds a shared lock on `web.lock` for as long as it lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def take_lock(home: Path) -> int:
    """An open file that holds the lock, to be handed to the web server; closed by its end, however it ends."""
    handle = os.open(home / "web.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def is_up(home: Path) -> bool:
    try:
        handle = os.open(home / "web.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
