"""People, roles and teams: who may do what where, who asked for it, who confirmed it, and since when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from ulinzi.accounts import actions, logins, queries, rules, views
from ulinzi.accounts.queries import Known
from ulinzi.accounts.rules import EVERYWHERE, HOME, Act, Rights, Role
from ulinzi.desk import actions as desk
from ulinzi.desk.rules import CONFIRMED, What
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import access
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.shapes import Row
from ulinzi.web import deeds, erase, labels, people, profile, session, timeline, told, words

_REQUIRED = {"required": lazy("This is missing.")}
_REASONS = {"required": lazy("Say why in a few words.")}


class PersonForm(forms.Form):
    name = forms.CharField(label=lazy("Name shown"), max_length=80, error_messages=_REQUIRED)
    body = forms.ChoiceField(
        label=lazy("Works for"),
        choices=[("", lazy("Choose one")), *labels.choices(labels.BODIES)],
        error_messages=_REQUIRED,
    )
    language = forms.TypedChoiceField(
        label=labels.FIELDS["language"],
        choices=settings.LANGUAGES,
        initial=settings.LANGUAGE_CODE,
        required=False,
        empty_value=settings.LANGUAGE_CODE,
    )


class GrantForm(forms.Form):
    role = forms.ChoiceField(label=lazy("Role"), error_messages=_REQUIRED)
    place = forms.ChoiceField(label=lazy("Where"), error_messages=_REQUIRED)

    def __init__(self, *args: Any, person: Row, **options: Any) -> None:
        super().__init__(*args, **options)
        roles = rules.ROLES_OF_BODY.get(person["body"] or "", frozenset())
        listed = [(one, profile.role(one)) for one in Role if one in roles]
        self.fields["role"].choices = [("", _("Choose one")), *listed]
        self.fields["place"].choices = [*_places(), (EVERYWHERE, _("the whole mission"))]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=lazy("Why"), max_length=200, error_messages=_REASONS)


class EraseNameForm(forms.Form):
    basis = forms.CharField(
        label=labels.FIELDS["basis"],
        max_length=200,
        help_text=lazy("Which rule, or who asked. Not the name: this stays for ever."),
        error_messages=_REQUIRED,
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=lazy("Name of the team"), max_length=80, error_messages=_REQUIRED)
    place = forms.ChoiceField(label=lazy("Where"), error_messages=_REQUIRED)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].choices = _places()


def _places() -> list[tuple[str, str]]:
    """Nothing is chosen before somebody chooses."""
    return [("", _("Choose one")), *((one, profile.office(one)) for one in provinces())]


def provinces() -> list[str]:
    return [one for one in ledger.compartments() if one != HOME]


# Everybody.


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    return _list(request)


def _list(request: HttpRequest, *, failed: forms.Form | None = None, status: int = 200) -> HttpResponse:
    me = session.acting(request)
    access.note("accounts.Person:list", purpose="people", by=me.id)
    found = queries.known(me.rights)
    values = {
        "people": [{"row": row, "rights": rules.rights(row["id"], held)} for row, held in found],
        "waiting": [{"grant": one, "name": people.name(one["root"])} for one in _waiting(found)],
        "codes": _codes(me, [row for row, _held in found]),
        "teams": _teams(me),
        "form": failed if isinstance(failed, PersonForm) else PersonForm(auto_id="person-%s"),
        "team_form": failed if isinstance(failed, TeamForm) else TeamForm(auto_id="team-%s"),
        "may_edit": me.rights.may(Act.EDIT_PEOPLE, EVERYWHERE),
    }
    return render(request, "web/people.html", values, status=status)


def _codes(me: session.Acting, found: list[Row]) -> list[Row]:
    """People for whom a code was asked, shown to whoever could confirm it."""
    asked = logins.codes_asked()
    waiting = [row for row in found if row["id"] in asked]
    held = queries.grants(row["id"] for row in waiting)
    return [row for row in waiting if _may_confirm(me, rules.rights(row["id"], held[row["id"]]))]


def _may_confirm(me: session.Acting, other: Rights) -> bool:
    asked = logins.code_asked_by(other.person)
    allowed = asked is not None and me.id not in (asked, other.person)
    return allowed and rules.may_for(me.rights, Act.CONFIRM_GRANTS, other)


def _waiting(found: list[tuple[Row, list[Row]]]) -> list[Row]:
    return [one for _person, held in found for one in held if rules.waiting(one)]


def _teams(me: session.Acting) -> list[dict[str, Any]]:
    found = queries.known_teams(me.rights)
    held = queries.memberships(row["id"] for row in found)
    here = {team: [one for one in rows if one["left"] is None] for team, rows in held.items()}
    return [{"row": row, "members": [_member(one) for one in here[row["id"]]]} for row in found]


def _member(row: Row) -> dict[str, Any]:
    return {"row": row, "name": people.name(row["member"])}


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST, auto_id="person-%s")
    if form.is_valid():
        try:
            added = actions.add_person(by=session.acting(request).id, **form.cleaned_data)
            messages.success(request, _("Saved here. Now a role: without one nobody can do anything."))
            _say_if_taken(request, form.cleaned_data["name"], added)
            return redirect("person", added)
        except Refused as error:
            form.add_error(None, words.in_form(error))
    return _list(request, failed=form, status=422)


def _say_if_taken(request: HttpRequest, name: str, person: UUID) -> None:
    """People share names, so it is allowed; whoever gave it should know that it tells two people apart no longer."""
    if queries.is_taken(name, session.acting(request).rights, besides=person):
        messages.success(request, str(deeds.TAKEN))


@require_POST
def add_team(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST, auto_id="team-%s")
    if form.is_valid():
        actions.add_team(by=session.acting(request).id, **form.cleaned_data)
        messages.success(request, _("Saved here. Put people into it from their own pages."))
        return redirect("people")
    return _list(request, failed=form, status=422)


# One person.


@require_safe
def person(request: HttpRequest, person: UUID) -> HttpResponse:
    return _page(request, person)


def _page(
    request: HttpRequest, record: UUID, *, form: GrantForm | None = None, code: str = "", status: int = 200
) -> HttpResponse:
    me = session.acting(request)
    known = _known(request, record)
    access.note(f"accounts.Person:{record}", purpose="person page", by=me.id)
    may_ask, may_edit = me.rights.may_anywhere(Act.ASK_GRANTS), me.rights.may(Act.EDIT_PEOPLE, EVERYWHERE)
    values = {
        "row": known.row,
        "grants": [_grant(known.row, one, me) for one in reversed(known.grants)],
        "code": code,
        **_signing_in(me, known),
        "may_ask": may_ask,
        "grant_form": (form or GrantForm(person=known.row, auto_id="grant-%s")) if may_ask else None,
        "may_end": all(me.rights.may(Act.END_GRANTS, place) for place in known.open_places),
        "may_edit": may_edit,
        "may_rename": me.rights.may(Act.RENAME_PEOPLE, EVERYWHERE),
        "teams": queries.known_teams(me.rights) if may_edit else [],
        "is_me": record == me.id,
        **_erasing(known.row, me),
        "lines": _lines(known, me),
    }
    return render(request, "web/person.html", values, status=status)


def _signing_in(me: session.Acting, known: Known) -> dict[str, Any]:
    """How this person comes in on this machine, and what the reader may do about it."""
    record, other = known.row["id"], known.rights
    asked = logins.code_asked_by(record)
    return {
        "login": logins.login_name(record),
        "code_asked_by": people.name(asked) if asked else "",
        "may_confirm_code": _may_confirm(me, other),
        "may_issue": rules.may_for(me.rights, Act.ISSUE_CODES, other),
    }


def _lines(known: Known, me: session.Acting) -> list[timeline.Line]:
    """The newest first."""
    torn = [("accounts.Person", known.row), *(("accounts.Grant", one) for one in known.grants)]
    apart = told.apart((label, one) for label, one in torn if one["conflict"])
    events = queries.person_history(known, me.rights)
    return timeline.lines(events, areas={}, own=ledger.own_feeds(events), apart=apart)[::-1]


def _erasing(row: Row, me: session.Acting) -> dict[str, Any]:
    """The form that asks for the name to be erased, or what was asked and waits."""
    open_to = me.rights.may(Act.ERASE_NAMES, EVERYWHERE) and row["id"] != me.id
    if not open_to or row["roles_held"] or row["name"] is None:
        return {}
    return {"erase_form": EraseNameForm(auto_id="erase-%s"), "asked": erase.newest(row["id"], me)}


def _grant(person: Row, grant: Row, me: session.Acting) -> dict[str, Any]:
    may_confirm = me.rights.may(Act.CONFIRM_GRANTS, grant["place"] or "")
    return {
        "row": grant,
        "state": _state(grant),
        "asked_by": people.name(grant["asked_by"]) if grant["asked_by"] else "",
        "decided_by": people.name(grant["decided_by"]) if grant["decided_by"] else "",
        "ended_by": people.name(grant["ended_by"]) if grant["ended_by"] else "",
        "may_decide": may_confirm and rules.may_decide(person, grant, me.id),
        "may_end": grant["ended"] is None and me.rights.may(Act.END_GRANTS, grant["place"] or ""),
    }


def _state(grant: Row) -> str:
    if grant["ended"]:
        return "ended"
    if grant["decision"] == "refused":
        return "refused"
    return "in_force" if rules.may_count(grant) else "waiting"


def _known(request: HttpRequest, person: UUID) -> Known:
    """The person, for somebody who may know of them. Who asked after others is in the access log too."""
    me = session.acting(request)
    try:
        return queries.known_person(person, me.rights)
    except NotFound:
        access.note(f"accounts.Person:{person}", purpose="person page", by=me.id, result="not_found")
        raise


@require_POST
def rename(request: HttpRequest, person: UUID) -> HttpResponse:
    name = request.POST.get("name", "")
    actions.rename(person, by=session.acting(request).id, name=name)
    messages.success(request, _("Saved here."))
    _say_if_taken(request, name, person)
    return redirect("person", person)


@require_POST
def ask_grant(request: HttpRequest, person: UUID) -> HttpResponse:
    form = GrantForm(request.POST, person=_known(request, person).row, auto_id="grant-%s")
    if form.is_valid():
        try:
            actions.ask_grant(person, by=session.acting(request).id, **form.cleaned_data)
            messages.success(request, _("Asked for. It counts once a second person has confirmed it."))
            return redirect("person", person)
        except Refused as error:
            form.add_error(None, words.in_form(error))
    return _page(request, person, form=form, status=422)


@require_POST
def decide_grant(request: HttpRequest, grant: UUID) -> HttpResponse:
    decision = request.POST.get("decision", "")
    if decision not in rules.GRANT.field["decision"].choices:
        raise Refused("code_unknown", field="decision", value=decision)
    person = actions.decide_grant(grant, decision, by=session.acting(request).id)
    messages.success(request, _("Confirmed. The role counts from now.") if decision == "confirmed" else _("Refused."))
    return redirect("person", person)


@require_POST
def end_grant(request: HttpRequest, grant: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Refused("reason_missing", field="reason")
    person = actions.end_grant(grant, by=session.acting(request).id, reason=form.cleaned_data["reason"])
    messages.success(request, _("Ended. It counts for nothing from now."))
    return redirect("person", person)


@require_POST
def left(request: HttpRequest, person: UUID) -> HttpResponse:
    """Every role ends, and every session on this machine; what the person wrote stays."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Refused("reason_missing", field="reason")
    _known(request, person)
    actions.leave(person, by=session.acting(request).id, reason=form.cleaned_data["reason"])
    logins.forget(person)
    views.forget(person)
    messages.success(request, _("All roles have ended. What this person wrote stays, under the same name."))
    return redirect("person", person)


@require_POST
def erase_name(request: HttpRequest, person: UUID) -> HttpResponse:
    """Asked for; the name stays until somebody else who may erase names has agreed."""
    _known(request, person)
    form = EraseNameForm(request.POST)
    if not form.is_valid():
        raise Refused("erasure_needs_basis", field="basis")
    desk.ask_erasure(What.NAME, person, by=session.acting(request).id, basis=form.cleaned_data["basis"])
    erase.say_asked(request)
    return redirect("person", person)


@require_POST
def decide_name(request: HttpRequest, person: UUID) -> HttpResponse:
    """Agreed, the name goes from every entry; declined, it stays."""
    _known(request, person)
    erase.decide_on(request, person)
    if request.POST["decision"] != CONFIRMED:
        return redirect("person", person)
    logins.forget(person)
    views.forget(person)
    people.forget()
    messages.success(request, _("The name is erased. What was written stays, under no name."))
    return redirect("person", person)


@require_POST
def issue_code(request: HttpRequest, person: UUID) -> HttpResponse:
    """Asked for by one, confirmed by another, who hands it over; both stand in the access log."""
    _known(request, person)
    me = session.acting(request).id
    logins.ask_code(person, by=me)
    access.note_now(f"accounts.Person:{person}", purpose="code", by=me, action="ask for a code")
    messages.success(request, _("Asked for. A second person confirms it and hands the code over."))
    return redirect("person", person)


@require_POST
def confirm_code(request: HttpRequest, person: UUID) -> HttpResponse:
    """Shown once, on this page alone."""
    _known(request, person)
    me = session.acting(request).id
    logins.check_may_confirm(person, by=me)
    access.note_now(f"accounts.Person:{person}", purpose="code", by=me, action="issue code")
    return _page(request, person, code=logins.confirm_code(person, by=me))


@require_POST
def withdraw(request: HttpRequest, person: UUID) -> HttpResponse:
    _known(request, person)
    logins.withdraw(person, by=session.acting(request).id)
    messages.success(request, _("Signed out everywhere. Nobody signs in under this name until a new code is issued."))
    return redirect("person", person)


@require_POST
def join_team(request: HttpRequest, person: UUID) -> HttpResponse:
    try:
        team = UUID(request.POST.get("team", ""))
    except ValueError:
        raise Refused("code_unknown", field="team") from None
    _known(request, person)
    actions.join_team(team, person, by=session.acting(request).id)
    messages.success(request, _("Saved here."))
    return redirect("person", person)


@require_POST
def leave_team(request: HttpRequest, membership: UUID) -> HttpResponse:
    actions.leave_team(membership, by=session.acting(request).id)
    messages.success(request, _("Saved here."))
    return redirect("people")
