"""The mission as a page says it, in the language of whoever reads: its name, its offices, its own words."""

from __future__ import annotations

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ulinzi.accounts.rules import EVERYWHERE
from ulinzi.kernel.mission import Mission, Wording
from ulinzi.web import labels, plain


class Shown:
    """What every page may say of the mission: `mission.name`, `mission.logo`."""

    @property
    def name(self) -> str:
        return said(mission().name)

    @property
    def logo(self) -> SafeString:
        """Drawn in the colour of the text around it; beside the name, so it says nothing to who cannot see it."""
        drawn = mission().logo
        # Written anew by the reader from a short list of elements: kernel/logo.py.
        return format_html(
            '<svg class="logo" viewBox="{}" width="32" height="32" aria-hidden="true" focusable="false">{}</svg>',
            drawn.box,
            SafeString(drawn.drawing),
        )


def mission() -> Mission:
    found: Mission = settings.MISSION
    return found


def said(words: Wording) -> str:
    return plain.visible(words.of(get_language() or settings.LANGUAGE_CODE))


def office(code: str | None) -> str:
    """A compartment as the mission calls it; one of which it knows nothing keeps its code."""
    if code == EVERYWHERE:
        return _("the whole mission")
    return plain.visible(mission().office(code or "", get_language() or settings.LANGUAGE_CODE))


def role(code: str) -> str:
    """A role in the mission's own word, where it has one."""
    return plain.visible(
        mission().term(code, get_language() or settings.LANGUAGE_CODE) or labels.of(labels.ROLES, code)
    )
