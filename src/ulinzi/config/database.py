"""SQLite in the node's home by default; PostgreSQL by DATABASE_URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from ulinzi.kernel.errors import Refused


def settings(home: Path, url: str) -> dict[str, Any]:
    return postgresql(url) if url else sqlite(home)


def sqlite(home: Path) -> dict[str, Any]:
    return {"ENGINE": "ulinzi.ledger.backends.sqlite3", "NAME": str(home / "main.sqlite3"), "CONN_MAX_AGE": None}


def postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise Refused("database_url_unknown", scheme=parts.scheme)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "ulinzi.ledger.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": options,
    }
