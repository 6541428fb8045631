"""Pictures of numbers: what they say, what they never say, and that nothing leaves its frame.

The answers of the tables were worked out by hand.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from ulinzi.web import charts
from ulinzi.web.charts import Point, Series, Unit, draw, ink, numbers, pictures, sheet
from ulinzi.web.charts.draw import NARROW, SMALL, WIDE, Frame, Size, Words
from ulinzi.web.charts.numbers import Scale

HOSTILE = '"><script>alert(1)</script>&\x00\u202e\ud800\ufffe'
ENGLISH = Words("en", "promises", "known here", "too few", "not known", "No reports and little coverage.")
SHARE = Unit.SHARE
STATIC = Path(charts.__file__).parents[1] / "static" / "web"


def counts(*values: float | None) -> Series:
    return Series("Calls", tuple(Point(f"{place}/1", value) for place, value in enumerate(values)))


def xml(drawn: str) -> ElementTree.Element:
    """Fails where it is not well formed."""
    return ElementTree.fromstring(drawn)  # noqa: S314 - what is read was drawn here


def of_class(drawn: str, kind: str) -> list[ElementTree.Element]:
    return [one for one in xml(drawn).iter() if kind in (one.get("class") or "").split()]


def line_of(series: Series) -> tuple[str, float]:
    return draw.time_series([series], charts.series.common_scale([series]), WIDE, ENGLISH, "A sentence.")


# Numbers.


@pytest.mark.parametrize(
    ("value", "places", "english", "french"),
    [
        (0, 0, "0", "0"),
        (7, 0, "7", "7"),
        (1234, 0, "1,234", "1\u202f234"),
        (1234567.25, 1, "1,234,567.2", "1\u202f234\u202f567,2"),
        (0.5, 1, "0.5", "0,5"),
        (-1500, 0, "\u22121,500", "\u22121\u202f500"),
        (-0.2, 0, "0", "0"),
    ],
)
def test_numbers_as_each_language_writes_them(value: float, places: int, english: str, french: str) -> None:
    assert numbers.number(value, "en", places) == english
    assert numbers.number(value, "fr", places) == french


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.0, "0%", "0\u00a0%"),
        (0.001, "1%", "1\u00a0%"),
        (0.666, "67%", "67\u00a0%"),
        (0.999, "99%", "99\u00a0%"),
        (1.0, "100%", "100\u00a0%"),
    ],
)
def test_per_cent_says_all_only_of_all_and_none_only_of_none(value: float, english: str, french: str) -> None:
    assert (numbers.percent(value, "en"), numbers.percent(value, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ([], (0, 1)),
        ([0], (0, 1)),
        ([7], (0, 2, 4, 6, 8)),
        ([1, 10], (0, 5, 10)),
        ([97], (0, 50, 100)),
        ([340], (0, 100, 200, 300, 400)),
        ([0.3], (0, 0.1, 0.2, 0.3)),
        ([-3, 8], (-5, 0, 5, 10)),
        ([1_000_000], (0, 500_000, 1_000_000)),
    ],
)
def test_scales_have_few_and_round_marks_with_nought_among_them(values: list[float], marks: tuple[float, ...]) -> None:
    assert numbers.scale(values).marks == marks


def test_shares_always_stand_on_the_whole() -> None:
    assert numbers.scale([0.01, 0.02], SHARE).marks == (0, 0.5, 1)


# Points.


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": float("nan")},
        {"value": float("inf")},
        {"value": 1e16},
        {"value": 0.5, "lower": 0.6, "upper": 0.7},
        {"value": 0.5, "lower": 0.4},
        {"coverage": 1.1},
        {"of": -1},
    ],
)
def test_a_point_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Point("x", **wrong)


@pytest.mark.parametrize(
    ("point", "said"),
    [
        (Point("x", 0.5, of=10), "50%"),
        (Point("x", 0.0, of=10), "0%"),
        (Point("x", of=3), "too few for a share"),
        (Point("x", of=0), "–"),
        (Point("x"), "not known"),
    ],
)
def test_nought_few_none_and_unknown_are_four_things(point: Point, said: str) -> None:
    with override("en"):
        assert pictures.value_words(Series("s", (point,), SHARE), point) == said


# Lines and gaps.


@pytest.mark.parametrize(
    ("values", "paths", "dots", "boxes"),
    [
        ((1, 2, 3), 1, 0, 0),
        ((1, 2, None, 3, 4), 2, 0, 1),
        ((1, None, 3), 0, 2, 1),
        ((None, None, 3, 4), 1, 0, 1),
        ((5,), 0, 1, 0),
        ((None, None), 0, 0, 1),
        ((0, 0, None, 0), 1, 1, 1),
    ],
)
def test_a_gap_is_a_gap(values: tuple[float | None, ...], paths: int, dots: int, boxes: int) -> None:
    drawn, _height = line_of(counts(*values))
    lines = of_class(drawn, "ch-a")
    assert [sum(one.tag.endswith(tag) for one in lines) for tag in ("path", "circle")] == [paths, dots]
    assert len(of_class(drawn, "ch-gap")) == boxes


def test_control_nought_in_place_of_unknown_would_join_the_line() -> None:
    assert len(of_class(line_of(counts(1, 2, 0, 3, 4))[0], "ch-a")) == 1


def test_points_stand_where_they_were_worked_out_to_stand() -> None:
    frame = Frame(left=10, top=20, width=300, height=100, count=3, scale=Scale((0.0, 5.0, 10.0)))
    assert [frame.x(place) for place in range(3)] == [60, 160, 260]
    assert [frame.y(value) for value in (0, 5, 10)] == [120, 70, 20]
    series = counts(0, 5, 10)
    assert draw.trace(series, frame) == [ink.path("ch-a", [(60, 120), (160, 70), (260, 20)], draw._HEAVY)]
    assert 'd="M60 120L160 70L260 20"' in draw.trace(series, frame)[0]


def test_the_band_goes_there_and_back_and_has_a_width_where_it_stands_alone() -> None:
    frame = Frame(0, 0, 100, 100, 2, Scale((0.0, 1.0)))
    both = [Point("a", 0.5, 0.25, 0.75), Point("b", 0.5, 0.5, 1.0)]
    assert 'd="M25 25L75 0L75 50L25 75Z"' in draw.band(both, frame)[0]
    assert 'd="M10 25L40 25L40 75L10 75Z"' in draw.band([both[0], Point("b")], frame)[0]


def test_two_lines_are_told_apart_without_colour() -> None:
    series = counts(1, 2, 3)
    drawn, _height = draw.time_series([series, series], numbers.scale([3]), WIDE, ENGLISH, "A sentence.")
    heavy, thin = of_class(drawn, "ch-a")[0], of_class(drawn, "ch-b")[0]
    assert heavy.get("stroke-dasharray") is None and thin.get("stroke-dasharray")
    assert float(heavy.get("stroke-width") or 0) > float(thin.get("stroke-width") or 0)
    assert {one.get("stroke") for one in (heavy, thin)} == {"currentColor"}


def test_too_few_are_a_ring_below_and_not_a_point_on_the_line() -> None:
    points = (Point("a", 0.5, of=10), Point("b", of=3), Point("c", 0.7, of=10), Point("d", 0.9, of=12))
    drawn, _height = line_of(Series("Kept", points, SHARE))
    ring = next(one for one in of_class(drawn, "ch-ring"))
    assert float(ring.get("cy") or 0) > draw.frame_of(WIDE, 4, numbers.SHARES).bottom
    assert "3" in [one.text for one in xml(drawn).iter() if one.tag.endswith("text")]
    assert len(of_class(drawn, "ch-a")) == 2  # a dot, and a line after the gap


def test_coverage_fills_its_cell_from_below() -> None:
    frame = Frame(0, 0, 40, 10, 4, numbers.SHARES)
    told = [Point("a", coverage=1.0), Point("b", coverage=0.5), Point("c", coverage=0.0), Point("d")]
    drawn = f"<svg>{''.join(draw.covered(told, frame, 100))}</svg>"
    assert [one.get("height") for one in of_class(drawn, "ch-cov")] == ["10", "5"]
    assert [one.get("y") for one in of_class(drawn, "ch-cov")] == ["100", "105"]
    assert len(of_class(drawn, "ch-cell")) == 3


def test_nothing_known_is_said_and_not_called_calm() -> None:
    drawn, _height = line_of(counts(None, None, None))
    assert "No reports and little coverage." in " ".join(xml(drawn).itertext())
    assert not of_class(drawn, "ch-a")
    with override("en"):
        assert pictures.nothing() == "No reports and little coverage. This is not calm."


def test_small_ones_share_one_scale_and_say_it() -> None:
    with override("en"):
        drawn = charts.multiples("m", "M", [(counts(1, 2), "Few."), (counts(10, 40), "More.")])
    assert drawn.scale == "All on the same scale, from 0 to 40."
    marks = [[one.text for one in of_class(small.picture, "ch-quiet")][:3] for small in drawn.charts]
    assert marks[0] == marks[1] == ["0", "10", "20"]


def test_a_sparkline_says_its_last_value_in_words() -> None:
    known = Series("Kept", (Point("02/11", 0.5, of=8), Point("09/11", 0.75, of=12), Point("16/11", of=2)), SHARE)
    with override("fr"):
        assert re.fullmatch(r"75\u00a0% \w+ 12, 09/11", charts.spark(known).last)
        assert f'aria-label="Kept. {charts.spark(known).last}"' in charts.spark(known).picture
    with override("en"):
        assert charts.spark(known).last == "75% of 12, 09/11"
        assert charts.spark(counts(None)).last == "not known"


def test_names_at_the_ends_of_lines_never_meet() -> None:
    assert draw.apart([10, 12, 90], [16, 16, 16], 0, 100) == [10, 26, 90]
    assert draw.apart([95, 96], [16, 32], 0, 100) == [68, 84]


def test_a_piece_of_the_stroke_says_whose_name_it_is_where_lines_end_at_one_height() -> None:
    drawn, _height = draw.time_series([counts(1, 2), counts(3, 2)], numbers.scale([3]), WIDE, ENGLISH, "A sentence.")
    heavy, thin = of_class(drawn, "ch-key")
    assert (heavy.get("stroke-dasharray"), thin.get("stroke-dasharray")) == (None, "5 4")
    names = [one for one in of_class(drawn, "ch-name") if one.text == "Calls"]
    rows = [float((one.get("d") or "").partition("L")[0].split()[-1]) for one in (heavy, thin)]
    assert rows == [float(one.get("y") or 0) - 4 for one in names]


# Words from elsewhere.


def test_what_somebody_wrote_is_text() -> None:
    series = Series(HOSTILE, (Point(HOSTILE, 1.0), Point(HOSTILE, 2.0)))
    with override("en"):
        chart = charts.time_chart("c", HOSTILE, [series], HOSTILE)
        small = charts.multiples("m", HOSTILE, [(series, HOSTILE)])
        drawn = [chart.wide, chart.narrow, small.charts[0].picture, charts.spark(series).picture]
        drawn.append(charts.file_of(HOSTILE, [(HOSTILE, HOSTILE, chart.wide, chart.height)], HOSTILE))
        pages = [render_to_string("web/_chart.html", {"chart": chart})]
        pages += [render_to_string("web/_multiples.html", {"multiples": small})]
    for one in drawn:
        assert not [found for found in xml(one).iter() if found.tag.endswith("script")]
        one.encode()
    for one in pages:
        assert "<script" not in one and "&lt;script&gt;" in one


def test_control_unescaped_it_would_be_found() -> None:
    with pytest.raises(ElementTree.ParseError):
        xml(f"<svg>{HOSTILE}</svg>".replace("\ud800", ""))


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1")


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula(cell: str) -> None:
    read = list(csv.reader(io.StringIO(charts.csv_file(("a",), [(cell,)], "en").decode("utf-8-sig"), newline="")))
    assert read == [["a"], [f"'{cell}"]]


def test_control_without_it_a_formula_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "safe", lambda cell: cell)
    assert b"\r\n=1+1\r\n" in charts.csv_file(("a",), [("=1+1",)], "en")


def test_numbers_stay_numbers_and_blanks_blank() -> None:
    told = charts.csv_file(("a", "b", "c"), [(-1, None, "x;y")], "fr").decode("utf-8-sig")
    assert told == 'a;b;c\r\n-1;;"x;y"\r\n'


# Files and pages.


def test_a_file_of_its_own_draws_without_the_page() -> None:
    with override("en"):
        chart = charts.time_chart("c", "Title", [counts(1, None, 3, 4)], "A sentence.")
        drawn = charts.file_of("Title", [("", chart.sentence, chart.wide, chart.height)], "As known on 01/01/2027.")
    whole = xml(drawn.partition("\n")[2])
    said = " ".join(whole.itertext())
    assert "Title" in said and "A sentence." in said and "As known on 01/01/2027." in said
    for one in whole.iter():
        if one.tag.endswith(("path", "line")):
            assert one.get("stroke") == "currentColor"
    assert whole.get("color") == "black"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_sample_has_its_sentence_and_its_numbers_and_no_style(language: str) -> None:
    with override(language):
        found = charts.samples()
        for one in found:
            name = {"chart": "_chart", "multiples": "_multiples", "spark": "_spark"}[one.kind]
            page = render_to_string(f"web/{name}.html", {one.kind: one.picture})
            assert " style=" not in page and "<style" not in page and " on" not in re.sub(r">[^<]*<", "><", page)
            drawn = re.findall(r'<svg [^>]*role="img" aria-label="([^"]+)"', page)
            assert drawn and all(" " in label for label in drawn)
            assert ("<details" in page) is (one.kind != "spark")
            assert "nan" not in page.lower().replace("not known", "")
    assert len(found) == 3 * len({one.state for one in found})


def test_the_css_has_no_colour_of_its_own_and_the_script_no_style() -> None:
    css = re.sub(r"/\*.*?\*/", "", (STATIC / "charts.css").read_text(), flags=re.S)
    assert not re.search(r"#[0-9a-f]{3,8}\b|\brgb|\bhsl", css)
    assert "innerHTML" not in (STATIC / "chart.js").read_text() and "eval" not in (STATIC / "chart.js").read_text()


# Whatever the numbers are.

NUMBER = st.one_of(st.none(), st.floats(-1e15, 1e15), st.integers(-5, 5).map(float))


@st.composite
def points(taken: Callable[..., Any]) -> Point:
    told = sorted(taken(st.lists(st.floats(-1e15, 1e15), min_size=3, max_size=3)))
    value, ranged = taken(st.sampled_from([told[1], 0.0, None])), taken(st.booleans())
    within = ranged and (value is None or told[0] <= value <= told[2])
    lower, upper = (told[0], told[2]) if within else (None, None)
    of = taken(st.one_of(st.none(), st.integers(0, 10**9)))
    coverage = taken(st.one_of(st.none(), st.floats(0, 1)))
    return Point(taken(st.text(max_size=30)), value, lower, upper, of, coverage)


SERIES = st.builds(Series, st.text(max_size=40), st.lists(points(), min_size=1, max_size=60).map(tuple))
_AT = re.compile(r"-?\d+(?:\.\d+)?")


def places(drawn: str) -> list[tuple[float, float]]:
    """Every point of every line, band, dot, box and cell."""
    found: list[tuple[float, float]] = []
    for one in xml(drawn).iter():
        if one.get("d"):
            told = [float(at) for at in _AT.findall(one.get("d") or "")]
            found += list(zip(told[::2], told[1::2], strict=True))
        for x, y in (("x1", "y1"), ("x2", "y2"), ("cx", "cy"), ("x", "y")):
            if one.get(x) is not None:
                found.append((float(one.get(x) or 0), float(one.get(y) or 0)))
        if one.tag.endswith("rect"):
            found.append((float(one.get("x") or 0) + float(one.get("width") or 0), float(one.get("y") or 0)))
    return found


def inside(drawn: str, width: float, height: float) -> bool:
    return all(-0.1 <= x <= width + 0.1 and -0.1 <= y <= height + 0.1 for x, y in places(drawn))


@settings(max_examples=60, deadline=None)
@given(SERIES, st.sampled_from([WIDE, NARROW]))
def test_every_point_lies_within_its_frame_and_none_is_no_number(series: Series, size: Size) -> None:
    scale = charts.series.common_scale([series])
    drawn, height = draw.time_series([series, series], scale, size, ENGLISH, "A sentence.")
    small, small_height = draw.small(series, scale, ENGLISH, "A sentence.")
    spark, spark_height = draw.sparkline(series, scale, "A sentence.")
    for one in (drawn, small, spark):
        assert not re.search(r'="[^"]*(nan|inf)', one)
    assert inside(drawn, size.width, height)
    assert inside(small, SMALL.width, small_height) and inside(spark, draw.SPARK.width, spark_height)


def test_control_a_point_outside_its_frame_is_found() -> None:
    assert inside('<svg><circle cx="5" cy="5"/></svg>', 10, 10)
    assert not inside('<svg><circle cx="5" cy="15"/></svg>', 10, 10)
    assert not inside('<svg><path d="M1 1L-3 2"/></svg>', 10, 10)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-1e15, 1e15), max_size=20))
def test_a_scale_holds_every_value_with_few_marks(values: list[float]) -> None:
    found = numbers.scale(values)
    assert 2 <= len(found.marks) <= 7 and 0 in found.marks
    slack = (found.high - found.low) * 1e-6
    assert all(found.low - slack <= one <= found.high + slack for one in values)
    assert list(found.marks) == sorted(set(found.marks))


@settings(max_examples=100, deadline=None)
@given(st.lists(NUMBER, min_size=1, max_size=40))
def test_as_many_points_are_drawn_as_are_known(values: list[float | None]) -> None:
    """None is invented in a gap and none is left out."""
    series = counts(*values)
    frame = Frame(0, 0, 1000, 100, len(values), charts.series.common_scale([series]))
    drawn = f"<svg>{''.join(draw.trace(series, frame))}</svg>"
    assert len(places(drawn)) == sum(one is not None for one in values)
