"""Reports without a database: six answers, each of which may be that it is not known."""

from __future__ import annotations

from typing import Any

import pytest

from ulinzi.kernel.errors import Refused
from ulinzi.kernel.replies import holds_number
from ulinzi.reports import rules

GOOD: dict[str, Any] = {
    "place_said": "Telwa",
    "what": "armed_men",
    "happened": "now",
    "who": "armed_group",
    "ongoing": "unknown",
}


def refused(**changed: Any) -> tuple[str, object]:
    try:
        rules.check_report({**GOOD, **changed})
    except Refused as error:
        return error.code, error.values.get("field")
    return "", None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ("", None)),
        ({"who": "unknown", "unknown_why": "not_safe_to_ask"}, ("", None)),
        ({"happened": "unknown", "ongoing": "unknown"}, ("", None)),
        ({"what": None}, ("answer_missing", "what")),
        ({"who": "somebody"}, ("answer_missing", "who")),
        ({"ongoing": ""}, ("answer_missing", "ongoing")),
        ({"happened": None}, ("answer_missing", "happened")),
        ({"who": "unknown"}, ("unknown_why_missing", "unknown_why")),
        ({"place_said": " "}, ("place_missing", "place")),
        ({"what": "abuse"}, ("", None)),
        ({"what": "abuse", "words": "what was done"}, ("abuse_in_words", "words")),
        ({"people_min": 20, "people_max": 10}, ("number_not_understood", "many")),
    ],
)
def test_what_a_report_says(changed: dict[str, Any], said: tuple[str, object]) -> None:
    assert refused(**changed) == said


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ("", (None, None)),
        ("12", (12, 12)),
        ("10-20", (10, 20)),
        ("10 – 20", (10, 20)),
        ("10 à 20", (10, 20)),
        ("20-10", (10, 20)),
    ],
)
def test_how_many(said: str, counted: tuple[int | None, int | None]) -> None:
    assert rules.counted(said) == counted


@pytest.mark.parametrize("said", ["dozens", "-5", "10-20-30", "1234567"])
def test_control_what_is_no_number(said: str) -> None:
    with pytest.raises(Refused, match="number_not_understood"):
        rules.counted(said)


def test_every_kind_of_warning_has_a_proposed_priority() -> None:
    assert set(rules.PRIORITY_OF) == set(rules.WHAT)


@pytest.mark.parametrize("words", ["Call her on 0712345678", "+999 712 34 56 78", "999-70-00-234", "(071) 234.56.78"])
def test_a_telephone_number_in_words_is_refused(words: str) -> None:
    assert holds_number(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        None,
        "10-20 people",
        "on 21/11/2026 at 02:30",
        "since 2026-11-21",
        "code 11, 40 families, 3 dead",
        "grid 123 456",
    ],
)
def test_control_what_people_write_otherwise_passes(words: str | None) -> None:
    assert not holds_number(words)
