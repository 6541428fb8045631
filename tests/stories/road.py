"""The whole road of a warning on one machine: telephones, the gateway, the worker, the screens; one clock moves all.

After the start nothing is written by hand. A phone rings or writes; what follows is done on screens, or by the worker.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from argon2 import PasswordHasher
from django.utils.module_loading import autodiscover_modules
from playwright.sync_api import Browser, Page, expect

from tests.gateway.test_door import served as at_the_door
from tests.nodes import person
from tests.stories import canary, room
from tests.stories.canary import Answers
from tests.web.conftest import persona
from ulinzi.accounts import logins
from ulinzi.accounts import queries as accounts
from ulinzi.cli import personas
from ulinzi.gateway import door, inside
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.phones import Phone
from ulinzi.gateway.simulated import SimulatedPhone, over_http
from ulinzi.jobs import rounds
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import HOUR, MINUTE, SECOND, SetClock
from ulinzi.ledger import access
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.web import times

# As when somebody comes back to an open page: it asks at once, so that no test waits for a clock.
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"
# Everybody with the one role that is theirs: what a story shows is what that role may do.
CAST = ("odhal", "vessin", "dusane", "telwe", "rensa", "adeyo", "solenne")
KEY = b"a signing key that is invented.."
USUAL = 5 * MINUTE
PHONES = {"NORTH-1": "Duty phone, Telwa road", "NORTH-2": "Duty phone, hill post"}


class Road:
    def __init__(self, node: Node, chromium: Browser, gateway: Gateway) -> None:
        assert isinstance(node.clock, SetClock)
        self.node, self.clock, self.chromium, self.gateway = node, node.clock, chromium, gateway
        self.answers, self.connected = Answers(), set[str]()
        self.screens = self.duty = ""
        self.phones: dict[str, SimulatedPhone] = {}

    # Time.

    def pass_time(self, span: int) -> None:
        """Nobody waits for it; the worker makes the rounds that are due at the end of it."""
        self.clock.advance(span)
        self.work()

    def work(self) -> None:
        rounds.make(self.node)
        access.flush(self.node)

    def at(self, moment: int | None = None) -> str:
        """As a page shows it."""
        return times.show_time(self.clock.now() if moment is None else moment)

    # People.

    def sit_down(self, code: str, language: str, **options: Any) -> Page:
        return room.sit_down(self.chromium, self.screens, persona(code).name, language=language, **options)

    def open(self, page: Page, address: str) -> None:
        """Whoever was away for a quarter of an hour signs in again, and lands where they wanted to go."""
        page.goto(address)
        if urlsplit(page.url).path == "/sign-in":
            page.get_by_label(re.compile("Log-in name|Nom de connexion|Identifiant")).fill(self._names[page])
            page.locator("input[type=password]").fill(room.PASSWORD)
            page.locator("form.sheet button").click()
            page.goto(address)

    def comes(self, code: str, language: str) -> Page:
        page = self.sit_down(code, language)
        page.set_default_timeout(5_000)
        self._names[page] = code
        return page

    @property
    def _names(self) -> dict[Page, str]:
        return self.__dict__.setdefault("names", {})  # type: ignore[no-any-return]

    def duty_phone(self, language: str) -> Page:
        """The telephone itself: a browser on which nobody is signed in."""
        page = self.chromium.new_context(base_url=self.duty, locale=language).new_page()
        room.watch(page)
        page.goto("/duty")
        return page

    # Telephones.

    def rings(self, number: str | None, phone: str = "NORTH-1") -> None:
        """Three seconds, and they hang up."""
        one, now = self.phones[phone], self.clock.now()
        one.bip(number, now)
        one.tick(self.clock.advance(3 * SECOND))
        self.work()

    def writes(self, number: str, words: str, phone: str = "NORTH-1") -> bytes:
        one = self.phones[phone]
        raw = one.sms(number, words, self.clock.now())
        one.tick(self.clock.now())
        self.pass_time(SECOND)
        return raw


@contextmanager
def opened(node: Node, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Road]:
    """The night before: people with their roles, a village, a base, two telephones. At two in the morning it begins."""
    assert isinstance(node.clock, SetClock)
    node.clock.advance(10 * HOUR)
    leave(chromium)
    room.ANSWERED.clear()
    room.FORBIDDEN.clear()
    # Whoever comes back after a quarter of an hour signs in again: hashed as ever, in no time.
    monkeypatch.setattr(logins, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    _forget_rounds()
    gateway = Gateway(node.home, node.clock, SeededChance("road"))
    road = Road(node, chromium, gateway)
    _watch_connections(road, monkeypatch)
    with ExitStack() as held:
        held.callback(gateway.close)
        held.enter_context(inside.serving(gateway, gateway.folder))
        real = door.application
        monkeypatch.setattr(door, "application", lambda one: road.answers.of(real(one)))
        road.duty = f"http://127.0.0.1:{held.enter_context(at_the_door(gateway))}"
        road.screens = held.enter_context(room.served(node, bring=_bring, through=road.answers.of))
        _add_phones(road)
        yield road


def _bring() -> None:
    console = person("console")
    with accounts.at_console(console):
        personas.bring([persona(one) for one in CAST], by=console)
        area = places.add_area(compartment="north", code="T", by=console, name="Telwa-sur-la-rivière", kind="area")
        places.add_community(compartment="north", by=console, name="Telwa", area=area)
        places.add_base(compartment="north", by=console, name="Hill post")


def _add_phones(road: Road) -> None:
    port = urlsplit(road.duty).port
    assert port
    for code in PHONES:
        road.gateway.add_phone(phone(code))
        road.phones[code] = SimulatedPhone(code, KEY, over_http(port), SeededChance(code))


def phone(code: str) -> Phone:
    return Phone(code, "north", PHONES[code], KEY, calling_code="999", usual_gap=USUAL)


def _forget_rounds() -> None:
    """Every story has a clock of its own, and the rounds of a process are one list."""
    autodiscover_modules("tasks")
    for one in rounds._ROUNDS.values():
        one.next_at = 0


def _watch_connections(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        road.connected.add("unix" if self.family == socket.AF_UNIX else str(address[0]))
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def check_nothing_is_left(road: Road, folder: Any, *, printed: str) -> None:
    """The canary: where it may not be after a story."""
    leave(road.chromium)
    held, shown = canary.in_files(folder), road.answers.holding("number")
    assert not held, held
    assert not canary.traces(printed.encode())
    assert shown.count("POST /duty") == len(shown) <= 1, shown
    read = [one for one in road.answers.holding("words") if not canary.MESSAGE_PAGE.fullmatch(one)]
    assert not read, read
    elsewhere = road.connected - {"unix", "127.0.0.1", "localhost", "::1"}
    assert not elsewhere, elsewhere
    known = road.answers.addresses()
    unseen = {*room.ANSWERED} - {f"{one}{path}" for one in (road.screens, road.duty) for path in known}
    assert not unseen, unseen


def leave(chromium: Browser) -> None:
    """Everybody goes home: pages that are left open go on asking, and what they were answered comes late."""
    for one in chromium.contexts:
        one.close()


# What is done on screens in the same way again and again.

Six = tuple[tuple[str, str], ...]


def answer(page: Page, place: tuple[str, str], answers: Six) -> None:
    """The six answers, as they are heard: the place is typed, the others are one press each."""
    page.get_by_label(place[0], exact=True).fill(place[1])
    for question, said in answers:
        group = page.get_by_role("group", name=question, exact=True)
        group.locator("label").filter(has_text=re.compile(rf"^\s*{re.escape(said)}(\s*P\d)?\s*$")).click()


def line(page: Page, *told: str) -> None:
    """One line of the timeline holds all of it: when, who, what, why."""
    found = page.locator("ol.log > li")
    for one in told:
        # French puts a space that does not break before its colons.
        found = found.filter(has_text=re.compile(re.escape(one).replace("\\ ", r"\s")))
    expect(found).to_have_count(1)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
