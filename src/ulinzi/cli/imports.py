"""`ulinzi import ...`: a whole sheet is checked first, then saved by chunks. Doing it twice is doing it once."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from ulinzi.cli import REFUSED, interrupts, opening, serving
from ulinzi.cli.language import _
from ulinzi.cli.progress import Progress
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.node import Node

# Beside a web server nobody holds the writer lock for long; alone there is nobody to wait for.
CHUNK_BESIDE_WEB, CHUNK_ALONE = 100, 500
PAUSE = 0.02
Save = Callable[[Sequence[dict[str, Any]]], dict[str, int]]


def areas(options: Namespace) -> int:
    return _said(options, _areas)


def tasks(options: Namespace) -> int:
    return _said(options, _tasks)


def _said(options: Namespace, run: Callable[[Namespace], int]) -> int:
    """Every wrong row by file, row and field, before the sentence that nothing was saved."""
    opening.django()
    from ulinzi.cli.sheet import Faulty

    try:
        return run(options)
    except Faulty as faulty:
        print("\n".join(faulty.lines(options.file)), file=sys.stderr)
        raise


def _areas(options: Namespace) -> int:
    with opening.node() as node, interrupts.listening() as stop:
        from ulinzi.cli import sheet
        from ulinzi.places import actions, queries

        compartment = _compartment(options)
        by = opening.operator(node)
        here = [row["code"] for row in queries.areas([compartment])]
        read = sheet.read(options.file, sheet.AREA_COLUMNS, sheet.AREA_COLUMNS[:3])
        rows = sheet.areas(read, here)
        return _save(node, rows, stop, lambda chunk: actions.import_areas(chunk, compartment=compartment, by=by))


def _tasks(options: Namespace) -> int:
    with opening.node() as node, interrupts.listening() as stop:
        from ulinzi.cli import sheet
        from ulinzi.desk import actions
        from ulinzi.places import queries

        compartment = _compartment(options)
        by = opening.operator(node)
        area_ids = {row["code"]: row["id"] for row in queries.areas([compartment])}
        read = sheet.read(options.file, sheet.TASK_COLUMNS, sheet.TASK_COLUMNS[:2])
        rows = sheet.tasks(read, area_ids)
        return _save(node, rows, stop, lambda chunk: actions.import_tasks(chunk, compartment=compartment, by=by))


def _compartment(options: Namespace) -> str:
    from ulinzi.ledger import queries

    if options.compartment not in queries.compartments():
        raise Refused("compartment_unknown", compartment=options.compartment)
    return str(options.compartment)


def _save(node: Node, rows: Sequence[dict[str, Any]], stop: Event, save: Save) -> int:
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
