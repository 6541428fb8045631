"""What a sentence and its translation must have in common, and how French is set. Pure: text in, complaints out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

NARROW, WIDE = "\u202f", "\u00a0"
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdr]|%%|\{\w*\}")
_NUMBER = re.compile(r"\d+(?:[ ,\u00a0\u202f]\d{3})*")
_END = re.compile(r"[.…?!:]$")
# A sign that French keeps apart; a colon stays alone inside a time and an address.
_GLUED = re.compile(rf"(?<![{NARROW}{WIDE}\s])(?:[;?!»]|:(?!//|\d|MM))|«(?![{NARROW}{WIDE}])| [:;?!»]|« ")
_WORD = re.compile(r"[^\W\d_]+")
# Small words of English that are no words of French. "on", "or", "but", "me", "as", "an", "a" are both.
_SMALL = """
    about after all already and any are because been before by can cannot could did does each every everybody
    everything for from has have here how into is it its many may must never new nobody not nothing now of
    once only other our over said she should some somebody than that the their them then there these they this those
    to until was were what when where which while who whose will with without would yet you your
"""
ENGLISH = frozenset(_SMALL.split())
# What is typed at the command line is the same in every language.
_TYPED = re.compile(r"\bulinzi( \w+)+( --?\w+( \w+)?)*")


def lost(english: str, french: str) -> Iterator[str]:
    """Placeholders and numbers are in both, as often."""
    if sorted(_PLACEHOLDER.findall(english)) != sorted(_PLACEHOLDER.findall(french)):
        yield "other placeholders"
    if _numbers(english) != _numbers(french):
        yield "other numbers"


def _numbers(text: str) -> list[str]:
    return sorted(re.sub(r"\D", "", found) for found in _NUMBER.findall(_PLACEHOLDER.sub("", text)))


def shape(english: str, french: str) -> Iterator[str]:
    """Both are a sentence or none of them is; both begin and end with the same blank."""
    if _edges(english) != _edges(french):
        yield "other blanks at its ends"
    if _ending(english) != _ending(french):
        yield "another sign at its end"


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _ending(text: str) -> str:
    found = _END.search(text.strip().rstrip("»”").rstrip())
    return found.group() if found else ""


def setting(french: str) -> Iterator[str]:
    """Signs as French sets them."""
    if found := _GLUED.search(french):
        yield f"no no-break space beside {found.group().strip()}"
    if "'" in french:
        yield "straight apostrophe"
    if re.search('["“”„]', french):
        yield "quotes that are not « »"
    if french.count("«") != french.count("»"):
        yield "« without »"


def blanks(text: str) -> Iterator[str]:
    if re.search(rf"[ {WIDE}{NARROW}]{{2}}", text):
        yield "two blanks in a row"


def strays(english: str, french: str) -> Iterator[str]:
    """English that was left standing."""
    words = [word.lower() for word in _WORD.findall(_spoken(french))]
    if left := sorted(ENGLISH.intersection(words)):
        yield f"English: {', '.join(left)}"
    runs, said = set(_runs(_spoken(english))), set(_runs(_spoken(french)))
    yield from (f"English: {run}" for run in sorted(runs & said))


def _spoken(text: str) -> str:
    return _TYPED.sub(".", _PLACEHOLDER.sub(".", text))


def _runs(text: str) -> Iterator[str]:
    """Three words in a row with nothing but blanks between: by chance no translation keeps them."""
    words = re.split(r"[ \u00a0]", text.lower())
    for at in range(len(words) - 2):
        if all(_WORD.fullmatch(word) for word in words[at : at + 3]):
            yield " ".join(words[at : at + 3])


def counted(french: Iterable[str]) -> Iterator[str]:
    """In French nought is singular too: a singular that says 1 would say 1 of nought."""
    one, *many = french
    if re.search(r"\b1\b", one) and any(_PLACEHOLDER.search(text) for text in many):
        yield "a singular that says 1 for nought"


def complaints(english: tuple[str, ...], said: tuple[str, ...], language: str = "fr") -> list[str]:
    """Of one message: its English forms and its translated ones. Of a plural the last form of each is compared."""
    found = [*lost(english[-1], said[-1]), *shape(english[-1], said[-1])]
    found += [wrong for text in (*english, *said) for wrong in blanks(text)]
    return found + (_french(english, said) if language == "fr" else [])


def _french(english: tuple[str, ...], french: tuple[str, ...]) -> list[str]:
    found = [wrong for text in french for wrong in setting(text)]
    found += strays(english[-1], french[-1])
    return found + (list(counted(french)) if len(french) > 1 else [])
