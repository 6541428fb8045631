"""Blocks marked `python` are run: page by page, each block where the one before left off, on a node of their own."""

from __future__ import annotations

import pytest

from tests.docs import pages
from tests.nodes import person
from tests.repo import tree
from ulinzi.accounts import actions as accounts
from ulinzi.accounts.queries import at_console
from ulinzi.accounts.rules import Role
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import verify
from ulinzi.ledger.node import Node

# Both databases say the same; tests/ledger shows it. Rights are the real ones: what a page shows works for its reader.
pytestmark = [pytest.mark.sqlite_only, pytest.mark.access]

WITH_EXAMPLES = [tree.named(path) for path in pages.paths() if pages.blocks(path.read_text(encoding="utf-8"), "python")]


@pytest.fixture(autouse=True)
def ana_and_bori(node: Node) -> None:
    """The people whom the pages speak of: two provincial protection advisers in "north"."""
    console = person("console")
    with at_console(console):
        for code in ("ana", "bori"):
            added = accounts.add_person(by=console, code=code, name=code.title(), body="mission_civilian")
            accounts.ask_grant(added, Role.PROVINCIAL_ADVISER, "north", by=console)


def run(page: str, name: str = "page") -> None:
    names: dict[str, object] = {"__name__": "page"}
    for place, block in enumerate(pages.blocks(page, "python"), 1):
        exec(compile(block, f"{name} block {place}", "exec"), names)


def test_there_are_examples():
    assert {"docs/explanation/ledger.md", "docs/reference/ledger.md"} <= set(WITH_EXAMPLES)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_page_run(node: Node, name: str) -> None:
    run(pages.text(name), name)
    assert verify.verify(node, tables=True).ok


def test_control_an_example_of_somebody_without_a_role_is_refused(node: Node) -> None:
    page = pages.text("docs/explanation/ledger.md").replace('person_id("ana")', 'person_id("cimo")')
    with pytest.raises(Refused, match="not_for_your_role"):
        run(page)


def test_control_an_example_that_is_wrong_is_found(node: Node) -> None:
    page = pages.text("docs/explanation/ledger.md").replace("len(both.leaves) == 2", "len(both.leaves) == 1")
    with pytest.raises(AssertionError):
        run(page)
