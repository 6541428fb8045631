"""Small things that pages about alerts say: their icons, and the words of their codes."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ulinzi.web import labels_alerts, plain
from ulinzi.web.templatetags import room

register = template.Library()

# Each stands beside a word. Drawn on 16 x 16; `f` is filled.
SIGNS = {
    "reports": '<path d="M1.5 1.5h9v9h-9zM5.5 10.5v4h9v-9h-4"/>',
    "nocall": '<circle cx="8" cy="8" r="6.7"/><path d="M3.3 12.7l9.4-9.4"/>',
    "pause": '<path class="f" d="M3 2h3.5v12H3zM9.5 2H13v12H9.5z"/>',
    "ring": '<circle cx="8" cy="8" r="6" stroke-dasharray="2.5 2"/>',
    "state": '<path d="M4.5 1.5h7L15 8l-3.5 6.5h-7L1 8zM8 4.5v7"/>',
    "silent": '<path d="M1.5 8h4M10.5 8h4M6.5 4.5l3 7M9.5 4.5l-3 7"/>',
    "inbox": '<path d="M1.5 3.5h13v9h-13zM1.5 3.5L8 9l6.5-5.5"/>',
}
_DRAWN = {name: format_html(room._ICON, SafeString(drawn)) for name, drawn in SIGNS.items()}


@register.simple_tag
def sign(name: str) -> SafeString:
    return _DRAWN.get(name) or room.icon(name)


_LABELS = {
    "what": labels_alerts.WHAT,
    "who": labels_alerts.WHO,
    "ongoing": labels_alerts.ONGOING,
    "happened": labels_alerts.WHEN,
    "channel": labels_alerts.CHANNELS,
    "priority": labels_alerts.PRIORITY,
    "alert": labels_alerts.STATES,
    "step": labels_alerts.STEPS,
    "verified": labels_alerts.VERIFIED,
    "decision": labels_alerts.DECISIONS,
    "reason": labels_alerts.NO_RESPONSE,
    "told": labels_alerts.TOLD,
    "arrival": labels_alerts.ARRIVED,
    "feedback": labels_alerts.FEEDBACK,
    "called": labels_alerts.CALLED,
    "closing": labels_alerts.CLOSED,
    "pause": labels_alerts.PAUSES,
    "responder": labels_alerts.RESPONDERS,
    "way": labels_alerts.WAYS,
    "outcome": labels_alerts.OUTCOMES,
    "response": labels_alerts.RESPONSE_STATES,
    "response_step": labels_alerts.RESPONSE_STEPS,
}


@register.filter
def said(code: str | None, kind: str) -> str:
    """The words of a code of an alert; one that nobody here knows is shown as it came."""
    return plain.visible(labels_alerts.of(_LABELS[kind], code))


@register.filter(name="is")
def is_same(one: object, other: object) -> bool:
    return one == other


@register.filter
def is_state(who: str | None) -> bool:
    """Agents of a State are said to have done it."""
    return who in labels_alerts.STATE_AGENTS
