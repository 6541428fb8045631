"""`python -m bench [writes] [bulk] [races] [people] [gateway] [screens]`: one table, the machine first."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ulinzi.config.settings")
os.environ["ULINZI_HOME"] = "/nonexistent/ulinzi-bench"

import django

django.setup()

from bench import bulk, gateway, machine, people, races, rig, screens, writes  # noqa: E402
from bench.table import Line, show  # noqa: E402
from ulinzi.config import memory  # noqa: E402

ALL: dict[str, Callable[[], Iterator[Line]]] = {
    "writes": writes.run,
    "bulk": bulk.run,
    "races": races.run,
    "people": people.run,
    "gateway": gateway.run,
    "screens": screens.run,
}


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in ALL]
    if unknown:
        print(f"No such measurement: {', '.join(unknown)}. There are: {', '.join(ALL)}.", file=sys.stderr)
        return 2
    memory.settle()
    with rig.folder() as folder:
        lines = machine.lines(folder)
    for name in wanted or ALL:
        print(f"... {name}", file=sys.stderr)
        lines += ALL[name]()
    show(lines, print)
    return 0 if all(line.kept is not False for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main((os.environ.get("ONLY") or "").split() or sys.argv[1:]))
