"""What every page needs to know: who acts, the light, the other languages, and when it was made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from ulinzi.kernel.errors import Broken
from ulinzi.ledger import node as nodes
from ulinzi.web import routes, session

_BOTH_WAYS = ("edit_task", "erase", "choose_person", "sign_in", "enrol", "password")
_SCREENS = {
    "tasks": "tasks",
    "add_task": "tasks",
    "system": "system",
    "check": "system",
    "people": "people",
    "add_person": "people",
    "add_team": "people",
    "leave_team": "people",
}
# The screens of the head of the page, each with the act it asks for.
_NAVIGATION = (("tasks", lazy("Tasks")), ("people", lazy("People")), ("system", lazy("System")))


def room(request: HttpRequest) -> dict[str, Any]:
    here, match = get_language(), request.resolver_match
    return {
        "screen": _SCREENS.get(match.url_name or "", "") if match else "",
        "person": session.person(request),
        "screens": _screens(request),
        "demo": settings.DEMO,
        "theme": session.theme(request),
        "themes": session.THEMES,
        "here": _here(request),
        "other_languages": [(code, name) for code, name in settings.LANGUAGES if code != here],
        "now": _now(),
    }


def _screens(request: HttpRequest) -> list[tuple[str, Any]]:
    """Only what is open to this person is offered."""
    acting = session.person(request)
    return [one for one in _NAVIGATION if acting and acting.rights.may_anywhere(routes.ACTS[one[0]])]


def _here(request: HttpRequest) -> str:
    """Where the switches of this page come back to: always a page that can be read."""
    match = request.resolver_match
    if request.method in ("GET", "HEAD") or match is None:
        return request.get_full_path()
    if match.url_name in _BOTH_WAYS:
        return request.path
    shown = "person" if "person" in match.kwargs else "task"
    if match.kwargs.keys() & {"record", "person"}:
        return reverse(shown, kwargs=match.kwargs)
    return reverse(_SCREENS.get(match.url_name or "", "home"))


def _now() -> int | None:
    """None where no node is in use: the page of an error is still a page."""
    try:
        return nodes.current().clock.now()
    except Broken:
        return None
