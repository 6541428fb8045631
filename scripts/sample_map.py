"""Draws the invented piece of country that the map shows until a mission has places: `python -m scripts.sample_map`.

The same seed gives the same bytes, on every machine: no clock, no compression, no library that changes its mind.
It lies in the open ocean, so that nobody takes it for a real place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from pathlib import Path
from random import Random

from scripts import sample_map_tiles as tiles

Spot = tuple[float, float]  # longitude, latitude
Trace = list[Spot]

SEED = 3
FOLDER = Path(__file__).resolve().parent.parent / "src" / "ulinzi" / "web" / "static" / "web"
WEST, SOUTH, EAST, NORTH = 0.0, 0.0, 3.2, 2.4
MAX_ZOOM = 9

# Where borders meet; the arcs between them are shared, so neighbours never overlap.
JOINTS: dict[str, Spot] = {
    "west": (0.22, 1.3), "north": (1.62, 2.12), "east": (2.98, 1.12), "south": (1.62, 0.16),
    "northwest": (0.72, 2.2), "northeast": (2.72, 2.06), "southeast": (2.78, 0.3), "southwest": (0.42, 0.46),
    "middle": (1.4, 1.27), "ford": (1.86, 1.2),
}  # fmt: skip
OUTLINE = ("west", "northwest", "north", "northeast", "east", "southeast", "south", "southwest", "west")
PROVINCE_LINE = ("west", "middle", "ford", "east")
DISTRICT_LINES = (("north", "middle"), ("ford", "south"))
DISTRICTS = {
    "Sareth": ("west", "northwest", "north", "middle", "west"),
    "Lomuk": ("north", "northeast", "east", "ford", "middle", "north"),
    "Velune": ("west", "middle", "ford", "south", "southwest", "west"),
    "Harsenne": ("ford", "east", "southeast", "south", "ford"),
}
PROVINCES = {"Sareth": "Belavi", "Lomuk": "Belavi", "Velune": "Tamorro", "Harsenne": "Tamorro"}
PROVINCE_LABELS = {"Belavi": (1.85, 1.7), "Tamorro": (1.12, 0.96)}
DISTRICT_LABELS = {"Sareth": (1.05, 1.52), "Lomuk": (2.66, 1.58), "Velune": (1.25, 0.6), "Harsenne": (2.3, 0.31)}
# The first of each district is its town. Those of the demonstration are among them.
NAMES = {
    "Sareth": ("Telwa", "Sanjeh", "Oruvel", "Bimarre", "Keddo", "Yaluse"),
    "Lomuk": ("Nakorro", "Imbatel", "Sovarre", "Dulemi", "Werrun", "Achelo", "Pasinne"),
    "Velune": ("Pomiré", "Chedra", "Luvasso", "Tirrobé", "Gamule", "Okenne"),
    "Harsenne": ("Odrume", "Fasselo", "Rimbavé", "Jolune", "Medarro", "Sulike"),
}
LAKE, LAKE_NAME, RIVER_NAME = (2.2, 0.78), "Umbari", "Sefale"
LAKE_SIZE = (0.24, 0.15)
RIVER = ((2.28, 2.08), (2.05, 1.62), (1.86, 1.2), (2.05, 0.9))
OUTFLOW = ((2.1, 0.7), (1.62, 0.52), (1.12, 0.5), (0.4, 0.3))


@dataclass(frozen=True)
class Settlement:
    name: str
    district: str
    at: Spot
    town: bool


@dataclass
class Country:
    arcs: dict[tuple[str, str], Trace]
    districts: dict[str, Trace]
    lake: Trace
    rivers: list[Trace]
    settlements: list[Settlement] = field(default_factory=list)
    roads: list[tuple[str, Trace]] = field(default_factory=list)

    def along(self, joints: Sequence[str]) -> Trace:
        legs = [self._leg(*pair) for pair in pairwise(joints)]
        return legs[0] + [spot for leg in legs[1:] for spot in leg[1:]]

    def _leg(self, start: str, end: str) -> Trace:
        return self.arcs[start, end] if (start, end) in self.arcs else self.arcs[end, start][::-1]


def grow(seed: int) -> Country:
    chance = Random(seed)
    pairs = [pair for line in (OUTLINE, PROVINCE_LINE, *DISTRICT_LINES) for pair in pairwise(line)]
    arcs = {(one, two): wobble(JOINTS[one], JOINTS[two], chance) for one, two in pairs}
    rivers = [bend(RIVER, chance, 0.22), bend(OUTFLOW, chance, 0.22)]
    made = Country(arcs, {}, ring(LAKE, LAKE_SIZE, chance), rivers)
    made.districts = {name: made.along(joints) for name, joints in DISTRICTS.items()}
    made.settlements = settle(made, chance)
    made.roads = list(connect(made, chance))
    return made


def wobble(start: Spot, end: Spot, chance: Random, rough: float = 0.2, depth: int = 5) -> Trace:
    """The middle moves aside, then the middle of each half by less: a line as nature or a negotiation would draw it."""
    if depth == 0:
        return [start, end]
    (x1, y1), (x2, y2) = start, end
    aside = (chance.random() - 0.5) * 2 * rough
    middle = ((x1 + x2) / 2 - (y2 - y1) * aside, (y1 + y2) / 2 + (x2 - x1) * aside)
    first = wobble(start, middle, chance, rough, depth - 1)
    return first + wobble(middle, end, chance, rough, depth - 1)[1:]


def bend(spots: Sequence[Spot], chance: Random, rough: float) -> Trace:
    legs = [wobble(one, two, chance, rough) for one, two in pairwise(spots)]
    return legs[0] + [spot for leg in legs[1:] for spot in leg[1:]]


def ring(centre: Spot, size: Spot, chance: Random, corners: int = 40) -> Trace:
    swell = [0.86 + 0.28 * chance.random() for _ in range(corners)]
    # Each corner takes after its neighbours: bays, no spikes.
    smooth = [sum(swell[(corner + step) % corners] for step in (-2, -1, 0, 1, 2)) / 5 for corner in range(corners)]
    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    found = [
        (centre[0] + size[0] * much * math.cos(turn), centre[1] + size[1] * much * math.sin(turn))
        for much, turn in zip(smooth, turns, strict=True)
    ]
    return [*found, found[0]]


def settle(country: Country, chance: Random) -> list[Settlement]:
    found: list[Settlement] = []
    for district, names in NAMES.items():
        for place, name in enumerate(names):
            at = _room(country, district, [one.at for one in found], chance)
            found.append(Settlement(name, district, at, place == 0))
    return found


def _room(country: Country, district: str, taken: list[Spot], chance: Random) -> Spot:
    """Somewhere in the district that is neither in the lake nor close to a border, the river or another place."""
    border = country.districts[district]
    wet = [*country.lake, *(spot for river in country.rivers for spot in river)]
    apart = 0.27
    while True:
        at = (chance.random() * EAST, chance.random() * NORTH)
        apart *= 0.9995  # a full district takes what is left
        if not inside(at, border) or inside(at, country.lake):
            continue
        if nearest(at, border) > 0.08 and nearest(at, wet) > 0.07 and nearest(at, taken) > apart:
            return at


def connect(country: Country, chance: Random) -> Iterable[tuple[str, Trace]]:
    """Towns by main roads, every village by a track to the nearest place that has a road already; no road swims."""
    towns = [one for one in country.settlements if one.town]
    villages = [one for one in country.settlements if not one.town]
    reached = towns[:1]
    for kind, waiting in (("main", towns[1:]), ("track", villages)):
        while waiting:
            pairs = [(distance(one.at, two.at), one, two) for one in reached for two in waiting]
            _, old, new = min(pairs, key=lambda pair: (pair[0], pair[1].name, pair[2].name))
            yield kind, _road(old.at, new.at, country.lake, chance)
            waiting.remove(new)
            reached.append(new)


def _road(start: Spot, end: Spot, lake: Trace, chance: Random) -> Trace:
    road = wobble(start, end, chance, 0.12, 4)
    if _dry(road, lake):
        return road
    corners = [(LAKE[0] + 1.45 * LAKE_SIZE[0] * x, LAKE[1] + 1.45 * LAKE_SIZE[1] * y) for x in (-1, 1) for y in (-1, 1)]
    ways = [(start, *via, end) for count in (1, 2) for via in permutations(corners, count)]
    for way in sorted(ways, key=lambda way: sum(distance(*leg) for leg in pairwise(way))):
        road = bend(way, chance, 0.06)
        if _dry(road, lake):
            return road
    raise ValueError("No road goes round the lake.")


def _dry(road: Trace, lake: Trace) -> bool:
    return all(nearest(spot, lake) > 0.02 and not inside(spot, lake) for spot in road)


def inside(at: Spot, border: Trace) -> bool:
    """Whether a line to the east crosses the border an odd number of times."""
    odd = False
    for (x1, y1), (x2, y2) in pairwise(border):
        if (y1 > at[1]) != (y2 > at[1]) and at[0] < (x2 - x1) * (at[1] - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def distance(one: Spot, two: Spot) -> float:
    return math.hypot(one[0] - two[0], one[1] - two[1])


def nearest(at: Spot, others: Iterable[Spot]) -> float:
    return min((distance(at, other) for other in others), default=math.inf)


def meets(one: Trace, two: Trace) -> Spot | None:
    """The first spot where two lines cross."""
    for a, b in pairwise(one):
        for c, d in pairwise(two):
            found = _cross(a, b, c, d)
            if found:
                return found
    return None


def _cross(a: Spot, b: Spot, c: Spot, d: Spot) -> Spot | None:
    across = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
    if across == 0:
        return None
    first = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / across
    second = ((c[0] - a[0]) * (b[1] - a[1]) - (c[1] - a[1]) * (b[0] - a[0])) / across
    if 0 <= first <= 1 and 0 <= second <= 1:
        return a[0] + first * (b[0] - a[0]), a[1] + first * (b[1] - a[1])
    return None


def marked(country: Country) -> list[dict[str, object]]:
    """What stands in the table: where somebody is, can be treated, can cross; and two reports, no closer than told."""
    at = {one.name: one for one in country.settlements}
    kinds = {
        "base": ("Telwa", "Nakorro", "Pomiré"),
        "temporary_base": ("Odrume", "Sanjeh"),
        "clinic": ("Chedra", "Imbatel", "Fasselo"),
        "reported_attack": ("Yaluse", "Medarro"),
    }
    found = [_mark(kind, at[name], at[name].at) for kind, names in kinds.items() for name in names]
    crossings = [meets(road, river) for kind, road in country.roads if kind == "main" for river in country.rivers]
    for spot in filter(None, crossings):
        near = min(country.settlements, key=lambda one: distance(one.at, spot))
        found.append({**_mark("crossing", near, spot), "name": RIVER_NAME})
    return found


def _mark(kind: str, near: Settlement, at: Spot) -> dict[str, object]:
    coarse = kind == "reported_attack"
    return {
        "name": near.name,
        "kind": kind,
        "area": f"{near.district}, {PROVINCES[near.district]}",
        "lat": round(at[1], 1 if coarse else 2),
        "lon": round(at[0], 1 if coarse else 2),
        "within_km": 10 if coarse else 1,
    }


def features(country: Country) -> list[tiles.Feature]:
    """The layers of the file, in the words of docs/explanation/maps.md."""
    line, polygon, point = tiles.LINE, tiles.POLYGON, tiles.POINT
    found = [tiles.Feature("land", polygon, country.along(OUTLINE), {})]
    found.append(tiles.Feature("water", polygon, country.lake, {"name": LAKE_NAME}))
    found += [tiles.Feature("rivers", line, river, {"name": RIVER_NAME}) for river in country.rivers]
    found += [tiles.Feature("roads", line, road, {"class": kind}) for kind, road in country.roads]
    for kind, lines in borders(country).items():
        found += [tiles.Feature("borders", line, one, {"class": kind}) for one in lines]
    for kind, labels in (("province", PROVINCE_LABELS), ("district", DISTRICT_LABELS)):
        found += [tiles.Feature("areas", point, [at], {"name": name, "class": kind}) for name, at in labels.items()]
    for one in country.settlements:
        told = {"name": one.name, "class": "town" if one.town else "village"}
        found.append(tiles.Feature("places", point, [one.at], told, from_zoom=5 if one.town else 6))
    return found


def borders(country: Country) -> dict[str, list[Trace]]:
    districts = [country.along(line) for line in DISTRICT_LINES]
    return {"country": [country.along(OUTLINE)], "province": [country.along(PROVINCE_LINE)], "district": districts}


def plain(country: Country) -> dict[str, object]:
    """The same for the still picture and the table."""
    lines = [("land", country.along(OUTLINE)), *(("river", river) for river in country.rivers), ("water", country.lake)]
    lines += [(f"road-{kind}", road) for kind, road in country.roads]
    lines += [(f"border-{kind}", one) for kind, several in borders(country).items() for one in several]
    return {
        "bounds": [SOUTH, WEST, NORTH, EAST],
        "lines": [{"class": kind, "spots": [[round(x, 3), round(y, 3)] for x, y in spots]} for kind, spots in lines],
        "labels": [
            *_labels("province", PROVINCE_LABELS),
            *_labels("district", DISTRICT_LABELS),
            *_labels("water", {LAKE_NAME: LAKE}),
            *_labels("town", {one.name: one.at for one in country.settlements if one.town}),
            *_labels("village", {one.name: one.at for one in country.settlements if not one.town}),
        ],
        "points": marked(country),
    }


def _labels(kind: str, named: dict[str, Spot]) -> list[dict[str, object]]:
    return [{"class": kind, "name": name, "lon": round(x, 2), "lat": round(y, 2)} for name, (x, y) in named.items()]


def made(seed: int = SEED) -> dict[str, bytes]:
    """The two files, by name."""
    country = grow(seed)
    archive = tiles.archive(features(country), (WEST, SOUTH, EAST, NORTH), MAX_ZOOM)
    told = json.dumps(plain(country), ensure_ascii=False, separators=(",", ":")) + "\n"
    return {"sample.pmtiles": archive, "sample.json": told.encode()}


if __name__ == "__main__":
    for name, content in made().items():
        (FOLDER / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
