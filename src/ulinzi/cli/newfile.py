"""A new file under a name that a person gave: it appears when it is whole, and in nobody's place."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ulinzi.kernel.errors import Refused

# Sticks and shares that have no second name for a file say it in one of these ways.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)


@contextmanager
def written(name: str) -> Iterator[IO[bytes]]:
    """What is there already, were it a link that leads nowhere, is neither followed nor written over."""
    path = Path(name)
    if os.path.lexists(path):
        raise Refused("file_is_there", file=name)
    part = path.with_name(path.name + ".part")
    try:
        with os.fdopen(_create(part), "wb") as out:
            try:
                yield out
                out.flush()
                os.fsync(out.fileno())
                _publish(part, path)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise Refused("file_not_writable", file=name, error=error.strerror) from error


def _create(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise Refused("file_is_there", file=str(path)) from error


def _publish(part: Path, path: Path) -> None:
    """Renaming would replace a file that came meanwhile; a second name for the same file does not."""
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise Refused("file_is_there", file=str(path)) from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(_create(path))  # the name is ours from here on
        part.replace(path)
