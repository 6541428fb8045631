"""What both ends of the unix socket share: its name, how long a line may be, how it is reached."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET = "gateway.sock"
MOST_BYTES = 1024 * 1024
_LONGEST_PATH = 100


@contextmanager
def reached(folder: Path) -> Iterator[str]:
    """A path that the system takes: one to a socket has 107 signs at most, and a home may lie deeper."""
    path = str(folder / SOCKET)
    if len(path.encode()) <= _LONGEST_PATH:
        yield path
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET}"
    finally:
        os.close(handle)
