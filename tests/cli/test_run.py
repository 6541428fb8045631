"""`ulinzi run`: web server and worker together, ended together, and restarted alone."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from contextlib import closing

import psutil
import pytest

from tests.cli.conftest import PATIENCE, Machine, free_port, until
from ulinzi.cli import run

pytestmark = pytest.mark.slow


def serve(machine: Machine, *words: str) -> tuple[subprocess.Popen[str], int]:
    """Started, and it said where to look."""
    port = free_port()
    begun = machine.start(*(words or ("run",)), ULINZI_PORT=str(port))
    until(lambda: f"http://localhost:{port}/" in machine.output() or begun.poll() is not None, "never said where")
    assert begun.poll() is None, machine.output()
    return begun, port


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def children(begun: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(begun.pid).children(recursive=True)


def worker_of(begun: subprocess.Popen[str]) -> psutil.Process | None:
    found = [one for one in psutil.Process(begun.pid).children() if one.status() != psutil.STATUS_ZOMBIE]
    return next((one for one in found if one.cmdline()[-1:] == ["work"]), None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_both_within_seconds_and_without_a_traceback(machine: Machine, number):
    machine.init()
    begun, port = serve(machine)
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).status == 200
    until(lambda: worker_of(begun), "no worker")
    family = children(begun)
    since = time.monotonic()
    begun.send_signal(number)
    assert begun.wait(timeout=10) == 0
    assert time.monotonic() - since < 10
    psutil.wait_procs(family, timeout=5)
    assert [one for one in family if one.is_running()] == []
    assert not answers(port)
    assert machine.output().splitlines() == [f"Node BEN is at http://localhost:{port}/ - Ctrl-C stops it.", "Stopped."]


@pytest.mark.sqlite_only
def test_a_worker_that_died_is_started_again(machine: Machine):
    machine.init()
    begun, port = serve(machine)
    until(lambda: worker_of(begun), "no worker")
    first = worker_of(begun)
    first.kill()
    until(lambda: (found := worker_of(begun)) and found.pid != first.pid, "no second worker")
    assert answers(port)
    assert "The worker stopped by itself" in machine.output()


def test_a_child_that_dies_at_once_is_started_later_and_later(monkeypatch, capsys):
    now, waits = [100.0], []
    monkeypatch.setattr(run.time, "monotonic", lambda: now[0])
    child = run.Child("died", ["false"])
    child.start()
    for _ in range(7):
        child.process.wait()
        child.watch()
        waits.append(child.again_at - now[0])
        now[0] = child.again_at
        child.watch()
    child.process.wait()
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    now[0] += run.STEADY + 1
    child.watch()
    assert (child.again_at - now[0], child.quick_deaths) == (0, 0)
    assert capsys.readouterr().err == "died\n" * 8


@pytest.mark.sqlite_only
def test_children_do_not_outlive_a_killed_parent(machine: Machine):
    machine.init()
    begun, port = serve(machine)
    family = children(begun)
    begun.kill()
    begun.wait()
    _, left = psutil.wait_procs(family, timeout=PATIENCE)
    assert left == []
    assert not answers(port)


@pytest.mark.sqlite_only
def test_an_import_knows_of_the_web_server_for_as_long_as_it_lives(machine: Machine):
    from ulinzi.cli import serving

    machine.init()
    assert not serving.is_up(machine.home)
    begun, _ = serve(machine)
    assert serving.is_up(machine.home)
    begun.send_signal(signal.SIGTERM)
    begun.wait(timeout=10)
    assert not serving.is_up(machine.home)


@pytest.mark.sqlite_only
def test_a_port_that_is_taken_is_refused_in_words(machine: Machine):
    machine.init()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = machine.run("run", ULINZI_PORT=str(port))
    assert ran.returncode == 1
    assert f"Port {port} is taken" in ran.stderr and "Traceback" not in ran.stderr


@pytest.mark.sqlite_only
def test_a_port_that_is_none_is_refused_in_words(machine: Machine):
    machine.init()
    for port in ("eighty", "80", "70000"):
        ran = machine.run("run", ULINZI_PORT=port)
        assert (ran.returncode, f"ULINZI_PORT is no port: {port}" in ran.stderr) == (1, True)


@pytest.mark.sqlite_only
def test_a_lone_worker_ends_at_a_signal(machine: Machine):
    machine.init()
    begun = machine.start("work")
    until(lambda: machine.ask("print(jobs.last_checks()['chain'] is not None)") == "True", "the worker did nothing")
    begun.send_signal(signal.SIGINT)
    assert begun.wait(timeout=10) == 0
    assert machine.output() == ""


# The demonstration.

TOLD = """
opened, finished = queries.open_tasks(ALL), queries.finished_tasks(ALL)
print(len(opened), len(finished), len(ledger.conflicts(C)), len(ledger.problems(C)))
"""


def test_the_demonstration_is_filled_once_and_served(machine: Machine):
    begun, port = serve(machine, "demo")
    assert "Filling the demonstration mission." in machine.output()
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).status == 200
    first = machine.ask(TOLD)
    begun.send_signal(signal.SIGINT)
    assert begun.wait(timeout=10) == 0
    again, _ = serve(machine, "demo")
    assert "Filling" not in machine.output()
    assert machine.ask(TOLD) == first == "18 50 1 0"
    assert machine.run("ledger", "verify", "--tables").returncode == 0
    again.send_signal(signal.SIGINT)
    again.wait(timeout=10)


@pytest.mark.sqlite_only
def test_a_demonstration_that_was_interrupted_is_made_anew(machine: Machine):
    machine.init()
    (machine.home / "demo").write_text("begun\n")
    begun, _ = serve(machine, "demo")
    assert machine.ask(TOLD) == "18 50 1 0"
    begun.send_signal(signal.SIGTERM)
    begun.wait(timeout=10)


@pytest.mark.sqlite_only
def test_a_real_node_is_never_filled_with_a_demonstration(machine: Machine):
    machine.init()
    ran = machine.run("demo", ULINZI_PORT=str(free_port()))
    assert (ran.returncode, "is no demonstration" in ran.stderr) == (1, True)
    assert machine.ask("print(ledger.node_state().entries)") == "0"


# An upgrade: `ulinzi run` fills new columns from the entries, whatever happened in between.

# As a node is whose tables were made before tasks could be searched.
OLDER = """
from django.core.management import call_command
call_command("migrate", "desk", "0001", database=node.alias, verbosity=0)
"""
FOLDED = "print([row['folded_number'] for row in queries.open_tasks(ALL)])"


def one_task_of_an_older_version(machine: Machine) -> None:
    machine.init()
    (machine.folder / "tasks.csv").write_text("reference,title\nA1,Call back the chief\n")
    assert machine.run("import", "tasks", "tasks.csv", "--compartment", "north").returncode == 0
    machine.ask(OLDER)


@pytest.mark.parametrize("between", [(), ("init", "--code", "BEN", "--compartment", "north")], ids=["run", "init, run"])
def test_an_upgrade_fills_the_tables_before_it_serves(machine: Machine, between: tuple[str, ...]):
    one_task_of_an_older_version(machine)
    assert not between or machine.run(*between).returncode == 0
    begun, _port = serve(machine, "run")
    assert "The tables are brought up to this version." in machine.output()
    assert machine.ask(FOLDED) == "['a1']" and not (machine.home / "tables.stale").exists()
    begun.send_signal(signal.SIGINT)
    assert begun.wait(timeout=10) == 0


def test_control_without_the_mark_the_columns_stay_empty(machine: Machine):
    one_task_of_an_older_version(machine)
    assert machine.run("init", "--code", "BEN", "--compartment", "north").returncode == 0
    (machine.home / "tables.stale").unlink()
    begun, _port = serve(machine, "run")
    assert machine.ask(FOLDED) == "[None]"
    begun.send_signal(signal.SIGINT)
    assert begun.wait(timeout=10) == 0


@pytest.mark.sqlite_only
def test_an_upgrade_takes_no_row_away(machine: Machine):
    """A row that no entry explains may be the last copy, or the trace of somebody: a person looks first."""
    one_task_of_an_older_version(machine)
    with closing(sqlite3.connect(machine.home / "main.sqlite3")) as file, file:
        file.execute("DELETE FROM ledger_part")
    ran = machine.run("run")
    assert ran.returncode != 0 and "rows that no entry explains" in ran.stderr
    with closing(sqlite3.connect(machine.home / "main.sqlite3")) as file:
        assert file.execute("SELECT COUNT(*) FROM desk_task").fetchone() == (1,)
