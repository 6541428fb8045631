"""Bugs to plant, as data: what is put in whose place. The simulation must catch every one, and say which promise broke.

Each is a mistake that a sensible person could make; most were made, in the prototypes of this ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any, NamedTuple
from unittest.mock import patch

from tests.ledger.simulation.feeds import id_of
from tests.ledger.simulation.node import Node
from tests.ledger.simulation.store import Store
from ulinzi.kernel.clock import DAY
from ulinzi.ledger import codec, hlc, merge
from ulinzi.ledger.codec import Dot, Entry
from ulinzi.ledger.merge import Folded, FoldedGroup, Told, Version
from ulinzi.ledger.shapes import Group, Kind


class Plant(NamedTuple):
    """What the bug is, which promise it breaks, and what is put in whose place."""

    sentence: str
    breaks: str
    patches: tuple[tuple[Any, str, Any], ...]


def never(*_given: Any, **_named: Any) -> bool:
    return False


# What the bugs do.

_arrivals = count(1)


def stamp_by_arrival(_store: Store, _entry: Entry) -> int:
    return next(_arrivals)


def only_the_winner(_node: Node, group: FoldedGroup) -> list[Dot]:
    return max(group.leaves, key=lambda leaf: leaf.stamp).dots[:1] if group.leaves else []


_told_of = Store.told_of


def told_by_my_clock(node: Node, record: bytes) -> list[Told]:
    return [one for one in _told_of(node.store, record) if one.hlc <= hlc.at(node.now + DAY)]


def fold_by_my_clock(node: Node, record: bytes) -> Folded | None:
    told = told_by_my_clock(node, record)
    shape = node.shape_of(told)
    return merge.fold(shape, told, node.store.tombs_of(record, told)) if shape else None


def told_from_anywhere(store: Store, record: bytes) -> list[Told]:
    told = _told_of(store, record)
    owner = merge.owner_of(told)
    return [Told(owner.compartment, one.dot, one.hlc, one.type, one.body) for one in told] if owner else told


def join_nothing(joined: list[Version], version: Version) -> None:
    joined.append(version)


def shred_nothing(_store: Store, _compartment: str, entry: Entry) -> Entry:
    return entry


def latest_only(versions: Sequence[Version]) -> tuple[list[Version], bool]:
    return [max(versions, key=lambda version: version.stamp)], False


_fold_group = merge._fold_group


def fold_each_field(group: Group, versions: list[Version], folded: Folded) -> FoldedGroup:
    """Where several writes stand, each field is taken from the newest that changed it."""
    found = _fold_group(group, versions, folded)
    if group.kind is not Kind.LAST or len(found.leaves) < 2:
        return found
    before = {dot: version.values for version in versions for dot in version.dots}
    values = dict(found.values)
    for number in values:
        for leaf in found.leaves:
            if any(before[dot][number] != leaf.values[number] for dot in leaf.seen if dot in before):
                values[number] = leaf.values[number]
    found.values = values
    return found


def fold_highest_ever(group: Group, versions: list[Version], folded: Folded) -> FoldedGroup:
    found = _fold_group(group, versions, folded)
    if group.kind is Kind.MAX and versions:
        found.values = merge.value_of(group, versions)
    return found


_restart, _upgrade = Node.restart, Node.upgrade


def restart_without_newest(node: Node) -> None:
    for compartment in node.holds:
        feed = node.own_feed(compartment)
        for seq in [seq for seq in (feed.newest, feed.newest - 1) if seq in feed.entries]:
            del feed.entries[seq], feed.hashes[seq]
            feed.newest, node.disk.written = seq - 1, node.disk.written - 1
        feed.seal = codec.seal(node.key, id_of(feed.origin), feed.newest, feed.head)
    _restart(node)


def upgrade_and_read_on(node: Node, version: int) -> None:
    node.version = version
    node.store.shapes = node.shapes
    node.store.touched.update(node.store.told)


# And their names.

PLANTS: dict[str, Plant] = {
    "gap_skipping": Plant(
        "A node takes what comes and does not wait for what is missing before it.",
        "seals_and_chains_verify",
        ((Node, "lacks_before", never), (Node, "is_fork", never)),
    ),
    "arrival_order": Plant(
        "The write that arrived last wins, not the one that was made last.",
        "convergence",
        ((Store, "stamp_of", stamp_by_arrival),),
    ),
    "no_tie_break": Plant(
        "Of two writes with the same clock stamp, whichever is read last wins.",
        "convergence",
        ((Told, "stamp", property(lambda one: (one.hlc,))),),
    ),
    "restore_without_new_incarnation": Plant(
        "A node back from an old backup goes on writing in the same feed.",
        "no_fork",
        ((Node, "is_restored", never),),
    ),
    "single_seen": Plant(
        "A write names the one value that was shown, not all that stood.",
        "conflicts_settle",
        ((Node, "seen", only_the_winner),),
    ),
    "receiver_clock_quarantine": Plant(
        "A node holds back what its own clock takes to be from the future.",
        "no_write_is_refused_for_a_clock",
        ((Node, "fold", fold_by_my_clock),),
    ),
    "erase_by_entry": Plant(
        "An erasure removes the words that are here, and forgets that more may come.",
        "erased_never_returns",
        ((Store, "shredded", shred_nothing),),
    ),
    "fold_by_field_instead_of_group": Plant(
        "Every field is merged by itself: whoever changed it last wins it.",
        "groups_never_mix",
        ((merge, "_fold_group", fold_each_field),),
    ),
    "foreign_compartment_write": Plant(
        "Whoever can write anywhere can write about everything.",
        "foreign_writes_are_refused",
        ((Store, "told_of", told_from_anywhere),),
    ),
    "any_home": Plant(
        "A birth counts wherever it was written.",
        "foreign_writes_are_refused",
        ((merge, "is_born", lambda body, _compartment: codec.is_birth(body)),),
    ),
    "birth_counted_twice": Plant(
        "The same record made on two nodes is two births.",
        "births_are_counted_once",
        ((merge, "_join", join_nothing),),
    ),
    "seen_of_the_future": Plant(
        "A write counts as seen by one that it has seen itself.",
        "nothing_fails_on_data",
        ((merge, "_circles", lambda _names: None),),
    ),
    # Beyond the list: promises above that would otherwise have no bug of their own.
    "last_clock_wins": Plant(
        "The latest clock stamp wins, whatever its writer had seen.",
        "equals_definition",
        ((merge, "leaves_of", latest_only),),
    ),
    "highest_ever": Plant(
        "A scale only goes up: what was once said can never be lowered.",
        "undo_works",
        ((merge, "_fold_group", fold_highest_ever),),
    ),
    "acknowledge_before_commit": Plant(
        "What was acknowledged reaches the disk a moment later.",
        "nothing_acknowledged_is_lost",
        ((Node, "restart", restart_without_newest),),
    ),
    "erasures_read_once": Plant(
        "A new program takes for granted that the old one has erased all that was to go.",
        "erased_never_returns",
        ((Node, "upgrade", upgrade_and_read_on),),
    ),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The bug is there while this is open. No name, no bug."""
    with ExitStack() as stack:
        for owner, attribute, bug in PLANTS[name].patches if name else ():
            stack.enter_context(patch.object(owner, attribute, bug))
        yield
