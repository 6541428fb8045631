"""A sign of life of the worker: when, and how long to wait for the next, in the node's home, every few seconds.

A process that is there may still be stuck, so it is the loop itself that writes, and a job between two of its chunks.
A kind whose chunk takes longer says how long (kinds.py): one that takes longer still is stuck.
"""

from __future__ import annotations

import os
from contextlib import suppress

from ulinzi.jobs.rules import LEASE
from ulinzi.kernel.clock import SECOND
from ulinzi.ledger.node import Node

FILE = "worker.beat"
EVERY = 10 * SECOND
# As long as others wait before they take over its job.
SILENT_AFTER = LEASE


def beat(node: Node, patience: int = SILENT_AFTER) -> None:
    """At most every ten seconds while nothing else is to be said. A disk that cannot be written stops no worker."""
    now = node.clock.now()
    said, waited = _read(node)
    if waited == patience and 0 <= now - said < EVERY:
        return
    with suppress(OSError):  # others will say so
        handle = os.open(node.home / FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(handle, b"%020d %020d\n" % (now, patience), 0)
        finally:
            os.close(handle)


def last(node: Node) -> int:
    """When the worker last said that it lives; 0 where it never did."""
    return _read(node)[0]


def is_silent(node: Node) -> bool:
    """A beat from tomorrow is none: the clock was set, and what it says is not known."""
    said, patience = _read(node)
    since = node.clock.now() - said
    return not -SILENT_AFTER <= since <= patience


def _read(node: Node) -> tuple[int, int]:
    try:
        said, patience = (node.home / FILE).read_bytes().split()
        return int(said), int(patience)
    except (OSError, ValueError):
        return 0, SILENT_AFTER
