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

from tests.letters import Letters
from tests.nodes import NOON, person
from tests.stories.room import sit_down
from tests.web import watching
from tests.web.conftest import SIX, add_one, persona, signed_in
from tests.web.test_watch import torn
from ulinzi.accounts import actions as people
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Role
from ulinzi.alerts import intake
from ulinzi.alerts.rules import Step as AlertStep
from ulinzi.config.urls import urlpatterns
from ulinzi.desk import actions
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import DAY, HOUR, MINUTE
from ulinzi.ledger import node as nodes
from ulinzi.ledger.node import Node
from ulinzi.messages import actions as messages
from ulinzi.messages import tasks
from ulinzi.messages.rules import Step as MessageStep
from ulinzi.network import actions as network
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses
from ulinzi.responses.rules import Step as ResponseStep
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


def furnish_road(letters: Letters, area: UUID) -> dict[str, UUID]:
    """Of the road from a call to an answer: every kind of thing that stands on its screens."""
    by = SIX[0].id
    with accounts.at_console(person("console")):
        for one in ("odhal", "rensa", "vessin"):
            for role in (Role.WATCH_OFFICER, Role.LIAISON_ASSISTANT):
                people.ask_grant(persona(one).id, role, "north", by=person("console"))
    told = {"compartment": "north", "by": by}
    village = places.add_community(name="Telwa", area=area, **told)
    base = places.add_base(name="Hill post", **told)
    source = network.enrol_source(community=village, kind="committee", **told)
    network.set_contact(source, contact="not_now", by=by)
    network.add_shift(person=by, post="duty_phone", starts_at=NOON - HOUR, ends_at=NOON + HOUR, **told)
    liaison = network.add_liaison(person=by, base=base, **told)
    alert, closed = furnish_alerts(village, base)
    message = furnish_inbox(letters, village, alert)
    found = {"community": village, "base": base, "liaison": liaison, "alert": alert}
    return found | {"closed": closed, "message": message}


def furnish_alerts(village: UUID, base: UUID) -> tuple[UUID, UUID]:
    """One with everything in it, two that nobody has, one that is closed."""
    alert = watching.raised(50, community=village, words=LONG, who="army", take=True)
    for kind, code in ((AlertStep.CALLED, "safe"), (AlertStep.TOLD, "humanitarian"), (AlertStep.NOTED, None)):
        watching.step(alert, kind, code, ago=40, words=LONG)
    for responder, steps in (("mission_force", ["left", "arrived"]), ("police", ["left", "arrived"]), ("army", [])):
        sent = responses.send(alert, by=watching.ME, responder=responder, way="patrol", base=base, words=LONG)
        for one in steps:
            responses.step(sent, ResponseStep(one), by=watching.ME)
    torn(watching.raised(1, community=village, priority="p2"))
    watching.raised(90, place_said="the mango trees")
    closed = watching.raised(200, take=True)
    watching.step(closed, AlertStep.DECIDED, "no_response", reason="out_of_reach")
    watching.step(closed, AlertStep.CLOSED, "cannot_reach")
    return alert, closed


ANSWERS = {"what": "armed_men", "who": "armed_unknown", "happened": "now", "ongoing": "yes"}


def furnish_inbox(letters: Letters, village: UUID, alert: UUID) -> UUID:
    """One that is late and called back, one that is held, one attached, one set aside; a telephone that is silent."""
    phone = {"name": "Duty phone north", "compartment": "north", "usual_gap": 5 * MINUTE, "silent": True}
    letters.listed = [{**phone, "code": "N1", "last_heard": NOON - HOUR}]
    handles = [letters.bring(words=LONG, at=NOON - 30 * MINUTE, late=20 * MINUTE) for _ in range(3)]
    handles.append(letters.bring(words=None, kind="missed_call"))
    tasks.drain(nodes.current())
    late, joined, aside, held = (messages.message_id("north", one) for one in handles)
    messages.step(late, MessageStep.CALLED, by=SIX[0].id, code="no_answer")
    intake.attach_message(joined, alert, by=SIX[0].id, community=village, **ANSWERS)
    messages.step(aside, MessageStep.SET_ASIDE, by=SIX[0].id, code="other", words=LONG)
    messages.step(held, MessageStep.CLAIMED, by=SIX[1].id)
    return late


def on_the_road(ids: dict[str, UUID]) -> list[str]:
    """Pages that have more than one look."""
    alert, message = f"/alerts/{ids['alert']}", f"/inbox/{ids['message']}"
    looks = [f"{alert}?do={one}" for one in ("send", "duplicate", "closed", "decided", "told", "noted", "sms")]
    return [message, *looks, f"{alert}?changes=1", f"/alerts/{ids['closed']}", "/alerts/rates?by=office"]


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
def test_axe_finds_nothing_on_any_screen(
    node: Node, chromium: Browser, address: str, monkeypatch: pytest.MonkeyPatch, language: str, name: str
) -> None:
    ids = furnish(node)
    ids |= furnish_road(Letters(monkeypatch), ids["area"])
    listed = [*screens(ids), *on_the_road(ids), *(f"/style?part={one}" for one in PARTS if one), "/nowhere"]
    assert {"/watch", "/inbox", "/call", "/network", "/alerts/rates", f"/alerts/{ids['alert']}"} <= {*listed}
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
