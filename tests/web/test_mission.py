"""The page of the mission, and the names it gives to offices and roles on every other page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils.translation import override

from tests.nodes import person
from tests.web.conftest import Browser, persona
from ulinzi.accounts.rules import EVERYWHERE, HOME, Rights, Role
from ulinzi.desk import actions
from ulinzi.kernel import mission
from ulinzi.kernel.mission import Wording
from ulinzi.web import profile
from ulinzi.web.templatetags import room

pytestmark = pytest.mark.sqlite_only
OSMERE = mission.load(mission.find("osmere"))


def body(response: Any) -> str:
    return response.content.decode()


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@contextmanager
def changed(**changes: Any) -> Iterator[None]:
    with override_settings(MISSION=replace(settings.MISSION, **changes)):
        yield


def section(page: str, name: str) -> str:
    return page.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0]


def test_what_is_in_force_today_stands_first_and_says_so(browser: Browser) -> None:
    page = words(section(body(browser().get("/mission")), "h-mandate"))
    order = ["Renewed mandate in force today", "from 01/07/2026 until 30/06/2029, both days included"]
    order += [
        "Rules of engagement in force today",
        "from 01/07/2025, without an end",
        "First mandate no longer in force",
    ]
    places = [page.find(said) for said in order]
    assert -1 not in places and places == sorted(places)
    assert "No mandate is in force today." not in page


def test_it_says_so_where_no_mandate_is_in_force(browser: Browser) -> None:
    over = tuple(replace(text, ends=date(2026, 1, 1)) for text in settings.MISSION.mandate if text.ends)
    with changed(mandate=over[:1]):
        assert "No mandate is in force today." in body(browser().get("/mission"))


def test_in_force_is_asked_by_the_missions_own_day(browser: Browser) -> None:
    """In Osmere it is the 22nd already while it is the 21st in Belavi."""
    one = replace(settings.MISSION.mandate[0], begins=date(2026, 9, 22), ends=None)
    with changed(mandate=(one,)):
        assert "still to come" in body(browser().get("/mission"))
        with override_settings(TIME_ZONE="Australia/Lord_Howe"):
            assert "in force today" in body(browser().get("/mission"))


def test_targets_codes_words_and_languages_are_there(browser: Browser) -> None:
    page = body(browser().get("/mission"))
    targets = words(section(page, "h-targets"))
    for one in (
        "P1 Civilians are being attacked, or are about to be. Verified 30 min Decided 1 h Arrived 2 h",
        "P4 Something to know of and to mend, such as a broken radio: it puts nobody in danger. Verified 2 days",
    ):
        assert one in targets
    assert "23 people taken P1" in words(section(page, "h-codes"))
    assert "Areas within them territoire territoire" in words(section(page, "h-words"))
    said = words(section(page, "h-languages"))
    assert "Kibelavi read by Tomas Vessin, 10/02/2026" in said and "Français draft: nobody has vouched" in said


def test_every_priority_of_the_code_sheet_is_told(browser: Browser) -> None:
    page = body(browser().get("/mission"))
    told = set(re.findall(r"<dt>(P\d)</dt><dd>\w", page))
    assert told == {f"P{number}" for number in range(1, 5)} >= {f"P{one.priority}" for one in settings.MISSION.codes}


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Etc/GMT-2", "now 2 h ahead of UTC (UTC+02:00)."),
        ("Etc/GMT+3", "now 3 h behind UTC (UTC-03:00)."),
        ("Etc/UTC", "now the same as UTC."),
        ("Australia/Lord_Howe", "now 10 h 30 ahead of UTC (UTC+10:30). Time zone: Australia/Lord_Howe."),
        ("EST5EDT", "now 4 h behind UTC (UTC-04:00)."),
    ],
)
def test_the_hour_of_the_mission_is_said_in_words(browser: Browser, zone: str, said: str) -> None:
    """Etc/GMT-2 is ahead of UTC: the name says the contrary to most people."""
    with changed(time_zone=zone), override_settings(TIME_ZONE=zone):
        page = words(body(browser().get("/mission")))
    assert f"All times are those of the mission, {said}" in page
    assert not re.search(r"Etc/|EST5", page)


def test_anybody_who_is_signed_in_reads_it_and_nobody_else(browser: Browser) -> None:
    assert browser(persona("odhal").code).get("/mission").status_code == 200
    assert browser(None).get("/mission").status_code == 302


def test_what_a_mission_says_is_text_and_never_markup(browser: Browser) -> None:
    planted = Wording((("en", "<i>x</i>\u202e"), ("fr", "<i>x</i>")))
    texts = tuple(replace(text, title=planted, words=planted) for text in settings.MISSION.mandate)
    codes = tuple(replace(one, words=planted) for one in settings.MISSION.codes)
    offices = tuple(replace(one, name=planted) for one in settings.MISSION.compartments)
    with changed(name=planted, mandate=texts, codes=codes, compartments=offices):
        for page in (body(browser().get(at)) for at in ("/mission", "/system", "/people", "/tasks")):
            assert "<i>x" not in page and "\u202e" not in page
        assert body(browser().get("/mission")).count("&lt;i&gt;x&lt;/i&gt;[U+202E]") > 10


def test_the_logo_is_drawn_in_the_page_in_the_colour_of_its_text(browser: Browser) -> None:
    drawn = re.search(r'<svg class="logo".*?</svg>', body(browser().get("/mission")))
    assert drawn and 'stroke="currentColor"' in drawn[0] and 'aria-hidden="true"' in drawn[0]


# Offices and roles elsewhere.


@pytest.mark.parametrize(
    ("code", "language", "shown"),
    [
        ("north", "en", "North office, Belavi"),
        ("north", "fr", "Bureau nord, Belavi"),
        # From another node, or from before the mission had this name for it.
        ("east", "en", "east"),
        (HOME, "en", "mission"),
        (EVERYWHERE, "en", "the whole mission"),
        (None, "en", ""),
    ],
)
def test_an_office_has_the_missions_name_or_keeps_its_code(code: str | None, language: str, shown: str) -> None:
    with override(language):
        assert profile.office(code) == room.place(code) == shown


@pytest.mark.parametrize(
    ("role", "shown"), [("liaison_assistant", "river liaison officer"), ("watch_officer", "watch officer")]
)
def test_a_role_has_the_missions_word_where_it_has_one(role: str, shown: str) -> None:
    with override_settings(MISSION=OSMERE), override("en"):
        held = Rights(person("ana"), ((Role(role), "delta"),))
        assert room.label(role, "role") == shown
        assert room.held(held) == [f"{shown}, Delta station"]


def test_control_another_mission_says_what_everybody_says() -> None:
    with override("en"):
        assert room.label("liaison_assistant", "role") == "community liaison assistant"


def test_no_page_shows_a_raw_code_where_the_mission_has_a_name(browser: Browser) -> None:
    task = actions.add_task(compartment="north", by=person("ana"), title="One", urgency="now")
    made = browser()
    pages = {at: body(made.get(at)) for at in ("/system", "/people", "/tasks", f"/tasks/{task}")}
    assert {at for at, page in pages.items() if "North office, Belavi" not in page} == set()
    assert {at for at, page in pages.items() if re.search(r">\s*(?:<bdi>)?(north|south)\b", page)} == set()
