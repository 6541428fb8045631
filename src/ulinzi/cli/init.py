"""`ulinzi init`: a key, a database, compartments, a mission. Running it twice changes nothing."""

from __future__ import annotations

import os
import secrets
import shutil
from argparse import Namespace
from pathlib import Path

from ulinzi.cli import opening
from ulinzi.cli.language import _
from ulinzi.kernel import mission as missions
from ulinzi.kernel.errors import Refused
from ulinzi.kernel.mission import Mission
from ulinzi.web import plain

# Made by several modules, each with these rights; an older copy may have been restored with others.
_SECRETS = ("node.key", "secret.key", "main.sqlite3")


def init(options: Namespace) -> None:
    opening.django()
    from django.conf import settings

    label, compartments = make(settings.HOME, options.code, options.compartment or [], options.mission)
    print(plain.line(_("Node {label} is ready in {home}.").format(label=label, home=settings.HOME)))
    print(plain.line(_("Compartments: {names}").format(names=", ".join(compartments))))
    if options.mission:
        print(plain.line(_("Mission: {folder}. Edit it there.").format(folder=settings.HOME / missions.FOLDER)))
    print(_("Next: ulinzi person add, so that somebody can sign in; then ulinzi run"))


def make(home: Path, code: str, compartments: list[str], given: str | None = None) -> tuple[str, list[str]]:
    """Make the node, or finish it; its label and every compartment it has now."""
    from ulinzi.accounts.rules import HOME
    from ulinzi.ledger import access, queries
    from ulinzi.ledger.init import initialise

    # All that may be refused comes first: then nothing has been made.
    mission = wanted(home, given)
    _check_code(home, code)
    if mission and not compartments:
        compartments = [one.code for one in mission.compartments]
    try:
        node = initialise(home, code=code, compartments=[HOME, *compartments])
    except access.DATABASE_ERRORS as error:
        raise Refused("database_unavailable", error=type(error).__name__) from error
    if given and mission:
        take(home, given, mission)
    _make_secret_key(home / "secret.key")
    _close(home)
    with node.use():
        return queries.node_state().label, [one for one in queries.compartments() if one != HOME]


def wanted(home: Path, given: str | None) -> Mission | None:
    """The mission that was asked for: as it stands in the home, if it came there before and was edited since."""
    if not given:
        return None
    asked, own = missions.load(missions.find(given)), home / missions.FOLDER
    if not own.exists():
        return asked
    here = missions.load(own)
    if here.code != asked.code:
        raise Refused("mission_is_another", here=here.code, wanted=asked.code, folder=str(own))
    return here


def take(home: Path, given: str, mission: Mission) -> None:
    """Copy what was read into the home, whole or not at all. One that is there already stays as it was edited."""
    own, coming, source = home / missions.FOLDER, home / f"{missions.FOLDER}.part", missions.find(given)
    if own.exists():
        return
    try:
        shutil.rmtree(coming, ignore_errors=True)
        coming.mkdir(mode=0o700, parents=True)
        for name in (missions.FILE, mission.logo.file):
            (coming / name).write_bytes(missions.read(source / name, missions.MOST_BYTES))
            (coming / name).chmod(0o600)
        coming.rename(own)
    except OSError as error:
        raise Refused("mission_not_copied", folder=str(own), error=type(error).__name__) from error


def _check_code(home: Path, code: str) -> None:
    """A node that is here keeps its name: everything it wrote bears it."""
    from ulinzi.ledger import queries

    try:
        with opening.node(older=True):
            here = queries.node_state().label.rstrip("0123456789")
    except Refused as refused:
        if refused.code in ("node_not_here", "node_not_initialised"):
            return
        raise
    if here != code:
        raise Refused("node_is_another", here=here, wanted=code)


def _make_secret_key(path: Path) -> None:
    """What cookies and forms are signed with; the settings read it from there."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(48) + "\n")


def _close(home: Path) -> None:
    home.chmod(0o700)
    for name in _SECRETS:
        path = home / name
        if path.exists():
            path.chmod(0o600)
