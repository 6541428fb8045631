"""Where a node keeps its state."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def home() -> Path:
    """ULINZI_HOME, or a folder in the checkout; the demonstration has its own inside that."""
    given = os.environ.get("ULINZI_HOME")
    if given:
        return Path(given).expanduser().resolve()
    own = _checkout() / ".ulinzi"
    return own / "demo" if os.environ.get("ULINZI_DEMO") == "1" else own


def _checkout() -> Path:
    """The folder with pyproject.toml above this file; an installed package keeps its state in the current folder."""
    above = Path(__file__).resolve().parents[3]
    return above if (above / "pyproject.toml").exists() else Path.cwd()


def secret_key(folder: Path) -> str:
    """Made by `ulinzi init`; before that a key that lives as long as the process."""
    try:
        return (folder / "secret.key").read_text().strip()
    except FileNotFoundError:
        return secrets.token_urlsafe(48)
