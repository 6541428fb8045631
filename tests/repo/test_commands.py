"""The commands that the pages name exist."""

from __future__ import annotations

import re

from tests.repo import tree

CODE = re.compile(r"```.*?\n(.*?)```|`([^`\n]+)`", re.DOTALL)
# On one line: where `make` ends a line, what begins the next is no target of it.
CALL = re.compile(r"(?:^|[;&|(]\s*|\$ )make[ \t]+((?:[A-Z_]+=\S*[ \t]+)*)([a-z][a-z-]*)", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def calls(page: str) -> set[str]:
    """The targets of `make` in a page's code."""
    code = "\n".join((block or inline).strip() for block, inline in CODE.findall(page))
    return {target for _, target in CALL.findall(code)}


def targets() -> set[str]:
    return set(TARGET.findall((tree.ROOT / "Makefile").read_text()))


def test_every_make_target_in_the_pages_exists():
    pages = {tree.named(path): calls(path.read_text()) for path in tree.files() if path.suffix == ".md"}
    assert {name: missing for name, named in pages.items() if (missing := named - targets())} == {}


def test_every_listed_target_is_declared_phony():
    makefile = (tree.ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    assert targets() - set(phony[1].split()) == set()


def test_what_stands_on_the_next_line_is_no_target():
    assert calls("`make`\n`copy`") == set()
    assert calls("```\nmake\ncopy it\n```") == set()
    assert calls("```\nmake SEEDS=10\nsim\n```") == set()


def test_control_a_target_that_is_not_there_is_found():
    page = "Run `make demo`, then\n\n```\n$ make fly SPEED=3\nmake SEEDS=10 sim\n```\nand make peace."
    assert calls(page) == {"demo", "fly", "sim"}
    assert calls(page) - targets() == {"fly"}
