"""A bip at night: somebody rings and hangs up, and by morning they know what came of it. Nobody is named on the way."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.stories.canary import NUMBER, WORDS
from tests.stories.road import LOOK, Road, answer, line, press
from ulinzi.kernel.clock import MINUTE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.access]

SIX = (
    ("What happens", "Attack under way"),
    ("When", "now"),
    ("Who", "armed group"),
    ("Still going on", "it goes on"),
)
WHY = "On entend les tirs depuis le poste."


def test_a_bip_at_night(road: Road) -> None:
    maren = road.comes("odhal", "en-GB")
    iria = road.comes("dusane", "fr-FR")
    tomas = road.comes("vessin", "fr-FR")
    duty = road.duty_phone("fr-FR")

    # The watch officer looks at an empty inbox. Somebody rings twice and hangs up: it stands there by itself.
    maren.goto("/inbox")
    expect(maren.get_by_text("No message waits.")).to_be_visible()
    road.rings(NUMBER)
    rang = road.at()
    maren.evaluate(LOOK)
    expect(maren.get_by_role("link", name="Missed call, from somebody not known")).to_be_visible()
    press(maren, "Take")
    expect(maren.get_by_text("You have it for 15 minutes.")).to_be_visible()

    # The number is nowhere on her screen. She gets a word; on the duty phone it shows the number, once.
    press(maren, "Show the number on the duty phone")
    word = maren.locator(".handed").inner_text()
    duty.get_by_label("Le mot que l’on vous a donné").fill("QQQQQQ")
    duty.get_by_role("button").click()
    expect(duty.get_by_role("alert")).to_contain_text("Ce mot ne montre rien")
    duty.get_by_role("textbox").fill(word.lower())
    duty.get_by_role("button").click()
    expect(duty.get_by_role("link", name=NUMBER)).to_have_attribute("href", f"tel:{NUMBER}")
    duty.goto("/duty")
    duty.get_by_role("textbox").fill(word)
    duty.get_by_role("button").click()
    expect(duty.get_by_role("alert")).to_contain_text("a déjà servi")

    # She calls back and hears what happens. From the six answers an alert is made.
    road.pass_time(MINUTE)
    maren.goto("/inbox")
    maren.get_by_role("link", name="Missed call").first.click()
    expect(maren.get_by_role("heading", name="A call has begun. What came of it?")).to_be_visible()
    press(maren, "Answered, safe to talk")
    road.pass_time(MINUTE)
    answer(maren, ("Where", "Telwa"), SIX)
    press(maren, "Raise an alert")
    expect(maren.get_by_role("status")).to_contain_text(re.compile(r"alert BEN-\d+, P1"))
    file = maren.url.partition("#")[0]
    raised = road.at()
    line(maren, raised, "Maren Odhal", "raised it (missed call)")

    # The same person writes too. One answer is forgotten, nothing typed is lost; then it is joined to the alert.
    road.writes(NUMBER, WORDS)
    maren.goto("/inbox")
    maren.get_by_role("link", name="SMS, from somebody not known").click()
    sms = maren.url
    expect(maren.locator("blockquote.raw")).to_have_text(WORDS)
    expect(maren.get_by_role("button", name="Attach to this alert")).to_be_visible()
    answer(maren, ("Where", "Telwa"), SIX[:3])
    press(maren, "Make a report")
    expect(maren.get_by_role("alert")).to_contain_text("Say whether it goes on.")
    expect(maren.get_by_label("Where", exact=True)).to_have_value("Telwa")
    answer(maren, ("Where", "Telwa"), SIX[3:])
    press(maren, "Attach to this alert")
    expect(maren.get_by_text("2 reports are attached.")).to_be_visible()

    # The commander of the base sees it and sends a patrol; before it is verified he says why.
    road.pass_time(3 * MINUTE)
    iria.goto("/watch")
    iria.get_by_role("link", name="Attaque en cours").click()
    iria.get_by_role("link", name="Envoyer quelqu’un").click()
    iria.get_by_label("Qui", exact=True).select_option("la force de la mission")
    iria.get_by_label("Comment", exact=True).select_option("patrouille")
    press(iria, "Les envoyer")
    expect(iria.get_by_role("alert")).to_be_visible()
    expect(iria.get_by_label("Comment", exact=True)).to_have_value("patrol")
    iria.get_by_role("textbox", name="Pourquoi maintenant, avant vérification").fill(WHY)
    press(iria, "Les envoyer")
    line(iria, road.at(), "Iria Dusane", "a décidé. Répondre", WHY)
    road.pass_time(4 * MINUTE)
    press(iria, "DÉPART")
    left = road.at()
    line(iria, left, "Iria Dusane", "a consigné le départ")

    # She presses ARRIVED for the wrong patrol, and takes it back.
    road.pass_time(MINUTE)
    press(iria, "ARRIVÉE")
    too_early = road.at()
    press(iria, "Annuler : Ils sont arrivés")
    expect(iria.get_by_role("button", name="ARRIVÉE", exact=True)).to_be_visible()
    expect(iria.locator("li.undone").filter(has_text=too_early)).to_have_count(1)
    maren.goto("/watch")
    expect(maren.locator("li.strip")).to_contain_text("Attack under way")
    road.pass_time(9 * MINUTE)
    press(iria, "ARRIVÉE")
    arrived = road.at()
    road.pass_time(12 * MINUTE)
    iria.locator("summary", has_text="FIN").click()
    press(iria, "Les assaillants sont partis")
    line(iria, arrived, "Iria Dusane", "a consigné l’arrivée : la force de la mission.")
    line(iria, road.at(), "Iria Dusane", "Les assaillants sont partis")

    # In the morning the liaison assistant goes there and tells them. Then, and not before, the watch closes the file.
    road.pass_time(5 * 60 * MINUTE)
    road.open(tomas, "/watch")
    tomas.get_by_role("link", name="Attaque en cours").click()
    expect(tomas.get_by_text("Sur place : la force de la mission, vu par les nôtres.")).to_be_visible()
    expect(tomas.get_by_role("heading", name="Informer la communauté")).to_be_visible()
    press(tomas, "Une visite")
    told = road.at()
    line(tomas, told, "Tomas Vessin", "a informé la communauté. Une visite.")
    expect(tomas.get_by_role("button", name="La communauté a été informée")).to_have_count(0)
    road.pass_time(MINUTE)
    road.open(maren, file)
    press(maren, "The community was told")
    expect(maren.get_by_role("heading", name="This file is closed")).to_be_visible()

    # Every time, owner and reason stands there.
    for time, who, what in (
        (raised, "Maren Odhal", "took it."),
        (left, "Iria Dusane", "left."),
        (arrived, "Iria Dusane", "arrived."),
        (told, "Tomas Vessin", "told the community. A visit."),
        (road.at(), "Maren Odhal", "closed the file. The community was told."),
    ):
        line(maren, time, who, what)
    expect(maren.get_by_text(WHY).first).to_be_visible()
    tomas.goto(file)
    expect(tomas.get_by_role("heading", name="Ce dossier est clos")).to_be_visible()
    assert rang <= raised

    # A little later the gateway has forgotten both: nobody can be called, nobody can read it again.
    road.open(maren, sms)
    expect(maren.locator("blockquote.raw")).to_have_text(WORDS)
    road.pass_time(16 * MINUTE)
    road.pass_time(5 * MINUTE)
    road.open(maren, sms)
    expect(maren.get_by_text("The words are no longer kept.")).to_be_visible()
    press(maren, "Show the number on the duty phone")
    expect(maren.get_by_role("alert")).to_contain_text("The number is no longer kept")
    held = road.gateway.store.rows("SELECT number, words FROM letter")
    assert [tuple(one) for one in held] == [(None, None), (None, None)]
