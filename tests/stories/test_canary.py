"""The canary itself: what it would have found. Every story on the road ends with it; here things are planted for it.

Without these controls a search that finds nothing ever would look like a machine that leaks nothing.
"""

from __future__ import annotations

import gzip
import socket
from base64 import b64encode
from collections.abc import Callable
from functools import reduce
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories import canary, room
from tests.stories import road as roads
from tests.stories.canary import NAME, NUMBER, WORDS, Answers
from tests.stories.road import Road, answer, press
from ulinzi.accounts import local
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.node import Node

SIX = (("What happens", "Tension"), ("When", "not known"), ("Who", "civilians"), ("Still going on", "not known"))
ON_THE_ROAD = (pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.access)


def on_the_road(test: Callable[..., None]) -> Callable[..., None]:
    """The search alone needs no browser."""
    return reduce(lambda found, mark: mark(found), ON_THE_ROAD, test)


# The search.

PLANTED = {
    "as it is": f"called {NUMBER} at two",
    "as it is dialled at home": f"called 0{NUMBER[4:]} at two",
    "a name": f"by {NAME}.",
    "half a name": "the Karamasi family",
    "in an address": "/search?q=Wendo%20Karamasi",
    "in JSON": "passent le gu\\u00e9",
}


@pytest.mark.parametrize("told", PLANTED.values(), ids=list(PLANTED))
def test_control_what_is_planted_in_a_file_is_found(tmp_path: Path, told: str) -> None:
    deep = tmp_path / "gateway" / "anything.bin"
    deep.parent.mkdir()
    deep.write_bytes(b"\x00\xff" + told.encode() + b"\x00")
    assert list(canary.in_files(tmp_path)) == ["gateway/anything.bin"]


@pytest.mark.parametrize("start", range(3))
@pytest.mark.parametrize("sign", [NUMBER, WORDS])
def test_control_whatever_it_is_written_in_it_is_found(sign: str, start: int) -> None:
    whole = b"x" * start + sign.encode() + b" and more"
    for written in (b64encode(whole), whole.hex().encode(), sign.encode("utf-16"), sign.encode("utf-16-be")):
        assert canary.traces(written) != set()


def test_what_is_like_it_is_not_taken_for_it() -> None:
    assert canary.traces(b"+999712345678, Telwa, Maren Odhal, passent le pont, 734512") == set()


@pytest.mark.parametrize("packed", [False, True])
def test_control_an_answer_that_holds_it_is_found_in_head_and_body(packed: bool) -> None:
    found = Answers()
    body = gzip.compress(WORDS.encode()) if packed else WORDS.encode()
    heads = [("Content-Encoding", "gzip")] if packed else []
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/watch"}
    found.of(lambda environ, start: start("200 OK", heads) or [body])(asked, lambda *told: None)
    heads = [("Set-Cookie", f"said={NUMBER}")]
    found.of(lambda environ, start: start("200 OK", heads) or [b""])({**asked, "PATH_INFO": "/"}, lambda *told: None)
    assert (found.holding("words"), found.holding("number")) == (["GET /watch"], ["GET /"])


# The road.


def look_everywhere(page: Page, *others: str) -> None:
    """Every screen that the menu leads to, and what is looked for by name and number."""
    listed = page.locator("nav.nav a").evaluate_all("found => found.map(one => one.getAttribute('href'))")
    for address in (*listed, "/watch/table", "/who", *others):
        page.goto(address)
    for sign in ("Wendo", NUMBER[4:8]):
        page.goto("/search")
        page.get_by_role("searchbox").last.fill(sign)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


@on_the_road
def test_no_screen_but_that_of_the_message_holds_it(road: Road) -> None:
    """Nor does any file while it is waiting, read, called back and made into an alert: the fixture looks at the end."""
    maren = road.comes("odhal", "en-GB")
    ossan = road.comes("telwe", "fr-FR")
    road.writes(NUMBER, WORDS)
    road.rings(NUMBER)
    look_everywhere(maren)
    look_everywhere(ossan)
    assert road.answers.holding("words") == road.answers.holding("number") == []
    maren.goto("/inbox")
    maren.get_by_role("link", name="SMS, from somebody not known").click()
    expect(maren.locator("blockquote.raw")).to_have_text(WORDS)
    answer(maren, ("Where", "Telwa"), SIX)
    press(maren, "Raise an alert")
    look_everywhere(maren, maren.url)
    look_everywhere(ossan, maren.url)
    assert set(map(canary.MESSAGE_PAGE.fullmatch, road.answers.holding("words"))) != {None}


def planted(road: Road) -> Page:
    """Somebody writes a name and a number where none belongs."""
    maren = road.comes("odhal", "en-GB")
    road.writes(NUMBER, WORDS)
    maren.goto("/call")
    answer(maren, ("Where", "Telwa"), SIX)
    maren.get_by_label("In your words, if there is more to say").fill(f"{NAME}, {NUMBER}")
    press(maren, "Raise an alert")
    expect(maren.get_by_text(NAME).first).to_be_visible()
    road.pass_time(MINUTE)
    return maren


@on_the_road
def test_control_what_somebody_types_is_found_in_the_file_and_in_the_answers(
    node: Node, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A number in words is refused; were it not, it would be found.
    monkeypatch.setattr("ulinzi.reports.rules.holds_number", lambda text: False)
    with roads.opened(node, chromium, monkeypatch) as road:
        planted(road)
        files = {path.rpartition("/")[2]: kinds for path, kinds in canary.in_files(tmp_path).items()}
        assert {"number", "words"} in files.values() and any(one.startswith("main.sqlite3") for one in files)
        assert any(one.startswith("GET /alerts/") for one in road.answers.holding("number"))
        with pytest.raises(AssertionError):
            roads.check_nothing_is_left(road, tmp_path, printed="")
    local.close()


@on_the_road
def test_control_a_gateway_that_seals_nothing_is_found(
    node: Node, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with roads.opened(node, chromium, monkeypatch) as road:
        monkeypatch.setattr(road.gateway.store, "seal", lambda about, text: text.encode())
        monkeypatch.setattr(road.gateway.store, "unseal", lambda about, sealed: bytes(sealed).decode())
        road.gateway.add_phone(roads.phone("NORTH-1"))
        road.writes(NUMBER, WORDS)
        assert {path.rpartition("/")[2].partition("-")[0] for path in canary.in_files(tmp_path)} == {"gateway.sqlite3"}
    local.close()


def connects_elsewhere(road: Road) -> None:
    """A socket that is closed is asked in vain: nothing leaves this machine."""
    strange = socket.socket()
    strange.close()
    with pytest.raises(OSError):
        strange.connect(("192.0.2.1", 9))


def shown(asked: str) -> Callable[[Road], None]:
    return lambda road: road.answers.given.append(canary.Answer(asked, asked, NUMBER.encode()))


BREACHES: dict[str, Callable[[Road], None]] = {
    "a page that loads from elsewhere": lambda road: room.ANSWERED.append("https://elsewhere.example/x.js"),
    "a page that was answered by nobody whom we watch": lambda road: room.ANSWERED.append(f"{road.screens}/unseen"),
    "a connection to elsewhere": connects_elsewhere,
    "a number on a screen": shown("POST /inbox/00000000-0000-0000-0000-000000000000/dial"),
    "a number that is shown twice": lambda road: [shown("POST /duty")(road) for _ in range(2)] and None,
}


@on_the_road
@pytest.mark.parametrize("breach", BREACHES.values(), ids=list(BREACHES))
def test_control_each_way_out_is_watched(
    node: Node, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breach: Callable[[Road], None]
) -> None:
    with roads.opened(node, chromium, monkeypatch) as road:
        roads.check_nothing_is_left(road, tmp_path, printed="")
        breach(road)
        with pytest.raises(AssertionError):
            roads.check_nothing_is_left(road, tmp_path, printed="")
    local.close()


@on_the_road
def test_control_a_line_that_is_printed_is_looked_at(
    node: Node, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with roads.opened(node, chromium, monkeypatch) as road, pytest.raises(AssertionError):
        roads.check_nothing_is_left(road, tmp_path, printed=f"WARNING ulinzi no route to {NUMBER}")
    local.close()
