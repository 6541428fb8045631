"""From a message to a report and an alert: together, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.actions.test_messages import ANA, BORI, WATCH, came, state
from tests.letters import Letters
from tests.nodes import NOON
from ulinzi.accounts.rules import Rights, Role
from ulinzi.alerts import actions as alerts
from ulinzi.alerts import intake
from ulinzi.alerts import queries as alert_queries
from ulinzi.alerts import rules as alert_rules
from ulinzi.kernel import ids
from ulinzi.kernel.clock import DAY, HOUR, SetClock
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.messages import actions
from ulinzi.messages import queries as messages
from ulinzi.messages.rules import Step
from ulinzi.places import actions as places
from ulinzi.reports import actions as reports
from ulinzi.reports import queries

SAID: dict[str, Any] = {
    "place_said": "Telwa, by the ford",
    "what": "armed_men",
    "happened": "now",
    "who": "unknown",
    "unknown_why": "not_seen",
    "people_min": 10,
    "people_max": 20,
    "ongoing": "yes",
    "words": "Coming along the river",
}
ABUSE = {**SAID, "what": "abuse"}


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> Letters:
    return Letters(monkeypatch)


def test_a_message_becomes_a_report(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    report = intake.report_from_message(message, by=ANA, **SAID)
    row = queries.report(report, WATCH)
    assert (row["number"], row["what"], row["message"], row["by_whom"]) == ("BEN-1", "armed_men", message, ANA)
    assert (row["reliability"], row["credibility"]) == ("F", "6")
    assert state(message) == "reported"
    assert alert_queries.open_alerts(WATCH) == []


def test_a_message_becomes_an_alert_whose_clocks_run_since_it_came(
    node: Node,
    letters: Letters,
) -> None:
    message = came(node, letters)
    raised = intake.alert_from_message(message, priority="p2", by=ANA, **SAID)
    alert = alert_queries.alert(raised.alert, WATCH)
    assert (alert["received_at"], alert["priority"], alert["owner"], alert["reports"]) == (NOON, "p2", ANA, 1)
    assert state(message) == "alerted"


def test_what_comes_three_days_late_is_raised_all_the_same(node: Node, letters: Letters) -> None:
    """T-C-05: it stands where it happened, not where it arrived."""
    message = came(node, letters, late=3 * DAY)
    raised = intake.alert_from_message(message, priority="p1", by=ANA, **SAID)
    assert alert_queries.alert(raised.alert, WATCH)["received_at"] == NOON


def test_a_report_that_is_urgent_after_all_becomes_an_alert_and_stays_one_report(
    node: Node,
    letters: Letters,
) -> None:
    message = came(node, letters)
    report = intake.report_from_message(message, by=ANA, **SAID)
    raised = intake.alert_from_message(message, priority="p1", by=BORI, **{**SAID, "what": "attack_now"})
    assert raised.report == report
    assert queries.report(report, WATCH)["what"] == "attack_now"


def test_a_second_voice_joins_the_alert_that_is_open(node: Node, letters: Letters) -> None:
    first, second = came(node, letters), came(node, letters)
    alert = intake.alert_from_message(first, priority="p1", by=ANA, **SAID).alert
    intake.attach_message(second, alert, by=BORI, **SAID)
    assert alert_queries.alert(alert, WATCH)["reports"] == 2
    assert state(second) == "attached"


def test_undoing_it_takes_the_voice_away_from_the_alert_too(node: Node, letters: Letters) -> None:
    first, second = came(node, letters), came(node, letters)
    alert = intake.alert_from_message(first, priority="p1", by=ANA, **SAID).alert
    intake.attach_message(second, alert, by=BORI, **SAID)
    intake.undo(second, last_step(second), by=BORI)
    assert (alert_queries.alert(alert, WATCH)["reports"], state(second)) == (1, "waiting")
    intake.attach_message(second, alert, by=BORI, **SAID)
    assert alert_queries.alert(alert, WATCH)["reports"] == 2


def test_what_made_an_alert_is_ended_on_the_alert(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    intake.alert_from_message(message, priority="p1", by=ANA, **SAID)
    with pytest.raises(Refused, match="undo_not_now"):
        intake.undo(message, last_step(message), by=ANA)


def last_step(message: UUID) -> UUID:
    return UUID(str(messages.steps(messages.message(message, WATCH), WATCH)[-1]["id"]))


def test_an_alert_of_another_province_is_joined_by_nothing(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    there = raised_by_call("south")
    with pytest.raises(NotFound):
        intake.attach_message(message, there, by=ANA, **SAID)
    assert state(message) == "waiting"


def raised_by_call(compartment: str = "north") -> UUID:
    told = {"compartment": compartment, "received_at": NOON - HOUR, "channel": "radio", "priority": "p2"}
    return intake.alert_from_call(by=ANA, **told, **SAID).alert


def test_a_call_that_somebody_took_becomes_an_alert(node: Node) -> None:
    alert = alert_queries.alert(raised_by_call(), WATCH)
    assert (alert["channel"], alert["received_at"], alert["reports"]) == ("radio", NOON - HOUR, 1)


@pytest.mark.parametrize(("name", "code"), [("community", "community_elsewhere"), ("area", "area_elsewhere")])
def test_a_report_names_places_of_its_own_province(node: Node, letters: Letters, name: str, code: str) -> None:
    message, away = came(node, letters), places.add_community(compartment="south", name="Telwa", by=ANA)
    told = {"compartment": "north", "received_at": NOON, "channel": "radio"}
    for deal in (lambda **said: reports.add_report(by=ANA, **told, **said), from_message(message)):
        with pytest.raises(Refused, match=code):
            deal(**{**SAID, name: away})
        with pytest.raises(NotFound):
            deal(**{**SAID, name: ids.derived_id("tests.place", "nowhere", compartment="north")})
    assert state(message) == "waiting"


def from_message(message: UUID) -> Callable[..., UUID]:
    return lambda **said: intake.report_from_message(message, by=ANA, **said)


def test_control_a_place_of_this_province_is_named(node: Node, letters: Letters) -> None:
    here = places.add_community(compartment="north", name="Telwa", by=ANA)
    report = from_message(came(node, letters))(**{**SAID, "community": here})
    assert queries.report(report, WATCH)["community"] == here


def test_no_report_reached_us_in_time_to_come(node: Node) -> None:
    told = {"compartment": "north", "channel": "radio", **SAID}
    for said, kept in ((NOON + HOUR, NOON), (NOON - HOUR, NOON - HOUR)):
        report = reports.add_report(by=ANA, received_at=said, **told)
        assert queries.report(report, WATCH)["received_at"] == kept


# Nothing by halves.


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"what": None}, "answer_missing"),
        ({"unknown_why": None}, "unknown_why_missing"),
        ({"place_said": " "}, "place_missing"),
        ({"people_min": 20, "people_max": 10}, "number_not_understood"),
    ],
)
def test_a_refused_alert_leaves_the_message_waiting(
    node: Node,
    letters: Letters,
    changed: dict[str, Any],
    code: str,
) -> None:
    message, before = came(node, letters), ledger.node_state().entries
    with pytest.raises(Refused, match=code):
        intake.alert_from_message(message, priority="p1", by=ANA, **{**SAID, **changed})
    assert (state(message), ledger.node_state().entries) == ("waiting", before)


def test_when_the_alert_fails_neither_report_nor_step_is_there(
    node: Node,
    letters: Letters,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message, before = came(node, letters), ledger.node_state().entries

    def fails(**told: object) -> None:
        raise Refused("answer_missing")

    monkeypatch.setattr(alerts, "raise_alert", fails)
    with pytest.raises(Refused):
        intake.alert_from_message(message, priority="p1", by=ANA, **SAID)
    assert (state(message), ledger.node_state().entries) == ("waiting", before)


def test_nobody_alerts_with_what_another_has(node: Node, letters: Letters) -> None:
    message = came(node, letters)
    actions.step(message, Step.CLAIMED, by=ANA)
    for deal in (intake.report_from_message, intake.alert_from_message):
        with pytest.raises(Refused, match="message_held_by_another"):
            deal(message, by=BORI, **({"priority": "p1"} if deal is intake.alert_from_message else {}), **SAID)


def test_what_was_done_to_somebody_is_told_in_no_words(node: Node, letters: Letters) -> None:
    """H09: the attack is answered as one; its words go to nobody here."""
    message = came(node, letters)
    with pytest.raises(Refused, match="abuse_in_words"):
        intake.alert_from_message(message, priority="p1", by=ANA, **ABUSE)
    raised = intake.alert_from_message(message, priority="p1", by=ANA, **{**ABUSE, "words": ""})
    assert not alert_queries.alert(raised.alert, WATCH)["words"]


def test_who_told_it_is_for_those_who_know_sources(node: Node, letters: Letters) -> None:
    report = intake.report_from_message(came(node, letters), by=ANA, **SAID)
    commander = Rights(BORI, ((Role.BASE_COMMANDER, "north"),))
    row = queries.report(report, commander)
    assert (row["source"], row["message"], row["what"]) == (None, None, "armed_men")
    assert queries.report(report, WATCH)["source"] is not None  # the control: it is there


def test_a_report_is_graded_later(node: Node, letters: Letters) -> None:
    report = intake.report_from_message(came(node, letters), by=ANA, **SAID)
    reports.grade(report, by=BORI, reliability="B", credibility="2")
    row = queries.report(report, WATCH)
    assert (row["reliability"], row["credibility"]) == ("B", "2")


@pytest.mark.access
def test_whoever_may_not_raise_alerts_raises_none(node: Node) -> None:
    told = {"compartment": "north", "received_at": NOON, "channel": "call", "priority": "p1"}
    with pytest.raises(Refused, match="not_for_your_role"):
        intake.alert_from_call(by=ANA, **told, **SAID)


def test_an_alert_that_is_closed_is_joined_no_more(node: Node, letters: Letters) -> None:
    alert = raised_by_call()
    alerts.step(alert, alert_rules.Step.CLOSED, by=ANA, code="test")
    message = came(node, letters)
    with pytest.raises(Refused, match="alert_not_now"):
        intake.attach_message(message, alert, by=ANA, **SAID)
    assert state(message) == "waiting"


def test_the_clock_is_an_argument(node: Node, letters: Letters) -> None:
    assert isinstance(node.clock, SetClock)
    message = came(node, letters)
    report = intake.report_from_message(message, by=ANA, at=NOON + HOUR, **SAID)
    assert queries.report(report, WATCH)["entered_at"] == NOON + HOUR
