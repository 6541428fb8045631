"""The community is told by SMS: only who asked for it, only in the mission's words, and written down before it goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from tests.actions.test_intake import SAID
from tests.actions.test_messages import holds
from tests.actions.test_messages_gateway import ANA, WATCH, Room, came, room  # noqa: F401 - a fixture
from tests.gateway.conftest import NUMBER
from tests.nodes import NOON, person
from ulinzi import ledger
from ulinzi.accounts.rules import Rights, Role
from ulinzi.alerts import actions as alerts
from ulinzi.alerts import intake
from ulinzi.alerts import queries as alert_queries
from ulinzi.alerts import rules as alert_rules
from ulinzi.kernel.clock import MINUTE, SetClock
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger.node import Node
from ulinzi.messages import queries, tasks
from ulinzi.messages.rules import NUMBER_KEPT
from ulinzi.network import actions as network
from ulinzi.network import queries as sources
from ulinzi.places import actions as places

ALL = Rights(ANA, all=True)


class Told:
    """A warning that came by SMS, became an alert, and whose sender is a source that wants an SMS."""

    def __init__(self, node: Node, room: Room, reply: str = "sms", contact: str = "call") -> None:  # noqa: F811
        self.node, self.room = node, room
        self.message = came(node, room)
        self.alert = intake.alert_from_message(self.message, by=ANA, priority="p1", **SAID).alert
        home = places.add_community(compartment="north", name="Telwa", by=ANA)
        self.source = intake.enrol_sender(
            self.message, community=home, kind="elected", by=ANA, contact=contact, reply=reply
        )

    def write(self, phrase: str = "thanks", language: str = "en", **told: Any) -> None:
        intake.write_back(told.get("alert", self.alert), self.message, phrase, language, by=told.get("by", ANA))

    @property
    def steps(self) -> list[Any]:
        return alert_queries.steps(self.row, ALL)

    @property
    def row(self) -> Any:
        return alert_queries.alert(self.alert, ALL)

    @property
    def fed_back(self) -> list[Any]:
        return [one for one in alert_rules.effective(self.steps) if one["kind"] == "fed_back"]

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(one.phrase, one.state) for one in intake.written_back(self.alert, self.steps)]


@pytest.fixture
def told(node: Node, room: Room) -> Told:  # noqa: F811
    return Told(node, room)


def test_the_phrase_goes_to_whoever_told_it_and_the_community_counts_as_told(told: Told) -> None:
    told.write()
    (sent,) = told.room.phone.to_send
    assert sent["textMessage"] == {"text": "Thank you, and all the best."} and sent["phoneNumbers"] == [NUMBER]
    assert (told.row["feedback"], told.fed_back[0]["reason"]) == ("sms", "thanks")
    assert told.states == [("thanks", "pending")]
    assert not holds(told.node, NUMBER) and not holds(told.node, "all the best")


def test_what_becomes_of_it_is_told_by_the_gateway(told: Told) -> None:
    told.write()
    told.room.phone.report(NOON, "delivered")
    told.room.phone.tick(NOON)
    assert told.states == [("thanks", "delivered")]


def test_pressed_twice_it_is_one_sms_and_one_step(told: Told) -> None:
    told.write()
    told.write(language="fr")
    assert len(told.room.phone.to_send) == len(told.fed_back) == 1
    told.write("done")
    assert len(told.room.phone.to_send) == len(told.fed_back) == 2


def test_nothing_is_sent_before_the_entry_is_committed(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    stood: list[tuple[bool, int]] = []

    def send(client: object, handle: str, text: str, id: str) -> dict[str, Any]:
        stood.append((connections[told.node.alias].in_atomic_block, len(told.fed_back)))
        return {"id": id, "handle": handle, "state": "pending", "reason": "", "changed_at": NOON}

    monkeypatch.setattr(queries.Client, "send", send)
    told.write()
    assert stood == [(False, 1)]


def test_control_within_the_unit_it_would_not_be_committed(told: Told) -> None:
    with ledger.unit("alerts.write_back", by=ANA):
        alerts.tell_by_sms(told.alert, "an id", phrase="thanks", by=ANA)
        assert connections[told.node.alias].in_atomic_block


REFUSED: dict[str, dict[str, str]] = {
    "source_wants_no_sms": {"reply": "none"},
    "call_not_now": {"contact": "not_now"},
    "call_never": {"contact": "never"},
}


@pytest.mark.parametrize("code", list(REFUSED))
def test_who_did_not_choose_it_gets_none(node: Node, room: Room, code: str) -> None:  # noqa: F811
    told = Told(node, room, **REFUSED[code])
    with pytest.raises(Refused, match=code):
        told.write()
    assert room.phone.to_send == [] and told.fed_back == []
    assert intake.tellers(told.row, WATCH, NOON) == []


def test_control_who_chose_it_is_listed(told: Told) -> None:
    assert [one.message["id"] for one in intake.tellers(told.row, WATCH, NOON)] == [told.message]


def test_who_has_withdrawn_gets_none(told: Told) -> None:
    network.withdraw_source(told.source, by=ANA)
    with pytest.raises(Refused, match="source_withdrawn"):
        told.write()
    assert intake.tellers(told.row, WATCH, NOON) == [] and told.room.phone.to_send == []


def test_somebody_unknown_gets_none(node: Node, room: Room) -> None:  # noqa: F811
    message = came(node, room)
    alert = intake.alert_from_message(message, by=ANA, priority="p1", **SAID).alert
    with pytest.raises(Refused, match="source_wants_no_sms"):
        intake.write_back(alert, message, "thanks", "en", by=ANA)
    assert room.phone.to_send == []


@pytest.mark.parametrize(("phrase", "language"), [("free words", "en"), ("thanks", "qom"), ("", "")])
def test_no_other_words_go_out(told: Told, phrase: str, language: str) -> None:
    with pytest.raises(Refused, match="code_unknown"):
        told.write(phrase, language)
    assert told.room.phone.to_send == [] and told.fed_back == []


def test_words_that_name_the_place_do_not_go_out(told: Told) -> None:
    """The list was read without knowing what the villages are called here."""
    named = places.add_community(compartment="north", name="Thank-Hill", by=ANA)
    alerts.edit_alert(told.alert, by=ANA, community=named)
    with pytest.raises(Refused, match="reply_names_a_place"):
        told.write()
    assert told.room.phone.to_send == [] and told.fed_back == []


def test_after_three_days_nobody_can_be_written_to(told: Told) -> None:
    assert isinstance(told.node.clock, SetClock)
    told.node.clock.advance(NUMBER_KEPT)
    with pytest.raises(Refused, match="number_gone"):
        told.write()
    assert intake.tellers(told.row, WATCH, told.node.clock.now()) == []
    assert told.steps[-1]["kind"] != "fed_back"


def test_a_number_that_was_forgotten_sooner_takes_the_step_back(told: Told) -> None:
    told.room.gateway.forget([one["letter"].hex() for one in queries.rows([told.message])])
    with pytest.raises(Refused, match="number_gone"):
        told.write()
    assert told.fed_back == [] and told.steps[-1]["kind"] == "undone" and told.row["fed_back_at"] is None


def test_a_phone_that_refuses_takes_the_step_back_and_may_be_asked_again(told: Told) -> None:
    told.room.phone.password = "another"
    with pytest.raises(Refused, match="sms_not_sent"):
        told.write()
    assert told.fed_back == [] and told.states == [("thanks", "failed")]
    told.room.phone.password = "invented"
    told.write()
    assert len(told.fed_back) == len(told.room.phone.to_send) == 1
    assert [one["kind"] for one in told.steps][-3:] == ["fed_back", "undone", "fed_back"]


def test_what_failed_on_the_way_is_said_and_the_step_stays(told: Told) -> None:
    """The phone had taken it. Whoever looks sees that nobody was told by it."""
    told.write()
    told.room.phone.report(NOON, "failed", "RESULT_ERROR_NO_SERVICE")
    told.room.phone.tick(NOON)
    assert told.states == [("thanks", "failed")]


def test_a_silent_gateway_takes_the_step_back(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_told: object, **_named: object) -> None:
        raise Refused("gateway_silent")

    monkeypatch.setattr(queries.Client, "send", silent)
    with pytest.raises(Refused, match="gateway_silent"):
        told.write()
    assert told.fed_back == [] and told.row["fed_back_at"] is None


def test_an_sms_is_never_just_written_down(told: Told) -> None:
    with pytest.raises(Refused, match="sms_needs_phrase"):
        alerts.step(told.alert, alert_rules.Step.FED_BACK, by=ANA, code="sms")


def test_only_about_the_alert_that_they_told_of(told: Told) -> None:
    values = {"what": "tension", "who": "unknown", "priority": "p3", "place_said": "the ford"}
    other = alerts.raise_alert(compartment="north", by=ANA, received_at=NOON, channel="radio", **values)
    with pytest.raises(NotFound):
        told.write(alert=other)
    assert told.room.phone.to_send == []


@pytest.mark.parametrize("role", [Role.BASE_COMMANDER, Role.HEAD_OF_OFFICE])
def test_whoever_deals_with_no_messages_writes_to_nobody(told: Told, role: Role) -> None:
    assert intake.tellers(told.row, Rights(person("somebody"), ((role, "north"),)), NOON) == []


def test_control_whoever_deals_with_messages_may(told: Told) -> None:
    reader = Rights(person("somebody"), ((Role.PROVINCIAL_ADVISER, "north"),))
    assert len(intake.tellers(told.row, reader, NOON)) == 1


# Whoever wrote becomes a source.


def test_who_was_unknown_is_enrolled_and_stands_nowhere_twice(node: Node, room: Room) -> None:  # noqa: F811
    first = came(node, room)
    old = queries.message(first, ALL)["source"]
    report = intake.report_from_message(first, by=ANA, **SAID)
    room.phone.sms(NUMBER, "Once more", NOON)
    home = places.add_community(compartment="north", name="Telwa", by=ANA)
    new = intake.enrol_sender(first, community=home, kind="elected", by=ANA, contact="not_now")
    row, was = sources.source(new, ALL), sources.source(old, ALL)
    assert row["code"].startswith("S-") and (row["community"], row["contact"]) == (home, "not_now")
    assert was["ended"] == "withdrawn" and [one["id"] for one in sources.sources(ALL)] == [new]
    assert queries.message(first, ALL)["source"] == new
    assert intake.report_queries.report(report, ALL)["source"] == new


def test_what_they_send_next_comes_under_the_new_code(node: Node, room: Room) -> None:  # noqa: F811
    first = came(node, room)
    home = places.add_community(compartment="north", name="Telwa", by=ANA)
    new = intake.enrol_sender(first, community=home, kind="elected", by=ANA)
    room.phone.sms(NUMBER, "Once more", NOON + MINUTE)
    room.phone.tick(NOON + MINUTE)
    tasks.drain(node)
    assert {one["source"] for one in queries.waiting(WATCH)} == {new}


def test_every_earlier_message_of_theirs_can_still_be_answered(node: Node, room: Room) -> None:  # noqa: F811
    """Left with the ended source, it would say that they have withdrawn."""
    first = came(node, room)
    room.phone.sms(NUMBER, "Once more", NOON)
    room.phone.tick(NOON)
    tasks.drain(node)
    home = places.add_community(compartment="north", name="Telwa", by=ANA)
    new = intake.enrol_sender(first, community=home, kind="elected", by=ANA)
    found = queries.waiting(WATCH)
    assert [one["source"] for one in found] == [new, new]
    assert all(one.may_be_called for one in queries.origins(found, ALL).values())


def test_nobody_is_enrolled_twice_and_no_second_code_is_made(told: Told) -> None:
    home = places.add_community(compartment="north", name="Kasolo", by=ANA)
    with pytest.raises(Refused, match="sender_not_unknown"):
        intake.enrol_sender(told.message, community=home, kind="elected", by=ANA)
    assert [one["id"] for one in sources.sources(ALL)] == [told.source]


def test_a_community_of_another_province_is_refused_before_the_gateway_hears_of_it(
    node: Node,
    room: Room,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = came(node, room)
    away = places.add_community(compartment="south", name="Telwa", by=ANA)
    monkeypatch.setattr(queries.Client, "enrol", lambda *_: pytest.fail("it was told"))
    with pytest.raises(Refused, match="community_elsewhere"):
        intake.enrol_sender(message, community=away, kind="elected", by=ANA)


def test_a_silent_gateway_enrols_nobody(node: Node, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    message = came(node, room)
    home, old = places.add_community(compartment="north", name="Telwa", by=ANA), queries.message(message, ALL)["source"]

    def silent(*_told: object, **_named: object) -> None:
        raise Refused("gateway_silent")

    monkeypatch.setattr(queries.Client, "enrol", silent)
    with pytest.raises(Refused, match="gateway_silent"):
        intake.enrol_sender(message, community=home, kind="elected", by=ANA)
    assert queries.message(message, ALL)["source"] == old and sources.source(old, ALL)["ended"] is None


def test_control_the_id_of_an_sms_is_the_same_each_time() -> None:
    one = UUID(int=1)
    assert queries.outgoing_id(one, "thanks") == queries.outgoing_id(one, "thanks") != queries.outgoing_id(one, "done")
