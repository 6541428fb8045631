"""Functions and files stay small enough to read."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.repo import tree

MAX_FILE = 600
LONG = 50
VAGUE = re.compile(r"(util|helper|service|manager|signal)s?|common|misc")
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def function_lengths(source: str) -> list[int]:
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, FUNCTION)]
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in found]


def objections_to_lengths(lengths: list[int]) -> list[str]:
    """What is wrong with a tree whose functions have these lengths."""
    middle, p95 = median(lengths), quantiles(lengths, n=20, method="inclusive")[-1]
    share = sum(length > LONG for length in lengths) / len(lengths)
    wrong = {f"median {middle} > 9": middle > 9, f"p95 {p95} > 45": p95 > 45, f"{share:.1%} over {LONG}": share > 0.04}
    return [text for text, is_wrong in wrong.items() if is_wrong]


def vague(paths: Iterable[Path]) -> list[str]:
    return [path.as_posix() for path in paths if VAGUE.fullmatch(path.stem) or VAGUE.fullmatch(path.parent.name)]


def test_files_are_short():
    paths = tree.python_files("src", "tests", "bench")
    sizes = {tree.named(path): len(path.read_text().splitlines()) for path in paths}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE} == {}


def test_functions_are_short():
    lengths = [one for path in tree.python_files("src") for one in function_lengths(path.read_text())]
    assert objections_to_lengths(lengths) == []


# What reads and checks. Everything else in the package writes, folds, merges or erases (docs/adr/0014).
READERS = {"history", "queries", "export", "verify", "rebuild", "access", "init"}
MAX_LEDGER = 2300


def code_lines(source: str) -> int:
    """Lines with code on them: no blanks, comments or docstrings."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for one in tokens if one.type not in skipped for line in range(one.start[0], one.end[0] + 1)}
    documented = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, (*FUNCTION, ast.ClassDef, ast.Module))
    ]
    words = [node.body[0] for node in documented if ast.get_docstring(node)]
    return len(lines - {line for one in words for line in range(one.lineno, (one.end_lineno or one.lineno) + 1)})


def test_the_ledger_stays_small():
    paths = [path for path in tree.python_files("src/ulinzi/ledger") if "migrations" not in path.parts]
    assert sum(code_lines(path.read_text()) for path in paths if path.stem not in READERS) <= MAX_LEDGER


def test_control_only_code_is_counted():
    assert (
        code_lines('"""Words."""\n\n# why\nx = 1\n\n\ndef f():\n    """More."""\n    return (\n        x\n    )\n') == 5
    )


def test_modules_are_named_for_what_they_hold():
    assert vague(tree.python_files("src")) == []


@pytest.mark.parametrize(
    ("lengths", "objection"),
    [([12] * 40, "median"), ([5] * 90 + [48] * 10, "p95"), ([5] * 95 + [60] * 5, "over 50")],
)
def test_control_long_functions_are_objected_to(lengths, objection):
    assert any(objection in text for text in objections_to_lengths(lengths))


def test_control_lengths_are_counted():
    source = "def a():\n    pass\n\nclass B:\n    def c(self):\n        x = 1\n        return x\n"
    assert function_lengths(source) == [2, 3]


def test_control_vague_names_are_objected_to():
    assert vague([Path("desk/utils.py"), Path("desk/helpers/x.py"), Path("desk/rules.py")]) == [
        "desk/utils.py",
        "desk/helpers/x.py",
    ]
