"""A commander leaves at noon: his rights end everywhere at once, what he wrote stays under his name."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from tests.nodes import person
from tests.stories.room import FORBIDDEN, sit_down
from tests.web.conftest import persona
from ulinzi.accounts import actions as people
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Role
from ulinzi.desk import actions
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.access]
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def bring_commander() -> UUID:
    console = person("console")
    with accounts.at_console(console):
        found = people.add_person(by=console, name="Aron Selke", body="mission_military", language="en")
        people.ask_grant(found, Role.BASE_COMMANDER, "north", by=console)
    return found


def test_the_commander_who_left(node: Node, chromium: Browser, address: str) -> None:
    task = actions.add_task(compartment="north", by=persona("vessin").id, title="Walk the mill road at dusk")
    commander = bring_commander()

    # He takes a task and writes what he found, then leaves the page open.
    aron = sit_down(chromium, address, "Aron Selke", language="en-GB")
    aron.get_by_role("link", name="Walk the mill road at dusk").click()
    aron.get_by_role("button", name="Take it").click()
    expect(aron.get_by_role("heading", name="You have this")).to_be_visible()
    aron.goto("/tasks")
    typing = aron.context.new_page()
    typing.goto(f"/tasks/{task}")
    typing.locator("summary", has_text="note").click()
    typing.locator("details[open] textarea").fill("Half a sentence about the mill")

    # The head of office says that he has left, with a fresh proof of who sits there.
    lioba = sit_down(chromium, address, "Lioba Rensa", language="en-GB")
    lioba.goto(f"/people/{commander}")
    lioba.get_by_label("Why").last.fill("End of tour")
    lioba.get_by_role("button", name="End every role").click()
    expect(lioba.get_by_role("button", name="End every role")).to_be_hidden()

    # The next look of the open page shows nothing any more; what he types is refused, and not lost.
    aron.evaluate(LOOK)
    expect(aron.get_by_text("Walk the mill road at dusk")).to_be_hidden()
    expect(aron.get_by_role("heading", name="Sign in")).to_be_visible()
    typing.locator("details[open] button").click()
    expect(typing.get_by_text("You are not signed in")).to_be_visible()
    expect(typing.get_by_text("Half a sentence about the mill")).to_be_visible()

    # What he wrote stays, under his name, for whoever follows.
    lioba.goto(f"/tasks/{task}")
    expect(lioba.get_by_role("heading", name="Aron Selke has this")).to_be_visible()
    expect(lioba.locator(".log")).to_contain_text("Aron Selke")
    expect(lioba.get_by_text("Half a sentence about the mill")).to_be_hidden()
    assert FORBIDDEN == []
