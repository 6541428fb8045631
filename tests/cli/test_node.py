"""Making a node, checking it, reading and exporting what it wrote; and what is said where something is wrong."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Machine

pytestmark = pytest.mark.slow
ADD = """
by = opening.operator(node)
task = actions.add_task(compartment="north", by=by, title="Call back Telwa", urgency="soon")
actions.step(task, "noted", by=by, words="Line is down")
print(task)
"""
TAMPER = """
with store.connection(node).ledger_opened(), store.connection(node).cursor() as cursor:
    cursor.execute({statement!r})
"""
ACCESS = """
from ulinzi.ledger import codec
for row in store.rows(node, "SELECT body FROM ledger_access ORDER BY seq"):
    told = codec.decode(bytes(row[0]))
    print(told["action"], told["object_code"], told["purpose"])
"""


def rights(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_a_node_is_made_for_its_owner_alone(machine: Machine):
    ran = machine.run("init", "--code", "BEN", "--compartment", "north")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        f"Node BEN is ready in {machine.home}.",
        "Compartments: north",
        "Next: ulinzi person add, so that somebody can sign in; then ulinzi run",
    ]
    assert rights(machine.home) == "0o700"
    assert {path.name: rights(path) for path in machine.home.iterdir() if rights(path) != "0o600"} == {}
    assert {"node.key", "secret.key", "incarnation"} <= {path.name for path in machine.home.iterdir()}


def test_making_it_again_keeps_the_key_and_adds_compartments(machine: Machine):
    machine.init("north")
    (machine.home / "node.key").chmod(0o644)
    machine.home.chmod(0o755)
    kept = (machine.home / "node.key").read_bytes()
    machine.init("north", "south")
    assert (machine.home / "node.key").read_bytes() == kept
    assert (rights(machine.home), rights(machine.home / "node.key")) == ("0o700", "0o600")
    assert machine.ask("print(C)") == "['mission', 'north', 'south']"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--code", "ben", "--compartment", "north"), 1, "“ben” cannot be the code of a node."),
        (("--code", "BEN", "--compartment", "North Side"), 1, "cannot be the name of a compartment"),
        (("--code", "BEN"), 2, "--compartment"),
    ],
)
@pytest.mark.sqlite_only
def test_a_node_that_cannot_be_is_refused(machine: Machine, words, code, said):
    ran = machine.run("init", *words)
    assert (ran.returncode, said in ran.stderr, "Traceback" in ran.stderr) == (code, True, False)
    assert not machine.home.exists()


def test_a_node_keeps_its_code(machine: Machine):
    machine.init()
    ran = machine.run("init", "--code", "KOS", "--compartment", "east")
    assert (ran.returncode, "This node is BEN already" in ran.stderr) == (1, True)
    assert machine.ask("print(C)") == "['mission', 'north', 'south']"


@pytest.mark.postgres
def test_another_nodes_database_is_not_taken_over(machine: Machine):
    if "DATABASE_URL" not in machine.environment:
        return  # a file belongs to its home
    machine.init()
    ran = machine.run("init", "--code", "BEN", "--compartment", "east", ULINZI_HOME=str(machine.folder / "other"))
    assert (ran.returncode, "node_key_differs" in ran.stderr) == (1, True)
    assert machine.ask("print(C)") == "['mission', 'north', 'south']"


@pytest.mark.sqlite_only
def test_without_a_node_every_command_says_how_to_make_one(machine: Machine):
    for words in (("run",), ("work",), ("ledger", "verify"), ("ledger", "rebuild"), ("ledger", "export", "-")):
        ran = machine.run(*words)
        assert (ran.returncode, "ulinzi init" in ran.stderr, "Traceback" in ran.stderr) == (1, True, False)
    assert not machine.home.exists()


@pytest.mark.sqlite_only
def test_a_node_that_was_only_begun_is_finished_by_init(machine: Machine):
    machine.init()
    (machine.home / "main.sqlite3").unlink()
    (machine.home / "incarnation").unlink()
    assert "Run ulinzi init again" in machine.run("ledger", "verify").stderr
    machine.init()
    assert machine.run("ledger", "verify").returncode == 0


@pytest.mark.sqlite_only
def test_a_database_that_does_not_answer_is_said_in_words(machine: Machine):
    machine.init()
    (machine.home / "main.sqlite3").write_bytes(b"not a database, and long enough to be looked at" * 100)
    ran = machine.run("ledger", "verify")
    assert (ran.returncode, "The database does not answer" in ran.stderr) == (1, True)
    assert "Traceback" not in ran.stderr


def test_verify_says_that_everything_holds(machine: Machine):
    machine.init()
    machine.ask(ADD)
    ran = machine.run("ledger", "verify", "--tables")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        "Entries: 2, parts: 9, feeds: 1.",
        "Rows compared: 2.",
        "Rows of the access log: 0.",
        "Everything holds.",
    ]


def test_verify_finds_a_changed_row_and_rebuild_mends_it(machine: Machine):
    machine.init()
    machine.ask(ADD)
    machine.ask(TAMPER.format(statement="UPDATE desk_task SET title = 'Telwa called back'"))
    assert machine.run("ledger", "verify").returncode == 0
    found = machine.run("ledger", "verify", "--tables")
    assert (found.returncode, "row_differs desk.Task" in found.stdout) == (1, True)
    assert "rows written anew: 1" in machine.run("ledger", "rebuild").stdout
    assert machine.run("ledger", "verify", "--tables").returncode == 0


def test_verify_finds_a_broken_chain(machine: Machine):
    machine.init()
    machine.ask(ADD)
    machine.ask(TAMPER.format(statement="DELETE FROM ledger_entry WHERE seq = 1"))
    found = machine.run("ledger", "verify")
    assert (found.returncode, "entry_missing" in found.stdout) == (1, True)
    assert found.stdout.splitlines()[-1] == "Something does not hold: see above."


def test_a_timeline_is_shown_in_words_and_its_reading_is_logged(machine: Machine):
    machine.init()
    task = machine.ask(ADD)
    ran = machine.run("ledger", "show", task)
    assert ran.returncode == 0
    assert [line.strip() for line in ran.stdout.splitlines()][1:] == [
        "What has to be done: Call back Telwa", "Urgency: Soon", ran.stdout.splitlines()[3].strip(),
        "In words: Line is down",
    ]  # fmt: skip
    assert "the console of this machine" in ran.stdout
    assert machine.ask(ACCESS) == f"read desk.Task:{task} ledger show"


@pytest.mark.sqlite_only
def test_a_timeline_is_shown_as_json(machine: Machine):
    machine.init()
    task = machine.ask(ADD)
    events = [json.loads(line) for line in machine.run("ledger", "show", task, "--json").stdout.splitlines()]
    assert [event["action"] for event in events] == ["desk.add_task", "desk.noted"]
    assert events[1]["changes"][-1]["values"] == {"words": "Line is down"}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("id", "said"), [("BEN-1", "This is no id: BEN-1"), ("0199aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa", "record_not_found")]
)
def test_a_record_that_is_not_here_is_not_found(machine: Machine, id, said):
    machine.init()
    ran = machine.run("ledger", "show", id)
    assert (ran.returncode, said in ran.stderr, ran.stdout) == (1, True, "")


def test_an_export_is_written_whole_and_logged_first(machine: Machine):
    machine.init()
    machine.ask(ADD)
    out = machine.folder / "out.jsonl"
    ran = machine.run("ledger", "export", out, "--purpose", "handover")
    assert (ran.returncode, rights(out)) == (0, "0o600")
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line.get("seq") for line in lines] == [None, 1, 2]
    assert machine.ask(ACCESS) == "export ledger:mission,north,south handover"
    assert machine.run("ledger", "export", "-", "--compartment", "north").stdout == out.read_text()
    again = machine.run("ledger", "export", out)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


@pytest.mark.sqlite_only
def test_a_purpose_is_a_code_and_never_words(machine: Machine):
    machine.init()
    ran = machine.run("ledger", "export", "-", "--purpose", "for somebody by name")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "archive" in ran.stderr and machine.ask(ACCESS) == ""


def test_without_its_row_in_the_access_log_nothing_is_exported(machine: Machine):
    machine.init()
    machine.ask(ADD)
    machine.ask(TAMPER.format(statement="ALTER TABLE ledger_access RENAME TO elsewhere"))
    out = machine.folder / "out.jsonl"
    for target in ("-", out):
        ran = machine.run("ledger", "export", target)
        assert (ran.returncode, ran.stdout, "access_not_logged" in ran.stderr) == (1, "", True)
    assert not any(path.name.startswith("out.jsonl") for path in machine.folder.iterdir())


@pytest.mark.sqlite_only
def test_an_export_of_an_unknown_compartment_is_refused(machine: Machine):
    machine.init()
    ran = machine.run("ledger", "export", "-", "--compartment", "west")
    assert (ran.returncode, "compartment_unknown" in ran.stderr, ran.stdout) == (1, True, "")


def test_work_once_does_what_is_due_and_ends(machine: Machine):
    machine.init()
    machine.ask(ADD)
    assert machine.run("work", "--once").returncode == 0
    assert machine.ask("print(jobs.last_checks()['tables'].result['rows_compared'])") == "2"


@pytest.mark.sqlite_only
def test_a_database_older_than_the_program_is_not_called_tampered_with(machine: Machine) -> None:
    machine.init()
    with closing(sqlite3.connect(machine.home / "main.sqlite3")) as store, store:
        store.execute("DELETE FROM django_migrations WHERE app = 'desk'")
    done = machine.run("ledger", "verify", "--tables")
    assert done.returncode == 1 and "older than this program" in done.stderr
