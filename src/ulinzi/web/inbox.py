"""The inbox: every message waits for a person, the oldest first; and the page on which one of them is dealt with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts.rules import Act, Rights
from ulinzi.alerts import intake
from ulinzi.alerts import queries as alerts
from ulinzi.kernel.clock import DAY, MINUTE
from ulinzi.kernel.errors import Broken, NotFound, Refused
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger.shapes import Row
from ulinzi.messages import actions, queries, rules
from ulinzi.messages.queries import Origin
from ulinzi.messages.rules import Step
from ulinzi.places import queries as places
from ulinzi.reports import queries as reports
from ulinzi.web import beside, labels, labels_alerts, labels_messages, people, plain, session, times, where, words
from ulinzi.web.call import SixForm, alerted, reported
from ulinzi.web.network import SourceForm

LABEL = "messages.Message"
# What may be told again: alerts of the last days.
SAME_DAYS = 3 * DAY
MOST_SAME = 50
# So many lines stand in full: the oldest, which are due first.
IN_FULL = 60


@dataclass(frozen=True)
class Line:
    """A message as one line of the inbox."""

    row: Row
    channel: str
    number: str
    unit: str
    to_call: bool  # it waits, and nobody has called back
    late: bool  # and the time to do so is over
    came_late: bool  # the phone handed it over long after it came
    code: str
    known: bool
    community: str
    holder: str
    mine: bool
    until: int | None
    free: bool
    safe: str
    safe_code: str
    may_call: bool
    state: str
    due: int  # when somebody has to have called back

    @property
    def id(self) -> str:
        return str(self.row["id"])


@dataclass(frozen=True)
class Done:
    """One line of what was done with a message."""

    at: int
    who: str
    did: str
    code: str
    words: str
    undone: bool


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    me, now = session.acting(request), nodes.current().clock.now()
    access.note(f"{LABEL}:list", purpose="inbox", by=me.id)
    waiting = queries.waiting(me.rights)
    lines = _lines(waiting[:IN_FULL], me.rights, now)
    to_call = [due(row) for row in waiting if _waits_for_call(row)]
    values = {
        **beside.shown(me.rights, now),
        "lines": lines,
        "total": len(waiting),
        "more": len(waiting) - len(lines),
        "most": queries.MOST_WAITING,
        # The keys of the page are those of the first line that can be dealt with.
        "first": next((one.id for one in lines if one.free), None),
        "late": sum(at < now for at in to_call),
        "next_due": next((times.span(at - now) for at in to_call if at >= now), None),
        "done": _lines(queries.dealt_with(me.rights), me.rights, now),
        "strays": _strays(me.rights),
        "may_handle": me.rights.may_anywhere(Act.HANDLE_MESSAGES),
        "urgent": bool(lines),
    }
    return render(request, "web/inbox.html", values)


def due(row: Row) -> int:
    """When somebody has to have called back."""
    return int(row["received_at"] + settings.MISSION.thresholds.call_back_minutes * MINUTE)


def _strays(reader: Rights) -> int:
    """How many letters no compartment of this machine can take; said to those who look after what comes in."""
    try:
        return queries.strays() if reader.may_anywhere(Act.HANDLE_MESSAGES) else 0
    except (Broken, Refused):
        return 0


def _lines(rows: Sequence[Row], reader: Rights, now: int) -> list[Line]:
    found = queries.origins(rows, reader)
    names = places.place_names((one.community for one in found.values()), reader)
    return [_line(row, found.get(row["id"]), names, reader, now) for row in rows]


def _line(row: Row, origin: Origin | None, names: Mapping[UUID, str], reader: Rights, now: int) -> Line:
    number, unit = times.span(now - row["received_at"])
    held, mine = rules.is_held(row, now), row["holder"] == reader.person
    known = origin is not None and origin.kind != "unknown"
    safe = _safe(origin)
    return Line(
        row=row,
        channel=str(labels_alerts.of(labels_alerts.CHANNELS, row["channel"])),
        number=number,
        unit=unit,
        late=_waits_for_call(row) and due(row) < now,
        to_call=_waits_for_call(row),
        came_late=(row["taken_at"] or 0) - row["received_at"] > times.late_note(),
        code=plain.visible(origin.code) if origin else "",
        known=known,
        community=plain.visible(names.get(origin.community, "")) if origin and origin.community else "",
        holder=people.name(row["holder"]) if held else "",
        mine=held and mine,
        until=row["held_until"] if held else None,
        free=not held or mine,
        safe=str(labels_messages.SAFE[safe]),
        safe_code=safe,
        may_call=(row["calls"] or 0) < rules.MOST_CALLS and (origin is None or origin.may_be_called),
        state=str(labels_messages.STATES.get(row["state"], row["state"])),
        due=due(row),
    )


def _waits_for_call(row: Row) -> bool:
    return row["state"] == rules.State.WAITING and not row["calls"]


def _safe(origin: Origin | None) -> str:
    if origin is None:
        return ""
    if origin.kind == "unknown" and origin.contact in ("", "call"):
        return "unknown"
    return origin.contact if origin.contact in labels_messages.SAFE else ""


# One message.


@require_safe
def message(request: HttpRequest, record: UUID) -> HttpResponse:
    return page(request, find(request, record))


def find(request: HttpRequest, record: UUID) -> Row:
    """Whoever is shown a message is in the access log before its words are read."""
    with session.looking_at(request, f"{LABEL}:{record}", purpose="message page") as me:
        return queries.message(record, me.rights)


def page(
    request: HttpRequest,
    row: Row,
    *,
    form: SixForm | None = None,
    refusal: words.Said | None = None,
    offered: Mapping[str, Any] | None = None,
    aside: Mapping[str, str] | None = None,
    enrolling: SourceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    me, now = session.acting(request), nodes.current().clock.now()
    known = _known(row, me.rights)
    line = _line(row, known.origin, known.names, me.rights, now)
    steps = queries.steps(row, me.rights)
    handles = me.rights.may(Act.HANDLE_MESSAGES, row["compartment"])
    may_alert = handles and line.free and row["state"] in rules.ALLOWED[Step.ALERTED]
    if may_alert and form is None:
        form = _form(known, me.rights, now)
    values = {
        "row": row,
        "line": line,
        "form": form,
        "words": _words(row),
        "refusal": refusal,
        "offered": offered,
        "aside": aside or {},
        "handles": handles and line.free,
        "may_report": handles and line.free and row["state"] == rules.State.WAITING,
        "may_alert": may_alert,
        "may_reopen": handles and row["state"] in rules.ALLOWED[Step.REOPENED],
        "begun": queries.call_begun(steps),
        "calls_left": max(0, rules.MOST_CALLS - (row["calls"] or 0)),
        "state": line.state,
        "results": labels.choices(labels_messages.CALLED),
        "reasons": labels.choices(labels_messages.ASIDE),
        "undoable": _undoable(steps) if handles else None,
        "done": _done(steps),
        "open_alerts": _open_alerts(form, known, me.rights) if may_alert and form else [],
        "report": known.report,
        # An alert comes of a message by its report.
        "raised": intake.alerts_of(row, me.rights) if known.report else [],
        "enrolling": enrolling or _enrolling(known, me.rights),
    }
    return render(request, "web/message.html", values, status=status)


@dataclass(frozen=True)
class Known:
    """What is known of a message besides itself: read once for all that its page says."""

    row: Row
    origin: Origin | None
    report: Row | None
    names: where.Names


def _known(row: Row, reader: Rights) -> Known:
    origin, report = queries.origins([row], reader).get(row["id"]), reports.of_message(row, reader)
    near = (origin.community if origin else None, report["community"] if report else None)
    return Known(row, origin, report, places.place_names(near, reader))


@dataclass(frozen=True)
class Words:
    """What was written, as far as it can be read now. Nothing where it is not kept any more."""

    text: str = ""
    silent: bool = False
    refusal: words.Said | None = None


_SILENCE = frozenset({"gateway_silent", "gateway_not_understood"})


def _words(row: Row) -> Words:
    """Silence is said where the gateway is silent alone: whoever waits for words that are gone waits for ever."""
    try:
        return Words(plain.visible(queries.words(row) or ""))
    except NotFound:
        return Words()
    except (Broken, Refused) as error:
        silent = error.code in _SILENCE
        return Words(silent=silent, refusal=None if silent else words.said(error))


def _form(known: Known, reader: Rights, now: int, posted: Any = None) -> SixForm:
    told = {"now": now, "reader": reader, "compartments": [known.row["compartment"]]}
    return SixForm(posted, initial=_answered(known), **told)


def _answered(known: Known) -> dict[str, Any]:
    """What is answered already: by the report that was made of it, else where the source lives."""
    if known.report is not None:
        return _said(known.report, known.names)
    return _place(known.origin.community if known.origin else None, known.names)


def _place(community: UUID | None, names: where.Names) -> dict[str, Any]:
    name = names.get(community) if community else None
    return {"place": name, "place_is": str(community)} if name else {}


def _said(report: Row, names: where.Names) -> dict[str, Any]:
    place = _place(report["community"], names) or {"place": report["place_said"], "place_is": "said"}
    told = {name: report[name] or "" for name in ("what", "happened", "who", "unknown_why", "ongoing", "words")}
    return {**told, **place, "many": _many(report["people_min"], report["people_max"])}


def _many(low: int | None, high: int | None) -> str:
    if low is None:
        return ""
    return str(low) if low == high else f"{low}-{high}"


def _undoable(steps: Sequence[Row]) -> tuple[Row, str] | None:
    last = queries.undoable(steps)
    return (last, str(labels_messages.STEPS.get(last["kind"], last["kind"]))) if last else None


def _done(steps: Sequence[Row]) -> list[Done]:
    """The newest first. A call that began and its end are one line; what was undone is crossed out."""
    undone = {one["undoes"] for one in steps if one["kind"] == Step.UNDONE}
    listed = [one for one in steps if one["kind"] != Step.UNDONE and not _is_told_below(one, undone)]
    before = [None, *listed]
    shown = [one for one, last in zip(listed, before, strict=False) if last is None or not _is_kept(last, one)]
    return [_did(one, one["id"] in undone) for one in reversed(shown)]


def _is_kept(last: Row, step: Row) -> bool:
    """Whoever takes what they have keeps it longer: nothing to tell of."""
    return last["kind"] == step["kind"] == Step.CLAIMED and last["by_whom"] == step["by_whom"]


def _is_told_below(step: Row, undone: Iterable[UUID]) -> bool:
    return step["kind"] == Step.CALLED and step["code"] is None and step["id"] in undone


def _did(step: Row, undone: bool) -> Done:
    kind = step["kind"]
    codes = labels_messages.CALLED if kind == Step.CALLED else labels_messages.ASIDE
    begun = _("nobody has said yet what came of it") if kind == Step.CALLED else ""
    code = str(codes.get(step["code"], step["code"])) if step["code"] else begun
    did = str(labels_messages.DID.get(kind, kind))
    return Done(step["claimed_at"], people.name(step["by_whom"]), did, code, step["words"] or "", undone)


def _open_alerts(form: SixForm, known: Known, reader: Rights) -> list[dict[str, Any]]:
    """What may be told again, the newest first: of the places that may be meant, else of all there are.

    Where no place is known yet, what the same voice has told stands before the rest.
    """
    listed = _lately(known.row, reader)
    if form.found:
        meant = {place["id"] for place in form.found}
        listed = [one for one in listed if one["community"] in meant]
    elif len(listed) > 1:
        theirs = intake.of_same_source(known.row, reader)
        listed.sort(key=lambda one: one["id"] not in theirs)
    listed = listed[:MOST_SAME]
    unnamed = [one for one in listed if not known.names.get(one["community"])]
    names = {**known.names, **where.names(unnamed, reader)}
    return [
        {
            "row": one,
            "what": labels_alerts.of(labels_alerts.WHAT, one["what"]),
            "priority": labels_alerts.of(labels_alerts.PRIORITY, one["priority"]),
            "place": where.said(one, names),
        }
        for one in listed
    ]


def _lately(row: Row, reader: Rights) -> list[Row]:
    """Open alerts of the message's own compartment that came in the days before it, or since."""
    place, since = row["compartment"], row["received_at"] - SAME_DAYS
    return [one for one in alerts.open_alerts(reader) if one["compartment"] == place and one["received_at"] >= since]


# Whoever sent it, as a source.


def _may_enrol(known: Known, reader: Rights) -> bool:
    place, origin = known.row["compartment"], known.origin
    able = reader.may(Act.ENROL_SOURCES, place) and reader.may(Act.HANDLE_MESSAGES, place)
    source = Row(kind=origin.kind, ended=origin.ended) if origin else None
    return able and "source" not in known.row["withheld"] and rules.may_enrol(known.row, source)


def _enrolling(known: Known, reader: Rights, posted: Any = None) -> SourceForm | None:
    """For whoever may enrol, about somebody who is not known yet. Whether they may be called stays as it was said."""
    if not _may_enrol(known, reader):
        return None
    contact = known.origin.contact if known.origin else ""
    return SourceForm(posted, initial={"contact": contact}, reader=reader, auto_id="enrol-%s")


@require_POST
def enrol(request: HttpRequest, record: UUID) -> HttpResponse:
    row, me = find(request, record), session.acting(request)
    form = _enrolling(_known(row, me.rights), me.rights, request.POST)
    if form is None:
        return page(request, row, refusal=words.said(Refused("sender_not_unknown")), status=409)
    community = form.chosen() if form.is_valid() else None
    if community is None or form.errors:
        return page(request, row, enrolling=form, status=422)
    told = {name: form.cleaned_data[name] for name in ("kind", "contact", "reply")}
    try:
        intake.enrol_sender(record, community=community, by=me.id, **told)
    except Refused as error:
        form.add_error(None, words.in_form(error))
        return page(request, find(request, record), enrolling=form, status=422)
    notes.success(request, _("Enrolled. Everything that came from there stands under the new code from now on."))
    return redirect("message", record)


# What is done with it.


@require_POST
def step(request: HttpRequest, record: UUID) -> HttpResponse:
    """Take it, give it back, say what came of a call, set it aside, open it again."""
    row, me = find(request, record), session.acting(request)
    kind, told = _kind(request), {name: request.POST.get(name, "") for name in ("code", "words")}
    told["words"] = told["words"].replace("\r\n", "\n")
    try:
        if kind == Step.REOPENED:
            intake.reopen(record, by=me.id)
        else:
            actions.step(record, kind, by=me.id, **told)
    except Refused as error:
        kept = told if kind == Step.SET_ASIDE else None
        return page(request, row, refusal=words.said(error), aside=kept, status=409)
    notes.success(request, str(_SAID[kind]))
    return redirect("inbox") if kind == Step.SET_ASIDE else redirect("message", record)


_SAID = {
    Step.CLAIMED: lazy("Saved here. You have it for 15 minutes."),
    Step.RELEASED: lazy("Saved here. It waits for anybody."),
    Step.CALLED: lazy("Saved here: what came of the call."),
    Step.SET_ASIDE: lazy("Saved here. It is set aside; its words are forgotten in 15 minutes."),
    Step.REOPENED: lazy("Saved here. It waits again."),
}


def _kind(request: HttpRequest) -> Step:
    code = request.POST.get("kind", "")
    if code not in _SAID:
        raise Refused("code_unknown", field="kind", value=code)
    return Step(code)


@require_POST
def undo(request: HttpRequest, record: UUID) -> HttpResponse:
    row, me = find(request, record), session.acting(request)
    try:
        undone = UUID(request.POST.get("step", ""))
    except ValueError:
        raise Refused("undo_names_a_step") from None
    if undone not in {one["id"] for one in queries.steps(row, me.rights)}:
        raise NotFound("record_not_found", record=str(undone))
    try:
        intake.undo(record, undone, by=me.id)
    except Refused as error:
        return page(request, find(request, record), refusal=words.said(error), status=409)
    notes.success(request, _("Saved here. The step is undone; it stays in the history, crossed out."))
    return redirect("message", record)


@require_POST
def dial(request: HttpRequest, record: UUID) -> HttpResponse:
    """The duty phone calls, or shows the number once on its own page; the number is never here."""
    row, me = find(request, record), session.acting(request)
    try:
        if request.POST.get("how") == "show":
            offered = actions.offer(record, by=me.id)
            return page(request, find(request, record), offered=offered)
        actions.dial(record, by=me.id)
    except (Refused, NotFound) as error:
        return page(request, row, refusal=words.said(error), status=409)
    notes.success(request, _("The duty phone is calling. Say below what came of it."))
    return redirect("message", record)


@require_POST
def take_down(request: HttpRequest, record: UUID) -> HttpResponse:
    """The six answers become a report, an alert, or one more report of an open alert."""
    row, me = find(request, record), session.acting(request)
    form = _form(_known(row, me.rights), me.rights, nodes.current().clock.now(), request.POST)
    if not form.is_valid():
        return page(request, row, form=form, status=422)
    try:
        said, alert = _write(request.POST.get("do", ""), record, form, me.rights)
    except Refused as error:
        return page(request, find(request, record), form=form, refusal=words.said(error), status=409)
    notes.success(request, said)
    return redirect("alert", alert) if alert else redirect("inbox")


def _write(do: str, record: UUID, form: SixForm, reader: Rights) -> tuple[str, UUID | None]:
    """What to say of it, and the alert that goes on from here."""
    by, answers = reader.person, form.answers()
    if do == "report":
        return reported(intake.report_from_message(record, by=by, **answers), reader), None
    if do == "alert":
        raised = intake.alert_from_message(record, by=by, priority=form.chosen_priority, **answers)
        return alerted(raised.alert, reader), raised.alert
    joined = intake.attach_message(record, _alert(do), by=by, **answers).alert
    number = alerts.alert(joined, reader)["number"]
    return _("Saved here. It is attached to alert %(number)s.") % {"number": number}, joined


def _alert(do: str) -> UUID:
    try:
        return UUID(do)
    except ValueError:
        raise Refused("code_unknown", field="kind", value=do) from None
