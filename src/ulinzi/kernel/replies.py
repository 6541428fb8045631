"""What may stand in an SMS to a source. Whoever holds the phone reads it: no name, no place, no number (H01).

Pure: what is wrong with a text is said by the piece of it that is wrong, and nothing where nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ulinzi.kernel.folding import folded

LONGEST = 140
# The signs that every phone has, as GSM 03.38 lists them: another one would make two or three SMS of one.
SIGNS = frozenset(
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Who writes, in whatever language: a word that begins so.
_TELLING = ("mission", "protect", "proteg")
_WHO = frozenset({"base", "bases", "onu"})
# "un" is an article in French: only in capitals is it an organisation.
_CAPITALS = re.compile(r"\bU\.?N\b")
_WORD = re.compile(r"[^\W_]+")
_SHORTEST = 4
"""A shorter word of a name is one that every sentence has."""


def fault(text: str, *, names: Iterable[str] = (), phrases: Iterable[str] = ()) -> str:
    """The first piece that may not go out. Of `names` no word may stand in it, of `phrases` not the whole."""
    for sign in text:
        if sign not in SIGNS or sign.isdigit():
            return sign
    capitals = _CAPITALS.search(text)
    return capitals[0] if capitals else named(text, names) or _phrase(text, phrases)


def named(text: str, names: Iterable[str] = ()) -> str:
    """The first word that says who writes, or that is a word of a name; in the plural too."""
    telling = (*_TELLING, *(word for name in names for word in _words(name) if len(word) >= _SHORTEST))
    return next((word for word in _words(text) if word in _WHO or word.startswith(telling)), "")


def _phrase(text: str, phrases: Iterable[str]) -> str:
    said = f" {' '.join(_words(text))} "
    found = (" ".join(_words(one)) for one in phrases)
    return next((one for one in found if one and (f" {one} " in said or f" {one}s " in said)), "")


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


# Seven figures or more, with what people put between them; a day written as machines write it is none.
_NUMBER = re.compile(r"(?<![\d/:])\+?\d(?:[\s.\-()]{0,2}\d){6,}(?![\d/:])")
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def holds_number(text: str | None) -> bool:
    """Whether a telephone number stands in somebody's words: there it would stay, and others would read it."""
    return bool(text) and _NUMBER.search(_DAY.sub(" ", text or "")) is not None
