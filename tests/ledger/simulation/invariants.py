"""What must hold at the end of every run, each promise by its name.

A check returns nothing where the promise holds, and otherwise says what it found. The particular ones stand before the
general ones, so that what went wrong is named as closely as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.ledger import definition
from tests.ledger.simulation import feeds
from tests.ledger.simulation.node import Node
from tests.ledger.simulation.shapes import CONTACT, NEW, OLD, REPORT_1, REPORT_2, WHERE
from tests.ledger.simulation.store import EVERYTHING, Named
from tests.ledger.simulation.world import ANY_GROUP, Words, World
from ulinzi.ledger import codec
from ulinzi.ledger.merge import Folded, Told, Version
from ulinzi.ledger.shapes import Kind


class Failed(Exception):
    """A promise was not kept."""

    def __init__(self, invariant: str, finding: str) -> None:
        super().__init__(invariant, finding)
        self.invariant, self.finding = invariant, finding


Check = Callable[[World], str]


def no_fork(world: World) -> str:
    """No feed has two different entries at one number, and nobody had to raise the alarm."""
    first: dict[tuple[bytes, int], bytes] = {}
    for node in world.nodes.values():
        if "fork" in node.alarms:
            return f"{node.name} saw a fork"
        for id, feed in node.disk.feeds.items():
            for seq, hashed in feed.hashes.items():
                if first.setdefault((id, seq), hashed) != hashed:
                    return f"feed {id.hex()} has two entries {seq}"
    return ""


def seals_and_chains_verify(world: World) -> str:
    for node in world.nodes.values():
        if node.alarms:
            return f"{node.name} refused a segment: {node.alarms[0]}"
        for id, feed in node.disk.feeds.items():
            if feed.newest and not feeds.chain_holds(feed):
                return f"{node.name}: feed {id.hex()} does not verify"
    return ""


def nothing_acknowledged_is_lost(world: World) -> str:
    """Whoever may hold an acknowledged entry has it, unless the only disk it was on is gone."""
    for (id, seq), (compartment, hashed) in world.ledger.acknowledged.items():
        for node in world.holders(compartment):
            if id not in node.disk.feeds or node.disk.feeds[id].hashes.get(seq) != hashed:
                return f"{node.name} lacks entry {seq} of feed {id.hex()}"
    return ""


# Erasing.


def erased_never_returns(world: World) -> str:
    """No body, and no row, of any node has a word that was erased."""
    gone = _erased_words(world)
    for node in world.nodes.values():
        said = everything_said(node)
        for word, groups in gone.items():
            # What a newer program calls "contact" an old one can forget only when it is upgraded.
            if word.encode() in said and not (node.version == OLD and groups == {CONTACT}):
                return f"{node.name} still says {word}"
    return ""


def _erased_words(world: World) -> dict[str, set[int]]:
    """Words that stand nowhere any more, with the groups they stood in; and reasons of people who were erased."""
    said = definition.sayings(feed for node in world.nodes.values() for feed in node.disk.feeds.values())
    roots = _roots(said)
    words = {
        word: {one.group for one in listed}
        for word, listed in world.ledger.words.items()
        if all(_is_gone(one, said.tombs, roots) for one in listed)
    }
    reasons = world.ledger.reasons.items()
    return words | {word: set() for word, reason in reasons if (reason.compartment, reason.actor) in said.persons}


def _roots(said: definition.Sayings) -> dict[Named, list[bytes]]:
    found: dict[Named, list[bytes]] = {}
    for record, told in said.told.items():
        for one in told:
            if definition.is_true_birth(one) and one.body[3]:
                found.setdefault((one.compartment, record), []).append(one.body[3])
    return found


def _is_gone(one: Words, tombs: dict[Named, set[int]], roots: dict[Named, list[bytes]]) -> bool:
    gone = tombs.get((one.compartment, one.record), set())
    above = roots.get((one.compartment, one.record), ())
    if EVERYTHING in gone or any(EVERYTHING in tombs.get((one.compartment, root), ()) for root in above):
        return True
    return one.group in gone or (one.group == ANY_GROUP and bool(gone))


def everything_said(node: Node) -> bytes:
    """Every body that is stored or waits, and every value in a row."""
    entries = [entry for feed in node.disk.feeds.values() for entry in feed.entries.values()]
    entries += [entry for listed in node.waiting.values() for segment in listed for entry in segment.entries]
    bodies = [part.body for entry in entries for part in entry.parts if part.body is not None]
    values = [group.values for folded in node.tables().values() for group in folded.groups.values()]
    return b"\n".join([*bodies, repr(values).encode()])


# The parts of the fold, one by one.


def foreign_writes_are_refused(world: World) -> str:
    """What was written in one compartment about a record of another stands in no row of its own."""
    for word, compartment, record in world.ledger.foreign:
        for node in world.nodes.values():
            folded = node.record(record)
            if folded and folded.compartment != compartment and word in repr(folded.groups):
                return f"{node.name} shows {word} from {compartment}"
    for node, folded, _told in _records(world):
        if not definition.is_at_home(folded.compartment, [0, folded.record, 0, folded.root]):
            return f"{node.name} has {folded.record.hex()}, whose home is not {folded.compartment}"
    return ""


def births_are_counted_once(world: World) -> str:
    """Of creating writes with the same bytes, a leaf has all dots: who saw one of them saw it."""
    for node, folded, told in _records(world):
        for leaf in _born_leaves(folded):
            body = next(one.body for one in told if one.dot == leaf.dots[0])
            twins = {one.dot for one in told if one.body == body and one.compartment == folded.compartment}
            if not twins <= set(leaf.dots):
                return f"{node.name} counts a birth of {folded.record.hex()} twice"
    return ""


def _born_leaves(folded: Folded) -> Iterator[Version]:
    for group in folded.groups.values():
        yield from [leaf for leaf in group.leaves if leaf.born]


def groups_never_mix(world: World) -> str:
    """Every pair of coordinates in a row is a pair that somebody wrote."""
    for node, folded, told in _records(world):
        group = folded.groups[WHERE] if node.shape_of(told) in (REPORT_1, REPORT_2) else None
        if group and group.leaves:
            pair = tuple(group.values.values())
            if pair not in world.ledger.pairs.get(folded.record, ()) and pair != (None, None):
                return f"{node.name} shows a place {pair} that nobody reported"
    return ""


def no_write_is_refused_for_a_clock(world: World) -> str:
    """Every write of a clock that was ahead either stands or was seen by another."""
    for node, folded, told in _records(world):
        for one in told:
            if (one.dot.feed, one.dot.seq) in world.ledger.ahead and _is_left_out(node, folded, one, told):
                return f"{node.name} leaves out a write of {folded.record.hex()}"
    return ""


def _is_left_out(node: Node, folded: Folded, one: Told, told: list[Told]) -> bool:
    shape = node.shape_of(told)
    if shape is None or one.type != codec.WRITE or one.compartment != folded.compartment:
        return False
    for version in one.read(shape).versions:
        group = folded.groups[version.group]
        stands = any(one.dot in leaf.dots for leaf in group.leaves)
        if not (stands or group.erased or shape.by_number[version.group].kind is Kind.FIXED or _is_seen(version, told)):
            return True
    return False


def _is_seen(version: Version, told: list[Told]) -> bool:
    """Also where only a twin of the birth was seen."""
    bodies = [one.body for one in told if one.dot in version.dots]
    twins = {one.dot for one in told if one.body in bodies}
    named = [tuple(dot) for one in told if definition.is_write(one.body) for dot in one.body[4] or ()]
    return version.born or any(dot in named for dot in twins)


def _records(world: World) -> Iterator[tuple[Node, Folded, list[Told]]]:
    for node in world.nodes.values():
        for record, folded in node.tables().items():
            yield node, folded, node.store.told_of(record)


# The whole.


def convergence(world: World) -> str:
    """Nodes with the same entries, holdings and version have the same tables, conflicts and problems; nothing waits."""
    first: dict[object, tuple[str, dict[bytes, Any]]] = {}
    for node in world.nodes.values():
        if any(_is_somewhere(world, id, node.disk.feeds[id].newest + 1) for id in node.waiting):
            return f"{node.name} still waits for entries"
        rows = plain_tables(node)
        name, other = first.setdefault(_standing(node), (node.name, rows))
        if rows != other:
            return f"{name} and {node.name} differ in {_differing(rows, other)}"
    return ""


def _is_somewhere(world: World, feed: bytes, seq: int) -> bool:
    """What came after a gap waits for ever where the only disk with the gap's entries is gone."""
    return any(seq in node.disk.feeds[feed].hashes for node in world.nodes.values() if feed in node.disk.feeds)


def _standing(node: Node) -> object:
    """An old program cannot know all that an erasure means to a newer one: there, which bodies are here counts too."""
    bodies = None if node.version == NEW else content(node)
    return node.holds, node.version, bodies


def content(node: Node) -> frozenset[tuple[bytes, int, int]]:
    """Which bodies are here."""
    return frozenset(
        (entry.feed, entry.seq, place)
        for feed in node.disk.feeds.values()
        for entry in feed.entries.values()
        for place, part in enumerate(entry.parts)
        if part.body is not None
    )


def plain_tables(node: Node) -> dict[bytes, Any]:
    return {record: definition.plain(folded) for record, folded in node.tables().items()}


def _differing(rows: dict[bytes, Any], other: dict[bytes, Any]) -> str:
    wrong = [record for record in sorted(rows.keys() | other.keys()) if rows.get(record) != other.get(record)]
    return ", ".join(record.hex() for record in wrong[:3])


def equals_definition(world: World) -> str:
    """Tables that grew entry by entry are what the definition makes of the whole log at once."""
    defined: dict[object, dict[bytes, Any]] = {}
    for node in world.nodes.values():
        key = (node.version, content(node))
        if key not in defined:
            defined[key] = definition.tables(node.shapes, definition.sayings(node.disk.feeds.values()))
        rows = plain_tables(node)
        if rows != defined[key]:
            return f"{node.name}: {_differing(rows, defined[key])}"
    return ""


# After somebody has settled what could be settled.


def conflicts_settle(world: World) -> str:
    for node, folded, _told in _records(world):
        for group in folded.groups.values():
            if group.conflict and not any(leaf.newer for leaf in group.leaves):
                return f"{node.name} still has a conflict in {folded.record.hex()}"
    return ""


def undo_works(world: World) -> str:
    """Who has seen the highest may lower it, and it stays lowered."""
    for (record, group), wire in world.ledger.lowered.items():
        for node in world.nodes.values():
            folded = node.record(record)
            if folded and folded.groups[group].values != wire:
                return f"{node.name} shows {folded.groups[group].values}, lowered to {wire}"
    return ""


ANY_TIME: tuple[Check, ...] = (
    foreign_writes_are_refused,
    births_are_counted_once,
    groups_never_mix,
    no_write_is_refused_for_a_clock,
)
STORED: tuple[Check, ...] = (no_fork, seals_and_chains_verify, nothing_acknowledged_is_lost, erased_never_returns)
SETTLED: tuple[Check, ...] = (conflicts_settle, undo_works)

MIDWAY = (*ANY_TIME, equals_definition)
DELIVERED = (*STORED, *ANY_TIME, convergence, equals_definition)
AT_THE_END = (*STORED, *ANY_TIME, *SETTLED, convergence, equals_definition)


def check(world: World, checks: tuple[Check, ...]) -> None:
    for one in checks:
        finding = one(world)
        if finding:
            raise Failed(one.__name__, finding)
