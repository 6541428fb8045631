"""Ten entries that never change: built from plain inputs, read back without the product, folded, shown on a page.

`python -m tests.ledger.test_vectors` writes the page, and adds new entries to the json; it changes none that is there.
"""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import cbor2
import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from ulinzi.desk.rules import STEP, TASK
from ulinzi.kernel import ids
from ulinzi.kernel.clock import HOUR, MINUTE, SetClock
from ulinzi.ledger import codec, hlc, merge
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.merge import Told, Tombs
from ulinzi.places.rules import AREA

ROOT = Path(__file__).resolve().parents[2]
JSON = ROOT / "tests" / "ledger" / "vectors.json"
PAGE = ROOT / "docs" / "reference" / "ledger-vectors.md"
SHAPES = {shape.number: shape for shape in (AREA, TASK, STEP)}

# Part one: the entries from plain inputs, by the product's own functions.

START = 1_772_431_200_000_000  # 2 March 2026, 06:00 UTC
NORTH = "north-sector"


def fixed(name: str, n: int) -> bytes:
    """Bytes that look random and come from a name, so that anybody can make them again."""
    return hashlib.sha256(name.encode()).digest()[:n]


class Fixed:
    """Chance that gives the same bytes each time."""

    def __init__(self, name: str) -> None:
        self.name = name

    def bytes(self, n: int) -> bytes:
        return fixed(self.name, n)


def person(name: str) -> bytes:
    return ids.new_id(START, Fixed(name)).bytes


MARA, IDRIS, SOLENE, TOMAS = (person(name) for name in ("Mara", "Idris", "Solène", "Tomas"))
TASK_ID, TAKEN_ID, NOTED_ID = (
    ids.new_id(START + hours * HOUR, Fixed(name), NORTH).bytes
    for hours, name in ((0, "task"), (4, "taken"), (5, "noted"))
)
AREA_ID = ids.derived_id("places.area", "NER-01", compartment=NORTH).bytes
Json = dict[str, Any]


class Pen:
    """A node that writes: its key, its feed, its clock, and where its chain stands."""

    def __init__(self, name: str, *, seq: int = 0, prev: bytes = codec.NO_PREVIOUS) -> None:
        self.name, self.seq, self.prev, self.hlc = name, seq, prev, 0
        self.seed, self.incarnation = fixed(f"key of {name}", 32), fixed(f"incarnation of {name}", 16)
        self.key = SigningKey(self.seed)
        self.feed = codec.feed_id(self.key.verify_key.encode(), self.incarnation, NORTH)
        self.clock = SetClock(START)

    def dot(self, seq: int, part: int) -> Dot:
        return Dot(self.feed, seq, part)

    def write(self, at: int, *parts: codec.Part, erased: Sequence[int] = ()) -> Json:
        self.clock.value = at
        self.seq, self.hlc = self.seq + 1, hlc.tick(self.hlc, self.clock.now())
        salted = [self._salted(place, one) for place, one in enumerate(parts)]
        unit = fixed(f"unit {self.name} {self.seq}", 8)
        entry = codec.Entry(self.feed, self.seq, self.prev, self.hlc, unit, tuple(salted))
        self.prev = codec.hash_of(entry)
        told = [_part(one, gone=place in erased) for place, one in enumerate(salted)]
        return self._inputs() | _frozen(entry, told, self.key)

    def _salted(self, place: int, bare: codec.Part) -> codec.Part:
        salt = fixed(f"salt {self.name} {self.seq}.{place}", 8)
        return codec.part(bare.type, salt, codec.loads(bare.body or b""))

    def _inputs(self) -> Json:
        key = {"key_seed": self.seed.hex(), "node_key": self.key.verify_key.encode().hex()}
        return {"node": self.name, **key, "incarnation": self.incarnation.hex(), "compartment": NORTH}


def _frozen(entry: codec.Entry, told: list[Json], key: SigningKey) -> Json:
    digests = [one.digest for one in entry.parts]
    head = codec.head(entry.feed, entry.seq, entry.prev, entry.hlc, entry.unit, digests)
    hashed = codec.entry_hash(head)
    place: Json = {"feed": entry.feed.hex(), "seq": entry.seq, "prev": entry.prev.hex(), "hlc": str(entry.hlc)}
    seal = codec.seal(key, entry.feed, entry.seq, hashed)
    ends = {"head": head.hex(), "hash": hashed.hex(), "seal": seal.hex()}
    return place | {"unit": entry.unit.hex(), "parts": told} | ends


def _part(one: codec.Part, *, gone: bool) -> Json:
    """As a node keeps it: of an erased part the digest, and nothing it was made of."""
    salt, body = (None, None) if gone else ((one.salt or b"").hex(), (one.body or b"").hex())
    says = None if gone else diagnostic(codec.loads(one.body or b""))
    return {"type": one.type, "says": says, "salt": salt, "body": body, "digest": one.digest.hex()}


def why(actor: bytes, action: str, **more: Any) -> codec.Part:
    return codec.part(codec.WHY, b"", codec.why_body(actor, action, **more))


def birth(model: int, record: bytes, root: bytes | None = None) -> codec.Part:
    return codec.part(codec.BIRTH, b"", codec.birth_body(model, record, 1, root))


def put(model: int, record: bytes, group: int, seen: Sequence[Dot] | None, values: dict[int, Any]) -> codec.Part:
    return codec.part(codec.WRITE, b"", codec.write_body(model, record, 1, group, seen, values))


def erase(scope: int, model: int, subject: bytes, groups: Sequence[int] | None, basis: str) -> codec.Part:
    return codec.part(codec.ERASE, b"", codec.erase_body(scope, model, subject, groups, basis, SOLENE, bool(model) + 0))


def act(kind: str, at: int, by: bytes, turn: int) -> dict[int, Any]:
    return {1: kind, 2: at, 3: by, 4: None, 5: None, 7: turn}


def built() -> list[Json]:
    """Two nodes. The second's clock runs two hours behind, and 999 entries of its feed are not shown."""
    ben, kal = Pen("BEN"), Pen("KAL", seq=999, prev=fixed("entry 999 of KAL", 32))
    return [_task(ben), *_words(ben, kal), *_steps(ben), _place(ben), *_erasures(ben)]


CALL, SOONER, FRENCH = (
    "Call back the school",
    "Call back the school before noon",
    "Elle préfère être appelée après 15 h.",
)


def _task(ben: Pen) -> Json:
    return ben.write(
        START,
        why(MARA, "desk.add_task", claimed_at=START - 5 * MINUTE),
        birth(2, TASK_ID),
        put(2, TASK_ID, 1, None, {1: "BEN-1"}),
        put(2, TASK_ID, 2, None, {2: CALL, 3: "The headteacher asked twice."}),
        put(2, TASK_ID, 4, None, {5: START + 9 * HOUR, 6: "promise"}),
        put(2, TASK_ID, 5, None, {7: "soon"}),
        put(2, TASK_ID, 6, None, {8: ["dialogue"]}),
    )


def _words(ben: Pen, kal: Pen) -> list[Json]:
    """An edit; one that had seen less, kept beside it; the choice between them, for somebody else."""
    at, slow, later = START + HOUR, START - HOUR, START + 2 * HOUR
    edited = put(2, TASK_ID, 2, [ben.dot(1, 3)], {2: SOONER, 3: "The headteacher asked twice."})
    beside = put(2, TASK_ID, 2, [ben.dot(1, 3)], {2: CALL, 3: FRENCH})
    settled = put(2, TASK_ID, 2, [ben.dot(2, 1), kal.dot(1000, 1)], {2: SOONER, 3: FRENCH})
    chosen = why(IDRIS, "desk.settle", reason="Both are right.", claimed_at=later, on_behalf_of=MARA)
    return [
        ben.write(at, why(MARA, "desk.edit_task", claimed_at=at), edited),
        kal.write(slow, why(TOMAS, "desk.edit_task", claimed_at=slow), beside, erased=(0,)),
        ben.write(later, chosen, settled),
    ]


def _steps(ben: Pen) -> list[Json]:
    """A union and a step in the same millisecond, then a step whose words are erased."""
    at, later = START + 4 * HOUR, START + 5 * HOUR
    tiers = put(2, TASK_ID, 6, [ben.dot(1, 6)], {8: ["dialogue", "environment"]})
    taken = birth(3, TAKEN_ID, TASK_ID), put(3, TAKEN_ID, 1, None, act("taken", at, IDRIS, 1))
    noted = birth(3, NOTED_ID, TASK_ID), put(3, NOTED_ID, 1, None, act("noted", later, IDRIS, 2))
    words = put(3, NOTED_ID, 2, None, {6: "Her number is on the board."})
    return [
        ben.write(at, why(MARA, "desk.edit_task", claimed_at=at), tiers),
        ben.write(at, why(IDRIS, "desk.taken", claimed_at=at), *taken),
        ben.write(later, why(IDRIS, "desk.noted", claimed_at=later), *noted, words, erased=(3,)),
    ]


def _place(ben: Pen) -> Json:
    return ben.write(
        START + 6 * HOUR,
        why(MARA, "desk.place_task", claimed_at=START + 6 * HOUR),
        birth(1, AREA_ID),
        put(1, AREA_ID, 1, None, {1: "Nerela", 2: "area", 3: None}),
        put(1, AREA_ID, 2, None, {4: "NER-01"}),
        put(2, TASK_ID, 3, [], {4: AREA_ID}),
    )


def _erasures(ben: Pen) -> list[Json]:
    at, later = START + 7 * HOUR, START + 8 * HOUR
    group = erase(codec.RECORD, 3, NOTED_ID, [2], "A number that should not have been written down")
    name = erase(codec.PERSON, 0, TOMAS, None, "Asked for by the person")
    return [
        ben.write(at, why(MARA, "desk.erase_words", claimed_at=at), group),
        ben.write(later, why(MARA, "desk.erase_person", claimed_at=later), name),
    ]


# Part two: an entry as anybody can read it, with cbor2, hashlib and nacl and no line of the product's codec.


class Bare(NamedTuple):
    type: int
    salt: bytes | None
    body: bytes | None
    digest: bytes


class Frozen(NamedTuple):
    key_seed: bytes
    node_key: bytes
    incarnation: bytes
    compartment: bytes
    feed: bytes
    seq: int
    prev: bytes
    hlc: int
    unit: bytes
    head: bytes
    hash: bytes
    seal: bytes
    parts: tuple[Bare, ...]


def load() -> Json:
    return json.loads(JSON.read_text(encoding="utf-8"))


def frozen(one: Json) -> Frozen:
    named = {name: one[name] for name in Frozen._fields[:-1]}
    named |= {"compartment": one["compartment"].encode().hex(), "hlc": int(one["hlc"])}
    raw = {name: bytes.fromhex(value) if isinstance(value, str) else value for name, value in named.items()}
    return Frozen(**raw, parts=tuple(_bare(part) for part in one["parts"]))


def _bare(part: Json) -> Bare:
    salt, body = (None if part[name] is None else bytes.fromhex(part[name]) for name in ("salt", "body"))
    return Bare(part["type"], salt, body, bytes.fromhex(part["digest"]))


def sha(*pieces: bytes) -> bytes:
    return hashlib.sha256(b"".join(pieces)).digest()


def objections(one: Frozen) -> Iterator[str]:
    """What does not hold, from the inside out; the costly signature last."""
    for part in one.parts:
        yield from objections_to_part(part)
    listed = [1, one.feed, one.seq, one.prev, one.hlc, one.unit, [part.digest for part in one.parts]]
    if cbor2.dumps(listed, canonical=True) != one.head:
        yield "head"
    if sha(b"ulinzi/entry1", one.head) != one.hash:
        yield "hash"
    if sha(b"ulinzi/feed1", one.node_key, one.incarnation, one.compartment)[:16] != one.feed:
        yield "feed"
    if bytes(SigningKey(one.key_seed).verify_key) != one.node_key:
        yield "key"
    try:
        VerifyKey(one.node_key).verify(b"ulinzi/seal1" + one.feed + one.seq.to_bytes(8, "big") + one.hash, one.seal)
    except (BadSignatureError, ValueError):
        yield "seal"


def objections_to_part(part: Bare) -> Iterator[str]:
    if part.salt is None or part.body is None:
        if part.salt != part.body:
            yield "half erased"
    elif sha(b"ulinzi/part1", part.salt, bytes([part.type]), part.body) != part.digest:
        yield "digest"
    elif len(part.salt) != 8 or cbor2.dumps(cbor2.loads(part.body), canonical=True) != part.body:
        yield "not canonical"


def broken_links(entries: Iterable[Frozen]) -> list[int]:
    """Entries that do not follow the one before in their feed. The first shown has none unless it is number 1."""
    heads: dict[bytes, tuple[int, bytes, int]] = {}
    wrong = []
    for one in entries:
        start = (0, bytes(32), -1) if one.seq == 1 else (one.seq - 1, one.prev, -1)
        seq, hashed, stamp = heads.get(one.feed, start)
        if (one.seq, one.prev) != (seq + 1, hashed) or one.hlc <= stamp:
            wrong.append(one.seq)
        heads[one.feed] = (one.seq, one.hash, one.hlc)
    return wrong


def flips(one: Frozen) -> Iterator[tuple[str, Frozen]]:
    """Every copy with one bit turned over. No hash covers the type of an erased part: it says nothing any more."""
    for name, value in zip(one._fields[:-1], one[:-1], strict=True):
        yield from ((name, one._replace(**{name: other})) for other in turned(value))
    for place, part in enumerate(one.parts):
        for name, value in zip(part._fields, part, strict=True):
            if value is not None and not (name == "type" and part.body is None):
                yield from ((f"{place}.{name}", with_part(one, place, name, other)) for other in turned(value))


def with_part(one: Frozen, place: int, name: str, value: Any) -> Frozen:
    part = one.parts[place]._replace(**{name: value})
    return one._replace(parts=(*one.parts[:place], part, *one.parts[place + 1 :]))


def turned(value: Any) -> Iterator[Any]:
    if isinstance(value, int):
        yield from (value ^ (1 << bit) for bit in range(8 if value < 256 else 63))
        return
    for place, byte in enumerate(value):
        yield from (value[:place] + bytes([byte ^ (1 << bit)]) + value[place + 1 :] for bit in range(8))


def still_said(entries: Sequence[Frozen]) -> list[str]:
    """Bodies that should be gone: of groups and of persons that the erase parts name."""
    told = [(part.type, cbor2.loads(part.body)) for one in entries for part in one.parts if part.body]
    erased = [body for kind, body in told if kind == 3]
    groups = {(subject, group) for scope, _, subject, named, *_ in erased if scope == 0 for group in named}
    persons = {subject for scope, _, subject, *_ in erased if scope == 1}
    writes = ["write" for kind, body in told if kind == 2 and (body[1], body[3]) in groups]
    return writes + ["why" for kind, body in told if kind == 0 and persons & {body[0], body.get(4)}]


# Part three: what the ten fold to.


def folded(entries: Sequence[Json]) -> list[Json]:
    told, tombs = _told(entries)
    return [_record(told[record], tombs.get(record, {})) for record in (TASK_ID, TAKEN_ID, NOTED_ID, AREA_ID)]


def _told(entries: Sequence[Json]) -> tuple[dict[bytes, list[Told]], dict[bytes, dict[str, Tombs]]]:
    told: dict[bytes, list[Told]] = {}
    tombs: dict[bytes, dict[str, Tombs]] = {}
    for one, place, kind, body in _bodies(entries):
        if kind in (codec.BIRTH, codec.WRITE):
            dot = Dot(bytes.fromhex(one["feed"]), one["seq"], place)
            told.setdefault(body[1], []).append(Told(one["compartment"], dot, int(one["hlc"]), kind, body))
        elif kind == codec.ERASE and body[0] == codec.RECORD:
            tombs[body[2]] = {one["compartment"]: Tombs(body[3] is None, frozenset(body[3] or ()))}
    return told, tombs


def _bodies(entries: Sequence[Json]) -> Iterator[tuple[Json, int, int, Any]]:
    for one in entries:
        for place, part in enumerate(one["parts"]):
            if part["body"] is not None:
                yield one, place, part["type"], codec.decode(bytes.fromhex(part["body"]))


def _record(told: Sequence[Told], tombs: Mapping[str, Tombs]) -> Json:
    model = next(one.body[0] for one in told if one.type == codec.BIRTH)
    found = merge.fold(SHAPES[model], told, tombs)
    assert found is not None
    groups = {group.name: _group(found.groups[group.number]) for group in SHAPES[model].groups}
    return {
        "model": SHAPES[model].label,
        "record": found.record.hex(),
        "root": found.root.hex() if found.root else None,
        "compartment": found.compartment,
        "groups": {name: group for name, group in groups.items() if group},
        "problems": [list(problem) for problem in found.problems],
    }


def _group(group: merge.FoldedGroup) -> Json:
    """Empty fields and empty groups are left out: a field added later must not change this page."""
    if group.erased:
        return {"erased": True}
    values = {number: value for number, value in group.values.items() if value is not None}
    dots = [[dot[0].hex(), dot[1], dot[2]] for dot in group.dots]
    return {"values": diagnostic(values), "dots": dots, "conflict": group.conflict} if dots else {}


# Part four: the page.

KINDS = ("why", "birth", "write", "erase")


def diagnostic(value: Any) -> str:
    """CBOR as people read it: RFC 8949, section 8."""
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return f"[{', '.join(diagnostic(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{diagnostic(key)}: {diagnostic(one)}' for key, one in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)


def lines(name: str, text: str) -> list[str]:
    wrapped = textwrap.wrap(text, 96, break_on_hyphens=False)
    return [f"{name if place == 0 else '':<12}{line}" for place, line in enumerate(wrapped)]


def page(vectors: Json) -> str:
    entries = vectors["entries"]
    shown = [INTRODUCTION, *feeds_shown(entries)]
    for number, one in enumerate(entries, 1):
        shown += [f"## {number}. {one['title']}", "", *textwrap.wrap(one["sentence"], 118), "", *entry_shown(one), ""]
    shown += ["## What they fold to", "", FOLDED, ""]
    for one in vectors["records"]:
        shown += record_shown(one)
    return "\n".join(shown).rstrip() + "\n"


def feeds_shown(entries: Sequence[Json]) -> list[str]:
    shown = ["## Keys and feeds", ""]
    for one in {one["feed"]: one for one in entries}.values():
        fields = ("node", "key_seed", "node_key", "incarnation", "compartment", "feed")
        shown += ["```text", *(line for name in fields for line in lines(name, one[name])), "```", ""]
    return shown


def entry_shown(one: Json) -> list[str]:
    stamp, counter = divmod(int(one["hlc"]), 1 << 16)
    shown = ["```text", *lines("feed", f"{one['feed']} ({one['node']})"), *lines("seq", str(one["seq"]))]
    shown += lines("prev", one["prev"])
    shown += lines("hlc", f"{one['hlc']} ({stamp} ms, counter {counter})") + lines("unit", one["unit"])
    for place, part in enumerate(one["parts"]):
        shown += ["", *part_shown(place, part)]
    return [*shown, "", *(line for name in ("head", "hash", "seal") for line in lines(name, one[name])), "```"]


def part_shown(place: int, part: Json) -> list[str]:
    shown = lines(f"part {place}", f"{KINDS[part['type']]} (type {part['type']})")
    if part["body"] is None:
        return shown + lines("  erased", "no salt, no body") + lines("  digest", part["digest"])
    return shown + [line for name in ("says", "salt", "body", "digest") for line in lines(f"  {name}", part[name])]


def record_shown(one: Json) -> list[str]:
    shown = ["```text", *lines("model", one["model"]), *lines("record", one["record"])]
    shown += lines("root", one["root"]) if one["root"] else []
    for name, group in one["groups"].items():
        shown += ["", *lines(name, "erased" if "erased" in group else group["values"])]
        shown += [line for dot in group.get("dots", ()) for line in lines("  dot", " ".join(map(str, dot)))]
    return [*shown, "```", ""]


INTRODUCTION = """\
# Ten entries in hex

They hold the format of [the ledger](ledger.md) still: whoever writes another reader begins here. The same is in
`tests/ledger/vectors.json`. `tests/ledger/test_vectors.py` makes them from plain inputs, reads them back with CBOR,
SHA-256 and Ed25519 alone, turns over every bit (but an erased part's type: no hash covers it), writes this page. They
never change; new ones come at the end.

They are as a node keeps them after all ten: what the last two erase is gone from those before. `says` is the body as
people read it (CBOR diagnostic notation). Keys and people are invented. Never use these keys.
"""
FOLDED = "Empty fields and groups are left out. Nothing is in conflict, in whatever order the entries came."


# The tests.


@pytest.fixture(scope="module")
def vectors() -> Json:
    return load()


@pytest.fixture(scope="module")
def entries(vectors: Json) -> list[Frozen]:
    return [frozen(one) for one in vectors["entries"]]


def test_the_product_still_makes_the_same_bytes(vectors):
    assert len(vectors["entries"]) == 10
    assert built() == [bytes_of(one) for one in vectors["entries"]]


def test_control_another_domain_name_makes_other_bytes(vectors, monkeypatch):
    monkeypatch.setattr(codec, "digest", lambda salt, kind, body: sha(b"ulinzi/part2", salt, bytes([kind]), body))
    assert not any(one in built() for one in map(bytes_of, vectors["entries"]))


def bytes_of(one: Json) -> Json:
    return {name: value for name, value in one.items() if name not in ("title", "sentence")}


def test_anybody_can_verify_them(entries):
    assert [list(objections(one)) for one in entries] == [[]] * 10
    assert broken_links(entries) == []


@pytest.mark.parametrize("number", range(10))
def test_control_one_bit_turned_over_is_found(entries, number):
    missed = [name for name, other in flips(entries[number]) if next(objections(other), None) is None]
    assert missed == []


def test_control_every_field_is_turned_over(entries):
    names = {name for name, _ in flips(entries[6])}
    assert set(Frozen._fields[:-1]) <= names
    assert {"0.type", "0.salt", "0.body", "0.digest", "3.digest"} <= names
    assert not {"3.type", "3.salt", "3.body"} & names


def test_control_an_entry_left_out_or_exchanged_is_found(entries):
    assert broken_links(entries[:1] + entries[3:]) == [3]
    assert broken_links([entries[1], entries[0]]) == [1]


def test_control_a_part_left_out_added_or_half_erased_is_found(entries):
    one = entries[0]
    half = one.parts[0]._replace(salt=None)
    for parts in (one.parts[:-1], (*one.parts, one.parts[0]), one.parts[::-1], (half, *one.parts[1:])):
        assert next(objections(one._replace(parts=parts)), None) is not None


def test_control_an_order_of_keys_that_is_not_canonical_is_found():
    body, salt = b"\xa2\x01\x00\x00\x00", bytes(8)
    part = Bare(0, salt, body, sha(b"ulinzi/part1", salt, b"\x00", body))
    assert list(objections_to_part(part)) == ["not canonical"]


def test_what_is_erased_is_gone_and_nothing_else(entries):
    gone = {
        (number, place)
        for number, one in enumerate(entries, 1)
        for place, part in enumerate(one.parts)
        if not part.body
    }
    assert gone == {(3, 0), (7, 3)}
    assert still_said(entries) == []


def test_control_words_that_stay_are_found(entries):
    noted = cbor2.dumps([3, NOTED_ID, 1, 2, None, {6: "Still here."}])
    named = cbor2.dumps({0: MARA, 1: "desk.settle", 4: TOMAS})
    for kind, body, found in ((2, noted, ["write"]), (0, named, ["why"])):
        forgotten = entries[6]._replace(parts=(Bare(kind, bytes(8), body, bytes(32)),))
        assert still_said([*entries, forgotten]) == found


def test_the_ten_fold_to_what_is_written(vectors):
    assert folded(vectors["entries"]) == vectors["records"]


def test_in_whatever_order_they_came(vectors):
    first, rest = vectors["entries"][:5], vectors["entries"][5:]
    assert all(folded([*rest, *order]) == vectors["records"] for order in permutations(first))


def test_the_words_say_what_the_sentences_say(vectors):
    told = [_told(vectors["entries"][:count])[0][TASK_ID] for count in (1, 2, 3, 4)]
    upto = [found.groups[2] for one in told if (found := merge.fold(TASK, one))]
    assert [(group.conflict, len(group.leaves)) for group in upto] == [(False, 1), (False, 1), (True, 2), (False, 1)]
    assert upto[1].values[2] == upto[2].values[2] == upto[3].values[2] == SOONER
    assert upto[3].values[3] == FRENCH


@pytest.mark.parametrize("left_out", [3, 4, 8])
def test_control_an_entry_left_out_folds_to_something_else(vectors, left_out):
    assert folded([one for place, one in enumerate(vectors["entries"]) if place != left_out]) != vectors["records"]


def test_every_part_says_what_its_body_says(vectors):
    parts = [part for one in vectors["entries"] for part in one["parts"]]
    wrong = [
        part for part in parts if part["body"] and diagnostic(cbor2.loads(bytes.fromhex(part["body"]))) != part["says"]
    ]
    assert wrong == []
    assert {part["type"] for part in parts} == set(range(len(KINDS)))
    assert all(one["title"] and one["sentence"].endswith(".") for one in vectors["entries"])


def test_the_page_is_what_the_json_says(vectors):
    assert PAGE.read_text(encoding="utf-8") == page(vectors)
    assert max(map(len, page(vectors).splitlines())) <= 120


def test_control_another_digit_makes_another_page(vectors):
    other = json.loads(json.dumps(vectors))
    other["entries"][4]["seal"] = "00" + other["entries"][4]["seal"][2:]
    assert page(other) != page(vectors)


def main() -> None:
    frozen_before = load()["entries"] if JSON.exists() else []
    fresh = [{"title": "", "sentence": "", **one} for one in built()[len(frozen_before) :]]
    entries = [*frozen_before, *fresh]
    told = {"entries": entries, "records": folded(entries)}
    JSON.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(told), encoding="utf-8")


if __name__ == "__main__":
    main()
