"""What people wrote is shown as what it is: it begins no line of ours and gives the terminal no orders."""

from __future__ import annotations

import json
from argparse import Namespace
from contextlib import nullcontext
from uuid import UUID

import pytest
from django.utils.translation import override

from tests.nodes import person
from ulinzi.cli import errors, init, ledger, sheet, shown
from ulinzi.desk import actions, rules
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import queries, verify
from ulinzi.ledger.node import Node
from ulinzi.web import plain

pytestmark = pytest.mark.sqlite_only
ANA, BORI = person("ana"), person("bori")
FORGED = "17/11/2026 14:05  Maren Odhal erased the task."
ORDERS = "\x1b[2J\x9b2J\r\x07\u202e\u2066\u2028"


def told(task: UUID, form: str = "words") -> list[str]:
    events = queries.history("desk.Task", task)
    with override("en"):
        return list(shown.as_json(events) if form == "json" else shown.in_words(events))


def add(title: str) -> UUID:
    return actions.add_task(compartment="north", by=ANA, title=title)


def test_words_begin_no_line_of_ours(node: Node) -> None:
    task = add(f"Call back\n{FORGED}")
    actions.step(task, rules.Step.NOTED, by=BORI, words=f"Urgency: Now\n\n{FORGED}")
    below = "\n".join(told(task)).splitlines()[1:]
    indent = " " * 18
    assert below[:2] == [f"{indent}What has to be done: Call back", f"{indent}| {FORGED}"]
    assert below[3:] == [f"{indent}In words: Urgency: Now", f"{indent}| ", f"{indent}| {FORGED}"]


@pytest.mark.parametrize("form", ["words", "json"])
def test_the_terminal_gets_no_orders(node: Node, form: str) -> None:
    task = add(f"Kibélé {ORDERS}")
    actions.step(task, rules.Step.NOTED, by=BORI, words=ORDERS)
    actions.erase_task(task, by=ANA, second=BORI, basis=ORDERS)
    lines = told(task, form)
    assert [sign for line in lines for sign in line if sign != "\n" and not sign.isprintable()] == []


def test_an_erasure_is_json_too(node: Node) -> None:
    task = add("Call back")
    actions.erase_task(task, by=ANA, second=BORI, basis="asked")
    last = json.loads(told(task, "json")[-1])
    assert [(one["basis"], one["second"]) for one in last["erasures"]] == [("asked", str(BORI))]


def test_ordinary_letters_stay_and_json_says_the_same(node: Node) -> None:
    task = add(f"Kibélé قرية {ORDERS}")
    assert "Kibélé قرية [U+001B][2J[U+009B]2J[U+000D]" in "\n".join(told(task))
    line = told(task, "json")[0]
    assert "Kibélé قرية" in line
    assert f"Kibélé قرية {ORDERS}" in [change["values"].get("title") for change in json.loads(line)["changes"]]


def test_control_without_it_the_orders_would_arrive(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "visible", str)
    monkeypatch.setattr(plain, "json", str)
    task = add(ORDERS)
    assert "\x1b" in "\n".join(told(task))
    assert "\x9b" in "\n".join(told(task, "json"))


def test_what_verify_finds_is_shown_line_by_line(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = verify.Report(findings=[verify.Finding("row_differs", ORDERS, 4, f"\n{FORGED}{ORDERS}")])
    monkeypatch.setattr(ledger.opening, "node", lambda: nullcontext(node))
    monkeypatch.setattr(verify, "verify", lambda *args, **options: report)
    assert ledger.verify(Namespace(tables=False)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[2].startswith("row_differs [U+001B]")
    assert all(line.isprintable() for line in lines)


def test_what_a_new_node_says_is_shown_line_by_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(init, "make", lambda *args: (f"BEN{ORDERS}", [f"north{ORDERS}"]))
    init.init(Namespace(code="BEN", compartment=["north"], mission=None))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and all(line.isprintable() for line in lines)


@pytest.mark.parametrize("code", ["file_is_there", "id_not_understood", "compartment_unknown"])
def test_an_error_is_one_line_whatever_it_was_given(code: str) -> None:
    given = f"a\n{FORGED}{ORDERS}"
    said = errors.words(Refused(code, file=given, id=given, compartment=given))
    assert said.isprintable() and "[U+001B]" in said and "[U+000A]" in said


def test_the_name_of_a_column_is_shown_short_and_on_one_line() -> None:
    faulty = sheet.Faulty([sheet.Fault(1, f"\n{FORGED}{ORDERS}" + "x" * 100_000, "there is no such column")])
    (line,) = faulty.lines("areas\x1b.csv")
    assert line.isprintable() and len(line) < 200
    assert line.startswith("areas[U+001B].csv, row 1, [U+000A]17/11/2026")
