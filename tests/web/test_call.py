"""The form of six answers: a call is written down within a minute, counted in keys and decisions."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.nodes import NOON, person
from tests.web.conftest import Browser, add_one, persona, signed_in
from ulinzi.accounts.rules import Rights, Role
from ulinzi.alerts import queries as alerts
from ulinzi.ledger import queries as ledger
from ulinzi.ledger import tables
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.reports.rules import REPORT, UNKNOWN_WHY, WHO

ANA = person("ana")
BUDGET, KEY, DECISION = 60.0, 0.28, 1.35
ANSWERS = {
    "place": "Telwa",
    "what": "attack_now",
    "happened": "now",
    "who": "armed_unknown",
    "many": "",
    "ongoing": "yes",
    "channel": "call",
    "priority": "",
}


@pytest.fixture
def room(browser: Browser, node: Node) -> Client:
    add_one("tirel", (Role.LIAISON_ASSISTANT, "north"))
    places.add_community(compartment="north", name="Telwa", by=ANA)
    return signed_in(browser(None), "tirel")


def liaison() -> Rights:
    return Rights(persona("tirel").id, ((Role.LIAISON_ASSISTANT, "north"),))


def send(client: Client, do: str, **changed: str) -> Any:
    return client.post("/call", {**ANSWERS, **changed, "do": do})


# What is written down.


def test_a_call_becomes_an_alert(node: Node, room: Client) -> None:
    answer = send(room, "alert")
    row = alerts.open_alerts(liaison())[0]
    assert answer.headers["Location"] == f"/alerts/{row['id']}"
    assert (row["channel"], row["priority"], row["received_at"], row["reports"]) == ("call", "p1", NOON, 1)


def test_a_call_becomes_a_report_and_no_alert(node: Node, room: Client) -> None:
    send(room, "report", what="tension")
    assert alerts.open_alerts(liaison()) == []
    assert [row["what"] for row in tables.read(node, REPORT, "1 = 1", [])] == ["tension"]


def test_the_clocks_run_since_it_reached_somebody(node: Node, room: Client) -> None:
    """NOON is 17:46 by the clock of the mission or another hour: the day before is certainly over."""
    send(room, "alert", came_date="20/09/2026", came_time="08:00")
    assert alerts.open_alerts(liaison())[0]["received_at"] < NOON


def test_nothing_reaches_anybody_in_time_to_come(node: Node, room: Client) -> None:
    assert send(room, "alert", came_date="20/09/2030", came_time="08:00").status_code == 422


def test_all_that_is_missing_is_said_at_once_and_nothing_is_saved(node: Node, room: Client) -> None:
    before = ledger.node_state().entries
    answer = room.post("/call", {"do": "alert", "words": "kept as typed"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "kept as typed" in page
    for said in ("Say where", "Say what happens", "Say when.", "Say who;", "Say whether it goes on."):
        assert said in page
    assert ledger.node_state().entries == before


@pytest.mark.parametrize("many", ["dozens", "10 to 20 or more", "-5"])
def test_a_number_that_is_none_is_said(node: Node, room: Client, many: str) -> None:
    assert send(room, "alert", many=many).status_code == 422


@pytest.mark.access
def test_whoever_may_raise_no_alerts_has_no_such_page(node: Node, browser: Browser) -> None:
    add_one("anselo", (Role.PROVINCIAL_ANALYST, "north"))
    assert signed_in(browser(None), "anselo").get("/call").status_code in (403, 404, 422)


# A minute.


@dataclass
class Control:
    """One thing on the page that the Tab key stops at, with the choices of a group of buttons."""

    name: str
    kind: str
    choices: list[str]


class Controls(HTMLParser):
    """The stops of the Tab key within the form, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[Control] = []
        self.within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.within = self.within or (tag == "form" and "sixform" in (told.get("class") or ""))
        if self.within and tag in ("input", "select", "textarea", "button") and told.get("type") != "hidden":
            self._stop(tag, told.get("name") or "", told.get("type") or "", told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.within = self.within and tag != "form"

    def _stop(self, tag: str, name: str, kind: str, value: str) -> None:
        last = self.listed[-1] if self.listed else None
        if kind == "radio" and last is not None and last.name == name:
            last.choices.append(value)
        else:
            self.listed.append(Control(name, kind or tag, [value]))


def controls(page: str) -> list[Control]:
    found = Controls()
    found.feed(page)
    return found.listed


def seconds(stops: list[Control], answers: dict[str, str], do: str) -> float:
    """From the first field to the button, by keys alone: every Tab, every arrow, every letter, every decision.

    A group of buttons is entered with one Tab; the space chooses its first, an arrow each one further. Whatever has an
    answer costs a decision, and so does leaving out what may be left out.
    """
    keys, decisions = 0, 0
    for stop in stops:
        if stop.kind == "button":
            decisions += 1
            keys += 1 + stop.choices.index(do) if do in stop.choices else 1
            if do in stop.choices:
                return keys * KEY + decisions * DECISION
            continue
        if stop.name == "unknown_why" and answers.get("who") != "unknown":
            continue  # it is not shown
        keys += 1
        decisions += stop.name in answers
        answer = answers.get(stop.name, "")
        keys += 1 + stop.choices.index(answer) if stop.kind == "radio" and answer else len(answer)
    raise AssertionError("no such button")


def without_defaults(told: dict[str, str]) -> dict[str, str]:
    """What a person leaves as it stands is decided in no time: the channel and the priority are proposed."""
    return {name: value for name, value in told.items() if name not in ("channel", "priority")}


def test_a_call_is_written_down_within_a_minute(node: Node, room: Client) -> None:
    stops = controls(room.get("/call").content.decode())
    assert [one.name for one in stops][:4] == ["place", "what", "happened", "who"]
    spent = seconds(stops, without_defaults(ANSWERS), "alert")
    assert 10 < spent <= BUDGET, spent


def test_even_the_longest_answers_are(node: Node, room: Client) -> None:
    """A long name, the last choice everywhere, a reason, and a report instead of an alert."""
    stops = controls(room.get("/call").content.decode())
    longest = {one.name: one.choices[-1] for one in stops if one.kind == "radio"}
    longest |= {"place": "Old Market of Telwa", "many": "100-150", "who": WHO[-1], "unknown_why": UNKNOWN_WHY[-1]}
    assert seconds(stops, longest, "report") <= BUDGET


def test_control_a_form_that_wants_a_story_is_not(node: Node, room: Client) -> None:
    stops = controls(room.get("/call").content.decode())
    told = {**without_defaults(ANSWERS), "words": "They came over the river before it was light. " * 4}
    assert seconds(stops, told, "alert") > BUDGET


def test_control_two_more_screens_of_fields_are_not(node: Node, room: Client) -> None:
    stops = controls(room.get("/call").content.decode())
    more = [Control(f"more{number}", "text", [""]) for number in range(24)]
    told = {**without_defaults(ANSWERS), **{one.name: "yes" for one in more}}
    assert seconds([*more, *stops], told, "alert") > BUDGET


# Where.


def test_a_place_that_is_so_called_needs_no_second_look(node: Node, room: Client) -> None:
    places.add_community(compartment="north", name="Telwa Market", by=ANA)
    assert send(room, "alert", place="telwa").status_code == 302


def test_one_that_only_begins_so_is_asked_about(node: Node, room: Client) -> None:
    answer = send(room, "alert", place="Telw")
    assert answer.status_code == 422 and "Is this the place?" in answer.content.decode()


def test_a_place_of_another_province_is_not_offered(node: Node, room: Client) -> None:
    places.add_community(compartment="south", name="Orsha", by=ANA)
    page = send(room, "alert", place="Orsha").content.decode()
    assert "No place of ours is called so." in page


def test_whoever_works_in_two_provinces_says_which(node: Node, browser: Browser) -> None:
    add_one("tirel", (Role.LIAISON_ASSISTANT, "north"), (Role.LIAISON_ASSISTANT, "south"))
    both = signed_in(browser(None), "tirel")
    told = {"place": "the ford", "asked": "the ford", "place_is": "said"}
    assert send(both, "alert", **told).status_code == 422
    assert send(both, "alert", **told, compartment="south").status_code == 302
    south = Rights(UUID(int=1), ((Role.LIAISON_ASSISTANT, "south"),))
    assert len(alerts.open_alerts(south)) == 1
