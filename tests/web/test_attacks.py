"""Attacks on pages that ask, search, sort and keep: by somebody inside, by who sits down next, by what was typed."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.utils.safestring import SafeString

from tests.nodes import Nodes, person
from tests.web.conftest import PASSWORD, Browser, add_one, bring_six, enrolled, entries, persona, signed_in
from tests.web.test_board import ANA, body
from tests.web.test_live import look, since
from ulinzi.accounts import actions as people
from ulinzi.accounts import local
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import EVERYWHERE, HOME, Role
from ulinzi.accounts.sessions import PROOF_HOLDS
from ulinzi.desk import actions
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.folding import folded
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions as areas
from ulinzi.web import plain, session


def visitor(code: str, *held: tuple[Role, str]) -> Client:
    add_one(code, *held)
    return signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), code)


# What the number of a live page tells, and to whom (T-A-05).


def numbers(made: Client) -> list[str]:
    """Before and after somebody writes in the north."""
    before = made.get("/tick").json()["since"]
    actions.add_task(compartment="north", by=ANA, title="Of the north")
    return [before, made.get("/tick").json()["since"]]


SILENT = [(Role.PARTNER, "north"), (Role.PARTNER, EVERYWHERE), (Role.WATCH_OFFICER, "south"), None]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("held", SILENT, ids=str)
def test_how_often_a_province_is_written_to_is_for_those_who_do_something_there(
    node: Node, held: tuple[Role, str] | None
) -> None:
    """How many alerts come in at night is what a watcher would like to know; a role without any act is told nothing."""
    before, after = numbers(visitor("odhal", *([held] if held else [])))
    assert before == after


@pytest.mark.sqlite_only
@pytest.mark.parametrize("held", [(Role.WATCH_OFFICER, "north"), (Role.LEADERSHIP, EVERYWHERE)], ids=str)
def test_control_whoever_does_something_there_is_told(node: Node, held: tuple[Role, str]) -> None:
    before, after = numbers(visitor("odhal", held))
    assert before != after


@pytest.mark.sqlite_only
def test_a_partner_is_not_told_how_often_people_change_either(node: Node) -> None:
    made = visitor("odhal", (Role.PARTNER, EVERYWHERE))
    before = made.get("/tick").json()["since"]
    add_one("vessin", (Role.WATCH_OFFICER, "north"))
    assert ledger.moved([HOME]) > 0 and made.get("/tick").json()["since"] == before


@pytest.mark.sqlite_only
def test_a_page_carries_for_whom_it_was_made_and_names_nobody(node: Node) -> None:
    """So that it goes when another sits down, or when a right has ended (T-A-12)."""
    two = [visitor(code, (Role.WATCH_OFFICER, "north")) for code in ("odhal", "vessin")]
    told = [since(body(made.get("/tasks"))).split(".") for made in two]
    assert told[0][0] != told[1][0] and told[0][1:] == told[1][1:]
    assert persona("odhal").id.hex[:8] not in ".".join(told[0])
    with accounts.at_console(person("console")):
        people.leave(persona("odhal").id, by=person("console"), reason="end of rotation")
    now = two[0].get("/tick").json()["since"].split(".")
    assert now[0] == told[0][0] and now[1] != told[0][1]


@pytest.mark.sqlite_only
def test_an_answer_to_a_form_says_whose_it_is_and_no_number(browser: Browser) -> None:
    """What stood there before is not known to have moved; and a page without a number is not loaded anew."""
    made = browser()
    page = since(body(made.post("/tasks/add", {"title": ""})))
    asked = made.get("/tick", {"since": page})
    assert page.endswith(".") and asked.json()["since"].startswith(page)


def test_it_says_nothing_by_where_it_was_asked_from(browser: Browser) -> None:
    """Another number, a long one, a strange one: the answer is the same."""
    made = browser()
    told = {made.get("/tick", {"since": one}).content for one in ("", "1", "\x00", "9" * 5000, "';--")}
    assert len(told) == 1 and look(made, made.get("/tick").json()["since"]) == 204


# What is left of one person for the next (T-A-12, T-A-13).


@pytest.mark.parametrize(
    ("asked", "goes_on_at"),
    [
        ("/search?q=Hodan+of+Telwa", "/search"),
        ("/tasks/table?q=Hodan&sort=-due&only=late", "/tasks/table?sort=-due&only=late"),
        ("/tasks/table?q=", "/tasks/table?q="),
        ("/tasks/table?sort=-due", "/tasks/table?sort=-due"),
    ],
)
def test_what_was_looked_for_is_not_in_the_address_of_the_sign_in_page(
    browser: Browser, asked: str, goes_on_at: str
) -> None:
    """It stands there until somebody comes, above an empty desk."""
    assert browser(None).get(asked).headers["Location"] == session.with_next("/sign-in", goes_on_at)


def test_no_words_stand_in_the_title_of_a_page(browser: Browser) -> None:
    """Browsers write titles into their history, where they stay when whoever read the page has left."""
    made, task = browser(), actions.add_task(compartment="north", by=ANA, title="Hodan saw the trucks")
    for url in (f"/tasks/{task}", "/search?q=Hodan", "/tasks/table?q=Hodan"):
        assert "Hodan" not in body(made.get(url)).partition("</title>")[0]


def test_a_view_of_another_is_neither_shown_nor_replaced_nor_deleted(browser: Browser) -> None:
    mine, other = browser("odhal"), browser("vessin")
    mine.post("/tasks/table/save", {"name": "Mine", "query": "q=Hodan", "usual": "on"})
    other.post("/tasks/table/drop", {"name": "Mine"})
    other.post("/tasks/table/save", {"name": "Mine", "query": "q=else"})
    assert "Hodan" not in body(other.get("/tasks/table", {"sort": "due"}))
    assert mine.get("/tasks/table").headers["Location"].startswith("/tasks/table?q=Hodan")


@pytest.mark.parametrize(
    "query", ["//elsewhere.example", "next=//elsewhere.example", "\r\nLocation: x", "q=%0d%0aX: y"]
)
def test_a_kept_view_leads_nowhere_else(browser: Browser, query: str) -> None:
    made = browser()
    for name in ("save", "drop"):
        sent = made.post(f"/tasks/table/{name}", {"name": "One", "query": query})
        assert sent.headers["Location"].startswith("/tasks/table?") and "\n" not in sent.headers["Location"]


def come_in(made: Client, code: str) -> None:
    """As a person does, by the form of the page."""
    page = token(made, "/sign-in")
    sent = made.post("/sign-in", {"name": code, "password": PASSWORD, "csrfmiddlewaretoken": page})
    assert sent.status_code == 302


def token(made: Client, url: str) -> str:
    return body(made.get(url)).partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


@pytest.fixture
def shared(browser: Browser, cheap: None) -> tuple[Client, str]:
    """A machine that several people use, and a form that the first of them left open."""
    made = browser(None, csrf=True)
    for code in ("odhal", "vessin"):
        enrolled(code)
    come_in(made, "odhal")
    return made, token(made, "/tasks")


def write(made: Client, left_open: str) -> int:
    told = {"title": "Half a sentence", "compartment": "north", "urgency": "soon", "csrfmiddlewaretoken": left_open}
    status: int = made.post("/tasks/add", told).status_code
    return status


def test_a_form_that_one_person_left_open_is_not_sent_in_the_name_of_the_next(shared: tuple[Client, str]) -> None:
    """Without any script too: what stands in the ledger under a name was sent by whoever bears it (T-A-11)."""
    made, left_open = shared
    made.post("/sign-out", {"csrfmiddlewaretoken": left_open})
    come_in(made, "vessin")
    before = entries()
    assert write(made, left_open) == 403 and entries() == before


def test_control_whoever_comes_back_sends_what_they_left_open(shared: tuple[Client, str]) -> None:
    made, left_open = shared
    made.post("/sign-out", {"csrfmiddlewaretoken": left_open})
    come_in(made, "odhal")
    assert write(made, left_open) == 302


def test_control_a_secret_that_is_nobodys_would_let_it_through(
    shared: tuple[Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, left_open = shared
    monkeypatch.setattr(session, "forms_of", lambda request, person: None)
    come_in(made, "vessin")
    assert write(made, left_open) == 302


# What was typed stays words (T-B-01, T-B-10).

PAYLOADS = (
    '"><img src=x onerror=alert(1)>',
    "' hx-get=//elsewhere.example hx-trigger=load data-x='",
    '" data-key="t" data-opens="keys" autofocus="',
    "</textarea></title><script>alert(1)</script>",
    "{{ person }}{% csrf_token %}${7*7}",
    "</bdi><form id=keys name=body action=//elsewhere.example>",
    "<svg><style>*{display:none}</style>",
    "<!--><p data-live hx-get=/x hx-swap-oob=true id=strips>",
)


class Skeleton(HTMLParser):
    """The elements of a page with the names of their attributes: all that words must not be able to change."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, *sorted(name for name, _value in attrs)))


class Placed:
    """The same things with other words in them, and every page on which they stand."""

    def __init__(self, said: str) -> None:
        self.area = areas.add_area(compartment="north", code=said[:40], by=ANA, name=said, kind="area")
        told = {"title": said, "detail": said, "area": self.area, "urgency": "now", "due_at": 1}
        self.task = actions.add_task(compartment="north", by=ANA, **told)
        self.person = people.add_person(by=ANA, name=said, body="mission_civilian")
        self.team = people.add_team(by=ANA, name=said, place="north")

    @property
    def pages(self) -> list[str]:
        about = [f"/tasks/{self.task}", f"/tasks/{self.task}/edit", f"/areas/{self.area}", f"/teams/{self.team}"]
        lists = ["/desk", "/tasks", "/tasks/table", "/tasks/trends", "/people", "/system"]
        return [*lists, *about, f"/people/{self.person}"]


def skeletons(nodes: Nodes, said: str) -> dict[str, list[tuple[str, ...]]]:
    """Of a house of its own, in which these are the only words, and stand first wherever names are sorted."""
    said = f"Aa {said}"
    with nodes.make().use() as here:
        bring_six()
        made = signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), "odhal")
        placed = Placed(said)
        made.post("/tasks/table/save", {"name": said[:60], "query": "sort=due"})
        found = {re.sub(r"[0-9a-f-]{36}", "*", url): body(made.get(url)) for url in placed.pages}
        found |= {url: body(made.get(url, {"q": said})) for url in ("/search", "/tasks/table?q=")}
        here.clock.advance(PROOF_HOLDS + MINUTE)  # type: ignore[attr-defined]
        erase = {"what": "words", "basis": said, said: said}
        found |= {"prove": body(made.post(f"/tasks/{placed.task}/erase", erase))}
        found |= {"rename": body(made.post(f"/people/{placed.person}/rename", {"name": said}))}
    local.close()
    return {url: Skeleton(page).found for url, page in found.items()}


@pytest.mark.sqlite_only
def test_words_become_neither_elements_nor_attributes(nodes: Nodes) -> None:
    """So nothing that a page fetches, swaps in, or presses by a key comes from what somebody wrote."""
    harmless = skeletons(nodes, "Hodan of Telwa asks for somebody")
    assert len(harmless) == 15 and all(len(found) > 20 for found in harmless.values())
    for payload in PAYLOADS:
        for url, found in skeletons(nodes, payload).items():
            assert found == harmless[url], (url, payload)


@pytest.mark.sqlite_only
def test_control_a_filter_that_lets_markup_through_is_noticed(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "visible", lambda text: SafeString(text))
    told = [skeletons(nodes, one) for one in ("Hodan of Telwa", PAYLOADS[0])]
    assert {url for url in told[0] if told[0][url] != told[1][url]} >= {"/desk", "/tasks", "/search"}


# Ways in that nobody meant (T-A-17).


@pytest.mark.parametrize("path", ["web/live.js.map", "web/vendor/htmx.js.map", "web/..%2flive.js", "web/live.js/"])
def test_there_is_no_file_but_those_that_are_served(browser: Browser, path: str) -> None:
    assert browser(None).get(f"/static/{path}").status_code == 404


def test_the_version_of_a_file_is_no_way_to_another(browser: Browser) -> None:
    made = browser(None)
    found = [b"".join(made.get("/static/web/live.js", {"v": one})) for one in ("x", "../../../../node.key")]
    assert found[0] == found[1] and found[0].startswith(b"// ")


@pytest.mark.parametrize(
    "header", ["::ffff:127.0.0.1%lo", "127.0.0.1:80", "localhost", "0.0.0.0", "::ffff:10.0.0.1", ""]
)
def test_what_is_not_plainly_this_machine_gets_no_figures(browser: Browser, header: str) -> None:
    assert browser(None).get("/metrics", REMOTE_ADDR=header).status_code == 404


@pytest.mark.parametrize(
    "code", ["fr-x-own", "FR-X-OWN", "fr-x-evil", "../../etc-x-own", "x" * 4000, "-x-own", "fr\x00"]
)
def test_a_language_cookie_that_somebody_made_is_a_language_or_nothing(browser: Browser, code: str) -> None:
    made = browser()
    made.cookies[settings.LANGUAGE_COOKIE_NAME] = code
    page = made.get("/tasks")
    assert page.status_code == 200 and re.search(r'<html lang="(fr|en)"', body(page))


@pytest.mark.parametrize("typed", ["\x00", "Hodan\x00Telwa", "%", "_", "!", "\\", "\x1f", "ﷺ" * 100, "\u0130" * 100])
def test_no_sign_stops_a_search_or_a_table(browser: Browser, typed: str) -> None:
    """A view that asks for it may be somebody's usual one: their table would never open again. U+0000 did that."""
    made = browser()
    actions.add_task(compartment="north", by=ANA, title="Hodan Telwa")
    assert made.get("/search", {"q": typed}).status_code == 200
    made.post("/tasks/table/save", {"name": "One", "query": f"q={typed}", "usual": "on"})
    assert made.get("/tasks/table", follow=True).status_code == 200


def test_a_sign_that_is_in_no_record_parts_words() -> None:
    assert folded("Hodan\x00Telwa\x00") == "hodan telwa"
