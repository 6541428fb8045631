"""Tables as values: columns, lines, order, pages. `web/_table.html` shows any of them, sorted by links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.desk import rules
from ulinzi.kernel.clock import HOUR
from ulinzi.ledger.shapes import Row

NOTHING = lazy("Nothing is written down here yet.")


@dataclass(frozen=True)
class Column:
    name: str
    label: Any
    sorts: bool = True
    is_number: bool = False


@dataclass(frozen=True)
class Cell:
    """One field of a line. `text` is anybody's words; `row` a task, shown by its title as far as that is open."""

    text: Any = ""
    url: str = ""
    icon: str = ""
    at: int | None = None
    row: Row | None = None
    area: str = ""
    quiet: bool = False
    late: bool = False

    @property
    def says_nothing(self) -> bool:
        return self.text == "" and self.at is None and self.row is None


@dataclass(frozen=True)
class Head:
    """A column as it stands above the table: where its link leads, and how it is sorted now."""

    column: Column
    url: str = ""
    sorted: str = ""  # as aria-sort says it; nothing where it is not

    @property
    def arrow(self) -> str:
        return {"ascending": "↑", "descending": "↓"}.get(self.sorted, "")


@dataclass(frozen=True)
class Pages:
    """Where this page stands among those there are."""

    page: int = 1
    pages: int = 1
    first: int = 0
    last: int = 0
    total: int = 0
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Nothing:
    """What stands in place of a table without lines; `back` leads out of a filter that leaves nothing."""

    what: Any = NOTHING
    todo: Any = ""
    back: str = ""
    back_said: Any = ""


@dataclass(frozen=True)
class Table:
    """`id` names its heading, which names the region that scrolls. The first cell of a line is its head."""

    id: str
    heads: Sequence[Head]
    lines: Sequence[Sequence[Cell]]
    pages: Pages = field(default_factory=Pages)
    nothing: Nothing = field(default_factory=Nothing)

    @property
    def rows(self) -> list[list[tuple[Column, Cell]]]:
        columns = [one.column for one in self.heads]
        return [list(zip(columns, line, strict=True)) for line in self.lines]


def is_late(row: Row, now: int) -> bool:
    """A promise that is over, of a task that is not finished."""
    return row["due_at"] is not None and row["due_at"] < now and row["state"] in rules.UNFINISHED


def heads(columns: Sequence[Column], by: str, *, down: bool, url: Callable[[str, bool], str]) -> list[Head]:
    """A link sorts by its column; the one that is sorted turns round."""
    return [_head(one, by, down, url) for one in columns]


def _head(column: Column, by: str, down: bool, url: Callable[[str, bool], str]) -> Head:
    if not column.sorts:
        return Head(column)
    if column.name != by:
        return Head(column, url(column.name, False))
    return Head(column, url(column.name, not down), "descending" if down else "ascending")


def pages(page: int, count: int, size: int, shown: int, total: int, *, url: Callable[[int], str]) -> Pages:
    first = (page - 1) * size
    before = url(page - 1) if page > 1 else ""
    after = url(page + 1) if page < count else ""
    return Pages(page, count, first + 1 if shown else 0, first + shown, total, before, after)


def sample(now: int) -> list[tuple[str, Table]]:
    """Every state a table can be in, for the page that shows the parts of the house."""
    heads = [Head(one, "#tables", "ascending" if one.name == "number" else "") for one in _sample_columns()]
    lines = [_sample_line(number, now) for number in range(1, 4)]
    back = Nothing(_("Nothing fits what is asked for."), "", "#tables", _("Show everything"))
    return [
        (_("Ordinary"), Table("sample-ordinary", heads, lines, Pages(1, 1, 1, 3, 3))),
        (_("One line"), Table("sample-one", heads, lines[:1], Pages(1, 1, 1, 1, 1))),
        (_("Many lines"), Table("sample-many", heads, lines, Pages(2, 7, 51, 53, 320, "#tables", "#tables"))),
        (_("Empty"), Table("sample-empty", heads, [])),
        (_("Filtered to nothing"), Table("sample-filtered", heads, [], nothing=back)),
    ]


def _sample_columns() -> list[Column]:
    named = (("title", _("What has to be done")), ("number", _("Number")), ("due", _("Due")), ("count", _("Entries")))
    return [Column(name, label, sorts=name != "count", is_number=name == "count") for name, label in named]


def _sample_line(number: int, now: int) -> list[Cell]:
    late = number == 1
    due = Cell(at=now + (number * 2 - 3) * HOUR, late=late)
    return [Cell(_("At the school."), "#tables"), Cell(f"BEN-{number}"), due, Cell(number * 7)]
