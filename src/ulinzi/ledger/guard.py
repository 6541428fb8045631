"""The write guard: Record and ledger tables are written by the fold and by nothing else.

It stops mistakes, not hostile code in the process, which could as well read the node's key. It reads the text of each
statement. SQLite's own authorizer is asked only when a statement is prepared: one prepared by the fold and kept would
pass it later, and having all prepared anew at each opening costs a write more than a twentieth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.apps import apps

from ulinzi.kernel.errors import Broken

_WRITES = re.compile(
    r"\b(insert|update|delete|replace(?!\s*\()|truncate|merge|copy|into|create|drop|alter)\b", re.IGNORECASE
)
# Refused whatever they name: what they make may stand before a table, what they run need not show its name.
_UNSEEN = re.compile(
    r"\b(create|drop|alter|attach|writable_schema|execute|do(?!\s+(nothing|update)\b))\b|\bu&\"", re.IGNORECASE
)
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
    return _UNSEEN.search(sql) is not None or (writes(sql) and _guarded().search(sql) is not None)


def check(connection: Any, sql: Any) -> str:
    text = sql if isinstance(sql, str) else _text(sql)
    if not getattr(connection, "ledger_open", 0) and apps.models_ready and forbidden(text):
        raise Broken("write_past_the_ledger", statement=text[:80])
    return text


def guard(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    connection = context["connection"]
    connection.statements += 1
    text = check(connection, sql)
    if connection.in_atomic_block or not writes(text):
        return execute(sql, params, many, context)
    with connection.writer_lock():
        return execute(sql, params, many, context)


def _checked(name: str) -> Callable[..., Any]:
    def method(self: Any, sql: Any, *rest: Any, **options: Any) -> Any:
        check(self.opener, sql)
        return getattr(super(GuardedCursor, self), name)(sql, *rest, **options)

    return method


class GuardedCursor:
    """Beside a database's own cursor: scripts, copies and calls of the cursor itself pass no wrapper of Django's."""

    opener: Any = None
    execute, executemany, executescript = _checked("execute"), _checked("executemany"), _checked("executescript")
    copy, stream = _checked("copy"), _checked("stream")


def _text(sql: Any) -> str:
    """psycopg also takes statements as bytes and as objects."""
    return sql.decode() if isinstance(sql, bytes) else str(sql.as_string())


class Guarded:
    """Beside a database's wrapper: each statement passes the guard, by whichever way it comes to a cursor."""

    ledger_open = 0
    # How many this connection has sent, through Django and past it: what a page costs is told by the difference.
    statements = 0

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self.execute_wrappers.append(guard)  # type: ignore[attr-defined]

    def _prepare_cursor(self, cursor: Any) -> Any:
        cursor.opener = self
        return super()._prepare_cursor(cursor)  # type: ignore[misc]

    @contextmanager
    def ledger_opened(self) -> Iterator[None]:
        """For the fold, migrations and test set-up only."""
        self.ledger_open += 1
        try:
            yield
        finally:
            self.ledger_open -= 1
