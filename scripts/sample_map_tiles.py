"""Vector tiles in one PMTiles file, written down by hand: the parts of both formats that a small map needs.

Libraries would bring four compiled packages, and bytes that change with their versions and with the machine's zlib.
Here nothing is compressed, so the file can be compared to the byte. Formats: PMTiles 3, Mapbox Vector Tile 2.1.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

Spot = tuple[float, float]
Cell = tuple[int, int]  # on a tile's own grid

POINT, LINE, POLYGON = 1, 2, 3
EXTENT = 4096
MARGIN = 96  # drawn beyond the edge, so that a wide line has no seam
FINE = 6  # closer than that, in cells, two corners are one
UNCOMPRESSED, VECTOR = 1, 1


@dataclass(frozen=True)
class Feature:
    layer: str
    kind: int
    spots: Sequence[Spot]
    told: dict[str, str] = field(default_factory=dict)
    from_zoom: int = 0


def archive(features: Sequence[Feature], bounds: tuple[float, float, float, float], max_zoom: int) -> bytes:
    """Header, root directory, metadata, tiles: in the order in which readers ask for them."""
    tiles = sorted((tile_id(z, x, y), tile(features, z, x, y)) for z, x, y in covering(bounds, max_zoom))
    told = [(number, content) for number, content in tiles if content]
    directory, metadata = _directory(told), json.dumps(_metadata(features, max_zoom), separators=(",", ":")).encode()
    content = b"".join(one for _, one in told)
    header = _header(len(directory), len(metadata), len(content), len(told), bounds, max_zoom)
    return header + directory + metadata + content


def covering(bounds: tuple[float, float, float, float], max_zoom: int) -> Iterator[tuple[int, int, int]]:
    west, south, east, north = bounds
    for zoom in range(max_zoom + 1):
        left, top = (int(one) for one in _on_grid((west, north), zoom))
        right, bottom = (int(one) for one in _on_grid((east, south), zoom))
        yield from ((zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def _on_grid(spot: Spot, zoom: int) -> Spot:
    """Where a spot lies, in tiles, on the square that the world is drawn on (Web Mercator)."""
    north = math.asinh(math.tan(math.radians(spot[1])))
    return (spot[0] + 180) / 360 * 2**zoom, (1 - north / math.pi) / 2 * 2**zoom


def tile_id(zoom: int, x: int, y: int) -> int:
    """Tiles in the order of Hilbert's curve, the whole of each zoom before the next."""
    number = ((1 << 2 * zoom) - 1) // 3
    half = 1 << zoom >> 1
    while half:
        right, low = int(x & half > 0), int(y & half > 0)
        number += half * half * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = half - 1 - x, half - 1 - y
            x, y = y, x
        half //= 2
    return number


# What is in a tile.


def tile(features: Iterable[Feature], zoom: int, x: int, y: int) -> bytes:
    shown = [one for one in features if zoom >= one.from_zoom]
    layers = [
        _layer(name, [(one, parts) for one in members if (parts := _parts(one, zoom, x, y))])
        for name, members in groupby(shown, key=lambda one: one.layer)
    ]
    return b"".join(_bytes(3, layer) for layer in layers if layer)


def _parts(feature: Feature, zoom: int, x: int, y: int) -> list[list[Cell]]:
    """What of a feature lies on a tile, on the tile's grid. A polygon of which nothing is left has no part."""
    spots = [_on_grid(spot, zoom) for spot in feature.spots]
    cells = [((one[0] - x) * EXTENT, (one[1] - y) * EXTENT) for one in spots]
    if feature.kind == POINT:
        return [[_whole(one)] for one in cells if 0 <= one[0] < EXTENT and 0 <= one[1] < EXTENT]
    cut = [_cut_polygon(cells)] if feature.kind == POLYGON else _cut_line(cells)
    least = 4 if feature.kind == POLYGON else 2
    return [thinned for one in cut if len(thinned := _thinned(one)) >= least]


def _whole(spot: Spot) -> Cell:
    return math.floor(spot[0] + 0.5), math.floor(spot[1] + 0.5)


def _thinned(spots: Sequence[Spot]) -> list[Cell]:
    cells = [_whole(spot) for spot in spots]
    kept = cells[:1]
    for cell in cells[1:-1]:
        if max(abs(cell[0] - kept[-1][0]), abs(cell[1] - kept[-1][1])) >= FINE:
            kept.append(cell)
    return [*kept, cells[-1]] if (len(cells) > 1 and cells[-1] != kept[-1]) or len(kept) > 1 else kept


EDGES = ((0, -MARGIN, 1), (0, EXTENT + MARGIN, -1), (1, -MARGIN, 1), (1, EXTENT + MARGIN, -1))


def _cut_polygon(spots: list[Spot]) -> list[Spot]:
    """Sutherland and Hodgman: along each edge of the tile in turn, what lies beyond is cut off."""
    for axis, edge, sign in EDGES:
        spots = list(_cut_at(spots, axis, edge, sign))
    return [*spots, spots[0]] if spots and spots[0] != spots[-1] else spots


def _cut_at(spots: list[Spot], axis: int, edge: int, sign: int) -> Iterator[Spot]:
    for one, two in pairwise(spots):
        here, there = ((spot[axis] - edge) * sign >= 0 for spot in (one, two))
        if here != there:
            part = (edge - one[axis]) / (two[axis] - one[axis])
            yield one[0] + part * (two[0] - one[0]), one[1] + part * (two[1] - one[1])
        if there:
            yield two


def _cut_line(spots: list[Spot]) -> list[list[Spot]]:
    """Whole segments that touch the tile, joined where they follow each other; what hangs over is not seen."""
    runs: list[list[Spot]] = []
    low, high = -MARGIN, EXTENT + MARGIN
    joined = False
    for one, two in pairwise(spots):
        touches = all(min(one[axis], two[axis]) <= high and max(one[axis], two[axis]) >= low for axis in (0, 1))
        if touches and joined:
            runs[-1].append(two)
        elif touches:
            runs.append([one, two])
        joined = touches
    return runs


# Both formats are made of small numbers in as few bytes as they need.


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _number(tag: int, number: int) -> bytes:
    return varint(tag << 3) + varint(number)


def _bytes(tag: int, content: bytes) -> bytes:
    return varint(tag << 3 | 2) + varint(len(content)) + content


def _packed(tag: int, numbers: Iterable[int]) -> bytes:
    return _bytes(tag, b"".join(map(varint, numbers)))


def _layer(name: str, members: list[tuple[Feature, list[list[Cell]]]]) -> bytes:
    if not members:
        return b""
    keys = list(dict.fromkeys(key for one, _ in members for key in one.told))
    values = list(dict.fromkeys(value for one, _ in members for value in one.told.values()))
    found = _bytes(1, name.encode())
    for one, parts in members:
        tags = [number for key, value in one.told.items() for number in (keys.index(key), values.index(value))]
        found += _bytes(2, _packed(2, tags) + _number(3, one.kind) + _packed(4, _commands(one.kind, parts)))
    found += b"".join(_bytes(3, key.encode()) for key in keys)
    found += b"".join(_bytes(4, _bytes(1, value.encode())) for value in values)
    return found + _number(5, EXTENT) + _number(15, 2)


def _commands(kind: int, parts: list[list[Cell]]) -> Iterator[int]:
    """Pen moves: go to the first corner, draw to each next one, close."""
    at = (0, 0)
    for part in parts:
        corners = _clockwise(part[:-1]) if kind == POLYGON else part
        for place, corner in enumerate(corners):
            if place == 0:
                yield 1 | 1 << 3
            elif place == 1:
                yield 2 | len(corners) - 1 << 3
            yield from (_zigzag(corner[axis] - at[axis]) for axis in (0, 1))
            at = corner
        if kind == POLYGON:
            yield 7 | 1 << 3


def _clockwise(corners: list[Cell]) -> list[Cell]:
    """As the format wants the outside of a polygon, on a grid whose y grows downward."""
    turned = zip(corners, [*corners[1:], corners[0]], strict=True)
    return corners if sum(one[0] * two[1] - two[0] * one[1] for one, two in turned) > 0 else corners[::-1]


def _zigzag(number: int) -> int:
    return number * 2 if number >= 0 else -number * 2 - 1


# Around the tiles.


def _directory(tiles: list[tuple[int, bytes]]) -> bytes:
    """How many; then the ids as steps, how often each is repeated, lengths, and where: after the one before."""
    ids = [number for number, _ in tiles]
    steps = [number - before for number, before in zip(ids, [0, *ids], strict=False)]
    places = [1] + [0] * (len(tiles) - 1)
    numbers = [len(tiles), *steps, *[1] * len(tiles), *(len(content) for _, content in tiles), *places]
    return b"".join(map(varint, numbers))


def _metadata(features: Iterable[Feature], max_zoom: int) -> dict[str, object]:
    layers = dict.fromkeys(one.layer for one in features)
    fields = {layer: sorted({key for one in features if one.layer == layer for key in one.told}) for layer in layers}
    told = [{"id": name, "fields": dict.fromkeys(keys, "String")} for name, keys in fields.items()]
    return {"name": "An invented country", "attribution": "", "maxzoom": max_zoom, "vector_layers": told}


def _header(
    directory: int, metadata: int, content: int, tiles: int, bounds: tuple[float, float, float, float], max_zoom: int
) -> bytes:
    start = 127
    places = (start, directory, start + directory, metadata, start + directory + metadata, 0)
    sizes = (*places, start + directory + metadata, content, tiles, tiles, tiles)
    west, south, east, north = (round(one * 10**7) for one in bounds)
    centre = (max_zoom, (west + east) // 2, (south + north) // 2)
    kinds = (1, UNCOMPRESSED, UNCOMPRESSED, VECTOR, 0, max_zoom)
    return struct.pack("<7sB11Q6B4iB2i", b"PMTiles", 3, *sizes, *kinds, west, south, east, north, *centre)
