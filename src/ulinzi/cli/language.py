"""The language of the command line: French or English, from the same catalogue as the screens, without Django."""

from __future__ import annotations

import gettext as catalogues
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).resolve().parents[1] / "web" / "locale"


def wanted(environ: Mapping[str, str] = os.environ) -> str:
    """The first variable that says anything decides; a language we do not speak is English."""
    said = next((environ[name] for name in ("ULINZI_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return said[:2].lower() if said[:2].lower() in LANGUAGES else "en"


@lru_cache(maxsize=2)
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation("django", str(_FOLDER), [language], fallback=True)


def _(text: str) -> str:
    return _catalogue(wanted()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    return _catalogue(wanted()).ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802 - the name that extracting looks for
    """Marks a sentence that is translated elsewhere."""
    return text
