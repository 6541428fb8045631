"""Live pages: a small question every few seconds, answered with nothing unless something moved."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ulinzi.accounts.rules import EVERYWHERE, HOME, Rights
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
    """It moves with every commit that this person may know of: what is theirs, and who may do what."""
    places = {HOME, *(place for _role, place in reader.held)}
    count = ledger.moved(None if reader.all or EVERYWHERE in places else sorted(places))
    return f"{len(places)}.{count}"
