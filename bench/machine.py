"""The machine the figures come from: without it they mean nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from pathlib import Path

import django

from bench.table import Line, quantile


def lines(folder: Path) -> list[Line]:
    return [
        Line("CPU", f"{_cpu()}, {os.cpu_count()} cores"),
        Line(
            "software",
            f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, Django {django.__version__}",
        ),
        Line("load before", " ".join(f"{one:.2f}" for one in os.getloadavg())),
        Line("fdatasync of 4 kB, p50 / p95", "{:.2f} / {:.2f} ms".format(*fsync(folder))),
    ]


def fsync(folder: Path, times: int = 400) -> tuple[float, float]:
    handle = os.open(folder / "fsync", os.O_CREAT | os.O_WRONLY)
    taken = []
    for place in range(times):
        began = time.perf_counter()
        os.pwrite(handle, b"x" * 4096, place * 4096)
        os.fdatasync(handle)
        taken.append((time.perf_counter() - began) * 1000)
    os.close(handle)
    return quantile(taken, 0.5), quantile(taken, 0.95)


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
