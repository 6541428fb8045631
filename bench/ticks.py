"""Many screens that look every five seconds whether something moved, each on a connection of its own."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Sequence

from bench.served import Browser, Served

EVERY = 5.0
_SINCE = re.compile(rb'data-since="([^"]*)"')


async def _look(port: int, cookie: str, since: str, until: float, seen: Counter[int], dice: random.Random) -> None:
    """One screen: the same connection for as long as it is open, and never in step with the others."""
    await asyncio.sleep(dice.uniform(0, EVERY))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = f"GET /tick?since={since} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()
    while time.monotonic() < until:
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        size = re.search(rb"content-length: (\d+)", head)
        if size:
            await reader.readexactly(int(size[1]))
        seen[int(head.split(b" ")[1])] += 1
        await asyncio.sleep(EVERY * dice.uniform(0.8, 1.2))
    writer.close()


async def _all(port: int, cookies: Sequence[str], since: Sequence[str], seconds: float) -> Counter[int]:
    seen: Counter[int] = Counter()
    until, dice = time.monotonic() + seconds, random.Random(1)
    pairs = zip(cookies, since, strict=True)
    await asyncio.gather(*(_look(port, cookie, told, until, seen, dice) for cookie, told in pairs))
    return seen


def look(served: Served, cookies: Sequence[str], since: Sequence[str], seconds: float) -> Counter[int]:
    """How often each status was answered."""
    return asyncio.run(_all(served.port, cookies, since, seconds))


def since(served: Served, cookie: str) -> str:
    """The number that a page gives its screen to ask with."""
    browser = Browser(served.port, cookie)
    browser.headers.pop("Accept-Encoding")
    try:
        found = _SINCE.search(browser.get("/style")[1])
        return found[1].decode() if found else ""
    finally:
        browser.close()
