"""The inbox on the screen: what waits, who has it, whether a call is safe, and what is made of a message."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.letters import Letters
from tests.nodes import NOON, person
from tests.web import screens
from tests.web.conftest import Browser, add_one, persona, signed_in
from ulinzi.accounts.rules import Rights, Role
from ulinzi.alerts import intake
from ulinzi.alerts import queries as alerts
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SetClock
from ulinzi.kernel.errors import Broken, NotFound, Refused
from ulinzi.ledger import access, store
from ulinzi.ledger.node import Node
from ulinzi.messages import actions, queries, rules, tasks
from ulinzi.messages.rules import Step
from ulinzi.network import actions as network
from ulinzi.network import queries as sources
from ulinzi.places import actions as places
from ulinzi.web import inbox

ANA = person("ana")
ANSWERS = {
    "place": "Telwa",
    "what": "armed_men",
    "happened": "now",
    "who": "armed_group",
    "many": "10-20",
    "ongoing": "yes",
    "words": "Coming along the river",
    "priority": "",
}


@pytest.fixture
def letters(node: Node, monkeypatch: pytest.MonkeyPatch) -> Letters:
    return Letters(monkeypatch)


@pytest.fixture
def room(browser: Browser) -> Client:
    """Whoever has the watch in the north."""
    add_one("tirel", (Role.WATCH_OFFICER, "north"))
    return signed_in(browser(None), "tirel")


@pytest.fixture
def telwa(node: Node) -> UUID:
    return community("Telwa")


def community(name: str, compartment: str = "north") -> UUID:
    return places.add_community(compartment=compartment, name=name, by=ANA)


def enrolled(community: UUID) -> str:
    source = network.enrol_source(compartment="north", community=community, kind="elected", by=ANA)
    return str(sources.source(source, Rights(ANA, all=True))["code"])


def came(node: Node, letters: Letters, **told: Any) -> UUID:
    handle = letters.bring(**told)
    tasks.drain(node)
    return actions.message_id(str(told.get("compartment", "north")), handle)


def watch() -> Rights:
    return Rights(persona("tirel").id, ((Role.WATCH_OFFICER, "north"),))


def state(message: UUID) -> str:
    return str(queries.message(message, watch())["state"])


def text(response: HttpResponse) -> str:
    """The page as it is read, without its marks."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(plain))


def send(client: Client, message: UUID, deed: str, /, **told: str) -> HttpResponse:
    return client.post(f"/inbox/{message}/{deed}", told)  # type: ignore[return-value]


# The list.


def test_the_oldest_stands_first_and_says_how_long_it_waits(node: Node, letters: Letters, room: Client) -> None:
    came(node, letters, at=NOON - 30 * MINUTE, kind="missed_call", words=None)
    came(node, letters, at=NOON - 3 * MINUTE)
    page = text(room.get("/inbox"))
    assert page.index("Missed call") < page.index("SMS")
    assert "30 min" in page and "3 min" in page
    assert "Not called back" in page


def test_who_was_called_back_is_late_no_more(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters, at=NOON - HOUR)
    assert "Not called back" in text(room.get("/inbox"))
    actions.step(message, Step.CALLED, by=persona("tirel").id, code="safe")
    assert "Not called back" not in text(room.get("/inbox"))


def test_a_flood_is_counted_and_the_oldest_stand_in_full(
    node: Node, letters: Letters, room: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "IN_FULL", 2)
    for minutes in (30, 20, 3):
        came(node, letters, at=NOON - minutes * MINUTE)
    page = text(room.get("/inbox"))
    assert "3 wait for a person" in page and "1 more waits." in page
    assert "30 min" in page and "2 not called back in time" in page


def test_what_came_long_after_it_was_sent_says_so(node: Node, letters: Letters, room: Client) -> None:
    """T-C-05: the phone had no network for three days."""
    came(node, letters, at=NOON - 3 * DAY, late=3 * DAY)
    assert "Came late" in text(room.get("/inbox"))


def test_control_what_came_at_once_does_not(node: Node, letters: Letters, room: Client) -> None:
    came(node, letters, late=MINUTE)
    assert "Came late" not in text(room.get("/inbox"))


def test_who_has_it_and_until_when(node: Node, letters: Letters, room: Client, clock: SetClock) -> None:
    message = came(node, letters)
    send(room, message, "step", kind="claimed")
    assert "Joram Tirel you until" in text(room.get("/inbox"))
    clock.advance(rules.CLAIM_LASTS)
    assert "Nobody has it" in text(signed_in(room, "tirel").get("/inbox"))


def test_a_silent_gateway_is_no_empty_inbox(node: Node, letters: Letters, room: Client) -> None:
    letters.is_silent = True
    page = text(room.get("/inbox"))
    assert "The gateway does not answer" in page and "This is not calm." in page


def test_a_silent_phone_stands_beside_the_list(node: Node, letters: Letters, room: Client) -> None:
    phone = {"code": "N1", "name": "Duty phone north", "compartment": "north", "usual_gap": 5 * MINUTE}
    letters.listed = [{**phone, "last_heard": NOON - 47 * MINUTE, "silent": True}]
    assert "Duty phone north silent 47 min, usual gap 5 min" in text(room.get("/inbox"))
    letters.listed[0]["silent"] = False
    assert "Duty phone north" not in text(room.get("/inbox"))


def test_what_belongs_to_no_province_here_is_said(node: Node, letters: Letters, room: Client) -> None:
    came(node, letters, compartment="island")
    assert "1 message is for a province that this machine does not hold." in text(room.get("/inbox"))


def test_the_code_of_a_source_is_not_shown_to_the_adviser(node: Node, letters: Letters, browser: Browser) -> None:
    add_one("tirel", (Role.WATCH_OFFICER, "north"))
    add_one("anselo", (Role.PROVINCIAL_ADVISER, "north"))
    message = came(node, letters)
    for page in ("/inbox", f"/inbox/{message}"):
        assert "U-2345679" in text(signed_in(browser(None), "tirel").get(page))
        assert "U-2345679" not in text(signed_in(browser(None), "anselo").get(page))


# One message.


def test_the_words_are_shown_and_that_they_were_is_in_the_access_log(
    node: Node, letters: Letters, room: Client
) -> None:
    message = came(node, letters, words="11*30 by the ford")
    assert "11*30 by the ford" in text(room.get(f"/inbox/{message}"))
    access.flush(node)
    noted = [bytes(row[0]) for row in store.rows(node, "SELECT body FROM ledger_access")]
    assert any(f"messages.Message:{message}".encode() in one and b"message page" in one for one in noted)


def test_markup_in_a_message_is_words(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters, words="<b>now</b>\u202eabc")
    page = room.get(f"/inbox/{message}").content.decode()
    assert "&lt;b&gt;now" in page and "\u202e" not in page


def test_a_message_can_be_dealt_with_while_the_gateway_is_silent(
    node: Node, letters: Letters, room: Client, telwa: UUID
) -> None:
    message = came(node, letters)
    letters.is_silent = True
    assert "The words lie there and cannot be read now." in text(room.get(f"/inbox/{message}"))
    send(room, message, "take-down", do="report", **ANSWERS)
    assert state(message) == "reported"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotFound("letter_unknown"), "The words are no longer kept."),
        (Refused("gateway_silent"), "The gateway does not answer"),
        (Refused("gateway_not_understood"), "The gateway does not answer"),
        (Broken("gateway_seal_broken"), "What was kept sealed cannot be opened"),
    ],
)
def test_words_that_are_gone_are_not_said_to_wait(
    node: Node, letters: Letters, room: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    """Only a gateway that is silent may speak again."""
    message = came(node, letters)

    def fails(row: Any) -> str:
        raise error

    monkeypatch.setattr(queries, "words", fails)
    page = text(room.get(f"/inbox/{message}"))
    assert said in page and ("The words lie there" in page) == ("does not answer" in said)


def test_the_place_of_a_known_source_is_filled_in(node: Node, letters: Letters, room: Client, telwa: UUID) -> None:
    message = came(node, letters, code=enrolled(telwa))
    assert 'value="Telwa"' in room.get(f"/inbox/{message}").content.decode()


# Calling back.


def test_the_duty_phone_calls_and_no_number_is_on_the_page(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    assert send(room, message, "dial", how="dial").status_code == 302
    assert letters.dialled == [queries.message(message, watch())["letter"].hex()]
    page = text(room.get(f"/inbox/{message}"))
    assert "A call has begun. What came of it?" in page


def test_a_word_for_the_duty_phone_is_shown_once(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    assert "seven-otter" in text(send(room, message, "dial", how="show"))
    assert "seven-otter" not in text(room.get(f"/inbox/{message}"))


def test_how_to_call_is_said_where_it_is_done(node: Node, letters: Letters, room: Client) -> None:
    """H02."""
    message = came(node, letters)
    page = text(room.get(f"/inbox/{message}"))
    for said in ("Do not say first who we are or which place", "Wait for the agreed word.", "2 attempts are left."):
        assert said in page


def test_whoever_must_not_be_called_has_no_button_to_call(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    assert 'value="dial"' in room.get(f"/inbox/{message}").content.decode()
    network.set_contact(sources.source_id("north", "U-2345679"), contact="never", by=ANA)
    page = room.get(f"/inbox/{message}")
    assert 'value="dial"' not in page.content.decode()
    assert "Never call." in text(page)
    assert send(room, message, "dial", how="dial").status_code == 409
    assert letters.dialled == []


def test_after_two_attempts_people_are_added(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    for _ in range(rules.MOST_CALLS):
        send(room, message, "dial", how="dial")
        send(room, message, "step", kind="called", code="no_answer")
    page = room.get(f"/inbox/{message}")
    assert 'value="dial"' not in page.content.decode()
    assert "Two attempts were made." in text(page)


def test_a_silent_gateway_is_said_and_nothing_was_tried(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    letters.is_silent = True
    assert send(room, message, "dial", how="dial").status_code == 409
    assert queries.message(message, watch())["calls"] == 0


# What is made of it.


def test_an_alert_is_raised_and_its_page_opens(node: Node, letters: Letters, room: Client, telwa: UUID) -> None:
    message = came(node, letters)
    answer = send(room, message, "take-down", do="alert", **ANSWERS)
    alert = alerts.open_alerts(watch())[0]
    assert answer.headers["Location"] == f"/alerts/{alert['id']}"
    assert (alert["priority"], alert["community"], alert["what"]) == ("p2", telwa, "armed_men")


def test_a_person_chooses_another_priority(node: Node, letters: Letters, room: Client, telwa: UUID) -> None:
    message = came(node, letters)
    send(room, message, "take-down", do="alert", **{**ANSWERS, "priority": "p1"})
    assert alerts.open_alerts(watch())[0]["priority"] == "p1"


def test_two_places_of_one_name_are_told_apart_by_a_person(
    node: Node, letters: Letters, room: Client, telwa: UUID
) -> None:
    other = community("Telwa")
    message = came(node, letters)
    answer = send(room, message, "take-down", do="alert", **ANSWERS)
    assert answer.status_code == 422
    assert "Say which one is meant." in text(answer) and "Coming along the river" in text(answer)
    send(room, message, "take-down", do="alert", place_is=str(other), **ANSWERS)
    assert alerts.open_alerts(watch())[0]["community"] == other


def test_a_place_on_no_list_is_kept_as_it_was_said_when_that_is_confirmed(
    node: Node, letters: Letters, room: Client
) -> None:
    message = came(node, letters)
    told = {**ANSWERS, "place": "the mango trees"}
    assert send(room, message, "take-down", do="alert", **told).status_code == 422
    send(room, message, "take-down", do="alert", asked="the mango trees", place_is="said", **told)
    alert = alerts.open_alerts(watch())[0]
    assert (alert["community"], alert["place_said"]) == (None, "the mango trees")


def test_nothing_typed_is_lost_where_an_answer_is_missing(
    node: Node, letters: Letters, room: Client, telwa: UUID
) -> None:
    message = came(node, letters)
    told = {name: value for name, value in ANSWERS.items() if name != "ongoing"}
    answer = send(room, message, "take-down", do="report", **told)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Coming along the river" in page and 'value="10-20"' in page and "Say whether it goes on." in page
    assert state(message) == "waiting"


def test_who_is_not_known_needs_a_reason(node: Node, letters: Letters, room: Client, telwa: UUID) -> None:
    """L14."""
    message = came(node, letters)
    told = {**ANSWERS, "who": "unknown"}
    assert send(room, message, "take-down", do="report", **told).status_code == 422
    assert send(room, message, "take-down", do="report", unknown_why="not_seen", **told).status_code == 302


def test_words_about_abuse_are_refused_kindly(node: Node, letters: Letters, room: Client, telwa: UUID) -> None:
    """H09: the alert goes out; what was done to somebody is told by voice."""
    message = came(node, letters)
    answer = send(room, message, "take-down", do="alert", **{**ANSWERS, "what": "abuse"})
    assert answer.status_code == 422
    assert "to protect them" in text(answer)
    assert send(room, message, "take-down", do="alert", **{**ANSWERS, "what": "abuse", "words": ""}).status_code == 302


def test_a_message_joins_an_alert_of_the_same_place(node: Node, letters: Letters, room: Client, telwa: UUID) -> None:
    first = came(node, letters)
    send(room, first, "take-down", do="alert", **ANSWERS)
    alert = alerts.open_alerts(watch())[0]
    second = came(node, letters, code=enrolled(telwa))
    assert f'value="{alert["id"]}"' in room.get(f"/inbox/{second}").content.decode()
    send(room, second, "take-down", do=str(alert["id"]), **ANSWERS)
    assert (state(second), alerts.alert(alert["id"], watch())["reports"]) == ("attached", 2)


def test_what_was_attached_leaves_its_alert_when_it_is_opened_again(
    node: Node, letters: Letters, room: Client, telwa: UUID
) -> None:
    theirs, message = told_before(node, letters, room, "Telwa"), came(node, letters)
    send(room, message, "take-down", do=theirs, **ANSWERS)
    assert send(room, message, "step", kind="reopened").status_code == 302 and state(message) == "waiting"
    assert alerts.alert(UUID(theirs), watch())["reports"] == 1


def told_before(node: Node, letters: Letters, room: Client, place: str, **told: Any) -> str:
    """An alert that was raised from a message: its id."""
    send(room, came(node, letters, **told), "take-down", do="alert", **{**ANSWERS, "place": place})
    return str(max(alerts.open_alerts(watch()), key=lambda one: one["number"])["id"])


def offered(page: HttpResponse) -> list[str]:
    """The alerts to which the message may be attached, as they stand."""
    return re.findall(r'name="do" value="([0-9a-f-]{36})"', page.content.decode())


def test_a_message_of_somebody_unknown_is_attached_from_its_first_page(
    node: Node, letters: Letters, room: Client, telwa: UUID
) -> None:
    """Nobody knows where they are; what the same voice has told stands first, before what is newer."""
    community("Nerela")
    theirs = told_before(node, letters, room, "Telwa", code="U-2345679", at=NOON - HOUR)
    newer = told_before(node, letters, room, "Nerela", code="U-3456782")
    message = came(node, letters, code="U-2345679")
    assert offered(room.get(f"/inbox/{message}")) == [theirs, newer]
    assert offered(room.get(f"/inbox/{came(node, letters, code='U-4567893')}")) == [newer, theirs]
    assert send(room, message, "take-down", do=theirs, **ANSWERS).status_code == 302
    assert state(message) == "attached"


def test_a_place_that_is_known_leaves_the_alerts_of_that_place(
    node: Node, letters: Letters, room: Client, telwa: UUID
) -> None:
    community("Nerela")
    told_before(node, letters, room, "Telwa")
    there = told_before(node, letters, room, "Nerela")
    message = came(node, letters)
    assert len(offered(room.get(f"/inbox/{message}"))) == 2
    missing = {**ANSWERS, "place": "Nerela", "ongoing": ""}
    assert offered(send(room, message, "take-down", do="report", **missing)) == [there]


def test_an_alert_of_long_ago_or_of_elsewhere_is_not_offered(
    node: Node, letters: Letters, room: Client, browser: Browser, telwa: UUID
) -> None:
    """Asked by somebody who has the watch in both provinces."""
    told_before(node, letters, room, "Telwa", at=NOON - 4 * DAY)
    south = {"compartment": "south", "received_at": NOON, "channel": "radio", "priority": "p2", "by": ANA}
    answers = {"what": "burning", "who": "army", "happened": "now", "ongoing": "yes", "place_said": "the ford"}
    intake.alert_from_call(**south, **answers)
    add_one("anselo", (Role.WATCH_OFFICER, "north"), (Role.WATCH_OFFICER, "south"))
    both = signed_in(browser(None), "anselo")
    assert offered(both.get(f"/inbox/{came(node, letters)}")) == []
    recent = told_before(node, letters, room, "Telwa")
    assert offered(both.get(f"/inbox/{came(node, letters)}")) == [recent]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("code", ["U-2345679", "U-4567893", None])
def test_a_page_of_a_message_asks_at_most_twelve_times(
    node: Node, letters: Letters, room: Client, telwa: UUID, code: str | None
) -> None:
    """Of a voice that told before, of a new one, of a source that is known; and of what was dealt with."""
    for _ in range(3):
        told_before(node, letters, room, "Telwa", code="U-2345679")
    message = came(node, letters, code=code or enrolled(telwa))
    assert len(screens.statements(node, room, f"/inbox/{message}")) <= 12
    send(room, message, "take-down", do="report", **ANSWERS)
    assert state(message) == "reported"
    assert len(screens.statements(node, room, f"/inbox/{message}")) <= 12


def test_setting_aside_without_a_reason_keeps_what_was_typed(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    answer = send(room, message, "step", kind="set_aside", code="", words="it rang by itself")
    assert answer.status_code == 409
    assert "it rang by itself" in text(answer)
    send(room, message, "step", kind="set_aside", code="other", words="it rang by itself")
    assert state(message) == "set_aside"


def test_the_last_step_is_undone_with_one_press(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    step = actions.step(message, Step.SET_ASIDE, by=persona("tirel").id, code="test")
    page = room.get(f"/inbox/{message}").content.decode()
    assert f'value="{step}"' in page and 'data-key="u"' in page
    send(room, message, "undo", step=str(step))
    assert state(message) == "waiting"


def test_what_another_has_offers_nothing_to_press(node: Node, letters: Letters, room: Client) -> None:
    message = came(node, letters)
    actions.step(message, Step.CLAIMED, by=ANA)
    page = room.get(f"/inbox/{message}").content.decode()
    assert "It comes free by itself." in page and 'name="do"' not in page
    assert send(room, message, "step", kind="claimed").status_code == 409


@pytest.mark.parametrize("key", ["c", "b", "r", "a", "s"])
def test_each_act_has_one_key(node: Node, letters: Letters, room: Client, key: str) -> None:
    message = came(node, letters)
    for page in ("/inbox", f"/inbox/{message}"):
        main = room.get(page).content.decode().partition("<main")[2]
        assert main.count(f' data-key="{key}"') == 1


def test_in_french(node: Node, letters: Letters, browser: Browser) -> None:
    add_one("tirel", (Role.WATCH_OFFICER, "north"))
    message = came(node, letters, at=NOON - HOUR)
    french = signed_in(browser(None, language="fr"), "tirel")
    assert french.get("/inbox").status_code == french.get(f"/inbox/{message}").status_code == 200


# Whoever sent it becomes a source.


ENROLLING = {"said": "Telwa", "kind": "elected", "contact": "not_now", "reply": "sms"}


@pytest.fixture
def assistant(browser: Browser) -> Client:
    """Whoever enrols: a liaison assistant of the north."""
    add_one("anselo", (Role.LIAISON_ASSISTANT, "north"))
    return signed_in(browser(None), "anselo")


def test_an_unknown_sender_is_enrolled_from_the_message(
    node: Node, letters: Letters, assistant: Client, telwa: UUID
) -> None:
    message = came(node, letters)
    assert "Enrol this sender" in text(assistant.get(f"/inbox/{message}"))
    answer = send(assistant, message, "enrol", **ENROLLING)
    assert (answer.status_code, answer.url) == (302, f"/inbox/{message}")  # type: ignore[attr-defined]
    page = text(assistant.get(f"/inbox/{message}"))
    assert "Enrol this sender" not in page and "S-" in page and "Telwa" in page and "Do not call now" in page
    row = sources.sources(Rights(ANA, all=True))[0]
    assert (row["community"], row["contact"], row["reply"]) == (telwa, "not_now", "sms")


def test_what_was_typed_stays_where_the_community_is_not_clear(
    node: Node, letters: Letters, assistant: Client, telwa: UUID
) -> None:
    message = came(node, letters)
    answer = send(assistant, message, "enrol", **{**ENROLLING, "said": "Nowhere"})
    page = text(answer)
    assert answer.status_code == 422 and "No community here is called so." in page and "Nothing was saved." in page
    assert 'value="Nowhere"' in answer.content.decode()
    assert sources.source_of_code("U-2345679", "north") and len(sources.sources(Rights(ANA, all=True))) == 1


def test_whoever_does_not_enrol_is_not_offered_it(node: Node, letters: Letters, room: Client, telwa: UUID) -> None:
    message = came(node, letters)
    assert "Enrol this sender" not in text(room.get(f"/inbox/{message}"))
    assert send(room, message, "enrol", **ENROLLING).status_code in (403, 409)
    assert [one["kind"] for one in sources.sources(Rights(ANA, all=True))] == ["unknown"]


def test_somebody_enrolled_or_hidden_is_not_offered_it(
    node: Node, letters: Letters, assistant: Client, telwa: UUID
) -> None:
    for code in (enrolled(telwa), None):
        message = came(node, letters, code=code)
        assert "Enrol this sender" not in text(assistant.get(f"/inbox/{message}"))
        assert send(assistant, message, "enrol", **ENROLLING).status_code == 409
