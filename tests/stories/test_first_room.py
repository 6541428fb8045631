"""The first room, as people at a base use it: in a browser, two at once, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.room import FORBIDDEN, sit_down, until
from ulinzi.ledger.node import Node
from ulinzi.web import times

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_edit(page: Page, title: str) -> None:
    page.goto("/tasks")
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name=re.compile("Change it|La modifier")).click()


@pytest.mark.sqlite_only
def test_a_task_is_added_taken_changed_by_two_settled_and_undone(node: Node, chromium: Browser, address: str) -> None:
    # The watch officer writes down a promise, with one mistake.
    maren = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    expect(maren.get_by_text("No open task is written down here.")).to_be_visible()
    maren.get_by_label("What has to be done").fill("Call back the chief of Telwa")
    maren.get_by_label("Due on").fill("31/02/2027")
    maren.get_by_label("at", exact=True).fill("14:00")
    maren.get_by_role("button", name="Save the task").click()
    expect(maren.get_by_role("alert")).to_contain_text("This is no day.")
    expect(maren.get_by_label("What has to be done")).to_have_value("Call back the chief of Telwa")
    maren.get_by_label("Due on").fill(times.show_date(node.clock.now()))
    maren.get_by_label("at", exact=True).fill("23:00")
    maren.get_by_label("Now").check()
    maren.get_by_role("button", name="Save the task").click()
    expect(maren.get_by_role("status")).to_contain_text("Saved here as BEN-1.")

    # Another takes it, in French.
    tomas = sit_down(chromium, address, "Tomas Vessin", language="fr-FR")
    tomas.get_by_role("link", name="Call back the chief of Telwa").click()
    tomas.get_by_role("button", name="La prendre").click()
    expect(tomas.get_by_role("heading", name="C’est à vous")).to_be_visible()

    # Both change its title without seeing each other; the second keeps both.
    open_edit(maren, "Call back the chief of Telwa")
    open_edit(tomas, "Call back the chief of Telwa")
    maren.get_by_label("What has to be done").fill("Call back the chief and the teacher of Telwa")
    maren.get_by_role("button", name="Save the changes").click()
    expect(maren.get_by_role("status")).to_contain_text("title and detail")
    tomas.get_by_label("Ce qu’il faut faire").fill("Rappeler le chef de Telwa après la prière")
    tomas.get_by_role("button", name="Enregistrer les modifications").click()
    expect(tomas.get_by_role("alert")).to_contain_text("Quelqu’un a modifié ceci")
    expect(tomas.get_by_text("Call back the chief and the teacher of Telwa").last).to_be_visible()
    expect(tomas.get_by_text("Rappeler le chef de Telwa après la prière")).to_be_visible()
    tomas.get_by_role("button", name="Garder les deux").click()

    # The head of office sees two values, with whose they are, and settles.
    lioba = sit_down(chromium, address, "Lioba Rensa", language="en-GB")
    expect(lioba.get_by_text("with two values")).to_be_visible()
    lioba.goto("/system")
    lioba.get_by_role("link", name="BEN-1").click()
    clash = lioba.get_by_role("region", name="Two values: title and detail")
    expect(clash).to_contain_text("Maren Odhal")
    expect(clash).to_contain_text("Tomas Vessin")
    clash.locator("div", has_text="Rappeler").get_by_role("button", name="This one holds").last.click()
    expect(lioba.get_by_role("heading", level=1)).to_have_text("Rappeler le chef de Telwa après la prière")
    expect(clash).to_have_count(0)

    # Done, but it was another village: the step is undone and stays crossed out.
    tomas.goto(lioba.url)
    tomas.locator("summary", has_text="Fait").click()
    tomas.get_by_label("Ce qui en est sorti").fill("Il ouvre la route demain")
    tomas.get_by_role("button", name="Enregistrer: Fait").or_(tomas.locator("details[open] form button")).first.click()
    expect(tomas.get_by_role("heading", name="C’est fait")).to_be_visible()
    tomas.locator("summary", has_text="Annuler la dernière étape").click()
    tomas.get_by_role("button", name="L’annuler").click()
    expect(tomas.get_by_role("heading", name="C’est à vous")).to_be_visible()
    expect(tomas.locator("li.undone")).to_contain_text("l’a faite.")

    # The other language is one click away, on the same page.
    before = tomas.url
    tomas.get_by_role("button", name="English").click()
    expect(tomas.get_by_role("heading", name="You have this")).to_be_visible()
    assert tomas.url == before
    tomas.locator("summary", has_text="Menu").click()
    tomas.get_by_role("button", name="Night").click()
    expect(tomas.locator("html")).to_have_attribute("data-theme", "night")
    assert FORBIDDEN == []


@pytest.mark.sqlite_only
def test_control_what_the_policy_forbids_is_noticed(node: Node, chromium: Browser, address: str) -> None:
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=https://elsewhere.example/x.png>')")
    until(page, lambda: FORBIDDEN)
    FORBIDDEN.clear()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_no_page_is_wider_than_its_screen(node: Node, chromium: Browser, address: str, width: int) -> None:
    page = sit_down(chromium, address, "Maren Odhal", language="fr-FR")
    page.set_viewport_size({"width": width, "height": 800})
    page.get_by_label("Ce qu’il faut faire").fill("x" * 150)
    page.get_by_role("button", name="Enregistrer la tâche").click()
    for url in (page.url, f"{page.url}/edit", f"{page.url}/erase", "/tasks", "/system", "/who", "/nothing"):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
