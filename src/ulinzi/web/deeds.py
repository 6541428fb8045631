"""What somebody is about to do, in words: said where the password is asked for, before anything is done.

Only of what they may know. Of anything else nothing is said here, and the address itself answers that it is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.accounts import queries, rules
from ulinzi.desk import queries as desk
from ulinzi.desk.rules import DECLINED, What
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger.shapes import Row
from ulinzi.web import people, plain, session, told
from ulinzi.web.forms import EraseForm

Deed = Callable[[HttpRequest, UUID], tuple[str, Mapping[str, str]]]

TAKEN = lazy("Another person here has this name.")


def said(request: HttpRequest) -> list[SafeString]:
    """A sentence or two; none where nothing is known of what is asked for."""
    match = request.resolver_match
    deed = _DEEDS.get((match.url_name or "") if match else "")
    if match is None or deed is None:
        return []
    try:
        pattern, slots = deed(request, next(iter(match.kwargs.values())))
    except NotFound:
        return []
    warned = [conditional_escape(TAKEN)] if match.url_name == "rename_person" and _is_taken(request) else []
    return [_filled(pattern, slots), *warned]


def _filled(pattern: str, slots: Mapping[str, str]) -> SafeString:
    shown = {name: format_html("<bdi>{}</bdi>", plain.visible(one)) for name, one in slots.items()}
    return SafeString(str(conditional_escape(pattern)) % shown)


def _erase(request: HttpRequest, record: UUID) -> tuple[str, Mapping[str, str]]:
    row = desk.task(record, session.acting(request).rights)
    whole = request.POST.get("what") == EraseForm.ALL
    pattern = (
        _("Ask for task %(number)s to be erased whole, for ever.")
        if whole
        else _("Ask for the words of task %(number)s to be erased, for ever.")
    )
    return pattern, {"number": row["number"] or ""}


def _decide_erasure(request: HttpRequest, record: UUID) -> tuple[str, Mapping[str, str]]:
    row = desk.task(record, session.acting(request).rights)
    asked = _asked(request, record)
    if request.POST.get("decision") == DECLINED:
        pattern = _("Decline to erase anything of task %(number)s.")
    elif asked["what"] == What.TASK:
        pattern = _("Erase task %(number)s whole, for ever.")
    else:
        pattern = _("Erase the words of task %(number)s, for ever.")
    return pattern, {"number": row["number"] or ""}


def _decide_name(request: HttpRequest, person: UUID) -> tuple[str, Mapping[str, str]]:
    _asked(request, person)
    declined = request.POST.get("decision") == DECLINED
    pattern = _("Decline to erase the name of %(name)s.") if declined else _("Erase the name of %(name)s, for ever.")
    return pattern, {"name": _name(request, person)}


def _asked(request: HttpRequest, about: UUID) -> Row:
    """The request that is decided on, for somebody who may; else NotFound."""
    found = desk.erasures_about(about, session.acting(request).rights)
    for row in found:
        if str(row["id"]) == request.POST.get("asked"):
            return row
    raise NotFound("record_not_found", record=str(about))


def _name(request: HttpRequest, person: UUID) -> str:
    """Of somebody whom the reader may know of; else NotFound."""
    queries.known_person(person, session.acting(request).rights)
    return people.name(person)


def _about(pattern: str) -> Deed:
    """A deed that concerns one person and nothing else."""
    return lambda request, person: (str(pattern), {"name": _name(request, person)})


def _rename(request: HttpRequest, person: UUID) -> tuple[str, Mapping[str, str]]:
    new = request.POST.get("name", "").strip()
    return _("Change the name shown from %(name)s to %(new)s."), {"name": _name(request, person), "new": new}


def _is_taken(request: HttpRequest) -> bool:
    person = next(iter(request.resolver_match.kwargs.values())) if request.resolver_match else None
    return queries.is_taken(request.POST.get("name", ""), session.acting(request).rights, besides=person)


def _ask(request: HttpRequest, person: UUID) -> tuple[str, Mapping[str, str]]:
    asked = {name: request.POST.get(name, "") for name in ("role", "place")}
    return _("Ask for a role for %(name)s: %(role)s."), {"name": _name(request, person), "role": told.role(asked)}


def _decide(request: HttpRequest, grant: UUID) -> tuple[str, Mapping[str, str]]:
    refused = request.POST.get("decision") == "refused"
    pattern = _("Refuse a role to %(name)s: %(role)s.") if refused else _("Confirm a role of %(name)s: %(role)s.")
    return pattern, _grant(request, grant)[1]


def _end(request: HttpRequest, grant: UUID) -> tuple[str, Mapping[str, str]]:
    waits, slots = _grant(request, grant)
    if waits:
        return _("Withdraw the request for a role of %(name)s: %(role)s."), slots
    return _("End a role of %(name)s: %(role)s."), slots


def _grant(request: HttpRequest, grant: UUID) -> tuple[bool, Mapping[str, str]]:
    row, person = queries.known_grant(grant, session.acting(request).rights)
    return rules.waiting(row), {"name": people.name(person["id"]), "role": told.role(row)}


# Every dangerous address; a test compares the list with that of the addresses.
_DEEDS: Mapping[str, Deed] = {
    "erase": _erase,
    "decide_erasure": _decide_erasure,
    "rename_person": _rename,
    "ask_grant": _ask,
    "decide_grant": _decide,
    "end_grant": _end,
    "person_left": _about(lazy("End every role of %(name)s.")),
    "issue_code": _about(lazy("Ask for a one-time code for %(name)s, to sign in on this machine.")),
    "confirm_code": _about(lazy("Confirm a one-time code for %(name)s, and see it.")),
    "withdraw": _about(lazy("Sign %(name)s out everywhere on this machine and take the password away.")),
    "erase_name": _about(lazy("Ask for the name of %(name)s to be erased, for ever.")),
    "decide_name": _decide_name,
}
