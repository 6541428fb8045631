"""Shapes as data: what a field holds, what a group reads, what an upcast makes of old words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger import definition
from tests.ledger.simulation.histories import BAD, GOOD, SHAPE
from tests.ledger.simulation.shapes import REPORT_1, REPORT_2
from tests.repo.numbers import numbers
from ulinzi.ledger.shapes import CODE_LENGTH, Field, Group, Kind, Row, Sensitivity, Shape

MANY = settings(max_examples=150, deadline=None, derandomize=True, database=None)
ID = bytes(range(16))
LONG = "x" * CODE_LENGTH

# (type, values it holds, values it does not)
HOLDS: dict[str, tuple[list[Any], list[Any]]] = {
    "text": (["", "word", "é" * 10], ["x" * 11, "a\x00", 1, True, b"word", ["word"]]),
    "code": (["", "now", LONG], [LONG + "x", "a\x00", 1, b"now"]),
    "codes": ([[], ["x"], ["y", "x"], [LONG]], [["x", 1], ["a\x00"], [LONG + "x"], "x", {"x": 1}, [["x"]]]),
    "int": ([0, -1, 2**63 - 1, -(2**63)], [2**63, -(2**63) - 1, True, "1", 1.0]),
    "time": ([0, -1, 2**63 - 1], [2**63, False, "09:00", 1.5]),
    "bool": ([True, False], [0, 1, "true"]),
    "bytes": ([b"", b"x" * 10], [b"x" * 11, "x", bytearray(b"x")]),
    "person": ([ID], [ID[:-1], ID + b"x", ID.hex(), UUID(bytes=ID)]),
    "ref": ([ID], [b"", ID + b"x", 7]),
}
EVERY_TYPE = [pytest.param(kind, *values, id=kind) for kind, values in HOLDS.items()]


def field_of(kind: str) -> Field:
    return Field(1, "one", kind, max_length=10)


@pytest.mark.parametrize(("kind", "held", "refused"), EVERY_TYPE)
def test_a_field_holds_what_its_column_can(kind: str, held: list[Any], refused: list[Any]) -> None:
    assert [value for value in [None, *held] if not field_of(kind).fits(value)] == []
    assert [value for value in refused if field_of(kind).fits(value)] == []


def test_every_type_is_in_the_table() -> None:
    with pytest.raises(KeyError):
        field_of("float").fits(1.0)
    assert {one.type for one in SHAPE.fields} <= HOLDS.keys()


@MANY
@given(st.sampled_from(list(HOLDS)), st.sampled_from([*BAD, *(value for listed in GOOD.values() for value in listed)]))
def test_product_and_definition_agree_on_what_fits(kind: str, value: Any) -> None:
    assert field_of(kind).fits(value) == definition.fits(field_of(kind), value)


# Codes, scales, wire and row.

URGENCY = Group(
    1,
    "urgency",
    Kind.MAX,
    Sensitivity.RESTRICTED,
    (Field(5, "urgency", "code", choices=("low", "high")),),
    ("low", "high"),
)
PAIR = Group(2, "where", Kind.LAST, Sensitivity.RESTRICTED, (Field(1, "lon", "int"), Field(2, "lat", "int")))


def test_the_scale_ranks_nothing_lowest_and_the_unknown_highest() -> None:
    ranks = [URGENCY.rank({5: code}) for code in (None, "low", "high", "beyond")]
    assert ranks == [-1, 0, 1, 2]
    assert URGENCY.rank({}) == -1


@pytest.mark.parametrize(
    ("value", "known"), [(None, True), ("x", True), ("z", False), ([], True), (["x", "y"], True), (["x", "z"], False)]
)
def test_a_field_knows_its_choices(value: Any, known: bool) -> None:
    assert Field(1, "one", "codes", choices=("x", "y")).knows(value) is known


def test_a_field_without_choices_knows_everything() -> None:
    assert Field(1, "one", "code").knows("anything")


def test_a_group_is_read_whole_and_only_as_far_as_it_is_known() -> None:
    assert PAIR.read({1: 7, 99: "more"}) == ({1: 7, 2: None}, True)
    assert PAIR.read({}) == (PAIR.empty, True)
    assert URGENCY.read({5: "beyond"}) == ({5: "beyond"}, False)


@pytest.mark.parametrize("wire", [None, [], "lon", 7, {1: "7"}, {1: 7, 2: True}])
def test_a_group_that_fits_no_column_is_not_read(wire: Any) -> None:
    assert PAIR.read(wire) is None


def test_what_a_newer_version_wrote_is_left_out_where_it_fits_nothing() -> None:
    assert PAIR.read({1: 7, 2: "north"}, newer=True) == ({1: 7, 2: None}, True)
    assert PAIR.read("north", newer=True) is None


@pytest.mark.parametrize(
    ("kind", "value", "wire"),
    [
        ("person", UUID(bytes=ID), ID),
        ("ref", UUID(bytes=ID), ID),
        ("ref", None, None),
        ("codes", ["y", "x", "y"], ["x", "y"]),
        ("codes", None, None),
        ("text", "word", "word"),
    ],
)
def test_what_is_written_to_the_wire(kind: str, value: Any, wire: Any) -> None:
    one = field_of(kind)
    assert one.to_wire(value) == wire
    assert one.from_wire(wire) == (value if kind != "codes" else wire)


def test_columns_follow_from_the_fields() -> None:
    assert SHAPE.by_number[2].columns == (("at", 4, False), ("who", 5, True))
    assert Field(1, "area", "ref").column == "area_id"
    assert Field(1, "area", "text").column == "area"


def test_a_row_is_read_by_name() -> None:
    row = Row(title="Bridge closed")
    assert row.title == row["title"]
    with pytest.raises(AttributeError):
        _ = row.detail


# Upcasts.


def test_an_upcast_may_make_several_groups_of_one() -> None:
    assert REPORT_2.upcast(1, 1, {1: "Bridge", 2: "Ana"}) == [(1, {1: "Bridge"}), (6, {2: "Ana"})]
    assert REPORT_2.upcast(1, 2, {3: 1, 4: 2}) == [(2, {3: 1, 4: 2})]


def test_todays_words_stay_as_they_are() -> None:
    assert REPORT_2.upcast(2, 1, {1: "Bridge"}) == [(1, {1: "Bridge"})]
    assert REPORT_2.upcast(9, 1, {1: "Bridge"}) == [(1, {1: "Bridge"})]
    assert REPORT_1.upcast(1, 1, {1: "Bridge"}) == [(1, {1: "Bridge"})]


def test_steps_follow_one_another_and_a_version_without_one_changes_nothing() -> None:
    def step(name: str) -> Any:
        return lambda group, values: [(group, {**values, 0: [*values.get(0, []), name]})]

    shape = Shape(9, "x.Y", 5, (PAIR,), upcasts={1: step("1 to 2"), 2: step("2 to 3"), 4: step("4 to 5")})
    assert shape.upcast(1, 2, {}) == [(2, {0: ["1 to 2", "2 to 3", "4 to 5"]})]
    assert shape.upcast(3, 2, {}) == [(2, {0: ["4 to 5"]})]


@MANY
@given(
    st.integers(1, 4),
    st.sampled_from([1, 2, 3, 99]),
    st.dictionaries(st.integers(1, 9), st.sampled_from(BAD), max_size=3),
)
def test_product_and_definition_read_old_words_alike(schema: int, group: int, wire: dict[int, Any]) -> None:
    try:
        found = SHAPE.upcast(schema, group, wire)
    except (ValueError, TypeError):
        found = [(group, None)]
    assert found == definition.in_todays_words(SHAPE, schema, group, wire)


# Numbers.


def test_the_numbers_of_a_shape_are_listed_once_each() -> None:
    lines = numbers([REPORT_2])
    assert lines[0] == "model 1 sim.Report"
    assert "group 1.6 sim.Report.contact last" in lines
    assert "layout 1.6/2 2" in lines
    assert "field 1:2 sim.Report.contact text" in lines
    assert len(lines) == len(set(lines)) == 1 + 2 * len(REPORT_2.groups) + len(REPORT_2.fields)


def test_models_are_listed_by_number_whatever_their_order() -> None:
    assert numbers([SHAPE, REPORT_2]) == numbers([REPORT_2, SHAPE])


def test_fields_and_groups_are_found_by_name() -> None:
    assert REPORT_2.group("contact").number == REPORT_2.group_of["contact"].number == 6
    assert REPORT_2.field["contact"].number == 2


@pytest.mark.parametrize("kind", ["text", "codes", "bytes"])
def test_control_a_field_that_holds_anything_is_noticed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Field, "fits", lambda _field, _value: True)
    with pytest.raises(AssertionError):
        test_a_field_holds_what_its_column_can(kind, *HOLDS[kind])
