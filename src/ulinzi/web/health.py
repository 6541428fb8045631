"""Whether this machine is well: for whoever watches machines, and at the head of the System page.

/health says codes and nothing else: no path, no count, no version helps a stranger.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from ulinzi.accounts import local
from ulinzi.jobs import heartbeat
from ulinzi.kernel.errors import Broken, Refused
from ulinzi.ledger import access
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Marker, Node

MAIN = "main.sqlite3"
# With less than this a few pages more and nothing can be saved any longer.
FULL_BELOW = 100 * 1024**2
# With less than this somebody should look; what is erased is taken out by writing the whole file once more.
LOW_BELOW = 1024**3


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    found = wrong(_node())
    told: dict[str, object] = {"ok": not found} | ({"codes": found} if found else {})
    return JsonResponse(told, status=503 if found else 200)


def _node() -> Node | None:
    try:
        return nodes.current()
    except Broken:
        return None


def wrong(node: Node | None, *, key: bytes | None = None) -> list[str]:
    """What is wrong, the worst first. A page that has read the node's row gives the key that it found there."""
    if node is None:
        return ["node_closed"]
    found = [_database(node) if key is None else _opened(node, key)]
    found.append("disk_full" if room(node.home).free < FULL_BELOW else "")
    found.append("worker_silent" if heartbeat.is_silent(node) else "")
    return [one for one in found if one]


def _database(node: Node) -> str:
    """Asked for little: the node's own row, which has to bear the key in the folder, and its feeds."""
    try:
        state = ledger.node_state()
    except access.DATABASE_ERRORS:
        connections[node.alias].close()  # a server that was restarted is asked anew next time
        return "database_silent"
    except Refused:
        return "node_closed"
    return _opened(node, bytes.fromhex(state.key))


def _opened(node: Node, key: bytes) -> str:
    return "" if key == node.public_key else "node_closed"


@dataclass(frozen=True)
class Room:
    free: int
    total: int


def room(folder: Path) -> Room:
    found = shutil.disk_usage(folder)
    return Room(found.free, found.total)


@dataclass(frozen=True)
class Storage:
    """Bytes, but for `looks`: the rows of the access log, which lie in the database."""

    database: int
    unmerged: int
    local: int
    looks: int
    free: int
    total: int

    @property
    def is_low(self) -> bool:
        return self.free < max(LOW_BELOW, 2 * self.database)


def storage(node: Node) -> Storage:
    """On PostgreSQL the database lies elsewhere: nought here, and the page says so."""
    marked, here = Marker(node.home / "access").read(), room(node.home)
    return Storage(
        _size(node.home / MAIN),
        _size(node.home / f"{MAIN}-wal"),
        _size(node.home / local.FILE),
        marked.written if marked else 0,
        here.free,
        here.total,
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
