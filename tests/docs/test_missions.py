"""The page on missions names every field that a mission has, and no other."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from tests.docs import pages
from ulinzi.kernel import mission

PAGE = "docs/how-to/make-a-mission.md"


def in_shipped() -> set[str]:
    found: set[str] = set()
    for code in mission.shipped():
        raw = tomllib.loads((mission.find(code) / mission.FILE).read_text(encoding="utf-8"))
        languages = {one["code"] for one in raw["languages"]}
        found |= set(fields(raw, languages)) - set(raw) - set(mission.CLOCKS)
    return found


def fields(raw: Any, languages: set[str]) -> Iterator[str]:
    for one in raw if isinstance(raw, list) else [raw] if isinstance(raw, dict) else []:
        for name in one.keys() - languages:
            yield name
            yield from fields(one[name], languages)


def on_the_page() -> set[str]:
    part = pages.section(pages.text(PAGE), "What stands in it")
    rows = list(pages.rows(part))
    one_each = {code for row in rows if len(row) == 2 for code in re.findall(r"`(\w+)`", row[0])}
    return one_each | {code for row in rows if len(row) == 3 for code in re.findall(r"`(\w+)`", row[1])}


def test_every_field_is_on_the_page_and_no_other():
    assert in_shipped() == on_the_page()
    assert {"time_zone", "read_on", "p4", "reprisal_days", "base"} <= on_the_page()


def test_every_term_and_threshold_is_on_the_page():
    assert {*mission.TERMS, *mission.THRESHOLDS, *mission.LEVELS, *mission.PRIORITIES} - on_the_page() == set()


def test_every_code_that_is_kept_is_on_the_page():
    assert mission.RESERVED_CODES - set(pages.inline(pages.text(PAGE))) == set()


def test_control_a_field_left_out_is_found():
    raw = {"mission": {"code": "x", "new": 1}, "codes": [{"words": {"fr": "a", "qq": "b"}}]}
    assert set(fields(raw, {"fr", "qq"})) == {"mission", "codes", "code", "new", "words"}
