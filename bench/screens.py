"""Every screen on a full node, as a browser asks for it: time, statements, bytes; ticks, CPU and memory beside it."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.test import Client

from bench import rig, ticks
from bench.served import Browser, Served, served
from bench.table import Line, at_most, quantile
from tests.web import screens
from ulinzi.accounts import sessions
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node

TASKS, CLIENTS, SECONDS, TIMES = 40_000, 200, 30.0, 30
QUICK, QUERIES, FIRST_KB, AGAIN_KB = 200.0, 12, 100.0, 15.0
PAGE = "task"
_LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_IN_STYLE = re.compile(r'url\(["\']?([^"\')]+)')
# The map is loaded by the pages that show one, after they are read.
_MAP = re.compile(r"map|leaflet|ol\.|geo", re.IGNORECASE)


def run(tasks: int = TASKS) -> Iterator[Line]:
    with rig.node() as node:
        samples = rig.fill(tasks)
        cookie = _cookie(samples["reader"])
        yield Line("the node", f"{ledger.node_state().entries:,} entries, {tasks:,} tasks, {_size(node):.0f} MB")
        counts = _statements(node, samples)
        with served(node.home) as server:
            yield from _screens(server, cookie, samples, counts)
            yield from _ticking(server, cookie, samples)
            yield at_most("memory of web server, worker and what watches them, USS", server.memory(), 350, "MB")


def _size(node: Node) -> float:
    return sum(one.stat().st_size for one in node.home.glob("main.sqlite3*")) / 1e6


def _cookie(person: Any) -> str:
    return f"{settings.SIGNED_IN_COOKIE}={sessions.begin(person).token}"


def _statements(node: Node, samples: Mapping[str, Any]) -> dict[str, int]:
    """Counted in this process on the same node: SQLite tells each of them."""
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(samples["reader"]).token
    found = screens.shown(client, samples)
    return {name: len(screens.statements(node, client, address)) for name, address in found.items()}


# One by one.


def _screens(server: Served, cookie: str, samples: Mapping[str, Any], counts: Mapping[str, int]) -> Iterator[Line]:
    browser, assets = Browser(server.port, cookie), dict[str, int]()
    bar = f"p95 {QUICK:g} ms, {QUERIES} statements, {FIRST_KB:g} and {AGAIN_KB:g} KB"
    for name, address in screens.addresses(samples).items():
        if name in counts:
            yield _screen(name, browser, address, counts[name], assets, bar)
    browser.close()


def _screen(name: str, browser: Browser, address: str, asked: int, assets: dict[str, int], bar: str) -> Line:
    for _ in range(3):
        body = browser.get(address)
    taken = [browser.get(address)[3] for _ in range(TIMES)]
    again = len(body[1]) / 1000
    first = again + sum(_asset(browser, one, assets) for one in linked(_text(body))) / 1000
    p50, p95 = quantile(taken, 0.5), quantile(taken, 0.95)
    kept = p95 <= QUICK and asked <= QUERIES and first <= FIRST_KB and again <= AGAIN_KB
    shown = f"{p50:.0f} / {p95:.0f} ms, {asked} statements, {first:.1f} and {again:.1f} KB"
    return Line(f"screen {name}: p50 / p95, statements, first load and again", shown, bar, kept)


def _text(answer: tuple[int, bytes, dict[str, str], float]) -> str:
    packed = answer[2].get("content-encoding") == "gzip"
    return (gzip.decompress(answer[1]) if packed else answer[1]).decode("utf-8", "replace")


def linked(page: str) -> list[str]:
    """What a page loads besides itself, each once, without the map."""
    return [one for one in dict.fromkeys(_LINKED.findall(page)) if not _MAP.search(one.partition("?")[0])]


def _asset(browser: Browser, address: str, known: dict[str, int]) -> int:
    """Its bytes as they came, with what a style loads in its turn."""
    if address not in known:
        answer = browser.get(address)
        inner = _IN_STYLE.findall(_text(answer)) if ".css" in address else []
        folder = address.rpartition("/")[0]
        beside = [one if one.startswith("/") else f"{folder}/{one}" for one in inner if not one.startswith("data:")]
        known[address] = len(answer[1]) + sum(_asset(browser, one, known) for one in beside)
    return known[address]


# All at once.


def _ticking(server: Served, cookie: str, samples: Mapping[str, Any]) -> Iterator[Line]:
    cookies = [_cookie(samples["reader"]) for _ in range(CLIENTS)]
    told = [ticks.since(server, cookie)] * CLIENTS
    page = screens.addresses(samples)[PAGE]
    alone = _reading(server, cookie, page, lambda: time.sleep(SECONDS))
    used, began = server.web_cpu(), time.monotonic()
    seen = ticks.look(server, cookies, told, SECONDS)
    share = 100 * (server.web_cpu() - used) / (time.monotonic() - began)
    shown = ", ".join(f"{count:,} x {status}" for status, count in sorted(seen.items()))
    yield at_most(f"{CLIENTS} screens that look every {ticks.EVERY:g} s ({shown}), of a core", share, 8, "%")
    beside = _reading(server, cookie, page, lambda: ticks.look(server, cookies, told, SECONDS))
    for what, taken in (("nobody looking", alone), (f"{CLIENTS} screens looking", beside)):
        shown = f"{quantile(taken, 0.5):.1f} / {quantile(taken, 0.99):.1f} ms, n = {len(taken)}"
        yield Line(f"the page of a task while {what}, p50 / p99", shown)


def _reading(server: Served, cookie: str, page: str, meanwhile: Callable[[], object]) -> list[float]:
    """How long one page takes, ten times a second, while something else goes on."""
    taken, stop, browser = list[float](), Event(), Browser(server.port, cookie)

    def read() -> None:
        while not stop.wait(0.1):
            taken.append(browser.get(page)[3])

    reader = Thread(target=read)
    reader.start()
    meanwhile()
    stop.set()
    reader.join()
    browser.close()
    return taken
