"""The fold of the product is the definition, for histories nobody thought of, in every order and however often told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tests.ledger import definition
from tests.ledger.simulation.histories import SHAPE, History, histories
from ulinzi.ledger import codec, merge
from ulinzi.ledger.codec import BIRTH, WRITE, Dot
from ulinzi.ledger.merge import Folded, Told, Version
from ulinzi.ledger.shapes import Group, Kind

# The same examples in every run: what is new is searched for by `make sim`, and by more examples here.
QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None, report_multiple_bugs=False)
LONG = settings(QUICK, max_examples=2500, suppress_health_check=list(HealthCheck))
HUNT = settings(QUICK, max_examples=3000, phases=[Phase.generate])


def retold(told: list[Told]) -> list[Told]:
    """The same parts, read for the first time."""
    return [Told(one.compartment, one.dot, one.hlc, one.type, one.body) for one in told]


def check(history: History, order: list[Told]) -> None:
    found = definition.plain(merge.fold(SHAPE, retold(order), history.tombs))
    assert found == definition.fold(SHAPE, history.told, history.tombs)


@st.composite
def ordered(draw: st.DrawFn) -> tuple[History, list[Told]]:
    history = draw(histories())
    again = draw(st.lists(st.sampled_from(history.told), max_size=3))
    return history, draw(st.permutations(history.told + again))


@QUICK
@given(ordered())
def test_the_fold_is_the_definition(case: tuple[History, list[Told]]) -> None:
    check(*case)


@pytest.mark.slow
@LONG
@given(ordered())
def test_the_fold_is_the_definition_for_many(case: tuple[History, list[Told]]) -> None:
    check(*case)


@QUICK
@given(histories())
def test_folding_twice_says_the_same(history: History) -> None:
    """What a part says is read once and kept: a fold must not change it."""
    first = definition.plain(merge.fold(SHAPE, history.told, history.tombs))
    merge.fold(SHAPE, history.told)
    assert definition.plain(merge.fold(SHAPE, history.told, history.tombs)) == first


@QUICK
@given(histories())
def test_whoever_names_every_leaf_settles(history: History) -> None:
    folded = merge.fold(SHAPE, history.told)
    if folded is None:
        return
    for group in SHAPE.groups:
        now = folded.groups[group.number]
        if group.kind is not Kind.FIXED and now.leaves:
            last = Told(folded.compartment, Dot(b"z" * 16, 1, 1), 0, WRITE, _settling(group, now.dots))
            after = merge.fold(SHAPE, [*history.told, last])
            assert after is not None
            assert after.groups[group.number].dots == [last.dot]


def _settling(group: Group, dots: list[Dot]) -> list[Any]:
    return [SHAPE.number, b"r" * 16, SHAPE.schema, group.number, [list(dot) for dot in dots], dict(group.empty)]


MET: dict[str, Callable[[Folded], bool]] = {
    **{
        code: lambda folded, code=code: any(one.code == code for one in folded.problems)  # type: ignore[misc]
        for code in ("foreign_write", "bad_shape", "fixed_rewritten", "two_births", "seen_in_a_circle")
    },
    "a conflict": lambda folded: folded.conflict,
    "something newer": lambda folded: folded.newer,
    "an erased group beside one that stands": lambda folded: len({one.erased for one in folded.groups.values()}) == 2,
    "a birth told twice": lambda folded: any(
        len(one.dots) > 1 for each in folded.groups.values() for one in each.leaves
    ),
    "old words in a new group": lambda folded: folded.groups[6].values[2] == "ana",
    "three writes that stand": lambda folded: any(len(one.leaves) > 2 for one in folded.groups.values()),
}


@pytest.mark.parametrize("what", MET)
def test_control_the_histories_meet_everything(what: str) -> None:
    """Or the agreement above would be about nothing."""

    def met(history: History) -> bool:
        folded = merge.fold(SHAPE, history.told, history.tombs)
        return folded is not None and MET[what](folded)

    assert find(histories(), met, settings=HUNT)


# A few writes in a group, to look at the choice of leaves alone: longer, denser, with every kind of circle.


@st.composite
def versions(draw: st.DrawFn) -> list[Version]:
    count = draw(st.integers(1, 14))
    dots = [Dot(b"f" * 16, place, 1) for place in range(count)]
    found = []
    for place in range(count):
        seen = draw(st.lists(st.sampled_from(dots), max_size=3))
        found.append(Version((draw(st.integers(0, 5)), *dots[place]), False, {1: place}, [dots[place]], seen))
    return found


def check_leaves(found: list[Version]) -> None:
    plain = [definition.Write({*one.dots}, one.stamp, False, one.values, [*one.seen], False) for one in found]
    leaves, circle = merge.leaves_of(found)
    assert leaves
    assert [one.values for one in leaves] == [one.values for one in definition.leaves_of(plain)]
    assert circle == any(definition.reaches(one, one, plain) for one in plain)


@QUICK
@given(versions())
def test_the_leaves_are_those_of_the_definition(found: list[Version]) -> None:
    check_leaves(found)


def test_a_long_forged_chain_ends() -> None:
    """Ten thousand writes, each naming the next, the last naming the first."""
    dots = [Dot(b"f" * 16, place, 1) for place in range(10_000)]
    chain = [Version((0, *dot), False, {}, [dot], [dots[place - 1]]) for place, dot in enumerate(dots)]
    leaves, circle = merge.leaves_of(chain)
    assert circle
    assert len(leaves) == len(chain)


# Controls: with a bug in the product, some example differs.

BUGS: dict[str, tuple[str, Any]] = {
    "any home will do": ("is_born", lambda body, _compartment: codec.is_birth(body)),
    "circles count": ("_circles", lambda _names: None),
    "births stay apart": ("_join", lambda joined, version: joined.append(version)),
    "parts count as often as they come": ("_once", lambda told: told),
    "the first value wins": ("value_of", lambda _group, leaves: leaves[0].values),
    "erased groups still speak": ("touches", lambda _groups, _erased: False),
    "any birth owns": ("owner_of", lambda told: next((one for one in told if one.type == BIRTH), None)),
    "any list is a write": ("codec.is_write", lambda body: type(body) is list and len(body) == 6),
}


def hunt(test: Callable[[Any], None], strategy: st.SearchStrategy[Any]) -> None:
    HUNT(given(strategy)(test))()


@pytest.mark.parametrize("name", BUGS)
def test_control_a_bug_in_the_fold_is_found(name: str) -> None:
    attribute, bug = BUGS[name]
    with patch(f"ulinzi.ledger.merge.{attribute}", bug), pytest.raises(Exception):  # noqa: B017 a difference, or a fold that fails
        hunt(lambda case: check(*case), ordered())


def test_control_a_shorter_look_for_circles_is_found() -> None:
    """Only pairs that have seen each other: longer circles go unnoticed."""

    def pairs(names: list[set[int]]) -> list[int] | None:
        mutual = [min([old for old in olds if new in names[old]], default=new) for new, olds in enumerate(names)]
        return [min(place, new) for new, place in enumerate(mutual)]

    with patch.object(merge, "_circles", pairs), pytest.raises(AssertionError):
        hunt(check_leaves, versions())
