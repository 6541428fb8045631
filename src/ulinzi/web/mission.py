"""The mission itself: what it may do and until when, how fast it means to be, and what it calls things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy as context
from django.views.decorators.http import require_safe

from ulinzi.kernel.clock import MINUTE, SECOND
from ulinzi.kernel.mission import READ, Language, Mission, Named, Text, Wording
from ulinzi.ledger import node as nodes
from ulinzi.web import labels, plain, profile, times

CLOCKS: labels.Labels = {
    "verification": lazy("Verified"),
    "decision": lazy("Decided"),
    "arrival": lazy("Arrived"),
    "feedback": lazy("Told the community"),
}
KINDS: labels.Labels = {"mandate": lazy("Mandate"), "engagement": lazy("Rules of engagement")}
STATES: labels.Labels = {
    "in_force": context("mandate", "in force today"),
    "to_come": context("mandate", "still to come"),
    "over": context("mandate", "no longer in force"),
}
# How much an alert presses, the first the most; the code sheet and the targets of a mission are told by these.
PRIORITIES = (
    lazy("Civilians are being attacked, or are about to be."),
    lazy("The danger is near, and may reach civilians within days."),
    lazy("Harm without immediate danger to life, such as a roadblock or an illegal tax."),
    lazy("Something to know of and to mend, such as a broken radio: it puts nobody in danger."),
)
LEVELS: labels.Labels = {
    "province": lazy("Largest areas"),
    "district": lazy("Areas within them"),
    "area": lazy("Smallest areas"),
}
TERMS: labels.Labels = {
    "liaison_assistant": lazy("Community liaison assistant"),
    "team_leader": lazy("Joint protection team leader"),
    "focal_point": lazy("Focal point"),
    "alert_network": lazy("Community alert network"),
    "protection_team": lazy("Joint protection team"),
    "base": lazy("Base"),
}


@dataclass(frozen=True)
class Called:
    """A thing, what it is called here, and the same in the mission's other languages."""

    thing: str
    name: str
    others: tuple[tuple[str, str], ...]


@require_safe
def mission(request: HttpRequest) -> HttpResponse:
    found, today = profile.mission(), times.local(nodes.current().clock.now()).date()
    values = {
        "times": _times(nodes.current().clock.now()),
        "zone": _place(found.time_zone),
        "mandate": [_text(text, today) for text in sorted(found.mandate, key=lambda text: _first(text, today))],
        "no_mandate": not any(text.kind == "mandate" for text in found.texts_on(today)),
        "priorities": _priorities(found),
        "thresholds": _thresholds(found),
        "offices": [_called("", one) for one in found.compartments],
        "levels": [_called(labels.of(LEVELS, one.code), one) for one in found.levels],
        "terms": [_called(labels.of(TERMS, one.code), one) for one in found.terms],
        "codes": [
            {"code": one.code, "priority": one.priority, "words": profile.said(one.words)} for one in found.codes
        ],
        "languages": [_language(one) for one in found.languages],
    }
    return render(request, "web/mission.html", values)


def _state(text: Text, today: date) -> str:
    return "in_force" if text.holds_on(today) else "to_come" if text.begins > today else "over"


def _first(text: Text, today: date) -> tuple[int, int, date]:
    """What is in force stands first, the mandate before the rules that follow from it."""
    return list(STATES).index(_state(text, today)), list(KINDS).index(text.kind), text.begins


def _text(text: Text, today: date) -> dict[str, Any]:
    state = _state(text, today)
    return {
        "kind": labels.of(KINDS, text.kind),
        "title": profile.said(text.title),
        "words": profile.said(text.words),
        "begins": _day(text.begins),
        "ends": _day(text.ends) if text.ends else "",
        "state": state,
        "state_said": labels.of(STATES, state),
    }


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _priorities(found: Mission) -> list[dict[str, Any]]:
    return [
        {
            "code": f"P{place + 1}",
            "what": what,
            "spans": [
                (labels.of(CLOCKS, one.clock), times.said_span(one.minutes[place] * MINUTE)) for one in found.targets
            ],
        }
        for place, what in enumerate(PRIORITIES)
    ]


def _times(now: int) -> str:
    """How far the mission's clock is from UTC, in words: signs before hours are read either way."""
    away, told = times.local(now).utcoffset() or timedelta(), {"offset": times.offset(now)}
    told["span"] = times.said_span(round(away.total_seconds()) * SECOND).replace(" ", "\u00a0")
    if not away:
        return _("All times are those of the mission, now the same as UTC.")
    if away > timedelta():
        return _("All times are those of the mission, now %(span)s ahead of UTC (%(offset)s).") % told
    return _("All times are those of the mission, now %(span)s behind UTC (%(offset)s).") % told


def _place(zone: str) -> str:
    """A zone that is called after a place. Those named by hours have the sign of POSIX: Etc/GMT-2 is ahead of UTC."""
    region, _slash, place = zone.partition("/")
    return zone if place and region != "Etc" else ""


def _thresholds(found: Mission) -> list[tuple[str, str]]:
    told = found.thresholds
    return [
        (_("Nobody answers the call back: an officer chooses after"), times.said_span(told.call_back_minutes * MINUTE)),
        (_("Written down later than this, and it is marked"), times.said_span(told.late_entry_minutes * MINUTE)),
        (_("A community is silent after"), _days(told.silence_days)),
        (_("After an attack, reprisals are watched for"), _days(told.reprisal_days)),
    ]


def _days(count: int) -> str:
    return f"{count} {ngettext('day', 'days', count)}"


def _called(thing: str, one: Named) -> Called:
    return Called(thing, profile.said(one.name), _others(one.name))


def _others(words: Wording) -> tuple[tuple[str, str], ...]:
    here = get_language()
    return tuple((code, plain.visible(said)) for code, said in words.said if code != here)


def _language(one: Language) -> dict[str, Any]:
    read_on = _day(one.read_on) if one.read_on else ""
    return {"code": one.code, "name": one.name, "is_read": one.state == READ, "by": one.read_by, "on": read_on}
