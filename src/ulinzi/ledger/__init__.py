"""The ledger: signed, hash-chained entries are the truth, tables are their shadow. See docs/reference/ledger.md.

`ledger.unit()` and `ledger.batch()` are the only ways to write a Record.
"""

from typing import Any

_DOORS = {
    "unit": "units",
    "batch": "units",
    "hold": "units",
    "Moved": "units",
    "Unit": "units",
    "NUMBER": "intents",
    "Record": "records",
    "Ref": "records",
    "record": "records",
}


def __getattr__(name: str) -> Any:
    """The doors, opened late: the pure modules beside them are used without Django."""
    if name not in _DOORS:
        raise AttributeError(name)
    from importlib import import_module

    door = getattr(import_module(f"ulinzi.ledger.{_DOORS[name]}"), name)
    globals()[name] = door
    return door
