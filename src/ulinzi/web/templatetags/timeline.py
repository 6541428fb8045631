"""{% timeline lines %}: what happened to a record, by days, page by page as the address asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import RequestContext
from django.utils.translation import gettext as _

from ulinzi.web import days, times
from ulinzi.web.timeline import Line

register = template.Library()


@register.inclusion_tag("web/_timeline.html", takes_context=True)
def timeline(context: RequestContext, lines: Sequence[Line]) -> dict[str, Any]:
    """`lines` the newest first."""
    asked = context.request.GET
    log = days.cut(lines, before=asked.get("before", ""), whole="all" in asked)
    return {"log": log, "now": context.get("now")}


@register.filter
def day_named(at: int, now: int | None) -> str:
    """A day with its date, and in a word where it is today or yesterday."""
    away = times.days_away(at, now) if now is not None else None
    word = {0: _("Today"), -1: _("Yesterday")}.get(away) if away is not None else None
    return f"{word}, {times.show_date(at)}" if word else times.show_date(at)
