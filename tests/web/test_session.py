"""Who acts, in which language, in which light."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.nodes import person, reader
from tests.web.conftest import SIX, Browser, add_one
from tests.web.test_board import ONE, body
from ulinzi.desk import queries

pytestmark = pytest.mark.sqlite_only


def test_nothing_is_shown_before_somebody_is_signed_in(browser: Browser) -> None:
    response = browser(None).get("/system?a=1")
    assert (response.status_code, response.headers["Location"]) == (302, "/sign-in?next=%2Fsystem%3Fa%3D1")
    page = body(browser(None).get(response.headers["Location"]))
    assert not any(person.name in page for person in SIX)
    assert '<input type="hidden" name="next" value="/system?a=1">' in page


def test_control_whoever_is_signed_in_is_shown_the_page(browser: Browser) -> None:
    page = body(browser("rensa").get("/system?a=1"))
    assert "Lioba Rensa" in page


def test_what_nobody_signs_is_not_saved_and_not_lost(browser: Browser) -> None:
    response = browser(None).post("/tasks/add", {**ONE, "detail": "Typed with care"})
    assert response.status_code == 403 and "Typed with care" in body(response)
    assert "You are not signed in" in body(response)
    assert queries.open_tasks(reader("north")) == []


def test_a_reason_that_nobody_signs_is_not_lost_either(browser: Browser) -> None:
    response = browser(None).post(f"/people/{SIX[0].id}/left", {"reason": "Went home on Friday"})
    assert response.status_code == 403 and "Went home on Friday" in body(response)


@pytest.mark.parametrize("cookie", ["odhal", "odhal:1:x", "", "0" * 64, str(SIX[0].id), "\u00e9"])
def test_a_cookie_made_by_hand_is_nobody(browser: Browser, cookie: str) -> None:
    made = browser(None)
    made.cookies[settings.SIGNED_IN_COOKIE] = cookie
    assert made.get("/tasks").status_code == 302


def test_somebody_without_a_role_is_told_so(browser: Browser) -> None:
    made = browser(add_one("solenne").code)
    page = body(made.get("/", follow=True))
    assert "Nothing waits for you here." in page and "You hold no role yet." in page
    for url in ("/tasks", "/people", "/system"):
        response = made.get(url)
        assert response.status_code == 403 and "Your role does not do this." in body(response)


# The demonstration, where nothing is anybody's.


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", True)


def test_in_the_demonstration_whoever_sits_here_chooses_who_he_is(browser: Browser, demo: None) -> None:
    made = browser(None)
    response = made.get("/system?a=1")
    assert response.headers["Location"] == "/who?next=%2Fsystem%3Fa%3D1"
    page = body(made.get(response.headers["Location"]))
    assert all(person.name in page for person in SIX) and "everybody and every place is invented" in page
    chosen = made.post("/who", {"person": str(SIX[5].id), "next": "/system?a=1"})
    assert chosen.headers["Location"] == "/system?a=1"
    assert "Lioba Rensa" in body(made.get("/tasks"))


def test_the_demonstration_has_no_one_else(browser: Browser, demo: None) -> None:
    for wanted in ("nobody", "", str(person("stranger")), "odhal"):
        made = browser(None)
        assert made.post("/who", {"person": wanted}).status_code == 422
        assert made.get("/tasks").status_code == 302


@pytest.mark.parametrize("who", [None, "odhal"])
def test_outside_the_demonstration_there_is_no_such_page(browser: Browser, who: str | None) -> None:
    made = browser(who)
    assert made.get("/who").status_code == 404
    assert made.post("/who", {"person": str(SIX[5].id)}).status_code == 404
    assert "Lioba Rensa" not in body(made.get("/tasks"))


@pytest.mark.parametrize(
    ("asked", "language"),
    [("fr-CD", "fr"), ("en-GB,en;q=0.9", "en"), ("sw", "fr"), ("", "fr"), ("de,en;q=0.5", "en")],
)
def test_the_browser_says_which_language_and_french_comes_first(browser: Browser, asked: str, language: str) -> None:
    assert f'<html lang="{language}"' in body(browser(language=asked).get("/tasks"))


def test_a_chosen_language_stays(browser: Browser) -> None:
    made = browser(language="fr")
    response = made.post("/language", {"language": "en", "next": "/system"})
    assert response.headers["Location"] == "/system"
    page = body(made.get("/tasks"))
    assert '<html lang="en"' in page and "Français" in page
    assert made.post("/language", {"language": "de"}).status_code == 400


def test_light_and_night(browser: Browser) -> None:
    made = browser()
    assert "data-theme" not in body(made.get("/tasks"))
    made.post("/theme", {"theme": "night"})
    assert 'data-theme="night"' in body(made.get("/tasks"))
    made.post("/theme", {"theme": "auto"})
    assert "data-theme" not in body(made.get("/tasks"))
    assert made.post("/theme", {"theme": '"><script>'}).status_code == 400


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:1", "tasks", ""]
)
def test_nobody_is_led_elsewhere(browser: Browser, wanted: str) -> None:
    for url, told in (("/language", {"language": "en"}), ("/theme", {"theme": "auto"})):
        assert browser().post(url, {**told, "next": wanted}).headers["Location"] == "/"


def test_the_switches_of_a_refused_form_lead_to_a_page(browser: Browser) -> None:
    page = body(browser().post("/tasks/add", {"title": ""}))
    assert '<input type="hidden" name="next" value="/tasks">' in page
