"""`ulinzi work`: the loop that does what waits in the background."""

from __future__ import annotations

from argparse import Namespace

from ulinzi.cli import interrupts, opening


def work(options: Namespace) -> None:
    with opening.node() as node, interrupts.listening() as stop:
        from ulinzi.jobs import loop

        loop.run(node, stop=stop, once=options.once)
