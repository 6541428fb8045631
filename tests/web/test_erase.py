"""Erasing: one person asks on a page of its own, with a basis; another finds it on the desk and agrees or declines."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.nodes import reader
from tests.web.conftest import SIX, Browser
from tests.web.test_board import ANA, add, body
from ulinzi.accounts.queries import rights_of
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel.clock import DAY, MINUTE, SetClock
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node

NORTH = ["north"]
ODHAL = SIX[0]
TOLD = {"what": "words", "basis": "asked by the person", "sure": "on"}


def newest(task: object) -> str:
    return str(queries.erasures_about(task, rights_of(ODHAL.id))[0]["id"])  # type: ignore[arg-type]


def decide(made: Client, task: object, decision: str = "confirmed", **told: str) -> HttpResponse:
    return made.post(f"/tasks/{task}/erase/decide", {"asked": newest(task), "decision": decision, **told}, follow=True)


def test_asked_for_nothing_goes_yet_and_everybody_concerned_sees_it(browser: Browser, node: Node) -> None:
    task = add("SECRET-1")
    page = body(browser("odhal").post(f"/tasks/{task}/erase", TOLD, follow=True))
    assert "Nothing is erased before a second person has agreed." in page and "SECRET-1" in page
    assert "Take it back" in page and "Agree" not in page and "Ask for it to be erased" not in page
    assert "waits for a second person" in body(browser("odhal").get("/desk"))
    desk = body(browser("rensa").get("/desk"))
    assert f'href="/tasks/{task}/erase"' in desk and "waits for your yes or no" in desk and "Maren Odhal" in desk
    theirs = body(browser("rensa").get(f"/tasks/{task}/erase"))
    assert "asked by the person" in theirs and "Agree, and erase for ever" in theirs


def test_agreed_the_words_go_and_that_they_were_there_stays(browser: Browser, node: Node) -> None:
    task = add("SECRET-1", detail="SECRET-2")
    actions.step(task, rules.Step.NOTED, by=ANA, words="SECRET-3")
    browser("odhal").post(f"/tasks/{task}/erase", TOLD)
    page = body(decide(browser("rensa"), task))
    assert "SECRET" not in page and "The words of this task were erased" in page
    assert page.count("Something was written here. It has been erased.") == 2
    assert "erased the words." in page and "wrote a note." in page
    assert "Lioba Rensa" in page and "Maren Odhal" in page
    assert "To be erased for ever" not in body(browser("rensa").get("/desk"))


def test_a_whole_task_is_erased(browser: Browser, node: Node) -> None:
    task = add("SECRET-1")
    browser("odhal").post(f"/tasks/{task}/erase", {**TOLD, "what": "task"})
    response = decide(browser("rensa"), task)
    assert response.redirect_chain == [("/tasks", 302)] and "The task is erased." in body(response)
    assert browser().get(f"/tasks/{task}").status_code == 404
    assert ledger.was_erased(task)
    assert browser("rensa").get("/desk").status_code == browser("odhal").get("/desk").status_code == 200


def test_declined_whoever_asked_reads_why(browser: Browser, node: Node) -> None:
    task = add("Still here")
    browser("odhal").post(f"/tasks/{task}/erase", TOLD)
    assert decide(browser("rensa"), task, "declined").status_code == 422
    page = body(decide(browser("rensa"), task, "declined", reason="The inquiry needs it"))
    assert "The inquiry needs it" in page and "Ask for it to be erased" in page
    assert "declined" in body(browser("odhal").get("/desk")) and "declined" not in body(browser("rensa").get("/desk"))
    assert queries.task(task, reader(*NORTH)).title == "Still here"


@pytest.mark.sqlite_only
def test_nobody_agrees_with_themselves_however_it_is_sent(browser: Browser) -> None:
    """With a second window, sent again, and in a second name's session that has ended: it stays as it was."""
    task = add("Still here")
    mine = browser("odhal")
    mine.post(f"/tasks/{task}/erase", TOLD)
    for made in (mine, browser("odhal"), mine):
        response = decide(made, task)
        assert response.status_code == 422 and "second person" in body(response)
    assert queries.task(task, reader(*NORTH)).title == "Still here"


@pytest.mark.sqlite_only
def test_what_is_agreed_to_is_what_the_page_showed(browser: Browser) -> None:
    """Declined and asked anew meanwhile, about more: the old page agrees to nothing."""
    task = add("Still here")
    browser("odhal").post(f"/tasks/{task}/erase", TOLD)
    shown = newest(task)
    decide(browser("odhal"), task, "declined", reason="the whole task")
    browser("odhal").post(f"/tasks/{task}/erase", {**TOLD, "what": "task"})
    told = {"asked": shown, "decision": "confirmed"}
    assert browser("rensa").post(f"/tasks/{task}/erase/decide", told).status_code == 422
    other = add("Another")
    assert browser("rensa").post(f"/tasks/{other}/erase/decide", told).status_code == 404
    assert browser("rensa").post(f"/tasks/{task}/erase/decide", {"asked": "x"}).status_code == 404
    assert queries.task(task, reader(*NORTH)).title == "Still here"


@pytest.mark.sqlite_only
def test_control_the_newest_page_agrees(browser: Browser) -> None:
    task = add("Gone")
    browser("odhal").post(f"/tasks/{task}/erase", {**TOLD, "what": "task"})
    assert decide(browser("rensa"), task).status_code == 200 and ledger.was_erased(task)


def test_agreeing_asks_who_sits_there(browser: Browser, node: Node) -> None:
    """Both of the two prove it: asking does not prove anything for agreeing."""
    task, made, clock = add("Still here"), browser("rensa"), node.clock
    browser("odhal").post(f"/tasks/{task}/erase", TOLD)
    assert isinstance(clock, SetClock)
    clock.advance(6 * MINUTE)
    response = decide(made, task)
    assert response.status_code == 403 and "Is it you?" in body(response)
    assert queries.task(task, reader(*NORTH)).title == "Still here"


@pytest.mark.sqlite_only
def test_after_a_week_the_page_says_so_and_takes_a_new_request(browser: Browser, node: Node) -> None:
    task, clock = add("Still here"), node.clock
    browser("odhal").post(f"/tasks/{task}/erase", TOLD)
    assert isinstance(clock, SetClock)
    clock.advance(8 * DAY)
    made = browser("rensa")
    page = body(made.get(f"/tasks/{task}/erase"))
    assert "It counts no longer." in page and "Ask for it to be erased" in page and "Agree" not in page
    assert "To be erased for ever" not in body(made.get("/desk"))
    assert decide(made, task).status_code == 422


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"what": ""}, "This is missing."),
        ({"basis": " "}, "This is missing."),
        ({"sure": ""}, "Confirm that you know."),
    ],
)
def test_what_is_missing_is_asked_for(browser: Browser, wrong: dict[str, str], said: str) -> None:
    task = add("Still here")
    response = browser().post(f"/tasks/{task}/erase", {**TOLD, **wrong})
    assert response.status_code == 422 and said in body(response)
    assert queries.erasures_about(task, rights_of(ODHAL.id)) == []
