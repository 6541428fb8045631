"""The door for web servers. A node is opened once, and every request runs in it: servers start their own threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import setup
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from ulinzi.config import memory
from ulinzi.ledger.node import Node, open_node

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def application_for(node: Node) -> Application:
    django = get_wsgi_application()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with node.use():
            return django(environ, start_response)

    return serve


def __getattr__(name: str) -> Any:
    """Opened when a server asks for it, so that tests may import this module without a node."""
    if name != "application":
        raise AttributeError(name)
    globals()["application"] = application_for(_opened())
    return globals()["application"]


def _opened() -> Node:
    """This machine's node, once per process of the server."""
    # The modules below have tables, and a server comes here before anybody has loaded the apps.
    setup(set_prefix=False)
    from ulinzi.ledger import access
    from ulinzi.ledger.init import bring_marker_forward

    node = open_node(settings.HOME)
    bring_marker_forward(node)
    access.Flusher(node).start()
    memory.settle()
    return node
