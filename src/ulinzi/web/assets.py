"""Styles under an address that changes with what is in them, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class Versioned(StaticFilesStorage):
    """Nothing to collect: the files are served from where they lie in the package."""

    def url(self, name: str) -> str:
        return f"{super().url(name)}?v={_version(name)}"


@lru_cache(maxsize=100)
def _version(name: str) -> str:
    path = finders.find(name)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12] if path else "missing"
