"""SQLite as the ledger needs it: asserted pragmas, IMMEDIATE transactions, one writer lock, the write guard."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base
from django.db.models import CompositePrimaryKey

from ulinzi.kernel.errors import Broken
from ulinzi.ledger.backends.editor import OpenWhileMigrating
from ulinzi.ledger.backends.writer import WriterLock
from ulinzi.ledger.guard import Guarded, GuardedCursor

# secure_delete: what is erased is overwritten in the file, not only unlinked.
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "secure_delete": 1,
    "trusted_schema": 0,
    "temp_store": 2,
    "cache_size": -8000,
    "wal_autocheckpoint": 4000,
}


class SchemaEditor(OpenWhileMigrating, base.DatabaseSchemaEditor):
    """The guard is open while it works."""

    def table_sql(self, model: Any) -> Any:
        """Tables with a key of several columns are kept in its order: one tree to write instead of two."""
        sql, params = super().table_sql(model)
        return (f"{sql} WITHOUT ROWID" if isinstance(model._meta.pk, CompositePrimaryKey) else sql), params


class Cursor(GuardedCursor, base.SQLiteCursorWrapper):
    """Guarded itself."""


class DatabaseWrapper(Guarded, base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        name = settings_dict["NAME"]
        in_memory = ":memory:" in str(name) or "mode=memory" in str(name)
        self.writer = WriterLock(None if in_memory else Path(name).parent / "writer.lock")

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        if self._cannot_be_written():
            # A log and its index cannot be made there. Without a log the file alone is the whole truth.
            params |= {"database": f"file:{quote(str(params['database']))}?immutable=1", "uri": True}
        self.transaction_mode = "IMMEDIATE"  # a transaction that reads first and writes later would fail half-way
        return params

    def _cannot_be_written(self) -> bool:
        path = self.writer.path and Path(self.settings_dict["NAME"])
        if not path or not path.exists() or os.access(path.parent, os.W_OK):
            return False
        log = path.with_name(path.name + "-wal")
        return not (log.exists() and log.stat().st_size)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        without_log = self.writer.path is None or "immutable=1" in str(conn_params["database"])
        for name, wanted in _PRAGMAS.items():
            connection.execute(f"PRAGMA {name}={wanted}")
            got = connection.execute(f"PRAGMA {name}").fetchone()[0]
            if got != wanted and not (name == "journal_mode" and without_log):
                connection.close()
                raise Broken("pragma_not_set", pragma=name, value=got)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def writer_lock(self) -> AbstractContextManager[None]:
        return self.writer.held()

    def _start_transaction_under_autocommit(self) -> None:
        self.writer.take()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self.writer.leave()
            raise

    def _commit(self) -> None:
        # A failed commit keeps the lock: the rollback that follows lets it go.
        super()._commit()
        self.writer.leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self.writer.leave()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self.writer.close()
