"""A process that writes 80 tasks a second until told to stop, and tells how long each took."""

from __future__ import annotations

import json
import os
import select
import sys
import time
from pathlib import Path

RATE = 80
LONGEST = 60.0


def main(home: str) -> None:
    os.environ["ULINZI_HOME"] = home
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "ulinzi.config.settings"
    import django

    django.setup()
    from bench.rig import PERSON
    from ulinzi.accounts.queries import at_console
    from ulinzi.ledger.node import open_node

    with open_node(Path(home)).use(), at_console(PERSON):
        print("ready", flush=True)
        print(json.dumps(_write()), flush=True)


def _write() -> list[float]:
    from bench.rig import PERSON
    from ulinzi.desk import actions

    taken: list[float] = []
    began = time.perf_counter()
    while not _told_to_stop(began + len(taken) / RATE) and time.perf_counter() - began < LONGEST:
        start = time.perf_counter()
        actions.add_task(compartment="south", by=PERSON, title=f"Beside {len(taken)}")
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def _told_to_stop(due: float) -> bool:
    """Wait for the next turn, or for the word."""
    ready, _, _ = select.select([sys.stdin], [], [], max(0.0, due - time.perf_counter()))
    return bool(ready)


if __name__ == "__main__":
    main(sys.argv[1])
