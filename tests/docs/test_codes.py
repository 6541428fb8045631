"""Every code that the product can say is on the page, and none that it cannot."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import pytest

from tests.docs import pages
from tests.repo import tree
from ulinzi.ledger import verify

PAGE = "docs/reference/problems-and-errors.md"
SECTIONS = {
    "Problem": "Problems",
    "Refused": "Refusals",
    "NotFound": "Not found",
    "Broken": "Broken",
    "code": "The web's own",
    "find": "Findings",
}


def said(source: str) -> Iterator[tuple[str, str]]:
    """Which kind of code, and the code: `Refused("x")`, `super().__init__("x")` under Refused, `words.code("x")`."""
    tree_of = ast.parse(source)
    for node in ast.walk(tree_of):
        if isinstance(node, ast.Call):
            yield from ((kind(node), code) for code in codes(node) if kind(node) in SECTIONS)
        if isinstance(node, ast.ClassDef):
            yield from own_codes(node)


def own_codes(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in SECTIONS]
    for call in ast.walk(node):
        if bases and isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "__init__":
            yield from ((bases[0], code) for code in codes(call))


def kind(call: ast.Call) -> str:
    name = getattr(call.func, "id", getattr(call.func, "attr", "")).lstrip("_")
    if name == "find" and len(call.args) + len(call.keywords) > 2:
        return ""
    return "find" if name == "Finding" else name


def codes(call: ast.Call) -> list[str]:
    """The first argument, or both of `"x" if ... else "y"`; where it is computed, nothing."""
    first = call.args[0] if call.args else None
    branches = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [one.value for one in branches if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def in_the_code() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {title: set() for title in SECTIONS.values()}
    for path in tree.python_files("src"):
        for what, code in said(path.read_text(encoding="utf-8")):
            if what != "find" or path.is_relative_to(tree.SRC / "ledger"):
                found[SECTIONS[what]].add(code)
    found["Findings"] |= set(verify._ORPHANS)
    return found


def on_the_page() -> dict[str, set[str]]:
    page = pages.text(PAGE)
    return {title: set(pages.first_column(pages.section(page, title))) for title in SECTIONS.values()}


def differences(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> dict[str, set[str]]:
    return {title: one[title] ^ other[title] for title in one if one[title] ^ other[title]}


def test_the_page_has_every_code_and_no_other():
    assert all(in_the_code().values())
    assert differences(in_the_code(), on_the_page()) == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise Refused("new_one", field="x")', [("Refused", "new_one")]),
        ('Problem("a" if x else "b", "detail")', [("Problem", "a"), ("Problem", "b")]),
        ('class Lost(Broken):\n    def __init__(self):\n        super().__init__("lost")', [("Broken", "lost")]),
        ('self._find("bent", 3)', [("find", "bent")]),
        ('report.add(Finding("bent", "feed", 3))', [("find", "bent")]),
        ('checking.find("field", "words", "more")', []),
        ('text.replace("a", "b")', []),
    ],
)
def test_control_a_new_code_is_found(source, found):
    assert list(said(source)) == found


def test_control_a_code_left_out_is_found():
    page = on_the_page()
    page["Refusals"] = page["Refusals"] - {"moved"}
    assert differences(in_the_code(), page) == {"Refusals": {"moved"}}
