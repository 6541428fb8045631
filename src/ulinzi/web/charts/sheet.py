"""The numbers of a picture as a table, and as a file for a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cell = str | int | float | None
# What a spreadsheet takes for a formula, or what leads it to the next sign that is one.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


@dataclass(frozen=True)
class Sheet:
    """A head and rows; the first column says what a row is about."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def safe(cell: Cell) -> str | int | float:
    """A cell that somebody wrote is never a formula: an apostrophe before it makes it text."""
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return f"'{cell}"
    return cell


def csv_file(head: Sequence[str], rows: Iterable[Sequence[Cell]], language: str) -> bytes:
    """Where a comma stands in numbers, spreadsheets part cells by semicolons; the mark at the front says UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if language == "fr" else ",", lineterminator="\r\n")
    writer.writerow([safe(one) for one in head])
    writer.writerows([safe(one) for one in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")
