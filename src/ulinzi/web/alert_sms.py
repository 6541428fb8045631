"""Telling the community by SMS: to whom one may go, in which words, and what became of those that went.

Who that is stands here by a code, for those alone who may see codes; for everybody else it is one of those who told it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.accounts.rules import Rights
from ulinzi.alerts import intake
from ulinzi.alerts.intake import Outgoing
from ulinzi.kernel.errors import Broken, Refused
from ulinzi.ledger.shapes import Row
from ulinzi.messages import queries as message_queries
from ulinzi.web import labels, labels_alerts, plain, profile, times

Choices = Sequence[tuple[str, Any]]

STATES: labels.Labels = {
    "pending": lazy("The phone has it; it is not known yet whether it went."),
    "sent": lazy("It went. Nothing says yet that it arrived."),
    "delivered": lazy("It arrived."),
    "failed": lazy("It did not go: %(reason)s. Nobody was told by it."),
}
REASONS: labels.Labels = {
    "no_network": lazy("the phone had no network"),
    "limit": lazy("the network lets no more through"),
    "too_late": lazy("it waited for too long"),
    "phone_silent": lazy("the duty phone did not answer"),
    "phone_refused": lazy("the duty phone refused it"),
    "other": lazy("the phone does not say why"),
}


@dataclass(frozen=True)
class Line:
    """An SMS that was to go, and how it stands with it."""

    who: str
    words: str
    said: str
    at: int
    failed: bool


@dataclass(frozen=True)
class Word:
    """Everything about SMS that the file of an alert says. Silent: the gateway cannot say what became of them."""

    lines: tuple[Line, ...] = ()
    silent: bool = False


# What became of them.


def standing(row: Row, steps: Sequence[Row], reader: Rights) -> Word:
    try:
        found = intake.written_back(row["id"], steps)
    except (Broken, Refused):
        return Word(silent=True)
    if not found:
        return Word()
    called = _called([one.message for one in found], reader)
    return Word(tuple(_line(one, called) for one in found))


def _line(one: Outgoing, called: dict[UUID, str]) -> Line:
    reason = labels_alerts.of(REASONS, one.reason)
    said = labels_alerts.of(STATES, one.state) % {"reason": reason}
    return Line(called[one.message], phrase(one.phrase), said, one.changed_at, one.state == "failed")


def phrase(code: str | None) -> str:
    """In the reader's language; one that the mission no longer has keeps its code."""
    found = profile.mission().reply(code or "")
    return profile.said(found.words) if found else plain.visible(code or "")


def _called(records: Sequence[UUID], reader: Rights) -> dict[UUID, str]:
    """By message: the code of its source, where the reader may see codes."""
    found = message_queries.origins(message_queries.rows(records), reader)
    codes = {one: plain.visible(origin.code) for one, origin in found.items()}
    return {one: codes.get(one) or _("one of those who told it") for one in records}


# To whom, and in which words.


def choices(row: Row, reader: Rights, now: int) -> tuple[Choices, Choices]:
    """The phrases as buttons, each in every language that it has; and those who may get one."""
    found = intake.tellers(row, reader, now)
    called = _called([one.message["id"] for one in found], reader)
    listed = [(one.key, _teller(one.message, called, now)) for one in found]
    return (_phrases() if listed else []), listed


def _teller(message: Row, called: dict[UUID, str], now: int) -> str:
    channel = labels_alerts.of(labels_alerts.CHANNELS, message["channel"])
    return f"{called[message['id']]}, {channel}, {times.moment(message['received_at'], now)}"


def _phrases() -> list[tuple[str, str]]:
    told = [(one.code, language, text) for one in profile.mission().replies for language, text in one.words.said]
    return [(f"{code}.{language}", f"{text} ({language})") for code, language, text in told]
