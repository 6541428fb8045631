"""What went wrong, on the standard error: its kind alone. What an error says of itself may hold a number."""

from __future__ import annotations

import sys


def tell(what: str, kind: object) -> None:
    sys.stderr.write(f"gateway: {what}: {kind}\n")
    sys.stderr.flush()
