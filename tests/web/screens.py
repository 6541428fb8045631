"""Every address that shows something, found in the product's own list: a new screen is measured without being named.

An address with an id gets one by the name of its argument; a new kind of argument has to be given its sample here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from ulinzi.config import urls
from ulinzi.ledger import access
from ulinzi.ledger.node import Node

# What a statement is that asks or writes nothing.
_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "--")
# Arguments that are no ids.
WORDS: Mapping[tuple[str, str], object] = {("trends_svg", "name"): "places"}
# Addresses that show nothing before something is asked.
ASKED: Mapping[str, str] = {"search": "?q=road"}
# What an address shows besides its first page.
BESIDES: Mapping[str, tuple[str, ...]] = {"style": ("?part=pictures", "?part=map")}


class NoSample(AssertionError):
    """An address asks for something that nobody has given a sample of."""


def addresses(samples: Mapping[str, object], patterns: Iterable[Any] = urls.urlpatterns) -> dict[str, str]:
    """Each named address, filled in."""
    found = {one.name: _address(one, samples) for one in flat(patterns)}
    listed = [(name, more) for name, several in BESIDES.items() if name in found for more in several]
    return found | {name + more: found[name] + more for name, more in listed}


def flat(patterns: Iterable[Any]) -> Iterator[URLPattern]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from flat(one.url_patterns)
        else:
            yield one


def _address(one: URLPattern, samples: Mapping[str, object]) -> str:
    asked = list(one.pattern.converters)
    given = {name: WORDS.get((one.name or "", name), _sample(one.name or "", name, samples)) for name in asked}
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise NoSample(f"{one.name} asks for {missing}: give a sample in tests/web/screens.py")
    return reverse(one.name or "", kwargs=given) + ASKED.get(one.name or "", "")


def _sample(address: str, name: str, samples: Mapping[str, object]) -> object:
    """Where two addresses call by one name what is not of one kind, one of them has its own: `message:record`."""
    return samples.get(f"{address}:{name}", samples.get(name))


def shown(client: Client, samples: Mapping[str, object]) -> dict[str, str]:
    """Those of them that answer a GET with something to see."""
    found = {}
    for name, address in addresses(samples).items():
        response = client.get(address)
        if response.status_code == 200:
            found[name] = address
        response.close()
    return found


@contextmanager
def counted(node: Node) -> Iterator[list[str]]:
    """Every statement that this thread's connection runs, by whichever way it was sent: SQLite itself tells them."""
    found: list[str] = []
    wrapper = connections[node.alias]
    wrapper.ensure_connection()
    raw = wrapper.connection
    raw.set_trace_callback(lambda sql: None if sql.lstrip().startswith(_CONTROL) else found.append(sql))
    try:
        yield found
    finally:
        raw.set_trace_callback(None)


def statements(node: Node, client: Client, address: str) -> list[str]:
    """Of one page; the access log is written by groups and is nobody's page."""
    access.flush(node)
    with counted(node) as found:
        client.get(address).close()
    return list(found)
