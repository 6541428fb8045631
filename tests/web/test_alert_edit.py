"""Correcting an alert: nobody overwrites what they have not seen, nothing typed is lost, and two values are settled."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.web.conftest import Browser, add_one, entries, signed_in
from tests.web.test_watch import torn
from tests.web.watching import ME, body, community, officer, raised, reader, row
from ulinzi import ledger
from ulinzi.accounts import rules
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.alerts import actions, queries
from ulinzi.alerts.models import Alert
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Sensitivity
from ulinzi.places import actions as places

pytestmark = pytest.mark.sqlite_only
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
CARRIED = re.compile(r'<textarea name="(\w+)" hidden>\s?(.*?)</textarea>', re.S)
BUTTON = re.compile(r'name="choose" value="([^"]+)"')


@pytest.fixture
def desk(browser: Browser) -> Client:
    return signed_in(browser(None), officer().code)


def hidden(page: str) -> dict[str, str]:
    part = page.split("<main")[1]
    found = {name: unescape(value) for name, value in HIDDEN.findall(part) if name != "csrfmiddlewaretoken"}
    return found | {name: unescape(value) for name, value in CARRIED.findall(part)}


def opened(client: Client, alert: UUID, **typed: str) -> dict[str, str]:
    """The form as somebody opened it, and what was typed over it."""
    now, told = row(alert), hidden(body(client.get(f"/alerts/{alert}/edit")))
    shown = {name: now[name] or "" for name in ("what", "who", "priority", "words")} | {"why": ""}
    return told | shown | {"place": told["place_was"]} | typed


def save(client: Client, alert: UUID, told: dict[str, str]) -> Any:
    return client.post(f"/alerts/{alert}/edit", told)


def test_the_file_leads_to_it_and_what_is_typed_is_saved(desk: Client) -> None:
    alert = raised(5, words="Two boats.")
    assert f'href="/alerts/{alert}/edit"' in body(desk.get(f"/alerts/{alert}"))
    answer = save(desk, alert, opened(desk, alert, what="burning", who="armed_group", words="Three boats."))
    assert answer.status_code == 302
    now = row(alert)
    assert (now["what"], now["who"], now["words"], now["place_said"]) == (
        "burning", "armed_group", "Three boats.", "the ford",
    )  # fmt: skip
    assert "Saved here: what it is, who is said to have done it, words." in body(desk.get(f"/alerts/{alert}"))


def test_what_nobody_changed_is_not_written(desk: Client) -> None:
    alert = raised(5, community=community("Telwa"), words="Two boats.")
    before = entries()
    assert save(desk, alert, opened(desk, alert)).status_code == 302
    assert entries() == before and "Nothing was different" in body(desk.get(f"/alerts/{alert}"))


def test_a_place_is_found_by_its_name_with_its_area(desk: Client) -> None:
    area = places.add_area(compartment="north", kind="area", code="N1", name="North hills", by=ME)
    home = places.add_community(compartment="north", name="Kasolo", area=area, by=ME)
    alert = raised(5)
    assert save(desk, alert, opened(desk, alert, place="kasolo")).status_code == 302
    assert (row(alert)["community"], row(alert)["area"], row(alert)["place_said"]) == (home, area, "kasolo")


def test_of_two_that_are_called_alike_somebody_says_which(desk: Client) -> None:
    first, second = community("Telwa"), community("Telwa")
    alert = raised(5)
    answer = save(desk, alert, opened(desk, alert, place="Telwa"))
    assert answer.status_code == 422 and str(first) in body(answer)
    told = opened(desk, alert, place="Telwa", asked="Telwa", place_is=str(second))
    assert save(desk, alert, told).status_code == 302 and row(alert)["community"] == second


def test_a_place_on_no_list_is_kept_as_it_was_said(desk: Client) -> None:
    alert = raised(5, community=community("Telwa"), place_said=None)
    told = opened(desk, alert, place="behind the mill")
    answer = save(desk, alert, told)
    assert answer.status_code == 422 and "keep it as it was said" in body(answer)
    again = {**told, "asked": "behind the mill", "place_is": "said"}
    assert save(desk, alert, again).status_code == 302
    assert (row(alert)["community"], row(alert)["place_said"]) == (None, "behind the mill")


def test_less_urgent_needs_words_and_makes_a_note(desk: Client) -> None:
    alert = raised(5)
    answer = save(desk, alert, opened(desk, alert, priority="p3", words="Still two boats."))
    page = body(answer)
    assert answer.status_code == 422 and "Still two boats." in page and 'id="why_error"' in page
    assert row(alert)["priority"] == "p1"
    save(desk, alert, opened(desk, alert, priority="p3", why="They went home."))
    assert row(alert)["priority"] == "p3" and queries.steps(row(alert), reader())[-1]["words"] == "They went home."


def test_control_more_urgent_needs_none(desk: Client) -> None:
    alert = raised(5, priority="p3")
    assert save(desk, alert, opened(desk, alert, priority="p1")).status_code == 302


def test_abuse_keeps_no_words(desk: Client) -> None:
    alert = raised(5, words="At the mill.")
    answer = save(desk, alert, opened(desk, alert, what="abuse"))
    assert answer.status_code == 422 and "not written down here" in body(answer) and row(alert)["what"] == "armed_men"


# Somebody was faster.


def test_both_values_are_shown_and_nothing_typed_is_lost(desk: Client) -> None:
    alert = raised(5, words="Two boats.")
    told = opened(desk, alert, what="burning", words="Three boats.\nNo, four.")
    actions.edit_alert(alert, by=ME, what="people_hurt")
    answer = save(desk, alert, told)
    page = body(answer)
    assert answer.status_code == 409 and "People injured" in page and "Houses or fields burning" in page
    assert (row(alert)["what"], row(alert)["words"]) == ("people_hurt", "Two boats.")
    carried = hidden(answer.content.decode())
    assert carried["words"] == "Three boats.\nNo, four."
    save(desk, alert, {**carried, "choice-what": "mine"})
    assert (row(alert)["what"], row(alert)["words"]) == ("burning", "Three boats.\nNo, four.")


@pytest.mark.parametrize(("choice", "stands", "conflict"), [("theirs", "people_hurt", False), ("both", None, True)])
def test_the_other_value_or_both_may_stand(desk: Client, choice: str, stands: str | None, conflict: bool) -> None:
    alert = raised(5, words="Two boats.")
    told = opened(desk, alert, what="burning", words="Three boats.")
    actions.edit_alert(alert, by=ME, what="people_hurt")
    carried = hidden(save(desk, alert, told).content.decode())
    save(desk, alert, {**carried, "choice-what": choice})
    assert row(alert)["conflict"] == conflict and row(alert)["words"] == "Three boats."
    assert stands is None or row(alert)["what"] == stands


def test_a_place_that_nobody_touched_is_not_put_back(desk: Client) -> None:
    """Somebody found out which village it is while another corrected the words."""
    alert = raised(5)
    told = opened(desk, alert, words="Three boats.")
    home = community("Telwa")
    actions.edit_alert(alert, by=ME, community=home)
    assert save(desk, alert, told).status_code == 302
    assert (row(alert)["community"], row(alert)["words"]) == (home, "Three boats.")


# Two values.


def settling(client: Client, alert: UUID, choose: int) -> dict[str, str]:
    """The form of the first two values that stand, and the button of one."""
    part = body(client.get(f"/alerts/{alert}")).split('class="clash"')[1].split("</section>")[0]
    return {**hidden(f"<main{part}"), "choose": BUTTON.findall(part)[choose]}


@pytest.mark.parametrize("choose", [0, 1])
def test_one_of_two_values_is_chosen(desk: Client, choose: int) -> None:
    alert = torn(raised(1, take=True))
    leaf = ledger_queries.groups_of("alerts.Alert", alert)["what"].leaves[choose]
    assert desk.post(f"/alerts/{alert}/settle", settling(desk, alert, choose)).status_code == 302
    assert not row(alert)["conflict"] and row(alert)["what"] == leaf.values["what"]
    assert "chose one of two values." in body(desk.get(f"/alerts/{alert}?changes=1"))


def test_a_value_that_no_longer_stands_is_chosen_by_nobody(desk: Client) -> None:
    alert = torn(raised(1, take=True))
    told = settling(desk, alert, 0)
    actions.edit_alert(alert, by=ME, what="tension")
    assert desk.post(f"/alerts/{alert}/settle", told).status_code == 409
    assert row(alert)["what"] == "tension"


def test_the_less_urgent_of_two_needs_words(desk: Client) -> None:
    alert = raised(1, take=True, priority="p3")
    seen = {name: one.dots for name, one in ledger_queries.groups_of("alerts.Alert", alert).items()}
    actions.edit_alert(alert, by=ME, seen=seen, priority="p2")
    with ledger.unit("alerts.edit_alert", by=ME) as unit:
        unit.put(Alert, unit.load(Alert, alert), seen=seen, keep_both=True, priority="p1")
    leaves = ledger_queries.groups_of("alerts.Alert", alert)["priority"].leaves
    lower = [one.values["priority"] for one in leaves].index("p2")
    told = settling(desk, alert, lower)
    assert desk.post(f"/alerts/{alert}/settle", told).status_code == 422 and row(alert)["conflict"]
    assert desk.post(f"/alerts/{alert}/settle", {**told, "words": "One man."}).status_code == 302
    assert row(alert)["priority"] == "p2" and not row(alert)["conflict"]


# Who may.


def test_whoever_steps_no_alerts_corrects_none(browser: Browser) -> None:
    alert = torn(raised(1))
    add_one("kestra", (Role.HEADQUARTERS_ANALYST, EVERYWHERE))
    reading = browser("kestra")
    page = body(reading.get(f"/alerts/{alert}"))
    assert f"/alerts/{alert}/edit" not in page and not BUTTON.search(page)
    assert reading.get(f"/alerts/{alert}/edit").status_code in (403, 404)


def test_words_that_are_withheld_are_neither_shown_nor_overwritten(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No role that corrects alerts sees so little today; should one come, it takes no words away."""
    clearance = {**rules.CLEARANCE, Role.PROVINCIAL_ADVISER: Sensitivity.RESTRICTED}
    monkeypatch.setattr(rules, "CLEARANCE", clearance)
    alert = raised(5, words="Two boats.")
    add_one("anselo", (Role.PROVINCIAL_ADVISER, "north"))
    leader = browser("anselo")
    page = body(leader.get(f"/alerts/{alert}/edit"))
    assert "Two boats." not in page
    assert "the ford" not in page
    assert "Words not for your role" in page
    told = {**hidden(page), "what": "burning", "who": "armed_unknown", "priority": "p1", "place": "", "why": ""}
    assert save(leader, alert, told).status_code == 302
    assert (row(alert)["what"], row(alert)["words"], row(alert)["place_said"]) == ("burning", "Two boats.", "the ford")
