"""The write guard: Record and ledger tables are written by the fold and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.apps import apps

from ulinzi.kernel.errors import Broken

_WRITES = re.compile(r"\b(insert|update|delete|replace(?!\s*\()|truncate|merge|copy|drop|alter)\b", re.IGNORECASE)
# Only where it ends a clause: after a comment that ends in "for", UPDATE is a write.
_LOCKING_READ = re.compile(r"\bfor\s+(no\s+key\s+)?update\b(?=\s*(of\b|nowait\b|skip\b|[;)]|$))", re.IGNORECASE)


@lru_cache(maxsize=1)
def _guarded() -> re.Pattern[str]:
    from ulinzi.ledger import models, records

    names = sorted({*records.table_names(), *models.LEDGER_TABLES})
    return re.compile(r"\b(" + "|".join(names) + r")\b", re.IGNORECASE)


@lru_cache(maxsize=4096)
def writes(sql: str) -> bool:
    """Whether a statement can change anything: by its verbs anywhere, so WITH and INSERT OR count."""
    return _WRITES.search(_LOCKING_READ.sub("", sql)) is not None


@lru_cache(maxsize=4096)
def forbidden(sql: str) -> bool:
    return writes(sql) and _guarded().search(sql) is not None


def guard(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    connection = context["connection"]
    text = sql if isinstance(sql, str) else _text(sql)
    if not connection.ledger_open and apps.models_ready and forbidden(text):
        raise Broken("write_past_the_ledger", statement=text[:80])
    if connection.in_atomic_block or not writes(text):
        return execute(sql, params, many, context)
    with connection.writer_lock():
        return execute(sql, params, many, context)


def _text(sql: Any) -> str:
    """psycopg also takes statements as bytes and as objects."""
    return sql.decode() if isinstance(sql, bytes) else str(sql.as_string())


@contextmanager
def opened(connection: Any) -> Iterator[None]:
    """For the fold, migrations and test set-up only."""
    connection.ledger_open += 1
    try:
        yield
    finally:
        connection.ledger_open -= 1
