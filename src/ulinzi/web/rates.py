"""Four response rates with what they are rates of; by kind, urgency, who came and place. No person, no unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from ulinzi.alerts import queries, rates
from ulinzi.alerts.clocks import targets_of
from ulinzi.alerts.rates import RATES, Counts
from ulinzi.kernel.clock import DAY
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.web import charts, profile, session, times
from ulinzi.web import labels_alerts as alert_labels
from ulinzi.web.charts import numbers, pictures

FEW = 5
"""Fewer alerts than this have no percentage: one more or less would change it by more than it says."""
SPANS = (7, 30, 90)
NAMES = {
    "taken": lazy("Taken up by a named person"),
    "answered": lazy("Answered: somebody came, or talked"),
    "reached": lazy("Reached: somebody was there"),
    "in_time": lazy("Reached in the time promised"),
}
SPLITS: Mapping[str, tuple[Any, Callable[[Row], str], Callable[[str], str]]] = {
    "what": (lazy("What it was"), lambda row: row["what"] or "", lambda code: alert_labels.of(alert_labels.WHAT, code)),
    "priority": (lazy("How urgent"), lambda row: row["priority"] or "", lambda code: code.upper()),
    "who": (
        lazy("Who came"),
        lambda row: row["arrived_by"] or "",
        lambda code: alert_labels.of(alert_labels.RESPONDERS, code) if code else _("nobody"),
    ),
    "office": (lazy("Where"), lambda row: row["compartment"], profile.office),
}


QUARTER = 90


def _unless_abuse(row: Row) -> str:
    """What was done to somebody is counted by quarter alone (H09): in a week it would be one person."""
    return "other" if row["what"] == "abuse" else row["what"] or ""


@dataclass(frozen=True)
class Cell:
    """A rate as a page says it: so many of so many, and a share where that is not too few."""

    name: str
    many: int
    of: int

    @property
    def share(self) -> str:
        return "" if self.of < FEW else numbers.percent(self.many / self.of, pictures.language())


@dataclass(frozen=True)
class Line:
    name: str
    counts: Counts

    @property
    def cells(self) -> list[Cell]:
        return [Cell(one, getattr(self.counts, one), self.counts.counted) for one in RATES]


@dataclass(frozen=True)
class Asked:
    """Which days, and by what they are told apart."""

    days: int
    split: str

    @staticmethod
    def of(request: HttpRequest) -> Asked:
        days, split = request.GET.get("days", ""), request.GET.get("by", "")
        known = int(days) if days.isdecimal() and int(days) in SPANS else 30
        return Asked(known, split if split in SPLITS else "what")


@dataclass(frozen=True)
class Counted:
    now: int
    whole: Counts
    lines: list[Line]


@require_safe
def alert_rates(request: HttpRequest) -> HttpResponse:
    asked, reader = Asked.of(request), session.acting(request).rights
    access.note("alerts.Alert:list", purpose="rates", by=reader.person)
    found = _counted(request, asked)
    values = {
        "asked": asked,
        "known": found.now,
        "whole": found.whole,
        "total": Line(_("All"), found.whole),
        "lines": found.lines,
        "names": NAMES.values(),
        "spans": SPANS,
        "splits": [(code, said) for code, (said, _key, _name) in SPLITS.items()],
        "head": SPLITS[asked.split][0],
        "few": FEW,
        "csv": f"{reverse('alert_rates_csv')}?days={asked.days}&by={asked.split}",
    }
    return render(request, "web/rates.html", values)


@require_safe
def alert_rates_csv(request: HttpRequest) -> HttpResponse:
    """What leaves the screen is in the access log before it does."""
    asked, reader = Asked.of(request), session.acting(request).rights
    access.note_now("alerts.Alert:list", purpose="rates", by=reader.person, action="export")
    found = _counted(request, asked)
    content = charts.csv_file((asked.split, *_COLUMNS, "days", "as_known"), _rows(found, asked), pictures.language())
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    day = times.local(found.now).strftime("%Y-%m-%d")
    response.headers["Content-Disposition"] = f'attachment; filename="response-rates-{day}.csv"'
    return response


_COLUMNS = (
    "received", "tests", "duplicates", "counted", "still_open", *RATES, "claimed", "refused", "told", "untold",
)  # fmt: skip


def _rows(found: Counted, asked: Asked) -> Iterable[list[Any]]:
    for line in (*found.lines, Line("", found.whole)):
        told = [getattr(line.counts, one) for one in _COLUMNS]
        yield [line.name or "all", *told, asked.days, times.machine(found.now)]


def _counted(request: HttpRequest, asked: Asked) -> Counted:
    """Of all alerts that came in these days, also those that are still open."""
    now = nodes.current().clock.now()
    reader, mission = session.acting(request).rights, profile.mission()
    alerts = queries.received(reader, since=now - asked.days * DAY, until=now + 1)
    how = {"targets": targets_of([(one.clock, one.minutes) for one in mission.targets]), "now": now}
    late = mission.thresholds.late_entry_minutes * 60_000_000
    _said, key, name = SPLITS[asked.split]
    if asked.split == "what" and asked.days < QUARTER:
        key = _unless_abuse
    parts = rates.split(alerts, key, late_entry=late, **how)
    lines = [Line(name(code), counts) for code, counts in parts.items()]
    whole = sum(parts.values(), Counts())
    return Counted(now, whole, lines)
