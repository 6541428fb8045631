"""The fold as docs/reference/ledger.md defines it: short, slow, and written without a line of `merge.py`.

From the product it takes numbers (the kinds of parts) and data (a model's shape); how they are read it says itself.
Where this and the product differ, one of them is wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from ulinzi.kernel.errors import Broken
from ulinzi.ledger import codec

Dot = tuple[bytes, int, int]
Found = dict[str, Any]
EVERYTHING = 0


class Said(NamedTuple):
    """One part that names the record, with where and when it stands."""

    compartment: str
    dot: Dot
    hlc: int
    type: int
    body: Any


class Stone(NamedTuple):
    """What has been erased of a record."""

    all: bool = False
    groups: frozenset[int] = frozenset()


@dataclass(eq=False)
class Write:
    """An accepted write of a group, in today's words. Equal births are one write with several dots."""

    dots: set[Dot]
    stamp: tuple[Any, ...]
    born: bool
    values: dict[int, Any]
    seen: list[Dot]
    newer: bool


def fold(shape: Any, told: Iterable[Any], tombs: Mapping[str, Any] | None = None) -> Found | None:
    """The record that these parts tell of, whatever their order and however often each came; None: it is not here.

    `tombs` has what was erased of it, by the compartment that said so.
    """
    parts = list({tuple(one.dot): one for one in told}.values())
    owner = owning_birth(parts)
    if owner is None or owner.body[0] != shape.number:
        return None
    gone = (tombs or {}).get(owner.compartment, Stone())
    if gone.all:
        return None
    found: Found = {"compartment": owner.compartment, "record": owner.body[1], "root": owner.body[3]}
    found |= {"newer": False, "problems": [], "groups": {}}
    accepted = _accepted(shape, parts, owner.compartment, gone.groups, found)
    for group in shape.groups:
        erased = group.number in gone.groups
        found["groups"][group.number] = _erased(group) if erased else _group(group, accepted[group.number], found)
    found["problems"] = sorted(set(found["problems"]))
    return found


# Who owns the record.


def owning_birth(parts: Sequence[Any]) -> Any | None:
    """Of the births in the compartment that the id, and its root's, were made for: the earliest."""
    return min((one for one in parts if is_true_birth(one)), key=stamp_of, default=None)


def is_true_birth(one: Any) -> bool:
    return one.type == codec.BIRTH and is_birth(one.body) and is_at_home(one.compartment, one.body)


def is_at_home(compartment: str, birth: list[Any]) -> bool:
    _model, record, _schema, root = birth
    return all(one.endswith(mark_of(compartment)) for one in (record, root) if one)


def mark_of(compartment: str) -> bytes:
    return hashlib.sha256(b"ulinzi/home1" + compartment.encode()).digest()[:3]


def stamp_of(one: Any) -> tuple[Any, ...]:
    feed, seq, part = one.dot
    return one.hlc, feed, seq, part


# Which parts count.


def _accepted(
    shape: Any, parts: Sequence[Any], home: str, erased: frozenset[int], found: Found
) -> dict[int, list[Write]]:
    """Writes by group. A part that speaks of an erased group counts for nothing, and so does one nobody can read."""
    accepted: dict[int, list[Write]] = {group.number: [] for group in shape.groups}
    for one in parts:
        if one.compartment != home:
            found["problems"].append(("foreign_write", one.compartment))
        elif not (isinstance(one.body, list) and one.body[:1] == [shape.number]):
            found["problems"] += [] if erased else [("foreign_write", home)]
        elif one.type == codec.WRITE and not is_write(one.body):
            found["problems"] += [] if erased else [("bad_shape", "")]
        elif one.type == codec.WRITE:
            words = in_todays_words(shape, one.body[2], one.body[3], one.body[5])
            if not any(number in erased for number, _ in words):
                _accept(shape, one, words, accepted, found)
    return accepted


def _accept(shape: Any, one: Any, words: list[tuple[int, Any]], accepted: dict[int, list[Write]], found: Found) -> None:
    from_newer = one.body[2] > shape.schema
    for number, values in words:
        group = next((each for each in shape.groups if each.number == number), None)
        if group is None:
            found["newer"] = True
        elif not isinstance(values, dict) or not (from_newer or all_fit(group, values)):
            found["problems"].append(("bad_shape", group.name))
        else:
            known = {each.number: values.get(each.number) for each in group.fields}
            fitting = {each.number: known[each.number] for each in group.fields if fits(each, known[each.number])}
            newer = from_newer or has_unknown_code(group, fitting)
            seen = [tuple(dot) for dot in one.body[4] or []]
            nothing = dict.fromkeys(known)
            accepted[number].append(
                Write({tuple(one.dot)}, stamp_of(one), one.body[4] is None, nothing | fitting, seen, newer)
            )


def in_todays_words(shape: Any, schema: int, number: int, values: Any) -> list[tuple[int, Any]]:
    words = [(number, values)]
    for step in sorted(step for step in shape.upcasts if schema <= step < shape.schema):
        try:
            words = [after for group, old in words for after in shape.upcasts[step](group, old)]
        except Exception:  # noqa: BLE001 what the values are is anybody's; they fit nothing
            return [(number, None)]
    return words


# Within one group: which writes nobody has seen, and what they come to.


def _erased(group: Any) -> Found:
    return {"values": nothing(group), "leaves": [], "conflict": False, "erased": True}


def _group(group: Any, accepted: list[Write], found: Found) -> Found:
    writes = one_write_per_birth(accepted)
    if group.kind == "fixed":
        leaves, conflict = _fixed(group, writes, found), False
    else:
        leaves = leaves_of(writes)
        conflict = group.kind != "union" and any(one.values != leaves[0].values for one in leaves)
        if any(reaches(one, one, writes) for one in writes):
            found["problems"].append(("seen_in_a_circle", group.name))
    found["newer"] = found["newer"] or any(one.newer for one in leaves)
    dots = [sorted(one.dots) for one in leaves]
    return {"values": value_of(group, leaves), "leaves": dots, "conflict": conflict, "erased": False}


def _fixed(group: Any, writes: list[Write], found: Found) -> list[Write]:
    """Only creating writes count; of several the earliest."""
    births = sorted([one for one in writes if one.born], key=lambda one: one.stamp)
    if len(births) < len(writes):
        found["problems"].append(("fixed_rewritten", group.name))
    if len(births) > 1:
        found["problems"].append(("two_births", group.name))
    return births[:1]


def one_write_per_birth(writes: list[Write]) -> list[Write]:
    """Births with equal values are one write: the earliest, which has all their dots."""
    births: list[Write] = []
    for one in sorted((one for one in writes if one.born), key=lambda one: one.stamp):
        twins = [other for other in births if other.values == one.values]
        if twins:
            twins[0].dots |= one.dots
            twins[0].newer |= one.newer
        else:
            births.append(one)
    return births + [one for one in writes if not one.born]


def leaves_of(writes: Sequence[Write]) -> list[Write]:
    return sorted([one for one in writes if not superseded(one, writes)], key=lambda one: one.stamp)


def superseded(old: Write, writes: Sequence[Write]) -> bool:
    """Somebody has seen it, whom it has not seen itself."""
    return any(names(new, old) and not reaches(old, new, writes) for new in writes)


def names(new: Write, old: Write) -> bool:
    return any(dot in old.dots for dot in new.seen)


def reaches(start: Write, goal: Write, writes: Sequence[Write]) -> bool:
    """Whether `start` names `goal`, directly or through others."""
    waiting, met = [start], [start]
    while waiting:
        one = waiting.pop()
        if names(one, goal):
            return True
        onward = [old for old in writes if names(one, old) and old not in met]
        met += onward
        waiting += onward
    return False


def value_of(group: Any, leaves: Sequence[Write]) -> dict[int, Any]:
    if not leaves:
        return nothing(group)
    if group.kind == "union":
        number = group.fields[0].number
        return {number: sorted({code for one in leaves for code in one.values[number] or []})}
    if group.kind == "max":
        return max(leaves, key=lambda one: (place_on_scale(group, one.values), one.stamp)).values
    return max(leaves, key=lambda one: one.stamp).values


def place_on_scale(group: Any, values: Mapping[int, Any]) -> int:
    """Nothing said ranks lowest; what we do not know ranks highest."""
    code = values[group.fields[0].number]
    known = [None, *group.scale]
    return known.index(code) if code in known else len(known)


def nothing(group: Any) -> dict[int, Any]:
    return {one.number: None for one in group.fields}


# What fits the format, and what fits a field.


def is_id(value: Any) -> bool:
    return type(value) is bytes and len(value) == 16


def is_list(body: Any, length: int) -> bool:
    return type(body) is list and len(body) == length


def is_birth(body: Any) -> bool:
    if not is_list(body, 4):
        return False
    model, record, schema, root = body
    return type(model) is int and type(schema) is int and is_id(record) and (root is None or is_id(root))


def is_write(body: Any) -> bool:
    if not is_list(body, 6):
        return False
    schema, group, seen, values = body[2:]
    if type(schema) is not int or schema < 1 or type(group) is not int or type(values) is not dict:
        return False
    return seen is None or (type(seen) is list and all(is_dot(one) for one in seen))


def is_dot(value: Any) -> bool:
    return is_list(value, 3) and type(value[0]) is bytes and type(value[1]) is int and type(value[2]) is int


def is_erasure(body: Any) -> bool:
    if not is_list(body, 7) or [type(body[place]) for place in (0, 1, 4, 6)] != [int, int, str, int]:
        return False
    scope, _model, subject, groups, _basis, second, _schema = body
    if scope not in (codec.RECORD, codec.PERSON) or not is_id(subject) or not (second is None or is_id(second)):
        return False
    return groups is None or (type(groups) is list and all(type(one) is int and 0 < one < 2**31 for one in groups))


def all_fit(group: Any, values: Mapping[int, Any]) -> bool:
    return all(fits(one, values.get(one.number)) for one in group.fields)


def fits(one: Any, value: Any) -> bool:
    """Whether the field's column can hold the value."""
    if value is None:
        return True
    if one.type in ("int", "time"):
        return type(value) is int and -(2**63) <= value < 2**63
    if one.type == "bool":
        return type(value) is bool
    if one.type in ("person", "ref"):
        return is_id(value)
    if one.type == "bytes":
        return type(value) is bytes and len(value) <= one.max_length
    if one.type == "codes":
        return type(value) is list and all(is_text(each, 40) for each in value)
    return is_text(value, 40 if one.type == "code" else one.max_length)


def is_text(value: Any, longest: int) -> bool:
    return type(value) is str and len(value) <= longest and "\x00" not in value


def has_unknown_code(group: Any, values: Mapping[int, Any]) -> bool:
    for one in group.fields:
        value = values.get(one.number)
        listed = [] if value is None else value if isinstance(value, list) else [value]
        if one.choices and any(each not in one.choices for each in listed):
            return True
    return False


# The product's answer in the same form.


def plain(folded: Any) -> Found | None:
    if folded is None:
        return None
    return {
        "compartment": folded.compartment,
        "record": folded.record,
        "root": folded.root,
        "newer": folded.newer,
        "problems": [tuple(problem) for problem in folded.problems],
        "groups": {number: _plain_group(group) for number, group in folded.groups.items()},
    }


def _plain_group(group: Any) -> Found:
    leaves = [sorted(tuple(dot) for dot in leaf.dots) for leaf in group.leaves]
    return {"values": group.values, "leaves": leaves, "conflict": group.conflict, "erased": group.erased}


# A whole log: what it says of each record, and what was erased.


@dataclass
class Sayings:
    told: dict[bytes, list[Said]] = field(default_factory=dict)
    tombs: dict[tuple[str, bytes], set[int]] = field(default_factory=dict)
    persons: set[tuple[str, bytes]] = field(default_factory=set)

    def stones(self, record: bytes) -> dict[str, Stone]:
        """By compartment; a child goes with any root it was born under, when the root goes as a whole."""
        return {place: self._stone(place, record) for place in {one.compartment for one in self.told.get(record, ())}}

    def _stone(self, compartment: str, record: bytes) -> Stone:
        births = [one for one in self.told[record] if one.compartment == compartment and is_true_birth(one)]
        roots = [one.body[3] for one in births]
        above = any(EVERYTHING in self.tombs.get((compartment, root), ()) for root in roots)
        mine = self.tombs.get((compartment, record), set())
        return Stone(above or EVERYTHING in mine, frozenset(mine - {EVERYTHING}))


def sayings(logs: Iterable[Any]) -> Sayings:
    """What feeds say: each has a compartment and entries by number."""
    found = Sayings()
    for log in logs:
        for entry in log.entries.values():
            for place, part in enumerate(entry.parts):
                body = body_of(part.body or b"")
                if part.type == codec.ERASE and is_erasure(body):
                    _note_erasure(log.compartment, body, found)
                elif part.type in (codec.BIRTH, codec.WRITE) and type(body) is list and is_id((*body, 0, 0)[1]):
                    said = Said(log.compartment, (entry.feed, entry.seq, place), entry.hlc, part.type, body)
                    found.told.setdefault(body[1], []).append(said)
    return found


@lru_cache(maxsize=8192)
def body_of(raw: bytes) -> Any:
    """What a part says; nothing where its words are gone or were never in order. Kept: nodes hold the same bytes."""
    try:
        return codec.decode(raw)
    except Broken:
        return None


def _note_erasure(compartment: str, body: list[Any], found: Sayings) -> None:
    scope, _model, subject, groups, *_rest = body
    if scope == codec.PERSON:
        found.persons.add((compartment, subject))
    else:
        found.tombs.setdefault((compartment, subject), set()).update([EVERYTHING] if groups is None else groups)


def tables(shapes: Mapping[int, Any], said: Sayings) -> dict[bytes, Found]:
    """Every record that is here, as it must stand."""
    found = {}
    for record in sorted(said.told):
        owner = owning_birth(said.told[record])
        shape = shapes.get(owner.body[0]) if owner else None
        folded = fold(shape, said.told[record], said.stones(record)) if shape else None
        if folded is not None:
            found[record] = folded
    return found
