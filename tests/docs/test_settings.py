"""Every environment variable that the code reads is on the page, and every one on the page is read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.docs import pages
from tests.repo import tree

PAGE = "docs/reference/settings.md"
OURS = re.compile(r"\bULINZI_[A-Z]+(?:_[A-Z]+)*\b")
NAME = re.compile(r"[A-Z][A-Z0-9_]+")


def read_in(source: str) -> set[str]:
    """Names taken from the environment: `environ.get("X")`, `environ["X"]`, `environ[name] for name in ("X", ...)`."""
    return {name for node in ast.walk(ast.parse(source)) for name in names_at(node) if NAME.fullmatch(name)}


def names_at(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_environment(node.func.value):
        yield from constants(*node.args[:1])
    elif isinstance(node, ast.Subscript) and is_environment(node.value):
        yield from constants(node.slice)
    elif isinstance(node, ast.GeneratorExp | ast.ListComp) and any(
        isinstance(one, ast.Subscript) and is_environment(one.value) for one in ast.walk(node.elt)
    ):
        yield from constants(*(one.iter for one in node.generators))


def is_environment(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) == "environ"


def constants(*nodes: ast.AST) -> Iterator[str]:
    for node in nodes:
        yield from (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def read_by_the_product() -> set[str]:
    return {name for path in tree.python_files("src") for name in read_in(path.read_text())}


def tools() -> str:
    """Everything beside the product that reads settings; not the tests of these pages."""
    files = [path for path in tree.files() if path.suffix in ("", ".py") and not path.is_relative_to(tree.SRC)]
    mine = tree.ROOT / "tests" / "docs"
    return "\n".join(tree.text_of(path) for path in files if not path.is_relative_to(mine))


def listed(title: str) -> set[str]:
    return set(pages.first_column(pages.section(pages.text(PAGE), title)))


def test_what_the_product_reads_is_on_the_page_and_the_other_way_round():
    assert listed("The product") == read_by_the_product()


def test_what_the_tools_read_is_on_the_page():
    words = tools()
    assert set(OURS.findall(words)) - listed("The product") - listed("Working on it") == set()
    missing = [name for name in listed("Working on it") if not re.search(rf"\b{name}\b", words)]
    assert missing == []


def test_no_other_page_names_a_variable_of_ours_that_nobody_reads():
    known = listed("The product") | listed("Working on it")
    found = {tree.named(path): set(OURS.findall(path.read_text())) - known for path in pages.paths()}
    assert {name: unknown for name, unknown in found.items() if unknown} == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('os.environ.get("ULINZI_NEW")', {"ULINZI_NEW"}),
        ('os.environ["ULINZI_NEW"] = "1"', {"ULINZI_NEW"}),
        ('next(environ[name] for name in ("LC_ALL", "LANG"))', {"LC_ALL", "LANG"}),
        ('settings.get("ENGINE")', set()),
    ],
)
def test_control_a_variable_is_found_however_it_is_read(source, names):
    assert read_in(source) == names
