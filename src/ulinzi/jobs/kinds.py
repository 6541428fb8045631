"""Which kinds of job there are. Each app says so in its tasks.py: `@kinds.kind("ledger.verify")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ulinzi.jobs.rules import LEASE, MOST_TRIES

Run = Callable[[Any], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Kind:
    name: str
    run: Run
    most_tries: int | None
    longest: int = LEASE


_KINDS: dict[str, Kind] = {}


def kind(name: str, *, most_tries: int | None = MOST_TRIES, longest: int = LEASE) -> Callable[[Run], Run]:
    """Doing it twice must be doing it once: a worker may die after the work and before it could say so.

    `most_tries` None goes on for ever, at most an hour apart. `longest`: what one of its chunks may take; until then
    its worker does not count as stuck, and no other takes the job over.
    """

    def declare(run: Run) -> Run:
        _KINDS[name] = Kind(name, run, most_tries, longest)
        return run

    return declare


def known(name: str) -> Kind | None:
    return _KINDS.get(name)


def longest(name: str) -> int:
    found = known(name)
    return found.longest if found else LEASE
