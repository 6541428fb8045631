"""From what came in to what is known: a report, an alert, or one more voice about an alert that is open.

Each is one act: message, report and alert change together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts.rules import Act, Rights
from ulinzi.alerts import actions, queries, rules
from ulinzi.alerts.models import Alert, Step
from ulinzi.kernel import ids, replies
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import NotFound, Refused, UlinziError
from ulinzi.ledger import node, tables
from ulinzi.ledger.shapes import Row
from ulinzi.messages import actions as messages
from ulinzi.messages import queries as message_queries
from ulinzi.messages.models import Message
from ulinzi.messages.rules import State
from ulinzi.messages.rules import Step as Done
from ulinzi.network import rules as network
from ulinzi.places.models import Area, Community
from ulinzi.reports import actions as reports
from ulinzi.reports import queries as report_queries
from ulinzi.reports.models import Report


class Raised(NamedTuple):
    report: UUID
    alert: UUID


def report_from_message(message: UUID, *, by: UUID, at: int | None = None, **answers: Any) -> UUID:
    """What it says, written down: no alert, and nobody is asked to go anywhere."""
    with ledger.unit("alerts.report_from_message", by=by, at=at) as unit:
        report = _reported(unit, message, by, answers)
        messages.step(message, Done.REPORTED, by=by)
        return report


def alert_from_message(message: UUID, *, priority: str, by: UUID, at: int | None = None, **answers: Any) -> Raised:
    """The clocks run from when the message came, however late it is read (T-C-05)."""
    with ledger.unit("alerts.alert_from_message", by=by, at=at) as unit:
        report = _reported(unit, message, by, answers)
        messages.step(message, Done.ALERTED, by=by)
        row = unit.load(Message, message)
        told = {"compartment": row["compartment"], "received_at": row["received_at"], "channel": row["channel"]}
        alert = actions.raise_alert(by=by, report=report, priority=priority, **told, **_shared(answers))
        return Raised(report, alert)


def attach_message(message: UUID, alert: UUID, *, by: UUID, at: int | None = None, **answers: Any) -> Raised:
    """One more report of what has been raised already."""
    with ledger.unit("alerts.attach_message", by=by, at=at) as unit:
        _check_there(unit, message, alert)
        report = _reported(unit, message, by, answers)
        messages.step(message, Done.ATTACHED, by=by)
        if _attaching(unit, alert, report) is None:
            actions.attach(alert, report, by=by)
        return Raised(report, alert)


def alert_from_call(
    *,
    compartment: str,
    received_at: int,
    channel: str,
    priority: str,
    by: UUID,
    at: int | None = None,
    **answers: Any,
) -> Raised:
    """A call, a visit, the radio: what one of us heard with their own ears."""
    with ledger.unit("alerts.alert_from_call", by=by, at=at):
        told = {"compartment": compartment, "received_at": received_at, "channel": channel}
        report = reports.add_report(by=by, **told, **answers)
        alert = actions.raise_alert(by=by, report=report, priority=priority, **told, **_shared(answers))
        return Raised(report, alert)


def undo(message: UUID, undone: UUID, *, by: UUID, at: int | None = None) -> None:
    """The last step with a message. One that had joined it to an alert takes it away from there too."""
    with ledger.unit("alerts.undo_message", by=by, at=at) as unit:
        one = messages.undo(message, undone, by=by)
        if one["kind"] == Done.ATTACHED:
            row = unit.load(Message, message)
            _detach(unit, report_queries.report_id(message, row["compartment"]), by)


def reopen(message: UUID, *, by: UUID, at: int | None = None) -> None:
    """It waits again; what had been attached to an alert leaves it."""
    with ledger.unit("alerts.reopen_message", by=by, at=at) as unit:
        was = messages.loaded(unit, message, by)["state"]
        messages.step(message, Done.REOPENED, by=by)
        if was == State.ATTACHED:
            row = unit.load(Message, message)
            _detach(unit, report_queries.report_id(message, row["compartment"]), by)


def alerts_of(message: Row, reader: Rights) -> list[Row]:
    """What came of it: the alerts that its report belongs to now, as far as the reader may know of them."""
    report = report_queries.report_id(message["id"], message["compartment"])
    told = tables.by_ids(node.current(), Step.shape, [report], column="report_id")
    undone = {one["undoes"] for row in {one["root"] for one in told} for one in _steps_of(row)}
    return list(queries.alerts({one["root"] for one in told if one["id"] not in undone}, reader).values())


def of_same_source(message: Row, reader: Rights) -> set[UUID]:
    """What reports of the same voice were ever joined to, for whoever may know of sources: to others there is none.

    It orders what may be meant; what was taken away again may be meant all the same.
    """
    if not message["source"] or not reader.may(Act.SEE_SOURCES, message["compartment"]):
        return set()
    told = tables.by_ids(node.current(), Report.shape, [message["source"]], column="source_id")
    found = tables.by_ids(node.current(), Step.shape, {one["id"] for one in told}, column="report_id")
    return {one["root"] for one in found}


def _steps_of(alert: UUID) -> list[Row]:
    return tables.by_ids(node.current(), Step.shape, [alert], column="root_id")


# Word back to whoever told it, by SMS.


class Teller(NamedTuple):
    """Somebody who told it, asked for an SMS and can still be reached. `key` says which one, and no more of them."""

    key: str
    message: Row


class Outgoing(NamedTuple):
    """An SMS, and what the gateway has heard of it; `state` is nothing where it knows of none."""

    message: UUID
    phrase: str
    state: str
    reason: str
    changed_at: int


def tellers(alert: Row, reader: Rights, now: int) -> list[Teller]:
    """Whom an SMS may go to, for whoever deals with messages there: to everybody else there is nobody."""
    if not reader.may(Act.HANDLE_MESSAGES, alert["compartment"]):
        return []
    found = message_queries.writable(_told_by(alert["id"]), now)
    return [Teller(message_queries.outgoing_id(one["id"], alert["id"].hex), one) for one in found]


def write_back(alert: UUID, message: UUID, phrase: str, language: str, *, by: UUID) -> None:
    """Told by SMS: written down first, sent then. What was not sent is taken back, and stands crossed out."""
    with ledger.unit("alerts.write_back", by=by) as unit:
        text = messages.check_may_write_back(unit, message, phrase, language, by)
        row = unit.load(Alert, alert)
        if message not in _told_by(alert):
            raise NotFound("record_not_found", record=str(message))
        _check_names_nowhere(unit, row, text)
        told = actions.tell_by_sms(alert, message_queries.outgoing_id(message, phrase), phrase=phrase, by=by)
    try:
        messages.write_back(message, phrase, text)
    except UlinziError:
        actions.take_back(told, by=by)
        raise


def _check_names_nowhere(unit: ledger.Unit, alert: Row, text: str) -> None:
    """What the mission's list could not know: how this place is called, here (T-C-09)."""
    near = ((Community, alert["community"]), (Area, alert["area"]))
    found = [unit.find(model, record) for model, record in near if record]
    if replies.named(text, [row["name"] or "" for row in found if row]):
        raise Refused("reply_names_a_place")


def written_back(alert: UUID, steps: Sequence[Row]) -> list[Outgoing]:
    """Every SMS that was asked for about this alert, the oldest first, with what became of it.

    One that was taken back too: a phone that did not answer may have sent it all the same.
    """
    asked = [one for one in steps if one["kind"] == rules.Step.FED_BACK and one["code"] == "sms" and one["reason"]]
    if not asked:
        return []
    known = message_queries.outgoing(min(one["claimed_at"] for one in asked) - MINUTE)
    phrases = dict.fromkeys(one["reason"] for one in asked)
    found = [(one, phrase) for one in _told_by(alert) for phrase in phrases]
    sent = [(one, phrase, known.get(message_queries.outgoing_id(one, phrase))) for one, phrase in found]
    made = [Outgoing(one, phrase, it["state"], it["reason"], it["changed_at"]) for one, phrase, it in sent if it]
    return sorted(made, key=lambda one: one.changed_at)


def _told_by(alert: UUID) -> list[UUID]:
    """The messages whose reports are attached to it now."""
    attached = [one["report"] for one in rules.effective(_steps_of(alert)) if one["kind"] == rules.Step.ATTACHED]
    found = tables.by_ids(node.current(), Report.shape, {one for one in attached if one})
    return [one["message"] for one in found if one["message"]]


# Whoever sent it is one of our sources from now on.


def enrol_sender(
    message: UUID, *, community: UUID, kind: str, by: UUID, contact: str = "call", reply: str = "none"
) -> UUID:
    """Their messages, and the reports made of them, are the new source's: one person is never two voices."""
    told = {"community": community, "kind": kind, "contact": contact, "reply": reply}
    network.check_source(told)
    _check_lives_there(message, community)
    code = messages.new_code(message, by=by)
    with ledger.unit("messages.enrol_sender", by=by) as unit:
        old, new = messages.enrol_sender(message, code=code, by=by, **told)
        for one in tables.by_ids(node.current(), Report.shape, [old], column="source_id"):
            unit.put(Report, unit.load(Report, one["id"]), source=new)
    return new


def _check_lives_there(message: UUID, community: UUID) -> None:
    """Before the gateway is told anything."""
    for row in message_queries.rows([message]):
        if not ids.lives_in(community.bytes, row["compartment"]):
            raise Refused("community_elsewhere", field="community")


# Within a unit.


def _reported(unit: ledger.Unit, message: UUID, by: UUID, answers: Mapping[str, Any]) -> UUID:
    return reports.report_message(messages.loaded(unit, message, by), by=by, **answers)


# What an alert says too; the rest stands in its reports.
_SHARED = ("what", "who", "community", "area", "words", "place_said")


def _shared(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answers[name] for name in _SHARED if name in answers}


def _check_there(unit: ledger.Unit, message: UUID, alert: UUID) -> None:
    """What two provinces know stays apart."""
    if unit.load(Message, message)["compartment"] != unit.load(Alert, alert)["compartment"]:
        raise NotFound("record_not_found", record=str(alert))


def _detach(unit: ledger.Unit, report: UUID, by: UUID) -> None:
    told = tables.by_ids(node.current(), Step.shape, [report], column="report_id")
    for alert in dict.fromkeys(one["root"] for one in told):
        attaching = _attaching(unit, alert, report)
        if attaching is not None:
            actions.take_back(attaching, by=by)


def _attaching(unit: ledger.Unit, alert: UUID, report: UUID) -> UUID | None:
    """The step that joined them, where it still counts."""
    counting = rules.effective(unit.children(Step, unit.load(Alert, alert)))
    found = [one["id"] for one in counting if one["kind"] == rules.Step.ATTACHED and one["report"] == report]
    return found[0] if found else None
