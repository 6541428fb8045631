"""Every address, asked by every persona, about a record of their own province and of the other one.

    .venv/bin/python -m tests.access.matrix

asks anew and rewrites matrix.txt and fields.txt. Where something would be open that nevers.txt says is never open,
it writes nothing.
"""

from __future__ import annotations

import sys
import tempfile
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from django.http import HttpResponse

from tests import conftest  # noqa: F401 the settings that tests run with, before anything that reads them
from tests.access import loop
from tests.access.asks import ASKS, BESIDE, Ask
from tests.access.fields import GROUPS
from tests.access.world import COLUMNS, SIGNS, Column, World, id_of, is_foreign, place_of, world
from tests.nodes import Nodes, make_template
from ulinzi.accounts.rules import CLEARANCE, Role
from ulinzi.ledger.shapes import Sensitivity

FOLDER = Path(__file__).parent
MATRIX, FIELDS, NEVERS = FOLDER / "matrix.txt", FOLDER / "fields.txt", FOLDER / "nevers.txt"
SIDES = ("own", "foreign")
NUMBERS = [number[1:] for listed in loop.NUMBERS.values() for number in listed]
_NAMED = [str(one.role) for one in COLUMNS]
LONG = {"everybody": " ".join(_NAMED), "everybody with an account": " ".join(_NAMED[:-1])}
SHORT = {listed: short for short, listed in LONG.items()}
CLOSED = frozenset({"refused", "not found", "sign in", "hidden"})
WITHOUT_WORDS = frozenset({role for role in Role if CLEARANCE[role] in (Sensitivity.PUBLIC, Sensitivity.RESTRICTED)})


class Cell(NamedTuple):
    what: str  # an address and how it is asked, or a group of fields
    role: str
    side: str


class Leak(NamedTuple):
    what: str
    role: str
    sign: str


@dataclass
class Answers:
    """What came back: one word for each cell, and every sign that reached somebody it is not for."""

    cells: dict[Cell, str] = field(default_factory=dict)
    fields: dict[Cell, str] = field(default_factory=dict)
    leaks: set[Leak] = field(default_factory=set)
    signs: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


# Asking.


def ask_all(world: World, asks: Iterable[Ask] = ASKS, columns: Sequence[Column] = COLUMNS) -> Answers:
    found = Answers()
    for ask in sorted(asks, key=lambda one: one.method):  # reading first, while there is little to list
        for column in columns:
            for side in SIDES:
                _ask(world, found, ask, column, side)
    _opened(found)
    return found


def _ask(world: World, found: Answers, ask: Ask, column: Column, side: str) -> None:
    place, cell = place_of(column, side), Cell(ask.key, str(column.role), side)
    request = ask.make(world, place)
    before = world.written()
    response = world.send(id_of(column), ask.method, request.url, request.data)
    page = response.content.decode()
    answer = found.cells[cell] = _word(world, ask, response, page, place)
    wrote = world.written() != before
    if wrote != _should_write(ask, answer) and ask.name not in BESIDE:
        found.wrong.append(f"{cell}: answered {answer}, and {'something' if wrote else 'nothing'} was written")
    if wrote and answer in CLOSED:
        found.wrong.append(f"{cell}: refused, and yet something was written")
    for more in ask.also:
        page += world.send(id_of(column), "GET", more(world, place)).content.decode()
    found.leaks |= {Leak(ask.key, cell.role, sign) for sign in _not_for(column) if sign in page}
    found.signs |= {sign for signs in SIGNS.values() for sign in signs.all if sign in page}
    _fields(found, ask, page, place, cell)


def _should_write(ask: Ask, answer: str) -> bool:
    return ask.method == "POST" and answer == "do"


def _word(world: World, ask: Ask, response: HttpResponse, page: str, place: str) -> str:
    status, where = response.status_code, response.headers.get("Location", "")
    sent_to_the_door = status == 302 and where.startswith("/sign-in?next=")
    if sent_to_the_door or status == 401 or (status == 403 and "not_signed_in" in page):
        return "sign in"
    if status == 404 or (status == 200 and ask.shows is not None and ask.shows(world, place) not in page):
        return "not found"
    if status in (200, 302):
        return "see" if ask.method == "GET" else "do"
    return {403: "refused", 422: "refused"}.get(status, f"status {status}")


def _not_for(column: Column) -> list[str]:
    """The signs of what is foreign to somebody, of what their role has nothing to do with, and those of words where
    they may read none. The number of a telephone is for no page at all.
    """
    foreign = [sign for place, signs in SIGNS.items() if is_foreign(column, place) for sign in signs.all]
    kept = [sign for signs in SIGNS.values() for sign in signs.not_for(str(column.role))]
    deep = isinstance(column, type) or column.role in WITHOUT_WORDS
    words = [sign for signs in SIGNS.values() for sign in signs.words] if deep else []
    return [*foreign, *kept, *words, *NUMBERS]


def _fields(found: Answers, ask: Ask, page: str, place: str, cell: Cell) -> None:
    if ask.method != "GET":
        return
    for group, shown in GROUPS.items():
        named = Cell(group, cell.role, cell.side)
        seen = found.cells[cell] == "see" and shown.shows(ask.name, page, place)
        found.fields[named] = "see" if seen or found.fields.get(named) == "see" else "hidden"


def _opened(found: Answers) -> None:
    """What even the outsider is given is open."""
    given = {cell.what for cell, word in found.cells.items() if cell.role == "outsider" and word in ("see", "do")}
    for cell, word in found.cells.items():
        if cell.what in given and word in ("see", "do"):
            found.cells[cell] = "open"


# As text.

HEAD = """\
# {title}
# Written by `.venv/bin/python -m tests.access.matrix`, compared with reality by tests/access. Read each change of it.
# own, foreign: the province of the persona's role, and the other one. Whoever works in the whole mission knows no
# foreign province: for them the north stands under own, the south under foreign. both: no difference.
{more}
"""
TITLES = {
    MATRIX: (
        "The access matrix: what every address answers to each of the nineteen personas and to the outsider",
        "# see: a page. do: done and written. open: to anybody. refused: not for this role. sign in: come in first.\n"
        "# not found: the answer, the list or the page holds nothing of it, as if it never was.",
    ),
    FIELDS: (
        "The field matrix: who sees which group of fields on any page",
        "# see: its value stands on a page. hidden: on none. Groups that no page shows: NOWHERE in fields.py.",
    ),
}


def text(path: Path, cells: dict[Cell, str]) -> str:
    title, more = TITLES[path]
    parts = [HEAD.format(title=title, more=more)]
    parts += [_block(what, cells) for what in dict.fromkeys(cell.what for cell in cells)]
    return "\n".join(parts)


def _block(what: str, cells: dict[Cell, str]) -> str:
    about = {one: word for one, word in cells.items() if one.what == what}
    told = {side: {one.role: word for one, word in about.items() if one.side == side} for side in SIDES}
    sides = {"both": told["own"]} if told["own"] == told["foreign"] else told
    lines = [_line(side, word, words) for side, words in sides.items() for word in dict.fromkeys(words.values())]
    return what + "\n" + "".join(lines)


def _line(side: str, word: str, words: dict[str, str]) -> str:
    listed = " ".join(role for role, one in words.items() if one == word)
    named = textwrap.wrap(SHORT.get(listed, listed), 96)
    return f"  {side:<8} {word:<10} {named[0]}\n" + "".join(f"{'':22}{one}\n" for one in named[1:])


def read(path: Path) -> dict[Cell, str]:
    found: dict[Cell, str] = {}
    what = side = word = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            what = line
            continue
        side, word = (line[2:11].strip(), line[11:22].strip()) if line[2:11].strip() else (side, word)
        sides = SIDES if side == "both" else (side,)
        found |= {Cell(what, role, one): word for role in LONG.get(line[22:], line[22:]).split() for one in sides}
    return found


def differences(told: dict[Cell, str], real: dict[Cell, str]) -> list[str]:
    """Cell by cell, in words."""
    cells = [one for one in real if told.get(one) != real[one]] + [one for one in told if one not in real]
    return [
        f"{one.what}, {one.role}, {one.side}: in the file {told.get(one, 'nothing')}, really {real.get(one, 'nothing')}"
        for one in cells
    ]


# What is never open.


class Never(NamedTuple):
    what: str
    role: str
    side: str
    reason: str


def nevers() -> list[Never]:
    lines = NEVERS.read_text(encoding="utf-8").splitlines()
    parted = [[one.strip() for one in line.split("|")] for line in lines if line.strip() and not line.startswith("#")]
    return [Never(*one) for one in parted]


def about(never: Never, found: Answers) -> dict[Cell, str]:
    """The cells a never speaks of: a group of fields, or an address in every way it can be asked."""
    told = found.fields if "/" in never.what else found.cells
    return {
        cell: word
        for cell, word in told.items()
        if cell.what.split(" ")[0] == never.what and (cell.role, cell.side) == (never.role, never.side)
    }


def broken(found: Answers) -> list[str]:
    return [
        f"{cell.what}, {cell.role}, {cell.side}: {word}, but never: {never.reason}"
        for never in nevers()
        for cell, word in about(never, found).items()
        if word not in CLOSED
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "template").mkdir()
        make_template(folder / "template")
        made = Nodes(folder, folder / "template", "sqlite")
        with made.make().use() as node, world(node) as here:
            found = ask_all(here)
        made.close()
    return write(found)


def write(found: Answers) -> int:
    stopped = broken(found) + found.wrong + [f"shown to somebody it is not for: {one}" for one in sorted(found.leaks)]
    for one in stopped:
        print(one)
    if stopped:
        print("Nothing was written.")
        return 1
    MATRIX.write_text(text(MATRIX, found.cells), encoding="utf-8")
    FIELDS.write_text(text(FIELDS, found.fields), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
