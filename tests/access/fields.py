"""Which page shows which group of fields, and how that is told: by a sign, or by a word of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.access.world import DUE, SIGNS

TASK_PAGES = frozenset({"tasks", "task_table", "search", "desk", "task", "edit_task", "erase", "system"})
# When the standing shift ends, by the clock of the mission.
SHIFT_UNTIL = "21:56</time>"
PEOPLE_PAGES = frozenset({"people", "person", "team"})


@dataclass(frozen=True)
class Shown:
    """Whether a page, one of these, shows the group as it stands in a province."""

    routes: frozenset[str]
    on: Callable[[str, str], bool]

    def shows(self, route: str, page: str, place: str) -> bool:
        return route in self.routes and self.on(page, place)


@dataclass(frozen=True)
class Either:
    """Shown in one way on some pages, in another on others."""

    parts: tuple[Shown, ...]

    def shows(self, route: str, page: str, place: str) -> bool:
        return any(one.shows(route, page, place) for one in self.parts)


def _sign(routes: frozenset[str], *fields: str) -> Shown:
    return Shown(routes, lambda page, place: any(SIGNS[place].text(one) in page for one in fields))


def _text(routes: frozenset[str], text: str) -> Shown:
    return Shown(routes, lambda page, place: text in page)


_ERASING = frozenset({"erase", "desk"})
_ONE_TASK, _ONE_PERSON, _ONE_AREA = frozenset({"task"}), frozenset({"person"}), frozenset({"area"})

GROUPS: dict[str, Shown | Either] = {
    "desk.Task/number": _sign(TASK_PAGES, "number", "erased-number"),
    "desk.Task/words": _sign(TASK_PAGES, "title", "detail", "second-title"),
    "desk.Task/where": _sign(_ONE_TASK, "area"),
    "desk.Task/when": Shown(TASK_PAGES, lambda page, place: DUE[place][1] in page),
    "desk.Task/urgency": _text(_ONE_TASK, '<li class="mk soon">'),
    "desk.Task/tiers": _text(_ONE_TASK, "3. Protective environment"),
    "desk.Step/act": _sign(TASK_PAGES, "receiver"),
    "desk.Step/words": _sign(TASK_PAGES, "step-words"),
    # On the page of the one task, on that of another that was declined, and on desks.
    "desk.Erasure/asked": _sign(_ERASING, "eraser"),
    "desk.Erasure/basis": _sign(_ERASING, "asked-basis"),
    "desk.Erasure/decision": _sign(_ERASING, "refuser"),
    "desk.Erasure/reason": _sign(_ERASING, "refusal"),
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

# The network and the alerts. What is a code has a word there that no form of the page has.
_NETWORK, _INBOX = frozenset({"network", "community"}), frozenset({"inbox", "message"})
_ALERT = frozenset({"alert"})
_ALERTS = _ALERT | {"watch", "watch_table"}
_PLACES = frozenset({"places", "network", "community", "base", "edit_liaison"})


def _said(routes: frozenset[str], pattern: str) -> Shown:
    """With {sign} for the beginning of the signs of the province."""

    def on(page: str, place: str) -> bool:
        return re.search(pattern.format(sign=f"{place} ", code=SIGNS[place].text("source-code")), page) is not None

    return Shown(routes, on)


def _either(*several: Shown) -> Either:
    return Either(several)


GROUPS |= {
    "places.Community/name": _sign(_PLACES | _INBOX | _ALERTS, "community", "told-community", "spare-community"),
    "places.Community/where": _said(
        frozenset({"network", "community"}), "(Area</dt><dd><a [^>]*>|<h3 class=.area.>)<bdi>{sign}ground"
    ),
    "places.Community/position": _sign(_NETWORK, "position"),
    "places.Base/name": _sign(_PLACES | _ALERTS, "base"),
    "places.Base/where": _said(frozenset({"base"}), "Area</dt><dd><a [^>]*><bdi>{sign}ground"),
    "places.Base/position": _sign(frozenset({"base"}), "base-position"),
    "network.Source/code": _sign(_NETWORK | _INBOX, "source-code"),
    # Of whoever sees no codes, the inbox says where a voice comes from, and whether it may be called.
    "network.Source/home": _either(_said(_NETWORK, "{code}.*confidential source"), _sign(_INBOX, "community")),
    "network.Source/contact": _either(
        _said(_NETWORK, "value=.not_now. aria-pressed=.true."), _text(_INBOX, "Do not call now.")
    ),
    "network.Source/end": _text(_INBOX, "This person has left the network."),
    "network.Liaison/person": _said(
        frozenset({"network", "edit_liaison"}), "(scope=.row.>(<a [^>]*>)?|<h1>)<bdi>{sign}assistant"
    ),
    "network.Liaison/post": _sign(frozenset({"network", "edit_liaison"}), "languages"),
    "network.Shift/duty": _said(frozenset({"network", "watch", "inbox"}), "<b>(<bdi>)?{sign}on-duty"),
    "network.Shift/hours": _text(frozenset({"network", "watch", "inbox"}), SHIFT_UNTIL),
    "messages.Message/received": _said(_INBOX, "SMS|Duty phone"),
    "messages.Message/source": _sign(_INBOX, "source-code", "community"),
    # Sealed in the gateway, and no part of the ledger.
    "gateway/words": _sign(_INBOX, "raw", "raw-written", "raw-attached"),
    "messages.Step/act": _sign(_INBOX, "claimer"),
    "messages.Step/words": _sign(_INBOX, "aside-words"),
    "reports.Report/number": _said(_ALERT, r"reports-head[\s\S]*<bdi>BEN-"),
    "reports.Report/received": _said(_ALERT, r"reports-head[\s\S]*</bdi>, SMS, <time"),
    "reports.Report/where": _said(frozenset({"message"}), "name=.place. value=.{sign}told-community"),
    "reports.Report/what": _text(_ALERT, "People taken"),
    "reports.Report/when": _text(_ALERT, "It is over."),
    "reports.Report/who": _text(_ALERT, "Self-defence group"),
    "reports.Report/many": _text(_ALERT, "41 to 43 people"),
    "reports.Report/words": _sign(_ALERT | {"message"}, "report-words", "told-words"),
    "reports.Report/grade": _text(_ALERT, "people. F6"),
    "alerts.Alert/number": _said(_ALERT, "crumb.*</a> / <bdi>BEN-"),
    "alerts.Alert/received": _text(_ALERT, "(visit)"),
    "alerts.Alert/what": _text(_ALERTS, "Houses or fields burning"),
    "alerts.Alert/where": _sign(_ALERTS, "told-community"),
    "alerts.Alert/priority": _said(_ALERTS, "P2"),
    "alerts.Alert/who": _text(_ALERT, "armed group"),
    "alerts.Alert/words": _sign(_ALERT, "alert-words"),
    "alerts.Step/act": _sign(_ALERTS, "noter"),
    "alerts.Step/words": _sign(_ALERT, "note-words"),
    "responses.Response/order": _said(_ALERT, "sending.*patrol, <bdi>{sign}base"),
    "responses.Response/words": _sign(_ALERT, "order-words"),
    "responses.Step/act": _sign(_ALERT, "leaver"),
    "responses.Step/words": _sign(_ALERT, "left-words"),
}

SEALED = frozenset({"gateway/words"})

# On no page at all, of those that are asked: nobody has left the standing team, what has ended is on no list, who told
# a report is found by its message alone, and which machine lets an alert climb is the machine's affair.
NOWHERE = frozenset(
    {
        "accounts.Membership/end",
        "network.Liaison/end",
        "network.Shift/end",
        "reports.Report/source",
        "alerts.Alert/duty",
    }
)
