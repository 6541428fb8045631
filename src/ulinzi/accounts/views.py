"""What somebody asks a list for again and again, kept under a name: their own alone, and on this machine alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ulinzi.accounts import local
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node as nodes

MOST = 20
LONGEST_NAME = 60
LONGEST_QUERY = 1500


@dataclass(frozen=True)
class View:
    """`query` is what follows the `?` of an address. Whoever uses it reads it as they read any: it may be old."""

    name: str
    query: str
    usual: bool


def of(person: UUID, screen: str) -> list[View]:
    sql = "SELECT name, query, usual FROM saved_view WHERE person = ? AND screen = ? ORDER BY name"
    found = local.rows(nodes.current(), sql, (person.bytes, screen))
    return [View(name, query, bool(usual)) for name, query, usual in found]


def usual(person: UUID, screen: str) -> View | None:
    """What is shown where nothing is asked."""
    return next((one for one in of(person, screen) if one.usual), None)


def save(person: UUID, screen: str, name: str, query: str, *, usual: bool = False) -> bool:
    """Under a name that is there already it takes its place. False where somebody has as many as there may be."""
    wanted = _checked(name)
    if len(query) > LONGEST_QUERY:
        raise Refused("field_does_not_fit", field="query")
    with local.writing(nodes.current()) as file:
        key = (person.bytes, screen)
        sql = "SELECT COUNT(*) FROM saved_view WHERE person = ? AND screen = ? AND name <> ?"
        if file.execute(sql, (*key, wanted)).fetchone()[0] >= MOST:
            return False
        if usual:
            file.execute("UPDATE saved_view SET usual = 0 WHERE person = ? AND screen = ?", key)
        file.execute("INSERT OR REPLACE INTO saved_view VALUES (?, ?, ?, ?, ?)", (*key, wanted, query, int(usual)))
    return True


def _checked(name: str) -> str:
    wanted = " ".join(name.split())
    if not wanted:
        raise Refused("name_missing", field="name")
    if len(wanted) > LONGEST_NAME:
        raise Refused("field_does_not_fit", field="name")
    return wanted


def drop(person: UUID, screen: str, name: str) -> None:
    """Of their own. Doing it twice is doing it once."""
    with local.writing(nodes.current()) as file:
        sql = "DELETE FROM saved_view WHERE person = ? AND screen = ? AND name = ?"
        file.execute(sql, (person.bytes, screen, name))


def forget(person: UUID) -> None:
    """Of somebody who has left."""
    with local.writing(nodes.current()) as file:
        file.execute("DELETE FROM saved_view WHERE person = ?", (person.bytes,))
