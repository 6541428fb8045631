"""The file of an alert: what is known, the four clocks, what it waits for, who was sent, and all that happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act, Rights
from ulinzi.alerts import actions, intake, queries, rules
from ulinzi.alerts import clocks as alert_clocks
from ulinzi.kernel.clock import DAY
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.queries import GroupState
from ulinzi.ledger.shapes import Row
from ulinzi.places import queries as places
from ulinzi.reports import queries as reports
from ulinzi.responses import actions as response_actions
from ulinzi.responses import queries as responses
from ulinzi.responses import rules as response_rules
from ulinzi.web import (
    alert_forms,
    alert_lines,
    alert_sms,
    board_alerts,
    clocks,
    labels,
    labels_alerts,
    leaves,
    nexts,
    people,
    plain,
    profile,
    session,
    timeline,
    times,
    where,
    words,
)
from ulinzi.web.alert_forms import NO_RESPONSE, SEND, SMS, Do, Typed
from ulinzi.web.alert_lines import Told
from ulinzi.web.timeline import Author

LABEL = "alerts.Alert"
# How far back a warning may be the same as this one.
SAME = 3 * DAY
_STEPS = frozenset(
    {
        "taken", "called", "verified", "decided", "fed_back", "closed", "told", "paused", "resumed", "handed_over",
        "noted", "reopened",
    }
)  # fmt: skip
_DONE: labels.Labels = {
    "taken": lazy("Saved here. You have it now."),
    "decided": lazy("Saved here. It is decided."),
    "told": lazy("Saved here. Telling somebody is not a response."),
    "closed": lazy("Saved here. The file is closed."),
    "reopened": lazy("Saved here. It is open again."),
}


@dataclass(frozen=True)
class Sent:
    """Somebody who was sent, with what may be said of them now."""

    id: str
    row: Row
    who: str
    base: str
    buttons: tuple[str, ...]
    may_confirm: bool
    undoable: UUID | None
    undone_word: str


@require_safe
def alert(request: HttpRequest, alert: UUID) -> HttpResponse:
    return _page(request, find(request, alert))


def find(request: HttpRequest, record: UUID) -> Row:
    """The alert that this request is about. Whoever is shown it, on whatever page, is in the access log."""
    with session.looking_at(request, f"{LABEL}:{record}", purpose="alert file") as me:
        return queries.alert(record, me.rights)


def _page(request: HttpRequest, row: Row, typed: Typed | None = None, status: int = 200) -> HttpResponse:
    """The file; with the form that was refused, open and as it was typed."""
    me, now, typed = session.acting(request), nodes.current().clock.now(), typed or Typed()
    row = alert_clocks.whole(row, now)
    told = _told(request, row, me.rights)
    found = _places(request, told, me.rights, typed)
    names = where.names([row, *found["nearby"]], me.rights, besides=[one["base"] for one in told.responses])
    names = {**names, **{one["id"]: one["name"] or "" for one in found["bases"]}}
    due = board_alerts.due_of(row, now)
    able = accounts.with_act(Act.TAKE_ALERTS, row["compartment"], people.everybody())
    following = nexts.said(row, due.clocks, now, nexts.Chain(able, now), told.steps)
    values = {
        "row": row,
        "what": labels_alerts.of(labels_alerts.WHAT, row["what"]),
        "place": where.said(row, names),
        "around": where.around(row, names),
        "since": times.said_span(now - row["received_at"]),
        "sentence": sentence(row, told.responses),
        "owner": people.name(row["owner"]) if row["owner"] else "",
        "owner_note": board_alerts.owner_note(row, now),
        "mine": row["owner"] == me.id,
        "marks": list(board_alerts.marks(due, now)),
        "gauges": clocks.gauges(row, due.clocks, now, size=clocks.BIG),
        "next": following,
        "is_open": row["state"] == rules.State.OPEN,
        "typed": typed,
        "sent": _sent(told, names, me.rights),
        "reports": _reports(told, me.rights),
        "conflicts": _conflicts(row, me.rights),
        "problems": ledger.problems([row["compartment"]], root=row["id"]) if row["problems"] else [],
        "lines": alert_lines.lines(told, names),
        "undoable": _undoable(told, row, me.rights),
        "calls": sum(one["kind"] == rules.Step.CALLED for one in rules.effective(told.steps)),
        "without_call": nexts.waits_too_long(row, now),
        "same": found["same"],
        "sms": alert_sms.standing(row, told.steps, me.rights),
        "may_write": bool(profile.mission().replies) and alert_forms.may_write(row, me.rights),
        "may_edit": me.rights.may(Act.CLOSE_ALERTS, row["compartment"]),
        "outcomes": labels.choices(labels_alerts.OUTCOMES),
    }
    lists = _lists(row, able, found, names, me.id, now)
    if _opened(request, typed) == SMS:
        lists["phrases"], lists["tellers"] = alert_sms.choices(row, me.rights, now)
    values |= _forms(request, row, me.rights, following.code, typed, lists)
    return render(request, "web/alert.html", values, status=status)


def _told(request: HttpRequest, row: Row, reader: Rights) -> Told:
    sent = responses.of_alerts([row["id"]], reader).get(row["id"], [])
    steps = responses.steps(sent, reader) if sent else []
    events = queries.history(row) if "changes" in request.GET else ()
    return Told(row, queries.steps(row, reader), sent, steps, events)


# What the lists offer: read only where somebody opened the form that has one.


def _opened(request: HttpRequest, typed: Typed) -> str:
    return typed.form or request.GET.get("do", "")


def _places(request: HttpRequest, told: Told, reader: Rights, typed: Typed) -> dict[str, Any]:
    row, opened = told.row, _opened(request, typed)
    nearby: list[Row] = []
    if opened == "duplicate":
        since = (row["received_at"] or 0) - SAME
        nearby = queries.of_community(row["community"], reader, since=since) if row["community"] else []
        nearby = nearby or [one for one in queries.open_alerts(reader, limit=200) if one["received_at"] >= since]
    elif row["same_as"]:
        nearby = list(queries.alerts([row["same_as"]], reader).values())
    bases = places.bases(reader) if opened == SEND else []
    same = next((one for one in nearby if one["id"] == row["same_as"]), None)
    return {"nearby": nearby, "bases": [one for one in bases if one["compartment"] == row["compartment"]], "same": same}


def _lists(
    row: Row, able: Sequence[Row], found: dict[str, Any], names: where.Names, me: UUID, now: int
) -> dict[str, Sequence[tuple[str, Any]]]:
    return {
        "handed_over": [(str(one["id"]), _person(one)) for one in able if one["id"] != me],
        "duplicate": alert_forms.others(found["nearby"], row, names, now),
        "bases": [(str(one["id"]), plain.visible(one["name"] or "?")) for one in found["bases"]],
    }


def _person(row: Row) -> str:
    roles = ", ".join(labels.of(labels.ROLES, role) for role in row["rights"].roles)
    return f"{plain.visible(row['name'] or '?')}, {roles}"


def _forms(
    request: HttpRequest,
    row: Row,
    reader: Rights,
    following: str,
    typed: Typed,
    lists: dict[str, Sequence[tuple[str, Any]]],
) -> dict[str, Any]:
    """The one that is next, large, and the others folded. One that was refused stays as typed, possible or not."""
    opened = _opened(request, typed)
    offered = alert_forms.offered(row, reader, opened)
    first = {"arrived": SEND}.get(following, following)
    if typed.form and typed.form not in offered and typed.form in alert_forms.HEADS:
        offered = [*offered, typed.form]
    made = [_for(_do(kind, row, opened, lists), row, reader) for kind in offered]
    chosen = next((one for one in made if one.kind == first), None)
    others = [one for one in made if one is not chosen]
    if first == "decided":
        others.sort(key=lambda one: one.kind != NO_RESPONSE)  # a decision too: it stands with the others
    return {"do_next": chosen, "others": others}


def _for(do: Do, row: Row, reader: Rights) -> Do:
    """Some answers are for fewer than the form: that it is refuted ends it."""
    if do.kind != "verified" or reader.may(Act.CLOSE_ALERTS, row["compartment"]):
        return do
    return replace(do, options=[one for one in do.options if one[0] != "refuted"])


def _do(kind: str, row: Row, opened: str, lists: dict[str, Sequence[tuple[str, Any]]]) -> Do:
    head, key = labels.of(alert_forms.HEADS, kind), alert_forms.KEYS.get(kind, "")
    # Those whose list is at hand need no further question.
    link = kind in alert_forms.CHOOSES and kind != "handed_over" and opened != kind
    made = Do(kind, head, key, opened == kind, link, ask=alert_forms.asked(row, kind))
    options = _OPTIONS.get(kind)
    if kind == SEND:
        ours = labels.choices(labels_alerts.RESPONDERS)
        return replace(made, options=ours, more=labels.choices(labels_alerts.WAYS), last=lists["bases"])
    if kind == SMS:
        return replace(made, options=lists.get("phrases", ()), more=lists.get("tellers", ()))
    if options is not None:
        return replace(made, options=options(row))
    return replace(made, options=lists.get(kind, ()))


_OPTIONS: dict[str, Callable[[Row], Sequence[tuple[str, Any]]]] = {
    "called": lambda row: labels.choices(labels_alerts.CALLED),
    "verified": lambda row: labels.choices(labels_alerts.VERIFIED),
    "decided": alert_forms.decisions,
    NO_RESPONSE: lambda row: labels.choices(labels_alerts.NO_RESPONSE),
    "fed_back": alert_forms.telling,
    "told": lambda row: labels.choices(labels_alerts.TOLD),
    "paused": lambda row: labels.choices(labels_alerts.PAUSES),
    "closed": alert_forms.closing,
}


# What the head says.


def sentence(row: Row, sent: Sequence[Row]) -> str:
    """What is known and what is not, in a few short sentences: it is read first, and may be all that is read."""
    told = [
        _("Said to have done it: %(who)s.") % {"who": labels_alerts.of(labels_alerts.WHO, row["who"])},
        _count(row["reports"] or 0),
        _verified(row),
        _decided(row, sent),
    ]
    return " ".join(one for one in told if one)


def _count(reports: int) -> str:
    if not reports:
        return ""
    return ngettext("%(n)s report is attached.", "%(n)s reports are attached.", reports) % {"n": reports}


def _verified(row: Row) -> str:
    if row["verified_at"] is None:
        return _("Nobody has verified it.")
    return labels_alerts.of(labels_alerts.VERIFIED, row["verification"]) + "."


def _decided(row: Row, sent: Sequence[Row]) -> str:
    if row["decision"] is None:
        return _("Nothing is decided.")
    if row["arrived_at"] is not None:
        who = labels_alerts.of(labels_alerts.RESPONDERS, row["arrived_by"])
        how = labels_alerts.of(labels_alerts.ARRIVED, row["arrival"])
        return _("Arrived: %(who)s, %(how)s.") % {"who": who, "how": how}
    if row["decision"] == "no_response":
        reason = labels_alerts.of(labels_alerts.NO_RESPONSE, row["reason"])
        return _("No response. Reason: %(reason)s.") % {"reason": reason}
    said = _("Decided: %(what)s.") % {"what": labels_alerts.of(labels_alerts.DECISIONS, row["decision"])}
    going = any(one["state"] in response_rules.UNFINISHED for one in sent)
    rest = _("Nobody has arrived.") if going else _("Nobody has been sent.")
    return f"{said} {rest}"


def _sent(told: Told, names: where.Names, reader: Rights) -> list[Sent]:
    return [_one_sent(one, told, names, reader) for one in told.responses]


def _one_sent(row: Row, told: Told, names: where.Names, reader: Rights) -> Sent:
    may = reader.may(Act.RESPOND, row["compartment"])
    steps = [one for one in told.response_steps if one["root"] == row["id"]]
    counting = response_rules.effective(steps)
    last = counting[-1] if counting and may else None
    kinds = [one for one in response_rules.LEADS_TO if may and response_rules.may_step(row, one)]
    confirmed = told.row["arrival"] in ("seen", "confirmed")
    return Sent(
        str(row["id"]),
        row,
        who=plain.visible(labels_alerts.of(labels_alerts.RESPONDERS, row["responder"])),
        base=plain.visible(names.get(row["base"]) or "") if row["base"] else "",
        buttons=tuple(str(one) for one in kinds),
        may_confirm=may and response_rules.may_confirm(row) and not confirmed,
        undoable=last["id"] if last else None,
        undone_word=labels_alerts.of(labels_alerts.RESPONSE_STEPS, last["kind"]) if last else "",
    )


def _reports(told: Told, reader: Rights) -> list[Row]:
    """Those that are attached, each once, as far as the reader may see them."""
    wanted = [one["report"] for one in rules.effective(told.steps) if one["kind"] == rules.Step.ATTACHED]
    found = reports.reports([one for one in wanted if one], reader) if wanted else {}
    return [found[one] for one in dict.fromkeys(wanted) if one in found]


@dataclass(frozen=True)
class Leaf:
    """One of several values that stand, and whose it is."""

    token: str
    values: list[tuple[str, str]]
    author: Author | None


@dataclass(frozen=True)
class Conflict:
    group: str
    name: str
    seen: str
    leaves: list[Leaf]


def _conflicts(row: Row, reader: Rights) -> list[Conflict]:
    """Groups with more than one value, as far as the reader may see them, each with who wrote it."""
    torn = [one for one in _torn(row).values() if one.conflict] if row["conflict"] else []
    if not torn:
        return []
    values = [leaf.values for one in torn for leaf in one.leaves]
    names = where.names([Row({"community": None, "area": None, **one}) for one in values], reader)
    found = timeline.authors(queries.history(row))
    return [_conflict(one, found, names) for one in torn]


def _torn(row: Row) -> dict[str, GroupState]:
    found = ledger.groups_of(LABEL, row["id"], row)
    return {name: one for name, one in found.items() if name not in row["withheld"]}


def _conflict(group: GroupState, found: dict[Dot, Author], names: where.Names) -> Conflict:
    listed = [
        Leaf(leaves.token(one.dots), alert_lines.shown(one.values, names), timeline.newest_author(found, one.dots))
        for one in group.leaves
    ]
    return Conflict(group.name, labels.of(alert_lines.GROUPS, group.name), leaves.token(group.dots), listed)


def _undoable(told: Told, row: Row, reader: Rights) -> Row | None:
    """The last step that counts, for whoever may do such a step."""
    found = queries.undoable(told.steps)
    step = next((one for one in told.steps if one["id"] == found), None)
    if step is None:
        return None
    act = rules.act_of(rules.Step(step["kind"]), step["code"])
    return step if reader.may(act, row["compartment"]) else None


# What is done.


@require_POST
def step(request: HttpRequest, alert: UUID) -> HttpResponse:
    row, kind = find(request, alert), request.POST.get("kind", "")
    if kind not in _STEPS:
        raise Refused("code_unknown", field="kind", value=kind)
    form = NO_RESPONSE if kind == "decided" and request.POST.get("code") == "no_response" else kind
    typed = alert_forms.typed(request, form)

    def act(by: UUID, now: int) -> None:
        told: dict[str, Any] = {"code": typed.code or None, "reason": typed.reason, "words": typed.words}
        to, happened_at = typed.id_of("to"), typed.happened_at(now)
        actions.step(alert, rules.Step(kind), by=by, to=to, happened_at=happened_at, **told)

    return _answer(request, row, typed, act, _DONE.get(kind, lazy("Saved here.")))


@require_POST
def send(request: HttpRequest, alert: UUID) -> HttpResponse:
    row, typed = find(request, alert), alert_forms.typed(request, SEND)

    def act(by: UUID, now: int) -> None:
        base, told = typed.id_of("base"), {"responder": typed.responder, "way": typed.way, "words": typed.words}
        response_actions.send(alert, by=by, base=base, **told)

    return _answer(request, row, typed, act, lazy("Saved here. Press GO when they leave."))


@require_POST
def write_back(request: HttpRequest, alert: UUID) -> HttpResponse:
    """One of the mission's phrases to one of those who are listed: no word of it is typed by anybody (H01)."""
    row, typed = find(request, alert), alert_forms.typed(request, SMS)
    code, _dot, language = typed.code.partition(".")

    def act(by: UUID, now: int) -> None:
        listed = {one.key: one.message["id"] for one in intake.tellers(row, session.acting(request).rights, now)}
        if typed.to not in listed:
            raise Refused("answer_missing", field="to")
        try:
            intake.write_back(alert, listed[typed.to], code, language, by=by)
        except Refused:
            _say_taken_back(request, row)
            raise

    return _answer(
        request, row, typed, act, lazy("Saved here, and given to the duty phone. What becomes of it stands here.")
    )


def _say_taken_back(request: HttpRequest, row: Row) -> None:
    """It was written down, nothing went, and it was undone: the history has more than the refusal says."""
    me = session.acting(request)
    if len(queries.steps(queries.alert(row["id"], me.rights), me.rights)) > len(queries.steps(row, me.rights)):
        messages.warning(request, _("That they were told was taken back. It stands in the history, crossed out."))


@require_POST
def same(request: HttpRequest, alert: UUID) -> HttpResponse:
    row, typed = find(request, alert), alert_forms.typed(request, "duplicate")

    def act(by: UUID, now: int) -> None:
        other = typed.id_of("other")
        if other is None:
            raise Refused("not_the_same_as_that", field="other")
        actions.same_as(alert, other, by=by)

    return _answer(request, row, typed, act, lazy("Saved here. Its reports stand with the other alert."))


@require_POST
def settle(request: HttpRequest, alert: UUID) -> HttpResponse:
    """Choose one of several values, having seen them all."""
    row, typed = find(request, alert), alert_forms.typed(request, "settle")
    name = request.POST.get("group", "")
    seen = {name: leaves.dots(request.POST.get("seen", ""))}

    def act(by: UUID, now: int) -> None:
        chosen = _chosen(row, name, request.POST.get("choose", ""))
        actions.settle(alert, by=by, seen=seen, why=typed.words, **chosen)

    return _answer(request, row, typed, act, lazy("Saved here. One value stands; the other stays in the history."))


def _chosen(row: Row, name: str, token: str) -> dict[str, Any]:
    """The values of the leaf that was chosen, where it still stands beside another."""
    group = _torn(row).get(name)
    found = [one for one in group.leaves if leaves.token(one.dots) == token] if group and group.conflict else []
    if not found:
        raise Refused("moved")
    return found[0].values


@require_POST
def undo(request: HttpRequest, alert: UUID) -> HttpResponse:
    row, undone = find(request, alert), _step_named(request)

    def act(by: UUID, now: int) -> None:
        if undone not in {one["id"] for one in queries.steps(row, session.acting(request).rights)}:
            raise Refused("undo_names_a_step")
        actions.undo(alert, undone, by=by)

    done = lazy("Saved here. The step is undone; it stays in the history, crossed out.")
    return _answer(request, row, Typed("undo"), act, done)


def _step_named(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("step", ""))
    except ValueError:
        raise Refused("undo_names_a_step") from None


# Of whoever was sent. The page that comes back is that of the alert.


@require_POST
def response_step(request: HttpRequest, response: UUID) -> HttpResponse:
    sent, row = _found_response(request, response)
    kind, typed = request.POST.get("kind", ""), alert_forms.typed(request, f"response-{sent['id']}")
    if kind not in response_rules.LEADS_TO:
        raise Refused("code_unknown", field="kind", value=kind)

    def act(by: UUID, now: int) -> None:
        told: dict[str, Any] = {"outcome": typed.outcome or None, "words": typed.words}
        happened_at = typed.happened_at(now)
        response_actions.step(response, response_rules.Step(kind), by=by, happened_at=happened_at, **told)

    return _answer(request, row, typed, act, lazy("Saved here."))


@require_POST
def response_confirm(request: HttpRequest, response: UUID) -> HttpResponse:
    sent, row = _found_response(request, response)

    def act(by: UUID, now: int) -> None:
        response_actions.confirm(sent["id"], by=by)

    return _answer(request, row, Typed(f"response-{sent['id']}"), act, lazy("Saved here. It is confirmed."))


@require_POST
def response_undo(request: HttpRequest, response: UUID) -> HttpResponse:
    (sent, row), undone = _found_response(request, response), _step_named(request)

    def act(by: UUID, now: int) -> None:
        if undone not in {one["id"] for one in responses.steps([sent], session.acting(request).rights)}:
            raise Refused("undo_names_a_step")
        response_actions.undo(response, undone, by=by)

    done = lazy("Saved here. The step is undone; it stays in the history, crossed out.")
    return _answer(request, row, Typed(f"response-{sent['id']}"), act, done)


def _found_response(request: HttpRequest, record: UUID) -> tuple[Row, Row]:
    with session.looking_at(request, f"responses.Response:{record}", purpose="alert file") as me:
        sent = responses.response(record, me.rights)
        return sent, queries.alert(sent["alert"], me.rights)


def _answer(request: HttpRequest, row: Row, typed: Typed, act: Callable[[UUID, int], None], done: Any) -> HttpResponse:
    """Done and said, or refused with everything that was typed standing there again."""
    try:
        act(session.acting(request).id, nodes.current().clock.now())
    except Refused as error:
        again = queries.alert(row["id"], session.acting(request).rights)
        status = 409 if error.code in _OVERTAKEN else 422
        return _page(request, again, replace(typed, refusal=words.said(error)), status=status)
    messages.success(request, str(done))
    wanted = session.next_page(request) if request.POST.get("next") else ""
    return redirect(wanted) if wanted else redirect("alert", row["id"])


# Somebody was faster: what was typed is right, and what it was typed about has changed.
_OVERTAKEN = frozenset({"alert_not_now", "moved", "response_not_now", "undo_not_now", "nothing_to_confirm"})
