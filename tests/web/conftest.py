"""A browser without a screen: Django's client, with somebody signed in.

Six of the invented people do everything here, in both provinces: what a role may not do, tests/access says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from django.conf import settings
from django.test import Client

from tests.nodes import person
from tests.web import catalogue
from ulinzi.accounts import actions, local, logins, queries, sessions
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.cli import personas
from ulinzi.cli.personas import Persona
from ulinzi.kernel.clock import SetClock
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node

Browser = Callable[..., Client]
SIX = tuple(one for one in personas.PERSONAS if one.code in ("odhal", "vessin", "dusane", "telwe", "korum", "rensa"))
PASSWORD = "rain on the tin roof"
HELD = (
    (Role.HEAD_OF_OFFICE, "north"),
    (Role.HEAD_OF_OFFICE, "south"),
    (Role.ADMINISTRATOR, EVERYWHERE),
    # Who confirms for the whole mission.
    (Role.LEADERSHIP, EVERYWHERE),
)


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """French comes from a compiled catalogue; an old one would fail these tests for the wrong reason."""
    catalogue.compile_stale()


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    local.close()


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed as ever, in no time."""
    monkeypatch.setattr(logins, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    logins._nobody.cache_clear()
    yield
    logins._nobody.cache_clear()


@pytest.fixture
def clock(node: Node) -> SetClock:
    assert isinstance(node.clock, SetClock)
    return node.clock


def bring_six() -> None:
    for one in SIX:
        add_one(one.code, *HELD)


def add_one(code: str, *held: tuple[Role, str]) -> Persona:
    """One of the invented people, with other roles than their own."""
    console, one = person("console"), persona(code)
    with queries.at_console(console):
        actions.add_person(by=console, code=code, name=one.name, body="mission_civilian", language="en")
        for role, place in held:
            actions.ask_grant(one.id, role, place, by=console)
    return one


def persona(code: str) -> Persona:
    return next(one for one in personas.PERSONAS if one.code == code)


def enrolled(code: str, password: str = PASSWORD) -> UUID:
    """With a name and a password on this machine, as after the first day: the name is the code."""
    return logins.enrol(logins.issue_code(persona(code).id), code, password, address="192.0.2.1")


def entries() -> int:
    """How much the ledger holds: a test compares before and after."""
    return ledger.node_state().entries


def signed_in(client: Client, code: str) -> Client:
    client.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(persona(code).id).token
    return client


@pytest.fixture
def browser(node: Node) -> Browser:
    bring_six()

    def open_as(person: str | None = "odhal", *, language: str = "en", csrf: bool = False) -> Client:
        made = Client(enforce_csrf_checks=csrf, SERVER_NAME="localhost", headers={"accept-language": language})
        return signed_in(made, person) if person else made

    return open_as
