"""A page that stays open: what others do turns up by itself, keys act, and a cut link loses nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accounts.people import end_sessions
from tests.stories.room import FORBIDDEN, sit_down
from tests.web.conftest import persona
from ulinzi.desk import actions
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only]

# As when somebody comes back to the page: it asks at once, so that no test waits for a clock.
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def add(title: str) -> None:
    actions.add_task(compartment="north", by=persona("vessin").id, title=title)


def test_what_another_writes_turns_up_on_the_board(node: Node, chromium: Browser, address: str) -> None:
    add("Call back the chief")
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    maren.get_by_label("What has to be done").fill("Half a sentence")
    maren.get_by_role("link", name="Call back the chief").focus()
    add("Written by another")
    maren.evaluate(LOOK)
    expect(maren.get_by_role("link", name="Written by another")).to_be_visible()
    expect(maren.locator(".say")).to_contain_text("2 open")
    # Neither what is being typed nor the place of the reader is touched.
    expect(maren.get_by_label("What has to be done")).to_have_value("Half a sentence")
    expect(maren.get_by_role("link", name="Call back the chief")).to_be_focused()
    assert FORBIDDEN == []


def test_a_page_with_forms_only_says_that_something_changed(node: Node, chromium: Browser, address: str) -> None:
    add("Call back the chief")
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    maren.get_by_role("link", name="Call back the chief").click()
    news = maren.get_by_text("Something changed here since.")
    expect(news).to_be_hidden()
    add("Written by another")
    maren.evaluate(LOOK)
    expect(news).to_be_visible()
    maren.keyboard.press("r")
    expect(news).to_be_hidden()


def test_without_the_server_the_page_says_so_and_keeps_what_is_typed(
    node: Node, chromium: Browser, address: str
) -> None:
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    maren.get_by_label("What has to be done").fill("Half a sentence")
    cut = maren.get_by_text("This machine's server does not answer.")
    maren.context.set_offline(True)
    maren.evaluate(LOOK)
    expect(cut).to_be_visible()
    maren.context.set_offline(False)
    maren.evaluate(LOOK)
    expect(cut).to_be_hidden()
    expect(maren.get_by_label("What has to be done")).to_have_value("Half a sentence")


def test_whoever_was_signed_out_leaves_nothing_to_read(node: Node, chromium: Browser, address: str) -> None:
    add("Call back the chief")
    quiet = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    typing = sit_down(chromium, address, "Tomas Vessin", language="en-GB")
    typing.get_by_label("What has to be done").fill("Half a sentence")
    for code in ("odhal", "vessin"):
        end_sessions(persona(code).id)
    quiet.evaluate(LOOK)
    expect(quiet.get_by_role("heading", name="Sign in")).to_be_visible()
    typing.evaluate(LOOK)
    expect(typing.get_by_text("You were away for too long and are signed out.")).to_be_visible()
    expect(typing.get_by_text("Call back the chief")).to_be_hidden()
    expect(typing.get_by_label("What has to be done")).to_have_value("Half a sentence")
    expect(typing.get_by_label("What has to be done")).to_be_visible()


def test_a_night_by_keys_alone(node: Node, chromium: Browser, address: str) -> None:
    add("Call back the chief")
    add("Meet the elders")
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    press = maren.keyboard.press
    press("?")
    expect(maren.get_by_role("dialog")).to_contain_text("Search")
    expect(maren.get_by_role("dialog")).to_contain_text("Add a task")
    press("Escape")
    press("j")
    press("j")
    press("k")
    expect(maren.get_by_role("link", name="Call back the chief")).to_be_focused()
    press("Enter")
    expect(maren.get_by_role("heading", name="Nobody has this yet")).to_be_visible()
    press("t")
    expect(maren.get_by_role("heading", name="You have this")).to_be_visible()
    press("g")
    press("d")
    expect(maren).to_have_url(f"{address}/desk")
    expect(maren.get_by_role("link", name="Call back the chief")).to_be_visible()
    press("/")
    maren.keyboard.type("elders gd?")
    expect(maren.get_by_role("searchbox")).to_have_value("elders gd?")


def test_control_keys_that_were_switched_off_do_nothing(node: Node, chromium: Browser, address: str) -> None:
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    maren.locator("summary", has_text="Menu").click()
    maren.get_by_role("button", name="off").click()
    maren.keyboard.press("?")
    expect(maren.get_by_role("dialog")).to_be_hidden()
    maren.keyboard.press("g")
    maren.keyboard.press("s")
    expect(maren).to_have_url(f"{address}/tasks")


def test_without_scripts_everything_is_there(node: Node, chromium: Browser, address: str) -> None:
    add("Call back the chief")
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB", java_script_enabled=False)
    maren.get_by_role("link", name="Call back the chief").click()
    maren.get_by_role("button", name="Take it").click()
    expect(maren.get_by_role("heading", name="You have this")).to_be_visible()


def printed(page: Page) -> bytes:
    page.emulate_media(media="print")
    return page.pdf(format="A4")


def test_a_page_is_printed(node: Node, chromium: Browser, address: str) -> None:
    actions.add_task(compartment="north", by=persona("vessin").id, title="Call back the chief", due_at=1)
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    assert printed(maren).startswith(b"%PDF")
    expect(maren.get_by_text("Call back the chief")).to_be_visible()
    expect(maren.get_by_text("late", exact=False).first).to_be_visible()
    for hidden in ("Save the task", "Sign out", "Night"):
        expect(maren.get_by_role("button", name=hidden)).to_be_hidden()
