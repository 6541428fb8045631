"""How Python looks for garbage: after start-up nothing of Django's is, and looking through it again costs a fifth."""

from __future__ import annotations

import gc


def settle() -> None:
    """Once, when a process has loaded everything it will load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
