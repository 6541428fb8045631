"""Migrations, with the guard open."""

from __future__ import annotations

from typing import Any


class OpenWhileMigrating:
    """Beside a schema editor. Migrations may write Record tables: they are disposable and refolded afterwards."""

    connection: Any

    def __enter__(self) -> Any:
        self.connection.ledger_open += 1
        return super().__enter__()  # type: ignore[misc]

    def __exit__(self, *raised: Any) -> Any:
        try:
            return super().__exit__(*raised)  # type: ignore[misc]
        finally:
            self.connection.ledger_open -= 1
