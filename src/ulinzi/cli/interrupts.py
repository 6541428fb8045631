"""Ctrl-C and SIGTERM as an event that a loop asks between two steps."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any


@contextmanager
def listening() -> Iterator[Event]:
    """Set by the first signal. A second Ctrl-C does not wait any longer: KeyboardInterrupt."""
    stop = Event()

    def asked(number: int, frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # From a thread: the interrupted code may hold the event's own lock.
        Thread(target=stop.set).start()

    before = {one: signal.signal(one, asked) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
