"""A browser without a screen: Django's client, with somebody chosen to act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from tests.web import catalogue
from ulinzi.ledger.node import Node
from ulinzi.web import people

Browser = Callable[..., Client]


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """French comes from a compiled catalogue; an old one would fail these tests for the wrong reason."""
    catalogue.compile_stale()


@pytest.fixture
def browser(node: Node) -> Browser:
    def open_as(person: str | None = "odhal", *, language: str = "en", csrf: bool = False) -> Client:
        made = Client(enforce_csrf_checks=csrf, SERVER_NAME="localhost", headers={"accept-language": language})
        if person:
            chosen = Client(SERVER_NAME="localhost")
            chosen.post("/who", {"person": person})
            made.cookies["person"] = chosen.cookies["person"].value
        return made

    assert people.coded("odhal")
    return open_as
