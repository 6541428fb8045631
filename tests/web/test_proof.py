"""Is it you? Asked again before what is dangerous (T-A-18); what was typed goes on through the asking."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.nodes import reader
from tests.web.conftest import HELD, PASSWORD, SIX, Browser, add_one, enrolled, entries, persona
from tests.web.test_board import add, body
from tests.web.test_people import LEADER, held, newest
from tests.web.test_sign import LOCKED
from ulinzi.accounts import local, logins
from ulinzi.accounts.rules import DANGEROUS
from ulinzi.config.urls import urlpatterns
from ulinzi.desk import queries as desk
from ulinzi.kernel.clock import MINUTE, SECOND, SetClock
from ulinzi.ledger import node
from ulinzi.web import routes

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("cheap")]

VESSIN, RENSA = SIX[1], SIX[5]
WRONG = "goats cross the river"
# Words that a form must carry through unchanged.
REASON = 'Asked by "her" <family> & friends'
BASIS = "\nAsked by the person,\r\nin two lines </textarea><b>"


class Deed(NamedTuple):
    """Something dangerous, as a form sends it, and whether it has been done."""

    url: str
    told: dict[str, str]
    status: int = 302


class Carried(HTMLParser):
    """The fields of the form that asks, as a browser would send them again."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.name: str | None = None
        self.feed(page.split("<main")[1].split("</main>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "textarea":
            self.name, self.text = told["name"] or "", ""

    def handle_data(self, data: str) -> None:
        if self.name is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.name is not None:
            self.fields.append((self.name, self.text.removeprefix("\n")))
            self.name = None


def carried(response: HttpResponse) -> dict[str, str]:
    return dict(Carried(body(response)).fields)


@pytest.fixture
def made(browser: Browser) -> Client:
    """Odhal, signed in with a password; Vessin has one too."""
    enrolled("odhal"), enrolled("vessin", WRONG)
    client = browser(None)
    assert client.post("/sign-in", {"name": "odhal", "password": PASSWORD}).status_code == 302
    return client


DANGEROUS_ADDRESSES = (
    "erase",
    "ask_grant",
    "decide_grant",
    "end_grant",
    "person_left",
    "issue_code",
    "confirm_code",
    "withdraw",
)


@pytest.fixture(params=DANGEROUS_ADDRESSES)
def deed(request: pytest.FixtureRequest, made: Client, browser: Browser) -> Deed:
    who = VESSIN.id
    if request.param == "erase":
        told = {"what": "words", "basis": BASIS.strip(), "second": str(RENSA.id), "sure": "on"}
        return Deed(f"/tasks/{add('Erase me')}/erase", told)
    if request.param == "ask_grant":
        return Deed(f"/people/{who}/grants", LEADER)
    if request.param == "decide_grant":
        browser("rensa").post(f"/people/{who}/grants", LEADER)
        return Deed(f"/grants/{newest(who)}/decide", {"decision": "confirmed"})
    if request.param == "end_grant":
        return Deed(f"/grants/{newest(who)}/end", {"reason": REASON})
    if request.param == "person_left":
        return Deed(f"/people/{who}/left", {"reason": REASON})
    if request.param == "confirm_code":
        browser("rensa").post(f"/people/{who}/code")
        return Deed(f"/people/{who}/code/confirm", {}, 200)
    return Deed(f"/people/{who}/{'code' if request.param == 'issue_code' else request.param}", {})


def traces(made: Client) -> tuple[int, object, object]:
    """What a deed leaves behind: entries, a log-in, a code. Nothing of it may be there before the proof."""
    codes = local.rows(node.current(), "SELECT person FROM asked UNION ALL SELECT hash FROM code ORDER BY 1")
    return entries(), logins.login_name(VESSIN.id), codes


def token(made: Client) -> str:
    return made.cookies[settings.SIGNED_IN_COOKIE].value


def test_after_five_minutes_the_password_is_asked_for_and_nothing_is_lost(
    made: Client, deed: Deed, clock: SetClock
) -> None:
    clock.advance(6 * MINUTE)
    before, held_before = traces(made), token(made)

    asked = made.post(deed.url, deed.told)
    assert asked.status_code == 403 and "Is it you?" in body(asked)
    assert carried(asked) == deed.told and traces(made) == before

    wrong = made.post(deed.url, {**carried(asked), "proof": WRONG})
    assert wrong.status_code == 403 and "The password is wrong." in body(wrong)
    assert carried(wrong) == deed.told and traces(made) == before and token(made) == held_before
    assert WRONG not in body(wrong)

    done = made.post(deed.url, {**carried(wrong), "proof": PASSWORD})
    assert done.status_code == deed.status and traces(made) != before
    assert PASSWORD not in body(done)
    # The token has rotated: one that was looked at before is worth nothing.
    assert token(made) != held_before and made.get("/tasks").status_code == 200
    old = Client(SERVER_NAME="localhost")
    old.cookies[settings.SIGNED_IN_COOKIE] = held_before
    assert old.get("/tasks").status_code == 302


def test_control_within_five_minutes_nothing_is_asked(made: Client, deed: Deed, clock: SetClock) -> None:
    clock.advance(5 * MINUTE)
    before, held_before = traces(made), token(made)
    done = made.post(deed.url, deed.told)
    assert done.status_code == deed.status and traces(made) != before
    assert token(made) == held_before


def test_a_proof_holds_for_five_minutes_and_for_every_deed(made: Client, clock: SetClock) -> None:
    url = f"/people/{VESSIN.id}/code"
    clock.advance(6 * MINUTE)
    assert made.post(url).status_code == 403
    assert made.post(url, {"proof": PASSWORD}).status_code == 302
    clock.advance(5 * MINUTE)
    assert made.post(url).status_code == 302
    clock.advance(SECOND)
    assert made.post(url).status_code == 403


def test_looking_at_a_page_is_no_proof(made: Client, clock: SetClock) -> None:
    for _ in range(3):
        clock.advance(2 * MINUTE)
        assert made.get(f"/people/{VESSIN.id}").status_code == 200
    assert made.post(f"/people/{VESSIN.id}/code").status_code == 403


def test_what_is_not_dangerous_is_not_held_up(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    assert made.post("/tasks/add", {"title": "x", "compartment": "north"}).status_code == 302
    assert made.post(f"/people/{VESSIN.id}/rename", {"name": "Tomas V."}).status_code == 302


@pytest.mark.parametrize("basis", [BASIS, "\n\n two lines first", "\u202eturned", "&lt;b&gt; %(x)s {{ y }}"])
def test_words_go_through_the_asking_as_they_were(made: Client, clock: SetClock, basis: str) -> None:
    clock.advance(6 * MINUTE)
    told = {"what": "words", "basis": basis, "second": str(RENSA.id)}
    asked = made.post(f"/tasks/{add('Erase me')}/erase", told)
    # A browser sends every line end as two signs, and a page holds it as one.
    assert {name: value.replace("\r\n", "\n") for name, value in carried(asked).items()} == {
        **told,
        "basis": basis.replace("\r\n", "\n"),
    }
    assert "</textarea><b>" not in body(asked)


def test_a_field_that_is_sent_twice_goes_through_twice(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    asked = made.post(f"/people/{VESSIN.id}/grants", {"role": ["team_leader", "women_adviser"], "place": "north"})
    found = Carried(body(asked)).fields
    assert found == [("role", "team_leader"), ("role", "women_adviser"), ("place", "north")]


def test_a_wrong_form_after_the_right_password_still_has_the_new_token(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    before = token(made)
    response = made.post(f"/people/{VESSIN.id}/grants", {"role": "king", "place": "north", "proof": PASSWORD})
    assert response.status_code == 422 and token(made) != before
    assert made.get("/tasks").status_code == 200


def test_a_wrong_password_is_wrong_however_fresh_the_proof_is(made: Client) -> None:
    """What is typed is looked at, or the field would be a place to guess for nothing."""
    response = made.post(f"/people/{VESSIN.id}/code", {"proof": WRONG})
    assert response.status_code == 403 and "The password is wrong." in body(response)


def test_five_wrong_proofs_lock_and_the_session_stays(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    url, before = f"/people/{VESSIN.id}/left", entries()
    for _ in range(5):
        made.post(url, {"reason": REASON, "proof": WRONG})
    locked = made.post(url, {"reason": REASON, "proof": PASSWORD})
    assert locked.status_code == 403 and LOCKED in body(locked)
    assert carried(locked) == {"reason": REASON} and entries() == before
    assert made.get("/tasks").status_code == 200
    clock.advance(14 * MINUTE)
    made.get("/tasks")
    clock.advance(MINUTE)
    assert made.post(url, {"reason": REASON, "proof": PASSWORD}).status_code == 302


@pytest.mark.parametrize("proof", ["", " ", "-", f" {PASSWORD}", PASSWORD.upper()])
def test_nothing_but_the_password_is_a_proof(made: Client, clock: SetClock, proof: str) -> None:
    clock.advance(6 * MINUTE)
    before = entries()
    assert made.post(f"/people/{VESSIN.id}/left", {"reason": REASON, "proof": proof}).status_code == 403
    assert entries() == before


def test_the_password_of_somebody_else_is_no_proof(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    assert made.post(f"/people/{VESSIN.id}/code", {"proof": WRONG}).status_code == 403


def test_whoever_has_no_password_here_has_no_proof(browser: Browser, clock: SetClock) -> None:
    """Only in the demonstration are people without one; the control is there."""
    made = browser("rensa")
    clock.advance(6 * MINUTE)
    for proof in ("", "-", PASSWORD):
        assert made.post(f"/people/{VESSIN.id}/code", {"proof": proof}).status_code == 403


def test_invented_people_are_asked_and_go_on(
    browser: Browser, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "DEMO", True)
    made = browser("rensa")
    clock.advance(6 * MINUTE)
    asked = made.post(f"/people/{VESSIN.id}/left", {"reason": REASON})
    assert asked.status_code == 403 and "Invented people have no password" in body(asked)
    assert made.post(f"/people/{VESSIN.id}/left", {**carried(asked), "proof": "-"}).status_code == 302
    assert held(VESSIN.id) == []


def test_whose_role_it_is_not_is_not_asked_for_a_password(browser: Browser, clock: SetClock) -> None:
    """Refused is refused: the page that asks would say that there is something to be had."""
    add_one("solenne", (HELD[0][0], "north"))
    made = browser("solenne")
    clock.advance(6 * MINUTE)
    response = made.post(f"/people/{VESSIN.id}/code", {"proof": PASSWORD})
    assert response.status_code == 403 and "Your role does not do this." in body(response)


def test_every_dangerous_address_asks(made: Client, clock: SetClock) -> None:
    """From the list of addresses, so that a new one is not forgotten."""
    clock.advance(6 * MINUTE)
    before, asked = entries(), set()
    for one in urlpatterns:
        if routes.ACTS.get(str(one.name)) in DANGEROUS:
            kwargs = {name: persona("vessin").id for name in one.pattern.converters}
            response = made.post(reverse(str(one.name), kwargs=kwargs))
            assert response.status_code == 403 and "Is it you?" in body(response), one.name
            asked.add(one.name)
    assert entries() == before
    assert asked == {*DANGEROUS_ADDRESSES, "erase_name"}


def test_the_page_to_erase_can_be_read_without_a_proof(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    task = add("Still here")
    assert "Erase for ever" in body(made.get(f"/tasks/{task}/erase", {"proof": "x"}))
    assert desk.task(task, reader("north")).title == "Still here"
