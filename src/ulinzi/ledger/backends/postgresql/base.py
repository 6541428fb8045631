"""PostgreSQL as the ledger needs it: the write guard. Writers queue at the row ledger_node, taken last."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.backends.postgresql import base, schema

from ulinzi.ledger.backends.editor import OpenWhileMigrating
from ulinzi.ledger.guard import guard, opened


class SchemaEditor(OpenWhileMigrating, schema.DatabaseSchemaEditor):
    """The guard is open while it works."""


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def __init__(self, settings_dict: dict[str, Any], alias: str = "default") -> None:
        super().__init__(settings_dict, alias)
        self.ledger_open = 0
        self.execute_wrappers.append(guard)

    def writer_lock(self) -> AbstractContextManager[None]:
        return nullcontext()

    def ledger_opened(self) -> AbstractContextManager[None]:
        return opened(self)
