"""Small things that templates say: icons, moments, labels."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from ulinzi.accounts.rules import Rights
from ulinzi.web import labels, languages, plain, profile, times

register = template.Library()

# Each mark is a shape and stands beside a word. Drawn on 16 x 16; `f` is filled.
ICONS = {
    "late": '<path class="f" d="M8 0l8 8-8 8-8-8z"/>',
    "two": '<path d="M1 5h12M10 2l3 3-3 3M15 11H3M6 8l-3 3 3 3"/>',
    "problem": '<path d="M8 1.5l7 12.500H1zM8 6v4M8 11.500v1.200"/>',
    "erased": '<path d="M2 5h12M2 11h12" stroke-dasharray="2 2"/><path d="M3 14L13 2"/>',
    "withheld": '<path d="M3 7h10v7H3zM5 7V4.500a3 3 0 016 0V7"/>',
    "newer": '<circle cx="8" cy="8" r="6.5" stroke-dasharray="3 2.5"/><path d="M8 11V5M5.5 7.5L8 5l2.5 2.5"/>',
    "now": '<path class="f" d="M1 10h3.500v5H1zM6.250 6h3.500v9h-3.500zM11.500 1H15v14h-3.500z"/>',
    "soon": '<path class="f" d="M1 10h3.5v5H1zM6.25 6h3.5v9h-3.500z"/><path d="M12.2 1.7h2.1v12.6h-2.1z"/>',
    "routine": '<path class="f" d="M1 10h3.5v5H1z"/><path d="M6.95 6.7h2.1v7.6h-2.1zM12.2 1.7h2.1v12.6h-2.1z"/>',
    "done": '<path d="M2 8.500l4 4 8-9"/>',
    "set_aside": '<path d="M3 3l10 10M13 3L3 13"/>',
    "taken": '<circle cx="8" cy="5" r="3"/><path d="M2 15c0-7 12-7 12 0"/>',
    "open": '<g stroke-dasharray="2 2"><circle cx="8" cy="5" r="3"/><path d="M2 15c0-7 12-7 12 0"/></g>',
    "info": '<path d="M1.500 1.500h13v13h-13zM8 7v5M8 4v1.300"/>',
    "same": '<path d="M2 8.500l4 4 8-9"/>',
}


_ICON = '<svg class="ic" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>'
# Put together once: a page of tasks has hundreds.
_DRAWN = {name: format_html(_ICON, SafeString(drawn)) for name, drawn in ICONS.items()}
_NOTHING_DRAWN = format_html(_ICON, "")


@register.simple_tag
def icon(name: str) -> SafeString:
    return _DRAWN.get(name, _NOTHING_DRAWN)


@register.simple_tag
def moment(at: int, now: int) -> SafeString:
    """A time in the mission's own zone, the day only where it is not today."""
    return format_html('<time datetime="{}">{}</time>', times.machine(at), times.moment(at, now))


@register.simple_tag
def full_moment(at: int) -> SafeString:
    shown = f"{times.show_date(at)} {times.show_time(at)}"
    return format_html('<time datetime="{}">{}</time>', times.machine(at), shown)


@register.simple_tag
def relative(at: int, now: int) -> str:
    return times.relative(at, now)


@register.filter
def clock(at: int) -> str:
    return times.show_time(at)


@register.filter
def day(at: int) -> str:
    return times.show_date(at)


@register.filter
def number(value: object) -> object:
    """A count as the page's language writes it; what is no number stays."""
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return languages.number(value, get_language() or languages.SOURCE) if is_number else value


@register.simple_tag
def draft_note(code: str) -> str:
    """Beside the switch to a language, in that language: how much of it somebody has read. Nothing where all is."""
    language = languages.known(code)
    with override(code):
        return _draft(language) if language else ""


@register.simple_tag
def drafts() -> list[tuple[str, str]]:
    """Every language that is not read through, by name."""
    return [(one.name, _draft(one)) for one in languages.LISTED if languages.is_draft(one)]


def _draft(language: languages.Language) -> str:
    if not languages.is_draft(language):
        return ""
    state = languages.read_state(language.code)
    said = _("Draft: a named person has read %(read)s of %(of)s sentences.")
    return said % {"read": number(state.read), "of": number(state.of)}


_LABELS = {
    "state": labels.STATES,
    "step": labels.STEPS,
    "urgency": labels.URGENCY,
    "tier": labels.TIERS,
    "basis": labels.DUE_BASIS,
    "group": labels.GROUPS,
    "problem": labels.PROBLEMS,
    "finding": labels.FINDINGS,
    "record": labels.RECORDS,
    "role": labels.ROLES,
    "body": labels.BODIES,
    "grant": labels.GRANT_STATES,
    "erasure": labels.ERASURES,
}


@register.filter
def label(code: str, kind: str) -> str:
    """A code that nobody here knows is shown as it came, and it may have come from anywhere."""
    if kind == "role":
        return profile.role(code)
    return plain.visible(labels.of(_LABELS[kind], code))


@register.filter
def visible(text: object) -> str:
    """What somebody wrote, in a block of its own; nothing in it turns around or hides what stands there."""
    return plain.visible("" if text is None else text)


@register.filter
def words(text: object) -> SafeString:
    """What somebody wrote, within a line of ours: it keeps its own direction, and ours."""
    return format_html("<bdi>{}</bdi>", plain.visible(text)) if text else SafeString("")


@register.filter
def grouped(text: str, size: int = 4) -> str:
    """A long hexadecimal name in pieces that people can compare."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


@register.filter
def first(text: str, count: int) -> Any:
    return text[:count]


@register.filter
def place(code: str | None) -> str:
    """Where a role holds: an office of the mission, or all of them."""
    return profile.office(code)


@register.filter
def office(code: str | None) -> SafeString:
    """A compartment as the mission calls it, within a line of ours."""
    return words(profile.office(code))


@register.filter
def held(rights: Rights) -> list[str]:
    """Roles as a person reads them: each once, with everywhere it holds."""
    places: dict[str, list[str]] = {}
    for role, code in sorted(rights.held):
        places.setdefault(profile.role(role), []).append(place(code))
    return [f"{role}, {', '.join(listed)}" for role, listed in places.items()]
