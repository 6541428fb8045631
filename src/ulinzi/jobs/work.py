"""A job in hand: what it was asked for, whether to stop, how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from typing import Any

from ulinzi.jobs import actions, heartbeat, kinds, queries
from ulinzi.jobs.queries import JobRow
from ulinzi.kernel.clock import SECOND
from ulinzi.ledger import node as nodes
from ulinzi.ledger.node import Node

SAID_EVERY = SECOND


class Work:
    """What the function of a kind is given. It asks `stopped()` between chunks and returns early when told so."""

    def __init__(self, job: JobRow, leaving: Event) -> None:
        self.job = job
        self.node: Node = nodes.current()
        self.was_stopped = False
        self._leaving = leaving
        self._said_at = 0
        self.alive()

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.job.arguments

    def stopped(self) -> bool:
        """Somebody asked this job to stop, or the worker has to go."""
        self.alive()
        if not self.was_stopped:
            self.was_stopped = self._leaving.is_set() or queries.stop_asked(self.job.id)
        return self.was_stopped

    @property
    def leaving(self) -> bool:
        """Stopped only because the worker goes: somebody else takes the job up again."""
        return self._leaving.is_set() and not queries.stop_asked(self.job.id)

    def progress(self, done: int, total: int) -> None:
        """At most once a second to the database: a commit for every chunk would cost more than the chunk."""
        self.alive()
        now = self.node.clock.now()
        if now - self._said_at >= SAID_EVERY or done >= total:
            self._said_at = now
            actions.progress(self.job, done, total)

    def alive(self) -> None:
        """Said by whoever has chunks and nothing to say of them."""
        heartbeat.beat(self.node, kinds.longest(self.job.kind))
