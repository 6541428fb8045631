"""What honest people do, each at one node, knowing only what that node knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tests.ledger.simulation.node import Body, Node
from tests.ledger.simulation.shapes import ACT, ORIGIN, REPORT, STEP, STEP_WORDS, WORDS
from tests.ledger.simulation.world import PERSONS, Form, World
from ulinzi.kernel import ids
from ulinzi.ledger import codec
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.merge import Folded, FoldedGroup
from ulinzi.ledger.shapes import Group, Kind, Sensitivity, Shape


class Place(NamedTuple):
    """A group of a record as a node sees it."""

    folded: Folded
    shape: Shape
    group: Group
    now: FoldedGroup


# What may be written.


def places_in(node: Node, folded: Folded) -> Iterator[Place]:
    """The groups of a record that an honest person may write at this node."""
    shape = node.shape_of(node.store.told_of(folded.record))
    if shape is None or folded.compartment not in node.holds:
        return
    for group in shape.groups:
        now = folded.groups[group.number]
        if group.kind is not Kind.FIXED and not now.erased and not any(leaf.newer for leaf in now.leaves):
            yield Place(folded, shape, group, now)


def places(node: Node) -> Iterator[Place]:
    for record in sorted(node.tables()):
        yield from places_in(node, node.rows[record])


def same_place(node: Node, record: bytes, group: int) -> list[Place]:
    """The group as it stands at this node now, if it may be written."""
    folded = node.record(record)
    return [place for place in places_in(node, folded) if place.group.number == group] if folded else []


def some_place(world: World, node: Node) -> Place | None:
    rows = node.tables()
    found = list(places_in(node, rows[world.rng.choice(sorted(rows))])) if rows else []
    return world.rng.choice(found) if found else None


def write(place: Place, wire: dict[int, Any], seen: Sequence[Dot] | None) -> Body:
    shape, record = place.shape, place.folded.record
    return codec.WRITE, codec.write_body(shape.number, record, shape.schema, place.group.number, seen, wire)


def births(shape: Shape, record: bytes, root: bytes | None, wires: dict[int, dict[int, Any]]) -> list[Body]:
    """A record and its first values, marked as creating."""
    bodies: list[Body] = [(codec.BIRTH, codec.birth_body(shape.number, record, shape.schema, root))]
    for group, wire in wires.items():
        bodies.append((codec.WRITE, codec.write_body(shape.number, record, shape.schema, group, None, wire)))
    return bodies


def changed(world: World, place: Place, corrected: int = 0) -> dict[int, Any]:
    """A new value of the whole group; where there are several fields, often only one is really changed."""
    folded, shape, group = place.folded, place.shape, place.group
    wire = world.say(shape, group, folded.compartment, folded.record)
    if not corrected and len(group.fields) > 1 and world.rng.random() < 0.7:
        corrected = world.rng.choice(group.fields).number
    if corrected and place.now.leaves:
        wire = {**place.now.values, corrected: wire[corrected]}
        world.note_pair(group, folded.record, wire)
    return wire


# Acts. Each returns whether there was something to do.


def report(world: World, node: Node) -> bool:
    shape, compartment = node.shapes[REPORT], world.rng.choice(node.holds)
    record = ids.new_id(node.now, node.chance, compartment).bytes
    chosen = [group for group in shape.groups if group.number in (WORDS, ORIGIN) or world.rng.random() < 0.6]
    wires = {group.number: world.say(shape, group, compartment, record) for group in chosen}
    return bool(world.commit(node, compartment, births(shape, record, None, wires)))


def step(world: World, node: Node) -> bool:
    roots = [one for one in node.tables().values() if one.root is None and one.compartment in node.holds]
    if not roots:
        return False
    root, shape = world.rng.choice(roots), node.shapes[STEP]
    record = ids.new_id(node.now, node.chance, root.compartment).bytes
    wires = {group.number: world.say(shape, group, root.compartment, record) for group in shape.groups}
    return bool(world.commit(node, root.compartment, births(shape, record, root.record, wires)))


def edit(world: World, node: Node) -> bool:
    place = some_place(world, node)
    if place is None:
        return False
    body = write(place, changed(world, place), node.seen(place.now))
    return bool(world.commit(node, place.folded.compartment, [body]))


def meet(world: World, node: Node) -> bool:
    """Two bases edit the same thing at the same moment. One corrects the longitude, the other the latitude."""
    place = some_place(world, node)
    if place is None:
        return False
    record, number, edited = place.folded.record, place.group.number, 0
    fields = [one.number for one in place.group.fields]
    for other in [one for one in world.up() if record in one.tables()][:2]:
        for here in same_place(other, record, number):
            corrected = fields[edited % len(fields)] if len(here.group.fields) == len(fields) > 1 else 0
            body = write(here, changed(world, here, corrected), other.seen(here.now))
            edited += bool(world.commit(other, here.folded.compartment, [body]))
    return edited > 1


def open_form(world: World, node: Node) -> bool:
    place = some_place(world, node)
    if place is not None:
        form = Form(node.name, place.folded.record, place.group.number, tuple(node.seen(place.now)))
        world.forms.append(form)
    return place is not None


def send_form(world: World, node: Node) -> bool:
    """What was shown may have moved since; the person chose to keep both."""
    running = {one.name for one in world.up()}
    open_ones = [form for form in world.forms if form.node in running]
    if not open_ones:
        return False
    form = world.rng.choice(open_ones)
    world.forms.remove(form)
    node = world.nodes[form.node]
    here = same_place(node, form.record, form.group)
    for place in here:
        world.commit(node, place.folded.compartment, [write(place, changed(world, place), form.dots)])
    return bool(here)


def settle(world: World, node: Node) -> bool:
    """Choose one of the values that stand; having seen all of them ends the conflict."""
    open_ones = [place for place in places(node) if place.now.conflict]
    if not open_ones:
        return False
    place = world.rng.choice(open_ones)
    chosen = world.rng.choice(place.now.leaves).values
    if world.commit(node, place.folded.compartment, [write(place, dict(chosen), node.seen(place.now))]):
        world.counts["settled"] += 1
    return True


def lower(world: World, node: Node) -> bool:
    """Whoever has seen the highest may lower it."""
    high = [place for place in places(node) if place.group.kind is Kind.MAX and place.group.rank(place.now.values) > 0]
    if not high:
        return False
    place = world.rng.choice(high)
    wire = {place.group.fields[0].number: place.group.scale[0]}
    if world.commit(node, place.folded.compartment, [write(place, wire, node.seen(place.now))]):
        world.counts["lowered"] += 1
    return True


# The same thing done at two nodes.


def automatic(world: World, node: Node) -> bool:
    """Two nodes follow the same rule before they hear of each other: the id and the bytes come from the inputs."""
    roots = sorted(one.record for one in node.tables().values() if one.root is None)
    if not roots:
        return False
    root, level = world.rng.choice(roots), world.rng.randrange(4)
    home = node.tables()[root].compartment
    record = ids.derived_id("sim.escalation", root, str(level), compartment=home).bytes
    wires: dict[int, dict[int, Any]] = {
        ACT: {1: "escalated", 2: level, 3: PERSONS[0]},
        STEP_WORDS: {4: f"level {level}"},
    }
    done = 0
    for other in world.up():
        known = other.tables().get(root)
        if known and not other.store.told.get(record) and known.compartment in other.holds and done < 2:
            done += bool(world.commit(other, known.compartment, births(other.shapes[STEP], record, root, wires)))
    return done > 0


def bring_in(world: World, node: Node) -> bool:
    """An import, run at two nodes. Sometimes the two had different editions of the source."""
    compartment, code = world.rng.choice(node.holds), f"S{world.rng.randrange(5)}"
    record = ids.derived_id("sim.import", code, compartment=compartment).bytes
    edition, done = 0, 0
    for other in world.up():
        if compartment in other.holds and not other.store.told.get(record) and done < 2:
            done += bool(world.commit(other, compartment, _imported(world, other, compartment, record, code, edition)))
            edition += world.rng.random() < 0.4
    return done > 0


def _imported(world: World, node: Node, compartment: str, record: bytes, code: str, edition: int) -> list[Body]:
    shape, title = node.shapes[REPORT], f"import-{compartment}-{code}-{edition}."
    world.note_word(title, shape, WORDS, 1, compartment, record)
    return births(shape, record, None, {WORDS: {**shape.by_number[WORDS].empty, 1: title}, ORIGIN: {7: code}})


# Erasing.


def erase_group(world: World, node: Node) -> bool:
    """Mostly words: that is what people ask to have erased."""
    place = some_place(world, node)
    if place is None:
        return False
    words = [one for one in places_in(node, place.folded) if one.group.sensitivity is Sensitivity.CONFIDENTIAL]
    chosen = world.rng.choice(words) if words and world.rng.random() < 0.7 else place
    return _erase(world, node, chosen, [chosen.group.number])


def erase_all(world: World, node: Node) -> bool:
    place = some_place(world, node)
    return place is not None and _erase(world, node, place, None)


def _erase(world: World, node: Node, place: Place, groups: Sequence[int] | None) -> bool:
    kept = _kept_beside(node, place) if groups else []
    body = codec.erase_body(codec.RECORD, place.shape.number, place.folded.record, groups, "asked for", None)
    if world.commit(node, place.folded.compartment, [*kept, (codec.ERASE, body)]):
        world.counts["erasures"] += 1
    return True


def _kept_beside(node: Node, place: Place) -> list[Body]:
    """Groups that share an old body with the erased one are written anew, or they would go with it."""
    told = [one for one in node.store.told_of(place.folded.record) if one.type == codec.WRITE]
    shared = {one.dot for one in told if place.group.number in (read := one.read(place.shape).groups) and len(read) > 1}
    others = [one for one in places_in(node, place.folded) if one.group.number != place.group.number]
    return [write(one, one.now.values, node.seen(one.now)) for one in others if shared.intersection(one.now.dots)]


def erase_person(world: World, node: Node) -> bool:
    compartment, person = world.rng.choice(node.holds), world.rng.choice(PERSONS)
    body = codec.erase_body(codec.PERSON, 0, person, None, "asked for", None)
    if world.commit(node, compartment, [(codec.ERASE, body)]):
        world.counts["persons erased"] += 1
    return True
