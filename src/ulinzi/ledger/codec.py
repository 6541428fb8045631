"""The stored format: bytes, digests, hashes, seals. Nothing here changes after the first release.

docs/reference/ledger.md explains it and freezes ten entries in hex.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import cbor2
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from ulinzi.kernel.errors import Broken, Refused

WHY, BIRTH, WRITE, ERASE = 0, 1, 2, 3
NO_PREVIOUS = bytes(32)
SEAL_EVERY = 64
MAX_PARTS = 500
_MAX_DEPTH = 8
_BYTES = tuple(bytes((one,)) for one in range(256))
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1


class Dot(NamedTuple):
    """Where a write stands: nothing else ever names it."""

    feed: bytes
    seq: int
    part: int


# What is made of each part that is read: a NamedTuple's own way is Python, and takes twice the time.
dot_of: Callable[[tuple[bytes, int, int]], Dot] = partial(tuple.__new__, Dot)


class Part(NamedTuple):
    """One part of an entry. Erased or withheld: body and salt are None, the digest stays."""

    type: int
    salt: bytes | None
    body: bytes | None
    digest: bytes


class Entry(NamedTuple):
    feed: bytes
    seq: int
    prev: bytes
    hlc: int
    unit: bytes
    parts: tuple[Part, ...]


def encode(value: Any) -> bytes:
    """Canonical CBOR of a value the ledger allows; refuses floats, tags, huge numbers and unpaired surrogates."""
    check_value(value)
    return cbor2.dumps(value, canonical=True)


def decode(raw: bytes) -> Any:
    """The value, or Broken: bytes that are not canonical would give one entry two hashes."""
    try:
        value = cbor2.loads(raw)
        canonical = encode(value)
    except (cbor2.CBORDecodeError, Refused, ValueError, TypeError, RecursionError) as error:
        raise Broken("not_canonical") from error
    if canonical != raw:
        raise Broken("not_canonical")
    return value


def loads(raw: bytes) -> Any:
    """The value of stored bytes, in any order of its keys; None where nobody can read them."""
    try:
        return cbor2.loads(raw)
    except Exception:  # noqa: BLE001 whoever has a node's key can chain any bytes: reading the log never fails on them
        return None


def check_value(value: Any, depth: int = 0) -> None:
    kind = type(value)
    if value is None or kind is bool or kind is bytes:
        return
    if kind is int:
        if not _INT_MIN <= value <= _INT_MAX:
            raise Refused("number_too_large")
    elif kind is str:
        check_text(value)
    elif kind is list or kind is dict:
        _check_nested(value, depth)
    else:
        raise Refused("value_not_allowed", kind=kind.__name__)


def check_text(value: str) -> None:
    # NUL has no place in a PostgreSQL text, a lone surrogate none in UTF-8: either would stop a fold for ever.
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Refused("text_not_allowed") from error
    if "\x00" in value:
        raise Refused("text_not_allowed")


def _check_nested(value: list[Any] | dict[Any, Any], depth: int) -> None:
    if depth >= _MAX_DEPTH:
        raise Refused("value_too_deep")
    if isinstance(value, dict):
        if any(type(key) not in (int, str) for key in value):
            raise Refused("key_not_allowed")
        for key in value:
            check_value(key, depth + 1)
        items: Any = value.values()
    else:
        items = value
    for item in items:
        check_value(item, depth + 1)


def digest(salt: bytes, kind: int, body: bytes) -> bytes:
    return hashlib.sha256(b"ulinzi/part1" + salt + _BYTES[kind] + body).digest()


def part(kind: int, salt: bytes, body: Any) -> Part:
    """A part of a body made here: its values were checked where they came in, its maps are in order."""
    raw = cbor2.dumps(body)
    return Part(kind, salt, raw, digest(salt, kind, raw))


def feed_id(node_key: bytes, incarnation: bytes, compartment: str) -> bytes:
    return hashlib.sha256(b"ulinzi/feed1" + node_key + incarnation + compartment.encode()).digest()[:16]


def head(feed: bytes, seq: int, prev: bytes, hlc: int, unit: bytes, digests: Sequence[bytes]) -> bytes:
    """Canonical CBOR of [1, feed, seq, prev, hlc, unit, [digest...]], by hand: verify makes millions."""
    before = b"\x87\x01\x50" + feed + _cbor_head(0x00, seq) + b"\x58\x20" + prev + _cbor_head(0x00, hlc)
    return b"\x58\x20".join((before + b"\x48" + unit + _cbor_head(0x80, len(digests)), *digests))


def _cbor_head(major: int, number: int) -> bytes:
    if number < 0:
        return _cbor_head(0x20, -1 - number)
    if number < 24:
        return _BYTES[major | number]
    if number < 0x100:
        return _BYTES[major | 24] + _BYTES[number]
    if number < 0x10000:
        return _BYTES[major | 25] + number.to_bytes(2, "big")
    if number < 0x100000000:
        return _BYTES[major | 26] + number.to_bytes(4, "big")
    return _BYTES[major | 27] + number.to_bytes(8, "big")


def entry_hash(head_bytes: bytes) -> bytes:
    return hashlib.sha256(b"ulinzi/entry1" + head_bytes).digest()


def hash_of(entry: Entry) -> bytes:
    digests = [one.digest for one in entry.parts]
    return entry_hash(head(entry.feed, entry.seq, entry.prev, entry.hlc, entry.unit, digests))


def _seal_text(feed: bytes, seq: int, hashed: bytes) -> bytes:
    return b"ulinzi/seal1" + feed + seq.to_bytes(8, "big") + hashed


def seal(key: SigningKey, feed: bytes, seq: int, hashed: bytes) -> bytes:
    return key.sign(_seal_text(feed, seq, hashed)).signature


def seal_holds(node_key: bytes, feed: bytes, seq: int, hashed: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(node_key).verify(_seal_text(feed, seq, hashed), signature)
    except (BadSignatureError, ValueError, TypeError, OverflowError):
        return False
    return True


# What stands inside the parts. Keys and positions are numbers: words may change, stored entries never do.


def why_body(
    actor: bytes, action: str, *, reason: str = "", claimed_at: int | None = None, on_behalf_of: bytes | None = None
) -> dict[int, Any]:
    body: dict[int, Any] = {0: actor, 1: action}
    if reason:
        body[2] = reason
    if claimed_at is not None:
        body[3] = claimed_at
    if on_behalf_of is not None:
        body[4] = on_behalf_of
    return body  # 5 is kept for the step-up proof


def birth_body(model: int, record: bytes, schema: int, root: bytes | None) -> list[Any]:
    return [model, record, schema, root]


def write_body(
    model: int, record: bytes, schema: int, group: int, seen: Sequence[Dot] | None, values: dict[int, Any]
) -> list[Any]:
    """`seen` None marks a creating write; an empty list is an ordinary write that saw nothing."""
    named = None if seen is None else [list(dot) for dot in sorted(set(seen))]
    ordered = values if len(values) < 2 else dict(sorted(values.items()))
    return [model, record, schema, group, named, ordered]


RECORD, PERSON = 0, 1


def erase_body(
    scope: int,
    model: int,
    subject: bytes,
    groups: Sequence[int] | None,
    basis: str,
    second: bytes | None,
    schema: int = 0,
) -> list[Any]:
    """`groups` None is everything: of a record and the children born under it, or of a person's name on entries.

    `schema` says which groups the numbers meant: a later one may have split them.
    """
    return [scope, model, subject, None if groups is None else sorted(groups), basis, second, schema]


# What others wrote is looked at before it is read: a part that is not of its kind says nothing.

_GROUP_LIMIT = 2**31


def is_id(value: Any) -> bool:
    return type(value) is bytes and len(value) == 16


def is_birth(body: Any) -> bool:
    if type(body) is not list or len(body) != 4:
        return False
    model, record, schema, root = body
    return type(model) is type(schema) is int and is_id(record) and (root is None or is_id(root))


def is_write(body: Any) -> bool:
    if type(body) is not list or len(body) != 6:
        return False
    return type(body[2]) is type(body[3]) is int and body[2] > 0 and type(body[5]) is dict


def is_erasure(body: Any) -> bool:
    if type(body) is not list or len(body) != 7:
        return False
    scope, model, subject, groups, basis, second, schema = body
    if scope not in (RECORD, PERSON) or not (type(scope) is type(model) is type(schema) is int):
        return False
    return is_id(subject) and _are_groups(groups) and type(basis) is str and (second is None or is_id(second))


def _are_groups(groups: Any) -> bool:
    if groups is None:
        return True
    return type(groups) is list and all(type(one) is int and 0 < one < _GROUP_LIMIT for one in groups)
