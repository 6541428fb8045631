"""What may happen in a turn, and how often."""

from __future__ import annotations

from collections.abc import Callable

from tests.ledger.simulation import hostile, people, trouble
from tests.ledger.simulation.node import Node
from tests.ledger.simulation.world import World

Act = Callable[[World, Node], bool]

WEIGHTS: dict[Act, int] = {
    people.report: 7,
    people.step: 4,
    people.edit: 14,
    people.meet: 5,
    people.open_form: 3,
    people.send_form: 4,
    people.settle: 4,
    people.lower: 3,
    people.automatic: 4,
    people.bring_in: 4,
    people.erase_group: 2,
    people.erase_all: 1,
    people.erase_person: 1,
    trouble.push: 30,
    trouble.greet: 14,
    trouble.split: 2,
    trouble.join: 3,
    trouble.jump: 3,
    trouble.crash: 2,
    trouble.start: 4,
    trouble.back_up: 5,
    trouble.restore: 4,
    trouble.upgrade: 1,
    hostile.foreign: 2,
    hostile.circle: 2,
    hostile.odd_sight: 2,
    hostile.ill_shaped: 1,
    hostile.ill_shaped_erasure: 1,
    hostile.fixed_again: 1,
    hostile.from_tomorrow: 1,
}
_ACTS = tuple(WEIGHTS)
_CUMULATED = tuple(sum(list(WEIGHTS.values())[: place + 1]) for place in range(len(WEIGHTS)))


def turn(world: World) -> None:
    """Time passes, messages arrive, somebody does something."""
    world.pass_time()
    world.deliver()
    running = world.up()
    act = world.rng.choices(_ACTS, cum_weights=_CUMULATED)[0]
    if running and act(world, world.rng.choice(running)):
        world.counts[act.__name__] += 1
    elif not running:
        trouble.start(world, next(iter(world.nodes.values())))
