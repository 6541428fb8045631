"""Coming in and going out: who is let in, for how long, and what ends it at the very next request."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from tests.web.conftest import PASSWORD, SIX, Browser, enrolled, persona
from tests.web.test_board import body
from ulinzi.accounts import logins, sessions
from ulinzi.kernel.clock import HOUR, MINUTE, SECOND, SetClock
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("cheap")]

ODHAL = SIX[0]
LOCKED = "Too many tries failed from this address."
ANOTHER = "goats cross the river"
DOOR = "/sign-in"
ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "///elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "\\\\elsewhere.example",
    "https:elsewhere.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "tasks",
    "",
]


def come_in(made: Client, name: str = "odhal", password: str = PASSWORD, **more: str) -> HttpResponse:
    """As somebody at the door does it."""
    address = {"REMOTE_ADDR": more.pop("address", "192.0.2.1")}
    return made.post(DOOR, {"name": name, "password": password, **more}, **address)


def token(made: Client) -> str:
    held = made.cookies.get(settings.SIGNED_IN_COOKIE)
    return held.value if held else ""


def is_in(made: Client) -> bool:
    """Whether the next request is answered; a page that sends to the door is no answer."""
    response = made.get("/tasks")
    assert response.status_code in (200, 302)
    return response.status_code == 200


def holding(browser: Browser, held: str) -> Client:
    """A browser with this token and nothing else."""
    made = browser(None)
    made.cookies[settings.SIGNED_IN_COOKIE] = held
    return made


def said(response: HttpResponse) -> str:
    """A page without what differs from one request to the next: form tokens and what was typed as the name."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body(response))
    return re.sub(r'name="name" value="\w+"', "", page)


# Signing in.


def test_the_right_name_and_password_come_in(browser: Browser) -> None:
    enrolled("odhal")
    made = browser(None)
    response = come_in(made)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert is_in(made) and ODHAL.name in body(made.get("/tasks"))


@pytest.mark.parametrize("name", ["ODHAL", "  Odhal ", "\uff4fdhal"])
def test_a_name_is_the_same_on_every_keyboard(browser: Browser, name: str) -> None:
    enrolled("odhal")
    made = browser(None)
    come_in(made, name)
    assert is_in(made)


def test_wrong_and_unknown_are_told_in_the_same_words(browser: Browser) -> None:
    enrolled("odhal")
    wrong = come_in(browser(None), "odhal", ANOTHER)
    unknown = come_in(browser(None), "adhol", ANOTHER)
    assert wrong.status_code == unknown.status_code == 422
    assert said(wrong) == said(unknown) and "The name or the password is wrong." in said(wrong)
    assert len(wrong.content) == len(unknown.content)
    assert {**wrong.headers} == {**unknown.headers}
    assert settings.SIGNED_IN_COOKIE not in wrong.cookies


def test_control_the_comparison_sees_a_difference(browser: Browser) -> None:
    enrolled("odhal")
    wrong = come_in(browser(None), "odhal", ANOTHER)
    assert said(wrong) != said(come_in(browser(None), "odhal", ""))
    assert len(wrong.content) != len(come_in(browser(None), "odhall", ANOTHER).content)


@pytest.mark.parametrize("told", [{}, {"name": "odhal"}, {"password": PASSWORD}, {"name": " ", "password": " "}])
def test_what_is_missing_is_asked_for(browser: Browser, told: dict[str, str]) -> None:
    enrolled("odhal")
    made = browser(None)
    response = made.post(DOOR, told)
    assert response.status_code == 422 and not is_in(made)


def test_the_name_comes_back_and_the_password_never(browser: Browser) -> None:
    enrolled("odhal")
    page = body(come_in(browser(None), "odhal", ANOTHER))
    assert 'value="odhal"' in page and ANOTHER not in page


def test_a_password_may_begin_and_end_with_a_blank(browser: Browser) -> None:
    enrolled("odhal", "  rain on the roof  ")
    with_blanks, without = browser(None), browser(None)
    come_in(with_blanks, password="  rain on the roof  ")
    come_in(without, password="rain on the roof")
    assert is_in(with_blanks) and not is_in(without)


def test_the_page_that_was_wanted_is_opened_after_signing_in(browser: Browser) -> None:
    enrolled("odhal")
    made = browser(None)
    door = made.get("/system?a=1&b=%C3%A9").headers["Location"]
    page = body(made.get(door))
    assert 'name="next" value="/system?a=1&amp;b=%C3%A9"' in page
    refused = come_in(made, password=ANOTHER, next="/system?a=1&b=%C3%A9")
    assert 'name="next" value="/system?a=1&amp;b=%C3%A9"' in body(refused)
    assert come_in(made, next="/system?a=1&b=%C3%A9").headers["Location"] == "/system?a=1&b=%C3%A9"


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_elsewhere(browser: Browser, wanted: str) -> None:
    enrolled("odhal")
    assert come_in(browser(None), next=wanted).headers["Location"] == "/"
    asked = browser(None).post(f"{DOOR}?next={wanted}", {"name": "odhal", "password": PASSWORD})
    assert asked.headers["Location"] == "/"
    assert '<input type="hidden" name="next" value="/">' in body(browser(None).get(DOOR, {"next": wanted}))


# Another token each time (T-A-11).


def test_a_token_that_was_set_before_is_worth_nothing(browser: Browser) -> None:
    enrolled("odhal")
    made = holding(browser, "ab" * 32)
    come_in(made)
    assert token(made) != "ab" * 32 and is_in(made)
    assert not is_in(holding(browser, "ab" * 32))


def test_a_token_that_somebody_else_holds_does_not_become_mine(browser: Browser) -> None:
    """A browser that was left signed in as one person, and in which another signs in."""
    enrolled("odhal")
    made = browser("rensa")
    before = token(made)
    come_in(made)
    assert ODHAL.name in body(made.get("/tasks"))
    assert not is_in(holding(browser, before))


def test_every_sign_in_has_a_token_of_its_own(browser: Browser) -> None:
    enrolled("odhal")
    found = set()
    for _ in range(3):
        made = browser(None)
        come_in(made)
        found.add(token(made))
    assert len(found) == 3 and all(len(one) == 64 for one in found)
    assert all(is_in(holding(browser, one)) for one in found)


def test_control_a_token_is_all_that_a_session_is(browser: Browser) -> None:
    """Or the tests above would say nothing: a token that holds lets whoever has it in."""
    enrolled("odhal")
    made = browser(None)
    come_in(made)
    assert is_in(holding(browser, token(made)))


# The first time on this machine.


def test_a_code_becomes_a_name_and_a_password(browser: Browser) -> None:
    code, made = logins.issue_code(ODHAL.id), browser(None)
    told = {"code": code, "name": "Odhal", "password": PASSWORD, "next": "/system"}
    response = made.post("/enrol", told)
    assert (response.status_code, response.headers["Location"]) == (302, "/system")
    assert is_in(made)
    later = browser(None)
    come_in(later)
    assert is_in(later)


@pytest.mark.parametrize("copied", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")])
def test_a_code_is_taken_as_people_copy_it(browser: Browser, copied: object) -> None:
    made = browser(None)
    code = copied(logins.issue_code(ODHAL.id))  # type: ignore[operator]
    assert made.post("/enrol", {"code": code, "name": "odhal", "password": PASSWORD}).status_code == 302


def test_a_code_works_once_and_only_the_last_one(browser: Browser) -> None:
    old, code = logins.issue_code(ODHAL.id), logins.issue_code(ODHAL.id)
    outcomes = []
    for one, name in ((old, "first"), (code, "second"), (code, "third")):
        response = browser(None).post("/enrol", {"code": one, "name": name, "password": PASSWORD})
        outcomes.append(response.status_code)
    assert outcomes == [422, 302, 422]
    assert logins.login_name(ODHAL.id) == "second"


@pytest.mark.parametrize(("waited", "status"), [(72 * HOUR - SECOND, 302), (72 * HOUR, 422)])
def test_a_code_holds_for_three_days(browser: Browser, clock: SetClock, waited: int, status: int) -> None:
    code, made = logins.issue_code(ODHAL.id), browser(None)
    clock.advance(waited)
    assert made.post("/enrol", {"code": code, "name": "odhal", "password": PASSWORD}).status_code == status


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"code": "0000-0000-0000"}, "This code is wrong, used or too old."),
        ({"code": ""}, "Fill this in."),
        ({"name": "od"}, "A log-in name has 3 to 40 signs"),
        ({"name": "vessin"}, "Somebody else has this log-in name."),
        ({"password": "tooshort"}, "A password has 12 to 200 signs."),
        ({"password": "x" * 201}, "A password has 12 to 200 signs."),
        ({"password": "odhal odhal odhal"}, "The password holds the log-in name."),
        ({"password": "password1234"}, "on the list of those that are tried first"),
    ],
)
def test_what_does_not_do_is_said_and_the_code_stays_good(browser: Browser, wrong: dict[str, str], words: str) -> None:
    enrolled("vessin", ANOTHER)
    code, made = logins.issue_code(ODHAL.id), browser(None)
    told = {"code": code, "name": "odhal", "password": PASSWORD}
    response = made.post("/enrol", {**told, **wrong})
    assert response.status_code == 422 and words in body(response) and not is_in(made)
    assert not wrong.get("password") or wrong["password"] not in body(response)
    assert made.post("/enrol", told).status_code == 302


def test_guessing_codes_is_counted_like_guessing_passwords(browser: Browser) -> None:
    code = logins.issue_code(ODHAL.id)
    made, told = browser(None), {"name": "odhal", "password": PASSWORD}
    for number in range(5):
        made.post("/enrol", {**told, "code": f"0000-0000-000{number}"})
    response = made.post("/enrol", {**told, "code": code})
    assert response.status_code == 422 and LOCKED in body(response)


# What ends a session, at the very next request (T-A-12).


def twice(browser: Browser, name: str = "odhal") -> tuple[Client, Client]:
    """The same person at two machines."""
    enrolled(name)
    first, second = browser(None), browser(None)
    for one in (first, second):
        come_in(one, name)
        assert is_in(one)
    return first, second


def test_signing_out_ends_this_session_and_takes_the_cookie_away(browser: Browser) -> None:
    here, elsewhere = twice(browser)
    held = token(here)
    response = here.post("/sign-out")
    assert (response.status_code, response.headers["Location"]) == (302, DOOR)
    assert response.cookies[settings.SIGNED_IN_COOKIE]["max-age"] == 0
    assert not is_in(here) and not is_in(holding(browser, held))
    assert is_in(elsewhere)  # control: it is this session that ended


def test_another_password_ends_every_session_but_the_one_that_chose_it(browser: Browser) -> None:
    here, elsewhere = twice(browser)
    held = token(here)
    response = here.post("/password", {"old": PASSWORD, "password": ANOTHER})
    assert response.status_code == 302
    assert not is_in(elsewhere) and not is_in(holding(browser, held))
    assert is_in(here) and token(here) != held
    old, new = browser(None), browser(None)
    come_in(old), come_in(new, password=ANOTHER)
    assert not is_in(old) and is_in(new)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"old": "not this one at all", "password": ANOTHER}, "The password is wrong."),
        ({"old": PASSWORD, "password": "tooshort"}, "A password has 12 to 200 signs."),
        ({"old": PASSWORD}, "Fill this in."),
    ],
)
def test_a_refused_change_ends_nothing(browser: Browser, told: dict[str, str], words: str) -> None:
    here, elsewhere = twice(browser)
    response = here.post("/password", told)
    assert response.status_code == 422 and words in body(response)
    assert is_in(here) and is_in(elsewhere)
    assert not [value for value in told.values() if value in body(response)]


@pytest.mark.parametrize(("verb", "told"), [("left", {"reason": "Went home"}), ("withdraw", {})])
def test_who_has_left_is_signed_out_everywhere(browser: Browser, verb: str, told: dict[str, str]) -> None:
    machines = twice(browser)
    other = browser("vessin")
    assert browser("rensa").post(f"/people/{ODHAL.id}/{verb}", told).status_code == 302
    assert not any(is_in(one) for one in machines)
    again = browser(None)
    assert come_in(again).status_code == 422 and not is_in(again)
    assert is_in(other)  # control: somebody else works on


def test_whoever_enrols_anew_is_signed_out_elsewhere(browser: Browser) -> None:
    machines = twice(browser)
    made = browser(None)
    told = {"code": logins.issue_code(ODHAL.id), "name": "odhal", "password": ANOTHER}
    assert made.post("/enrol", told).status_code == 302
    assert is_in(made) and not any(is_in(one) for one in machines)


@pytest.mark.parametrize("url", ["/sign-out", "/password", "/people/add", "/tasks/add"])
def test_nothing_is_done_with_a_session_that_has_ended(browser: Browser, url: str) -> None:
    made = browser("odhal")
    logins.forget(ODHAL.id)
    response = made.post(url, {"title": "Typed with care"})
    assert response.status_code == 403 and "You are not signed in" in body(response)


# Fifteen minutes, twelve hours (T-A-13).


@pytest.mark.parametrize(("away", "stays"), [(15 * MINUTE - SECOND, True), (15 * MINUTE, False), (-2 * MINUTE, False)])
def test_whoever_is_away_for_fifteen_minutes_is_signed_out(
    browser: Browser, clock: SetClock, away: int, stays: bool
) -> None:
    made = browser()
    clock.advance(away)
    assert is_in(made) is stays
    assert is_in(made) is stays


def test_whoever_works_stays_for_twelve_hours_and_no_longer(browser: Browser, clock: SetClock) -> None:
    made, worked = browser(), 0
    while is_in(made):
        clock.advance(10 * MINUTE)
        worked += 10 * MINUTE
    assert worked == 12 * HOUR


def test_what_is_not_for_the_signed_in_keeps_nobody_signed_in(browser: Browser, clock: SetClock) -> None:
    """Only requests with the token count: another browser's do not."""
    made, other = browser(), browser("vessin")
    for _ in range(3):
        clock.advance(6 * MINUTE)
        assert is_in(other)
    assert not is_in(made)


def test_what_was_typed_before_a_long_absence_is_shown(browser: Browser, clock: SetClock) -> None:
    made = browser()
    clock.advance(16 * MINUTE)
    response = made.post("/tasks/add", {"title": "Typed before lunch", "compartment": "north"})
    assert response.status_code == 403
    assert "Typed before lunch" in body(response) and "were away for too long" in body(response)


# Lock-outs that end (T-A-09).


def test_five_wrong_tries_lock_a_name_at_an_address_for_fifteen_minutes(browser: Browser, clock: SetClock) -> None:
    enrolled("odhal"), enrolled("vessin")
    for _ in range(5):
        assert "The name or the password is wrong." in body(come_in(browser(None), password=ANOTHER))
    made = browser(None)
    locked = come_in(made)
    assert locked.status_code == 422 and LOCKED in body(locked) and "Wait 15 minutes" in body(locked)
    assert not is_in(made)
    # Who it really is enters from elsewhere, and others from here.
    assert come_in(browser(None), address="192.0.2.9").status_code == 302
    assert come_in(browser(None), "vessin").status_code == 302
    clock.advance(15 * MINUTE - SECOND)
    assert come_in(browser(None)).status_code == 422
    clock.advance(SECOND)
    assert come_in(browser(None)).status_code == 302


def test_one_password_tried_with_many_names_locks_the_address(browser: Browser) -> None:
    enrolled("odhal")
    for number in range(logins.MOST_FROM_ADDRESS):
        assert LOCKED not in body(come_in(browser(None), f"name{number}", PASSWORD))
    assert LOCKED in body(come_in(browser(None)))
    assert come_in(browser(None), address="192.0.2.9").status_code == 302


def test_control_four_wrong_tries_lock_nobody(browser: Browser) -> None:
    enrolled("odhal")
    for _ in range(3):
        for _ in range(4):
            come_in(browser(None), password=ANOTHER)
        assert come_in(browser(None)).status_code == 302


def test_a_name_that_nobody_has_is_locked_in_the_same_words(browser: Browser) -> None:
    """Or the lock would say who is here."""
    enrolled("odhal")
    pages = []
    for name in ("odhal", "adhol"):
        for _ in range(5):
            come_in(browser(None), name, ANOTHER)
        pages.append(come_in(browser(None), name, ANOTHER))
    assert said(pages[0]) == said(pages[1]) and len(pages[0].content) == len(pages[1].content)


def test_no_header_says_from_where_somebody_comes(browser: Browser) -> None:
    """Whoever may choose his address may try for ever."""
    enrolled("odhal")
    for number in range(6):
        made = browser(None)
        told = {"name": "odhal", "password": ANOTHER if number < 5 else PASSWORD}
        made.post(
            DOOR, told, headers={"x-forwarded-for": f"198.51.100.{number}", "forwarded": f"for=198.51.100.{number}"}
        )
    assert not is_in(made)


def test_wrong_passwords_of_somebody_signed_in_are_counted_too(browser: Browser) -> None:
    enrolled("odhal")
    made = browser(None)
    come_in(made)
    for _ in range(5):
        made.post("/password", {"old": ANOTHER, "password": "another long one"})
    response = made.post("/password", {"old": PASSWORD, "password": "another long one"})
    assert response.status_code == 422 and LOCKED in body(response)
    assert is_in(made)


# The person of a request.


def test_a_session_of_somebody_without_a_record_is_nobody_special(node: Node, browser: Browser) -> None:
    made = browser(None)
    made.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(UUID(int=7)).token
    assert "not known here" in body(made.get("/password"))


def test_the_page_of_the_password_names_the_log_in(browser: Browser) -> None:
    enrolled("odhal")
    made = browser(None)
    come_in(made)
    assert "Your log-in name on this machine is odhal." in body(made.get("/password"))
    assert persona("odhal").name in body(made.get("/password"))
