"""What stays on a screen that somebody left, or where another sits now: nothing that is not theirs (T-A-12, T-A-13)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.accounts.people import end_sessions
from tests.nodes import person
from tests.stories.room import FORBIDDEN, sit_down
from tests.stories.test_live_pages import LOOK
from tests.web.conftest import persona
from ulinzi.accounts import actions as people
from ulinzi.accounts import queries, sessions
from ulinzi.desk import actions
from ulinzi.ledger.node import Node
from ulinzi.web import live

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only]

STATIC = Path(live.__file__).parent / "static" / "web"
TITLE, DETAIL = "Call back the chief", "His brother saw the trucks"


def add() -> UUID:
    return actions.add_task(compartment="north", by=persona("vessin").id, title=TITLE, detail=DETAIL)


def maren(chromium: Browser, address: str, path: str) -> Page:
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    page.goto(path)
    return page


def come_in(page: Page, address: str, code: str) -> None:
    """On another page of the same browser: its cookie is that of all its pages."""
    told = {"name": settings.SIGNED_IN_COOKIE, "value": sessions.begin(persona(code).id).token}
    # A secure cookie; for localhost browsers count a plain connection as one.
    where = {"url": address.replace("http:", "https:"), "secure": True, "httpOnly": True}
    page.context.add_cookies([{**told, **where, "sameSite": "Strict"}])  # type: ignore[list-item]


def end_roles(code: str) -> None:
    with queries.at_console(person("console")):
        people.leave(persona(code).id, by=person("console"), reason="end of rotation")


def me(page: Page) -> str:
    return page.locator(".me").inner_text()


def test_a_page_of_one_person_does_not_stay_for_the_next(node: Node, chromium: Browser, address: str) -> None:
    """Who is named at its head is who acts by its buttons."""
    page = maren(chromium, address, f"/tasks/{add()}")
    assert "Maren Odhal" in me(page)
    come_in(page, address, "vessin")
    page.evaluate(LOOK)
    expect(page.locator(".me")).to_contain_text("Tomas Vessin")
    assert FORBIDDEN == []


def test_what_one_person_typed_is_not_saved_under_the_name_of_the_next(
    node: Node, chromium: Browser, address: str
) -> None:
    page = maren(chromium, address, "/tasks")
    page.get_by_label("What has to be done").fill("Half a sentence")
    come_in(page, address, "vessin")
    page.evaluate(LOOK)
    expect(page.locator(".me")).to_contain_text("Tomas Vessin")
    expect(page.get_by_label("What has to be done")).to_have_value("")


def test_control_the_same_person_finds_everything_as_it_was(node: Node, chromium: Browser, address: str) -> None:
    page = maren(chromium, address, "/tasks")
    page.get_by_label("What has to be done").fill("Half a sentence")
    end_sessions(persona("odhal").id)
    page.evaluate(LOOK)
    expect(page.get_by_text("signed out", exact=False)).to_be_visible()
    come_in(page, address, "odhal")
    page.evaluate(LOOK)
    expect(page.get_by_text("signed out", exact=False)).to_be_hidden()
    expect(page.get_by_label("What has to be done")).to_have_value("Half a sentence")
    expect(page.get_by_role("heading", name="Add a task")).to_be_visible()


def test_words_go_from_the_screen_with_the_right_to_read_them(node: Node, chromium: Browser, address: str) -> None:
    page = maren(chromium, address, f"/tasks/{add()}")
    expect(page.get_by_text(DETAIL).first).to_be_visible()
    end_roles("odhal")
    page.evaluate(LOOK)
    expect(page.get_by_text(DETAIL)).to_have_count(0)
    assert TITLE not in page.title()


def test_they_go_too_where_something_was_typed(node: Node, chromium: Browser, address: str) -> None:
    page = maren(chromium, address, f"/tasks/{add()}/edit")
    page.get_by_label("What has to be done").fill("Half a sentence")
    end_roles("odhal")
    for _ in range(2):  # and do not come back by asking again
        page.evaluate(LOOK)
        expect(page.get_by_text("Something changed here since.")).to_be_visible()
        expect(page.get_by_text(DETAIL)).to_be_hidden()
        expect(page.get_by_label("What has to be done")).to_have_value("Half a sentence")


def test_whoever_went_away_while_changing_a_task_leaves_what_they_typed_and_no_more(
    node: Node, chromium: Browser, address: str
) -> None:
    page = maren(chromium, address, f"/tasks/{add()}/edit")
    page.get_by_label("What has to be done").fill("Half a sentence")
    end_sessions(persona("odhal").id)
    page.evaluate(LOOK)
    expect(page.get_by_label("What has to be done")).to_be_visible()
    expect(page.get_by_text(DETAIL)).to_be_hidden()
    assert page.title() == "Ulinzi"


def test_a_page_that_answers_a_form_is_not_sent_again_by_itself(node: Node, chromium: Browser, address: str) -> None:
    """Loaded anew it would be done twice, or by the next person, and be answered with all that was typed."""
    page = maren(chromium, address, "/tasks")
    page.get_by_label("Detail").fill(DETAIL)
    page.get_by_role("button", name="Save the task").click()
    expect(page.get_by_text("Nothing was saved.")).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    end_sessions(persona("odhal").id)
    page.evaluate(LOOK)
    expect(page.get_by_text("You were away for too long and are signed out.")).to_be_visible()
    expect(page.get_by_text(DETAIL)).to_be_hidden()
    come_in(page, address, "vessin")
    page.evaluate(LOOK)
    expect(page.locator(".me")).to_contain_text("Tomas Vessin")
    assert not [one for one in sent if one.startswith("POST")]


def test_nothing_is_news_to_a_page_that_answers_a_form(node: Node, chromium: Browser, address: str) -> None:
    page = maren(chromium, address, "/tasks")
    page.get_by_role("button", name="Save the task").click()
    page.evaluate(LOOK)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("Something changed here since.")).to_be_hidden()


def test_the_back_button_shows_no_page_of_a_session_that_is_over(node: Node, chromium: Browser, address: str) -> None:
    page = maren(chromium, address, f"/tasks/{add()}")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.evaluate("history.back()")
    page.wait_for_url("**/sign-in?next=*")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert DETAIL not in page.content()


def test_nor_where_a_browser_kept_the_page_whole(node: Node, chromium: Browser, address: str) -> None:
    page = maren(chromium, address, f"/tasks/{add()}/edit")
    page.get_by_label("What has to be done").fill("Half a sentence")
    end_sessions(persona("odhal").id)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.get_by_text(DETAIL)).to_be_hidden()
    expect(page.get_by_text("You were away for too long and are signed out.")).to_be_visible()


def test_what_was_looked_for_does_not_stand_above_the_sign_in_page(node: Node, chromium: Browser, address: str) -> None:
    page = maren(chromium, address, "/search?q=trucks")
    page.get_by_label("Search", exact=True).fill("brother")  # words to look for are no work that has to be kept
    end_sessions(persona("odhal").id)
    page.evaluate(LOOK)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "trucks" not in page.url and "trucks" not in page.content()


TAKEN_OUT = {
    "who reads": ("if (who !== reader) return leave();", ""),
    "their rights": ("if (rights !== may) ended();", "if (false) ended();"),
}


@pytest.mark.parametrize("what", TAKEN_OUT)
def test_control_a_script_that_does_not_look_leaves_it_all_there(
    node: Node, chromium: Browser, address: str, what: str
) -> None:
    before, after = TAKEN_OUT[what]
    source = (STATIC / "live.js").read_text()
    assert source.count(before) == 1
    page = maren(chromium, address, "/tasks")
    told = {"body": source.replace(before, after), "content_type": "text/javascript"}
    page.route("**/live.js*", lambda route: route.fulfill(**told))
    page.goto(f"/tasks/{add()}")
    if what == "who reads":
        come_in(page, address, "vessin")
    else:
        end_roles("odhal")
    page.evaluate(LOOK)
    expect(page.get_by_text("Something changed here since.")).to_be_visible()
    expect(page.get_by_text(DETAIL).first).to_be_visible()
    assert "Maren Odhal" in me(page)
