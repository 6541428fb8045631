"""What has to be seen without scrolling: on an old phone, on a wide screen, and on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.room import sit_down
from tests.web.conftest import persona
from ulinzi.desk import actions
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only]

PHONE, WIDE = {"width": 320, "height": 640}, {"width": 1440, "height": 900}
# Two lines that a thumb can hit. The notice of the demonstration, one line, comes on top of it.
MOST_OF_A_PHONE = 90
# The search as a field of its own, as it stands on wide screens.
FIELD = "document.querySelector('.find').style.display = 'block'"


def height(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize(("language", "other"), [("en-GB", "Français"), ("fr-FR", "English")])
def test_a_phone_shows_who_acts_and_the_other_language_in_two_lines(
    node: Node, chromium: Browser, address: str, language: str, other: str
) -> None:
    page = sit_down(chromium, address, "Lioba Rensa", language=language, viewport=PHONE)
    if page.locator("html").get_attribute("lang") != language[:2]:
        page.get_by_role("button", name="Français").click()
    expect(page.locator(".me b")).to_have_text("Lioba Rensa")
    for seen in (page.locator(".me"), page.get_by_role("button", name=other), page.locator("[data-clock]")):
        expect(seen).to_be_in_viewport()
    assert height(page, ".top") <= MOST_OF_A_PHONE


def test_control_a_line_more_in_the_head_is_noticed(node: Node, chromium: Browser, address: str) -> None:
    page = sit_down(chromium, address, "Lioba Rensa", language="fr-FR", viewport=PHONE)
    page.evaluate(FIELD)
    assert height(page, ".top") > MOST_OF_A_PHONE


@pytest.mark.parametrize(("language", "night"), [("en-GB", "Night"), ("fr-FR", "Nuit")])
@pytest.mark.parametrize("width", [320, 400])
def test_a_phone_has_light_keys_and_mission_one_tap_from_the_top(
    node: Node, chromium: Browser, address: str, language: str, night: str, width: int
) -> None:
    viewport = {"width": width, "height": 640}
    page = sit_down(chromium, address, "Maren Odhal", language=language, viewport=viewport, has_touch=True)
    menu = page.locator(".menu")
    expect(menu.locator("a")).to_be_hidden()
    menu.locator("summary").tap()
    for seen in (menu.locator("a"), menu.get_by_role("button", name=night), menu.locator("[data-opens=keys]")):
        expect(seen).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    menu.locator("[data-opens=keys]").tap()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("screen", ["/tasks", "/tasks/table", "/tasks/trends"])
def test_a_phone_has_the_way_to_add_a_task_in_sight(node: Node, chromium: Browser, address: str, screen: str) -> None:
    for n in range(12):
        actions.add_task(compartment="north", by=persona("vessin").id, title=f"Call back chief {n}", due_at=1)
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB", viewport=PHONE)
    page.goto(screen)
    expect(page.get_by_label("What has to be done")).not_to_be_in_viewport()
    add = page.get_by_role("link", name="Add a task")
    expect(add).to_be_in_viewport(ratio=1)
    add.click()
    expect(page.get_by_label("What has to be done")).to_be_in_viewport(ratio=1)


def test_on_a_phone_the_key_for_search_opens_the_page_of_it(node: Node, chromium: Browser, address: str) -> None:
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB", viewport=PHONE)
    page.keyboard.press("/")
    page.wait_for_url("**/search")


def test_what_a_table_shows_is_folded_on_a_phone_and_said_in_words(node: Node, chromium: Browser, address: str) -> None:
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB", viewport=PHONE)
    page.goto("/tasks/table?q=telwa&state=open&only=late")
    told = page.locator(".fold > summary")
    for words in ("telwa", "State: open", "Only: what is late"):
        expect(told).to_contain_text(words)
    expect(page.get_by_label("Words, a number, an area")).to_be_hidden()
    told.click()
    expect(page.get_by_label("Words, a number, an area")).to_have_value("telwa")


def test_on_a_wide_screen_it_is_one_line_and_open(node: Node, chromium: Browser, address: str) -> None:
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB", viewport=WIDE)
    page.goto("/tasks/table")
    expect(page.get_by_label("Words, a number, an area")).to_be_visible()
    expect(page.locator(".fold > summary")).to_be_hidden()
    assert height(page, ".ask") <= 100


def test_paper_says_whose_it_is_when_it_was_and_what_was_asked(node: Node, chromium: Browser, address: str) -> None:
    actions.add_task(compartment="north", by=persona("vessin").id, title="Call back the chief", due_at=1)
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    page.goto("/tasks/table?only=late")
    page.emulate_media(media="print")
    for shown in (".paper", ".asof .date", ".asof b"):
        expect(page.locator(shown)).to_be_visible()
    expect(page.locator(".ask")).to_contain_text("Only: what is late")
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.locator(".lines .mk.late")).to_have_text("late")
    expect(page.get_by_text("Sorted by: Due, upward.")).to_be_visible()
    expect(page.locator(".keep")).to_be_hidden()
    # On a screen the mission stands in the foot.
    page.emulate_media(media="screen")
    expect(page.locator(".paper")).to_be_hidden()
    expect(page.get_by_text("Sorted by: Due, upward.")).to_be_hidden()


# A4 without its margins, in points of the screen.
PAPER = {"width": 702, "height": 1020}
EDGE = "document.querySelector('.lines').getBoundingClientRect().right"
COLUMNS = "&".join(f"col={one}" for one in ("number", "state", "urgency", "due", "owner", "area", "office", "basis"))


def test_every_column_of_a_table_is_on_the_paper(node: Node, chromium: Browser, address: str) -> None:
    title = "Demander à la base une patrouille le jour du marché"
    actions.add_task(compartment="north", by=persona("vessin").id, title=title, due_at=1, due_basis="promise")
    page = sit_down(chromium, address, "Maren Odhal", language="fr-FR", viewport=PAPER)
    page.goto(f"/tasks/table?{COLUMNS}")
    page.emulate_media(media="print")
    assert page.evaluate(EDGE) <= PAPER["width"]
    # Control: as large as on a screen it would be cut off.
    page.evaluate("document.querySelector('.lines').classList.remove('lines')")
    assert page.evaluate(EDGE.replace(".lines", ".stacks")) > PAPER["width"]


def test_a_picture_is_printed_on_the_page_that_speaks_of_it(node: Node, chromium: Browser, address: str) -> None:
    """Its numbers may go on to the next one: kept together with them it would leave most of a page empty."""
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB", viewport=PAPER)
    page.goto("/tasks/trends")
    page.emulate_media(media="print")
    together = "one => getComputedStyle(document.querySelector(one)).breakInside"
    assert page.evaluate(together, ".fig:not(.sm)") == "auto" and page.evaluate(together, ".fig .ch") == "avoid"
