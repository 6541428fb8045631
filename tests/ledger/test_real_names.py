"""A country's worth of real place names: accents, doubles and all, in once, and sound."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nodes import person
from ulinzi.ledger import tables, verify
from ulinzi.ledger.node import Node
from ulinzi.places import actions
from ulinzi.places.models import Area

CHUNK = 500


def settlements(folder: Path) -> list[dict[str, str]]:
    with (folder / "geo" / "settlements_grid3_v8_east_drc.csv").open(encoding="utf-8", newline="") as file:
        return [{"code": row["grid3id"], "name": row["localite"], "kind": "area"} for row in csv.DictReader(file)]


def chunks(rows: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_every_settlement_comes_in_once(node: Node, shared_data: Path) -> None:
    rows = settlements(shared_data)
    assert len({row["name"] for row in rows}) < len(rows) > 10_000
    for added in (True, False):
        for chunk in chunks(rows):
            done = actions.import_areas(chunk, compartment="north", by=person("ana"))
            assert done["added" if added else "same"] == len(chunk)
    assert sorted(row.name for row in tables.read(node, Area.shape, "1 = 1", [])) == sorted(row["name"] for row in rows)
    assert verify.verify(node, tables=True).ok
