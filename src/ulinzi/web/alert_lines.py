"""What happened to an alert as lines that a person reads: its steps, those of responses, and what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.ledger.history import Event
from ulinzi.ledger.shapes import Row
from ulinzi.web import alert_sms, labels, labels_alerts, people, plain
from ulinzi.web.timeline import Line
from ulinzi.web.where import Names

EDITED: labels.Labels = {
    "alerts.edit_alert": lazy("changed it."),
    "alerts.settle": lazy("chose one of two values."),
}

# After the person's name.
_DEEDS: labels.Labels = {
    "taken": lazy("took it."),
    "handed_over": lazy("handed it over to %(to)s."),
    "attached": lazy("attached a report."),
    "called": lazy("called back. %(code)s."),
    "paused": lazy("paused the clock. %(code)s."),
    "resumed": lazy("let the clock run again."),
    "verified": lazy("verified it. %(code)s."),
    "told": lazy("told %(code)s. Telling somebody is not a response."),
    "decided": lazy("decided. %(code)s."),
    "left": lazy("wrote down that somebody left: %(who)s."),
    "arrived": lazy("wrote down that somebody arrived: %(who)s, %(code)s."),
    "ended": lazy("wrote down that a response ended: %(who)s, %(code)s."),
    "fed_back": lazy("told the community. %(code)s."),
    "closed": lazy("closed the file. %(code)s."),
    "duplicate": lazy("said that it is the same as another alert."),
    "escalated": lazy("asked %(to)s to take it, because %(code)s."),
    "reopened": lazy("opened it again."),
    "noted": lazy("wrote a note."),
    "undone": lazy("undid a step: %(step)s"),
}
_RESPONSES: labels.Labels = {
    "left": lazy("wrote down that %(who)s left."),
    "arrived": lazy("wrote down that %(who)s arrived."),
    "ended": lazy("wrote down that the response of %(who)s ended. %(code)s."),
    "called_off": lazy("called off: %(who)s."),
    "undone": lazy("undid a step of %(who)s: %(step)s"),
}


@dataclass(frozen=True)
class Told:
    """Everything that was read about an alert."""

    row: Row
    steps: Sequence[Row]
    responses: Sequence[Row]
    response_steps: Sequence[Row]
    events: Sequence[Event] = ()


def lines(told: Told, names: Names) -> list[Line]:
    """The newest first. A step of a response stands once: the alert was told of it in the same entry."""
    pushed = {one["alert_step"] for one in told.response_steps if one["alert_step"]}
    found = [_raised(told.row)]
    # What a response told, and that it took it back, the response says itself.
    own = [one for one in told.steps if one["id"] not in pushed and one["undoes"] not in pushed]
    found += [_step(one, told.steps) for one in own]
    found += [_sent(one, names) for one in told.responses]
    found += _answers(told)
    found += [_edit(one, told.row, names) for one in told.events if one.action in EDITED]
    return sorted(found, key=lambda one: one.key, reverse=True)


def _raised(row: Row) -> Line:
    channel = labels_alerts.of(labels_alerts.CHANNELS, row["channel"])
    told = {"channel": channel}
    what = _("raised it (%(channel)s).") % told
    return _line(row["received_at"], row["raised_at"], row["raised_by"], what, row, _RAISED)


def _step(step: Row, steps: Sequence[Row]) -> Line:
    undone = next((one["kind"] for one in steps if one["id"] == step["undoes"]), None)
    code = labels_alerts.code_of(step["kind"], step["code"])
    told = {
        "to": people.name(step["to_whom"]) if step["to_whom"] else _("nobody"),
        "code": plain.visible(code),
        "who": plain.visible(labels_alerts.of(labels_alerts.RESPONDERS, step["reason"])),
        "step": labels_alerts.of(labels_alerts.STEPS, undone),
    }
    what = _said(_DEEDS, step["kind"]) % told
    line = _line(step["claimed_at"], step["entered_at"], step["by_whom"], what, step, _STEP)
    line.undone = any(one["undoes"] == step["id"] for one in steps)
    if step["kind"] == "decided" and step["reason"]:
        line.why = labels_alerts.of(labels_alerts.NO_RESPONSE, step["reason"])
    if step["kind"] == "fed_back" and step["reason"]:
        line.values = [(_("In these words"), alert_sms.phrase(step["reason"]))]
    return line


def _said(deeds: labels.Labels, kind: str) -> str:
    return str(deeds.get(kind, plain.visible(kind).replace("%", "%%")))


def _sent(response: Row, names: Names) -> Line:
    told = {"who": _who(response), "way": labels_alerts.of(labels_alerts.WAYS, response["way"])}
    what = _("sent %(who)s: %(way)s.") % told
    line = _line(response["ordered_at"], response["ordered_at"], response["ordered_by"], what, response, _SENT)
    base = names.get(response["base"]) if response["base"] else None
    line.values = [(_("Base"), base)] if base else []
    return line


def _answers(told: Told) -> Iterator[Line]:
    sent = {one["id"]: one for one in told.responses}
    for step in told.response_steps:
        undone = next((one["kind"] for one in told.response_steps if one["id"] == step["undoes"]), None)
        values = {
            "who": _who(sent[step["root"]]) if step["root"] in sent else _("somebody"),
            "code": labels_alerts.of(labels_alerts.OUTCOMES, step["outcome"]),
            "step": labels_alerts.of(labels_alerts.RESPONSE_STEPS, undone),
        }
        what = _said(_RESPONSES, step["kind"]) % values
        line = _line(step["claimed_at"], step["entered_at"], step["by_whom"], what, step, _ANSWER)
        line.undone = any(one["undoes"] == step["id"] for one in told.response_steps)
        yield line


def _who(response: Row) -> str:
    return plain.visible(labels_alerts.of(labels_alerts.RESPONDERS, response["responder"]))


# Of what was written in the same moment, what brought about the other stands first.
_RAISED, _STEP, _SENT, _ANSWER = range(4)


def _line(said: int | None, written: int | None, by: UUID | None, what: str, row: Row, rank: int) -> Line:
    entered, turn = written or said or 0, max(row.get("turn") or 0, 0)
    key = (entered, bytes([rank]) + turn.to_bytes(8) + row["id"].bytes, 0)
    line = Line(min(said or entered, entered), entered, people.name(by), what, key)
    line.words = (row["words"] or "") if rank != _RAISED else ""
    line.erased = "words" in (row["erased"] or "").split(",")
    return line


def _edit(event: Event, row: Row, names: Names) -> Line:
    """What was changed, as far as the reader may see it."""
    key = (event.written_at, event.feed, event.seq)
    line = Line(event.written_at, event.written_at, people.name(event.actor), str(EDITED[event.action or ""]), key)
    for change in event.changes:
        if change.record != row["id"]:
            continue  # the note that says why stands as a step
        if change.group in row["withheld"]:
            line.withheld = True
        elif change.values is None:
            line.erased = True
        else:
            line.values += shown(change.values, names)
    return line


# Values of an alert in words.

FIELDS: labels.Labels = {
    "what": lazy("What"),
    "community": lazy("Community"),
    "area": lazy("Area"),
    "priority": lazy("Priority"),
    "who": lazy("Who is said to have done it"),
    "words": lazy("In words"),
    "place_said": lazy("The place as it was said"),
}
GROUPS: labels.Labels = {
    "what": lazy("what it is"),
    "where": lazy("place"),
    "priority": lazy("priority"),
    "who": lazy("who is said to have done it"),
    "words": lazy("words"),
    "duty": lazy("duty"),
}
_CODES: Mapping[str, labels.Labels] = {
    "what": labels_alerts.WHAT,
    "who": labels_alerts.WHO,
    "priority": labels_alerts.PRIORITY,
}


def shown(values: Mapping[str, Any], names: Names) -> list[tuple[str, str]]:
    told = [(name, value) for name, value in values.items() if name in FIELDS]
    return [(labels.of(FIELDS, name), _value(name, value, names)) for name, value in told]


def _value(name: str, value: Any, names: Names) -> str:
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, UUID):
        return plain.visible(names.get(value) or _("something that is not here"))
    return plain.visible(labels_alerts.of(_CODES[name], value) if name in _CODES else value)
