"""PostgreSQL as the ledger needs it: the write guard. Writers queue at the row ledger_node, taken last."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.backends.postgresql import base, schema

from ulinzi.ledger.guard import guard, opened


class SchemaEditor(schema.DatabaseSchemaEditor):
    """Migrations may write Record tables: they are disposable and refolded afterwards."""

    def __enter__(self) -> Any:
        self.connection.ledger_open += 1
        return super().__enter__()

    def __exit__(self, *raised: Any) -> Any:
        try:
            return super().__exit__(*raised)
        finally:
            self.connection.ledger_open -= 1


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
