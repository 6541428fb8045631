"""The languages of the product: which there are, how each writes numbers, how much of each a named person has read."""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

LOCALE = Path(__file__).resolve().parent / "locale"
NARROW, MINUS = "\u202f", "\u2212"


class Language(NamedTuple):
    code: str
    name: str
    # Written by people who are not at home in it: said beside its name until readers of the place have agreed.
    to_be_validated: bool = False


# French first; English is what the code says, so there is nothing to translate and nothing to read.
LISTED = (Language("fr", "Français"), Language("en", "English"))
SOURCE = "en"
_BY_CODE = {one.code: one for one in LISTED}


class ReadState(NamedTuple):
    read: int
    of: int


def known(code: str | None) -> Language | None:
    """None for a language that another version of the product speaks."""
    return _BY_CODE.get(code or "")


def translated() -> list[str]:
    return [one.code for one in LISTED if one.code != SOURCE]


# Who read what. A line names a sentence by its digest, so that a changed sentence is a draft again.

LINE = re.compile(r"([0-9a-f]{16}) (\d{4}-\d{2}-\d{2}) (\S.*)")


def record(language: str) -> Path:
    return LOCALE / language / "READ.txt"


def parse(text: str) -> Iterator[tuple[str, str, str]]:
    """Digest, day and name of each line."""
    for line in text.splitlines():
        if found := LINE.fullmatch(line.strip()):
            yield found[1], found[2], found[3]


def digest(asked: bytes, said: bytes) -> str:
    """Of one sentence in both languages. Context and plural forms are in `asked` as a compiled catalogue joins them."""
    return hashlib.sha256(b"ulinzi/sentence1" + struct.pack(">I", len(asked)) + asked + said).hexdigest()[:16]


def digests(compiled: bytes) -> Iterator[str]:
    """Of every sentence of a compiled catalogue."""
    order = "<" if compiled[:4] == b"\xde\x12\x04\x95" else ">"
    _magic, _version, count, asked, said = struct.unpack_from(f"{order}5I", compiled)
    for at in range(count):
        texts = [_piece(compiled, order, table + 8 * at) for table in (asked, said)]
        if texts[0]:
            yield digest(*texts)


def _piece(compiled: bytes, order: str, at: int) -> bytes:
    length, start = struct.unpack_from(f"{order}2I", compiled, at)
    return compiled[start : start + length]


@lru_cache(maxsize=8)
def read_state(language: str) -> ReadState:
    """How many sentences a named person has read, and how many there are. What nobody read is a draft."""
    compiled = LOCALE / language / "LC_MESSAGES" / "django.mo"
    if language == SOURCE or not compiled.exists():
        return ReadState(0, 0)
    names = record(language)
    read = {one for one, _day, _who in parse(names.read_text(encoding="utf-8"))} if names.exists() else set()
    found = list(digests(compiled.read_bytes()))
    return ReadState(sum(one in read for one in found), len(found))


def is_draft(language: Language) -> bool:
    state = read_state(language.code)
    return state.read < state.of or language.to_be_validated


# Numbers.


def number(value: int | float | Decimal, language: str) -> str:
    """12 345,6 in French, 12,345.6 in English."""
    shown = f"{value:,}".replace("-", MINUS)
    return shown.replace(",", NARROW).replace(".", ",") if language == "fr" else shown
