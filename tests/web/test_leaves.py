"""What a form was made from goes through the browser and comes back, or is refused."""

from __future__ import annotations

import base64

import pytest

from ulinzi.kernel.errors import Refused
from ulinzi.ledger import codec
from ulinzi.ledger.codec import Dot
from ulinzi.web import leaves

DOTS = (Dot(b"a" * 32, 4, 1), Dot(b"b" * 32, 9, 0))


def test_dots_come_back_as_they_went():
    assert leaves.dots(leaves.token(DOTS)) == DOTS
    assert leaves.dots(leaves.token(reversed(DOTS))) == DOTS
    assert leaves.dots(leaves.token(())) == ()


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(codec.encode(value)).decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "!",
        "é",
        "AAAA",
        packed([1]),
        packed([[b"a", 1]]),
        packed([["a", 1, 1]]),
        packed({"a": 1}),
        packed(7),
        "\x00",
    ],
)
def test_what_is_no_token_is_refused(token):
    with pytest.raises(Refused, match="form_not_from_here"):
        leaves.dots(token)


def test_only_seen_fields_count():
    assert leaves.seen({"title": "x", "seen-words": leaves.token(DOTS)}) == {"words": DOTS}
