"""Every way round the fold that Django and SQL offer is closed; reading, and other tables, are not.

The guard stops mistakes. Code that means harm, in the same process, can take the raw handle or the node's key.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from tests.faults.together import PATIENCE, beside, errors, together, until
from tests.nodes import Nodes, person, reader
from tests.repo import tree
from ulinzi.desk import actions, queries
from ulinzi.desk.models import Step, Task
from ulinzi.jobs.models import Job
from ulinzi.kernel.errors import Broken
from ulinzi.ledger import guard, models, store, verify
from ulinzi.ledger.node import Node

ANA = person("ana")
NORTH = ["north"]
PAST = "write_past_the_ledger"


@pytest.fixture
def task(node: Node) -> Task:
    actions.add_task(compartment="north", by=ANA, title="Call back Telwa")
    return Task.objects.get()


@pytest.fixture
def postgres_node(postgres_server: Any, tmp_path: Path, templates: Path) -> Iterator[Node]:
    """For what SQLite has no words for."""
    nodes = Nodes(tmp_path, templates, "postgres", postgres_server)
    with nodes.make().use() as made:
        yield made
    nodes.close()


def run(node: Node, sql: Any, *params: Any) -> None:
    with connections[node.alias].cursor() as cursor:
        cursor.execute(sql, params or None)


# Through Django's models.

BY_MODEL: dict[str, Callable[[Task], Any]] = {
    "update": lambda task: Task.objects.filter(id=task.id).update(title="forged"),
    "update of all": lambda task: Task.objects.update(title="forged"),
    "delete": lambda task: Task.objects.filter(id=task.id).delete(),
    "raw delete": lambda task: Task.objects.filter(id=task.id)._raw_delete(task._state.db),
    "bulk_create": lambda task: Task.objects.bulk_create([_copy(task)]),
    "bulk_create that updates": lambda task: Task.objects.bulk_create(
        [task], update_conflicts=True, unique_fields=["id"], update_fields=["title"]
    ),
    "bulk_update": lambda task: Task.objects.bulk_update([_forged(task)], ["title"]),
    "save_base": lambda task: _forged(task).save_base(force_update=True),
    "a child": lambda task: Step.objects.bulk_create([Step(id=person("x"), root_id=task.id, **BOOKKEEPING)]),
    "an entry": lambda task: models.Entry.objects.update(hlc=1),
    "a part": lambda task: models.Part.objects.filter(part=0).delete(),
    "the node": lambda task: models.Node.objects.update(written=0),
    "a conflict": lambda task: models.Conflict.objects.all().delete(),
    "an access": lambda task: models.Access.objects.update(purpose="none"),
}
BOOKKEEPING = {"compartment": "north", "conflict": False, "newer": False, "erased": "", "problems": 0, "breaches": 0}


def _copy(task: Task) -> Task:
    task.pk = person("copy")
    return task


def _forged(task: Task) -> Task:
    task.title = "forged"
    return task


@pytest.mark.parametrize("way", BY_MODEL)
def test_no_queryset_writes_past_the_ledger(node: Node, task: Task, way: str) -> None:
    with pytest.raises(Broken, match=PAST):
        BY_MODEL[way](task)
    assert verify.verify(node, tables=True).ok


def test_a_record_has_no_save_and_no_delete(node: Node, task: Task) -> None:
    with pytest.raises(TypeError):
        _forged(task).save()
    with pytest.raises(TypeError):
        task.delete()
    with pytest.raises(TypeError):
        Task.objects.create(id=person("new"), **BOOKKEEPING)
    with pytest.raises(TypeError):
        Task.objects.update_or_create(id=task.id, defaults={"title": "forged"})
    assert verify.verify(node, tables=True).ok


# Through SQL.

BY_SQL = [
    "UPDATE desk_task SET title = 'forged'",
    "update desk_task set title = 'forged'",
    "UPDATE\n\tdesk_task\nSET title = 'forged'",
    "UPDATE \"desk_task\" SET title = 'forged'",
    "UPDATE DESK_TASK SET title = 'forged'",
    "UPDATE/**/desk_task SET title = 'forged'",
    "/* a note */ UPDATE desk_task SET title = 'forged'",
    "-- a note\nUPDATE desk_task SET title = 'forged'",
    "-- what this is for\nUPDATE desk_task SET title = 'forged'",
    "/* for\nUPDATE */ UPDATE desk_task SET title = 'forged'",
    "WITH one AS (SELECT 1) UPDATE desk_task SET title = 'forged'",
    "DELETE FROM desk_task",
    "WITH one AS (SELECT id FROM desk_task) DELETE FROM desk_task WHERE id IN (SELECT id FROM one)",
    "INSERT INTO desk_task SELECT * FROM desk_task WHERE 1 = 0",
    "INSERT INTO jobs_job SELECT * FROM jobs_job; DELETE FROM desk_task",
    "DELETE FROM jobs_job WHERE id IN (SELECT id FROM desk_task)",  # too careful, and nobody needs it
    "DROP TABLE desk_task",
    "ALTER TABLE desk_task RENAME TO desk_old",
    "DELETE FROM ledger_part",
    "UPDATE ledger_node SET written = 0",
    # A table or view of this name would stand before the real one, for reading and for folding.
    "CREATE TEMP TABLE desk_task (id integer)",
    "CREATE TEMPORARY VIEW desk_task AS SELECT 1 AS id",
    "create/**/temp table ledger_access (seq integer)",
    "ALTER TABLE jobs_job RENAME TO desk_task",
    # Only migrations make, alter and drop, with the guard open: a body need not show what it writes to.
    "CREATE TABLE jobs_copy (id integer)",
    "DROP TABLE jobs_job",
]
ON_SQLITE = [
    "REPLACE INTO desk_task SELECT * FROM desk_task",
    "INSERT OR REPLACE INTO desk_task SELECT * FROM desk_task",
    "INSERT OR IGNORE INTO desk_task SELECT * FROM desk_task",
    "UPDATE OR REPLACE desk_task SET title = 'forged'",
    "UPDATE [desk_task] SET title = 'forged'",
    "UPDATE `desk_task` SET title = 'forged'",
    "UPDATE main.desk_task SET title = 'forged'",
    "CREATE TEMP TRIGGER forge AFTER INSERT ON jobs_job BEGIN DELETE FROM desk_task; END",
    "ATTACH DATABASE ':memory:' AS other",
    "PRAGMA writable_schema = 1",
    'PRAGMA main."writable_schema"(1)',
]
ON_POSTGRES = [
    "UPDATE ONLY desk_task SET title = 'forged'",
    "UPDATE public.desk_task SET title = 'forged'",
    "WITH gone AS (DELETE FROM desk_task RETURNING *) SELECT * FROM gone",
    "SELECT 1; DELETE FROM desk_task",
    "TRUNCATE desk_task",
    "TRUNCATE TABLE ledger_part",
    "DO $$ BEGIN DELETE FROM desk_task; END $$",
    "MERGE INTO desk_task t USING desk_task s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "COPY desk_task FROM STDIN",
    "PREPARE forge AS UPDATE desk_task SET title = 'forged'",
    "EXPLAIN ANALYZE DELETE FROM desk_task",
    "SELECT * INTO TEMP desk_task FROM jobs_job",
    # Where the name does not show.
    "DO $$ BEGIN EXECUTE 'DELETE FROM desk' || '_task'; END $$",
    "DO/**/$x$ BEGIN NULL; END $x$",
    "SELECT 1; DO LANGUAGE plpgsql 'BEGIN NULL; END'",
    "EXECUTE forge",
    "CREATE FUNCTION forge() RETURNS void LANGUAGE sql AS E'DELETE FROM desk\\x5ftask'",
    'DELETE FROM U&"desk\\005Ftask"',
    "DELETE FROM u&\"desk!005Ftask\" UESCAPE '!'",
]


@pytest.mark.parametrize("sql", BY_SQL)
def test_no_statement_writes_past_the_ledger(node: Node, task: Task, sql: str) -> None:
    with pytest.raises(Broken, match=PAST):
        run(node, sql)
    assert verify.verify(node, tables=True).ok


def test_no_statement_of_one_database_does(node: Node, task: Task) -> None:
    for sql in ON_SQLITE if store.connection(node).vendor == "sqlite" else ON_POSTGRES:
        with pytest.raises(Broken, match=PAST):
            run(node, sql)
    assert verify.verify(node, tables=True).ok


def test_many_at_once_are_stopped_as_one_is(node: Node, task: Task) -> None:
    with connections[node.alias].cursor() as cursor, pytest.raises(Broken, match=PAST):
        cursor.executemany("UPDATE desk_task SET title = %s", [("forged",), ("twice",)])


# Past Django's wrappers, which see neither a script or a copy nor a call of the cursor within.

FORGE = "UPDATE desk_task SET title = 'forged'"
WITHIN: dict[str, Callable[[Any], Any]] = {
    "execute": lambda cursor: cursor.cursor.execute(FORGE),
    "executemany": lambda cursor: cursor.cursor.executemany("UPDATE desk_task SET title = %s", [("forged",)]),
}
SCRIPTS: dict[str, Callable[[Any], Any]] = {
    "executescript": lambda cursor: cursor.executescript(f"SELECT 1; {FORGE}"),
}
STREAMS: dict[str, Callable[[Any], Any]] = {
    "stream": lambda cursor: list(cursor.stream(f"{FORGE} RETURNING id")),
    "copy": lambda cursor: cursor.copy("COPY desk_task FROM STDIN").__enter__(),
}


def ways_within(node: Node) -> dict[str, Callable[[Any], Any]]:
    return WITHIN | (SCRIPTS if store.connection(node).vendor == "sqlite" else STREAMS)


def test_the_cursor_within_is_guarded_too(node: Node, task: Task) -> None:
    for way in ways_within(node).values():
        with connections[node.alias].cursor() as cursor, pytest.raises(Broken, match=PAST):
            way(cursor)
    assert verify.verify(node, tables=True).ok


def test_control_unguarded_the_cursor_within_writes(node: Node, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy only has to begin: what it would write is nobody's here."""
    for name, way in ways_within(node).items():
        monkeypatch.delattr(guard.GuardedCursor, name)
        with connections[node.alias].cursor() as cursor, transaction.atomic(using=node.alias):
            way(cursor)
            assert name == "copy" or queries.open_tasks(reader(*NORTH))[0].title == "forged"
            transaction.set_rollback(True, using=node.alias)
        connections[node.alias].close()


@pytest.mark.postgres
def test_a_cursor_of_the_raw_connection_is_closed(postgres_node: Node) -> None:
    with pytest.raises(Broken, match=PAST):
        connections[postgres_node.alias].connection.execute(FORGE)


def test_what_was_prepared_while_open_is_refused_when_closed(node: Node, task: Task) -> None:
    """Both databases keep prepared statements; the guard reads the text each time."""
    with connections[node.alias].cursor() as cursor:
        with store.connection(node).ledger_opened():
            store.execute(node, "UPDATE desk_task SET title = title")
            cursor.cursor.execute("UPDATE desk_task SET title = title")
        for run_it in (cursor.execute, cursor.cursor.execute):
            with pytest.raises(Broken, match=PAST):
                run_it("UPDATE desk_task SET title = title")


def test_the_guard_holds_inside_a_transaction_and_lets_it_go_on(node: Node, task: Task) -> None:
    with transaction.atomic(using=node.alias):
        with pytest.raises(Broken, match=PAST):
            run(node, "UPDATE desk_task SET title = 'forged'")
        assert Task.objects.count() == 1
    assert verify.verify(node, tables=True).ok


def test_the_guard_is_on_every_connection(nodes: Nodes) -> None:
    one, other = nodes.make("BEN"), nodes.make("KAR")
    for node in (one, other):
        with node.use(), pytest.raises(Broken, match=PAST):
            run(node, "DELETE FROM desk_task")
    with one.use(), pytest.raises(Broken, match=PAST):
        Task.objects.using(other.alias).update(title="forged")
    with one.use(), pytest.raises(Broken, match=PAST):
        beside(one, lambda: run(one, "DELETE FROM desk_task"))


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["composed", "bytes"])
def test_a_statement_need_not_be_text_to_be_stopped(postgres_node: Node, kind: str) -> None:
    """psycopg also takes statements as objects and as bytes."""
    from psycopg import sql

    text = "DELETE FROM desk_task"
    actions.add_task(compartment="north", by=ANA, title="Call back Telwa")
    with pytest.raises(Broken, match=PAST):
        run(postgres_node, sql.SQL(text) if kind == "composed" else text.encode())
    assert len(queries.open_tasks(reader(*NORTH))) == 1


# What passes.

READS = [
    "SELECT title FROM desk_task",
    "SELECT replace(title, 'Call', 'Ring') FROM desk_task",
    "WITH one AS (SELECT * FROM desk_task) SELECT COUNT(*) FROM one",
    "SELECT id AS updated, title AS deleted_by FROM desk_task",
]
LOCKING = [
    "SELECT * FROM desk_task FOR UPDATE",
    "SELECT * FROM desk_task for  update",
    "SELECT * FROM desk_task FOR NO KEY UPDATE",
    "SELECT * FROM desk_task ORDER BY id FOR UPDATE SKIP LOCKED",
    "SELECT * FROM (SELECT * FROM desk_task FOR UPDATE) one",
    "SELECT * FROM desk_task t FOR UPDATE OF t NOWAIT",
]


def test_reading_passes(node: Node, task: Task) -> None:
    locking = LOCKING if store.connection(node).vendor == "postgresql" else []
    with transaction.atomic(using=node.alias):
        for sql in READS + locking:
            run(node, sql)


ELSEWHERE = [
    "INSERT INTO jobs_job (id) VALUES (%s) ON CONFLICT DO NOTHING",
    "INSERT INTO jobs_job (id) VALUES (%s) ON CONFLICT (id)\n DO  UPDATE SET done = 1",
    "SELECT created, executed, menu&1 FROM jobs_job",
]


@pytest.mark.parametrize("sql", LOCKING + READS + ELSEWHERE)
def test_a_locking_read_is_no_write_and_other_tables_are_free(sql: str) -> None:
    assert not guard.forbidden(sql)


def test_opened_the_guard_lets_the_fold_write_and_closes_again(node: Node, task: Task) -> None:
    with pytest.raises(ZeroDivisionError), store.connection(node).ledger_opened():
        run(node, "UPDATE desk_task SET title = 'by the fold'")
        raise ZeroDivisionError
    with pytest.raises(Broken, match=PAST):
        run(node, "UPDATE desk_task SET title = 'forged'")


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "forbidden", lambda sql: False)


def test_control_without_the_guard_the_write_goes_through(node: Node, task: Task, unguarded: None) -> None:
    Task.objects.update(title="forged")
    assert queries.open_tasks(reader(*NORTH))[0].title == "forged"
    assert "row_differs" in {one.code for one in verify.verify(node, tables=True).findings}


def test_control_unguarded_a_temporary_table_stands_before_the_real_one(
    node: Node, task: Task, unguarded: None
) -> None:
    run(node, "CREATE TEMP TABLE desk_task AS SELECT * FROM desk_task WHERE 1 = 0")
    assert queries.open_tasks(reader(*NORTH)) == []
    connections[node.alias].close()
    assert len(queries.open_tasks(reader(*NORTH))) == 1


HIDDEN = ["DO $$ BEGIN EXECUTE 'DELETE FROM desk' || '_task'; END $$", 'DELETE FROM U&"desk\\005Ftask"']


@pytest.mark.postgres
@pytest.mark.parametrize("sql", HIDDEN)
def test_control_unguarded_a_hidden_name_is_written(postgres_node: Node, unguarded: None, sql: str) -> None:
    actions.add_task(compartment="north", by=ANA, title="Call back Telwa")
    run(postgres_node, sql)
    assert queries.open_tasks(reader(*NORTH)) == []


# Nobody but the ledger takes the door that has no guard.

# Jobs keep a table of their own beside the ledger, in the same commit, and clean the file of what was erased.
USERS = {
    "src/ulinzi/jobs/actions.py": {"store.marks", "store.rows"},
    "src/ulinzi/jobs/tasks.py": {"store.connection", "store.execute"},
}
WRITING = {"upsert", "delete", "params", "base_params"}
OPENING = {"ledger_open", "ledger_opened"}


def doors(source: str) -> set[str]:
    """What a file uses of store.py, of what writes in tables.py, and of what opens the guard."""
    found: set[str] = set()
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.Attribute):
            found |= _door(_last_name(one.value), one.attr)
        if isinstance(one, ast.ImportFrom):
            module = (one.module or "").rsplit(".")[-1]
            found |= {door for name in one.names for door in _door(module, name.name)}
            found |= {f"{name.name} as {name.asname}" for name in one.names if _hides(name)}
        if isinstance(one, ast.Import):
            found |= {f"{name.name} as {name.asname}" for name in one.names if _hides(name)}
    return found


def _door(owner: str, name: str) -> set[str]:
    taken = owner == "store" or (owner == "tables" and name in WRITING) or name in OPENING
    return {f"{owner}.{name}"} if taken else set()


def _hides(name: ast.alias) -> bool:
    return bool(name.asname) and name.name.rsplit(".")[-1] in ("store", "tables")


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_no_app_takes_the_door_without_a_guard() -> None:
    # The gateway stands below the ledger, and its store is a file of its own.
    known = (tree.SRC / "ledger", tree.SRC / "gateway")
    outside = [one for one in tree.python_files("src") if not any(one.is_relative_to(folder) for folder in known)]
    used = {tree.named(path): doors(path.read_text()) for path in outside}
    assert {name: found for name, found in used.items() if found} == USERS


@pytest.mark.parametrize(
    ("source", "door"),
    [
        ("store.execute(node, sql)", "store.execute"),
        ("ledger.store.insert_entries(node, entries)", "store.insert_entries"),
        ("from ulinzi.ledger.store import execute_many", "store.execute_many"),
        ("from ulinzi.ledger import store as kept", "store as kept"),
        ("import ulinzi.ledger.tables as kept", "ulinzi.ledger.tables as kept"),
        ("tables.upsert(node, shape, rows)", "tables.upsert"),
        ("from ulinzi.ledger.tables import delete", "tables.delete"),
        ("connections[alias].ledger_opened()", ".ledger_opened"),
        ("found.ledger_open += 1", "found.ledger_open"),
    ],
)
def test_control_a_taken_door_is_found(source: str, door: str) -> None:
    assert doors(source) == {door}


def test_control_reading_takes_no_door() -> None:
    assert doors("from ulinzi.ledger import tables\ntables.read(node, shape, where, [])\nrow.delete()") == set()


# Writes to other tables queue at the writer lock.


@pytest.mark.sqlite_only
@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_write_to_another_table_waits_for_the_writer(node: Node, elsewhere: bool) -> None:
    """A write in autocommit queues where every writer queues; the control is a read, which waits for nobody."""
    told: list[str] = []
    held, asked = threading.Event(), threading.Event()

    def hold() -> None:
        with connections[node.alias].writer.held():
            held.set()
            assert asked.wait(PATIENCE)
            # Whoever does not wait has time enough to be done before this is said.
            until(lambda: "done" in told, patience=0.3 if elsewhere else PATIENCE, must=not elsewhere)
            told.append("let go")

    def act() -> None:
        assert held.wait(PATIENCE)
        asked.set()
        Job.objects.update(done=1) if elsewhere else Job.objects.count()
        told.append("done")

    assert errors(together(node, [hold, act])) == []
    assert told == (["let go", "done"] if elsewhere else ["done", "let go"])


@pytest.mark.sqlite_only
def test_control_a_statement_inside_a_transaction_takes_no_second_lock(node: Node) -> None:
    writer = connections[node.alias].writer
    with transaction.atomic(using=node.alias):
        assert writer.depth == 1
        Job.objects.update(done=1)
        assert writer.depth == 1
    assert writer.depth == 0
