"""What every page needs to know: who acts, the light, the other languages, and when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as context

from ulinzi.accounts.rules import Act, Rights
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
    "decide_erasure": "tasks",
    "add_task": "tasks",
    "watch": "watch",
    "watch_table": "watch",
    "alert": "watch",
    "alert_step": "watch",
    "alert_undo": "watch",
    "alert_same": "watch",
    "alert_send": "watch",
    "alert_edit": "watch",
    "alert_settle": "watch",
    "alert_write_back": "watch",
    "response_step": "watch",
    "response_confirm": "watch",
    "response_undo": "watch",
    "inbox": "inbox",
    "message": "inbox",
    "message_step": "inbox",
    "message_undo": "inbox",
    "message_dial": "inbox",
    "message_take_down": "inbox",
    "message_enrol": "inbox",
    "call": "inbox",
    "network": "network",
    "add_shift": "network",
    "call_off": "network",
    "enrol_source": "network",
    "set_contact": "network",
    "withdraw_source": "network",
    "add_liaison": "network",
    "edit_liaison": "network",
    "end_liaison": "network",
    "places": "network",
    "community": "network",
    "base": "network",
    "add_community": "network",
    "edit_community": "network",
    "add_base": "network",
    "edit_base": "network",
    "alert_rates": "alert_rates",
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
    Screen("watch", lazy("Watch"), "g w"),
    Screen("inbox", lazy("Inbox"), "g i"),
    Screen("desk", lazy("Desk"), "g d"),
    Screen("tasks", lazy("Tasks"), "g t"),
    Screen("network", lazy("Network"), "g n"),
    Screen("alert_rates", context("screen", "Rates"), "g r"),
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
        "may_add": bool(acting) and acting.rights.may_anywhere(Act.ADD_TASKS),
        "sees_parts": bool(acting) and offers_parts(acting.rights),
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


def offers_parts(reader: Rights) -> bool:
    """What screens are made of says nothing to most: it is offered to whoever looks after the machine. Its address is
    open to everybody, since it holds nothing of the mission."""
    return settings.DEMO or reader.may_anywhere(Act.CHECK_LEDGER)


def _is_open(name: str, acting: session.Acting) -> bool:
    return name in routes.SIGNED_IN or acting.rights.may_anywhere(routes.ACTS[name])


def _here(request: HttpRequest) -> str:
    """Where the switches of this page come back to: always a page that can be read."""
    match = request.resolver_match
    if request.method in ("GET", "HEAD") or match is None:
        return request.get_full_path()
    if match.url_name in _BOTH_WAYS:
        return request.path
    if "alert" in match.kwargs:
        return reverse("alert", kwargs=match.kwargs)
    screen = _SCREENS.get(match.url_name or "", "home")
    if "person" in match.kwargs:
        return reverse("person", kwargs=match.kwargs)
    if "record" in match.kwargs:
        return reverse("message" if screen == "inbox" else "task", kwargs=match.kwargs)
    return reverse(screen)


def _now() -> int | None:
    """None where no node is in use: the page of an error is still a page."""
    try:
        return nodes.current().clock.now()
    except Broken:
        return None
