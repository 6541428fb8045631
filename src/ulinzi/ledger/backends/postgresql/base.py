"""PostgreSQL as the ledger needs it: the write guard. Writers queue at the row ledger_node, taken last."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.backends.postgresql import base, schema

from ulinzi.ledger.backends.editor import OpenWhileMigrating
from ulinzi.ledger.guard import Guarded, GuardedCursor


class SchemaEditor(OpenWhileMigrating, schema.DatabaseSchemaEditor):
    """The guard is open while it works."""


class Cursor(GuardedCursor, base.Cursor):  # type: ignore[misc]
    """Guarded itself."""


class DatabaseWrapper(Guarded, base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"cursor_factory": Cursor}

    def writer_lock(self) -> AbstractContextManager[None]:
        return nullcontext()
