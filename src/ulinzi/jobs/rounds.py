"""What the worker looks after all the time, beside the jobs that somebody asked for: is something waiting, is it late?

An app says so in its tasks.py: `@rounds.every(SECOND)`. A round finds its own work, so missing one loses nothing.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from ulinzi.ledger.node import Node

log = logging.getLogger("ulinzi.jobs")

# Of what a database says (ledger.access.DATABASE_ERRORS), what it says when it is not there: the loop waits and tries
# again. Whatever else it says, a value that is too long, say, it would say again at each turn: no job would be taken.
_AWAY = (OperationalError, InterfaceError, sqlite3.OperationalError, ConnectionError, TimeoutError)

Look = Callable[[Node], None]


@dataclass
class Round:
    name: str
    every: int
    look: Look
    next_at: int = 0


_ROUNDS: dict[str, Round] = {}


def every(span: int) -> Callable[[Look], Look]:
    """Doing it twice must be doing it once: two workers make their rounds without knowing of each other."""

    def declare(look: Look) -> Look:
        name = f"{look.__module__}.{look.__name__}"
        _ROUNDS[name] = Round(name, span, look)
        return look

    return declare


def make(node: Node) -> None:
    """All that are due now. One that fails is tried again at its next turn, and keeps no other from its own."""
    now = node.clock.now()
    for one in [*_ROUNDS.values()]:
        # A clock that was set back must not keep a round waiting until the old time comes again.
        if one.next_at - one.every <= now < one.next_at:
            continue
        one.next_at = now + one.every
        _look(one, node)


def _look(one: Round, node: Node) -> None:
    try:
        one.look(node)
    except _AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - the edge of the process: one round must not end the worker
        log.warning("round %s failed: %s", one.name, type(error).__name__)
