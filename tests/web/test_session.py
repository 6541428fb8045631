"""Who acts, in which language, in which light."""

from __future__ import annotations

import pytest

from tests.web.conftest import Browser
from tests.web.test_board import ONE, body
from ulinzi.desk import queries
from ulinzi.web import people

pytestmark = pytest.mark.sqlite_only


def test_nothing_is_shown_before_somebody_is_chosen(browser: Browser) -> None:
    made = browser(None)
    response = made.get("/system?a=1")
    assert (response.status_code, response.headers["Location"]) == (302, "/who?next=%2Fsystem%3Fa%3D1")
    page = body(made.get(response.headers["Location"]))
    assert all(person.name in page for person in people.PEOPLE) and "No sign-in yet" in page
    chosen = made.post("/who", {"person": "rensa", "next": "/system?a=1"})
    assert chosen.headers["Location"] == "/system?a=1"
    assert "Lioba Rensa" in body(made.get("/tasks"))


def test_what_nobody_signs_is_not_saved_and_not_lost(browser: Browser) -> None:
    response = browser(None).post("/tasks/add", {**ONE, "detail": "Typed with care"})
    assert response.status_code == 403 and "Typed with care" in body(response)
    assert queries.open_tasks(["north"]) == []


@pytest.mark.parametrize("cookie", ["odhal", "odhal:1:x", "", "rensa:forged"])
def test_a_cookie_made_by_hand_chooses_nobody(browser: Browser, cookie: str) -> None:
    made = browser(None)
    made.cookies["person"] = cookie
    assert made.get("/tasks").status_code == 302


def test_cookies_are_for_this_site_alone(browser: Browser) -> None:
    made = browser(None)
    made.post("/who", {"person": "odhal"})
    made.post("/language", {"language": "en"})
    made.post("/theme", {"theme": "night"})
    made.get("/tasks")
    assert set(made.cookies) == {"person", "language", "theme", "csrftoken"}
    for cookie in made.cookies.values():
        assert cookie["httponly"] and cookie["samesite"] == "Strict"


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
    for url, told in (("/who", {"person": "odhal"}), ("/language", {"language": "en"}), ("/theme", {"theme": "auto"})):
        assert browser().post(url, {**told, "next": wanted}).headers["Location"] == "/tasks"


def test_the_switches_of_a_refused_form_lead_to_a_page(browser: Browser) -> None:
    page = body(browser().post("/tasks/add", {"title": ""}))
    assert '<input type="hidden" name="next" value="/tasks">' in page


def test_nobody_chosen_is_a_bad_request(browser: Browser) -> None:
    assert browser().post("/who", {"person": "nobody"}).status_code == 400
