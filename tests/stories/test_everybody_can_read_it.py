"""Every screen in both languages and both lights, narrow, wide and at 200 %: axe finds nothing, nothing sticks out.

A page at 200 % on an ordinary laptop is a page 640 points wide; that is how it is looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from tests.stories.room import sit_down
from tests.web.conftest import SIX, add_one, signed_in
from ulinzi.accounts import actions as people
from ulinzi.config.urls import urlpatterns
from ulinzi.desk import actions
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import DAY, HOUR
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.web.style import PARTS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sqlite_only]

AXE = Path(__file__).parents[1] / "web" / "vendor" / "axe.js"
WIDTHS = (320, 640, 768, 1440)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# What changes something by being opened, or is no page.
LEFT_OUT = {"home", "tick", "health", "metrics"}
PLANT = "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)"
LONG = "Demander à la base une patrouille le jour du marché, sur l’autre rive, avant la tombée de la nuit"


def furnish(node: Node) -> dict[str, UUID]:
    """A little of everything that screens show."""
    add_one("solenne")
    by, now = SIX[1].id, node.clock.now()
    area = places.add_area(compartment="north", code="T", by=by, name="Telwa-sur-la-rivière", kind="area")
    told = {"area": area, "urgency": "now", "due_basis": "promise", "tiers": ["dialogue"], "detail": LONG}
    late = actions.add_task(compartment="north", by=by, title="Call back the chief", due_at=now - 4 * HOUR, **told)
    actions.add_task(compartment="south", by=by, title=LONG, due_at=now + 3 * HOUR, urgency="soon")
    for n in range(3):
        task = actions.add_task(compartment="north", by=by, title=f"Meet committee {n}", due_at=now + n * DAY)
        actions.step(task, Step.TAKEN, by=SIX[0].id if n else SIX[5].id)
        actions.step(task, Step.NOTED, by=SIX[0].id, words=LONG)
    actions.step(task, Step.DONE, by=SIX[0].id)
    team = people.add_team(by=by, name="Night watch of Belavi", place="north")
    return {"record": late, "person": SIX[2].id, "area": area, "team": team, "grant": SIX[2].id, "membership": team}


def screens(ids: dict[str, UUID]) -> Iterator[str]:
    """Every address that answers with a page."""
    asking = signed_in(Client(SERVER_NAME="localhost"), "odhal")
    for pattern in urlpatterns:
        name = str(pattern.name)
        kwargs = {one: ids[one] for one in pattern.pattern.converters if one in ids}
        if name in LEFT_OUT or len(kwargs) < len(pattern.pattern.converters):
            continue
        response = asking.get(reverse(name, kwargs=kwargs))
        if response.status_code == 200 and response.headers["Content-Type"].startswith("text/html"):
            yield reverse(name, kwargs=kwargs)


def faults(page: Page) -> list[str]:
    found: list[dict[str, Any]] = page.evaluate("rules => axe.run(document, rules).then(one => one.violations)", RULES)
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def sticks_out(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def look(page: Page, screen: str, *, light: str) -> list[str]:
    page.goto(screen)
    page.evaluate(AXE.read_text())
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{screen} {light} {width}: {one}" for one in faults(page)]
        found += [f"{screen} {light} {width}: sticks out"] if sticks_out(page) else []
    return found


@pytest.mark.parametrize(("language", "name"), [("en-GB", "Maren Odhal"), ("fr-FR", "Lioba Rensa")])
def test_axe_finds_nothing_on_any_screen(node: Node, chromium: Browser, address: str, language: str, name: str) -> None:
    listed = [*screens(furnish(node)), *(f"/style?part={one}" for one in PARTS if one), "/nowhere"]
    assert len(listed) > 10
    page = sit_down(chromium, address, name, language=language)
    expect(page.locator("html")).to_have_attribute("lang", language[:2])
    found = []
    for light in ("light", "dark"):
        page.emulate_media(color_scheme=light)  # type: ignore[arg-type]
        for screen in listed:
            found += look(page, screen, light=light)
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("light", ["light", "dark"])
def test_the_doors_are_for_everybody_too(node: Node, chromium: Browser, address: str, light: str) -> None:
    page = chromium.new_context(base_url=address, color_scheme=light).new_page()  # type: ignore[arg-type]
    found = [one for screen in ("/sign-in", "/enrol") for one in look(page, screen, light=light)]
    assert found == []


def test_control_what_keeps_people_out_is_found(node: Node, chromium: Browser, address: str) -> None:
    page = sit_down(chromium, address, "Maren Odhal", language="en-GB")
    page.evaluate(AXE.read_text())
    page.evaluate(PLANT, "<img src=/static/web/icon.svg><button></button>")
    assert {one.partition(":")[0] for one in faults(page)} >= {"image-alt", "button-name"}
    page.evaluate(PLANT, "<hr width=3000>")
    assert sticks_out(page)
