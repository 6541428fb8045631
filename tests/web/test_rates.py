"""Four response rates on the screen and as a file: of how many, for whom, and what is not counted as a response."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from tests.nodes import person
from tests.web.conftest import Browser
from ulinzi.alerts import actions
from ulinzi.alerts.rules import Step
from ulinzi.kernel.clock import DAY, MINUTE
from ulinzi.ledger.node import Node
from ulinzi.responses import actions as responses
from ulinzi.responses.rules import Step as Move

ANA = person("ana")


@pytest.fixture
def client(browser: Browser) -> Client:
    return browser()


def warn(node: Node, *, ago: int = DAY, place: str = "north", **values: Any) -> Any:
    told = {"what": "attack_now", "who": "armed_unknown", "priority": "p1", "place_said": "Telwa", **values}
    came = node.clock.now() - ago
    return actions.raise_alert(compartment=place, by=ANA, received_at=came, channel="sms", **told)


def reach(alert: Any, who: str = "mission_force") -> None:
    sent = responses.send(alert, by=ANA, responder=who, way="patrol", words="Shots")
    responses.step(sent, Move.ARRIVED, by=ANA)


def lines(client: Client, asked: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/alerts/rates.csv{asked}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_of_all_that_came_in_also_those_still_open(node: Node, client: Client) -> None:
    reach(warn(node))
    warn(node)
    actions.step(warn(node), Step.CLOSED, by=ANA, code="test")
    total = lines(client)[-1]
    assert {name: total[name] for name in ("received", "tests", "counted", "reached", "still_open")} == {
        "received": "3", "tests": "1", "counted": "2", "reached": "1", "still_open": "2",
    }  # fmt: skip
    page = client.get("/alerts/rates")
    assert "1 of 2" in page.content.decode()


def test_what_others_claim_stands_apart(node: Node, client: Client) -> None:
    reach(warn(node), "army")
    by_who = {line["who"]: line for line in lines(client, "?by=who")}
    assert (by_who["the army"]["reached"], by_who["the army"]["claimed"]) == ("0", "1")


def test_few_have_no_percentage_and_enough_do(node: Node, client: Client) -> None:
    for _ in range(4):
        warn(node)
    assert "%" not in client.get("/alerts/rates").content.decode().split("<main")[1]
    reach(warn(node))
    assert "20%" in client.get("/alerts/rates").content.decode()


def test_only_the_days_that_are_asked_for(node: Node, client: Client) -> None:
    warn(node, ago=20 * DAY)
    assert lines(client, "?days=7")[-1]["received"] == "0"
    assert lines(client, "?days=30")[-1]["received"] == "1"


@pytest.mark.parametrize("asked", ["?days=5000", "?days=x&by=compartment;drop", "?by=owner"])
def test_what_nobody_offers_is_not_asked(node: Node, client: Client, asked: str) -> None:
    warn(node)
    assert lines(client, asked)[-1]["days"] == "30"


def test_where_nothing_came_in_it_does_not_say_that_all_is_calm(node: Node, client: Client) -> None:
    assert "nobody could call" in client.get("/alerts/rates").content.decode()


def test_late_is_not_in_time(node: Node, client: Client) -> None:
    late = warn(node, ago=DAY)
    reach(late)
    soon = warn(node, ago=MINUTE)
    reach(soon)
    total = lines(client)[-1]
    assert (total["reached"], total["in_time"]) == ("2", "1")


def test_abuse_is_told_apart_by_quarter_alone(node: Node, client: Client) -> None:
    warn(node, what="abuse")
    assert {line["what"] for line in lines(client, "?days=7")} == {"Something else", "all"}
    assert "Abuse of people" in {line["what"] for line in lines(client, "?days=90")}
