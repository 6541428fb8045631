"""What a board says in full and what it only counts: a list of hundreds is read by nobody.

In full: what somebody opened, what is mine or urgent, what is late, what is due next, and whole days as long as the
board is short. Everything else is counted by day, and one step away.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from ulinzi.ledger.shapes import Row
from ulinzi.web import strips, times
from ulinzi.web.strips import Rest

# Whole days are listed while the board has no more lines than FULL; with all that presses it never has more than MOST.
FULL, MOST = 60, 100
# Of what was opened, of what is mine or urgent, and of what is late or due next where not all of it fits.
OPENED, PRESSING, EACH = 50, 40, 25
# So many days have a count of their own; what is due after them has one together.
DAYS = 14
BEYOND = "beyond"

Groups = dict[str, list[Row]]


def groups(rows: Sequence[Row], now: int) -> Groups:
    """By day, in the order of the rows: that of their promises."""
    ends, found = [times.end_of_day(now, days) for days in (1, DAYS)], Groups()
    for row in rows:
        found.setdefault(_code(row, now, *ends), []).append(row)
    return found


def _code(row: Row, now: int, tomorrow: int, last: int) -> str:
    due = row["due_at"]
    if due is None or due < tomorrow:
        return strips.place(row, now)
    return times.local(due).date().isoformat() if due < last else BEYOND


def chosen(found: Groups, me: UUID, opened: str = "") -> set[UUID]:
    """The ids of those that stand in full."""
    taken: dict[UUID, None] = {}

    def take(rows: Sequence[Row]) -> None:
        taken.update((row["id"], None) for row in rows[: max(MOST - len(taken), 0)])

    take(found.get(opened, [])[:OPENED])
    take([row for group in found.values() for row in group if _presses(row, me) and row["id"] not in taken][:PRESSING])
    soonest = next((code for code in found if code != "late"), "")
    for code, group in found.items():
        left = [row for row in group if row["id"] not in taken]
        fits = len(taken) + len(left) <= FULL
        if not fits and code not in ("late", soonest):
            break
        take(left if fits else left[:EACH])
    return set(taken)


def _presses(row: Row, me: UUID) -> bool:
    return row["owner"] == me or row["urgency"] == "now"


def counted(found: Groups, shown: set[UUID], now: int, opened: str = "") -> list[Rest]:
    """What is left of each day."""
    left = ((code, group, [row for row in group if row["id"] not in shown]) for code, group in found.items())
    return [_rest(code, group, rows, now, opened) for code, group, rows in left if rows]


def _rest(code: str, group: Sequence[Row], left: Sequence[Row], now: int, opened: str) -> Rest:
    place = strips.place(left[0], now)
    loose = sum(1 for row in left if row["owner"] is None)
    url = _table(code) if code == opened else f"{reverse('tasks')}?day={code}#s-{place}"
    return Rest(place, _name(code, left[0], now), url, len(left), loose, len(left) < len(group))


def _table(code: str) -> str:
    late = "&only=late" if code == "late" else ""
    return f"{reverse('task_table')}?state=unfinished{late}&sort=due"


def _name(code: str, row: Row, now: int) -> str:
    if code == BEYOND:
        return _("After %(day)s") % {"day": times.show_date(times.end_of_day(now, DAYS) - 1)}
    if code in strips.SECTIONS:
        return str(strips.SECTIONS[code])
    day = times.local(row["due_at"])
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m}"
