"""The world of these tests, and one long round of questions that most of them look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access import matrix
from tests.access.matrix import Answers
from tests.access.world import World, world
from tests.nodes import Nodes
from ulinzi.ledger.node import Node


@pytest.fixture
def here(node: Node) -> Iterator[World]:
    with world(node) as made:
        yield made


@pytest.fixture(scope="package")
def answers(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Iterator[Answers]:
    """Everybody asked everything, once; on PostgreSQL too where a test says so."""
    made = Nodes(tmp_path_factory.mktemp("access"), templates, "sqlite")
    with made.make().use() as node, world(node) as asked:
        yield matrix.ask_all(asked)
    made.close()
