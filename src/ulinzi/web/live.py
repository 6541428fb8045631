"""Live pages: a small question every few seconds, answered with nothing unless something moved."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from ulinzi.accounts.rules import EVERYWHERE, HOME, PLACED, Rights
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.web import session, times

# Seconds between two looks: with something urgent on the page, and without.
OFTEN, SELDOM = 5, 15
CLOCK = "Ulinzi-Clock"


@require_safe
def tick(request: HttpRequest) -> HttpResponse:
    """Asked with the number of the last look. The clock comes along: the page is as of now, moved or not."""
    since = moved(session.acting(request).rights)
    response = HttpResponse(status=204) if request.GET.get("since") == since else JsonResponse({"since": since})
    response.headers[CLOCK] = times.show_time(nodes.current().clock.now())
    return response


def moved(reader: Rights) -> str:
    """Who reads, what they may, and a number that moves with every commit that they may know of.

    A page that was made for another, or for other rights, has to go. The marks name nobody.
    """
    return f"{whose(reader)}{_count(reader)}"


def whose(reader: Rights) -> str:
    """Without a number: of a page that answers a form."""
    return f"{_mark(reader.person)}.{_mark(reader.all, *sorted(reader.held))}."


def _mark(*told: object) -> str:
    return salted_hmac("ulinzi/since", repr(told)).hexdigest()[:12]


def _count(reader: Rights) -> int:
    """Of places where they do something: how often something is written down elsewhere tells how much happens there."""
    places = {place for role, place in reader.held if PLACED[role]}
    if reader.all or EVERYWHERE in places:
        return ledger.moved(None)
    return ledger.moved(sorted({HOME, *places})) if places else 0
