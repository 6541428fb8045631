"""The pages as data: links, headings, code blocks and words in code, each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from tests.repo import tree

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Block(NamedTuple):
    language: str
    body: str


@lru_cache(maxsize=1)
def paths() -> tuple[Path, ...]:
    return tuple(path for path in tree.files() if path.suffix == ".md")


def text(name: str) -> str:
    return (tree.ROOT / name).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    found = (Block(match["language"], _dedented(match)) for match in _FENCE.finditer(page))
    return [block.body for block in found if block.language == language]


def languages(page: str) -> set[str]:
    return {match["language"] for match in _FENCE.finditer(page)}


def _dedented(match: re.Match[str]) -> str:
    return re.sub(rf"^{match['indent']}", "", match["body"], flags=re.MULTILINE)


def prose(page: str) -> str:
    return _FENCE.sub("", page)


def inline(page: str) -> list[str]:
    return _INLINE.findall(prose(page))


def links(page: str) -> list[str]:
    return _LINK.findall(_INLINE.sub("", prose(page)))


def anchors(page: str) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(page)}


def section(page: str, title: str) -> str:
    """What stands under a heading, up to the next of its rank or a higher one."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[2] if found else ""


def first_column(part: str) -> list[str]:
    """The codes in the first cells of a section's tables."""
    return [code for row in rows(part) for code in _INLINE.findall(row[0])]


def rows(part: str) -> Iterator[list[str]]:
    """Cells of every table row but the heads and their rules."""
    lines = part.splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        is_table = line.startswith("|") and before.startswith("|")
        if is_table and not set(line) <= set("|- "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def shell(page: str) -> list[str]:
    """The commands of a page's consoles, without the prompt."""
    return [
        line.strip()[2:] for body in blocks(page, "console") for line in body.splitlines() if line.strip()[:2] == "$ "
    ]
