"""What the Shapes declare: every field has its class and its partners, every number keeps its meaning for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import pytest

from tests.repo import tree
from tests.repo.numbers import numbers
from ulinzi.ledger.records import Record, shapes
from ulinzi.ledger.shapes import Field, Group, Kind, Sensitivity, Shape

NUMBERS = tree.SRC / "ledger" / "numbers.txt"
BOOKKEEPING = [*(field.name for field in Record._meta.local_fields), "root"]
NEVER_ALONE = ("_at", "_by", "_unit", "_min")
PARTNERS = {"lon": "lat", "lat": "lon"}
RETIRED = "retired "


def lone_fields(shape: Shape) -> list[str]:
    """Fields that mean nothing without another, but could be merged without it."""
    return [f"{group.name}.{one.name}" for group in shape.groups for one in group.fields if is_lone(one.name, group)]


def is_lone(name: str, group: Group) -> bool:
    others = {one.name for one in group.fields} - {name}
    for ending, other in PARTNERS.items():
        if name == ending or name.endswith(f"_{ending}"):
            return name[: -len(ending)] + other not in others
    return name.endswith(NEVER_ALONE) and not others


def unclassified(shape: Shape) -> list[str]:
    groups = [group.name for group in shape.groups if not isinstance(group.sensitivity, Sensitivity)]
    return groups + [one.name for one in shape.derived if not isinstance(one.sensitivity, Sensitivity)]


def contradictions(shape: Shape) -> list[str]:
    """Numbers used twice or not at all, names used twice, a scale without a kind or a kind without a scale."""
    found = [f"field number {number} twice" for number in twice(one.number for one in shape.fields)]
    found += [f"group number {number} twice" for number in twice(group.number for group in shape.groups)]
    found += [f"name {name} twice" for name in twice([*BOOKKEEPING, *(one.name for one in shape.fields)])]
    found += [
        f"{group.name}: a scale belongs to MAX"
        for group in shape.groups
        if bool(group.scale) != (group.kind is Kind.MAX)
    ]
    found += [f"{group.name}: since a schema to come" for group in shape.groups if group.since > shape.schema]
    found += [f"{one.name}: numbers start at 1" for one in (*shape.fields, *shape.groups) if one.number < 1]
    return found


def twice(values: Iterable[object]) -> list[object]:
    return [value for value, count in Counter(values).items() if count > 1]


def live_lines(text: str) -> list[str]:
    """The lines that still stand: a later `retired <line>` takes one out, its number stays taken."""
    lines = text.splitlines()
    retired = {line.removeprefix(RETIRED) for line in lines if line.startswith(RETIRED)}
    return [line for line in lines if not line.startswith(RETIRED) and line not in retired]


def reused(text: str) -> list[object]:
    """Numbers that were given out twice, retired ones included."""
    return twice(tuple(line.split()[:2]) for line in text.splitlines() if not line.startswith(RETIRED))


def rewritten(versions: list[str]) -> list[int]:
    """Places in a file's history where a version does not begin with the one before."""
    return [place for place, (before, after) in enumerate(pairwise(versions), 1) if not after.startswith(before)]


def written() -> str:
    return NUMBERS.read_text() if NUMBERS.exists() else ""


def history() -> list[str]:
    """Every committed version of the numbers, oldest first, and the one that stands here now."""
    name = tree.named(NUMBERS)
    commits = tree.git("rev-list", "--all", "--max-count=1").split()
    if commits:
        commits = tree.git("log", "--first-parent", "--reverse", "--format=%H", "--diff-filter=d", "--", name).split()
    return [*(tree.git("show", f"{commit}:{name}") for commit in commits), written()]


def test_fields_that_need_each_other_are_merged_together():
    assert {shape.label: lone for shape in shapes() if (lone := lone_fields(shape))} == {}


def test_every_stored_field_has_its_class():
    assert {shape.label: names for shape in shapes() if (names := unclassified(shape))} == {}


def test_shapes_do_not_contradict_themselves():
    assert {shape.label: found for shape in shapes() if (found := contradictions(shape))} == {}
    assert twice(shape.number for shape in shapes()) == []


def test_children_and_roots_name_each_other():
    known = {shape.label: shape for shape in shapes()}
    up = {(shape.root, shape.label) for shape in shapes() if shape.root}
    down = {(shape.label, child) for shape in shapes() for child in shape.children}
    assert up == down
    assert {label for pair in up for label in pair} <= set(known)


def test_the_numbers_are_those_of_the_shapes():
    stored, live = live_lines(written()), numbers(shapes())
    missing = [line for line in live if line not in stored]
    gone = [RETIRED + line for line in stored if line not in live]
    grown = [line.split()[1] for line in missing if line.startswith("layout") and line.split()[1] in layouts(stored)]
    assert grown == [], (
        f"these groups hold other fields: raise the shape's schema by one and set `since` to it: {grown}"
    )
    lines = "\n".join(["", *missing, *gone])
    assert not missing + gone, f"append to {tree.named(NUMBERS)}, in a commit that people have looked at:{lines}"


def layouts(lines: list[str]) -> set[str]:
    return {line.split()[1] for line in lines if line.startswith("layout")}


def test_no_number_means_two_things():
    assert reused(written()) == []


def test_the_numbers_were_only_ever_added_to():
    assert rewritten(history()) == []


def shape_of(*groups: Group) -> Shape:
    return Shape(number=1, label="desk.Sample", schema=1, groups=groups)


def group_of(*names: str, **options: object) -> Group:
    fields = tuple(Field(number, name, "int") for number, name in enumerate(names, 1))
    settings = {"number": 1, "name": "where", "kind": Kind.LAST, "sensitivity": Sensitivity.PUBLIC, **options}
    return Group(fields=fields, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "names", [("lon",), ("lon", "count"), ("base_lat",), ("closed_at",), ("closed_by",), ("harm_unit",), ("harm_min",)]
)
def test_control_a_lone_field_is_found(names):
    assert lone_fields(shape_of(group_of(*names))) == [f"where.{names[0]}"]


@pytest.mark.parametrize("names", [("lon", "lat"), ("base_lon", "base_lat"), ("closed_at", "closed_by"), ("count",)])
def test_control_fields_with_their_partners_pass(names):
    assert lone_fields(shape_of(group_of(*names))) == []


def test_control_a_group_without_class_is_found():
    assert unclassified(shape_of(group_of("count", sensitivity=None))) == ["where"]


def test_control_contradictions_are_found():
    wrong = (Field(1, "conflict", "int"), Field(0, "count", "int"))
    second = Group(1, "when", Kind.MAX, Sensitivity.PUBLIC, wrong, since=2)
    assert sorted(contradictions(shape_of(group_of("count"), second))) == [
        "count: numbers start at 1",
        "field number 1 twice",
        "group number 1 twice",
        "name conflict twice",
        "name count twice",
        "when: a scale belongs to MAX",
        "when: since a schema to come",
    ]


def test_control_a_rewritten_number_is_found():
    first = "model 1 desk.Task\n"
    assert rewritten([first, first + "field 1:1 desk.Task.title text\n"]) == []
    assert rewritten([first, "model 1 desk.Work\n"]) == [1]
    assert rewritten([first + "x\n", first]) == [1]


def test_control_a_number_used_again_is_found():
    text = "field 1:1 desk.Task.title text\nretired field 1:1 desk.Task.title text\nfield 1:1 desk.Task.name text\n"
    assert reused(text) == [("field", "1:1")]
    assert live_lines(text) == ["field 1:1 desk.Task.name text"]
