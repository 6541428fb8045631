"""Maps: as close as known and no closer, the same in table and picture; the sample, and how its file is served.

What moves on the page is in tests/stories/test_map.py.
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from scripts import sample_map, sample_map_tiles
from tests.repo import tree
from ulinzi.web import maps
from ulinzi.web.maps import Frame, Kind, Label, Line, Map, Point

STATIC = tree.SRC / "web" / "static" / "web"
TILES = "/static/web/sample.pmtiles"


def a_map(*points: Point, **more: object) -> Map:
    told = {
        "code": "a",
        "title": "A",
        "kinds": maps.SAMPLE_KINDS,
        "bounds": (0.0, 0.0, 2.4, 3.2),
        "view": (1.2, 1.6, 8),
    }
    return Map(points=points, **{**told, **more})  # type: ignore[arg-type]


def page(one: Map, language: str = "en") -> str:
    with translation.override(language):
        return render_to_string("web/_map.html", {"map": one})


# As close as it is known.


@pytest.mark.parametrize(
    ("within", "shown"), [(1, ("1.23", "0.99")), (9, ("1.23", "0.99")), (10, ("1.2", "1.0")), (100, ("1", "1"))]
)
def test_a_position_is_cut_to_what_is_known(within: int, shown: tuple[str, str]) -> None:
    point = Point("Telwa", "base", lat=1.23456, lon=0.98765, within_km=within)
    source = page(a_map(point))
    assert f'data-lat="{shown[0]}" data-lon="{shown[1]}"' in source
    assert (point.lat, point.lon) == (float(shown[0]), float(shown[1]))


def test_no_digit_more_is_anywhere_in_the_page() -> None:
    """The picture too is drawn from what is known: exact and rounded give one page."""
    exact, known = Point("x", "base", 1.23456, 0.98765, within_km=10), Point("x", "base", 1.2, 1.0, within_km=10)
    assert page(a_map(exact)) == page(a_map(known))


def test_control_two_known_places_give_two_pages() -> None:
    assert page(a_map(Point("x", "base", 1.23, 0.98))) != page(a_map(Point("x", "base", 1.24, 0.98)))


def test_what_is_roughly_known_has_a_ring_and_says_so() -> None:
    rough, exact = page(a_map(Point("x", "base", 1, 1, within_km=20))), page(a_map(Point("x", "base", 1, 1)))
    assert "somewhere within 20\u00a0km" in rough and 'data-within="20"' in rough and 'class="map-ring"' in rough
    assert "somewhere within" not in exact and "data-within" not in exact and 'class="map-ring"' not in exact


def test_a_ring_is_as_wide_as_it_says() -> None:
    """Twenty kilometres each way of a picture that is 3.2 degrees wide, on the equator."""
    (mark,) = a_map(Point("x", "base", 0, 1, within_km=20)).marks
    assert mark.ring == pytest.approx(20 / 111.32 / 3.2 * 640, rel=0.001)


# Where things are on the picture.


def test_north_is_up_and_east_is_right() -> None:
    frame = Frame.around((0, 0, 2.4, 3.2))
    assert frame.at(1.2, 1.6) == pytest.approx((320, 240), abs=0.5)
    assert frame.at(2.0, 1.6)[1] < 240 and frame.at(1.2, 3.0)[0] > 320


@pytest.mark.parametrize("bounds", [(0, 0, 2, 2), (0, 0, 1, 9), (-60, -170, 60, 170)])
def test_all_of_the_bounds_is_on_the_picture(bounds: maps.Box) -> None:
    south, west, north, east = bounds
    corners = [Frame.around(bounds).at(lat, lon) for lat in (south, north) for lon in (west, east)]
    assert all(-0.01 <= x <= 640.01 and -0.01 <= y <= 480.01 for x, y in corners)


def test_the_scale_is_round_and_at_most_a_quarter() -> None:
    assert a_map().scale == (50, "14.04%")
    assert a_map(bounds=(0.0, 0.0, 0.3, 0.4)).scale[0] == 10


def test_a_name_that_would_run_into_a_mark_is_left_out_and_the_mark_stays() -> None:
    apart = a_map(Point("Telwa", "base", 1, 1), Point("Nakorro", "base", 2, 2))
    close = a_map(Point("Telwa", "base", 1, 1), Point("Nakorro", "base", 1, 1.2))
    assert [one.fits for one in apart.marks] == ["always", "always"]
    assert [one.fits for one in close.marks] == ["never", "roomy"]
    assert page(close).count('class="map-spot"') == 2
    assert page(close).count("<text class=") == 1


def test_names_on_the_ground_give_way_to_marks() -> None:
    ground = (Label("town", "Telwa", 1, 1), Label("village", "Keddo", 1, 1.05), Label("village", "Gamule", 2, 2))
    assert [one.name for one, _, _ in a_map(Point("Telwa", "base", 1, 1), labels=ground).written] == ["Gamule"]
    assert [one.name for one, _, _ in a_map(labels=ground).written] == ["Telwa", "Keddo", "Gamule"]


# The page.


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_point_is_a_row_and_a_mark(language: str) -> None:
    source, points = page(maps.sample(), language), maps.sample().points
    assert re.findall(r'<th scope="row"><bdi>(.+?)</bdi>', source) == [one.name for one in points]
    assert source.count('class="map-spot"') == source.count("<tr data-lat=") == len(points)


@pytest.mark.parametrize(("language", "shown"), [("en", "1.96°"), ("fr", "1,96°")])
def test_people_read_their_own_decimals_and_scripts_read_points(language: str, shown: str) -> None:
    source = page(maps.sample(), language)
    assert shown in source
    assert 'data-view="1.2000,1.6000,8"' in source and 'data-lat="1.96" data-lon="0.85"' in source


@pytest.mark.parametrize(
    ("lat", "lon", "said"), [(1, 2, "north, 2.00° east"), (-1, 2, "south, 2.00°"), (1, -2, "2.00° west")]
)
def test_each_side_of_the_world_has_its_word(lat: float, lon: float, said: str) -> None:
    with translation.override("en"):
        assert said in Point("x", "base", lat, lon).position


def test_each_kind_has_a_shape_and_a_word_of_its_own() -> None:
    kinds = maps.sample().kinds
    assert len({str(one.word) for one in kinds}) == len({one.shape for one in kinds}) == len(kinds)
    assert {one.kind for one in maps.sample().points} == {one.code for one in kinds}


def test_nothing_on_the_page_needs_what_the_policy_forbids() -> None:
    source = page(maps.sample())
    assert re.findall(r"\sstyle=|\son\w+=|<style|<script(?![^>]* src=)", source) == []
    assert re.findall(r'(?:src|href)="(?!/static/web/)', source) == []


def test_what_somebody_typed_does_nothing() -> None:
    point = Point("<b>x</b>\u202e", "base", 1, 1, area="<i>y</i>")
    source = page(a_map(point, title="<u>z</u>", labels=[Label("town", "<s>w</s>", 2, 2)]))
    assert re.findall(r"<[biu]>[xyz]|<s>w", source.replace("<b>&lt;u", "")) == [] and "\u202e" not in source


def test_an_empty_map_does_not_say_that_nothing_is_there() -> None:
    source = page(a_map())
    assert "<table" not in source and "That is not the same as nothing there." in source


def test_without_a_map_file_the_still_picture_stays() -> None:
    assert "data-tiles" not in page(a_map()) and "map-still" in page(a_map())
    assert 'data-tiles="/static/web/sample.pmtiles?v=' in page(maps.sample())


def test_the_legend_says_only_what_is_drawn() -> None:
    drawn = a_map(lines=[Line("road-track", ((1, 1), (2, 2))), Line("land", ((0, 0), (3, 0), (3, 2)))])
    assert [kind for kind, _ in drawn.legend] == ["road-track"]


def test_a_second_map_brings_no_second_script() -> None:
    with translation.override("en"):
        again = render_to_string("web/_map.html", {"map": maps.sample(), "loaded": True})
    assert "<script" not in again and "<link" not in again and again.count('id="sample-points"') == 1


# The sample.


def test_the_sample_is_made_again_to_the_byte() -> None:
    """When this fails on purpose: python -m scripts.sample_map."""
    made = sample_map.made()
    assert {name: (STATIC / name).read_bytes() == content for name, content in made.items()} == dict.fromkeys(
        made, True
    )
    assert len(made["sample.pmtiles"]) < 80_000


def test_control_another_seed_gives_another_country() -> None:
    assert sample_map.made(sample_map.SEED + 1)["sample.json"] != (STATIC / "sample.json").read_bytes()


def test_every_settlement_is_in_its_district_and_no_road_swims() -> None:
    country = sample_map.grow(sample_map.SEED)
    assert len(country.settlements) == 25 and len({one.name for one in country.settlements}) == 25
    assert all(sample_map.inside(one.at, country.districts[one.district]) for one in country.settlements)
    wet = [spot for _, road in country.roads for spot in road if sample_map.inside(spot, country.lake)]
    assert wet == []


def test_it_lies_in_the_open_ocean() -> None:
    """Where no country is: in the Gulf of Guinea, west of every island and south of every coast."""
    south, west, north, east = maps.sample().bounds
    assert (south, west) >= (0, 0) and north < 4 and east < 5


@pytest.mark.parametrize(
    ("tile", "number"),
    [((0, 0, 0), 0), ((1, 0, 0), 1), ((1, 0, 1), 2), ((1, 1, 1), 3), ((1, 1, 0), 4), ((12, 3423, 1763), 19078479)],
)
def test_tiles_are_numbered_as_the_format_says(tile: tuple[int, int, int], number: int) -> None:
    assert sample_map_tiles.tile_id(*tile) == number


def varints(content: bytes) -> list[int]:
    found, number, shift = [], 0, 0
    for byte in content:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            found.append(number)
            number, shift = 0, 0
    return found


def fields(content: bytes) -> list[tuple[int, bytes | int]]:
    """Protobuf, as far as tiles use it: numbers and pieces."""
    found: list[tuple[int, bytes | int]] = []
    while content:
        head, content = _varint(content)
        value, content = _varint(content)
        if head & 7 == 2:
            found.append((head >> 3, content[:value]))
            content = content[value:]
        else:
            found.append((head >> 3, value))
    return found


def _varint(content: bytes) -> tuple[int, bytes]:
    end = next(place for place, byte in enumerate(content) if byte < 128) + 1
    return varints(content[:end])[0], content[end:]


def archived(content: bytes) -> dict[int, bytes]:
    """The tiles of a PMTiles file by their number, read as its definition says."""
    root, length = struct.unpack_from("<2Q", content, 8)
    start, _ = struct.unpack_from("<2Q", content, 56)
    numbers = varints(content[root : root + length])
    count = numbers[0]
    steps, runs, sizes, places = (numbers[1 + part * count :][:count] for part in range(4))
    assert set(runs) == {1} and places == [1] + [0] * (count - 1)
    found, number, at = {}, 0, start
    for step, size in zip(steps, sizes, strict=True):
        number += step
        found[number] = content[at : at + size]
        at += size
    assert at == len(content)
    return found


def said(tile: bytes) -> dict[str, set[str]]:
    """Each layer of a tile with the words of its features."""
    layers = [fields(layer) for number, layer in fields(tile) if number == 3 and isinstance(layer, bytes)]
    return {str(dict(layer)[1], "utf-8"): {_word(value) for key, value in layer if key == 4} for layer in layers}  # type: ignore[arg-type]


def _word(value: bytes | int) -> str:
    assert isinstance(value, bytes)
    return str(dict(fields(value))[1], "utf-8")  # type: ignore[arg-type]


def test_the_file_holds_the_layers_and_every_name_at_the_last_zoom() -> None:
    tiles = archived((STATIC / "sample.pmtiles").read_bytes())
    last = [said(content) for number, content in tiles.items() if number >= sample_map_tiles.tile_id(9, 0, 0)]
    names = set().union(*(one.get("places", set()) for one in last))
    assert names == {name for several in sample_map.NAMES.values() for name in several} | {"town", "village"}
    layers = set().union(*last)
    assert layers == {"land", "water", "rivers", "roads", "borders", "areas", "places"}
    assert "land" in said(tiles[0]) and "places" not in said(tiles[0])


# How it is served: in pieces, as they lie in the file.


def ask(headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    response = Client(SERVER_NAME="localhost").get(f"{TILES}?v=0123456789ab", headers=headers)
    content = b"".join(response) if response.streaming else response.content
    response.close()
    return response.status_code, dict(response.headers), content


@pytest.mark.parametrize(
    ("asked", "piece"),
    [("bytes=0-126", slice(0, 127)), ("bytes=5000-5999", slice(5000, 6000)), ("bytes=-100", slice(-100, None))],
)
def test_a_piece_is_served_as_it_lies_in_the_file(asked: str, piece: slice) -> None:
    whole = (STATIC / "sample.pmtiles").read_bytes()
    status, headers, content = ask({"range": asked})
    assert status == 206 and content == whole[piece]
    assert headers["Content-Range"].endswith(f"/{len(whole)}") and headers["Content-Length"] == str(len(content))


def test_a_piece_is_not_compressed_on_the_way() -> None:
    """Compressed, its bytes would not be those that were asked for."""
    status, headers, content = ask({"range": "bytes=0-4095", "accept-encoding": "gzip"})
    assert status == 206 and "Content-Encoding" not in headers
    assert content == (STATIC / "sample.pmtiles").read_bytes()[:4096]


def test_control_a_whole_file_is_compressed() -> None:
    response = Client(SERVER_NAME="localhost").get("/static/web/map.css", headers={"accept-encoding": "gzip"})
    response.close()
    assert response.headers["Content-Encoding"] == "gzip"


def test_what_is_beyond_the_end_is_refused() -> None:
    status, headers, content = ask({"range": "bytes=99999999-"})
    assert status == 416 and content == b""
    assert headers["Content-Range"] == f"bytes */{(STATIC / 'sample.pmtiles').stat().st_size}"


def test_a_piece_carries_the_headers_of_everything_else() -> None:
    _, headers, _ = ask({"range": "bytes=0-126"})
    assert headers["X-Content-Type-Options"] == "nosniff" and "max-age=31536000" in headers["Cache-Control"]


def test_control_a_mark_of_no_kind_is_noticed() -> None:
    with pytest.raises(KeyError):
        a_map(replace(Point("x", "base", 1, 1), kind="unheard of")).marks  # noqa: B018
    assert a_map(Point("x", "new", 1, 1), kinds=[Kind("new", "New", maps.SafeString(""))]).marks
