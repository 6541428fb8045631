"""`ulinzi import ...`: a whole sheet is checked first, then saved by chunks. Doing it twice is doing it once."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any
from uuid import UUID

from ulinzi.cli import REFUSED, interrupts, opening, serving
from ulinzi.cli.language import _
from ulinzi.cli.progress import Progress
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.node import Node

# Beside a web server nobody holds the writer lock for long; alone there is nobody to wait for.
CHUNK_BESIDE_WEB, CHUNK_ALONE = 100, 500
PAUSE = 0.02
Rows = Sequence[dict[str, Any]]
Save = Callable[[Rows], dict[str, int]]
Check = Callable[[Namespace, str, UUID], tuple[Rows, Save]]


def areas(options: Namespace) -> int:
    return _import(options, _areas)


def tasks(options: Namespace) -> int:
    return _import(options, _tasks)


def _import(options: Namespace, check: Check) -> int:
    with opening.node() as node:
        rows, save = _checked(options, node, check)
        with interrupts.listening() as stop:
            return _save(node, rows, stop, save)


def _checked(options: Namespace, node: Node, check: Check) -> tuple[Rows, Save]:
    """Every wrong row by file, row and field, before the sentence that nothing was saved."""
    from ulinzi.cli.sheet import Faulty

    try:
        return check(options, _compartment(options), opening.operator(node))
    except Faulty as faulty:
        print("\n".join(faulty.lines(options.file)), file=sys.stderr)
        raise
    except KeyboardInterrupt:
        # Nobody listens for signals yet, so that the first one ends it even within a single long row.
        raise Refused("import_stopped") from None


def _areas(options: Namespace, compartment: str, by: UUID) -> tuple[Rows, Save]:
    from ulinzi.cli import sheet
    from ulinzi.places import actions, queries

    here = [row["code"] for row in queries.areas([compartment])]
    rows = sheet.areas(sheet.read(options.file, sheet.AREA_COLUMNS, sheet.AREA_COLUMNS[:3]), here)
    return rows, lambda chunk: actions.import_areas(chunk, compartment=compartment, by=by)


def _tasks(options: Namespace, compartment: str, by: UUID) -> tuple[Rows, Save]:
    from ulinzi.cli import sheet
    from ulinzi.desk import actions
    from ulinzi.places import queries

    area_ids = {row["code"]: row["id"] for row in queries.areas([compartment])}
    rows = sheet.tasks(sheet.read(options.file, sheet.TASK_COLUMNS, sheet.TASK_COLUMNS[:2]), area_ids)
    return rows, lambda chunk: actions.import_tasks(chunk, compartment=compartment, by=by)


def _compartment(options: Namespace) -> str:
    from ulinzi.ledger import queries

    if options.compartment not in queries.compartments():
        raise Refused("compartment_unknown", compartment=options.compartment)
    return str(options.compartment)


def _save(node: Node, rows: Rows, stop: Event, save: Save) -> int:
    """Chunk by chunk, each saved whole; between two of them it can be stopped."""
    done, counts = 0, Counter[str]()
    progress = Progress(_("{done} of {total} rows"))
    while done < len(rows) and not stop.is_set():
        beside_web = serving.is_up(node.home)
        chunk = rows[done : done + (CHUNK_BESIDE_WEB if beside_web else CHUNK_ALONE)]
        counts.update(save(chunk))
        done += len(chunk)
        progress(done, len(rows))
        if beside_web:
            time.sleep(PAUSE)
    progress.end()
    print(_("Added: {added}, changed: {changed}, here already: {same}.").format_map(_Zero(counts)))
    if done < len(rows):
        sentence = _("Stopped: {done} of {total} rows are saved. Run it again for the rest.")
        print(sentence.format(done=done, total=len(rows)), file=sys.stderr)
        return REFUSED
    return 0


class _Zero(dict[str, int]):
    def __missing__(self, name: str) -> int:
        return 0
