"""`ulinzi ledger ...`: check, rebuild, show, export."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO
from uuid import UUID

from ulinzi.cli import REFUSED, interrupts, newfile, opening, serving
from ulinzi.cli.language import _
from ulinzi.cli.progress import Progress
from ulinzi.kernel.errors import Refused
from ulinzi.web import plain

PAUSE_BESIDE_WEB = 0.02


def verify(options: Namespace) -> int:
    with opening.node() as node, interrupts.listening() as stop:
        from ulinzi.ledger import access
        from ulinzi.ledger import verify as checking

        progress = Progress(_("{done} of {total} checked"))
        report = checking.verify(node, tables=options.tables, progress=progress, stop=stop.is_set)
        looks = access.verify_access(node)
        progress.end()
    print(_("Entries: {entries}, parts: {parts}, feeds: {feeds}.").format(**vars(report)))
    if options.tables:
        print(_("Rows compared: {rows_compared}.").format(**vars(report)))
    print(_("Rows of the access log: {rows}.").format(rows=looks.entries))
    findings = [*report.findings, *looks.findings]
    for one in findings:
        print(plain.line(f"{one.code} {one.feed} {one.seq} {one.detail}").rstrip())
    if report.stopped:
        print(_("Stopped before the end: what was checked holds only as far as it went."))
    else:
        print(_("Something does not hold: see above.") if findings else _("Everything holds."))
    return REFUSED if findings or report.stopped else 0


def rebuild(options: Namespace) -> int:
    with opening.node() as node, interrupts.listening() as stop:
        from ulinzi.ledger import rebuild as building
        from ulinzi.ledger.init import STALE

        progress = Progress(_("{done} of {total} records"))
        pause = PAUSE_BESIDE_WEB if serving.is_up(node.home) else 0.0
        report = building.rebuild(node, progress=progress, stop=stop.is_set, pause=pause)
        progress.end()
        if not report.stopped:
            (node.home / STALE).unlink(missing_ok=True)
    sentence = _("Records: {records}, rows written anew: {changed}, rows taken away: {removed}.")
    print(sentence.format(**vars(report)))
    if report.stopped:
        print(_("Stopped. What was done stays; run it again to go on."))
    return REFUSED if report.stopped else 0


def show(options: Namespace) -> None:
    record = _id(options.id)
    with opening.node() as node:
        from ulinzi.cli import shown
        from ulinzi.ledger import access, queries

        label = queries.label_of(record)
        access.note(f"{label}:{record}", purpose="ledger show", by=opening.operator(node))
        events = queries.history(label, record)
        lines = shown.as_json(events) if options.json else shown.in_words(events)
        for line in lines:
            print(line)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused("id_not_understood", id=text) from error


def export(options: Namespace) -> None:
    with opening.node() as node:
        from ulinzi.ledger import access, queries
        from ulinzi.ledger import export as exporting

        known = queries.compartments()
        wanted = sorted(set(options.compartment or known))
        for one in wanted:
            if one not in known:
                raise Refused("compartment_unknown", compartment=one)
        with _output(options.file) as out:
            # First the row of the access log, then the first byte: what cannot be logged is not exported.
            what = f"ledger:{','.join(wanted)}"[:120]
            access.note_now(what, purpose=options.purpose, by=opening.operator(node), action="export")
            _write(out, exporting.export(node, wanted))


@contextmanager
def _output(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdout.buffer
    else:
        with newfile.written(name) as out:
            yield out


def _write(out: IO[bytes], lines: Iterable[bytes]) -> None:
    for line in lines:
        out.write(line)
    out.flush()
