"""What people do with messages. A person looks at every one of them; no machine answers, and none decides (H01)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act
from ulinzi.kernel import ids, turns
from ulinzi.kernel.errors import NotFound, Refused, UlinziError
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.messages import queries, rules
from ulinzi.messages.models import Message, Step
from ulinzi.network import actions as network
from ulinzi.network.models import Source
from ulinzi.network.rules import check_may_call, check_may_write
from ulinzi.network.rules import new_code as new_source_code


def message_id(compartment: str, handle: str) -> UUID:
    """The same letter is the same message, however often the gateway hands it over."""
    return ids.derived_id("messages.message", bytes.fromhex(handle), compartment=compartment)


def receive(
    *,
    handle: str,
    compartment: str,
    channel: str,
    received_at: int,
    taken_at: int,
    phone: str,
    by: UUID,
    source: UUID | None = None,
) -> UUID:
    """That something came. Its words and its number stay where they are; the clocks start when the phone had it."""
    record = message_id(compartment, handle)
    told = {"channel": channel, "gateway": phone, "taken_at": taken_at}
    # A phone whose clock is ahead must not hide for hours that somebody waits; one whose clock died starts at 1970.
    came = rules.believed(received_at, taken_at)
    told |= {"received_at": came, "source": source, "letter": bytes.fromhex(handle)}
    with ledger.unit("messages.receive", by=by) as unit:
        accounts.check_may(by, Act.HANDLE_MESSAGES, compartment)
        if unit.find(Message, record) is None:
            unit.add(Message, id=record, compartment=compartment, **told)
    return record


def step(message: UUID, kind: rules.Step, *, by: UUID, code: str = "", words: str = "", at: int | None = None) -> UUID:
    """Claim, give back, say what came of a call, set aside, open again; reporting and alerting are done by intake."""
    with ledger.unit(f"messages.{kind}", by=by, at=at) as unit:
        row = loaded(unit, message, by)
        _check_by_hand(unit, row, kind)
        code = code if kind in (rules.Step.CALLED, rules.Step.SET_ASIDE) else ""
        rules.check_may_step(row, kind, by=by, now=unit.at, code=code, words=words)
        if kind == rules.Step.CALLED:
            _end_begun(unit, row, by)
        until = {"until": unit.at + rules.CLAIM_LASTS} if kind == rules.Step.CLAIMED else {}
        return _add(unit, row, kind, by=by, code=code or None, words=words, **until)["id"]


# Written by what they belong to: a report, an alert, the undoing.
_NOT_BY_HAND = frozenset({rules.Step.UNDONE, rules.Step.REPORTED, rules.Step.ALERTED, rules.Step.ATTACHED})


def _check_by_hand(unit: ledger.Unit, row: Row, kind: rules.Step) -> None:
    """Alone, such a step would leave a report or an alert that says something else; it is part of a larger act.

    So is opening again what was attached: its report leaves the alert.
    """
    leaves = kind == rules.Step.REOPENED and row["state"] == rules.State.ATTACHED
    if (leaves or kind in _NOT_BY_HAND) and unit.action == f"messages.{kind}":
        raise Refused("message_not_now", step=str(kind), state=row["state"])


def undo(message: UUID, undone: UUID, *, by: UUID, at: int | None = None) -> Row:
    """Undoing is a step; the one undone is given back, for what else it had brought about."""
    with ledger.unit("messages.undone", by=by, at=at) as unit:
        row, one = loaded(unit, message, by), unit.load(Step, undone)
        if rules.is_held(row, unit.at) and row["holder"] != by:
            raise Refused("message_held_by_another")
        rules.check_may_undo(unit.children(Step, row), one)
        _add(unit, row, rules.Step.UNDONE, by=by, undoes=undone)
        return one


# Calling back. Nothing reaches a phone before the attempt is written down.


def dial(message: UUID, *, by: UUID, at: int | None = None) -> None:
    """The duty phone calls; the number is shown to nobody."""
    handle = _begin_call(message, by, at)
    with _taken_back_if_refused(message, by):
        queries.gateway().dial(handle)


def offer(message: UUID, *, by: UUID, at: int | None = None) -> dict[str, Any]:
    """A word that is good once: typed on the duty phone's own page, it shows the number there, once."""
    handle = _begin_call(message, by, at)
    with _taken_back_if_refused(message, by):
        return dict(queries.gateway().offer(handle))


def _begin_call(message: UUID, by: UUID, at: int | None) -> str:
    """One attempt, counted from now: whoever never says what came of it has called all the same (H02)."""
    with ledger.unit("messages.dialled", by=by, at=at) as unit:
        row = loaded(unit, message, by)
        _check_may_call(unit, row, by)
        if row["state"] == rules.State.WAITING:
            _add(unit, row, rules.Step.CLAIMED, by=by, until=unit.at + rules.CLAIM_LASTS)
        _add(unit, row, rules.Step.CALLED, by=by)
    return str(row["letter"].hex())


def _check_may_call(unit: ledger.Unit, row: Row, by: UUID) -> None:
    rules.check_may_step(row, rules.Step.CALLED, by=by, now=unit.at, code="not_called")
    if queries.call_begun(unit.children(Step, row)):
        raise Refused("call_not_ended")
    rules.check_may_dial(row)
    check_may_call(unit.find(Source, row["source"]) if row["source"] else None)
    if not row["letter"]:
        raise Refused("number_gone")


@contextmanager
def _taken_back_if_refused(message: UUID, by: UUID) -> Iterator[None]:
    """A gateway that is silent has called nobody: that was no attempt."""
    try:
        yield
    except UlinziError:
        with ledger.unit("messages.undone", by=by) as unit:
            _end_begun(unit, unit.load(Message, message), by)
        raise


def _end_begun(unit: ledger.Unit, row: Row, by: UUID) -> None:
    """What came of a call takes the place of its beginning: one call is one attempt."""
    begun = queries.call_begun(unit.children(Step, row))
    if begun is not None:
        _add(unit, row, rules.Step.UNDONE, by=by, undoes=begun["id"])


# Writing back: only who asked for it, and only in the words that the mission has put on its list (H01).


def check_may_write_back(unit: ledger.Unit, message: UUID, phrase: str, language: str, by: UUID) -> str:
    """Inside the unit that writes down that it is done; the words that would go out."""
    row, reply = loaded(unit, message, by), settings.MISSION.reply(phrase)
    check_may_write(unit.find(Source, row["source"]) if row["source"] else None)
    if not rules.number_is_kept(row, nodes.current().clock.now()):
        raise Refused("number_gone")
    if reply is None or language not in dict(reply.words.said):
        raise Refused("code_unknown", field="phrase", value=f"{phrase}.{language}")
    return str(reply.words.of(language))


def write_back(message: UUID, phrase: str, text: str) -> dict[str, Any]:
    """Hand it to the phone that took the message. After the commit of what tells of it, never before.

    What the phone did not take, or could not send, was told to nobody: `sms_not_sent`.
    """
    (row,) = queries.rows([message])
    told = queries.gateway().send(row["letter"].hex(), text, queries.outgoing_id(message, phrase))
    if told["state"] == "failed":
        raise Refused("sms_not_sent", reason=told["reason"])
    return told


# Whoever sent it is one of our sources from now on.


def new_code(message: UUID, *, by: UUID) -> str:
    """A code for whoever sent this, known to the gateway first: one that leads to no number would look as if it did."""
    (row,) = queries.rows([message]) or [None]
    if row is None:
        raise NotFound("record_not_found", record=str(message))
    accounts.check_may(by, Act.HANDLE_MESSAGES, row["compartment"])
    accounts.check_may(by, Act.ENROL_SOURCES, row["compartment"])
    rules.check_may_enrol(row, queries.source_of(row))
    code = new_source_code(nodes.current().chance)
    queries.gateway().enrol(row["letter"].hex(), code)
    return code


def enrol_sender(message: UUID, *, code: str, by: UUID, at: int | None = None, **told: Any) -> tuple[UUID, UUID]:
    """The source that it was, and the one that it is: every message of the first is the second's now.

    The first is ended, so that one person stands on no list twice.
    """
    with ledger.unit("messages.enrol_sender", by=by, at=at) as unit:
        row = loaded(unit, message, by)
        rules.check_may_enrol(row, unit.find(Source, row["source"]) if row["source"] else None)
        new = network.enrol_source(compartment=row["compartment"], code=code, by=by, **told)
        for one in queries.of_source(row["source"]):
            unit.put(Message, unit.load(Message, one["id"]), source=new)
        network.withdraw_source(row["source"], by=by)
        return row["source"], new


# The gateway forgets.


def let_go_all(messages: Iterable[UUID]) -> bool:
    """Nobody needs their words and numbers any more: the gateway forgets them.

    False where the gateway is silent: it forgets by itself when their time is over, so nothing else depends on it.
    """
    return let_go_of(_letters(messages))


def let_go_of(handles: Iterable[str]) -> bool:
    listed = sorted(handles)
    try:
        if listed:
            queries.gateway().forget(listed)
    except Refused as error:
        if error.code != "gateway_silent":
            raise
        return False
    return True


def _letters(messages: Iterable[UUID]) -> list[str]:
    return [row["letter"].hex() for row in queries.rows(messages) if row["letter"]]


# Within a unit.


def loaded(unit: ledger.Unit, message: UUID, by: UUID) -> Row:
    """The message, for somebody who may deal with it. To whoever may not know of it, it is not here."""
    row = unit.load(Message, message)
    accounts.check_may(by, Act.HANDLE_MESSAGES, row["compartment"])
    return row


def _add(unit: ledger.Unit, message: Row, kind: rules.Step, *, by: UUID, words: str = "", **act: Any) -> Row:
    spoken = {"words": words.strip()} if words.strip() else {}
    turn = turns.next_turn(unit.children(Step, message))
    return unit.add(Step, root=message, kind=str(kind), claimed_at=unit.at, by_whom=by, turn=turn, **act, **spoken)
