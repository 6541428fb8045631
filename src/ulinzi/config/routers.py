"""Every query goes to the database of the node in use."""

from __future__ import annotations

from typing import Any

from ulinzi.ledger.node import current_alias


class NodeRouter:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return current_alias()

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return current_alias()

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        return None
