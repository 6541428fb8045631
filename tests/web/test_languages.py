"""Languages: whose own, which was chosen, how days, hours and numbers are written, and what nobody has read yet."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from tests.nodes import NOON, person
from tests.web.conftest import PASSWORD, Browser, enrolled, persona, signed_in
from tests.web.test_board import body
from tests.web.test_sign import come_in
from ulinzi import ledger
from ulinzi.accounts import logins, rules
from ulinzi.accounts.models import Person
from ulinzi.cli import mission
from ulinzi.kernel.clock import SetClock
from ulinzi.ledger.node import Node
from ulinzi.web import languages

pytestmark = pytest.mark.sqlite_only

FRENCH, ENGLISH = languages.LISTED


def test_settings_records_and_screens_speak_of_the_same_languages() -> None:
    assert [(one.code, one.name) for one in languages.LISTED] == settings.LANGUAGES
    group = next(one for one in rules.PERSON.groups if one.name == "language")
    assert set(group.fields[0].choices) == {one.code for one in languages.LISTED}
    assert settings.LANGUAGE_CODE == languages.LISTED[0].code == "fr"


# A person's own language.


def speaks(code: str, language: str | None) -> None:
    with ledger.unit("accounts.rename", by=person("ana")) as unit:
        unit.put(Person, unit.load(Person, persona(code).id), language=language)


def shown(made: Client) -> str:
    found = re.search(r'<html lang="(\w+)"', body(made.get("/tasks")))
    assert found
    return found[1]


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize(("own", "browsers"), [("fr", "en"), ("en", "fr"), ("en", "")])
def test_who_signs_in_is_spoken_to_in_their_own_language(browser: Browser, own: str, browsers: str) -> None:
    speaks("odhal", own)
    enrolled("odhal")
    made = browser(None, language=browsers)
    come_in(made)
    assert shown(made) == own
    cookie = made.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and not cookie["max-age"]


@pytest.mark.usefixtures("cheap")
def test_so_is_who_enrols(browser: Browser) -> None:
    speaks("odhal", "fr")
    made = browser(None, language="en")
    made.post("/enrol", {"code": logins.issue_code(persona("odhal").id), "name": "odhal", "password": PASSWORD})
    assert shown(made) == "fr"


@pytest.mark.usefixtures("cheap")
def test_what_was_chosen_in_this_browser_wins(browser: Browser) -> None:
    speaks("odhal", "fr")
    enrolled("odhal")
    made = browser(None, language="fr")
    made.post("/language", {"language": "en"})
    come_in(made)
    assert shown(made) == "en"


@pytest.mark.usefixtures("cheap")
def test_switching_on_screen_wins_over_ones_own_and_stays(browser: Browser) -> None:
    speaks("odhal", "fr")
    enrolled("odhal")
    made = browser(None)
    come_in(made)
    made.post("/language", {"language": "en"})
    assert shown(made) == "en"
    made.post("/sign-out")
    come_in(made)
    assert shown(made) == "en"


@pytest.mark.usefixtures("cheap")
def test_the_next_person_at_this_machine_has_their_own(browser: Browser) -> None:
    """Whether the last one signed out or only went away."""
    speaks("odhal", "fr"), speaks("vessin", "en")
    enrolled("odhal"), enrolled("vessin")
    made = browser(None, language="fr")
    come_in(made)
    assert shown(made) == "fr"
    come_in(made, "vessin")
    assert shown(made) == "en"


@pytest.mark.usefixtures("cheap")
def test_control_without_one_the_browser_says(browser: Browser) -> None:
    speaks("odhal", None)
    enrolled("odhal")
    made = browser(None, language="en")
    come_in(made)
    assert shown(made) == "en" and settings.LANGUAGE_COOKIE_NAME not in made.cookies


# Days and hours: JJ/MM/AAAA, 24 hours, in both languages.


class Words(HTMLParser):
    """What a page says: text, and attributes that people read or hear. Left out: what machines read, keys, hashes."""

    READ = ("title", "aria-label", "placeholder", "alt", "value")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.code = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code += tag == "code"
        told = dict(attrs)
        hidden = told.get("type") == "hidden" or tag == "button"
        self.said += [told.get(name) or "" for name in self.READ if name != "value" or not hidden]

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.said += [] if self.code else [data]


WRONG = re.compile(
    r"\b\d{4}-\d{1,2}-\d{1,2}\b"  # as machines write it
    r"|\b\d{1,2}(?::\d{2})?\s?[ap]\.?m\b\.?"  # twelve hours
    r"|\b(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])\b"  # the month first
    r"|\b\d{1,2}[ .-](?:jan|feb|fév|mar|apr|avr|may|mai|jun|jui|jul|aug|aoû|sep|oct|nov|dec|déc)\w*"
    r"|\b(?:January|February|March|April|June|July|August|September|October|November|December)\b"
    r"|\b(?:janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre) \d{4}",
    re.IGNORECASE,
)
LARGE = re.compile(r"(?<![\w/-])[1-9]\d{3,}(?![\w/-])")


def otherwise(page: str) -> list[str]:
    return [found.group() for text in Words(page).said for found in WRONG.finditer(text)]


def ungrouped(page: str) -> list[str]:
    return [found.group() for text in Words(page).said for found in LARGE.finditer(text)]


def walk(made: Client) -> Iterator[tuple[str, str]]:
    """Every page that can be reached by links from the first screen, each kind of address a few times."""
    waiting, seen = ["/tasks", "/people", "/system"], dict[str, int]()
    done: set[str] = set()
    while waiting:
        url = waiting.pop()
        kind = re.sub(r"[0-9a-f-]{36}|\d+", "*", url.partition("?")[0])
        if url in done or seen.get(kind, 0) >= 4:
            continue
        done.add(url)
        seen[kind] = seen.get(kind, 0) + 1
        response = made.get(url, follow=True)
        if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
            page = body(response)
            yield url, page
            waiting += [link for link in re.findall(r'href="(/[^"#]*)"', page) if not link.startswith("/static")]


@pytest.fixture
def demonstration(node: Node, monkeypatch: pytest.MonkeyPatch) -> Node:
    """The demonstration's mission in a node of this test."""

    def opened(home: Path, *, clock: SetClock) -> Node:
        return replace(node, clock=clock)

    monkeypatch.setattr(mission.nodes, "open_node", opened)
    mission.seed(node.home, "belavi", SetClock(NOON))
    return node


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("who", ["rensa", "ferro"])
def test_every_page_of_the_demonstration_writes_days_hours_and_numbers_so(
    demonstration: Node, language: str, who: str
) -> None:
    made = signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": language}), who)
    pages = dict(walk(made))
    assert len(pages) > 8
    assert {url: wrong for url, page in pages.items() if (wrong := otherwise(page) + ungrouped(page))} == {}
    days = [found for page in pages.values() for found in re.findall(r">(\d\d/\d\d/\d{4}) \d\d:\d\d<", page)]
    assert days


@pytest.mark.parametrize(
    "shown",
    ["2026-11-17", "Due 2026-11-17 14:05", "2:05 pm", "2 PM", "2:05 p.m.", "11/17/2026", "11/17", "17 Nov", "March"],
)
def test_control_another_way_of_writing_it_is_found(shown: str) -> None:
    assert otherwise(f"<p>{shown}</p>") and otherwise(f'<p title="{shown}"></p>')


@pytest.mark.parametrize(
    "shown",
    ["17/11/2026 14:05", "17/11", "02/11/2026", "BEN-1234", "14 h 05", "6 min", "I am here", "may be", "1\u202f234"],
)
def test_control_our_own_way_passes(shown: str) -> None:
    page = f'<time datetime="2026-11-17T12:05:00Z">{shown}</time><input type="hidden" value="2026-11-17">'
    assert otherwise(page) == [] and (ungrouped(page) == [] or "/" in shown)


def test_control_a_number_without_its_spaces_is_found() -> None:
    assert ungrouped("<b>1234</b>") == ["1234"] and ungrouped("<b>12345 entries</b>") == ["12345"]


# Numbers.


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1000, "1\u202f000", "1,000"),
        (1234567, "1\u202f234\u202f567", "1,234,567"),
        (-1234, "\u22121\u202f234", "\u22121,234"),
        (1234.5, "1\u202f234,5", "1,234.5"),
        (Decimal("0.25"), "0,25", "0.25"),
        ("BEN-1234", "BEN-1234", "BEN-1234"),
        (None, "None", "None"),
    ],
)
def test_numbers_have_narrow_spaces_and_in_french_a_comma(value: object, french: str, english: str) -> None:
    for language, shown in (("fr", french), ("en", english)):
        with translation.override(language):
            assert Template("{{ value|number }}").render(Context({"value": value})) == shown


# What nobody has read.


@pytest.fixture
def locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The French as it is, with a record of readers of its own."""
    shutil.copytree(languages.LOCALE / "fr", tmp_path / "fr")
    monkeypatch.setattr(languages, "LOCALE", tmp_path)
    languages.read_state.cache_clear()
    yield tmp_path
    languages.read_state.cache_clear()


def test_what_is_read_is_counted(locale: Path) -> None:
    found = list(languages.digests((locale / "fr" / "LC_MESSAGES" / "django.mo").read_bytes()))
    lines = [f"{one} 2026-11-17 Ana Kelmi" for one in [*found[:3], "0" * 16]]
    (locale / "fr" / "READ.txt").write_text("\n".join(["# head", *lines]) + "\n")
    assert languages.read_state("fr") == (3, len(found)) and languages.is_draft(FRENCH)
    assert languages.read_state("en") == (0, 0) and not languages.is_draft(ENGLISH)


def test_a_language_that_is_read_through_is_no_draft(locale: Path) -> None:
    found = languages.digests((locale / "fr" / "LC_MESSAGES" / "django.mo").read_bytes())
    (locale / "fr" / "READ.txt").write_text("".join(f"{one} 2026-11-17 Ana Kelmi\n" for one in found))
    assert not languages.is_draft(FRENCH)
    assert Template("{% draft_note 'fr' %}{% drafts %}").render(Context()) == "[]"


def test_a_language_can_be_there_before_it_is_validated(locale: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swahili = languages.Language("sw", "Kiswahili", to_be_validated=True)
    monkeypatch.setattr(languages, "LISTED", (*languages.LISTED, swahili))
    monkeypatch.setattr(languages, "_BY_CODE", {**languages._BY_CODE, "sw": swahili})
    shutil.copytree(locale / "fr", locale / "sw")
    found = languages.digests((locale / "sw" / "LC_MESSAGES" / "django.mo").read_bytes())
    (locale / "sw" / "READ.txt").write_text("".join(f"{one} 2026-11-17 Ana Kelmi\n" for one in found))
    assert languages.translated() == ["fr", "sw"] and languages.is_draft(swahili)


def test_the_switch_says_it_in_the_language_it_leads_to() -> None:
    with translation.override("en"):
        french = Template("{% draft_note 'fr' %}").render(Context())
        listed = Template("{% drafts as all %}{% for name, note in all %}{{ name }}|{{ note }}{% endfor %}").render(
            Context()
        )
    read, of = languages.read_state("fr")
    total = f"{of:,}"
    in_french = total.replace(",", "\u202f")
    assert french == f"Brouillon\u00a0: une personne nommée a lu {read} phrases sur {in_french}."
    assert listed == f"Français|Draft: a named person has read {read} of {total} sentences."
    assert Template("{% draft_note 'en' %}").render(Context()) == ""
