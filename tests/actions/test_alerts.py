"""Alerts and responses, as the people who answer for them: row, steps and refusal together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.nodes import person, reader
from ulinzi import ledger
from ulinzi.accounts.rules import Role
from ulinzi.alerts import actions, queries, rules
from ulinzi.alerts.clocks import clocks, targets_of
from ulinzi.alerts.rules import Step
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.node import Node
from ulinzi.ledger.shapes import Row
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses
from ulinzi.responses import queries as response_queries
from ulinzi.responses.rules import Step as Move

ANA, BORI, CIMO = person("ana"), person("bori"), person("cimo")
NORTH = reader("north")
# p1: half an hour to verify, one to decide, two to arrive, a day to feed back.
TARGETS = targets_of(
    [
        (one, (many, 4 * many, 24 * many, 96 * many))
        for one, many in (("verification", 30), ("decision", 60), ("arrival", 120), ("feedback", 1440))
    ]
)
WARNING = {"what": "attack_now", "who": "armed_unknown", "priority": "p1", "place_said": "Telwa, the school"}


def warn(node: Node, **values: Any) -> UUID:
    told = {"compartment": "north", "by": ANA, "received_at": node.clock.now() - 2 * MINUTE, "channel": "missed_call"}
    return actions.raise_alert(**{**told, **WARNING, **values})


def now(alert: UUID) -> Any:
    return queries.alert(alert, NORTH)


def kinds(alert: UUID) -> list[str]:
    return [one["kind"] for one in queries.steps(now(alert), NORTH)]


def test_whoever_raises_it_has_it_and_the_clock_starts_when_it_came(node: Node) -> None:
    row = now(warn(node))
    assert (row.number, row.state, row.owner, row.holds) == ("BEN-1", "open", ANA, True)
    assert row.raised_at - row.received_at == 2 * MINUTE
    assert row.taken_at == row.raised_at


@pytest.mark.parametrize("missing", ["what", "who", "priority", "place_said"])
def test_a_warning_without_an_answer_leaves_nothing(node: Node, missing: str) -> None:
    with pytest.raises(Refused):
        warn(node, **{missing: None})
    assert ledger_queries.node_state().entries == 0


def test_what_was_done_to_somebody_is_told_to_nobody_here(node: Node) -> None:
    with pytest.raises(Refused, match="abuse_in_words"):
        warn(node, what="abuse", words="They took her to the mill")
    assert ledger_queries.node_state().entries == 0


def test_the_whole_road_from_warning_to_word_back(node: Node) -> None:
    alert = warn(node)
    actions.step(alert, Step.VERIFIED, by=ANA, code="corroborated")
    sent = responses.send(alert, by=BORI, responder="mission_force", way="patrol")
    responses.step(sent, Move.LEFT, by=BORI)
    responses.step(sent, Move.ARRIVED, by=BORI)
    responses.step(sent, Move.ENDED, by=BORI, outcome="attackers_left")
    actions.step(alert, Step.FED_BACK, by=ANA, code="visit")
    actions.step(alert, Step.CLOSED, by=ANA, code="fed_back")
    row = now(alert)
    assert (row.state, row.decision, row.arrival, row.arrived_by) == ("closed", "respond", "seen", "mission_force")
    assert kinds(alert) == [
        "taken", "verified", "decided", "left", "arrived", "ended", "fed_back", "closed",
    ]  # fmt: skip
    assert response_queries.response(sent, NORTH).outcome == "attackers_left"


def test_sending_people_is_the_decision_and_before_verifying_it_has_words(node: Node) -> None:
    alert = warn(node)
    with pytest.raises(Refused, match="unverified_needs_words"):
        responses.send(alert, by=BORI, responder="mission_force", way="patrol")
    assert response_queries.of_alerts([alert], NORTH) == {} and kinds(alert) == ["taken"]
    responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots are heard from here")
    assert (now(alert).decision, len(response_queries.of_alerts([alert], NORTH)[alert])) == ("respond", 1)


def test_a_second_response_decides_nothing_anew(node: Node) -> None:
    alert = warn(node)
    for responder in ("mission_force", "mission_police"):
        responses.send(alert, by=BORI, responder=responder, way="patrol", words="Shots")
    assert kinds(alert) == ["taken", "decided"]


def test_what_others_say_of_themselves_is_claimed_until_one_of_ours_agrees(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="army", way="patrol", words="They are nearer")
    responses.step(sent, Move.ARRIVED, by=BORI, happened_at=node.clock.now() - MINUTE)
    said = now(alert)
    assert said.arrival == "claimed" and said.arrived_lag == MINUTE
    agreed = responses.confirm(sent, by=ANA)
    assert (now(alert).arrival, now(alert).arrived_at) == ("confirmed", said.arrived_at)
    with pytest.raises(Refused, match="nothing_to_confirm"):
        responses.confirm(sent, by=CIMO)
    responses.undo(sent, agreed, by=ANA)
    assert now(alert).arrival == "claimed"


def test_our_own_arrival_needs_no_confirming(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots")
    responses.step(sent, Move.ARRIVED, by=BORI)
    with pytest.raises(Refused, match="nothing_to_confirm"):
        responses.confirm(sent, by=ANA)


def test_talking_from_afar_answers_and_nobody_arrived(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="mission_civilian", way="talk", words="The chief can be reached")
    responses.step(sent, Move.LEFT, by=BORI)
    responses.step(sent, Move.ENDED, by=BORI, outcome="prevented")
    assert (now(alert).answered_at is not None, now(alert).arrived_at, now(alert).left_at) == (True, None, None)


def test_turning_back_is_no_answer(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots")
    responses.step(sent, Move.LEFT, by=BORI)
    responses.step(sent, Move.ENDED, by=BORI, outcome="not_known")
    assert now(alert).answered_at is None


def test_an_arrival_pressed_by_mistake_is_taken_back_on_both(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots")
    pressed = responses.step(sent, Move.ARRIVED, by=BORI)
    responses.undo(sent, pressed, by=CIMO)
    assert now(alert).arrived_at is None
    assert response_queries.response(sent, NORTH).state == "ordered"


def test_control_what_a_response_pushed_is_not_undone_on_the_alert_alone(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots")
    responses.step(sent, Move.ARRIVED, by=BORI)
    newest = queries.steps(now(alert), NORTH)[-1]["id"]
    with pytest.raises(Refused, match="undo_not_now"):
        actions.undo(alert, newest, by=ANA)


def test_people_arrive_after_it_was_closed(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots")
    actions.step(alert, Step.CLOSED, by=ANA, code="nobody_to_tell")
    responses.step(sent, Move.ARRIVED, by=BORI)
    assert (now(alert).arrived_at, response_queries.response(sent, NORTH).state) == (None, "there")


def test_nothing_is_said_to_have_happened_in_time_to_come(node: Node) -> None:
    alert = warn(node)
    actions.step(alert, Step.VERIFIED, by=ANA, code="refuted", happened_at=node.clock.now() + 60 * MINUTE)
    assert now(alert).verified_at <= node.clock.now()


def test_steps_that_belong_to_something_else_are_not_taken_by_hand(node: Node) -> None:
    alert = warn(node)
    for kind in (Step.ARRIVED, Step.ATTACHED, Step.DUPLICATE, Step.ESCALATED, Step.UNDONE):
        with pytest.raises(Refused, match="alert_not_now"):
            actions.step(alert, kind, by=ANA, code="seen")


def test_the_same_warning_twice_keeps_one_with_all_reports(node: Node) -> None:
    first, second = warn(node), warn(node)
    actions.attach(second, UUID(int=5), by=ANA)
    actions.same_as(second, first, by=ANA)
    assert (now(second).state, now(second).same_as, now(first).reports) == ("duplicate", first, 1)
    with pytest.raises(Refused, match="not_the_same_as_that"):
        actions.same_as(first, second, by=ANA)


def test_undone_and_reopened(node: Node) -> None:
    alert = warn(node)
    decided = actions.step(alert, Step.DECIDED, by=ANA, code="no_response", reason="out_of_reach")
    actions.undo(alert, decided, by=BORI)
    assert now(alert).decision is None
    actions.step(alert, Step.DECIDED, by=ANA, code="no_response", reason="out_of_reach")
    actions.step(alert, Step.CLOSED, by=ANA, code="unsafe_to_tell")
    actions.step(alert, Step.REOPENED, by=BORI, words="They came back at dawn")
    assert (now(alert).state, now(alert).rounds, now(alert).decision) == ("open", 2, None)


def test_two_people_say_how_urgent_it_is(node: Node) -> None:
    alert = warn(node, priority="p3")
    form = {name: group.dots for name, group in ledger_queries.groups_of("alerts.Alert", alert).items()}
    actions.edit_alert(alert, by=ANA, seen=form, priority="p2")
    with pytest.raises(ledger.Moved):
        actions.edit_alert(alert, by=BORI, seen=form, priority="p1")
    assert now(alert).priority == "p2"


def torn(alert: UUID, **values: Any) -> dict[str, Any]:
    """Two people wrote without seeing each other; the group as it stands then."""
    seen = {name: group.dots for name, group in ledger_queries.groups_of("alerts.Alert", alert).items()}
    for by, one in ((ANA, 0), (BORI, 1)):
        told = {name: value[one] for name, value in values.items()}
        actions.edit_alert(alert, by=by, seen=seen, keep_both=("what", "priority"), why="As told", **told)
    return ledger_queries.groups_of("alerts.Alert", alert)


def test_one_of_two_values_is_chosen_and_the_other_stays_in_the_history(node: Node) -> None:
    alert = warn(node)
    group = torn(alert, what=("burning", "people_hurt"))["what"]
    assert group.conflict and len(group.leaves) == 2
    actions.settle(alert, by=CIMO, seen={"what": group.dots}, what="burning")
    assert now(alert).what == "burning" and not now(alert).conflict
    told = [one.values for event in queries.history(now(alert)) for one in event.changes if one.group == "what"]
    assert [one["what"] for one in told if one] == ["attack_now", "burning", "people_hurt", "burning"]


def test_control_an_edit_that_changes_nothing_leaves_both(node: Node) -> None:
    alert = warn(node)
    torn(alert, what=("burning", "people_hurt"))
    actions.edit_alert(alert, by=CIMO, what=now(alert).what)
    assert now(alert).conflict


def test_whoever_makes_it_less_urgent_says_why(node: Node) -> None:
    alert = warn(node)
    before = ledger_queries.node_state().entries
    with pytest.raises(Refused, match="words_missing"):
        actions.edit_alert(alert, by=ANA, priority="p2", why=" ")
    assert (now(alert).priority, ledger_queries.node_state().entries) == ("p1", before)
    actions.edit_alert(alert, by=ANA, priority="p2", why="Seen from the hill: they went back.")
    assert now(alert).priority == "p2"
    last = queries.steps(now(alert), NORTH)[-1]
    assert (last["kind"], last["words"], last["by_whom"]) == ("noted", "Seen from the hill: they went back.", ANA)


def test_control_more_urgent_needs_no_words_and_makes_no_note(node: Node) -> None:
    alert = warn(node, priority="p3")
    actions.edit_alert(alert, by=ANA, priority="p1")
    assert now(alert).priority == "p1" and "noted" not in kinds(alert)


def test_to_choose_the_less_urgent_of_two_needs_words_too(node: Node) -> None:
    alert = warn(node, priority="p3")
    group = torn(alert, priority=("p2", "p1"))["priority"]
    assert group.conflict and now(alert).priority == "p1"
    with pytest.raises(Refused, match="words_missing"):
        actions.settle(alert, by=ANA, seen={"priority": group.dots}, priority="p2")
    actions.settle(alert, by=ANA, seen={"priority": group.dots}, priority="p2", why="One man, not ten")
    assert now(alert).priority == "p2" and not now(alert).conflict and kinds(alert)[-1] == "noted"


@pytest.mark.parametrize(("name", "code"), [("community", "community_elsewhere"), ("area", "area_elsewhere")])
def test_an_alert_stays_in_its_province(node: Node, name: str, code: str) -> None:
    alert = warn(node)
    away = places.add_community(compartment="south", name="Telwa", by=ANA)
    with pytest.raises(Refused, match=code):
        actions.edit_alert(alert, by=ANA, **{name: away})
    assert now(alert)[name] is None


def test_an_alert_of_another_office_is_not_here(node: Node) -> None:
    alert = warn(node)
    with pytest.raises(NotFound):
        queries.alert(alert, reader("south"))
    assert queries.open_alerts(reader("south")) == []
    assert [one["id"] for one in queries.open_alerts(NORTH)] == [alert]


def test_climbing_twice_asks_once(node: Node) -> None:
    alert = warn(node)
    node.clock.advance(40 * MINUTE)
    for _ in range(2):
        actions.climb(alert, targets=TARGETS, people={Role.WATCH_OFFICER: [CIMO]}, by=ANA)
    assert kinds(alert) == ["taken", "escalated"]
    assert (now(alert).climbed_to, now(alert).holds) == (CIMO, False)


def test_whoever_took_it_in_the_meantime_is_not_passed_over(node: Node) -> None:
    alert = warn(node)
    actions.step(alert, Step.VERIFIED, by=ANA, code="corroborated")
    node.clock.advance(40 * MINUTE)
    assert actions.climb(alert, targets=TARGETS, people={Role.WATCH_OFFICER: [CIMO]}, by=ANA) is None
    assert now(alert).holds is True


def test_a_clock_that_climbed_before_another_goes_on_climbing(node: Node) -> None:
    """Paused past the decision, asked about it, going on, asked about verifying: the decision is asked about again."""
    alert, people = warn(node), {Role.WATCH_OFFICER: [CIMO], Role.HEAD_OF_OFFICE: [BORI]}
    actions.step(alert, Step.PAUSED, by=ANA, code="not_safe")
    node.clock.advance(70 * MINUTE)
    actions.climb(alert, targets=TARGETS, people=people, by=ANA)
    actions.step(alert, Step.RESUMED, by=ANA)
    node.clock.advance(40 * MINUTE)
    actions.climb(alert, targets=TARGETS, people=people, by=ANA)
    actions.step(alert, Step.VERIFIED, by=ANA, code="corroborated")
    asked = [one["code"] for one in queries.steps(now(alert), NORTH) if one["kind"] == "escalated"]
    node.clock.advance(20 * MINUTE)
    assert asked == ["decision", "verification"]
    assert actions.climb(alert, targets=TARGETS, people=people, by=ANA) is not None


def test_an_alert_of_a_newer_version_climbs_as_the_most_urgent(node: Node) -> None:
    row = Row({**now(warn(node)), "priority": "p0", "received_at": None})
    assert clocks(row, TARGETS, node.clock.now())[0].target == 30 * MINUTE


def test_where_nobody_can_be_asked_it_stands_among_the_problems(node: Node) -> None:
    alert = warn(node)
    node.clock.advance(40 * MINUTE)
    actions.climb(alert, targets=TARGETS, people={}, by=ANA)
    assert [one["code"] for one in ledger_queries.problems(["north"])] == ["nobody_to_ask"]
    actions.step(alert, Step.TAKEN, by=ANA)
    assert ledger_queries.problems(["north"]) == []
    assert now(alert).breaches == 0 and rules.may_step(now(alert), Step.CLOSED)


def test_a_step_keeps_what_belongs_to_it_and_nothing_else(node: Node) -> None:
    """Forms can be made by hand: nobody's words come to stand where a code does (T-A-04)."""
    alert = warn(node)
    actions.step(alert, Step.NOTED, by=ANA, words="Called", code="army", reason="free words of somebody", to=BORI)
    noted = queries.steps(now(alert), NORTH)[-1]
    assert (noted["code"], noted["reason"], noted["to_whom"]) == (None, None, None)
    actions.step(alert, Step.DECIDED, by=ANA, code="respond", reason="free words", words="Shots")
    assert queries.steps(now(alert), NORTH)[-1]["reason"] is None


def test_a_base_is_one_of_this_office(node: Node) -> None:
    alert = warn(node)
    there = places.add_base(compartment="south", name="Harsen", kind="company", by=ANA)
    village = places.add_community(compartment="north", name="Telwa", by=ANA)
    for base in (there, village, alert, UUID(int=7)):
        with pytest.raises((Refused, NotFound)):
            responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots", base=base)
    assert kinds(alert) == ["taken"]
    here = places.add_base(compartment="north", name="Nerela", kind="company", by=ANA)
    responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots", base=here)


def test_an_outcome_belongs_to_the_end(node: Node) -> None:
    alert = warn(node)
    sent = responses.send(alert, by=BORI, responder="mission_force", way="patrol", words="Shots")
    responses.step(sent, Move.LEFT, by=BORI, outcome="no outcome at all")
    assert response_queries.steps([response_queries.response(sent, NORTH)], NORTH)[-1]["outcome"] is None
