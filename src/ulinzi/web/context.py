"""What every page needs to know: who acts, the light, the other languages, and when it was made."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from ulinzi.kernel.errors import Broken
from ulinzi.ledger import node as nodes
from ulinzi.web import session

_BOTH_WAYS = ("edit_task", "erase", "choose_person")
_SCREENS = {"tasks": "tasks", "add_task": "tasks", "system": "system"}


def room(request: HttpRequest) -> dict[str, Any]:
    here, match = get_language(), request.resolver_match
    return {
        "screen": _SCREENS.get(match.url_name or "", "") if match else "",
        "person": session.person(request),
        "theme": session.theme(request),
        "themes": session.THEMES,
        "here": _here(request),
        "other_languages": [(code, name) for code, name in settings.LANGUAGES if code != here],
        "now": _now(),
    }


def _here(request: HttpRequest) -> str:
    """Where the switches of this page come back to: always a page that can be read."""
    match = request.resolver_match
    if request.method in ("GET", "HEAD") or match is None:
        return request.get_full_path()
    if match.url_name in _BOTH_WAYS:
        return request.path
    return reverse("task", kwargs=match.kwargs) if match.kwargs else reverse("tasks")


def _now() -> int | None:
    """None where no node is in use: the page of an error is still a page."""
    try:
        return nodes.current().clock.now()
    except Broken:
        return None
