"""What can be done about an alert now, and what somebody typed into a form that was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.accounts.rules import Act, Rights
from ulinzi.alerts import rules
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Row
from ulinzi.web import labels, labels_alerts, times
from ulinzi.web.words import Said

NO_RESPONSE, SEND, SMS = "no_response", "send", "sms"
# Nobody remembers to the minute what was longer ago than this; a date belongs into the words.
LONGEST_AGO = 7 * 24 * 60

# What a person does by hand, what moves the alert on first.
_OFFERED = (
    "taken", "called", "verified", "decided", NO_RESPONSE, SEND, "fed_back", "closed",
    "told", "paused", "resumed", "handed_over", "noted", "duplicate",
)  # fmt: skip
HEADS: labels.Labels = {
    **labels_alerts.STEPS,
    NO_RESPONSE: lazy("No response, with reason"),
    SEND: lazy("Send somebody"),
    SMS: lazy("Tell them by SMS"),
    "closed": lazy("Close the file"),
    "taken": lazy("Take it"),
}
# These have a list of their own to choose from: it is read only where the form is open.
CHOOSES = frozenset({"handed_over", "duplicate", SEND})
KEYS: Mapping[str, str] = {
    "taken": "t",
    "called": "c",
    "verified": "v",
    "decided": "d",
    NO_RESPONSE: "n",
    SEND: "s",
    "fed_back": "b",
    "closed": "e",
    "told": "i",
    "paused": "p",
    "resumed": "p",
    "handed_over": "h",
    "noted": "a",
    "duplicate": "m",
    "reopened": "o",
}
_ACTS: Mapping[str, Act] = {NO_RESPONSE: Act.DECIDE_ALERTS, SEND: Act.RESPOND, SMS: Act.HANDLE_MESSAGES}


@dataclass(frozen=True)
class Typed:
    """A form as it came. `form` says which of the page it is; the rest stands in it again."""

    form: str = ""
    code: str = ""
    reason: str = ""
    to: str = ""
    other: str = ""
    words: str = ""
    ago: str = ""
    responder: str = ""
    way: str = ""
    base: str = ""
    outcome: str = ""
    refusal: Said | None = field(default=None, compare=False)

    def happened_at(self, now: int) -> int | None:
        """Nothing typed is now."""
        text = self.ago.strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= LONGEST_AGO):
            raise Refused("minutes_not_understood", field="ago", most=LONGEST_AGO)
        return now - int(text) * MINUTE

    def id_of(self, name: str) -> UUID | None:
        """A record that was chosen from a list; what is no id was chosen nowhere."""
        text: str = getattr(self, name)
        try:
            return UUID(text) if text else None
        except ValueError:
            raise Refused("code_unknown", field=name, value=text) from None


def typed(request: HttpRequest, form: str) -> Typed:
    told = {one.name: request.POST.get(one.name, "") for one in fields(Typed) if one.name not in ("form", "refusal")}
    return Typed(form, **{name: value.replace("\r\n", "\n") for name, value in told.items()})


@dataclass(frozen=True)
class Do:
    """One form of the page. `options`: what its buttons or its list offer."""

    kind: str
    head: str
    key: str
    opened: bool
    link: bool  # its list is read when it is opened, by its address
    options: Sequence[tuple[str, Any]] = ()
    more: Sequence[tuple[str, Any]] = ()
    last: Sequence[tuple[str, Any]] = ()
    ask: str = ""  # what its words are asked for; nothing where they are folded away

    @property
    def asks_ago(self) -> bool:
        return self.kind not in _AT_ONCE

    @property
    def folds_words(self) -> bool:
        return not self.ask and self.kind not in _WORDLESS


_WORDLESS = frozenset({"duplicate", "taken", "resumed", SMS})
_AT_ONCE = _WORDLESS | {SEND}


def asked(row: Row, kind: str) -> str:
    """What has to be said in words (H05): before it is verified, whoever decides says why."""
    if kind == "noted":
        return _("What should be known")
    if kind == "reopened":
        return _("Why it is opened again")
    decides = kind == "decided" or (kind == SEND and row["decision"] != "respond")
    return _("Why now, before it is verified") if decides and row["verified_at"] is None else ""


def offered(row: Row, reader: Rights, opened: str = "") -> list[str]:
    """What this person may do with the alert as it stands. An SMS is a way to tell them: a form only once opened."""
    if row["state"] != rules.State.OPEN:
        kinds: tuple[str, ...] = ("reopened", "noted")
    else:
        kinds = tuple(kind for kind in _OFFERED if _fits(row, kind, reader))
        kinds += (SMS,) if opened == SMS else ()
    able = [kind for kind in kinds if reader.may(act_of(kind), row["compartment"])]
    return [kind for kind in able if kind != SMS or may_write(row, reader)]


def act_of(kind: str) -> Act:
    """What the form asks of whoever sends it."""
    return _ACTS[kind] if kind in _ACTS else rules.act_of(rules.Step(kind))


def _fits(row: Row, kind: str, reader: Rights) -> bool:
    if kind == "taken":
        return not (row["holds"] and row["owner"] == reader.person)
    if kind == "paused":
        return row["paused_at"] is None and row["verified_at"] is None and row["decided_at"] is None
    if kind == "resumed":
        return row["paused_at"] is not None
    if kind == NO_RESPONSE:
        return row["decision"] != "no_response"
    if kind == SEND:  # to send somebody decides it, where nobody has decided so yet
        return row["decision"] == "respond" or reader.may(Act.DECIDE_ALERTS, row["compartment"])
    return True


def closing(row: Row) -> list[tuple[str, Any]]:
    """Only what is true of it: no reason is offered that the rules refuse, and none is chosen before."""
    if row["fed_back_at"] is not None:
        codes: Sequence[str] = ("fed_back",) if row["decided_at"] is not None else ()
    elif row["decided_at"] is None:
        codes = ("test", "false")
    else:
        codes = [one for one in rules.CLOSED if one != "fed_back"]
    return [(code, labels_alerts.CLOSED[code]) for code in codes]


def telling(row: Row) -> list[tuple[str, Any]]:
    """The ways that are written down when they were gone. An SMS is sent from here, by a form of its own."""
    return [(code, word) for code, word in labels.choices(labels_alerts.FEEDBACK) if code != SMS]


def may_write(row: Row, reader: Rights) -> bool:
    both = (Act.HANDLE_MESSAGES, Act.STEP_ALERTS)
    return row["state"] == rules.State.OPEN and all(reader.may(one, row["compartment"]) for one in both)


def decisions(row: Row) -> list[tuple[str, Any]]:
    return [(code, labels_alerts.DECISIONS[code]) for code in ("respond", *rules.LOOKING, "transfer")]


def others(found: Sequence[Row], row: Row, names: Mapping[UUID, str], now: int) -> list[tuple[str, Any]]:
    """Open alerts that this one may be the same as, by what they are and when they came."""
    open_ones = [one for one in found if one["id"] != row["id"] and one["state"] == rules.State.OPEN]
    listed = [one for one in open_ones if one["compartment"] == row["compartment"]]
    return [(str(one["id"]), _other(one, names, now)) for one in listed[:50]]


def _other(one: Row, names: Mapping[UUID, str], now: int) -> str:
    what = labels_alerts.of(labels_alerts.WHAT, one["what"])
    place = names.get(one["community"]) or names.get(one["area"]) or _("place not known here")
    return f"{what}, {place}, {times.moment(one['received_at'], now)}"
