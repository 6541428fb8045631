"""Opening this machine's node for one command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from ulinzi.cli import language
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.node import Node


def django() -> None:
    """Load the product. Only what comes after may import models, queries or actions."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ulinzi.config.settings")
    from django import setup
    from django.utils import translation

    setup()
    translation.activate(language.wanted())


@contextmanager
def node(*, older: bool = False) -> Iterator[Node]:
    """The node of ULINZI_HOME, in use and checked to be one; `older` for who is about to migrate it."""
    django()
    from django.conf import settings
    from django.db import connections

    from ulinzi.accounts.queries import at_console
    from ulinzi.ledger import access, queries
    from ulinzi.ledger import node as nodes
    from ulinzi.ledger.init import bring_marker_forward, is_older

    one = nodes.open_node(settings.HOME)
    try:
        with one.use(), at_console(operator(one)):
            if "ledger_node" not in connections[one.alias].introspection.table_names():
                raise Refused("node_not_initialised")
            if not older and is_older(one):
                raise Refused("database_older")
            queries.node_state()
            bring_marker_forward(one)
            yield one
            access.flush(one)
    except access.DATABASE_ERRORS as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Refused("database_unavailable", error=type(error).__name__) from error
    finally:
        connections.close_all()


def operator(one: Node) -> UUID:
    """Who sits at this machine's own console."""
    from ulinzi.accounts import queries

    with one.use():
        return queries.console()
