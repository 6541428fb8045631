"""One form for one number. Pure. What cannot be brought into it stays as it is, the same as nothing else."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN = re.compile(r"[\s\u2010-\u2015\u200e\u200f\u202a-\u202e\u2066-\u2069().\-/]+")
# What a country gives out is seven digits at the least, its own code counted; E.164 allows fifteen.
_WHOLE = re.compile(r"[1-9][0-9]{6,14}")
_CALLING = re.compile(r"[1-9][0-9]{0,2}")
# Where the leading zero belongs to the number: Italy, Ivory Coast, Congo, San Marino. The list is short and not whole:
# the office that sets up a phone elsewhere has to complete it.
_KEEPS_ZERO = frozenset({"39", "225", "242", "378"})
_CALLABLE = re.compile(r"\+?[0-9]{3,15}")


def normal(given: str, calling_code: str = "") -> str:
    """`+` and digits where that is certain; short numbers, names, and local ones without a calling code as they are."""
    told = given.strip()
    digits = _BETWEEN.sub("", _plain_digits(told))
    for start, before in (("+", ""), ("00", ""), ("0", calling_code)):
        if digits.startswith(start):
            rest = digits[len(start) :]
            # A trunk zero stands before what no calling code begins with; without the code nobody knows which country.
            certain = (start != "0" or before) and not rest.startswith("0")
            if start == "0" and before in _KEEPS_ZERO:
                rest = digits
            return f"+{before}{rest}" if certain and _WHOLE.fullmatch(before + rest) else told
    return told


def _plain_digits(text: str) -> str:
    """Arabic or full-width digits are the same number."""
    return "".join(str(unicodedata.digit(one)) if one.isdecimal() else one.replace("\uff0b", "+") for one in text)


def is_international(number: str) -> bool:
    return number.startswith("+") and _WHOLE.fullmatch(number[1:]) is not None


def is_callable(number: str) -> bool:
    """A name cannot be called or written to."""
    return _CALLABLE.fullmatch(number) is not None


def is_calling_code(given: str) -> bool:
    return _CALLING.fullmatch(given) is not None
