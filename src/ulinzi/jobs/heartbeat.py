"""A sign of life of the worker: one number in the node's home, written again every few seconds.

A process that is there may still be stuck, so it is the loop itself that writes, and a job between two of its chunks.
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


def beat(node: Node) -> None:
    """At most every ten seconds. A disk that cannot be written stops no worker: others will say so."""
    now = node.clock.now()
    if 0 <= now - last(node) < EVERY:
        return
    with suppress(OSError):
        handle = os.open(node.home / FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(handle, b"%020d\n" % now, 0)
        finally:
            os.close(handle)


def last(node: Node) -> int:
    """When the worker last said that it lives; 0 where it never did."""
    try:
        return int((node.home / FILE).read_bytes())
    except (OSError, ValueError):
        return 0


def is_silent(node: Node) -> bool:
    """A beat from tomorrow is none: the clock was set, and what it says is not known."""
    return abs(node.clock.now() - last(node)) > SILENT_AFTER
