"""Codes that stand for a sender: made by chance, with a sign that finds a slip of the tongue or the pen. Pure."""

from __future__ import annotations

import re

from ulinzi.kernel.chance import Chance
from ulinzi.kernel.errors import Refused

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O or U, which are read as something else."""
ENROLLED, UNKNOWN = "S-", "U-"
_FORM = re.compile(r"[SU]-[0-9A-HJKMNP-TV-Z]{8}")
_MISREAD = str.maketrans("OIL", "011")


def new(kind: str, chance: Chance) -> str:
    """Seven signs by chance and one to check them."""
    body = by_chance(7, chance)
    return kind + body + check_sign(body)


def by_chance(length: int, chance: Chance) -> str:
    return "".join(SIGNS[one % len(SIGNS)] for one in chance.bytes(length))


def check_sign(body: str) -> str:
    """Luhn's, for 32 signs: finds every single wrong sign and nearly every two that changed places."""
    total = 0
    for place, sign in enumerate(reversed(body)):
        value = SIGNS.index(sign) * (2 - place % 2)
        total += value // len(SIGNS) + value % len(SIGNS)
    return SIGNS[-total % len(SIGNS)]


def is_right(code: str) -> bool:
    return _FORM.fullmatch(code) is not None and check_sign(code[2:-1]) == code[-1]


def check_enrolled(code: str) -> None:
    if not code.startswith(ENROLLED) or not is_right(code):
        raise Refused("source_code_not_allowed", given=code)


def as_typed(given: str) -> str:
    """Capitals, without what stands between, and what is easily misread as what it was."""
    return re.sub(r"[\s\-]", "", given).upper().translate(_MISREAD)
