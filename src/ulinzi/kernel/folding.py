"""Text as people look for it: without accents, without capitals, with one blank for whatever keeps words apart.

What is stored and what is typed are folded alike, so `ecole` finds `l’École`. One sign at a time: to bring a thousand
accents into order first, as whole texts are normalised, would keep a core busy for whoever sends them.
"""

from __future__ import annotations

import unicodedata

# Letters that no rule takes apart, as people type them without the key: of French, and of names written in the region.
_LETTERS = {
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "ɛ": "e",
    "ɔ": "o",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ŋ": "ng",
}
# What ends one word and begins the next: l’école, Saint-Paul. U+0000 stands in no record, and one of the two databases
# takes no question that holds it.
_BETWEEN = frozenset("'`‘’‚‛′‵ʹʻʼʽˈꞋꞌ−\0")
_KNOWN = 4096  # signs kept; a text of nothing but rare ones is folded all the same


class _Signs(dict[int, str]):
    """Each sign folded, once for the signs that are met."""

    def __missing__(self, code: int) -> str:
        found = _sign(chr(code))
        if len(self) < _KNOWN:
            self[code] = found
        return found


def _sign(sign: str) -> str:
    apart = "".join(_plain(one) for one in unicodedata.normalize("NFKD", sign))
    # Once more: what a small letter is made of may be an accent again.
    return "".join(_plain(one) for one in unicodedata.normalize("NFKD", apart.casefold()))


def _plain(sign: str) -> str:
    """Nothing of an accent, nothing of what is not seen, a blank for what stands between words."""
    kind = unicodedata.category(sign)
    if unicodedata.combining(sign) or kind == "Cf":
        return ""
    if sign in _BETWEEN or kind == "Pd":
        return " "
    return _LETTERS.get(sign, sign)


_SIGNS = _Signs()


def folded(text: str | None) -> str:
    return " ".join((text or "").translate(_SIGNS).split())
