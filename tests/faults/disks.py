"""Small disks of memory that can be full or read-only. They need root, and a kernel that lets us mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

REASON = "mounting a small disk needs root and a kernel that allows it"


def mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own. Skips the test where it may not be mounted."""
    folder.mkdir()
    if os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)):
        pytest.skip(REASON)
    try:
        yield folder
    finally:
        # Lazily: a test that failed may have left a file open, and the disk must not outlive it.
        subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """By mount, not by chmod: root writes through any permission."""
    assert mount("-o", "remount,ro", str(disk)), "somebody still has a file open for writing"
    try:
        yield
    finally:
        assert mount("-o", "remount,rw", str(disk))
