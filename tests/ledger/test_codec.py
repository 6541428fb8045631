"""The stored format: what goes in comes out, one value has one form, and whatever is not that form is refused."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from ulinzi.kernel.errors import Broken, Refused
from ulinzi.ledger import codec
from ulinzi.ledger.codec import Dot, Entry, Part

MANY = settings(max_examples=150, deadline=None, derandomize=True, database=None, report_multiple_bugs=False)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
INTS = st.integers(-(2**63), 2**63 - 1)
PLAIN = st.none() | st.booleans() | INTS | TEXT | st.binary(max_size=20)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(INTS | TEXT, inner, max_size=4),
    max_leaves=12,
).filter(lambda value: _depth(value) <= 8)
IDS = st.binary(min_size=16, max_size=16)
DOTS = st.builds(Dot, IDS, st.integers(1, 2**40), st.integers(0, 499))
KEY, OTHER_KEY = SigningKey(b"k" * 32), SigningKey(b"o" * 32)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


def same(one: Any, other: Any) -> bool:
    """Equal in kind as well: 1 is not True."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and bool(one == other)


# Values.


@MANY
@given(VALUES)
def test_what_goes_in_comes_out(value: Any) -> None:
    raw = codec.encode(value)
    assert same(codec.decode(raw), value)
    assert same(codec.loads(raw), value)
    assert raw == cbor2.dumps(value, canonical=True)


@MANY
@given(st.dictionaries(INTS | TEXT, PLAIN, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_in_which_a_map_was_filled_does_not_show(value: dict[Any, Any], rng: Any) -> None:
    keys = list(value)
    rng.shuffle(keys)
    assert codec.encode({key: value[key] for key in keys}) == codec.encode(value)


@MANY
@given(VALUES, st.data())
def test_one_changed_byte_is_another_value_or_none(value: Any, data: st.DataObject) -> None:
    raw = codec.encode(value)
    place = data.draw(st.integers(0, len(raw) - 1))
    other = bytes(byte ^ (data.draw(st.integers(1, 255)) if at == place else 0) for at, byte in enumerate(raw))
    try:
        found = codec.decode(other)
    except Broken:
        return
    assert not same(found, value)


@settings(MANY, max_examples=1000)
@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_in_its_one_form_or_refused(raw: bytes) -> None:
    try:
        value = codec.decode(raw)
    except Broken:
        return
    assert codec.encode(value) == raw


class Text(str):
    """Looks like text; another program's decoder would not know."""


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (1.0, "value_not_allowed"),
        (float("nan"), "value_not_allowed"),
        ((1, 2), "value_not_allowed"),
        ({1, 2}, "value_not_allowed"),
        (Text("x"), "value_not_allowed"),
        (cbor2.CBORTag(0, "2026-01-01"), "value_not_allowed"),
        (cbor2.undefined, "value_not_allowed"),
        (bytearray(b"x"), "value_not_allowed"),
        (2**63, "number_too_large"),
        (-(2**63) - 1, "number_too_large"),
        ({"x": 2**64}, "number_too_large"),
        ("a\x00b", "text_not_allowed"),
        ("\ud800", "text_not_allowed"),
        ({"\x00": 1}, "text_not_allowed"),
        ({None: 1}, "key_not_allowed"),
        ({True: 1}, "key_not_allowed"),
        ({b"x": 1}, "key_not_allowed"),
        ({2**63: 1}, "number_too_large"),
        ([[[[[[[[[0]]]]]]]]], "value_too_deep"),
        ({0: {0: {0: {0: {0: {0: {0: {0: {0: 0}}}}}}}}}, "value_too_deep"),
    ],
)
def test_what_the_ledger_does_not_hold_is_refused(value: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        codec.encode(value)
    assert refused.value.code == code


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), "", b"", [], {}, [[[[[[[[]]]]]]]], "é\u2028\U0001f30d"])
def test_control_the_edges_are_allowed(value: Any) -> None:
    assert same(codec.decode(codec.encode(value)), value)


# Other forms of allowed values. Each would give one entry two hashes.

NOT_CANONICAL = {
    "nothing at all": "",
    "cut short": "8201",
    "more than one value": "0000",
    "a long zero": "1800",
    "a long number, two bytes": "190017",
    "a long number, four bytes": "1a000000ff",
    "a long number, eight bytes": "1b00000000ffffffff",
    "a long negative number": "3800",
    "a long text length": "780161",
    "a long bytes length": "580161",
    "a long list length": "980100",
    "a long map length": "b8010000",
    "indefinite bytes": "5f4161ff",
    "indefinite text": "7f6161ff",
    "an indefinite list": "9f00ff",
    "an indefinite map": "bf0000ff",
    "an indefinite list inside": "819fff",
    "a break alone": "ff",
    "a half float": "f90000",
    "a float": "fa00000000",
    "a double": "fb3ff0000000000000",
    "not a number": "f97e00",
    "infinity": "f97c00",
    "undefined": "f7",
    "a simple value": "f0",
    "a long simple value": "f8ff",
    "false in a long form": "f814",
    "a big number in a tag": "c24101",
    "a negative big number in a tag": "c34101",
    "a date in a tag": "c074323032362d30312d30315430303a30303a30305a",
    "a moment in a tag": "c100",
    "a decimal in a tag": "c4820001",
    "a big float in a tag": "c5820001",
    "a fraction in a tag": "d81e820102",
    "a fraction by zero": "d81e820100",
    "a pattern in a tag": "d8236128",
    "a message in a tag": "d82461ff",
    "a UUID in a tag": "d82550" + "00" * 16,
    "a set in a tag": "d9010281f6",
    "an address in a tag": "d9010444c0a80001",
    "the mark of this format itself": "d9d9f700",
    "an unknown tag": "d9ffff00",
    "a value that holds itself": "d81c81d81d00",
    "a map that holds itself": "d81ca100d81d00",
    "a reference to nothing": "d81d05",
    "the same key twice": "a200000001",
    "the same key twice, as text": "a2616100616101",
    "numbers out of order": "a201000000",
    "texts out of order": "a2616200616100",
    "a longer key first": "a262616100616200",
    "text before a number": "a26161000000",
    "a key that is null": "a1f600",
    "a key that is true": "a1f500",
    "a key that is bytes": "a1416100",
    "a key that is a list": "a18000",
    "a key that is a map": "a1a000",
    "a key that is a float": "a1f9000000",
    "text that is not UTF-8": "61ff",
    "text in an overlong form": "62c080",
    "a lone surrogate": "63eda080",
    "text with NUL": "6100",
    "a number too large": "1b8000000000000000",
    "a number too small": "3b8000000000000000",
    "a reserved length": "1c",
    "bytes longer than the world": "5b7fffffffffffffff",
    "text longer than the world": "7b7fffffffffffffff",
    "a list longer than the world": "9bffffffffffffffff",
    "a map longer than the world": "bbffffffffffffffff",
    "nine lists": "81" * 9 + "00",
    "a thousand lists": "81" * 1000 + "00",
    "a million lists": "81" * 1_000_000 + "00",
    "a million maps": "a100" * 1_000_000 + "00",
    "a million tags": "c1" * 1_000_000 + "00",
    "a million lists without an end": "9f" * 1_000_000,
}


@pytest.mark.parametrize("raw", NOT_CANONICAL.values(), ids=NOT_CANONICAL)
def test_only_the_canonical_form_is_read(raw: str) -> None:
    with pytest.raises(Broken, match="not_canonical"):
        codec.decode(bytes.fromhex(raw))


ALSO_READ = [
    name for name in NOT_CANONICAL if name.startswith(("a long", "indefinite", "an indefinite", "the same key"))
]


@pytest.mark.parametrize("name", ALSO_READ)
def test_control_an_ordinary_decoder_reads_these(name: str) -> None:
    """So that it is our check which refuses them."""
    cbor2.loads(bytes.fromhex(NOT_CANONICAL[name]))


# Parts.


@MANY
@given(st.binary(min_size=8, max_size=8), st.integers(0, 255), st.binary(max_size=60))
def test_a_digest_is_of_salt_type_and_body(salt: bytes, kind: int, body: bytes) -> None:
    plain = hashlib.sha256(b"ulinzi/part1" + salt + struct.pack("B", kind) + body).digest()
    assert codec.digest(salt, kind, body) == plain


@MANY
@given(st.data())
def test_every_body_we_make_is_canonical(data: st.DataObject) -> None:
    """`part` does not sort: what it is given must be in order already."""
    body = data.draw(BODIES)
    made = codec.part(codec.WRITE, b"saltsalt", body)
    assert made.body == codec.encode(body)
    assert same(codec.decode(made.body), body)
    assert made.digest == codec.digest(b"saltsalt", codec.WRITE, made.body)


NUMBERED = st.dictionaries(st.integers(1, 300), PLAIN, max_size=5)
BODIES = st.one_of(
    st.builds(codec.birth_body, st.integers(1, 99), IDS, st.integers(1, 30), st.none() | IDS),
    st.builds(
        codec.write_body,
        st.integers(1, 99),
        IDS,
        st.integers(1, 30),
        st.integers(1, 40),
        st.none() | st.lists(DOTS),
        NUMBERED,
    ),
    st.builds(
        codec.erase_body,
        st.sampled_from([codec.RECORD, codec.PERSON]),
        st.integers(0, 99),
        IDS,
        st.none() | st.lists(st.integers(1, 40)),
        TEXT,
        st.none() | IDS,
    ),
    st.builds(
        lambda actor, action, reason, at, behalf: codec.why_body(
            actor, action, reason=reason, claimed_at=at, on_behalf_of=behalf
        ),
        IDS,
        TEXT,
        TEXT,
        st.none() | INTS,
        st.none() | IDS,
    ),
)


def test_control_a_map_out_of_order_would_not_be_canonical() -> None:
    assert codec.part(codec.WRITE, b"saltsalt", {2: 0, 1: 0}).body != codec.encode({2: 0, 1: 0})


def test_what_a_write_has_seen_is_sorted_and_named_once() -> None:
    dots = [Dot(b"b" * 16, 1, 1), Dot(b"a" * 16, 2, 1), Dot(b"b" * 16, 1, 1)]
    body = codec.write_body(1, b"r" * 16, 1, 2, dots, {3: None, 1: "x"})
    assert body[4] == [[b"a" * 16, 2, 1], [b"b" * 16, 1, 1]]
    assert list(body[5]) == [1, 3]


def test_a_creating_write_and_one_that_saw_nothing_differ() -> None:
    born, unseeing = (codec.write_body(1, b"r" * 16, 1, 2, seen, {1: "x"}) for seen in (None, []))
    assert codec.encode(born) != codec.encode(unseeing)


def test_a_why_says_only_what_there_is_to_say() -> None:
    assert codec.why_body(b"p" * 16, "desk.add_task") == {0: b"p" * 16, 1: "desk.add_task"}
    full = codec.why_body(b"p" * 16, "desk.add_task", reason="asked", claimed_at=0, on_behalf_of=b"q" * 16)
    assert full == {0: b"p" * 16, 1: "desk.add_task", 2: "asked", 3: 0, 4: b"q" * 16}


def test_everything_erased_and_nothing_erased_differ() -> None:
    everything, nothing = (codec.erase_body(0, 1, b"r" * 16, groups, "asked", None) for groups in (None, []))
    assert codec.encode(everything) != codec.encode(nothing)


# Heads, hashes, feeds.

# Also below zero, which no program of ours writes: whoever can write the database can, and verify has to read it.
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([edge + step for edge in (24, 2**8, 2**16, 2**32, 2**62) for step in (-1, 0, 1)]),
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    parts = tuple(
        codec.part(codec.WRITE, b"saltsalt", [place]) for place in range(draw(st.sampled_from([0, 1, 2, 23, 24, 300])))
    )
    feed, unit = draw(IDS), draw(st.binary(min_size=8, max_size=8))
    return Entry(feed, draw(NUMBERS), draw(st.binary(min_size=32, max_size=32)), draw(NUMBERS), unit, parts)


def head_of(entry: Entry) -> bytes:
    digests = [part.digest for part in entry.parts]
    return codec.head(entry.feed, entry.seq, entry.prev, entry.hlc, entry.unit, digests)


@MANY
@given(entries())
def test_the_head_made_by_hand_is_canonical(entry: Entry) -> None:
    fields = [1, entry.feed, entry.seq, entry.prev, entry.hlc, entry.unit, [part.digest for part in entry.parts]]
    canonical = head_of(entry) == cbor2.dumps(fields, canonical=True)
    assert canonical  # said so, because explaining how ten thousand bytes differ takes minutes
    assert same(codec.decode(head_of(entry)), fields)
    assert codec.hash_of(entry) == hashlib.sha256(b"ulinzi/entry1" + head_of(entry)).digest()


@MANY
@given(entries(), st.sampled_from(["feed", "seq", "prev", "hlc", "unit", "parts"]))
def test_every_field_is_in_the_hash(entry: Entry, name: str) -> None:
    assert codec.hash_of(entry._replace(**{name: CHANGE[name](getattr(entry, name))})) != codec.hash_of(entry)


CHANGE: dict[str, Callable[[Any], Any]] = {
    "feed": lambda feed: bytes([feed[0] ^ 1]) + feed[1:],
    "seq": lambda seq: seq ^ 1,
    "prev": lambda prev: prev[:-1] + bytes([prev[-1] ^ 128]),
    "hlc": lambda stamp: stamp ^ 1,
    "unit": lambda unit: unit[1:] + bytes([unit[0] ^ 1]),
    "parts": lambda parts: (*parts, codec.part(codec.WRITE, b"saltsalt", "more")),
}


def test_an_erased_body_leaves_the_hash_as_it_was() -> None:
    part = codec.part(codec.WRITE, b"saltsalt", "Ana saw it")
    entry = Entry(b"f" * 16, 1, codec.NO_PREVIOUS, 7, b"u" * 8, (part,))
    erased = entry._replace(parts=(Part(part.type, None, None, part.digest),))
    assert codec.hash_of(erased) == codec.hash_of(entry)


def test_a_feed_belongs_to_key_incarnation_and_compartment() -> None:
    feed = codec.feed_id(b"k" * 32, b"i" * 16, "north")
    assert feed == hashlib.sha256(b"ulinzi/feed1" + b"k" * 32 + b"i" * 16 + b"north").digest()[:16]
    others = [(b"K" * 32, b"i" * 16, "north"), (b"k" * 32, b"I" * 16, "north"), (b"k" * 32, b"i" * 16, "south")]
    assert feed not in [codec.feed_id(*other) for other in others]


# Seals.

FEED, HASHED = b"f" * 16, b"h" * 32
SEAL = codec.seal(KEY, FEED, 5, HASHED)
PUBLIC, OTHER_PUBLIC = bytes(KEY.verify_key), bytes(OTHER_KEY.verify_key)


def test_a_seal_holds() -> None:
    assert codec.seal_holds(PUBLIC, FEED, 5, HASHED, SEAL)
    assert len(SEAL) == 64


@pytest.mark.parametrize(
    ("key", "feed", "seq", "hashed", "signature"),
    [
        (OTHER_PUBLIC, FEED, 5, HASHED, SEAL),
        (PUBLIC, b"g" * 16, 5, HASHED, SEAL),
        (PUBLIC, FEED, 6, HASHED, SEAL),
        (PUBLIC, FEED, 5, b"i" * 32, SEAL),
        (PUBLIC, FEED, 5, HASHED, codec.seal(OTHER_KEY, FEED, 5, HASHED)),
        (PUBLIC, FEED, 5, HASHED, SEAL[:-1] + bytes([SEAL[-1] ^ 1])),
        (PUBLIC, FEED, 5, HASHED, SEAL[:-1]),
        (PUBLIC, FEED, 5, HASHED, SEAL + b"\x00"),
        (PUBLIC, FEED, 5, HASHED, b""),
        (PUBLIC[:-1], FEED, 5, HASHED, SEAL),
        (b"", FEED, 5, HASHED, SEAL),
        (PUBLIC, FEED, 5, HASHED, KEY.sign(FEED + (5).to_bytes(8, "big") + HASHED).signature),
    ],
    ids=[
        "key",
        "feed",
        "seq",
        "hash",
        "forged",
        "bit",
        "short",
        "long",
        "none",
        "short key",
        "no key",
        "other purpose",
    ],
)
def test_a_seal_holds_for_nothing_else(key: bytes, feed: bytes, seq: int, hashed: bytes, signature: bytes) -> None:
    assert not codec.seal_holds(key, feed, seq, hashed, signature)


# Controls: the checks above notice a codec that is wrong.


def test_control_a_decoder_that_checks_nothing_is_noticed() -> None:
    noticed = (AssertionError, Refused, cbor2.CBORDecodeError)
    with patch.object(codec, "decode", cbor2.loads), pytest.raises(noticed):
        test_any_bytes_are_a_value_in_its_one_form_or_refused()


def test_control_a_head_in_another_form_is_noticed() -> None:
    def long_form(major: int, number: int) -> bytes:
        return bytes((major | 27,)) + number.to_bytes(8, "big")

    with patch.object(codec, "_cbor_head", long_form), pytest.raises(AssertionError):
        test_the_head_made_by_hand_is_canonical()


def test_control_a_hash_without_the_clock_is_noticed() -> None:
    honest = codec.head

    def timeless(feed: bytes, seq: int, prev: bytes, _hlc: int, unit: bytes, digests: list[bytes]) -> bytes:
        return honest(feed, seq, prev, 0, unit, digests)

    with patch.object(codec, "head", timeless), pytest.raises(AssertionError):
        test_every_field_is_in_the_hash()
