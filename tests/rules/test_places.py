"""What a good area looks like."""

from __future__ import annotations

from typing import Any

import pytest

from ulinzi.kernel.errors import Refused
from ulinzi.places import rules

GOOD: dict[str, Any] = {"name": "Nerela", "kind": "area"}
UNKNOWN = ("village", "", "Area", "AREA", " area", None, 1)


def refusal(values: dict[str, Any]) -> tuple[str, dict[str, object]]:
    """Code and values, or nothing where the area is a good one."""
    try:
        rules.check_area(values)
    except Refused as refused:
        return refused.code, refused.values
    return "", {}


def wrong() -> list[object]:
    """Where the rule and what is written here differ."""
    good = [kind for kind in ("province", "district", "area") if refusal(GOOD | {"kind": kind})[0]]
    return good + [kind for kind in UNKNOWN if refusal(GOOD | {"kind": kind})[0] != "code_unknown"]


def test_every_kind_of_area_and_no_other():
    assert rules.KINDS == ("province", "district", "area")
    assert wrong() == []


@pytest.mark.parametrize(
    ("kinds", "found"), [(("province", "area"), "district"), ((*rules.KINDS, "village"), "village")]
)
def test_control_another_list_of_kinds_is_found(monkeypatch, kinds, found):
    monkeypatch.setattr(rules, "KINDS", kinds)
    assert wrong() == [found]


@pytest.mark.parametrize("kind", UNKNOWN)
def test_a_kind_nobody_knows_is_named(kind):
    assert refusal(GOOD | {"kind": kind}) == ("code_unknown", {"field": "kind", "value": kind})


def test_a_missing_kind_is_refused():
    assert refusal({"name": "Nerela"}) == ("code_unknown", {"field": "kind", "value": None})


@pytest.mark.parametrize("name", ["Nerela", " Nerela ", "Île-aux-Grues", "7"])
def test_a_name_is_enough(name):
    assert refusal(GOOD | {"name": name}) == ("", {})


@pytest.mark.parametrize("name", ["", " ", "\t\n", None])
def test_control_an_area_without_a_name_is_refused(name):
    assert refusal(GOOD | {"name": name}) == ("name_missing", {"field": "name"})


def test_the_name_is_looked_at_first():
    assert refusal({}) == ("name_missing", {"field": "name"})


def test_the_form_and_the_rule_know_the_same_kinds():
    assert rules.AREA.field["kind"].choices == rules.KINDS
    assert all(len(kind) <= rules.AREA.field["kind"].longest for kind in rules.KINDS)
