"""Who sits there now? Asked again before what is dangerous, and nothing typed is lost by the asking."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ulinzi.accounts import logins, sessions
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes
from ulinzi.web import deeds, session, words
from ulinzi.web.sign import address

FIELD = "proof"
_NOT_CARRIED = {FIELD, "csrfmiddlewaretoken"}


def missing(request: HttpRequest) -> HttpResponse | None:
    """The page that asks for the password, with the form it interrupted; None where the proof is fresh."""
    me = session.acting(request)
    if FIELD in request.POST:
        return _given(request, me)
    return None if me.session.is_proved(nodes.current().clock.now()) else _page(request)


def _given(request: HttpRequest, me: session.Acting) -> HttpResponse | None:
    try:
        if not _invented(me):
            logins.prove(me.id, request.POST[FIELD], address=address(request))
    except Refused as error:
        return _page(request, error)
    request.acting = session.Acting(sessions.renew(me.session), me.rights)  # type: ignore[attr-defined]
    return None


def _invented(me: session.Acting) -> bool:
    """The people of the demonstration have no password."""
    return settings.DEMO and not logins.login_name(me.id)


def _page(request: HttpRequest, error: Refused | None = None) -> HttpResponse:
    carried = [
        (name, value) for name in request.POST if name not in _NOT_CARRIED for value in request.POST.getlist(name)
    ]
    values = {
        "carried": carried,
        "refusal": words.said(error) if error else None,
        "invented": _invented(session.acting(request)),
        "field": FIELD,
        "deeds": deeds.said(request),
    }
    return render(request, "web/prove.html", values, status=403)
