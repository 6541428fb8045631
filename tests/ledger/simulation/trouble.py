"""What goes wrong by itself: the network, clocks, power, disks, old programs."""

from __future__ import annotations

from tests.ledger.simulation import people
from tests.ledger.simulation.network import Message
from tests.ledger.simulation.node import Node
from tests.ledger.simulation.shapes import NEW
from tests.ledger.simulation.world import World
from ulinzi.kernel.clock import DAY

DAYS_WRONG = 3


def push(world: World, node: Node) -> bool:
    """Send what is new since the last push. If it is lost, the next one leaves a gap."""
    peer = _peer(world, node)
    sent = {id: node.sent.get((peer.name, id), 0) for id in node.disk.feeds}
    segments = tuple(node.segments_for(peer, sent))
    for id, newest in node.vector.items():
        node.sent[peer.name, id] = newest
    if segments:
        world.network.send(Message(node.name, peer.name, segments=segments), world.turn)
    return bool(segments)


def greet(world: World, node: Node) -> bool:
    """Tell what is here; the answer is what lacks."""
    world.network.send(Message(node.name, _peer(world, node).name, vector=node.vector), world.turn)
    return True


def _peer(world: World, node: Node) -> Node:
    return world.rng.choice([one for one in world.nodes.values() if one is not node])


def split(world: World, node: Node) -> bool:
    names = sorted(world.nodes)
    world.network.apart = frozenset(world.rng.sample(names, world.rng.randrange(1, 4)))
    world.counts["partitions"] += 1
    return True


def join(world: World, node: Node) -> bool:
    world.network.apart = frozenset()
    return True


def jump(world: World, node: Node) -> bool:
    """Three days ahead or behind, or right again."""
    node.skew = world.rng.choice((DAYS_WRONG, DAYS_WRONG, -DAYS_WRONG, 0)) * DAY
    world.counts["clock jumps"] += bool(node.skew)
    return True


def crash(world: World, node: Node) -> bool:
    """The power goes before or after the commit of the next act."""
    node.fails = world.rng.choice(("before", "after"))
    people.edit(world, node)
    node.fails = ""
    return True


def start(world: World, node: Node) -> bool:
    down = [one for one in world.nodes.values() if not one.up]
    for one in down:
        one.restart()
    return bool(down)


def back_up(world: World, node: Node) -> bool:
    node.backup = node.disk.copy()
    return True


def restore(world: World, node: Node) -> bool:
    """A disk is gone, and the newest backup is old. Somebody goes on working at once."""
    if node.backup is None or node.backup.written >= node.disk.written:
        return False
    world.restore(node)
    world.counts["restores"] += 1
    people.report(world, node)
    return True


def upgrade(world: World, node: Node) -> bool:
    if node.version == NEW:
        return False
    node.upgrade(NEW)
    world.counts["upgrades"] += 1
    return True
