"""What every page needs to know: who acts, the light, the other languages, and when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from ulinzi.kernel.errors import Broken
from ulinzi.ledger import node as nodes
from ulinzi.web import live, profile, routes, session

_BOTH_WAYS = ("edit_task", "erase", "choose_person", "sign_in", "enrol", "password")
_SCREENS = {
    "home": "desk",
    "desk": "desk",
    "tasks": "tasks",
    "task": "tasks",
    "task_table": "tasks",
    "save_view": "tasks",
    "trends": "tasks",
    "edit_task": "tasks",
    "erase": "tasks",
    "add_task": "tasks",
    "system": "system",
    "check": "system",
    "people": "people",
    "person": "people",
    "team": "people",
    "area": "tasks",
    "add_person": "people",
    "add_team": "people",
    "leave_team": "people",
}


@dataclass(frozen=True)
class Screen:
    """A screen of the head of the page: its address, what it is called, and the keys that open it."""

    name: str
    shown: Any
    key: str


_NAVIGATION = (
    Screen("desk", lazy("Desk"), "g d"),
    Screen("tasks", lazy("Tasks"), "g t"),
    Screen("people", lazy("People"), "g p"),
    Screen("system", lazy("System"), "g s"),
)


def room(request: HttpRequest) -> dict[str, Any]:
    here, match, acting = get_language(), request.resolver_match, session.person(request)
    return {
        "screen": _SCREENS.get(match.url_name or "", "") if match else "",
        "person": acting,
        "mission": profile.Shown(),
        "may_read_mission": bool(acting) and _is_open("mission", acting),
        "screens": _screens(request),
        "demo": settings.DEMO,
        "by_itself": session.asks_by_itself(request),
        "since": getattr(request, "since", ""),
        "often": live.OFTEN,
        "seldom": live.SELDOM,
        "keys": session.keys(request),
        "theme": session.theme(request),
        "themes": session.THEMES,
        "here": _here(request),
        "other_languages": [(code, name) for code, name in settings.LANGUAGES if code != here],
        "now": _now(),
    }


def _screens(request: HttpRequest) -> list[Screen]:
    """Only what is open to this person is offered."""
    acting = session.person(request)
    return [one for one in _NAVIGATION if acting and _is_open(one.name, acting)]


def _is_open(name: str, acting: session.Acting) -> bool:
    return name in routes.SIGNED_IN or acting.rights.may_anywhere(routes.ACTS[name])


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
