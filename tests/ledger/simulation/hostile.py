"""Entries that hold by chain and seal and still say what no honest program of this version says.

From nodes in the wrong hands, from programs with bugs, from programs newer than ours. The fold has to live with them.
"""

from __future__ import annotations

from typing import Any

from tests.ledger.simulation import people
from tests.ledger.simulation.node import Body, Node
from tests.ledger.simulation.people import Place
from tests.ledger.simulation.shapes import OLD, REPORT_2, STEP_1, STEP_WORDS, TITLE, WORDS
from tests.ledger.simulation.world import ANY_GROUP, World
from ulinzi.kernel import ids
from ulinzi.ledger import codec
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.merge import Told
from ulinzi.ledger.shapes import Kind

NEVER = Dot(bytes(16), 9, 1)


def foreign(world: World, node: Node) -> bool:
    """Somebody with the key of one compartment writes about a record of another."""
    known = {one.record: one.compartment for other in world.nodes.values() for one in other.tables().values()}
    record = world.rng.choice(sorted(known)) if known else None
    elsewhere = [compartment for compartment in node.holds if record and compartment != known[record]]
    if record is None or not elsewhere:
        return False
    word = world.word("foreign")
    world.ledger.foreign.append((word, elsewhere[0], record))
    if world.commit(node, elsewhere[0], _foreign_bodies(world, node, elsewhere[0], record, word)):
        world.counts["foreign writes"] += 1
    return True


def _foreign_bodies(world: World, node: Node, elsewhere: str, record: bytes, word: str) -> list[Body]:
    """A write that claims to have seen everything, a second birth, a child brought up elsewhere, or an erasure."""
    shape = REPORT_2
    seen = [one.dot for one in _told_anywhere(world, record)]
    write = codec.WRITE, codec.write_body(shape.number, record, shape.schema, WORDS, seen, {TITLE: word})
    kind = world.rng.randrange(6)
    if kind == 2:
        child = ids.new_id(node.now, node.chance, elsewhere).bytes
        world.note_word(word, STEP_1, STEP_WORDS, 4, elsewhere, child)
        return people.births(STEP_1, child, record, {STEP_WORDS: {4: word}})
    world.note_word(word, shape, WORDS, TITLE, elsewhere, record)
    if kind == 0:
        return people.births(shape, record, None, {WORDS: {TITLE: word}})
    if kind == 1:
        return [write, (codec.ERASE, codec.erase_body(codec.RECORD, shape.number, record, None, "none", None))]
    return [write]


def _told_anywhere(world: World, record: bytes) -> list[Told]:
    told = {one.dot: one for node in world.nodes.values() for one in node.store.told_of(record)}
    return [told[dot] for dot in sorted(told)]


# Marks of what a write has seen, forged.


def circle(world: World, node: Node) -> bool:
    """A write that has "seen" the next one of its own node, which honestly sees it."""
    place = people.some_place(world, node)
    if place is None or node.is_restored():
        return False
    _forge(world, node, place, [*node.seen(place.now), node.next_dot(place.folded.compartment, 2)])
    for again in people.same_place(node, place.folded.record, place.group.number):
        body = people.write(again, people.changed(world, again), node.seen(again.now))
        world.commit(node, again.folded.compartment, [body])
    return True


def odd_sight(world: World, node: Node) -> bool:
    """Seen itself; seen nothing; seen what never comes; seen what another node will write; marked as creating."""
    place = people.some_place(world, node)
    if place is None:
        return False
    mine = node.next_dot(place.folded.compartment, 1)
    other = world.rng.choice(world.holders(place.folded.compartment))
    theirs = other.next_dot(place.folded.compartment, 1)
    seen = world.rng.choice(([mine], [], [NEVER], [*node.seen(place.now), NEVER], [theirs], None))
    return _forge(world, node, place, seen)


def _forge(world: World, node: Node, place: Place, seen: list[Dot] | None) -> bool:
    body = people.write(place, people.changed(world, place), seen)
    return bool(world.commit(node, place.folded.compartment, [body]))


# Bodies nobody's program should write.


def ill_shaped(world: World, node: Node) -> bool:
    place = people.some_place(world, node)
    if place is None:
        return False
    word = world.word("ill")
    good = people.write(place, {1: word}, node.seen(place.now))[1]
    model, record, schema, group, seen, wire = good
    bodies = (
        [model, record],
        [model, record, schema, group, seen],
        [model, record, "1", group, seen, wire],
        [model, record, 0, group, seen, wire],
        [model, record, schema, group, 7, wire],
        [model, record, schema, group, [[1, 2, 3]], wire],
        [model, record, schema, group, seen, [word]],
        [model, record, schema, group, seen, {number: [[7]] for number in range(1, 8)}],
        [99, record, schema, group, seen, wire],
    )
    world.note_word(word, place.shape, ANY_GROUP, 0, place.folded.compartment, record)
    body = world.rng.choice(bodies)
    if world.commit(node, place.folded.compartment, [(codec.WRITE, body)]):
        world.counts["ill-shaped"] += 1
    return True


def ill_shaped_erasure(world: World, node: Node) -> bool:
    """An erasure that says nothing anybody can read takes nothing away."""
    place = people.some_place(world, node)
    if place is None:
        return False
    good = codec.erase_body(codec.RECORD, place.shape.number, place.folded.record, [place.group.number], "none", None)
    scope, model, subject, groups, basis, second, schema = good
    bodies = (
        [2, model, subject, groups, basis, second, schema],
        [scope, model, subject[:9], groups, basis, second, schema],
        [scope, model, subject, [0], basis, second, schema],
        [scope, model, subject, [2**40], basis, second, schema],
        [scope, model, subject, "1", basis, second, schema],
        [scope, model, subject, groups, None, second, schema],
        [scope, model, subject, groups, basis, "second", schema],
        good[:6],
    )
    return bool(world.commit(node, place.folded.compartment, [(codec.ERASE, world.rng.choice(bodies))]))


def fixed_again(world: World, node: Node) -> bool:
    """A write of a group that only the creating entry may write."""
    place = people.some_place(world, node)
    fixed = [group for group in place.shape.groups if group.kind is Kind.FIXED] if place else []
    if place is None or not fixed:
        return False
    again = place._replace(group=fixed[0], now=place.folded.groups[fixed[0].number])
    return _forge(world, node, again, node.seen(again.now))


def from_tomorrow(world: World, node: Node) -> bool:
    """A newer program: a newer schema, a group or a code that nobody here knows."""
    place = people.some_place(world, node)
    if place is None or node.version == OLD:
        return False
    _kind, body = people.write(place, people.changed(world, place), node.seen(place.now))
    model, record, schema, group, seen, wire = body
    kind = world.rng.randrange(3)
    if kind == 0:
        schema = 9
    elif kind == 1:
        group, wire = 99, {50: world.rng.randrange(1000)}
    else:
        wire = {number: _unknown(value) for number, value in wire.items()}
    if world.commit(node, place.folded.compartment, [(codec.WRITE, [model, record, schema, group, seen, wire])]):
        world.counts["newer writes"] += 1
    return True


def _unknown(value: Any) -> Any:
    """Codes become codes nobody knows; the rest stays what it is."""
    if isinstance(value, list):
        return [*value, "tomorrow"]
    return "tomorrow" if isinstance(value, str) and "." not in value else value
