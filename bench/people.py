"""What signing in costs, and whether it tells a stranger which names are known (T-A-10)."""

from __future__ import annotations

import time
from collections.abc import Iterator

from bench import rig
from bench.table import Line, at_most, quantile
from ulinzi.accounts import logins, sessions
from ulinzi.kernel.errors import Refused

TIMES = 100
PASSWORD = "a goat on the long road"


def run(times: int = TIMES) -> Iterator[Line]:
    with rig.node():
        logins.enrol(logins.issue_code(rig.CLERK), "clerk", PASSWORD, address="bench")
        known, unknown = [], []
        _wrong("nobody", 0)  # the first of a process makes what unknown names are compared with
        for n in range(times):
            known.append(_wrong("clerk", n))
            unknown.append(_wrong(f"nobody{n}", n))
        yield Line("a wrong password for a known name, p50", f"{quantile(known, 0.5):.1f} ms")
        apart = abs(quantile(known, 0.5) - quantile(unknown, 0.5))
        yield at_most(f"known and unknown names apart, p50 of {times} each", apart, 5.0, "ms")
        session = sessions.begin(rig.CLERK)
        found, _ = rig.timed(lambda n: sessions.find(session.token), 500)
        yield Line("finding a session, p50", f"{quantile(found, 0.5):.3f} ms")


def _wrong(name: str, n: int) -> float:
    began = time.perf_counter()
    try:
        logins.sign_in(name, "not the password at all", address=f"10.0.{n}")
    except Refused:
        return (time.perf_counter() - began) * 1000
    raise AssertionError("let in")
