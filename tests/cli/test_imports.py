"""Importing: twice is once, beside a web server in small chunks, and Ctrl-C says what was saved."""

from __future__ import annotations

import signal
import threading
from argparse import Namespace
from contextlib import nullcontext
from typing import Any

import pytest

from tests.cli.conftest import Machine, until
from tests.nodes import person, reader
from ulinzi.cli import imports, serving
from ulinzi.desk import actions, queries
from ulinzi.kernel.errors import Refused

ANA, BORI = person("ana"), person("bori")
AREAS = "code,name,kind,parent\nSAR,Sareth,district,\nTEL,Telwa,area,SAR\n"
TASKS = "reference,title,area,urgency\nr1,Call back Telwa,TEL,soon\nr2,Visit Telwa,TEL,\n"


def rows(count: int) -> list[dict[str, Any]]:
    return [{"reference": f"r{number}", "title": f"Visit {number}"} for number in range(count)]


def save(chunk: Any) -> dict[str, int]:
    return actions.import_tasks(chunk, compartment="north", by=ANA)


def test_tasks_come_in_once_and_keep_what_people_did_since(node):
    assert save(rows(3)) == {"added": 3, "same": 0}
    task = actions.task_id("north", "r1")
    actions.edit_task(task, by=BORI, title="Visit on Monday")
    assert save(rows(4)) == {"added": 1, "same": 3}
    assert queries.task(task, reader("north")).title == "Visit on Monday"
    assert sorted(task.number for task in queries.open_tasks(reader("north"))) == ["r0", "r1", "r2", "r3"]


def test_an_erased_task_does_not_come_back(node):
    save(rows(2))
    actions.erase_task(actions.task_id("north", "r1"), by=ANA, second=BORI, basis="asked by the person")
    assert save(rows(2)) == {"added": 0, "same": 2}
    assert len(queries.open_tasks(reader("north"))) == 1


@pytest.mark.parametrize(("beside_web", "sizes"), [(True, [100, 100, 50]), (False, [250])])
def test_beside_a_web_server_the_chunks_are_small(node, monkeypatch, beside_web, sizes):
    pauses: list[float] = []
    monkeypatch.setattr(imports.time, "sleep", pauses.append)
    handle = serving.take_lock(node.home) if beside_web else None
    seen: list[int] = []

    def saved(chunk: Any) -> dict[str, int]:
        seen.append(len(chunk))
        return {"added": len(chunk)}

    assert imports._save(node, rows(250), threading.Event(), saved) == 0
    if handle is not None:
        imports.serving.os.close(handle)
    assert (seen, pauses) == (sizes, [imports.PAUSE] * len(sizes) if beside_web else [])
    assert not serving.is_up(node.home)


@pytest.mark.sqlite_only
def test_ctrl_c_ends_the_reading_of_a_sheet_at_once(node, monkeypatch):
    monkeypatch.setattr(imports.opening, "node", lambda: nullcontext(node))

    def check(*args: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the sheet was read on")

    with pytest.raises(Refused, match="import_stopped"):
        imports._import(Namespace(file="tasks.csv", compartment="north"), check)
    assert queries.open_tasks(reader("north")) == []


@pytest.mark.slow
def test_areas_and_tasks_from_sheets(machine: Machine):
    machine.init()
    areas, tasks = machine.write("areas.csv", AREAS), machine.write("tasks.csv", TASKS)
    for said in ("Added: 2, changed: 0, here already: 0.", "Added: 0, changed: 0, here already: 2."):
        assert said in machine.run("import", "areas", areas, "--compartment", "north").stdout
    assert machine.run("import", "tasks", tasks, "--compartment", "north").returncode == 0
    told = machine.ask("print(sorted((t.number, t.title, t.urgency) for t in queries.open_tasks(ALL)))")
    assert told == "[('r1', 'Call back Telwa', 'soon'), ('r2', 'Visit Telwa', None)]"


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_a_bad_sheet_changes_nothing(machine: Machine):
    machine.init()
    sheet = machine.write("areas.csv", AREAS + "POM,,hamlet,\n")
    ran = machine.run("import", "areas", sheet, "--compartment", "north")
    assert ran.returncode == 1
    assert f"{sheet}, row 4, name: is missing" in ran.stderr
    assert ran.stderr.splitlines()[-1] == "Nothing was saved. Mend what is named above and run it again."
    assert machine.ask("print(ledger.node_state().entries)") == "0"


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_an_unknown_compartment_is_refused(machine: Machine):
    machine.init()
    ran = machine.run("import", "areas", machine.write("areas.csv", AREAS), "--compartment", "west")
    assert (ran.returncode, "compartment_unknown" in ran.stderr) == (1, True)


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_ctrl_c_stops_between_chunks_and_the_next_run_does_the_rest(machine: Machine):
    machine.init()
    total = 30_000
    text = "reference,title\n" + "".join(f"r{number},Visit {number}\n" for number in range(total))
    sheet = machine.write("tasks.csv", text)
    begun = machine.start("import", "tasks", str(sheet), "--compartment", "north")
    until(lambda: "rows" in machine.output() or begun.poll() is not None, "no progress was shown")
    begun.send_signal(signal.SIGINT)
    assert begun.wait(timeout=20) == 1
    said = machine.output()
    assert "Traceback" not in said and f"of {total} rows are saved" in said
    saved = int(said.split("Stopped: ")[1].split()[0])
    assert 0 < saved < total and saved % imports.CHUNK_ALONE == 0
    again = machine.run("import", "tasks", sheet, "--compartment", "north")
    assert f"Added: {total - saved}, changed: 0, here already: {saved}." in again.stdout
    assert machine.ask("print(queries.counts(ALL, now=0)['open'])") == str(total)
