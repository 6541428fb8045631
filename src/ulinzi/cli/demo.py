"""`ulinzi demo`: a small invented mission with a past, in a home of its own, served like any other."""

from __future__ import annotations

import os
import shutil
from argparse import Namespace
from pathlib import Path

from ulinzi.cli import init, opening
from ulinzi.cli import run as running
from ulinzi.cli.language import _
from ulinzi.kernel import mission as missions
from ulinzi.kernel.errors import Refused

_BEGUN, _READY = "begun\n", "ready\n"
_MADE_BY_INIT = (
    "node.key", "incarnation", "access", "writer.lock", "main.sqlite3", "main.sqlite3-wal", "main.sqlite3-shm",
    "tables.stale", "local.sqlite3", "local.sqlite3-wal", "local.sqlite3-shm",
)  # fmt: skip


def demo(options: Namespace) -> None:
    # Before the settings are read: they choose the home by it, and the children do as we do.
    os.environ["ULINZI_DEMO"] = "1"
    running.free_port()
    opening.django()
    from django.conf import settings

    prepare(settings.HOME, options.mission)
    running.run(options)


def prepare(home: Path, mission: str | None = None) -> None:
    """Fill it once. The marker says that this home is a demonstration, and whether it is whole."""
    marker = home / "demo"
    state = marker.read_text() if marker.exists() else ""
    if state == _READY:
        _check_mission(home, mission)
        return
    if state == _BEGUN:
        _empty(home)
    elif (home / "node.key").exists():
        raise Refused("demo_over_a_node", home=str(home))
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.write_text(_BEGUN)
    print(_("Filling the demonstration mission. Everybody and every place in it is invented."), flush=True)
    _fill(home, mission or missions.DEFAULT)
    marker.write_text(_READY)


def _fill(home: Path, mission: str) -> None:
    from ulinzi.cli.mission import PASTS, seed

    init.make(home, PASTS[mission].code, list(PASTS[mission].areas), mission)
    seed(home, mission)


def _check_mission(home: Path, mission: str | None) -> None:
    """A demonstration that is there is served as it is; one that was asked for by name has to be that one."""
    here = missions.of_home(home).code
    if mission and mission != here:
        raise Refused("demo_is_another_mission", here=here, wanted=mission, home=str(home))


def _empty(home: Path) -> None:
    """What an interrupted start left. Only in a home that bears the marker, and only what a node is made of."""
    if os.environ.get("DATABASE_URL"):
        raise Refused("demo_half_made")
    for name in _MADE_BY_INIT:
        (home / name).unlink(missing_ok=True)
    for folder in (missions.FOLDER, "gateway"):
        shutil.rmtree(home / folder, ignore_errors=True)
