"""A node with the compartment that people live in, and a password hash that costs nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from tests.nodes import Nodes
from ulinzi.accounts import local, logins
from ulinzi.kernel.clock import SetClock
from ulinzi.ledger.node import Node

CHEAP = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


@pytest.fixture
def node(nodes: Nodes) -> Iterator[Node]:
    with nodes.make(compartments=("mission", "north", "south")).use() as made:
        yield made
    local.close()


@pytest.fixture
def clock(node: Node) -> SetClock:
    assert isinstance(node.clock, SetClock)
    return node.clock


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed as ever, in no time."""
    monkeypatch.setattr(logins, "hasher", PasswordHasher(**CHEAP))
    logins._nobody.cache_clear()
    yield
    logins._nobody.cache_clear()
