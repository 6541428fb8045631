"""Text that somebody wrote, made safe to show: what would act on the page or the terminal is shown instead.

Stored text is never changed. No Django here: the command line shows its errors by it too.
"""

from __future__ import annotations

import re

# Control characters but tab and line feed; line and paragraph separators; what turns the direction of the text around.
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def visible(text: object) -> str:
    return _ACTING.sub(_name, str(text))


def line(text: object) -> str:
    """On one line, whatever it holds."""
    return visible(text).replace("\n", "[U+000A]")


def json(text: str) -> str:
    """JSON that says the same: such signs stand only within its strings."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _name(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"
