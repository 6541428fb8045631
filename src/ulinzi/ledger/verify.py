"""Is what is stored what was written? The chain, the digests, the seals; with `tables`, the tables too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ulinzi.kernel import ids
from ulinzi.ledger import codec, merge, rebuild, store
from ulinzi.ledger.node import Node

Progress = Callable[[int, int], None]
Stop = Callable[[], bool]
CHUNK = 1000
_HEADS = "SELECT seq, hlc, unit, hash, seal FROM ledger_entry WHERE feed = %s AND seq > %s AND seq <= %s ORDER BY seq"
_PARTS = (
    "SELECT seq, part, type, salt, body, digest, record FROM ledger_part"
    " WHERE feed = %s AND seq > %s AND seq <= %s ORDER BY seq, part"
)


class Finding(NamedTuple):
    """Something that does not hold, and where."""

    code: str
    feed: str
    seq: int
    detail: str = ""


@dataclass
class Report:
    entries: int = 0
    parts: int = 0
    feeds: int = 0
    rows_compared: int = 0
    stopped: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings and not self.stopped


class _Feed(NamedTuple):
    no: int
    feed: bytes
    node_key: bytes
    incarnation: bytes
    compartment: str
    own: bool
    seq: int
    hash: bytes
    seal: bytes


def verify(node: Node, *, tables: bool = False, progress: Progress | None = None, stop: Stop | None = None) -> Report:
    """Walk every feed from its first entry. Nothing is written."""
    report = Report()
    feeds = _feeds(node)
    total = sum(feed.seq for feed in feeds)
    for feed in feeds:
        report.feeds += 1
        _Chain(node, feed, report, total, progress, stop).walk()
    _find_orphans(node, report)
    _find_strangers(node, feeds, report)
    # Tables are compared with entries that hold; against broken ones the comparison would say nothing.
    if tables and report.ok:
        found = rebuild.compare(node, progress=progress, stop=stop)
        report.rows_compared, report.stopped = found.records, found.stopped
        report.findings += [Finding("row_differs", label, 0, str(record)) for label, record in found.differing]
    return report


def _beyond(table: str) -> str:
    """Rows of feeds that are not there, before their first entry or past their head."""
    return (
        f"SELECT g.feed, g.top FROM (SELECT feed, MAX(seq) AS top, MIN(seq) AS low FROM {table} GROUP BY feed) g"
        " LEFT JOIN ledger_feed f ON f.no = g.feed WHERE f.no IS NULL OR g.top > f.seq OR g.low < 1"
    )


# What the node says it has written, and what stands in its own feeds: a feed that was cut short shows here.
_WRITTEN = (
    "SELECT 0, n.written FROM ledger_node n"
    " WHERE n.written <> (SELECT COALESCE(SUM(f.seq), 0) FROM ledger_feed f WHERE f.own)"
)
# A clock behind what was written with it would stamp the next entry too early.
_CLOCK = (
    "SELECT f.no, f.seq FROM ledger_feed f JOIN ledger_entry e ON e.feed = f.no AND e.seq = f.seq"
    " WHERE f.own AND e.hlc > (SELECT n.hlc FROM ledger_node n)"
)
_ORPHANS = {
    "part_without_entry": _beyond("ledger_part"),
    "entry_past_head": _beyond("ledger_entry"),
    "written_differs": _WRITTEN,
    "clock_behind": _CLOCK,
}


def _find_orphans(node: Node, report: Report) -> None:
    for code, sql in _ORPHANS.items():
        report.findings += [Finding(code, str(feed), seq) for feed, seq in store.rows(node, sql)]


def _find_strangers(node: Node, feeds: Sequence[_Feed], report: Report) -> None:
    """The node's row and its feeds belong to the key in its folder, and every compartment is on the list."""
    known = store.compartments(node)
    for feed in feeds:
        if feed.own != (feed.node_key == node.public_key):
            report.findings.append(Finding("feed_not_ours", feed.feed.hex(), 0))
        if feed.compartment not in known:
            report.findings.append(Finding("compartment_missing", feed.feed.hex(), 0, feed.compartment))
    if feeds and store.read_node(node).key != node.public_key:
        report.findings.append(Finding("node_key_differs", "0", 0))


def _feeds(node: Node) -> list[_Feed]:
    sql = "SELECT no, feed, node_key, incarnation, compartment, own, seq, hash, seal FROM ledger_feed ORDER BY no"
    return [
        _Feed(no, bytes(feed), bytes(key), bytes(inc), compartment, bool(own), seq, bytes(hashed), bytes(seal))
        for no, feed, key, inc, compartment, own, seq, hashed, seal in store.rows(node, sql)
    ]


# Where the id of the record, or of what is erased, stands in a body: after the list's head and what comes before it.
_BEFORE_ID = {codec.BIRTH: 1, codec.WRITE: 1, codec.ERASE: 2}
# How many bytes a model's number takes, where it takes more than one.
_LONGER = {b"\x18": 2, b"\x19": 3, b"\x1a": 5, b"\x1b": 9}


def named_in(kind: int, body: bytes) -> bytes:
    """The id a body names, read without decoding the rest: verify asks millions of times."""
    at = _BEFORE_ID[kind]
    at += _LONGER.get(body[at : at + 1], 1)
    return body[at + 1 : at + 17] if body[at : at + 1] == b"\x50" else b""


class _Erased:
    """What the log itself says was erased in a compartment: the table of tombstones might say anything."""

    def __init__(self, node: Node, compartment: str) -> None:
        self.node = node
        stones = [one for one in rebuild.wanted_stones(node) if one[1] == compartment]
        self.persons = any(scope == codec.PERSON for scope, *_ in stones)
        self.touched = {subject for scope, _, subject, _ in stones if scope == codec.RECORD}
        self.whole = {subject for scope, _, subject, group in stones if scope == codec.RECORD and group == 0}

    def has_taken(self, record: bytes) -> bool:
        """Something of a record; a child goes with any root it was born under."""
        births = merge.births(store.histories(self.node, [record])[record])
        return record in self.touched or any(birth.body[3] in self.whole for birth in births)


_SHORT_BIRTH = 32


def _may_be_elsewhere(body: bytes, record: bytes, home: bytes) -> bool:
    """Whether a birth has to be read to know that it belongs here: its id, and its root's at the end, tell mostly."""
    return record[-3:] != home or (len(body) > _SHORT_BIRTH and body[-3:] != home)


class _Chain:
    """One feed's walk, to the head it had when the walk began: others may be writing."""

    def __init__(
        self, node: Node, feed: _Feed, report: Report, total: int, progress: Progress | None, stop: Stop | None
    ) -> None:
        self.node, self.feed, self.report, self.total = node, feed, report, total
        self.progress, self.stop = progress, stop
        self.prev = codec.NO_PREVIOUS
        self.seq = 0
        self.read_to = 0
        self.home = ids.tag(feed.compartment)
        self.blank_writes: list[tuple[int, bytes]] = []
        self.blank_whys: list[int] = []

    def walk(self) -> None:
        feed = self.feed
        if codec.feed_id(feed.node_key, feed.incarnation, feed.compartment) != feed.feed:
            self._find("feed_id_wrong", 0)
        more = True
        while more and not self.report.stopped:
            more = self._chunk()
            if self.progress:
                self.progress(self.report.entries, self.total)
            self.report.stopped = bool(self.stop and self.stop())
        if not self.report.stopped:
            self._check_head()
        self._check_blanks()

    def _check_blanks(self) -> None:
        """Only an erasure takes a body away."""
        if self.blank_writes or self.blank_whys:
            erased = _Erased(self.node, self.feed.compartment)
            for seq in sorted(self._writes_lost(erased) | self._whys_lost(erased)):
                self._find("body_missing", seq)

    def _writes_lost(self, erased: _Erased) -> set[int]:
        gone = {record for record in {record for _, record in self.blank_writes} if erased.has_taken(record)}
        return {seq for seq, record in self.blank_writes if record not in gone}

    def _whys_lost(self, erased: _Erased) -> set[int]:
        """A "why" goes with the name of its author, or once its entry tells nothing any more."""
        if erased.persons:
            return set()
        found = set(self.blank_whys) - {seq for seq, _ in self.blank_writes}
        sql = f"SELECT seq FROM ledger_part WHERE type IN ({codec.WRITE}, {codec.ERASE}) AND body IS NOT NULL"
        for chunk in store.in_lists(self.blank_whys):
            where = f" AND feed = %s AND seq IN ({store.marks(len(chunk))})"
            found |= {row[0] for row in store.rows(self.node, sql + where, [self.feed.no, *chunk])}
        return found

    def _check_head(self) -> None:
        feed = self.feed
        if (self.seq, self.prev) != (feed.seq, feed.hash):
            self._find("head_differs", self.seq)
        elif feed.seq and not codec.seal_holds(feed.node_key, feed.feed, feed.seq, feed.hash, feed.seal):
            self._find("seal_wrong", feed.seq)

    def _chunk(self) -> bool:
        """The next entries, with their parts beside them in the same order; whether there are more."""
        # The first look goes far below one: a row put there would be seen by nothing else.
        after, last = self.read_to or -(2**62), min(self.read_to + CHUNK, self.feed.seq)
        parts = store.each(self.node, _PARTS, (self.feed.no, after, last))
        part = next(parts, None)
        for head in store.each(self.node, _HEADS, (self.feed.no, after, last)):
            seq, digests = head[0], []
            while part is not None and part[0] <= seq:
                _seq, place, kind, salt, body, _stored, record = part
                if (
                    body is None
                    or part[0] != seq
                    or place != len(digests)
                    or len(salt or b"") != 8
                    or kind > codec.ERASE
                    or (kind and (kind < 0 or record != named_in(kind, body)))
                    or (kind == codec.BIRTH and _may_be_elsewhere(body, record, self.home))
                ):
                    digests += self._unusual(part, seq, len(digests))
                else:
                    digests.append(codec.digest(salt, kind, body))
                part = next(parts, None)
            self._entry(head, digests)
            self.report.parts += len(digests)
        if part is not None:
            self._find("part_without_entry", part[0])
        self.read_to = last
        return last < self.feed.seq

    def _unusual(self, row: tuple[Any, ...], entry: int, due: int) -> list[bytes]:
        """A part that was erased, is out of place, or is filed under another record; its digest, if it has one."""
        seq, place, kind, salt, body, stored, record = row
        if seq != entry:
            self._find("part_without_entry", seq)
            return []
        if place != due:
            self._find("part_missing", seq)
        if kind not in (codec.WHY, codec.BIRTH, codec.WRITE, codec.ERASE):
            self._find("part_unknown", seq)
            return []
        if body is None:
            self._blank(kind, seq, record)
            return [bytes(stored or b"")]
        if len(salt or b"") != 8:
            self._find("part_malformed", seq)
            return []
        # The column is an index into the body; one that points elsewhere would hide a write from its record.
        if kind and record != named_in(kind, body):
            self._find("record_misnamed", seq)
        if kind == codec.BIRTH and not merge.is_born(codec.loads(body), self.feed.compartment):
            self._find("birth_out_of_place", seq)
        return [codec.digest(salt, kind, body)]

    def _blank(self, kind: int, seq: int, record: bytes | None) -> None:
        if kind == codec.WHY:
            self.blank_whys.append(seq)
        elif kind == codec.WRITE:
            self.blank_writes.append((seq, bytes(record or b"")))
        else:
            self._find("body_missing", seq)  # no erasure takes these

    def _entry(self, row: tuple[Any, ...], digests: list[bytes]) -> None:
        seq, stamp, unit, hashed, seal = row
        feed = self.feed
        if seq != self.seq + 1:
            self._find("entry_missing", self.seq + 1)
        computed = codec.entry_hash(codec.head(feed.feed, seq, self.prev, stamp, bytes(unit), digests))
        if computed != hashed:
            self._find("hash_differs", seq)
        if seq % codec.SEAL_EVERY == 0 and not codec.seal_holds(
            feed.node_key, feed.feed, seq, computed, bytes(seal or b"")
        ):
            self._find("seal_wrong", seq)
        # Going on from the stored hash shows every break once, not everything after the first.
        self.prev, self.seq = bytes(hashed), seq
        self.report.entries += 1

    def _find(self, code: str, seq: int) -> None:
        if len(self.report.findings) < 1000:
            self.report.findings.append(Finding(code, self.feed.feed.hex(), seq))
