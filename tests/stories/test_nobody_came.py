"""Nobody came: an alert that nobody takes is asked about from person to person, and its no stands in the figures."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.stories.canary import NUMBER, WORDS
from tests.stories.road import Road, answer, line, press
from ulinzi.kernel.clock import MINUTE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.access]

SIX = (
    ("What happens", "Armed men moving"),
    ("When", "within the last hour"),
    ("Who", "armed men, not identified"),
    ("Still going on", "it goes on"),
)


def asked(page: Page) -> str:
    """To whom it has climbed, as the first line of the watch says it."""
    return page.locator("li.strip").first.locator(".who .note").inner_text()


def figures(page: Page) -> list[str]:
    return [one.strip() for one in page.locator("tfoot td").all_inner_texts()]


def test_nobody_came(road: Road) -> None:
    amara = road.comes("solenne", "en-GB")
    ossan = road.comes("telwe", "fr-FR")
    lioba = road.comes("rensa", "en-GB")

    # Somebody writes at night; nobody sits at the inbox. The women's adviser hears of it on a visit and raises it.
    road.writes(NUMBER, WORDS)
    amara.goto("/call")
    answer(amara, ("Where", "Telwa"), (*SIX, ("How it reached you", "visit")))
    press(amara, "Raise an alert")
    file, raised = amara.url, road.at()
    expect(amara.get_by_text("Nobody has it.")).to_be_visible()
    expect(amara.get_by_text("This waits for somebody whose role it is.")).to_be_visible()

    # Half the time to verify is over: the watch is asked, then the adviser of the province. Neither is there.
    road.pass_time(59 * MINUTE)
    road.open(lioba, "/watch")
    expect(lioba.locator("li.strip")).to_contain_text("Nobody has it")
    road.pass_time(MINUTE)
    first = road.at()
    lioba.goto("/watch")
    assert asked(lioba).startswith("Maren Odhal was asked") and first in asked(lioba)
    road.pass_time(14 * MINUTE)
    lioba.goto("/watch")
    assert asked(lioba).startswith("Maren Odhal was asked")
    road.pass_time(MINUTE)
    second = road.at()
    road.open(lioba, "/watch")
    assert asked(lioba).startswith("Ossan Telwe was asked") and second in asked(lioba)

    # He wakes up, reads that it is his turn, and takes it: now it climbs no further.
    road.open(ossan, "/watch")
    assert asked(ossan).startswith("Ossan Telwe, sollicité")
    press(ossan, "La prendre")
    taken = road.at()
    expect(ossan.locator("li.strip .who")).to_contain_text("Ossan Telwe")
    expect(ossan.locator("li.strip .note")).to_have_count(0)
    road.pass_time(14 * MINUTE)
    ossan.goto("/watch")
    expect(ossan.locator("li.strip .note")).to_have_count(0)

    # Nobody can get there. His thumb slips, he takes the reason back, and presses the right one.
    ossan.get_by_role("link", name="Mouvement d’hommes armés").click()
    ossan.locator("summary", has_text="Sans réponse, motivé").click()
    press(ossan, "Trop ancienne à l’arrivée")
    ossan.locator("summary", has_text="Annuler la dernière étape").click()
    press(ossan, "L’annuler")
    expect(ossan.locator("li.undone")).to_contain_text("Trop ancienne à l’arrivée")
    ossan.locator("summary", has_text="Sans réponse, motivé").click()
    press(ossan, "Route ou météo")
    decided = road.at()
    line(ossan, decided, "Ossan Telwe", "Sans réponse, motivé", "Route ou météo")

    # Nor can anybody tell them. It is closed as that, and not as done.
    ossan.locator("summary", has_text="Clore le dossier").click()
    press(ossan, "Elle est injoignable")
    expect(ossan.get_by_role("heading", name="Ce dossier est clos")).to_be_visible()
    ossan.goto("/inbox")
    ossan.get_by_role("link", name="SMS, d’une personne inconnue").click()
    message = ossan.url
    expect(ossan.locator("blockquote.raw")).to_have_text(WORDS)
    ossan.locator("summary", has_text="Laisser de côté").click()
    ossan.get_by_text("Il dit ce que nous savons déjà").click()
    press(ossan, "Le laisser de côté")
    expect(ossan.get_by_text("Aucun message n’attend.")).to_be_visible()

    # Whoever raised it sees what came of it, with every name and reason.
    road.open(amara, file)
    expect(amara.get_by_role("heading", name="This file is closed")).to_be_visible()
    for time, who, what in (
        (raised, "Amara Solenne", "raised it (visit)."),
        (first, "asked Maren Odhal to take it", "nobody had taken it"),
        (second, "asked Ossan Telwe to take it", "nobody had taken it"),
        (taken, "Ossan Telwe", "took it."),
        (decided, "Ossan Telwe", "Road or weather"),
        (decided, "Ossan Telwe", "closed the file. They cannot be reached."),
    ):
        line(amara, time, who, what)

    # The head of office sees it in the rates: reached 0 of 1, a reasoned no, closed and not told.
    road.open(lioba, "/alerts/rates")
    assert figures(lioba) == ["1", "1 of 1", "0 of 1", "0 of 1", "0 of 1", "0", "1", "0", "0", "1"]
    with lioba.expect_download() as got:
        lioba.get_by_role("link", name="Numbers (CSV)").click()
    text = Path(got.value.path()).read_text("utf-8-sig")
    whole = [*csv.DictReader(text.splitlines())][-1]
    counted = {name: whole[name] for name in ("counted", "taken", "reached", "refused", "told", "untold")}
    assert counted == {"counted": "1", "taken": "1", "reached": "0", "refused": "1", "told": "0", "untold": "1"}

    # What was set aside is forgotten a quarter of an hour later.
    road.pass_time(21 * MINUTE)
    road.open(ossan, message)
    expect(ossan.get_by_text("Les mots ne sont plus conservés.")).to_be_visible()
