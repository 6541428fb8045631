"""Is it you? Asked again before what is dangerous (T-A-18); what was typed goes on through the asking."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple
from uuid import UUID

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
from ulinzi.accounts import local, logins, queries
from ulinzi.accounts.rules import DANGEROUS, Role
from ulinzi.config.urls import urlpatterns
from ulinzi.desk import queries as desk
from ulinzi.kernel.clock import MINUTE, SECOND, SetClock
from ulinzi.ledger import node
from ulinzi.web import deeds, routes

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
    "decide_erasure",
    "rename_person",
    "ask_grant",
    "decide_grant",
    "end_grant",
    "person_left",
    "issue_code",
    "confirm_code",
    "withdraw",
)


ERASING = {"what": "words", "basis": BASIS.strip(), "sure": "on"}


def newest_asked(task: UUID) -> str:
    return str(desk.erasures_about(task, queries.rights_of(RENSA.id))[0]["id"])


@pytest.fixture(params=DANGEROUS_ADDRESSES)
def deed(request: pytest.FixtureRequest, made: Client, browser: Browser) -> Deed:
    who = VESSIN.id
    if request.param == "erase":
        return Deed(f"/tasks/{add('Erase me')}/erase", ERASING)
    if request.param == "decide_erasure":
        task = add("Erase me")
        browser("rensa").post(f"/tasks/{task}/erase", ERASING)
        return Deed(f"/tasks/{task}/erase/decide", {"asked": newest_asked(task), "decision": "confirmed"})
    if request.param == "rename_person":
        return Deed(f"/people/{who}/rename", {"name": "Tomas V. Okra"})
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
    assert made.post("/people/add", {"name": "Bela Ostin", "body": "partner"}).status_code == 302


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
    assert asked == {*DANGEROUS_ADDRESSES, "erase_name", "decide_name"}


def test_the_page_to_erase_can_be_read_without_a_proof(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    task = add("Still here")
    assert "Erase for ever" in body(made.get(f"/tasks/{task}/erase", {"proof": "x"}))
    assert desk.task(task, reader("north")).title == "Still here"


# What is about to be done stands in words beside the password.

TAKEN = "Another person here has this name."


def asked_of(made: Client, url: str, told: dict[str, str]) -> str:
    """What the page says that is about to be done, without its markup."""
    response = made.post(url, told)
    assert response.status_code == 403
    deed = body(response).split('id="deed">')
    return unescape(re.sub("<[^>]*>", "", deed[1].split("</div>")[0])) if len(deed) > 1 else ""


SAID = {
    "erase": "Ask for the words of task BEN-1 to be erased, for ever.",
    "decide_erasure": "Erase the words of task BEN-1, for ever.",
    "rename_person": "Change the name shown from Tomas Vessin to Tomas V. Okra.",
    "ask_grant": "Ask for a role for Tomas Vessin: joint protection team leader, North office, Belavi.",
    "decide_grant": "Confirm a role of Tomas Vessin: joint protection team leader, North office, Belavi.",
    "end_grant": "End a role of Tomas Vessin: ",
    "person_left": "End every role of Tomas Vessin.",
    "issue_code": "Ask for a one-time code for Tomas Vessin, to sign in on this machine.",
    "confirm_code": "Confirm a one-time code for Tomas Vessin, and see it.",
    "withdraw": "Sign Tomas Vessin out everywhere on this machine and take the password away.",
}


def test_the_page_says_what_is_about_to_be_done(
    made: Client, deed: Deed, clock: SetClock, request: pytest.FixtureRequest
) -> None:
    clock.advance(6 * MINUTE)
    said = asked_of(made, deed.url, deed.told)
    assert said.startswith("You are about to do this:") and SAID[request.node.callspec.params["deed"]] in said
    assert SAID[request.node.callspec.params["deed"]] in asked_of(made, deed.url, {**deed.told, "proof": WRONG})


def test_every_dangerous_address_has_its_sentence() -> None:
    """Asked from the list of addresses, so that a new one is not left with the general words."""
    dangerous = {str(one.name) for one in urlpatterns if routes.ACTS.get(str(one.name)) in DANGEROUS}
    assert set(deeds._DEEDS) == dangerous == {*SAID, "erase_name", "decide_name"}


@pytest.mark.parametrize(
    ("url", "told", "said"),
    [
        ("/people/{who}/erase", {}, "Ask for the name of Tomas Vessin to be erased, for ever."),
        ("/tasks/{task}/erase", {"what": "task"}, "Ask for task BEN-1 to be erased whole, for ever."),
        ("/grants/{waiting}/decide", {"decision": "refused"}, "Refuse a role to Tomas Vessin: joint protection team"),
        ("/grants/{waiting}/end", {"reason": REASON}, "Withdraw the request for a role of Tomas Vessin: joint"),
        ("/people/{who}/grants", {"role": "king\u202e", "place": "*"}, "king[U+202E], the whole mission."),
        ("/people/{who}/rename", {"name": "Lioba  RENSA "}, f"to Lioba  RENSA.{TAKEN}"),
        ("/people/{who}/rename", {"name": "<b>%(x)s"}, "Tomas Vessin to <b>%(x)s."),
    ],
)
def test_what_was_chosen_decides_what_is_said(
    made: Client, browser: Browser, clock: SetClock, url: str, told: dict[str, str], said: str
) -> None:
    task = add("Erase me")
    browser("rensa").post(f"/people/{VESSIN.id}/grants", LEADER)
    clock.advance(6 * MINUTE)
    assert said in asked_of(made, url.format(who=VESSIN.id, task=task, waiting=newest(VESSIN.id)), told)


def test_a_free_name_is_not_said_to_be_taken(made: Client, clock: SetClock) -> None:
    clock.advance(6 * MINUTE)
    for name in ("Bela Ostin", VESSIN.name, ""):
        assert TAKEN not in asked_of(made, f"/people/{VESSIN.id}/rename", {"name": name})


@pytest.mark.access
def test_the_page_names_nobody_whom_one_may_not_know(browser: Browser, clock: SetClock) -> None:
    """Asked for the password or not: of somebody elsewhere the page says as little as of nobody."""
    add_one("solenne", (Role.HEAD_OF_OFFICE, "north"))
    south = add_one("tirel", (Role.TEAM_LEADER, "south"))
    north = add_one("brahane", (Role.TEAM_LEADER, "north"))
    made = browser("solenne")
    grants = {one: str(newest(one.id)) for one in (south, north)}
    clock.advance(6 * MINUTE)
    for verb, told in (("left", {"reason": REASON}), ("code/confirm", {})):
        assert asked_of(made, f"/people/{south.id}/{verb}", told) == ""
        assert north.name in asked_of(made, f"/people/{north.id}/{verb}", told)  # control
    for verb, told in (("end", {"reason": REASON}), ("decide", {"decision": "confirmed"})):
        assert asked_of(made, f"/grants/{grants[south]}/{verb}", told) == ""
        assert north.name in asked_of(made, f"/grants/{grants[north]}/{verb}", told)  # control
    assert asked_of(made, f"/people/{UUID(int=9)}/left", {"reason": REASON}) == ""
