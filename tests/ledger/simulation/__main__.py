"""Search for histories that break the ledger.

    python -m tests.ledger.simulation SEEDS=1000 SEED_FROM=0      exit 1 where a promise breaks or a floor is missed
    python -m tests.ledger.simulation PLANT=gap_skipping          exit 1 where the planted bug is caught, as it must be
    python -m tests.ledger.simulation PLANT=all                   a table of all of them; exit 1 where one escapes

The same names work as environment variables, so that `make sim SEEDS=10000` says it.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.ledger.simulation import counts
from tests.ledger.simulation.invariants import Failed
from tests.ledger.simulation.plants import PLANTS, planted
from tests.ledger.simulation.run import run

ENOUGH_FOR_A_PLANT = 600


class Caught(NamedTuple):
    seed: int
    invariant: str
    finding: str


def main(words: Sequence[str], environ: Mapping[str, str]) -> int:
    given = dict(environ) | dict(word.split("=", 1) for word in words if "=" in word)
    plant, first = given.get("PLANT", ""), int(given.get("SEED_FROM", 0))
    seeds = range(first, first + int(given.get("SEEDS") or (ENOUGH_FOR_A_PLANT if plant else 1000)))
    if plant == "all":
        return run_all_plants(seeds)
    if plant and plant not in PLANTS:
        print(f"No such plant. There are: all, {', '.join(PLANTS)}")
        return 2
    return run_plant(plant, seeds) if plant else run_seeds(seeds)


def run_seeds(seeds: range) -> int:
    total: Counter[str] = Counter()
    began = time.perf_counter()
    for done, seed in enumerate(seeds, 1):
        try:
            total.update(run(seed).counts)
        except Failed as failed:
            print(told(Caught(seed, failed.invariant, failed.finding)))
            return 1
        if done * 10 // len(seeds) > (done - 1) * 10 // len(seeds):
            print(f"{done:,} of {len(seeds):,} seeds, {time.perf_counter() - began:.0f} s", flush=True)
    missed = counts.missed(total, len(seeds))
    if missed:
        print(f"Met too rarely: {', '.join(missed)}")
    print(f"{len(seeds):,} seeds, {total['entries']:,} entries | {counts.line(total, len(seeds))}")
    return 1 if missed else 0


def told(caught: Caught, plant: str = "") -> str:
    with_plant = f" PLANT={plant}" if plant else ""
    again = f"python -m tests.ledger.simulation SEEDS=1 SEED_FROM={caught.seed}{with_plant}"
    return f"Seed {caught.seed} breaks {caught.invariant}: {caught.finding}\nAgain: {again}"


# Planted bugs.


def run_plant(plant: str, seeds: range) -> int:
    print(f"Planted: {PLANTS[plant].sentence}")
    caught = catch(plant, seeds)
    if caught is None:
        print(f"NOT CAUGHT in {len(seeds):,} seeds")
        return 0
    print(told(caught, plant))
    print(f"Caught by {caught.invariant} after {caught.seed - seeds.start + 1:,} seeds")
    return 1


def catch(plant: str, seeds: range, invariant: str = "") -> Caught | None:
    """The first seed in which the bug breaks a promise, or that promise."""
    with planted(plant):
        for seed in seeds:
            try:
                run(seed)
            except Failed as failed:
                if invariant in ("", failed.invariant):
                    return Caught(seed, failed.invariant, failed.finding)
    return None


def run_all_plants(seeds: range) -> int:
    escaped = 0
    print(f"{'bug':32} {'caught by':32} {'seeds':>6}   {'its own promise':32} {'seeds':>6}")
    for name, plant in PLANTS.items():
        first, own = catch(name, seeds), catch(name, seeds, plant.breaks)
        escaped += first is None or own is None
        print(f"{name:32} {_column(first, seeds)}   {_column(own, seeds)}", flush=True)
    print(f"{len(PLANTS) - escaped} of {len(PLANTS)} caught")
    return 1 if escaped else 0


def _column(caught: Caught | None, seeds: range) -> str:
    return f"{caught.invariant if caught else 'NOT CAUGHT':32} {caught.seed - seeds.start + 1 if caught else '-':>6}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
