"""Open alerts as strips: the next promise first, what presses in full, and the rest counted by when it falls due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from ulinzi.accounts.rules import Act, Rights
from ulinzi.alerts import clocks as alert_clocks
from ulinzi.alerts.clocks import Clock
from ulinzi.kernel.clock import DAY, HOUR
from ulinzi.ledger.shapes import Row
from ulinzi.web import clocks, labels, labels_alerts, nexts, people, times, where
from ulinzi.web.clocks import Gauge
from ulinzi.web.strips import Mark

# So many strips stand in full; of what was opened, of what presses, and of what is next to fall due.
FULL, OPENED, PRESSING, COMING = 40, 30, 20, 12
DAYS = 7
LATE, NOON, TODAY, TOMORROW, BEYOND, OLD, DONE = "late", "noon", "today", "tomorrow", "beyond", "old", "done"


class Due(NamedTuple):
    """An alert with its clocks, and the one whose promise falls due next: none, where all are kept."""

    row: Row
    clocks: tuple[Clock, ...]
    clock: Clock | None

    @property
    def at(self) -> int | None:
        return self.clock.due_at if self.clock else None


@dataclass(frozen=True)
class Strip:
    """An alert as one line of the watch."""

    row: Row
    state: str  # late, next or nothing
    number: str
    unit: str
    waits: str
    by: str
    what: str
    place: str
    around: str
    since: str
    gauges: list[Gauge]
    owner: str
    note: str
    marks: tuple[Mark, ...]
    mine: bool
    may_take: bool

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def url(self) -> str:
        return url_of(self.row)

    @property
    def step_url(self) -> str:
        return _addresses("alert_step").replace(_ANY, self.id)


_ANY = str(UUID(int=0))


@lru_cache(maxsize=4)
def _addresses(name: str) -> str:
    """Found once: for many lines, finding the address of each costs more than reading the alerts."""
    return reverse(name, args=[_ANY])


def url_of(row: Row) -> str:
    return _addresses("alert").replace(_ANY, str(row["id"]))


@dataclass(frozen=True)
class Rest:
    """Alerts that fall due in the same span of time and are counted instead of listed."""

    name: str
    url: str
    count: int
    loose: int
    more: bool  # others of that span stand in full


Groups = dict[str, list[Due]]


def by_deadline(rows: Sequence[Row], now: int) -> list[Due]:
    """The promise that was broken first, then the next to fall due; of two that do together the more urgent one.

    What has been late for more than a day comes after them: tonight's call must not stand below last week's.
    """
    found = [due_of(row, now) for row in rows]
    return sorted(found, key=lambda one: (_turn(one, now), one.at or 0, one.row["priority"] or "p1", one.row["id"].int))


def _turn(due: Due, now: int) -> int:
    return 2 if due.at is None else int(is_old(due, now))


def is_old(due: Due, now: int) -> bool:
    return due.at is not None and due.at < now - DAY


def due_of(row: Row, now: int) -> Due:
    row = alert_clocks.whole(row, now)
    made = clocks.of_alert(row, now)
    return Due(row, made, alert_clocks.next_due(made))


def counts(dues: Sequence[Due], now: int) -> dict[str, int]:
    return {
        "open": len(dues),
        "late": sum(_is_late(one, now) for one in dues),
        "old": sum(is_old(one, now) for one in dues),
        "loose": sum(not one.row["holds"] for one in dues),
        "conflict": sum(bool(one.row["conflict"]) for one in dues),
    }


def _is_late(due: Due, now: int) -> bool:
    return due.at is not None and due.at < now


# What stands in full.


def groups(dues: Sequence[Due], now: int) -> Groups:
    found = Groups()
    ends = [times.end_of_day(now, days) for days in (0, 1, DAYS)]
    for one in dues:
        found.setdefault(_code(one.at, now, *ends), []).append(one)
    return found


def _code(at: int | None, now: int, today: int, tomorrow: int, last: int) -> str:
    if at is None:
        return DONE
    if at < now - DAY:
        return OLD
    if at < now:
        return LATE
    if at < today:
        return NOON if now < today - 12 * HOUR and at < today - 12 * HOUR else TODAY
    if at < tomorrow:
        return TOMORROW
    return times.local(at).date().isoformat() if at < last else BEYOND


def chosen(found: Groups, me: UUID, opened: str = "") -> set[UUID]:
    """The ids of those that stand in full: what was opened, what presses, what is next, then the order of promises."""
    taken: dict[UUID, None] = {}

    def take(dues: Sequence[Due], most: int) -> None:
        left = [one for one in dues if one.row["id"] not in taken]
        taken.update((one.row["id"], None) for one in left[: min(most, max(FULL - len(taken), 0))])

    every = [one for group in found.values() for one in group]
    take(found.get(opened, []), OPENED)
    take([one for one in every if _presses(one, me)], PRESSING)
    take([one for code, group in found.items() if code not in (LATE, OLD) for one in group], COMING)
    take([one for code in (LATE, NOON, TODAY) for one in found.get(code, [])], FULL)
    # A short watch is said whole.
    take(every, FULL if len(every) <= FULL else 0)
    return set(taken)


def _presses(due: Due, me: UUID) -> bool:
    row = due.row
    return row["owner"] == me or row["climbed_to"] == me or row["priority"] == "p1" or _waits(row)


def _waits(row: Row) -> bool:
    """Nobody has said that they have it, or two values wait for somebody to say which holds (L24)."""
    return not row["holds"] or bool(row["conflict"])


def counted(found: Groups, shown: set[UUID], now: int, opened: str = "") -> list[Rest]:
    left = ((code, group, [one for one in group if one.row["id"] not in shown]) for code, group in found.items())
    return [_rest(code, group, dues, now, opened) for code, group, dues in left if dues]


def _rest(code: str, group: Sequence[Due], left: Sequence[Due], now: int, opened: str) -> Rest:
    loose = sum(1 for one in left if not one.row["holds"])
    page = reverse("watch_table") if code == opened else reverse("watch")
    return Rest(_name(code, left[0], now), f"{page}?when={code}", len(left), loose, len(left) < len(group))


_NAMES: labels.Labels = {
    LATE: lazy("Late"),
    OLD: lazy("Late for more than a day"),
    NOON: lazy("Due before noon"),
    TODAY: lazy("Due later today"),
    TOMORROW: lazy("Due tomorrow"),
    DONE: lazy("Nothing promised any more, to be closed"),
}


def _name(code: str, first: Due, now: int) -> str:
    if code == BEYOND:
        return _("Due after %(day)s") % {"day": times.show_date(times.end_of_day(now, DAYS) - 1)}
    if code in _NAMES:
        return str(_NAMES[code])
    day = times.local(first.at or now)
    return _("Due %(weekday)s %(day)s") % {"weekday": WEEKDAYS[day.weekday()], "day": f"{day:%d/%m}"}


def next_of(shown: Sequence[Due], reader: Rights, now: int) -> Due | None:
    """The next promise that this person can still keep: theirs, or nobody's where they may take it."""
    coming = [one for one in shown if one.at is not None and one.at >= now]
    return next((one for one in coming if one.row["owner"] == reader.person or _may_take(one.row, reader)), None)


# One strip.


def strip(due: Due, names: where.Names, reader: Rights, now: int, *, is_next: bool = False) -> Strip:
    row, late = due.row, _is_late(due, now)
    number, unit = times.span(due.at - now) if due.at is not None else ("–", "")
    return Strip(
        row,
        state="late" if late else "next" if is_next else "",
        number=number,
        unit=unit,
        waits=str(nexts.SHORT[due.clock.name]) if due.clock else _("to be closed"),
        by=clocks.by(due.at, now) if due.at is not None else "",
        what=labels_alerts.of(labels_alerts.WHAT, row["what"]),
        place=where.said(row, names),
        around=where.around(row, names),
        since=times.said_span(now - row["received_at"]),
        gauges=clocks.gauges(row, due.clocks, now),
        owner=people.name(row["owner"]) if row["owner"] else "",
        note=owner_note(row, now),
        marks=tuple(one for one in marks(due, now) if one is not _LATE),  # the first column says it
        mine=row["owner"] == reader.person,
        may_take=_may_take(row, reader),
    )


def _may_take(row: Row, reader: Rights) -> bool:
    return not row["holds"] and reader.may(Act.TAKE_ALERTS, row["compartment"])


def owner_note(row: Row, now: int) -> str:
    """To whom it has climbed, and that they have not said so yet."""
    if row["climbed_at"] is not None and not row["holds"]:
        told = {"who": people.name(row["climbed_to"]), "moment": clocks.by(row["climbed_at"], now)}
        if row["climbed_to"] is None:
            return _("Nobody is left to be asked, %(moment)s.") % told
        return _("%(who)s was asked at %(moment)s, has not answered") % told
    if row["owner"] and not row["holds"]:
        return _("handed over, has not answered")
    return ""


_LATE = Mark(" late", "late", lazy("Late"))
_TWO = Mark("", "two", lazy("Two values"))
_PROBLEM = Mark("", "problem", lazy("Problem"))
_PAUSED = Mark("", "pause", lazy("Clock paused"))
_UNSAFE = Mark("", "nocall", lazy("Not safe to call"))
_CALL = Mark("", "ring", lazy("Call-back waiting"))
_STATE = Mark("", "state", lazy("State agents"))
_NEWER = Mark(" quiet", "newer", lazy("Newer version"))


def marks(due: Due, now: int) -> Iterator[Mark]:
    row = due.row
    if _is_late(due, now):
        yield _LATE
    if row["conflict"]:
        yield _TWO
    if row["problems"] or row["breaches"]:
        yield _PROBLEM
    if row["called"] == "not_safe":
        yield _UNSAFE
    if row["paused_at"] is not None:
        yield _PAUSED
    elif (
        row["called"] is None
        and row["channel"] == "missed_call"
        and row["verified_at"] is None
        and row["decided_at"] is None
    ):
        yield _CALL
    if row["who"] in labels_alerts.STATE_AGENTS:
        yield _STATE
    if (row["reports"] or 0) > 1:
        many = ngettext("%(n)s report", "%(n)s reports", row["reports"]) % {"n": row["reports"]}
        yield Mark(" quiet", "reports", many)
    if row["newer"]:
        yield _NEWER
