"""Pictures as templates show them and as files hold them: drawn twice, for wide and for narrow screens, each with
a sentence that says what it shows and with its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ulinzi.web.charts import draw, ink, numbers
from ulinzi.web.charts.draw import NARROW, WIDE, Words
from ulinzi.web.charts.numbers import Scale
from ulinzi.web.charts.series import Point, Series, common_scale
from ulinzi.web.charts.sheet import Sheet

_MARGIN = 16


@dataclass(frozen=True)
class Chart:
    """A time series. `name` is unique on its page; `svg` and `csv` are addresses, empty where there are none."""

    name: str
    title: str
    sentence: str
    wide: SafeString
    narrow: SafeString
    sheet: Sheet
    height: float = 0  # of the wide one
    note: str = ""
    svg: str = ""
    csv: str = ""


@dataclass(frozen=True)
class Small:
    """One of several side by side, with the one sentence of what it says."""

    title: str
    sentence: str
    picture: SafeString
    height: float = 0
    code: str = ""


@dataclass(frozen=True)
class Multiples:
    name: str
    title: str
    scale: str
    charts: tuple[Small, ...]
    sheet: Sheet
    note: str = ""
    svg: str = ""
    csv: str = ""


@dataclass(frozen=True)
class Spark:
    """A line in a table, and its last value in words beside it."""

    picture: SafeString
    last: str
    height: float = 0


def language() -> str:
    return "fr" if (get_language() or "").startswith("fr") else "en"


def words(of: str = "") -> Words:
    return Words(
        language(),
        of=of or _("of how many"),
        coverage=_("known here"),
        few=_("ring: too few for a share"),
        unknown=_("not known"),
        nothing=nothing(),
    )


def nothing() -> str:
    return _("No reports and little coverage. This is not calm.")


def value_words(series: Series, point: Point) -> str:
    """As a cell says it: not known is a word, never a blank and never nought."""
    if point.value is not None:
        return numbers.shown(point.value, series.unit, language())
    return _("too few for a share") if point.few else "–" if point.of == 0 else _("not known")


# Time series.


def time_chart(
    name: str, title: str, listed: Sequence[Series], sentence: str, *, of: str = "", first: str = ""
) -> Chart:
    """The first line is the heavy one; its points say what shares are of, how sure and how covered they are."""
    scale, said = common_scale(listed), words(of)
    wide, height = draw.time_series(listed, scale, WIDE, said, sentence)
    narrow, _narrow_height = draw.time_series(listed, scale, NARROW, said, sentence)
    return Chart(name, title, sentence, SafeString(wide), SafeString(narrow), table(listed, said, first), height)


def table(listed: Sequence[Series], said: Words, first: str = "") -> Sheet:
    """Every number of a time series, the newest last as it is drawn."""
    points, heads, columns = (
        listed[0].points,
        [first or _("When")],
        [[one.title or one.label for one in listed[0].points]],
    )
    for series in listed:
        heads.append(series.name)
        columns.append([value_words(series, point) for point in series.points])
    if any(point.lower is not None for point in points):
        heads.append(_("from, to"))
        columns.append([_range(listed[0], point) for point in points])
    if any(point.of is not None for point in points):
        heads.append(said.of)
        columns.append(["–" if one.of is None else numbers.number(one.of, said.language) for one in points])
    if any(point.coverage is not None for point in points):
        heads.append(said.coverage)
        columns.append([_share(one.coverage) for one in points])
    return Sheet(tuple(heads), tuple(zip(*columns, strict=True)))


def _range(series: Series, point: Point) -> str:
    if point.lower is None or point.upper is None:
        return "–"
    return (
        f"{numbers.shown(point.lower, series.unit, language())} – {numbers.shown(point.upper, series.unit, language())}"
    )


def _share(value: float | None) -> str:
    return "–" if value is None else numbers.percent(value, language())


# Small multiples and sparklines.


def multiples(name: str, title: str, told: Sequence[tuple[Series, str]], *, first: str = "") -> Multiples:
    """All on one scale, which is said. Each comes with its sentence."""
    listed = [series for series, _ in told]
    scale = common_scale(listed)
    return Multiples(
        name,
        title,
        scale_words(scale),
        tuple(_small(one, sentence, scale) for one, sentence in told),
        side_by_side(listed, first),
    )


def _small(series: Series, sentence: str, scale: Scale) -> Small:
    drawn, height = draw.small(series, scale, words(), f"{series.name}. {sentence}")
    return Small(series.name, sentence, SafeString(drawn), height)


def scale_words(scale: Scale) -> str:
    told = {"low": scale.words(scale.low, language()), "high": scale.words(scale.high, language())}
    return _("All on the same scale, from %(low)s to %(high)s.") % told


def side_by_side(listed: Sequence[Series], first: str = "") -> Sheet:
    """One column for each; what a share is of stands beside it."""
    points = listed[0].points if listed else ()
    rows = [
        (point.title or point.label, *(_with_of(one, one.points[place]) for one in listed))
        for place, point in enumerate(points)
    ]
    return Sheet((first or _("When"), *(one.name for one in listed)), tuple(rows))


def _with_of(series: Series, point: Point) -> str:
    if point.of is None or point.of == 0:
        return value_words(series, point)
    told = {"value": value_words(series, point), "of": numbers.number(point.of, language())}
    return _("%(value)s of %(of)s") % told


def spark(series: Series, scale: Scale | None = None, sentence: str = "") -> Spark:
    last = series.last
    said = f"{_with_of(series, last)}, {last.label}" if last else _last_words(series)
    label = f"{series.name}. {sentence or said}"
    drawn, height = draw.sparkline(series, scale or common_scale([series]), label)
    return Spark(SafeString(drawn), said, height)


def _last_words(series: Series) -> str:
    """Where no value is known at all."""
    return _("too few for a share") if any(one.few for one in series.points) else _("not known")


# Files.


def file_of(title: str, pictures: Sequence[tuple[str, str, str, float]], foot: str, width: float = WIDE.width) -> str:
    """A picture that goes its own way takes along what it shows and when that was known.

    Of each picture: its title, its sentence, the drawing, its height.
    """
    parts: list[tuple[str, float]] = []
    for own, sentence, drawn, height in pictures:
        parts += [_lines("bold", [own], width)] if own else []
        parts += [_lines("", ink.wrapped(sentence, width - 2 * _MARGIN), width)] if sentence else []
        parts.append((f'<g transform="translate({_MARGIN} 0)">{drawn}</g>', height + _MARGIN))
    above, below = _lines("bold", ink.wrapped(title, width), width), _lines("", ink.wrapped(foot, width), width)
    return ink.document(title, width + 2 * _MARGIN, [above, *parts, below])


def _lines(weight: str, lines: Sequence[str], width: float) -> tuple[str, float]:
    drawn = "".join(ink.block("", _MARGIN, ink.LINE, lines))
    return f'<g font-weight="{weight or "normal"}">{drawn}</g>', len(lines) * ink.LINE + 6
