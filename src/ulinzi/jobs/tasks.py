"""Housekeeping that every node needs."""

from __future__ import annotations

from typing import Any

from ulinzi.jobs import actions, kinds
from ulinzi.jobs.work import Work
from ulinzi.kernel.clock import DAY, MINUTE
from ulinzi.ledger import access, erase, store, verify

MOST_SHOWN = 20
KEPT = 30 * DAY


class ReaderInTheWay(Exception):
    """Somebody was reading, so what was erased is still in the write-ahead log. Tried again until it is gone."""


@kinds.kind("ledger.verify")
def verify_ledger(work: Work) -> dict[str, Any]:
    """Chain, digests, seals, access log; with `tables` the tables too. Findings are a result, no failure."""
    tables = bool(work.arguments.get("tables"))
    report = verify.verify(work.node, tables=tables, progress=work.progress, stop=work.stopped)
    # How far that is is not told: the looks are a walk of their own, and no second hundred per cent.
    looks = access.verify_access(work.node, progress=lambda done, total: work.alive())
    findings = [*report.findings, *looks.findings]
    return {
        "entries": report.entries,
        "parts": report.parts,
        "feeds": report.feeds,
        "rows_compared": report.rows_compared,
        "access_rows": looks.entries,
        "found": len(findings),
        "findings": [[one.code, one.feed, one.seq] for one in findings[:MOST_SHOWN]],
    }


# SQLite writes the whole file anew in one statement, which nobody can ask how far it is.
@kinds.kind("ledger.checkpoint", most_tries=None, longest=30 * MINUTE)
def clean_store(work: Work) -> None:
    """Take what was erased out of the write-ahead log, and out of the gaps that rows left when they moved."""
    connection = store.connection(work.node)
    if connection.vendor == "sqlite":
        with connection.writer_lock():
            store.execute(work.node, "VACUUM")
    if not erase.clean_store(work.node):
        raise ReaderInTheWay


@kinds.kind("jobs.forget")
def forget_old(work: Work) -> dict[str, Any]:
    return {"forgotten": actions.forget(ended_before=work.node.clock.now() - KEPT)}
