"""What the worker does for the network: whoever withdrew is forgotten by the gateway too."""

from __future__ import annotations

from ulinzi.gateway.client import FOLDER, Client
from ulinzi.jobs import rounds
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.node import Node
from ulinzi.network import queries


@rounds.every(MINUTE)
def forget_withdrawn(node: Node) -> None:
    """All of them each time: a gateway that was silent, or was restored from a backup, learns it again."""
    if not (node.home / FOLDER).is_dir():
        return  # no gateway stands at this machine
    gateway = Client(node.home)
    for code in queries.withdrawn_codes():
        gateway.withdraw(code)
