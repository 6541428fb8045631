"""The file of an alert: every step by its form, what is refused with what was typed, and what is not for everybody."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.nodes import NOON
from tests.web.conftest import Browser, add_one, entries, signed_in
from tests.web.test_watch import torn
from tests.web.watching import ME, body, community, officer, raised, reader, row, step
from ulinzi.accounts.rules import EVERYWHERE, Rights, Role
from ulinzi.alerts import actions, queries
from ulinzi.alerts.rules import CODED, DECISIONS, NO_RESPONSE, Step
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.node import Node
from ulinzi.reports import actions as reports
from ulinzi.responses import actions as response_actions
from ulinzi.responses import queries as responses
from ulinzi.responses.rules import Step as ResponseStep
from ulinzi.web import alert as screen
from ulinzi.web import alert_forms

pytestmark = pytest.mark.sqlite_only
WORDS = "They heard it twice, “close by” <b>."


@pytest.fixture
def desk(browser: Browser) -> Client:
    """A watch officer of the north."""
    return signed_in(browser(None), officer().code)


def page_of(client: Client, alert: UUID, **asked: Any) -> str:
    return body(client.get(f"/alerts/{alert}", asked))


def do(client: Client, alert: UUID, kind: str, **told: Any) -> Any:
    return client.post(f"/alerts/{alert}/step", {"kind": kind, **told})


def sent(alert: UUID, responder: str = "mission_force", *steps: ResponseStep) -> UUID:
    made = response_actions.send(alert, by=ME, responder=responder, way="patrol", words="They run.")
    for one in steps:
        response_actions.step(made, one, by=ME, outcome="attackers_left" if one == ResponseStep.ENDED else None)
    return made


# What it says.


def test_the_head_says_what_where_and_in_one_breath_how_it_stands(desk: Client) -> None:
    alert = raised(20, community=community("Telwa"), words="Shots near the school.", take=True)
    page = page_of(desk, alert)
    assert "Armed men moving, <bdi>Telwa</bdi>" in page and "Shots near the school." in page
    assert "Said to have done it: armed men, not identified. Nobody has verified it. Nothing is decided." in page
    step(alert, Step.VERIFIED, "two_sources")
    step(alert, Step.DECIDED, "respond")
    assert "Confirmed by two independent sources. Decided: Respond. Nobody has been sent." in page_of(desk, alert)


def test_every_record_that_is_not_there_or_not_theirs_looks_the_same(desk: Client) -> None:
    there = raised(1, compartment="south")
    answers = [desk.get(f"/alerts/{one}") for one in (there, uuid4())]
    assert [one.status_code for one in answers] == [404, 404]
    for name in ("step", "undo", "same", "send"):
        assert desk.post(f"/alerts/{there}/{name}", {"kind": "taken"}).status_code in (404, 422), name
    assert row(there)["owner"] is None


# Every step.


STEPS: dict[str, dict[str, Any]] = {
    "taken": {},
    "called": {"code": "safe"},
    "verified": {"code": "trained_observer"},
    "told": {"code": "army"},
    "paused": {"code": "line_down"},
    "fed_back": {"code": "committee"},
    "noted": {"words": WORDS},
    "closed": {"code": "false"},
}


@pytest.mark.parametrize("kind", list(STEPS))
def test_each_step_is_one_press_and_stands_in_the_timeline(desk: Client, kind: str) -> None:
    alert = raised(5)
    assert do(desk, alert, kind, **STEPS[kind]).status_code == 302
    assert queries.steps(row(alert), reader())[-1]["kind"] == kind
    told = " ".join(re.findall(r'<ol class="log">(.*?)</ol>', page_of(desk, alert)))
    assert "Selim Brahane" in told


@pytest.mark.parametrize("code", [one for one in DECISIONS if one != "no_response"])
def test_each_decision_is_one_press_once_it_is_verified(desk: Client, code: str) -> None:
    alert = raised(5, take=True)
    step(alert, Step.VERIFIED, "corroborated")
    assert do(desk, alert, "decided", code=code).status_code == 302 and row(alert)["decision"] == code


@pytest.mark.parametrize("reason", [one for one in NO_RESPONSE if one != "other"])
def test_that_nobody_goes_is_one_press_on_the_reason(desk: Client, reason: str) -> None:
    alert = raised(5, take=True)
    assert f'name="reason" value="{reason}"' in page_of(desk, alert)
    assert do(desk, alert, "decided", code="no_response", reason=reason).status_code == 302
    assert (row(alert)["decision"], row(alert)["reason"]) == ("no_response", reason)


def test_before_it_is_verified_a_decision_asks_for_words_and_keeps_what_was_typed(desk: Client) -> None:
    alert = raised(5, take=True)
    before = entries()
    answer = do(desk, alert, "decided", code="respond", ago="3")
    page = body(answer)
    assert answer.status_code == 422 and entries() == before
    assert "nothing says why it is decided now" in page and "Nothing was saved." in page and 'value="3"' in page
    assert do(desk, alert, "decided", code="respond", words="No time.").status_code == 302
    assert row(alert)["decision"] == "respond"


def test_control_once_verified_it_asks_for_none(desk: Client) -> None:
    alert = raised(5, take=True)
    step(alert, Step.VERIFIED, "corroborated")
    assert "Why now, before it is verified" not in page_of(desk, alert)


REFUSED: dict[str, dict[str, Any]] = {
    "verified": {"code": "surely"},
    "called": {},
    "noted": {"words": " ", "ago": "12"},
    "closed": {"code": "fed_back", "words": WORDS},
    "handed_over": {"words": WORDS},
    "told": {"code": "army", "ago": "yesterday", "words": WORDS},
    "fed_back": {"code": "sms", "ago": "99999", "words": WORDS},
}


@pytest.mark.parametrize("kind", list(REFUSED))
def test_what_is_refused_writes_nothing_and_loses_nothing(desk: Client, kind: str) -> None:
    alert = raised(5, take=True)
    before, told = entries(), REFUSED[kind]
    answer = do(desk, alert, kind, **told)
    page = body(answer)
    assert answer.status_code in (409, 422) and entries() == before and 'role="alert"' in page
    if told.get("words", "").strip():
        assert "They heard it twice, “close by” &lt;b&gt;." in page
    if "ago" in told:
        assert f'value="{told["ago"]}"' in page


@pytest.mark.parametrize("kind", ["undone", "left", "escalated", "attached", "nonsense", ""])
def test_what_is_no_step_by_hand_is_refused(desk: Client, kind: str) -> None:
    alert = raised(5)
    before = entries()
    assert do(desk, alert, kind, code="seen").status_code == 422 and entries() == before


def test_it_was_earlier_keeps_both_times_and_marks_the_gap(desk: Client) -> None:
    alert = raised(60, take=True)
    do(desk, alert, "verified", code="corroborated", ago="25")
    assert row(alert)["verified_at"] == NOON - 25 * MINUTE
    page = page_of(desk, alert)
    assert "25 min later" in page and "written late" in page


def test_now_is_now(desk: Client) -> None:
    alert = raised(20, take=True)
    do(desk, alert, "verified", code="corroborated", ago="")
    assert row(alert)["verified_at"] == NOON and "written late" not in page_of(desk, alert)


def test_it_is_handed_to_somebody_who_may(desk: Client) -> None:
    other = officer("anselo")
    alert = raised(5, take=True)
    assert f'value="{other.id}"' in page_of(desk, alert)
    assert do(desk, alert, "handed_over", to=str(other.id)).status_code == 302
    assert row(alert)["owner"] == other.id and "has not answered" in page_of(desk, alert)
    assert do(desk, alert, "handed_over", to="x").status_code == 422


def test_the_clock_to_verify_pauses_and_runs_again(desk: Client) -> None:
    alert = raised(5, take=True)
    do(desk, alert, "paused", code="not_safe")
    assert "paused 0 min" in page_of(desk, alert) and "Let the clock run" in page_of(desk, alert)
    do(desk, alert, "resumed")
    assert row(alert)["paused_at"] is None


def test_the_last_step_is_undone_and_stays_crossed_out(desk: Client) -> None:
    alert = raised(5, take=True)
    noted = step(alert, Step.NOTED, words="Wrong place.")
    assert str(noted) in page_of(desk, alert)
    desk.post(f"/alerts/{alert}/undo", {"step": str(noted)})
    assert '<li class="undone">' in page_of(desk, alert)
    again = desk.post(f"/alerts/{alert}/undo", {"step": str(noted)})
    assert again.status_code == 409 and desk.post(f"/alerts/{alert}/undo", {"step": "x"}).status_code == 422


def test_it_is_the_same_as_another_and_its_reports_go_there(desk: Client) -> None:
    place = community("Telwa")
    alert, other = raised(5, community=place), raised(9, community=place, what="burning")
    assert str(other) not in page_of(desk, alert)
    assert f'value="{other}"' in page_of(desk, alert, do="duplicate")
    assert desk.post(f"/alerts/{alert}/same", {"other": str(other)}).status_code == 302
    assert row(alert)["state"] == "duplicate"
    page = page_of(desk, alert)
    assert f'href="/alerts/{other}"' in page and "Same as another alert" in page
    assert desk.post(f"/alerts/{other}/same", {"other": ""}).status_code == 422


# Closing.


def test_it_is_closed_only_with_feedback_or_a_reason(desk: Client) -> None:
    alert = raised(5, take=True)
    step(alert, Step.DECIDED, "no_response", reason="stale")
    page = page_of(desk, alert)
    assert 'value="cannot_reach"' in page and 'name="code" value="fed_back"' not in page
    assert do(desk, alert, "closed", code="fed_back").status_code == 422
    step(alert, Step.FED_BACK, "visit")
    page = page_of(desk, alert)
    assert 'name="code" value="fed_back"' in page and 'value="cannot_reach"' not in page
    assert do(desk, alert, "closed", code="fed_back").status_code == 302 and row(alert)["state"] == "closed"


def test_what_is_closed_is_opened_again_with_words(desk: Client) -> None:
    alert = raised(5, take=True)
    step(alert, Step.CLOSED, "test")
    page = page_of(desk, alert)
    assert "This file is closed" in page and "It was a test." in page
    assert do(desk, alert, "reopened").status_code == 422
    assert do(desk, alert, "reopened", words="It was none.").status_code == 302 and row(alert)["state"] == "open"


def test_no_reason_to_close_is_chosen_before_somebody_chooses(desk: Client) -> None:
    page = page_of(desk, raised(5, take=True))
    assert "checked" not in page and "selected" not in page.split('id="next"')[1].split("</section>")[0]


def test_every_code_that_the_rules_know_can_be_pressed_somewhere(node: Node) -> None:
    """Of what is done by hand; what a response tells and what a machine asks are not."""
    offered = {kind: [code for code, _word in make({})] for kind, make in screen._OPTIONS.items()
               if kind not in ("closed", "no_response", "decided")}  # fmt: skip
    by_hand = {"called", "verified", "told", "fed_back", "paused"}
    offered["fed_back"].append(alert_forms.SMS)  # by a form of its own, which sends it
    assert {kind: list(CODED[Step(kind)]) for kind in by_hand} == {kind: offered[kind] for kind in by_hand}
    assert {code for code, _ in alert_forms.decisions({})} == set(DECISIONS) - {"no_response"}  # type: ignore[arg-type]


# Responses.


def test_sending_somebody_is_offered_where_it_is_decided_or_to_whoever_decides(desk: Client) -> None:
    """The commander of the police answers, but does not decide that there is an answer."""
    alert = raised(5, take=True)
    police, commander = (Rights(ME, ((one, "north"),)) for one in (Role.POLICE_COMMANDER, Role.BASE_COMMANDER))

    def is_offered(reader: Rights) -> bool:
        return alert_forms.SEND in alert_forms.offered(row(alert), reader)

    assert [is_offered(police), is_offered(commander)] == [False, True]
    step(alert, Step.VERIFIED, "two_sources")
    step(alert, Step.DECIDED, "respond")
    assert [is_offered(police), is_offered(commander)] == [True, True]


def test_somebody_is_sent_and_says_go_arrived_and_end(desk: Client) -> None:
    alert = raised(5, take=True)
    step(alert, Step.VERIFIED, "corroborated")
    told = {"responder": "mission_force", "way": "patrol"}
    assert desk.post(f"/alerts/{alert}/send", told).status_code == 302
    made = responses.of_alerts([alert], reader())[alert][0]["id"]
    assert ">GO<" in page_of(desk, alert)
    desk.post(f"/responses/{made}/step", {"kind": "left"})
    desk.post(f"/responses/{made}/step", {"kind": "arrived"})
    assert row(alert)["arrival"] == "seen" and ">END<" in page_of(desk, alert)
    desk.post(f"/responses/{made}/step", {"kind": "ended", "outcome": "people_helped"})
    page = page_of(desk, alert)
    assert "People were helped" in page and ">GO<" not in page and row(alert)["ended_at"] == NOON


def test_what_others_say_of_themselves_is_a_claim_until_one_of_ours_agrees(desk: Client) -> None:
    alert = raised(5, take=True)
    made = sent(alert, "police", ResponseStep.ARRIVED)
    page = page_of(desk, alert)
    assert row(alert)["arrival"] == "claimed" and "claimed by others" in page and "hatch" in page
    assert "One of ours agrees" in page
    desk.post(f"/responses/{made}/confirm")
    assert row(alert)["arrival"] == "confirmed" and "One of ours agrees" not in page_of(desk, alert)


def test_control_our_own_people_saw_it_themselves(desk: Client) -> None:
    alert = raised(5, take=True)
    made = sent(alert, "mission_force", ResponseStep.ARRIVED)
    assert "One of ours agrees" not in page_of(desk, alert)
    assert desk.post(f"/responses/{made}/confirm").status_code == 409


def test_telling_somebody_is_no_response(desk: Client) -> None:
    alert = raised(5, take=True)
    step(alert, Step.VERIFIED, "corroborated")
    do(desk, alert, "told", code="army")
    page = page_of(desk, alert)
    assert "Telling somebody is not a response." in page and "Nothing is decided." in page
    assert row(alert)["arrived_at"] is None and row(alert)["decision"] is None


def test_a_response_that_ends_says_what_came_of_it_and_keeps_its_words(desk: Client) -> None:
    made = sent(raised(5, take=True), "mission_force", ResponseStep.LEFT)
    answer = desk.post(f"/responses/{made}/step", {"kind": "ended", "outcome": "", "words": WORDS})
    assert answer.status_code == 422 and "“close by” &lt;b&gt;." in body(answer)


def test_they_left_earlier(desk: Client) -> None:
    made = sent(raised(50, take=True))
    desk.post(f"/responses/{made}/step", {"kind": "left", "ago": "20"})
    assert responses.response(made, reader())["left_at"] == NOON - 20 * MINUTE
    assert desk.post(f"/responses/{made}/step", {"kind": "arrived", "ago": "x"}).status_code == 422


def test_a_step_of_a_response_is_undone_with_what_the_alert_was_told(desk: Client) -> None:
    alert = raised(5, take=True)
    made = sent(alert, "mission_force", ResponseStep.LEFT)
    last = responses.steps([responses.response(made, reader())], reader())[-1]
    desk.post(f"/responses/{made}/undo", {"step": str(last["id"])})
    assert row(alert)["left_at"] is None and '<li class="undone">' in page_of(desk, alert)


def test_a_step_of_a_response_stands_once(desk: Client) -> None:
    alert = raised(5, take=True)
    sent(alert, "mission_force", ResponseStep.LEFT)
    assert len(re.findall(r"left\.", page_of(desk, alert))) == 1


def test_a_response_of_another_province_is_not_there(desk: Client) -> None:
    made = sent(raised(5, compartment="south", take=True))
    for name in ("step", "confirm", "undo"):
        assert desk.post(f"/responses/{made}/{name}", {"kind": "left", "step": str(ME)}).status_code == 404


# What is not for everybody.


def test_a_base_commander_sees_no_source_and_no_inbox(browser: Browser) -> None:
    alert = raised(5, take=True)
    told = {"what": "armed_men", "who": "army", "ongoing": "yes", "happened": "now", "place_said": "the ford"}
    report = reports.add_report(compartment="north", by=ME, received_at=NOON, channel="call", **told)
    actions.attach(alert, report, by=ME)
    add_one("ristow", (Role.BASE_COMMANDER, "north"))
    page = page_of(browser("ristow"), alert)
    assert "Who told it is not for your role" in page
    assert "Who told it is not for your role" not in page_of(signed_in(browser(None), officer().code), alert)


def test_what_a_role_may_not_do_is_not_offered(browser: Browser) -> None:
    alert = raised(5, take=True)
    add_one("kestra", (Role.HEADQUARTERS_ANALYST, EVERYWHERE))
    page = page_of(browser("kestra"), alert)
    assert "This waits for somebody whose role it is." in page and "/step" not in page


def test_words_are_withheld_from_whoever_sees_less_deep(browser: Browser) -> None:
    alert = raised(5, take=True, words="A sign of the words.")
    step(alert, Step.NOTED, words="Another sign.")
    add_one("kestra", (Role.HEADQUARTERS_ANALYST, EVERYWHERE))
    page = page_of(browser("kestra"), alert, changes="1")
    assert "sign" not in page.split("<main")[1].split("</main>")[0] and "Words not for your role" in page


def test_state_agents_are_not_told_in_passing(desk: Client) -> None:
    assert "State agents are said to have done it" in page_of(desk, raised(5, who="army"))
    assert "State agents are said to have done it" not in page_of(desk, raised(5))


def test_two_values_both_stand_on_the_file(desk: Client) -> None:
    page = page_of(desk, torn(raised(1, take=True)))
    assert "Two values: what it is" in page and "Houses or fields burning" in page and "People injured" in page


def test_what_was_changed_stands_in_the_timeline_when_it_is_asked_for(desk: Client) -> None:
    alert = raised(5, take=True, priority="p2")
    actions.edit_alert(alert, by=ME, priority="p1")
    assert "changed it." not in page_of(desk, alert)
    assert "changed it." in page_of(desk, alert, changes="1")


# What it costs, and who may send a form.


def test_a_file_with_all_that_can_be_in_it_costs_few_statements(desk: Client, node: Node) -> None:
    alert = raised(50, take=True, community=community("Telwa"))
    step(alert, Step.VERIFIED, "corroborated")
    for responder in ("mission_force", "police"):
        sent(alert, responder, ResponseStep.LEFT, ResponseStep.ARRIVED)
    for n in range(30):
        step(alert, Step.NOTED, words=f"Note {n}")
    desk.get(f"/alerts/{alert}")
    with CaptureQueriesContext(connections[node.alias]) as asked:
        page_of(desk, alert)
    assert len(asked) <= 12, [one["sql"][:90] for one in asked]


def test_a_form_from_elsewhere_is_refused(browser: Browser) -> None:
    alert = raised(5)
    desk = signed_in(browser(None, csrf=True), officer().code)
    assert do(desk, alert, "taken").status_code == 403 and row(alert)["owner"] is None
