"""Several people at once: threads, each with a connection of its own, that begin at the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from ulinzi.ledger.node import Node

PATIENCE = 60.0
"""Nothing here takes this long: whoever waits longer is stuck, and the test says so."""


def together(node: Node, acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all acts at once; for each what it returned, or the exception it ended with."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            with node.use():
                start.wait(PATIENCE)
                results[place] = act()
        except Exception as error:  # noqa: BLE001 whatever a thread ends with, the test has to see it
            results[place] = error
        finally:
            connections[node.alias].close()

    threads = [threading.Thread(target=run, args=one, daemon=True) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return results


def beside(node: Node, act: Callable[[], Any]) -> Any:
    """One act on another connection, to its end: what somebody else does between two of our own statements."""
    (result,) = together(node, [act])
    if isinstance(result, Exception):
        raise result
    return result


def errors(results: Sequence[Any]) -> list[Exception]:
    return [one for one in results if isinstance(one, Exception)]


def until(true: Callable[[], bool], *, patience: float = PATIENCE, must: bool = True) -> None:
    """Ask again and again, but not for ever."""
    deadline = time.monotonic() + patience
    while not true():
        if time.monotonic() > deadline:
            assert not must, "it never came"
            return
        time.sleep(0.001)


class Meeting:
    """A place where two people wait for each other, but not for long: under a lock only one of them gets there."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.missed = 0
        self._places: dict[object, threading.Barrier] = {}
        self._lock = threading.Lock()

    def wait(self, subject: object) -> None:
        with self._lock:
            place = self._places.setdefault(subject, threading.Barrier(2))
        try:
            place.wait(self.patience)
        except threading.BrokenBarrierError:
            self.missed += 1
