"""Jobs: their states, how long a worker keeps one, and when a failed one is tried again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from ulinzi.kernel.clock import HOUR, MINUTE, SECOND
from ulinzi.kernel.errors import Refused


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


ENDED = frozenset({State.DONE, State.FAILED, State.STOPPED})
LEASE = 2 * MINUTE
MOST_TRIES = 5
_CODE = re.compile(r"[\w.:,-]{0,80}", re.ASCII)


def backoff(tries: int) -> int:
    """10 s, 20 s, 40 s ... at most an hour."""
    return min((10 * SECOND) << min(tries - 1, 12), HOUR)


def check_arguments(arguments: Mapping[str, object]) -> None:
    """Numbers, ids and codes only: a job outlives what is erased, and nobody erases a job."""
    for name, value in arguments.items():
        fits = _CODE.fullmatch(value) is not None if isinstance(value, str) else isinstance(value, int)
        if not fits or len(arguments) > 10:
            raise Refused("job_argument_not_allowed", field=name)
