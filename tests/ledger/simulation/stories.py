"""Reads the tables of test_merge_scenarios.py: who wrote what, having seen what, and what must stand.

    name | base | clock | saw | says | how

`saw` is `born` for a creating write, names of writes, `-` for nothing, `?` for a write that never comes. `says` is
fields of one group, or `erase` with group names or `all`. `how` is left out for an ordinary program. The record is a
report; a row whose name begins with `step` is about a step under it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.ledger import definition
from tests.ledger.simulation.feeds import Feed, Origin, id_of
from tests.ledger.simulation.shapes import NEW, REPORT_1, REPORT_2, SHAPES, STEP_1
from tests.ledger.simulation.store import Disk, Store
from ulinzi.kernel import ids
from ulinzi.kernel.clock import DAY, MINUTE
from ulinzi.ledger import codec, hlc, merge
from ulinzi.ledger.codec import Dot, Entry
from ulinzi.ledger.merge import Folded
from ulinzi.ledger.shapes import Group, Shape

NORTH, SOUTH = "north", "south"
COMPARTMENT = {"Bensa": NORTH, "Davi": NORTH, "Tolo": NORTH, "Suma": SOUTH}
MIDNIGHT = 1_790_000_000_000_000
REPORT = ids.derived_id("stories", "report", compartment=NORTH).bytes
STEP = ids.derived_id("stories", "step", compartment=NORTH).bytes
NEVER = [bytes(16), 9, 9]
ORDERS = 12


@dataclass(frozen=True)
class Row:
    name: str
    base: str
    clock: int
    saw: str
    says: str
    how: str

    @property
    def shape(self) -> Shape:
        if self.name.startswith("step"):
            return STEP_1
        return REPORT_1 if self.how == "version 1" else REPORT_2

    @property
    def record(self) -> bytes:
        return STEP if self.name.startswith("step") else REPORT

    @property
    def group(self) -> Group:
        return self.shape.group_of[self.says.split("=")[0]]

    @property
    def origin(self) -> Origin:
        return Origin(self.base.encode(), b"", COMPARTMENT[self.base])


@dataclass(frozen=True)
class Story:
    """`value` names the fields to look at; `leaves` the writes that stand, births that are one joined by `+`."""

    title: str
    rows: tuple[Row, ...]
    leaves: str = ""
    value: str = ""
    conflict: bool = False
    problems: tuple[str, ...] = ()
    newer: bool = False
    erased: str = ""
    here: bool = True
    of: str = "report"

    @property
    def record(self) -> bytes:
        return STEP if self.of == "step" else REPORT


def story(title: str, table: str, **expected: Any) -> Story:
    rows = tuple(_row(line) for line in table.strip().splitlines())
    return Story(title, rows, **expected)


def _row(line: str) -> Row:
    cells = [cell.strip() for cell in line.split("|")]
    name, base, clock, saw, says, how = [*cells, ""][:6]
    return Row(name, base, _clock(clock), saw, says, how)


def _clock(text: str) -> int:
    """`09:30`, or days off as in `09:30 +3`."""
    time, _, days = text.partition(" ")
    hour, minute = time.split(":")
    return MIDNIGHT + (int(hour) * 60 + int(minute)) * MINUTE + int(days or 0) * DAY


# Rows as entries.


@dataclass
class Written:
    """The entries of a story, in the order of its rows, and where each row's write stands."""

    entries: list[tuple[Row, Entry]] = field(default_factory=list)
    dots: dict[str, Dot] = field(default_factory=dict)

    def name_of(self, dot: Any) -> str:
        return next(name for name, known in self.dots.items() if known == tuple(dot))


def write_down(rows: Iterable[Row]) -> Written:
    written, seqs = Written(), dict.fromkeys(COMPARTMENT, 0)
    places = []
    for row in rows:
        seqs[row.base] += 1
        places.append((row, seqs[row.base]))
        written.dots[row.name] = Dot(id_of(row.origin), seqs[row.base], 2 if row.saw == "born" else 1)
    for row, seq in places:
        bodies = [(codec.WHY, codec.why_body(bytes(16), "story")), *_bodies(row, written)]
        parts = tuple(codec.part(kind, seq.to_bytes(8, "big"), body) for kind, body in bodies)
        stamp = hlc.at(row.clock)
        written.entries.append((row, Entry(id_of(row.origin), seq, bytes(32), stamp, bytes(8), parts)))
    return written


def _bodies(row: Row, written: Written) -> Iterator[tuple[int, Any]]:
    if row.says.startswith("erase"):
        names = row.says.split()[1:]
        groups = None if names == ["all"] else [row.shape.group(name).number for name in names]
        yield codec.ERASE, codec.erase_body(codec.RECORD, row.shape.number, row.record, groups, "asked for", None)
        return
    if row.saw == "born":
        root = REPORT if row.record == STEP else None
        yield codec.BIRTH, codec.birth_body(row.shape.number, row.record, row.shape.schema, root)
    if row.says:
        yield codec.WRITE, _as_told(row, written)


def _as_told(row: Row, written: Written) -> Any:
    seen = None if row.saw == "born" else [_dot(name, written) for name in row.saw.split() if name != "-"]
    wire = _wire(row)
    body: list[Any] = [row.shape.number, row.record, row.shape.schema, row.group.number, seen, wire]
    match row.how:
        case "version 9":
            body[2] = 9
        case "version 9, a new field":
            body[2], body[5] = 9, {**wire, 77: "new"}
        case "version 9, a number now":
            body[2], body[5] = 9, dict.fromkeys(wire, 5)
        case "a group of tomorrow":
            body[2], body[3] = 9, 99
        case "ill-shaped":
            body[5] = [row.says]
        case "too long":
            body[5] = dict.fromkeys(wire, row.says * 100)
    return body


def _dot(name: str, written: Written) -> list[Any]:
    return NEVER if name == "?" else list(written.dots[name])


def _wire(row: Row) -> dict[int, Any]:
    given = fields_of(row.says)
    return {one.number: _value(one.type, given[one.name]) if one.name in given else None for one in row.group.fields}


def fields_of(says: str) -> dict[str, str]:
    """`lon=10 lat=20`, or one text that may hold blanks."""
    pairs = says.split() if says.startswith("lon") else [says]
    return dict(pair.split("=", 1) for pair in pairs)


def _value(kind: str, text: str) -> Any:
    if kind == "codes":
        return sorted(code for code in text.split(",") if code)
    return int(text) if kind == "int" else text or None


# What stands.


def orders(entries: list[Any]) -> Iterator[list[Any]]:
    """Every order of arrival of a short story, a dozen of a longer one; each entry may come twice."""
    if len(entries) <= 3:
        yield from (list(order) for order in itertools.permutations(entries))
        return
    rng = Random(7)
    for _ in range(ORDERS):
        yield rng.sample(entries, len(entries)) + rng.sample(entries, 2)


def arrive(entries: Iterable[tuple[Row, Entry]]) -> Store:
    store = Store(Disk(b""), SHAPES[NEW])
    for row, entry in entries:
        feed = store.disk.feeds.setdefault(entry.feed, Feed(row.origin))
        if entry.seq not in feed.entries:
            store.append(feed, [entry], {entry.seq: b""})
    return store


def folded(store: Store, record: bytes) -> Folded | None:
    told = store.told_of(record)
    return merge.fold(STEP_1 if record == STEP else REPORT_2, told, store.tombs_of(record, told))


def check(story: Story) -> None:
    """The product says what the story expects, whatever arrived first; and so does the definition."""
    written = write_down(story.rows)
    for entries in orders(written.entries):
        store = arrive(entries)
        found = folded(store, story.record)
        said = definition.sayings(store.disk.feeds.values())
        assert definition.plain(found) == definition.tables(SHAPES[NEW], said).get(story.record)
        _compare(story, written, found)


def _compare(story: Story, written: Written, found: Folded | None) -> None:
    assert (found is not None) == story.here
    if found is None:
        return
    assert tuple(" ".join(one).strip() for one in found.problems) == story.problems
    assert found.newer == story.newer
    shape = STEP_1 if story.of == "step" else REPORT_2
    assert " ".join(group.name for group in shape.groups if found.groups[group.number].erased) == story.erased
    if story.value:
        _compare_group(story, shape, written, found)


def _compare_group(story: Story, shape: Shape, written: Written, found: Folded) -> None:
    wanted = fields_of(story.value)
    group = shape.group_of[next(iter(wanted))]
    now = found.groups[group.number]
    stands = {"+".join(sorted(written.name_of(dot) for dot in leaf.dots)) for leaf in now.leaves}
    assert stands == set(story.leaves.split())
    assert {name: now.values[shape.field[name].number] for name in wanted} == {
        name: _value(shape.field[name].type, text) for name, text in wanted.items()
    }
    assert now.conflict == story.conflict
