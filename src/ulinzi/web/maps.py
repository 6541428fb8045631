"""Maps: what they mark, how precisely, and a still picture of it for browsers without scripts and for paper.

A position is cut down to what is known before anything is made of it, so neither the page nor its source says more.
The table beside a map is its data: static/web/map.js reads the rows and marks nothing that stands in none.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

# The still picture, always four to three, as static/web/map.css has it.
WIDTH, HEIGHT = 640, 480
NARROW = 280
KM_PER_DEGREE = 111.32
SAMPLE = Path(__file__).parent / "static" / "web" / "sample.json"

Spot = tuple[float, float]  # in the picture's own pixels
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Kind:
    """A shape and a word, always both. Shapes are drawn on 16 x 16; `f` is filled."""

    code: str
    word: Any
    shape: SafeString


@dataclass(frozen=True)
class Point:
    """Where something is, as far as it is known: somewhere within so many kilometres of here."""

    name: str
    kind: str
    lat: float
    lon: float
    area: str = ""
    within_km: int = 1

    def __post_init__(self) -> None:
        for axis in ("lat", "lon"):
            object.__setattr__(self, axis, round(getattr(self, axis), self.digits))

    @property
    def digits(self) -> int:
        """A hundredth of a degree is a kilometre, a tenth eleven: the grid that is no finer than the knowledge."""
        return 2 if self.within_km < 10 else 1 if self.within_km < 100 else 0

    def number(self, value: float) -> str:
        """For the page's source, where a comma would part two numbers."""
        return f"{value:.{self.digits}f}"

    @property
    def position(self) -> str:
        lat = number_format(abs(self.lat), self.digits)
        lon = number_format(abs(self.lon), self.digits)
        north = _("%(degrees)s° north") if self.lat >= 0 else _("%(degrees)s° south")
        east = _("%(degrees)s° east") if self.lon >= 0 else _("%(degrees)s° west")
        return f"{north % {'degrees': lat}}, {east % {'degrees': lon}}"


@dataclass(frozen=True)
class Line:
    kind: str
    spots: tuple[tuple[float, float], ...]  # longitude, latitude


@dataclass(frozen=True)
class Label:
    kind: str
    name: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Mark:
    """A row of the table, and the same on the picture."""

    point: Point
    kind: Kind
    at: Spot
    fits: str  # its name: always, on a roomy picture, or never
    ring: float

    @property
    def lat(self) -> str:
        return self.point.number(self.point.lat)

    @property
    def lon(self) -> str:
        return self.point.number(self.point.lon)

    @property
    def x(self) -> str:
        return _percent(self.at[0] / WIDTH)

    @property
    def y(self) -> str:
        return _percent(self.at[1] / HEIGHT)

    @property
    def circle(self) -> str:
        """The ring as a path: what is known of where it is."""
        x, y, r = self.at[0], self.at[1], self.ring
        return f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 {-2 * r:.1f} 0"

    @property
    def coarse(self) -> bool:
        return self.point.within_km > 1


@dataclass(frozen=True)
class Frame:
    """What part of the world the picture shows, widened to its shape."""

    west: float
    top: float
    per_degree: float

    @classmethod
    def around(cls, bounds: Box) -> Frame:
        south, west, north, east = bounds
        top, bottom = _mercator(north), _mercator(south)
        scale = min(WIDTH / (east - west), HEIGHT / (top - bottom))
        return cls((west + east - WIDTH / scale) / 2, (top + bottom + HEIGHT / scale) / 2, scale)

    def at(self, lat: float, lon: float) -> Spot:
        return (lon - self.west) * self.per_degree, (self.top - _mercator(lat)) * self.per_degree


@dataclass(frozen=True)
class Map:
    """What templates/web/_map.html takes. `view` is latitude, longitude and zoom, for a map 640 pixels wide."""

    code: str
    title: Any
    points: Sequence[Point]
    kinds: Sequence[Kind]
    bounds: Box
    view: tuple[float, float, int]
    tiles: str = ""
    credit: Any = ""
    lines: Sequence[Line] = ()
    labels: Sequence[Label] = ()

    @property
    def view_told(self) -> str:
        return f"{self.view[0]:.4f},{self.view[1]:.4f},{self.view[2]}"

    @cached_property
    def frame(self) -> Frame:
        return Frame.around(self.bounds)

    @cached_property
    def marks(self) -> list[Mark]:
        kinds = {one.code: one for one in self.kinds}
        spots = [self.frame.at(one.lat, one.lon) for one in self.points]
        fits = [_fits(one.name, spot, spots) for one, spot in zip(self.points, spots, strict=True)]
        told = zip(self.points, spots, fits, strict=True)
        return [Mark(one, kinds[one.kind], spot, fit, self._ring(one)) for one, spot, fit in told]

    def _ring(self, point: Point) -> float:
        """Kilometres in pixels, at the latitude where they are."""
        per_km = self.frame.per_degree / KM_PER_DEGREE / math.cos(math.radians(point.lat))
        return point.within_km * per_km

    @property
    def outlines(self) -> list[tuple[str, str]]:
        return [(line.kind, _path(self._spots(line), closed=line.kind in ("land", "water"))) for line in self.lines]

    def _spots(self, line: Line) -> Iterator[Spot]:
        return (self.frame.at(lat, lon) for lon, lat in line.spots)

    @property
    def written(self) -> list[tuple[Label, str, str]]:
        """Names on the ground: not where a mark stands, nor a name that a mark says already."""
        said, taken = {one.name for one in self.points}, [_box(one.point.name, one.at) for one in self.marks]
        spots = [(one, self.frame.at(one.lat, one.lon)) for one in self.labels if one.name not in said]
        free = [(one, at) for one, at in spots if not any(_meet(_label_box(one, at), other) for other in taken)]
        return [(one, _percent(x / WIDTH), _percent(y / HEIGHT)) for one, (x, y) in free]

    @property
    def legend(self) -> list[tuple[str, Any]]:
        """The lines that this map has, each once, in one order."""
        drawn = {line.kind for line in self.lines}
        return [(kind, word) for kind, word in LINES.items() if kind in drawn]

    @property
    def scale(self) -> tuple[int, str]:
        """A round number of kilometres no longer than a quarter of the picture, and how much of it that is."""
        middle = math.radians((self.bounds[0] + self.bounds[2]) / 2)
        across = WIDTH / self.frame.per_degree * KM_PER_DEGREE * math.cos(middle)
        fitting = [step * 10**power for power in range(4) for step in (1, 2, 5) if step * 10**power <= across / 4]
        km = max(fitting, default=1)
        return km, _percent(km / across)


LINES: dict[str, Any] = {
    "border-province": lazy("Province border"),
    "border-district": lazy("District border"),
    "road-main": lazy("Main road"),
    "road-track": lazy("Track"),
    "water": lazy("River or lake"),
}
_BRIDGE = "M1 3.500c4 3.500 10 3.500 14 0M1 12.500c4-3.500 10-3.500 14 0"
SAMPLE_KINDS = (
    Kind("base", lazy("Mission base"), SafeString('<path class="f" d="M2 2h12v12H2z"/>')),
    Kind("temporary_base", lazy("Temporary base"), SafeString('<path d="M2.5 2.5h11v11h-11z"/>')),
    Kind("clinic", lazy("Health centre"), SafeString('<path class="f" d="M6 1h4v5h5v4h-5v5H6v-5H1V6h5z"/>')),
    Kind("crossing", lazy("River crossing"), SafeString(f'<path d="{_BRIDGE}"/>')),
    Kind("reported_attack", lazy("Reported attack"), SafeString('<path d="M8 1v14M1 8h14M3 3l10 10M13 3L3 13"/>')),
)


def sample() -> Map:
    """The invented country of scripts/sample_map.py, for the page of parts and until there are places."""
    told = _sample()
    south, west, north, east = told["bounds"]
    return Map(
        code="sample",
        title=lazy("An invented country"),
        points=[Point(**one) for one in told["points"]],
        kinds=SAMPLE_KINDS,
        bounds=(south, west, north, east),
        view=((south + north) / 2, (west + east) / 2, 8),
        tiles=static("web/sample.pmtiles"),
        credit=lazy("Drawn by this program. No place on it is real."),
        lines=[Line(one["class"], tuple(map(tuple, one["spots"]))) for one in told["lines"]],
        labels=[Label(one["class"], one["name"], one["lat"], one["lon"]) for one in told["labels"]],
    )


@lru_cache(maxsize=1)
def _sample() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return told


def _mercator(lat: float) -> float:
    """How far north on the sheet, in degrees of longitude: the projection of the live map, so that both look alike."""
    return math.degrees(math.asinh(math.tan(math.radians(lat))))


def _percent(part: float) -> str:
    return f"{100 * part:.2f}%"


def _path(spots: Iterable[Spot], *, closed: bool) -> str:
    """Corners closer than a pixel and a half are one."""
    kept: list[Spot] = []
    for spot in spots:
        if not kept or max(abs(spot[0] - kept[-1][0]), abs(spot[1] - kept[-1][1])) > 1.5:
            kept.append(spot)
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + ("Z" if closed else "")


def _fits(name: str, spot: Spot, spots: Sequence[Spot]) -> str:
    """How narrow the picture may become before the name beside its mark runs into another mark, or out of it."""
    others = [other for other in spots if other != spot]
    free = [width for width in (WIDTH, NARROW) if not _runs_into(name, spot, others, width / WIDTH)]
    return {0: "never", 1: "roomy"}.get(len(free), "always")


def _runs_into(name: str, spot: Spot, others: Sequence[Spot], shrunk: float) -> bool:
    box = _box(name, (spot[0] * shrunk, spot[1] * shrunk))
    return box[2] > WIDTH * shrunk or any(_meet(box, _box("", (x * shrunk, y * shrunk))) for x, y in others)


def _box(name: str, at: Spot) -> Box:
    """Left, top, right and bottom of a mark with its name: some seven pixels a letter, however wide the picture is."""
    return at[0] - 12, at[1] - 12, at[0] + 14 + 7 * len(name), at[1] + 12


def _label_box(label: Label, at: Spot) -> Box:
    half = 3.5 * len(label.name)
    left = at[0] - 4 if label.kind in ("town", "village") else at[0] - half
    return left, at[1] - 10, left + 2 * half, at[1] + 6


def _meet(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
