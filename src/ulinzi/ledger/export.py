"""Entries as lines of JSON, one per entry: what stands in the ledger, for whoever may hold all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ulinzi.ledger import store
from ulinzi.ledger.node import Node

CHUNK = 1000


def export(node: Node, compartments: Sequence[str]) -> Iterator[bytes]:
    """Every feed of these compartments in its own order. Bytes are hex; an erased part has its digest and no body."""
    sql = "SELECT no, feed, compartment, node_key, incarnation FROM ledger_feed ORDER BY no"
    for no, feed, compartment, key, incarnation in store.rows(node, sql):
        if compartment in compartments:
            head = {"feed": bytes(feed).hex(), "compartment": compartment}
            yield _line(head | {"node_key": bytes(key).hex(), "incarnation": bytes(incarnation).hex()})
            yield from _entries(node, no, head)


def _entries(node: Node, no: int, head: dict[str, Any]) -> Iterator[bytes]:
    after = 0
    while True:
        sql = "SELECT seq, hlc, unit, hash, seal FROM ledger_entry WHERE feed = %s AND seq > %s ORDER BY seq LIMIT %s"
        found = store.rows(node, sql, (no, after, CHUNK))
        if not found:
            return
        parts = _parts(node, no, after, found[-1][0])
        for seq, stamp, unit, hashed, seal in found:
            told = {"seq": seq, "hlc": stamp, "unit": bytes(unit).hex(), "hash": bytes(hashed).hex()}
            sealed = {"seal": bytes(seal).hex()} if seal else {}
            yield _line({"feed": head["feed"], **told, **sealed, "parts": parts.get(seq, [])})
        after = found[-1][0]


def _parts(node: Node, no: int, after: int, last: int) -> dict[int, list[dict[str, Any]]]:
    sql = (
        "SELECT seq, type, salt, body, digest FROM ledger_part"
        " WHERE feed = %s AND seq > %s AND seq <= %s ORDER BY seq, part"
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for seq, kind, salt, body, digest in store.rows(node, sql, (no, after, last)):
        if body is None:
            told = {"type": kind, "digest": bytes(digest).hex()}
        else:
            told = {"type": kind, "salt": bytes(salt).hex(), "body": bytes(body).hex()}
        found.setdefault(seq, []).append(told)
    return found


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"
