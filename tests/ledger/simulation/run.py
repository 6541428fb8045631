"""A seed from its first turn to its last check."""

from __future__ import annotations

from itertools import islice

from tests.ledger.simulation import acts, invariants, people
from tests.ledger.simulation.invariants import AT_THE_END, DELIVERED, MIDWAY, Failed
from tests.ledger.simulation.node import Node
from tests.ledger.simulation.people import Place
from tests.ledger.simulation.shapes import NEW, OLD, REPORT
from tests.ledger.simulation.world import NORTH, SOUTH, World
from ulinzi.ledger import codec
from ulinzi.ledger.merge import Told
from ulinzi.ledger.shapes import Kind

TURNS = 70
A_FEW = 3


def run(seed: int, *, turns: int = TURNS) -> World:
    """Raises Failed with the name of the promise that was not kept."""
    world = World(seed)
    try:
        _live(world, turns)
        _end(world)
    except Failed:
        raise
    except Exception as error:
        # Whatever the data are, nothing on the way may fail on them.
        raise Failed("nothing_fails_on_data", f"{type(error).__name__}: {error}") from error
    return world


def _live(world: World, turns: int) -> None:
    stop_at = world.rng.randrange(turns)
    for turn in range(turns):
        acts.turn(world)
        if turn == stop_at:
            # In the middle of everything, too, tables are what the definition makes of the entries that are here.
            invariants.check(world, MIDWAY)


def _end(world: World) -> None:
    """Everything arrives; then programs are upgraded and people settle what is open; then everything arrives again."""
    world.heal()
    world.deliver_all()
    invariants.check(world, DELIVERED)
    _count(world)
    for node in world.nodes.values():
        node.upgrade(NEW)
    # Somebody may have forged a write that has "seen" the settling one: that spoils it, but not the next.
    for settle in (_lower_and_settle, _settle_all):
        for compartment in (NORTH, SOUTH):
            settle(world, world.rng.choice(world.holders(compartment)), compartment)
        world.deliver_all()
    invariants.check(world, AT_THE_END)


def _lower_and_settle(world: World, node: Node, compartment: str) -> None:
    """One person goes through the scales, and through the list of conflicts."""
    here = [place for place in _places(node, compartment) if place.group.kind is Kind.MAX and place.now.leaves]
    for place in islice(here, A_FEW):
        lowest = {place.group.fields[0].number: None}
        world.ledger.lowered[place.folded.record, place.group.number] = lowest
        world.commit(node, compartment, [people.write(place, lowest, node.seen(place.now))])
        world.counts["lowered"] += 1
    _settle_all(world, node, compartment)


def _settle_all(world: World, node: Node, compartment: str) -> None:
    conflicts = [place for place in _places(node, compartment) if place.now.conflict]
    bodies = []
    for one in conflicts:
        wire = world.ledger.lowered.get((one.folded.record, one.group.number), one.now.values)
        bodies.append(people.write(one, wire, node.seen(one.now)))
    if bodies:
        world.commit(node, compartment, bodies)
        world.counts["settled"] += len(bodies)


def _places(node: Node, compartment: str) -> list[Place]:
    return [place for place in people.places(node) if place.folded.compartment == compartment]


# What was exercised.


def _count(world: World) -> None:
    met: dict[str, set[object]] = {"merges": set(), "conflicts": set(), "circles": set(), "births twice": set()}
    for node in world.nodes.values():
        world.counts["late entries"] += node.late
        world.counts["erasures in flight"] += node.store.absorbed
        for record, folded in node.tables().items():
            told = node.store.told_of(record)
            world.counts["upcasts"] += node.version == NEW and any(_is_old(one) for one in told)
            for code, _detail in folded.problems:
                met["circles"] |= {(record, code)} if code == "seen_in_a_circle" else set()
            for number, group in folded.groups.items():
                met["merges"] |= {(record, number)} if len(group.leaves) > 1 else set()
                met["conflicts"] |= {(record, number)} if group.conflict else set()
            if sum(one.type == codec.BIRTH and one.compartment == folded.compartment for one in told) > 1:
                met["births twice"].add(record)
    world.counts.update({name: len(found) for name, found in met.items()})


def _is_old(one: Told) -> bool:
    return one.type == codec.WRITE and one.body[:1] == [REPORT] and one.body[2:3] == [OLD]
