"""The same message five times, in disorder, its answers lost: one message, one alert; another's is a second report."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from tests.stories.canary import NUMBER, WORDS
from tests.stories.road import LOOK, Road, answer, press
from ulinzi.gateway.simulated import Deliver, SimulatedPhone
from ulinzi.kernel.clock import MINUTE, SECOND

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.access]

OTHER, THEIRS = "+999734500001", "Nous fuyons vers la colline avec les enfants"
SIX = (
    ("What happens", "Houses or fields burning"),
    ("When", "now"),
    ("Who", "armed men, not identified"),
    ("Still going on", "it goes on"),
)
LES_SIX = (
    ("Ce qui se passe", "Personnes en fuite"),
    ("Quand", "maintenant"),
    ("Qui", "hommes armés non identifiés"),
    ("Cela continue", "cela continue"),
)


class Bad:
    """A network that brings a message, and loses the answer; at first it brings nothing at all."""

    def __init__(self, real: Deliver, *, dead: int, lost: int) -> None:
        self.real, self.dead, self.lost = real, dead, lost

    def __call__(self, code: str, headers: Mapping[str, str], raw: bytes) -> int:
        self.dead -= 1
        if self.dead >= 0:
            raise OSError
        answer = self.real(code, headers, raw)
        self.lost -= 1
        if self.lost >= 0:
            raise OSError
        return answer


def until_brought(road: Road, phone: SimulatedPhone) -> None:
    while phone.waiting:
        phone.tick(road.clock.advance(5 * SECOND))
    road.work()


def times_at_the_door(road: Road) -> int:
    return [one.asked for one in road.answers.given].count("POST /hook/NORTH-1")


def test_the_same_message_five_times(road: Road) -> None:
    maren = road.comes("odhal", "en-GB")
    tomas = road.comes("vessin", "fr-FR")
    iria = road.comes("dusane", "fr-FR")
    phone = road.phones["NORTH-1"]
    maren.goto("/inbox")

    # What was written first arrives last; four of its five answers are lost, so it is brought five times.
    sent = road.clock.now()
    good, phone.deliver = phone.deliver, Bad(phone.deliver, dead=1, lost=4)
    phone.sms(NUMBER, WORDS, sent)
    phone.tick(sent)
    road.phones["NORTH-2"].deliver = good
    road.clock.advance(2 * SECOND)
    road.writes(OTHER, THEIRS, phone="NORTH-2")
    assert times_at_the_door(road) == 0
    until_brought(road, phone)
    assert times_at_the_door(road) == 5
    maren.evaluate(LOOK)
    expect(maren.locator("li.msg-line")).to_have_count(2)
    expect(maren.locator("li.msg-line").first).to_contain_text(road.at(sent))

    # One alert is made of it.
    maren.locator("li.msg-line h3 a").first.click()
    expect(maren.locator("blockquote.raw")).to_have_text(WORDS)
    answer(maren, ("Where", "Telwa"), SIX)
    press(maren, "Raise an alert")
    file = maren.url.partition("#")[0]
    expect(maren.get_by_text("1 report is attached.")).to_be_visible()

    # The liaison assistant writes the other down as a report by itself; sees the alert, and joins them.
    tomas.goto("/inbox")
    tomas.locator("li.msg-line h3 a").click()
    second = tomas.url
    expect(tomas.locator("blockquote.raw")).to_have_text(THEIRS)
    answer(tomas, ("Où", "Telwa"), LES_SIX)
    press(tomas, "Faire un signalement")
    expect(tomas.get_by_text("Aucun message n’attend.")).to_be_visible()
    tomas.goto(second)
    press(tomas, "Joindre à cette alerte")
    expect(tomas.get_by_text("2 signalements sont joints.")).to_be_visible()

    # The commander sees one alert with two reports, and what each of them says; not who said it.
    iria.goto("/watch")
    expect(iria.locator("li.strip")).to_have_count(1)
    expect(iria.locator("li.strip .marks")).to_contain_text("2 signalements")
    iria.goto(file)
    reports = iria.get_by_role("region", name="Signalements")
    expect(reports.get_by_role("listitem")).to_have_count(2)
    expect(reports).to_contain_text("Maisons ou champs en feu")
    expect(reports).to_contain_text("Personnes en fuite")

    # The second telephone had it too, and tells it an hour later: nothing new stands anywhere.
    again = road.phones["NORTH-2"]
    again.sms(NUMBER, WORDS, sent)
    road.pass_time(60 * MINUTE)
    until_brought(road, again)
    road.open(maren, "/inbox")
    expect(maren.get_by_text("No message waits.")).to_be_visible()
    expect(maren.locator("li.strip.over")).to_have_count(2)
    maren.goto("/watch")
    expect(maren.locator("li.strip")).to_have_count(1)
    maren.goto(file)
    expect(maren.get_by_text("2 reports are attached.")).to_be_visible()

    # Control: the same words written a second time are another message.
    road.writes(NUMBER, WORDS)
    maren.goto("/inbox")
    expect(maren.locator("li.msg-line")).to_have_count(1)
