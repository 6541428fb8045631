"""Promises kept, week by week: shares with what they are shares of, and how far what is known here reaches.

No person and no unit is counted. Places stand in the order of the mission's list, kinds in the order of the form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.utils.translation import pgettext_lazy as context
from django.views.decorators.http import require_safe

from ulinzi.accounts.rules import HOME, Rights
from ulinzi.desk import queries
from ulinzi.desk.rules import DUE_BASIS
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger.queries import Heard
from ulinzi.web import charts, labels, profile, session, times
from ulinzi.web.charts import Chart, Multiples, Point, Series, Sheet, Spark, Unit, numbers, pictures
from ulinzi.web.charts.numbers import SHARES

WEEKS, LATELY = 26, 4
FEW = 5
"""Fewer promises than this have no percentage: one more or less would change it by more than it says."""
_OUTCOMES = {
    "kept": lazy("Kept in time"),
    "told_late": lazy("Said to be in time, written later"),
    "late": lazy("Done late"),
    "taken": lazy("Not done, somebody has it"),
    "open": lazy("Nothing written about it"),
    "set_aside": context("outcome", "Set aside"),
}


@dataclass(frozen=True)
class Tally:
    """Promises that fell due together, by what came of them."""

    counts: Counter[str]

    @property
    def due(self) -> int:
        return self.counts.total()

    @property
    def kept(self) -> int:
        return self.counts["kept"]

    @property
    def most(self) -> int:
        """Kept at most: if what was written late, and what nothing is written about, had been kept too."""
        return self.kept + self.counts["told_late"] + self.counts["open"]

    @property
    def done(self) -> int:
        return self.kept + self.counts["told_late"] + self.counts["late"]

    @property
    def few(self) -> bool:
        return self.due < FEW

    def share(self, count: int) -> float | None:
        return None if self.few else count / self.due

    @property
    def coverage(self) -> float | None:
        """How many of them anything is written about."""
        return 1 - self.counts["open"] / self.due if self.due else None


@dataclass(frozen=True)
class Counted:
    """Everything on the page, as it is known at one moment to one reader."""

    now: int
    bounds: tuple[int, ...]
    places: tuple[str, ...]
    rows: tuple[queries.Promises, ...]

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """As in the form; without a reason only where there are some."""
        return (*DUE_BASIS, *([""] if any(row.basis == "" for row in self.rows) else []))

    def weeks(self, *, place: str | None = None, kind: str | None = None) -> list[Tally]:
        found = [Counter[str]() for _week in self.bounds[1:]]
        for row in self.rows:
            if place in (None, row.compartment) and kind in (None, row.basis):
                found[row.span][row.outcome] += row.many
        return [Tally(one) for one in found]


def together(weeks: Iterable[Tally]) -> Tally:
    return Tally(sum((one.counts for one in weeks), Counter[str]()))


def mondays(now: int, count: int = WEEKS) -> tuple[int, ...]:
    """The midnights of the mission at which the last weeks begin; the one that runs ends now."""
    today = times.local(now).date()
    first = today - timedelta(days=today.weekday(), weeks=count - 1)
    return (*(times.stored(first + timedelta(weeks=week), time(0)) for week in range(count)), now)


# The three addresses.


@require_safe
def trends(request: HttpRequest) -> HttpResponse:
    reader = session.acting(request).rights
    access.note("desk.Task:list", purpose="trends", by=reader.person)
    counted = _counted(reader)
    values = {
        "known": counted.now,
        "all": together(counted.weeks()),
        "reach": reach(queries.heard(reader), counted),
        "chart": kept(counted),
        "places": by_place(counted),
        "kinds": by_kind(counted),
        "outcomes": _OUTCOMES.values(),
        "csv": reverse("trends_csv"),
        "kinds_svg": reverse("trends_svg", args=["kinds"]),
        "few": FEW,
    }
    return render(request, "web/trends.html", values)


@require_safe
def trends_csv(request: HttpRequest) -> HttpResponse:
    counted = _taken_away(request)
    head = ("week", "compartment", "due_basis", "due", *_OUTCOMES, "as_known")
    return _file(charts.csv_file(head, _rows(counted), pictures.language()), "text/csv; charset=utf-8", counted, "csv")


@require_safe
def trends_svg(request: HttpRequest, name: str) -> HttpResponse:
    if name not in _FILES:
        raise Http404(name)
    counted = _taken_away(request)
    return _file(_FILES[name](counted).encode(), "image/svg+xml", counted, "svg", name)


def _counted(reader: Rights) -> Counted:
    now = nodes.current().clock.now()
    bounds = mondays(now)
    rows = tuple(queries.promises(reader, bounds, late_note=times.late_note()))
    used = {row.compartment for row in rows}
    places = (one for one in queries.counted_in(reader) if one != HOME or one in used)
    return Counted(now, bounds, tuple(sorted(places, key=_listed)), rows)


def _listed(place: str) -> int:
    """Where it stands in the mission's list; what the mission does not name comes last."""
    codes = [one.code for one in profile.mission().compartments]
    return codes.index(place) if place in codes else len(codes)


def _taken_away(request: HttpRequest) -> Counted:
    """What leaves the screen is in the access log before it does."""
    reader = session.acting(request).rights
    access.note_now("desk.Task:list", purpose="trends", by=reader.person, action="export")
    return _counted(reader)


def _file(content: bytes, kind: str, counted: Counted, ending: str, name: str = "kept") -> HttpResponse:
    day = times.local(counted.now).strftime("%Y-%m-%d")
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="promises-{name}-{day}.{ending}"'
    return response


def _rows(counted: Counted) -> Iterable[list[Any]]:
    """Every week of every place and kind, the empty ones too: a row that is missing would read as nought."""
    for place in counted.places:
        for kind in counted.kinds:
            for start, week in zip(counted.bounds, counted.weeks(place=place, kind=kind), strict=False):
                told = [week.counts[one] for one in _OUTCOMES]
                yield [_iso(start), place, kind, week.due, *told, times.machine(counted.now)]


def _iso(start: int) -> str:
    return times.local(start).date().isoformat()


# Points and words.


def series(name: str, weeks: Sequence[Tally], counted: Counted) -> Series:
    points = (_point(week, start) for week, start in zip(weeks, counted.bounds, strict=False))
    return Series(name, tuple(points), Unit.SHARE)


def _point(week: Tally, start: int) -> Point:
    label, title = times.local(start).strftime("%d/%m"), times.show_date(start)
    if week.few:
        return Point(label, of=week.due, coverage=week.coverage, title=title)
    share = week.kept / week.due
    return Point(label, share, share, week.most / week.due, week.due, week.coverage, title)


def _done(weeks: Sequence[Tally], counted: Counted) -> Series:
    """The lighter line: done at all, in time or not."""
    drawn = series(_("Done, in time or late"), weeks, counted)
    points = (
        replace(point, value=week.share(week.done), lower=None, upper=None)
        for point, week in zip(drawn.points, weeks, strict=True)
    )
    return replace(drawn, points=tuple(points))


def number(count: int) -> str:
    return numbers.number(count, pictures.language())


def percent(share: float | None) -> str:
    return "" if share is None else numbers.percent(share, pictures.language())


def sentence(tally: Tally) -> str:
    """Numbers first, with what they are numbers of; a percentage only of enough."""
    if not tally.due:
        return _("No promise is written down here that fell due. That is not the same as none broken.")
    told = {"due": number(tally.due), "kept": number(tally.kept), "share": percent(tally.share(tally.kept))}
    if tally.few:
        return (
            ngettext(
                "One promise fell due; %(kept)s kept in time. Too few for a percentage.",
                "%(due)s promises fell due; %(kept)s kept in time. Too few for a percentage.",
                tally.due,
            )
            % told
        )
    return _("Of %(due)s promises that fell due, %(kept)s were kept in time (%(share)s).") % told


def _unsure(tally: Tally) -> str:
    if tally.few or tally.most == tally.kept:
        return ""
    told = {"share": percent(tally.share(tally.most)), "open": number(tally.most - tally.kept)}
    return (
        _("If those that are not proven or not written about (%(open)s) had been kept, it would be %(share)s.") % told
    )


def _lately(weeks: Sequence[Tally]) -> str:
    tally = together(weeks[-LATELY:])
    told = {"due": number(tally.due), "kept": number(tally.kept), "weeks": LATELY}
    if not tally.due:
        return _("In the last %(weeks)s weeks: none.") % told
    said = _("In the last %(weeks)s weeks: %(kept)s of %(due)s.") % told
    return said if tally.few else f"{said.removesuffix('.')} ({percent(tally.share(tally.kept))})."


# The three pictures.


def kept(counted: Counted) -> Chart:
    weeks = counted.weeks()
    lines = [series(_("Kept in time"), weeks, counted), _done(weeks, counted)]
    said = " ".join(one for one in (sentence(together(weeks)), _unsure(together(weeks))) if one)
    title = _("Promises kept in time, by the week they fell due")
    drawn = charts.time_chart("kept", title, lines, said, of=_("promises due"))
    note = _(
        "The band ends where the share would be if everything that is not proven, or not written about here, had been "
        "kept. A ring: fewer than %(few)s promises, so no percentage. The cells: how many are written about at all."
    ) % {"few": FEW}
    return replace(drawn, sheet=_sheet(weeks, counted), note=note, csv=reverse("trends_csv"), svg=_svg("kept"))


def _sheet(weeks: Sequence[Tally], counted: Counted) -> Sheet:
    head = (_("Week from"), _("Promises due"), *(str(one) for one in _OUTCOMES.values()), _("Share kept in time"))
    rows = zip(counted.bounds, weeks, strict=False)
    return Sheet(head, tuple((_week_of(start, counted), *cells(week)) for start, week in rows))


def _week_of(start: int, counted: Counted) -> str:
    shown = times.show_date(start)
    return _("%(day)s, until now") % {"day": shown} if start == counted.bounds[-2] else shown


def cells(tally: Tally) -> tuple[str, ...]:
    share = "–" if not tally.due else _("too few") if tally.few else percent(tally.share(tally.kept))
    return (number(tally.due), *(number(tally.counts[one]) for one in _OUTCOMES), share)


def by_place(counted: Counted) -> Multiples:
    told = []
    for place in counted.places:
        weeks = counted.weeks(place=place)
        said = f"{sentence(together(weeks))} {_lately(weeks)}" if together(weeks).due else sentence(together(weeks))
        told.append((series(profile.office(place), weeks, counted), said))
    drawn = charts.multiples("places", _("By place"), told, first=_("Week from"))
    shown = (replace(one, code=place) for one, place in zip(drawn.charts, counted.places, strict=True))
    note = _("A ring: fewer than %(few)s promises, so no percentage.") % {"few": FEW}
    return replace(drawn, charts=tuple(shown), note=note, csv=reverse("trends_csv"), svg=_svg("places"))


@dataclass(frozen=True)
class KindRow:
    name: str
    spark: Spark
    cells: tuple[str, ...]
    sentence: str


def by_kind(counted: Counted) -> list[KindRow]:
    return [_kind(kind, counted) for kind in counted.kinds]


def _kind(kind: str, counted: Counted) -> KindRow:
    weeks = counted.weeks(kind=kind)
    name = labels.of(labels.DUE_BASIS, kind) if kind else _("no reason written")
    said = sentence(together(weeks))
    drawn = charts.spark(series(name, weeks, counted), SHARES, said)
    return KindRow(name, drawn, cells(together(weeks)), said)


def reach(heard: Sequence[Heard], counted: Counted) -> list[tuple[str, str]]:
    """For each place, how far what is here reaches: what has not arrived is in no count."""
    return [(profile.office(place), " ".join(_reach(place, heard, counted.now))) for place in counted.places]


def _reach(place: str, heard: Sequence[Heard], now: int) -> Iterable[str]:
    own = [one for one in heard if one.compartment == place and one.own]
    others = [one for one in heard if one.compartment == place and not one.own]
    for one in own:
        yield _("This machine wrote last %(when)s.") % {"when": times.moment(one.at, now)}
    for one in others:
        told = {"count": number(one.machines), "when": times.moment(one.at, now)}
        yield (
            ngettext(
                "The newest entry of the one other machine known here is from %(when)s.",
                "The newest entry of %(count)s other machines is from %(when)s.",
                one.machines,
            )
            % told
        )
    if not others:
        yield _("No other machine's entries have arrived.")


# Files of their own.


def _svg(name: str) -> str:
    return reverse("trends_svg", args=[name])


def _foot(counted: Counted) -> str:
    known = f"{times.show_date(counted.now)} {times.show_time(counted.now)}"
    return _("As known on %(known)s. What has not arrived is not counted.") % {"known": known}


def _kept_file(counted: Counted) -> str:
    drawn = kept(counted)
    return charts.file_of(
        drawn.title, [("", drawn.sentence, drawn.wide, drawn.height)], f"{drawn.note} {_foot(counted)}"
    )


def _places_file(counted: Counted) -> str:
    drawn = by_place(counted)
    listed = [(one.title, one.sentence, one.picture, one.height) for one in drawn.charts]
    return charts.file_of(drawn.title, listed, f"{drawn.scale} {_foot(counted)}")


def _kinds_file(counted: Counted) -> str:
    listed = [
        (one.name, f"{one.sentence} {one.spark.last}", one.spark.picture, one.spark.height) for one in by_kind(counted)
    ]
    return charts.file_of(_("By what the promise rests on"), listed, _foot(counted))


_FILES = {"kept": _kept_file, "places": _places_file, "kinds": _kinds_file}
