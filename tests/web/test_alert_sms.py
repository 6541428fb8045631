"""Telling the community by SMS, on the file of an alert: who is listed, under which name, and what became of it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from tests.actions.test_intake import SAID
from tests.letters import Letters
from tests.web.conftest import Browser, add_one, entries, signed_in
from tests.web.watching import ME, body, community, raised
from tests.web.watching import reader as everything
from ulinzi.accounts.rules import Role
from ulinzi.alerts import intake, queries
from ulinzi.ledger.node import Node
from ulinzi.messages import actions as messages
from ulinzi.messages import tasks
from ulinzi.network import queries as sources

pytestmark = pytest.mark.sqlite_only
KEY = re.compile(r'name="to" id="sms-1" value="([^"]+)"')


@pytest.fixture
def letters(node: Node, monkeypatch: pytest.MonkeyPatch) -> Letters:
    return Letters(monkeypatch)


@pytest.fixture
def desk(browser: Browser) -> Client:
    add_one("tirel", (Role.WATCH_OFFICER, "north"))
    return signed_in(browser(None), "tirel")


@pytest.fixture
def alert(node: Node, letters: Letters) -> UUID:
    """One of which a source told by SMS that wants an SMS."""
    return told(node, letters)


def told(node: Node, letters: Letters, reply: str = "sms") -> UUID:
    handle = letters.bring()
    tasks.drain(node)
    message = messages.message_id("north", handle)
    made = intake.alert_from_message(message, by=ME, priority="p1", **SAID).alert
    intake.enrol_sender(message, community=community("Telwa"), kind="elected", by=ME, reply=reply)
    return made


def page_of(client: Client, alert: UUID, query: str = "") -> str:
    return body(client.get(f"/alerts/{alert}{query}"))


def write(client: Client, alert: UUID, code: str = "thanks.fr") -> int:
    key = KEY.search(page_of(client, alert, "?do=sms"))
    told = {"to": key[1] if key else "", "code": code}
    return client.post(f"/alerts/{alert}/write-back", told).status_code


def code_of_source() -> str:
    return str(sources.sources(everything())[0]["code"])


def test_the_way_to_it_stands_among_the_ways_to_tell_them(desk: Client, alert: UUID) -> None:
    page = page_of(desk, alert)
    assert "?do=sms#do-sms" in page and 'name="code" value="sms"' not in page
    opened = page_of(desk, alert, "?do=sms")
    assert code_of_source() in opened and "Merci et bonne suite. (fr)" in opened and "<textarea" not in _form(opened)


def _form(page: str) -> str:
    return page.split('class="do do-sms"')[1].split("</form>")[0]


def test_one_press_sends_the_phrase_and_the_file_says_how_it_stands(
    desk: Client, alert: UUID, letters: Letters
) -> None:
    assert write(desk, alert) == 302 and letters.texts == ["Merci et bonne suite."]
    page = page_of(desk, alert)
    assert "The phone has it; it is not known yet whether it went." in page and code_of_source() in page
    (sent,) = letters.outgoing.values()
    sent["state"] = "delivered"
    assert "It arrived." in page_of(desk, alert)
    sent.update(state="failed", reason="no_network")
    assert "It did not go: the phone had no network. Nobody was told by it." in page_of(desk, alert)


def test_control_without_an_sms_the_gateway_is_not_asked(desk: Client, alert: UUID, letters: Letters) -> None:
    letters.is_silent = True
    assert "Whether an SMS arrived" not in page_of(desk, alert)


def test_a_silent_gateway_is_said(desk: Client, alert: UUID, letters: Letters) -> None:
    write(desk, alert)
    letters.is_silent = True
    assert "Whether an SMS arrived is not known now." in page_of(desk, alert)


def test_a_refused_send_comes_back_and_stands_crossed_out(desk: Client, alert: UUID, letters: Letters) -> None:
    key = KEY.search(page_of(desk, alert, "?do=sms"))
    assert key
    letters.is_silent = True
    answer = desk.post(f"/alerts/{alert}/write-back", {"to": key[1], "code": "thanks.en"})
    assert answer.status_code == 422 and 'role="alert"' in body(answer)
    row = queries.alert(alert, everything())
    assert row["fed_back_at"] is None and queries.steps(row, everything())[-1]["kind"] == "undone"


def test_who_wants_none_is_not_listed(desk: Client, node: Node, letters: Letters) -> None:
    page = page_of(desk, told(node, letters, reply="none"), "?do=sms")
    assert "Nobody who told it has asked for an SMS" in page and not KEY.search(page)


def test_whoever_sees_no_codes_is_told_of_one_of_those_who_told_it(
    browser: Browser, alert: UUID, letters: Letters
) -> None:
    add_one("anselo", (Role.PROVINCIAL_ADVISER, "north"))
    adviser = signed_in(browser(None), "anselo")
    opened = page_of(adviser, alert, "?do=sms")
    assert "one of those who told it, SMS" in opened and code_of_source() not in opened
    assert write(adviser, alert, "done.en") == 302 and letters.texts == ["All is done. Thank you for waiting."]
    assert code_of_source() not in page_of(adviser, alert)


def test_whoever_deals_with_no_messages_is_not_offered_it(browser: Browser, alert: UUID, letters: Letters) -> None:
    add_one("anselo", (Role.HEAD_OF_OFFICE, "north"))
    head = signed_in(browser(None), "anselo")
    assert "do=sms" not in page_of(head, alert) and 'class="do do-sms"' not in page_of(head, alert, "?do=sms")
    assert write(head, alert) in (403, 422) and letters.texts == []


@pytest.mark.parametrize("code", ["", "thanks", "thanks.qom", "They went to Telwa", "free.fr"])
def test_free_words_go_nowhere(desk: Client, alert: UUID, letters: Letters, code: str) -> None:
    before = entries()
    assert write(desk, alert, code) == 422 and letters.texts == [] and entries() == before


def test_somebody_who_told_of_another_alert_is_nobody_here(desk: Client, alert: UUID, letters: Letters) -> None:
    key = KEY.search(page_of(desk, alert, "?do=sms"))
    other = raised(5, take=True)
    assert key
    assert desk.post(f"/alerts/{other}/write-back", {"to": key[1], "code": "thanks.en"}).status_code == 422
    assert letters.texts == []


def test_an_sms_is_not_just_written_down(desk: Client, alert: UUID) -> None:
    answer = desk.post(f"/alerts/{alert}/step", {"kind": "fed_back", "code": "sms"})
    assert answer.status_code == 422 and "An SMS goes out from here alone" in body(answer)


def test_the_history_has_the_words_that_went(desk: Client, alert: UUID) -> None:
    write(desk, alert)
    assert "Thank you, and all the best." in page_of(desk, alert).split('<ol class="log">')[1]
