"""Three kinds of pictures from points, words and a size: sparkline, small picture, time series. Pure.

Lines are told apart by weight and dash, never by colour. What is not known is a gap. What is counted and too few for
a share stands as a hollow ring beside the line, not on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ulinzi.web.charts import ink
from ulinzi.web.charts.numbers import Scale, number
from ulinzi.web.charts.series import Point, Series, banded_runs, known_runs, runs

_LINE = 'fill="none" stroke="currentColor" stroke-linejoin="round" stroke-linecap="round"'
_HEAVY = f'{_LINE} stroke-width="2.5"'
_THIN = f'{_LINE} stroke-width="1.5" stroke-dasharray="5 4"'
_KINDS = (("ch-a", _HEAVY), ("ch-b", _THIN))
_DOT, _RING = 'fill="currentColor"', 'fill="white" stroke="currentColor" stroke-width="1.5"'
_BAND = 'fill="currentColor" fill-opacity="0.16"'
_FAINT = 'stroke-opacity="0.25"'
_GAP = 'fill="none" stroke="currentColor" stroke-dasharray="2 3"'
_CELL = 'fill="none" stroke="currentColor" stroke-opacity="0.5"'
_STRIP = 10
_PIECE = 18  # of a line, before its name


@dataclass(frozen=True)
class Size:
    """A picture drawn for a width at which its words are read at their own size."""

    width: float
    plot: float
    left: float
    right: float
    top: float = 10
    between: float = 64  # from one label of the time axis to the next

    @property
    def named(self) -> bool:
        """Room for the name of a line at its end; elsewhere names stand above."""
        return self.right > 60


WIDE = Size(720, 190, 48, 160)
NARROW = Size(288, 150, 44, 8)
SMALL = Size(288, 84, 44, 8, between=120)
SPARK = Size(132, 24, 2, 6, top=4)


@dataclass(frozen=True)
class Words:
    """What stands in a picture besides names and numbers, in the language of the reader."""

    language: str
    of: str
    coverage: str
    few: str
    unknown: str
    nothing: str


@dataclass(frozen=True)
class Frame:
    """Where points stand: each in the middle of a slot of its own, so that one point alone stands in the middle."""

    left: float
    top: float
    width: float
    height: float
    count: int
    scale: Scale

    @property
    def slot(self) -> float:
        return self.width / max(self.count, 1)

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def right(self) -> float:
        return self.left + self.width

    def start(self, place: int) -> float:
        return self.left + self.slot * place

    def x(self, place: int) -> float:
        return self.start(place) + self.slot / 2

    def y(self, value: float) -> float:
        return self.top + self.height * (1 - self.scale.place(value))


def frame_of(size: Size, count: int, scale: Scale, top: float = 0, language: str = "") -> Frame:
    """With as much room at the left as the longest number of the axis takes."""
    words = [scale.words(mark, language) for mark in scale.marks] if language else []
    left = max([size.left, *(ink.wide(one) + 8 for one in words)])
    return Frame(left, top + size.top, size.width - left - size.right, size.plot, count, scale)


# What stands in the plot.


def trace(series: Series, frame: Frame, place: int = 0) -> list[str]:
    """A line through neighbours that are known; one that stands alone is a dot."""
    kind, drawn = _KINDS[min(place, len(_KINDS) - 1)]
    return [_run(kind, drawn, series.points, frame, run) for run in known_runs(series.points)]


def _run(kind: str, drawn: str, points: Sequence[Point], frame: Frame, run: Sequence[int]) -> str:
    along = [(frame.x(place), frame.y(points[place].value or 0)) for place in run]
    if len(along) > 1:
        return ink.path(kind, along, drawn)
    heavy = drawn == _HEAVY
    return ink.circle(f"{kind} {'ch-dot' if heavy else 'ch-ring'}", *along[0], 3, _DOT if heavy else _RING)


def band(points: Sequence[Point], frame: Frame) -> list[str]:
    return [ink.path("ch-band", _outline(points, frame, run), _BAND, closed=True) for run in banded_runs(points)]


def _outline(points: Sequence[Point], frame: Frame, run: Sequence[int]) -> list[tuple[float, float]]:
    """There along the upper ends and back along the lower ones; a range that stands alone is given a width."""
    half = frame.slot * 0.3 if len(run) == 1 else 0.0
    moves = (-half, half) if half else (0.0,)
    there = [(frame.x(place) + move, frame.y(points[place].upper or 0)) for place in run for move in moves]
    back = [(frame.x(place) + move, frame.y(points[place].lower or 0)) for place in run for move in moves]
    return [*there, *reversed(back)]


def gaps(points: Sequence[Point], frame: Frame, words: str = "") -> list[str]:
    """An empty box of dashes where nothing is known, and the words for it where there is room."""
    found = []
    for run in runs(points, lambda point: point.unknown):
        start, end = frame.start(run[0]), frame.start(run[-1] + 1)
        found.append(ink.rect("ch-gap", start, frame.top, end - start, frame.height, _GAP))
        if words and ink.wide(words) < end - start:
            found.append(ink.text("ch-quiet", (start + end) / 2, frame.bottom - 6, words, "middle"))
    return found


def axis(frame: Frame, language: str) -> list[str]:
    found = []
    for mark in frame.scale.marks:
        y = frame.y(mark)
        found.append(ink.line("ch-grid", frame.left, y, frame.right, y, "" if mark == 0 else _FAINT))
        found.append(ink.text("ch-quiet", frame.left - 6, y + 4, frame.scale.words(mark, language), "end"))
    return found


def times(points: Sequence[Point], frame: Frame, y: float, size: Size) -> list[str]:
    """A label for every so many points, counted from the last: that is the one people look for."""
    stride = max(1, round(size.between / frame.slot + 0.5))
    found = []
    for place in range(len(points) - 1, -1, -stride):
        words = ink.cut(points[place].label, size.between - 6)
        x, anchor = ink.held(frame.x(place), words, size.width)
        found.append(ink.line("ch-grid", frame.x(place), y - 14, frame.x(place), y - 10))
        found.append(ink.text("ch-quiet", x, y, words, anchor))
    return found


# The strips below it.


def counted(points: Sequence[Point], frame: Frame, y: float, language: str) -> list[str]:
    """What each share is a share of. A ring: too few for a share. Numbers stand where they fit side by side."""
    told = {place: number(point.of, language) for place, point in enumerate(points) if point.of is not None}
    fits = max((ink.wide(one) for one in told.values()), default=0) <= frame.slot + 1
    found = []
    for place, words in told.items():
        if points[place].few:
            found.append(ink.circle("ch-ring", frame.x(place), y - 4, min(8, max(frame.slot * 0.4, 2.5)), _RING))
        if fits:
            found.append(ink.text("ch-quiet", frame.x(place), y, words, "middle"))
    return found


def covered(points: Sequence[Point], frame: Frame, y: float) -> list[str]:
    """A cell for each point, filled from below by as much as is known here of what there is to know."""
    found = []
    for place, point in enumerate(points):
        if point.coverage is not None:
            x, width = frame.start(place) + 0.5, max(frame.slot - 1, 0.5)
            filled = _STRIP * point.coverage
            found.append(ink.rect("ch-cell", x, y, width, _STRIP, _CELL))
            if filled:
                found.append(ink.rect("ch-cov", x, y + _STRIP - filled, width, filled, _DOT))
    return found


# Names of lines.


def ends(listed: Sequence[Series], frame: Frame, room: float) -> list[str]:
    """Each name at the end of its line behind a piece of it, in two rows where it is long, none on top of another."""
    known = [(place, one) for place, one in enumerate(listed) if one.last is not None]
    placed = sorted((frame.y((one.last.value if one.last else 0) or 0), place) for place, one in known)
    named = [ink.wrapped(listed[place].name, room - 16 - _PIECE)[:2] for _, place in placed]
    heights = apart([y for y, _ in placed], [len(lines) * ink.LINE for lines in named], frame.top, frame.bottom)
    found, x = [], frame.right + 8
    for y, (_, place), lines in zip(heights, placed, named, strict=True):
        found += [_piece(place, x, y, _PIECE), *ink.block("ch-name", x + _PIECE + 6, y + 4, lines)]
    return found


def _piece(place: int, x: float, y: float, length: float) -> str:
    """Two lines may end at one height: what the stroke looks like says which name is whose."""
    _kind, drawn = _KINDS[min(place, len(_KINDS) - 1)]
    return ink.path("ch-key", [(x, y), (x + length, y)], drawn)


def apart(heights: Sequence[float], sizes: Sequence[float], top: float, bottom: float) -> list[float]:
    """The same heights in order, moved so far that words of these sizes do not meet, and back up where they overrun."""
    found: list[float] = []
    for place, height in enumerate(heights):
        found.append(max(height, found[-1] + sizes[place - 1]) if found else max(height, top))
    over = max(0.0, found[-1] + sizes[-1] - ink.LINE - bottom) if found else 0.0
    return [height - over for height in found]


def key(listed: Sequence[Series], size: Size) -> list[str]:
    """Where there is no room at the end of the lines: a piece of each line and its name, above."""
    found = []
    for place, one in enumerate(listed):
        y = 12 + place * ink.LINE
        found.append(_piece(place, size.left, y - 4, 28))
        found.append(ink.text("ch-name", size.left + 34, y, ink.cut(one.name, size.width - size.left - 34)))
    return found


# Whole pictures.


@dataclass
class _Sheet:
    """A picture while it grows downwards."""

    size: Size
    words: Words
    parts: list[str] = field(default_factory=list)
    down: float = 0

    def strip(self, frame: Frame, name: str, drawn: Sequence[str], height: float) -> None:
        """A row under the plot, its name at the right, or above it where there is no room."""
        if self.size.named:
            room = self.size.right - 10
            self.parts.append(ink.text("ch-quiet", frame.right + 8, self.down + height, ink.cut(name, room)))
        self.parts += drawn
        self.down += height + 6

    def heading(self, name: str) -> None:
        if not self.size.named:
            self.down += ink.LINE
            self.parts.append(ink.text("ch-quiet", self.size.left, self.down - 3, ink.cut(name, 236)))


def time_series(listed: Sequence[Series], scale: Scale, size: Size, words: Words, label: str) -> tuple[str, float]:
    """One line or two over time with everything that says how far they can be trusted; and the height of it."""
    sheet, points = _Sheet(size, words), listed[0].points
    above = 0 if size.named else ink.LINE * len(listed) + 4
    frame = frame_of(size, len(points), scale, above, words.language)
    sheet.parts += axis(frame, words.language) + _inside(listed, frame, words)
    sheet.parts += ends(listed, frame, size.right) if size.named else key(listed, size)
    sheet.down = frame.bottom + 4
    _strips(sheet, points, frame)
    sheet.down += ink.LINE + 4
    sheet.parts += times(points, frame, sheet.down, size)
    height = sheet.down + 6
    return ink.picture("ch-series", size.width, height, label, sheet.parts), height


def _inside(listed: Sequence[Series], frame: Frame, words: Words) -> list[str]:
    if not any(one.known for one in listed):
        few = any(point.few for one in listed for point in one.points)
        lines = ink.wrapped(words.few if few else words.nothing, frame.width - 12)
        y = (frame.top + frame.bottom - ink.LINE * len(lines)) / 2
        return gaps(listed[0].points, frame) + ink.block("ch-name", (frame.left + frame.right) / 2, y, lines, "middle")
    found = gaps(listed[0].points, frame, words.unknown)
    for place, one in reversed(list(enumerate(listed))):
        found += (band(one.points, frame) if place == 0 else []) + trace(one, frame, place)
    return found


def _strips(sheet: _Sheet, points: Sequence[Point], frame: Frame) -> None:
    words = sheet.words
    row = counted(points, frame, 0, words.language)
    if row:
        sheet.heading(words.of if any(one.startswith("<text") for one in row) else words.few)
        sheet.strip(frame, words.of, counted(points, frame, sheet.down + 14, words.language), 14)
    if any(point.coverage is not None for point in points):
        sheet.heading(words.coverage)
        sheet.strip(frame, words.coverage, covered(points, frame, sheet.down + 2), _STRIP + 2)


def small(series: Series, scale: Scale, words: Words, label: str) -> tuple[str, float]:
    """One of several side by side, all on one scale."""
    points, frame = series.points, frame_of(SMALL, len(series.points), scale, 0, words.language)
    parts = axis(frame, words.language) + _inside([series], frame, words)
    down = frame.bottom + 4
    if any(point.few for point in points):
        parts += [one for one in counted(points, frame, down + 10, words.language) if "<circle" in one]
        down += 12
    down += ink.LINE + 4
    parts += times(points, frame, down, SMALL)
    return ink.picture("ch-small", SMALL.width, down + 6, label, parts), down + 6


def sparkline(series: Series, scale: Scale, label: str) -> tuple[str, float]:
    """The shape of it in a line of a table; the words beside it say where it stands."""
    points, frame = series.points, frame_of(SPARK, len(series.points), scale)
    height = SPARK.top + SPARK.plot + 4
    parts = [ink.line("ch-grid", frame.left, frame.bottom, frame.right, frame.bottom, _FAINT)]
    parts += gaps(points, frame) + band(points, frame) + trace(series, frame)
    parts += [ink.circle("ch-ring", frame.x(place), frame.bottom, 1.8, _RING) for place in _few(points)]
    parts += [
        ink.circle("ch-end", frame.x(place), frame.y(points[place].value or 0), 2.8, _DOT) for place in _end(points)
    ]
    return ink.picture("ch-spark", SPARK.width, height, label, parts), height


def _few(points: Sequence[Point]) -> list[int]:
    return [place for place, point in enumerate(points) if point.few]


def _end(points: Sequence[Point]) -> list[int]:
    """The last point that is known, where there is one."""
    return [place for place, point in enumerate(points) if point.value is not None][-1:]
