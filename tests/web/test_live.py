"""The small question of live pages: what answers it, what moves its number, and whom it keeps signed in."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.web.conftest import Browser, add_one, signed_in
from tests.web.test_board import ANA, ONE, add, body
from ulinzi.accounts import sessions
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.desk import actions, rules
from ulinzi.kernel.clock import MINUTE, SetClock
from ulinzi.ledger.node import Node


def since(page: str) -> str:
    return page.partition('data-since="')[2].partition('"')[0]


def look(made: Client, number: str) -> int:
    status: int = made.get("/tick", {"since": number}).status_code
    return status


def test_nothing_is_answered_until_something_moves(browser: Browser) -> None:
    made = browser()
    number = since(body(made.get("/tasks")))
    assert number and look(made, number) == 204
    task = add("Call back the chief")
    response = made.get("/tick", {"since": number})
    assert response.status_code == 200 and response.json()["since"] != number
    assert look(made, response.json()["since"]) == 204
    actions.step(task, rules.Step.TAKEN, by=ANA)
    assert look(made, response.json()["since"]) == 200


def test_the_page_carries_the_number_from_before_it_was_read(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written while the page is made is news to it."""
    from ulinzi.web import board

    made, real = browser(), board.render

    def slow(*args: object, **options: object) -> object:
        monkeypatch.setattr(board, "render", real)
        add("Written in the meantime")
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(board, "render", slow)
    page = body(made.get("/tasks"))
    assert "Written in the meantime" not in page and look(made, since(page)) == 200


@pytest.mark.access
def test_what_happens_elsewhere_moves_nothing_here(node: Node) -> None:
    add_one("odhal", (Role.WATCH_OFFICER, "south"))
    add_one("rensa", (Role.LEADERSHIP, EVERYWHERE))
    writer = add_one("vessin", (Role.HEAD_OF_OFFICE, "north"))
    south, wide = (signed_in(Client(SERVER_NAME="localhost"), code) for code in ("odhal", "rensa"))
    numbers = [since(body(made.get("/desk"))) for made in (south, wide)]
    actions.add_task(compartment="north", by=writer.id, title="Of the north")
    assert [look(made, number) for made, number in zip((south, wide), numbers, strict=True)] == [204, 200]


def test_it_keeps_nobody_signed_in(browser: Browser, clock: SetClock) -> None:
    made = browser()
    number = since(body(made.get("/tasks")))
    for _ in range(14):
        clock.advance(MINUTE)
        assert look(made, number) == 204
        assert made.get("/tasks", headers={"HX-Request": "true"}).status_code == 200
    clock.advance(2 * MINUTE)
    assert look(made, number) == 401
    assert made.get("/tasks", headers={"HX-Request": "true"}).status_code == 401
    assert made.get("/tasks").status_code == 302


def test_control_a_person_who_looks_stays(browser: Browser, clock: SetClock) -> None:
    made = browser()
    for _ in range(16):
        clock.advance(MINUTE)
        assert made.get("/tasks").status_code == 200
    assert look(made, "") == 200


def test_nobody_learns_anything_by_it(browser: Browser) -> None:
    response = browser(None).get("/tick", {"since": "1.1"})
    assert response.status_code == 401 and response.content == b""
    assert settings.SIGNED_IN_COOKIE not in response.cookies


def test_a_part_that_is_fetched_leaves_the_news_for_the_person(browser: Browser) -> None:
    """What was saved is said once, to somebody: not to a page that asks by itself."""
    made = browser()
    made.post("/tasks/add", ONE)
    assert "Saved here as" not in body(made.get("/tasks", headers={"HX-Request": "true"}))
    assert "Saved here as" in body(made.get("/tasks"))


def test_it_costs_little(browser: Browser, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """One session, one look at the rights, one number."""
    from ulinzi.ledger import store

    made, asked, real = browser(), [], store.rows
    monkeypatch.setattr(store, "rows", lambda *args, **options: asked.append(args[1]) or real(*args, **options))
    assert look(made, "") == 200
    assert len(asked) <= 3, asked


def test_switching_single_keys_off_is_remembered(browser: Browser) -> None:
    made = browser()
    assert " data-keys" in body(made.get("/desk"))
    assert made.post("/keys", {"keys": "off", "next": "/desk"}).headers["Location"] == "/desk"
    assert " data-keys" not in body(made.get("/desk"))
    assert made.post("/keys", {"keys": "sometimes"}).status_code == 400


def test_the_session_that_ends_elsewhere_ends_here(browser: Browser) -> None:
    made = browser()
    number = since(body(made.get("/tasks")))
    sessions.end(made.cookies[settings.SIGNED_IN_COOKIE].value)
    assert look(made, number) == 401
