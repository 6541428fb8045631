"""What a form was made from, as one opaque text per group: it travels through the browser and comes back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping

from ulinzi.kernel.errors import Broken, Refused
from ulinzi.ledger import codec
from ulinzi.ledger.codec import Dot

PREFIX = "seen-"


def token(dots: Iterable[Dot]) -> str:
    listed = [[dot.feed, dot.seq, dot.part] for dot in sorted(dots)]
    return base64.urlsafe_b64encode(codec.encode(listed)).decode()


def dots(token: str) -> tuple[Dot, ...]:
    try:
        listed = codec.decode(base64.urlsafe_b64decode(token.encode()))
        found = tuple(Dot(feed, seq, part) for feed, seq, part in listed)
    except (binascii.Error, Broken, TypeError, ValueError) as error:
        raise Refused("form_not_from_here") from error
    if not all(_is_dot(dot) for dot in found):
        raise Refused("form_not_from_here")
    return found


def _is_dot(dot: Dot) -> bool:
    return type(dot.feed) is bytes and type(dot.seq) is int and type(dot.part) is int


def seen(posted: Mapping[str, str]) -> dict[str, tuple[Dot, ...]]:
    """The leaves of every group that a form carried."""
    return {name.removeprefix(PREFIX): dots(posted[name]) for name in posted if name.startswith(PREFIX)}
