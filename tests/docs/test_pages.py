"""Links lead somewhere, named files are there, and a page stays a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.docs import pages
from tests.repo import tree

ADR = tree.ROOT / "docs" / "adr"
FOLDERS = ("src", "tests", "docs", "bench", "scripts", "requirements", ".ci")
IN_TREE = re.compile(rf"^(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./<>*-]+$")
AT_ROOT = re.compile(r"^(?:[A-Z]+(?:\.md)?|Makefile|pyproject\.toml|\.importlinter)$")
LANGUAGES = {"console", "python", "text"}
MOST_WORDS_TO_READ = 2000  # ten minutes


def dead_links(path: Path, page: str) -> list[str]:
    return [link for link in pages.links(page) if "://" not in link and not leads_somewhere(path, page, link)]


def leads_somewhere(path: Path, page: str, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists():
        return False
    wanted = page if target == path else target.read_text(encoding="utf-8") if anchor else ""
    return not anchor or anchor in pages.anchors(wanted)


def missing_files(words: Iterable[str]) -> list[str]:
    """Paths from the root that name nothing; `<app>` is any app."""
    named = (word for word in words if IN_TREE.fullmatch(word) or (AT_ROOT.fullmatch(word) and "." in word))
    return [word for word in named if not any(tree.ROOT.glob(re.sub(r"<\w+>", "*", word).rstrip("/")))]


def reachable(start: Path) -> set[Path]:
    found, waiting = set(), [start]
    while waiting:
        path = waiting.pop()
        if path not in found and path.suffix == ".md" and path.exists():
            found.add(path)
            local = [link.partition("#")[0] for link in pages.links(path.read_text()) if "://" not in link]
            waiting += [(path.parent / link).resolve() for link in local if link]
    return found


def test_every_link_leads_somewhere():
    found = {tree.named(path): dead_links(path, path.read_text()) for path in pages.paths()}
    assert {name: dead for name, dead in found.items() if dead} == {}


def test_every_named_file_is_there():
    found = {tree.named(path): missing_files(pages.inline(path.read_text())) for path in pages.paths()}
    assert {name: missing for name, missing in found.items() if missing} == {}


def test_every_page_can_be_reached_from_the_readme():
    inside = {path for path in pages.paths() if not path.is_relative_to(tree.SRC)}
    assert {tree.named(path) for path in inside - reachable(tree.ROOT / "README.md")} == set()


def test_every_block_is_of_a_kind_that_is_tested():
    found = {tree.named(path): pages.languages(path.read_text()) - LANGUAGES for path in pages.paths()}
    assert {name: others for name, others in found.items() if others} == {}


def test_the_ledger_is_read_in_ten_minutes():
    assert len(pages.text("docs/explanation/ledger.md").split()) < MOST_WORDS_TO_READ


def test_decisions_are_numbered_one_page_each_and_listed():
    found = sorted(path for path in ADR.glob("0*.md"))
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    listed = pages.links((ADR / "README.md").read_text())
    assert listed == [path.name for path in found]
    for path in found:
        page = path.read_text()
        assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["Context", "Decision", "Consequences"], path.name
        assert len(page.splitlines()) < 60, path.name


def french_words(page: str) -> dict[str, str]:
    return {row[0]: row[1] for row in pages.rows(page) if row[1]}


def test_glossary_is_in_order_and_says_each_word_once():
    terms = [row[0].lower() for row in pages.rows(pages.text("GLOSSARY.md"))]
    assert len(terms) > 50
    assert terms == sorted(set(terms))


def test_glossary_says_in_french_what_the_screens_say():
    said = (tree.SRC / "web" / "locale" / "fr" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8").lower()
    french = french_words(pages.text("GLOSSARY.md"))
    assert {term: word for term, word in french.items() if word.lower() not in said} == {}


def test_control_a_dead_link_is_found(tmp_path):
    page = "# One\n\n[a](README.md) [b](gone.md) [c](#one) [d](#two) [e](https://example.org/x) `[f](code.md)`"
    path = tmp_path / "page.md"
    path.write_text(page)
    assert dead_links(path, page) == ["README.md", "gone.md", "#two"]


@pytest.mark.parametrize("word", ["src/ulinzi/gone.py", "tests/<app>/gone.py", "GONE.md", "docs/gone"])
def test_control_a_file_that_is_not_there_is_found(word):
    assert missing_files([word]) == [word]


@pytest.mark.parametrize("word", ["src/ulinzi/<app>/rules.py", "tests/docs", "README.md", "desk.add_task", "a/b"])
def test_control_what_is_there_or_no_path_passes(word):
    assert missing_files([word]) == []


def test_control_a_page_is_read_as_it_is_written():
    page = "## A\n\n| x | y |\n|---|---|\n| `one` | 1 |\n| `two` | |\n\n## B\n\n```python\nx = 1\n```\n"
    assert pages.first_column(pages.section(page, "A")) == ["one", "two"]
    assert pages.blocks(page, "python") == ["x = 1\n"]
    assert pages.first_column(pages.section(page, "B")) == []
