"""A sheet as rows that are right, or everything that is wrong with it: file, row, field."""

from __future__ import annotations

import csv
import io
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from ulinzi.cli.language import _
from ulinzi.desk.rules import TASK
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.shapes import Shape
from ulinzi.places.rules import AREA
from ulinzi.web import plain, times

MOST_SHOWN = 20
MOST_BYTES, MOST_COLUMNS, MOST_ROWS = 20_000_000, 100, 200_000
_MOST_OF_A_NAME = 40
_END_OF_DAY = time(23, 59)
AREA_COLUMNS = ("code", "name", "kind", "parent")
TASK_COLUMNS = (
    "reference", "title", "detail", "area", "due", "due_basis", "urgency", "tiers",
)  # fmt: skip
_REFERENCE_LENGTH = 40


class Fault(NamedTuple):
    row: int
    field: str
    words: str


class Line(NamedTuple):
    """A row as it was read. Row 1 is the names of the columns, as the spreadsheet counts."""

    row: int
    told: dict[str, str]


def read(file: str, columns: Sequence[str], needed: Sequence[str]) -> list[Line]:
    try:
        listed = _lines(_text(file), columns, needed)
    except OSError as error:
        raise Refused("file_not_readable", file=file, error=error.strerror) from error
    except UnicodeDecodeError as error:
        raise Refused("sheet_not_utf8", file=file) from error
    except csv.Error as error:
        raise Refused("sheet_not_understood", file=file, error=error) from error
    if not listed:
        raise Refused("sheet_empty", file=file)
    return listed


def _text(file: str) -> io.TextIOWrapper:
    """All of it at once, so that it cannot grow while it is read."""
    with open(file, "rb", opener=_ordinary) as source:
        held = source.read(MOST_BYTES + 1)
    if len(held) > MOST_BYTES:
        raise Refused("file_too_large", file=file, most=MOST_BYTES // 1_000_000)
    return io.TextIOWrapper(io.BytesIO(held), encoding="utf-8-sig", newline="")


def _ordinary(file: str, flags: int) -> int:
    """Folders hold no rows, devices never end; and without waiting, since a pipe may have nobody at its other end."""
    handle = os.open(file, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refused("file_not_ordinary", file=file)
    return handle


def _lines(lines: Iterable[str], columns: Sequence[str], needed: Sequence[str]) -> list[Line]:
    rows = iter(lines)
    head = next(rows, "")
    # Spreadsheets write semicolons where a comma stands in numbers, as in French.
    sign = ";" if head.count(";") > head.count(",") else ","
    names = [name.strip().lower() for name in next(csv.reader([head], delimiter=sign), [])]
    if faults := list(_wrong_columns(names, columns, needed)):
        raise Faulty(faults)
    read = enumerate(csv.reader(rows, delimiter=sign), 2)
    filled = (Line(row, _named(row, names, values)) for row, values in read if any(one.strip() for one in values))
    listed = list(islice(filled, MOST_ROWS + 1))
    if len(listed) > MOST_ROWS:
        sentence = _("more rows than are read at once: at most {most}").format(most=MOST_ROWS)
        raise Faulty([Fault(listed[-1].row, "", sentence)])
    return listed


def _wrong_columns(names: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> Iterator[Fault]:
    if len(names) > MOST_COLUMNS:
        sentence = _("{found} columns are too many: at most {most}")
        yield Fault(1, "", sentence.format(found=len(names), most=MOST_COLUMNS))
        return
    yield from (Fault(1, name, _("there is no such column")) for name in names if name not in columns)
    yield from (Fault(1, name, _("this column is missing")) for name in needed if name not in names)
    twice = [name for name, count in Counter(names).items() if count > 1]
    yield from (Fault(1, name, _("this column is there twice")) for name in twice)


def _named(row: int, names: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    if any(one.strip() for one in values[len(names) :]):
        raise Faulty([Fault(row, "", _("this row has more values than there are columns"))])
    return dict(zip(names, (one.strip() for one in values), strict=False))


class Faulty(Refused):
    """The sheet is wrong; where, stands in `faults`."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("sheet_refused")
        self.faults = faults

    def lines(self, file: str) -> list[str]:
        more = len(self.faults) - MOST_SHOWN
        shown = [_shown(file, one) for one in self.faults[:MOST_SHOWN]]
        return [*shown, *([_("and {more} more").format(more=more)] if more > 0 else [])]


def _shown(file: str, fault: Fault) -> str:
    """The name of a column comes from the file, and may be anything."""
    field = fault.field[:_MOST_OF_A_NAME]
    sentence = _("{file}, row {row}, {field}: {words}") if field else _("{file}, row {row}: {words}")
    return plain.line(sentence.format(file=file, row=fault.row, field=field, words=fault.words))


@dataclass
class Checking:
    """Turns lines into rows for the actions, and collects what is wrong on the way."""

    faults: list[Fault]
    shape: Shape
    row: int = 0

    def find(self, field: str, words: str) -> None:
        self.faults.append(Fault(self.row, field, words))

    def values(self, told: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in told.items():
            self.value(name, value)
        return dict(told)

    def value(self, name: str, value: Any) -> None:
        field = self.shape.field[name]
        if not field.fits(field.to_wire(value)):
            self.find(name, _("too long: at most {most} signs").format(most=field.longest))
        elif not field.knows(field.to_wire(value)):
            self.find(name, _("has to be one of: {choices}").format(choices=", ".join(field.choices)))

    def needed(self, told: Mapping[str, str], name: str) -> str:
        if not told.get(name):
            self.find(name, _("is missing"))
        return told.get(name, "")

    def once(self, seen: dict[str, int], field: str, value: str) -> None:
        if value in seen:
            self.find(field, _("stands in row {row} too").format(row=seen[value]))
        seen.setdefault(value, self.row)


def _all(
    lines: Sequence[Line], shape: Shape, one: Callable[[Checking, dict[str, str]], dict[str, Any]]
) -> list[dict[str, Any]]:
    checking = Checking([], shape)
    rows = []
    for line in lines:
        checking.row = line.row
        rows.append(one(checking, line.told))
    if checking.faults:
        raise Faulty(checking.faults)
    return rows


def areas(lines: Sequence[Line], here: Iterable[str]) -> list[dict[str, Any]]:
    """Rows for places.actions.import_areas. `here`: codes of the areas that are here already."""
    known = {*here, *(line.told.get("code", "") for line in lines)}
    seen: dict[str, int] = {}

    def one(checking: Checking, told: dict[str, str]) -> dict[str, Any]:
        code, name, kind = (checking.needed(told, field) for field in ("code", "name", "kind"))
        checking.once(seen, "code", code)
        parent = told.get("parent") or None
        if parent and (parent not in known or parent == code):
            checking.find("parent", _("there is no such area"))
        return {**checking.values({"code": code, "name": name, "kind": kind or None}), "parent": parent}

    return _all(lines, AREA, one)


def tasks(lines: Sequence[Line], area_ids: Mapping[str, UUID]) -> list[dict[str, Any]]:
    """Rows for desk.actions.import_tasks. `area_ids`: the areas that are here, by code."""
    seen: dict[str, int] = {}

    def one(checking: Checking, told: dict[str, str]) -> dict[str, Any]:
        reference, title = checking.needed(told, "reference"), checking.needed(told, "title")
        checking.once(seen, "reference", reference)
        if len(reference) > _REFERENCE_LENGTH:
            checking.find("reference", _("too long: at most {most} signs").format(most=_REFERENCE_LENGTH))
        if told.get("area") and told["area"] not in area_ids:
            checking.find("area", _("there is no such area"))
        due = _due(checking, told.get("due", ""))
        values = {
            "title": title,
            "detail": told.get("detail") or None,
            "due_at": due,
            "due_basis": told.get("due_basis") or ("own" if due is not None else None),
            "urgency": told.get("urgency") or None,
            "tiers": told.get("tiers", "").replace(",", " ").replace(";", " ").split() or None,
        }
        return {**_filled(checking.values(values)), **_area(told, area_ids), "reference": reference}

    return _all(lines, TASK, one)


def _area(told: Mapping[str, str], area_ids: Mapping[str, UUID]) -> dict[str, UUID]:
    found = area_ids.get(told.get("area", ""))
    return {"area": found} if found else {}


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """A group that the sheet says nothing about is not written."""
    groups = {TASK.group_of[name].name for name, value in values.items() if value is not None}
    return {name: value for name, value in values.items() if TASK.group_of[name].name in groups}


def _due(checking: Checking, text: str) -> int | None:
    """2026-11-30 or 30/11/2026, with a time or without: in the mission's own zone, a day alone until its end."""
    day, _sign, hour = text.replace("T", " ").partition(" ")
    try:
        return times.stored(times.read_date(day), times.read_time(hour) if hour else _END_OF_DAY) if day else None
    except (ValueError, OverflowError):
        checking.find("due", _("no time: write 2026-11-30 or 2026-11-30 14:00"))
        return None
