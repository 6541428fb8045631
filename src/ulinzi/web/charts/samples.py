"""Each kind of picture in each state it can be in, for the page that shows every part. The numbers are invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ulinzi.web.charts import pictures
from ulinzi.web.charts.numbers import Unit
from ulinzi.web.charts.series import Point, Series

_OF = (6, 9, 12, 8, 7, 3, 10, 11, 14, None, None, None, 9, 12, 15, 11, 2, 13, 16, 12, 10, 0, 14, 12, 9, 11)
_KEPT = (3, 5, 8, 6, 5, 2, 7, 7, 9, None, None, None, 4, 7, 10, 8, 1, 10, 12, 8, 7, 0, 9, 9, 7, 7)
_SAID = (0, 1, 1, 0, 1, 0, 2, 1, 2, None, None, None, 3, 2, 2, 1, 1, 1, 1, 2, 1, 0, 2, 1, 1, 2)


@dataclass(frozen=True)
class Sample:
    """`kind` says which template part shows it: chart, multiples or spark."""

    kind: str
    state: str
    picture: Any


def samples() -> list[Sample]:
    """Night is no state of its own: the same pictures, under the other light of the page."""
    kinds: tuple[tuple[str, Callable[[str, Series], Any]], ...] = (
        ("chart", _chart), ("multiples", _multiples), ("spark", lambda code, series: pictures.spark(series)),
    )  # fmt: skip
    states = (
        (_("ordinary"), "ordinary", _series(_("Kept"))),
        (_("one point"), "one", Series(_("Kept"), (_point(0),), Unit.SHARE)),
        (_("all unknown"), "unknown", Series(_("Kept"), tuple(Point(_week(n)) for n in range(26)), Unit.SHARE)),
        (_("long labels"), "long", _series(_("Promises made to communities two days away by road, kept"))),
        (_("large numbers"), "large", _large()),
    )
    return [Sample(kind, state, make(f"{kind}-{code}", one)) for kind, make in kinds for state, code, one in states]


def _chart(code: str, series: Series) -> pictures.Chart:
    sentence = _("Kept in time: about two of three in half a year, fewer in the weeks without a road.")
    if not series.known:
        sentence = pictures.nothing()
    lines = [series, _all(series)] if series.unit is Unit.SHARE else [series]
    return pictures.time_chart(code, _("A time series"), lines, sentence, of=_("promises"), first=_("Week"))


def _multiples(code: str, series: Series) -> pictures.Multiples:
    said = _("About two of three.") if series.known else pictures.nothing()
    told = [(Series(name, series.points, series.unit), said) for name in (series.name, _("Another place"))]
    return pictures.multiples(code, _("Small multiples"), told, first=_("Week"))


def _week(place: int) -> str:
    return f"{1 + place % 28:02}/{1 + place // 4 % 12:02}"


def _point(place: int) -> Point:
    of, kept, said = _OF[place], _KEPT[place], _SAID[place]
    if of is None or kept is None or said is None:
        return Point(_week(place))
    if of < 5:
        return Point(_week(place), of=of, coverage=1.0 if of else None)
    return Point(_week(place), kept / of, kept / of, (kept + said) / of, of, 1 - said / of)


def _series(name: str) -> Series:
    return Series(name, tuple(_point(place) for place in range(len(_OF))), Unit.SHARE)


def _all(series: Series) -> Series:
    """A second, lighter line: kept or done later."""
    points = tuple(
        Point(one.label, None if one.value is None else min(1.0, one.value + 0.15), of=one.of) for one in series.points
    )
    return Series(_("Done at all"), points, Unit.SHARE)


def _large() -> Series:
    points = tuple(Point(_week(place), None if place == 7 else 1250.5 * place * (place % 5 + 1)) for place in range(26))
    return Series(_("People counted"), points)
