"""Which page shows which group of fields, and how that is told: by a sign, or by a word of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.access.world import DUE, SIGNS

TASK_PAGES = frozenset({"tasks", "task_table", "search", "desk", "task", "edit_task", "erase", "system"})
PEOPLE_PAGES = frozenset({"people", "person", "team"})


@dataclass(frozen=True)
class Shown:
    """Whether a page, one of these, shows the group as it stands in a province."""

    routes: frozenset[str]
    on: Callable[[str, str], bool]


def _sign(routes: frozenset[str], *fields: str) -> Shown:
    return Shown(routes, lambda page, place: any(SIGNS[place].text(one) in page for one in fields))


def _text(routes: frozenset[str], text: str) -> Shown:
    return Shown(routes, lambda page, place: text in page)


_ONE_TASK, _ONE_PERSON, _ONE_AREA = frozenset({"task"}), frozenset({"person"}), frozenset({"area"})

GROUPS: dict[str, Shown] = {
    "desk.Task/number": _sign(TASK_PAGES, "number", "erased-number"),
    "desk.Task/words": _sign(TASK_PAGES, "title", "detail", "second-title"),
    "desk.Task/where": _sign(_ONE_TASK, "area"),
    "desk.Task/when": Shown(TASK_PAGES, lambda page, place: DUE[place][1] in page),
    "desk.Task/urgency": _text(_ONE_TASK, '<li class="mk soon">'),
    "desk.Task/tiers": _text(_ONE_TASK, "3. Protective environment"),
    "desk.Step/act": _sign(TASK_PAGES, "receiver"),
    "desk.Step/words": _sign(TASK_PAGES, "step-words"),
    "places.Area/name": _sign(TASK_PAGES | _ONE_AREA, "area", "spare-area"),
    "places.Area/source": _sign(_ONE_AREA, "area-code"),
    "accounts.Person/name": _sign(PEOPLE_PAGES, "holder"),
    "accounts.Person/body": _text(_ONE_PERSON, '<p class="lead">The mission, civilian'),
    # In the history alone.
    "accounts.Person/language": _text(_ONE_PERSON, "<dt>Language</dt>"),
    "accounts.Grant/grant": _sign(_ONE_PERSON, "asker"),
    "accounts.Grant/decision": _sign(_ONE_PERSON, "decider"),
    "accounts.Grant/end": _sign(_ONE_PERSON, "ender"),
    "accounts.Team/name": _sign(PEOPLE_PAGES, "team"),
    # Once as a person, once in the team.
    "accounts.Membership/member": Shown(PEOPLE_PAGES, lambda page, place: page.count(SIGNS[place].text("member")) > 1),
}

# On no page at all, of those that are asked: nobody has left the standing team.
NOWHERE = frozenset({"accounts.Membership/end"})
