"""A telephone dies quietly: its silence is seen, with its usual gap; what it kept counts from when it came."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.canary import NUMBER, WORDS
from tests.stories.road import LOOK, PHONES, Road, answer, line, press
from ulinzi.gateway.simulated import SimulatedPhone, over_http
from ulinzi.kernel.clock import MINUTE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.access]

DEAD, ALIVE = PHONES
SIX = (
    ("What happens", "Attack announced"),
    ("When", "not known"),
    ("Who", "armed group"),
    ("Still going on", "not known"),
)


def without_a_network(*_: object) -> int:
    raise OSError


def silent(page: Page) -> Locator:
    """What stands beside the list under this head."""
    heads = page.get_by_role("heading", name=re.compile("^(Silent gateways|Passerelles muettes)$"))
    return page.locator("aside section").filter(has=heads)


def minutes(road: Road, many: int) -> None:
    """Both telephones tell every five minutes that they live, as far as the network lets them."""
    for one in range(many):
        road.clock.advance(MINUTE)
        for phone in road.phones.values():
            if one % 5 == 4:
                phone.ping(road.clock.now())
            phone.tick(road.clock.now())
    road.work()


def keeps(phone: SimulatedPhone) -> bool:
    """Whether what was written still lies on it."""
    return any(b"sms:received" in one.raw for one in phone.waiting)


def test_the_gateway_that_died_quietly(road: Road) -> None:
    maren = road.comes("odhal", "en-GB")
    ossan = road.comes("telwe", "fr-FR")
    iria = road.comes("dusane", "fr-FR")
    dead = road.phones[DEAD]

    # Both were heard. Then the mast falls; somebody writes to a telephone that reaches nobody.
    minutes(road, 10)
    dead.deliver = without_a_network
    minutes(road, 3)
    sent = road.clock.now()
    dead.sms(NUMBER, WORDS, sent)
    minutes(road, 9)
    maren.clock.install()
    road.open(maren, "/watch")
    expect(silent(maren)).to_contain_text("None. Every duty phone has been heard as often as usual.")

    # Three times its usual gap is over: the open page says so by itself, and so does the inbox; the other is heard.
    minutes(road, 4)
    maren.clock.fast_forward(70_000)
    maren.evaluate(LOOK)
    expect(silent(maren)).to_contain_text(f"{PHONES[DEAD]}silent 16 min, usual gap 5 min")
    expect(silent(maren)).not_to_contain_text(PHONES[ALIVE])
    expect(maren.get_by_text("1 duty phone is silent. This is not calm.")).to_be_visible()
    road.open(ossan, "/inbox")
    expect(silent(ossan)).to_contain_text(f"{PHONES[DEAD]}muet depuis 16 min, intervalle habituel 5 min")
    expect(silent(ossan)).not_to_contain_text(PHONES[ALIVE])
    expect(ossan.get_by_text("Aucun message n’attend.")).to_be_visible()

    # Hours later it is back, and hands over what it had kept.
    assert keeps(dead)
    minutes(road, 70)
    port = re.sub(r".*:", "", road.duty)
    dead.deliver = over_http(int(port))
    minutes(road, 15)
    assert not keeps(dead)
    road.open(ossan, "/inbox")
    expect(silent(ossan)).to_contain_text("Aucune. Chaque téléphone de permanence s’est fait entendre")
    expect(ossan.locator("li.msg-line")).to_contain_text("Arrivé tard")
    expect(ossan.locator("li.msg-line")).to_contain_text(road.at(sent))

    # It is taken for a test, and taken back: it was none.
    road.open(maren, "/inbox")
    expect(maren.locator("li.msg-line")).to_contain_text("Came late")
    maren.get_by_role("link", name="SMS, from somebody not known").click()
    message = maren.url
    expect(maren.locator(".headline .marks")).to_contain_text("Came late")
    maren.locator("summary", has_text="Set aside").click()
    maren.get_by_text("It is a test").click()
    press(maren, "Set it aside")
    expect(maren.get_by_text("No message waits.")).to_be_visible()
    maren.goto(message)
    press(maren, "Undo: Set aside")
    expect(maren.locator("blockquote.raw")).to_have_text(WORDS)

    # An alert is raised all the same, and its clocks began when the telephone had it: it is late as it is born.
    answer(maren, ("Where", "Telwa"), SIX)
    press(maren, "Raise an alert")
    line(maren, road.at(sent), "Maren Odhal", "raised it (SMS)")
    expect(maren.locator("ol.clocks > li").first).to_contain_text(f"late, {road.at(sent + 30 * MINUTE)}")
    iria.set_default_timeout(5_000)
    road.open(iria, "/watch")
    expect(iria.locator("li.strip.late")).to_contain_text("Attaque annoncée")
    expect(iria.locator("li.strip.late .what")).to_contain_text(road.at(sent))
    # Whoever answers with troops is told nothing of telephones.
    expect(silent(iria)).to_have_count(0)
