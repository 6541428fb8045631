"""Sheets: what is wrong is named by row and field, all of it at once, before anything is saved."""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from tests.nodes import person
from ulinzi.cli import errors, sheet
from ulinzi.kernel.errors import Refused
from ulinzi.web import times

TELWA = person("the area of Telwa")
AREA_HEAD, TASK_HEAD = "code,name,kind,parent\n", "reference,title\n"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(text: str | bytes) -> str:
        path = tmp_path / "sheet.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return written


def read_areas(file: str) -> list[dict[str, Any]]:
    return sheet.areas(sheet.read(file, sheet.AREA_COLUMNS, sheet.AREA_COLUMNS[:3]), ["HERE"])


def read_tasks(file: str) -> list[dict[str, Any]]:
    return sheet.tasks(sheet.read(file, sheet.TASK_COLUMNS, sheet.TASK_COLUMNS[:2]), {"TEL": TELWA})


def faults(read: Any, file: str) -> list[tuple[int, str, str]]:
    with pytest.raises(sheet.Faulty) as found:
        read(file)
    return [tuple(fault) for fault in found.value.faults]


def test_areas_are_read(write):
    rows = read_areas(write(AREA_HEAD + "SAR,Sareth,district,HERE\nTEL,Telwa,area,SAR\n"))
    assert rows == [
        {"code": "SAR", "name": "Sareth", "kind": "district", "parent": "HERE"},
        {"code": "TEL", "name": "Telwa", "kind": "area", "parent": "SAR"},
    ]


def test_a_sheet_as_french_spreadsheets_write_it(write):
    text = "\ufeffCode; Name ;kind;parent\r\nPOM;Pomiré, amont;area;\r\n;;;\r\n"
    assert read_areas(write(text)) == [{"code": "POM", "name": "Pomiré, amont", "kind": "area", "parent": None}]


def test_tasks_are_read(write):
    head = "reference,title,detail,area,due,due_basis,urgency,tiers\n"
    full, bare = read_tasks(
        write(head + 'r1,Call back,"Two\nlines",TEL,30/11/2026 14:00,promise,now,dialogue physical\nr2,Visit,,,,,,\n')
    )
    assert full == {
        "reference": "r1",
        "title": "Call back",
        "detail": "Two\nlines",
        "area": TELWA,
        "due_at": times.stored(times.read_date("2026-11-30"), time(14)),
        "due_basis": "promise",
        "urgency": "now",
        "tiers": ["dialogue", "physical"],
    }
    assert bare == {"reference": "r2", "title": "Visit", "detail": None}


@pytest.mark.parametrize("text", ["2026-11-30", "30/11/2026"])
def test_a_day_alone_is_its_end(write, text):
    row = read_tasks(write(f"reference,title,due\nr1,Visit,{text}\n"))[0]
    assert (row["due_at"], row["due_basis"]) == (times.stored(times.read_date(text), time(23, 59)), "own")


def test_everything_wrong_with_areas_is_named(write):
    long = "x" * 121
    found = faults(read_areas, write(AREA_HEAD + f"A,{long},area,\nA,,hamlet,\n,Telwa,area,NONE\nB,Self,area,B\n"))
    assert found == [
        (2, "name", "too long: at most 120 signs"),
        (3, "name", "is missing"),
        (3, "code", "stands in row 2 too"),
        (3, "kind", "has to be one of: province, district, area"),
        (4, "code", "is missing"),
        (4, "parent", "there is no such area"),
        (5, "parent", "there is no such area"),
    ]


def test_everything_wrong_with_tasks_is_named(write):
    head = "reference,title,area,due,due_basis,urgency,tiers\n"
    found = faults(read_tasks, write(head + "r1,,SAN,31/11/2026,whim,huge,dialogue war\nr1,Visit,,25:00,,,\n"))
    assert [(row, field) for row, field, _ in found] == [
        (2, "title"), (2, "area"), (2, "due"), (2, "due_basis"), (2, "urgency"), (2, "tiers"),
        (3, "reference"), (3, "due"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("code,name\n", [(1, "kind", "this column is missing")]),
        ("code,name,kind,colour\n", [(1, "colour", "there is no such column")]),
        ("code,name,kind,kind\n", [(1, "kind", "this column is there twice")]),
        (AREA_HEAD + "A,B,area,,x\n", [(2, "", "this row has more values than there are columns")]),
    ],
)
def test_wrong_columns_are_named(write, text, found):
    assert faults(read_areas, write(text)) == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (AREA_HEAD, "sheet_empty"),
        ("code,name,kind\nP,Pomir\xe9,area\n".encode("latin-1"), "sheet_not_utf8"),
        (AREA_HEAD + "A," + "x" * 140_000 + ",area,\n", "sheet_not_understood"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(write, text, code):
    with pytest.raises(Refused, match=code):
        read_areas(write(text))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Refused, match="file_not_readable"):
        read_areas(str(tmp_path / "none.csv"))


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_ordinary_file_is_refused_and_not_waited_for(tmp_path, kind):
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(Refused, match="file_not_ordinary"):
        read_areas(str(path))


def test_a_file_has_a_greatest_size(write, monkeypatch):
    text = AREA_HEAD + "SAR,Sareth,district,\n"
    monkeypatch.setattr(sheet, "MOST_BYTES", len(text))
    assert len(read_areas(write(text))) == 1
    with pytest.raises(Refused, match="file_too_large"):
        read_areas(write(text + "\n"))


def test_the_greatest_size_is_named():
    said = errors.words(Refused("file_too_large", file="areas.csv", most=sheet.MOST_BYTES // 1_000_000))
    assert said.startswith("areas.csv is larger than 20 MB.")


def test_a_sheet_has_a_greatest_number_of_rows(write, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_ROWS", 2)
    text = TASK_HEAD + "r1,Visit\n,\nr2,Visit\n"
    assert len(read_tasks(write(text))) == 2
    assert faults(read_tasks, write(text + "r3,Visit\n")) == [(5, "", "more rows than are read at once: at most 2")]


def test_a_hundred_thousand_columns_are_counted_and_refused_at_once(write):
    """Looking for each name among all of them would take minutes."""
    begun = process_time()
    columns = ",".join(f"c{number}" for number in range(100_000))
    found = faults(read_areas, write(f"{columns}\n"))
    assert found == [(1, "", "100000 columns are too many: at most 100")]
    assert process_time() - begun < 5


def test_a_fault_of_a_whole_row_names_no_field(write):
    with pytest.raises(sheet.Faulty) as found:
        read_tasks(write(TASK_HEAD + "r1,Visit,more\n"))
    assert found.value.lines("s.csv") == ["s.csv, row 2: this row has more values than there are columns"]


def test_faults_are_said_with_file_row_and_field_and_not_without_end(write):
    with pytest.raises(sheet.Faulty) as found:
        read_tasks(write(TASK_HEAD + "".join(f"r{row},\n" for row in range(30))))
    said = found.value.lines("sheet.csv")
    assert said[0] == "sheet.csv, row 2, title: is missing"
    assert (len(said), said[-1]) == (21, "and 10 more")
