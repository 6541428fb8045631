"""Every way round the fold that Django and SQL offer is closed; reading, and other tables, are not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from tests.faults.together import PATIENCE, beside, errors, together, until
from tests.nodes import Nodes, person
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
]
ON_SQLITE = [
    "REPLACE INTO desk_task SELECT * FROM desk_task",
    "INSERT OR REPLACE INTO desk_task SELECT * FROM desk_task",
    "INSERT OR IGNORE INTO desk_task SELECT * FROM desk_task",
    "UPDATE OR REPLACE desk_task SET title = 'forged'",
    "UPDATE [desk_task] SET title = 'forged'",
    "UPDATE `desk_task` SET title = 'forged'",
    "UPDATE main.desk_task SET title = 'forged'",
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
def test_a_statement_need_not_be_text_to_be_stopped(
    postgres_server: Any, tmp_path: Any, templates: Any, kind: str
) -> None:
    """psycopg also takes statements as objects and as bytes."""
    from psycopg import sql

    nodes = Nodes(tmp_path, templates, "postgres", postgres_server)
    text = "DELETE FROM desk_task"
    try:
        with nodes.make().use() as node:
            actions.add_task(compartment="north", by=ANA, title="Call back Telwa")
            with pytest.raises(Broken, match=PAST):
                run(node, sql.SQL(text) if kind == "composed" else text.encode())
            assert len(queries.open_tasks(NORTH)) == 1
    finally:
        nodes.close()


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


@pytest.mark.parametrize("sql", LOCKING + READS)
def test_a_locking_read_is_no_write(sql: str) -> None:
    assert not guard.forbidden(sql)


def test_opened_the_guard_lets_the_fold_write_and_closes_again(node: Node, task: Task) -> None:
    with pytest.raises(ZeroDivisionError), store.connection(node).ledger_opened():
        run(node, "UPDATE desk_task SET title = 'by the fold'")
        raise ZeroDivisionError
    with pytest.raises(Broken, match=PAST):
        run(node, "UPDATE desk_task SET title = 'forged'")


def test_control_without_the_guard_the_write_goes_through(node: Node, task: Task) -> None:
    wrappers = connections[node.alias].execute_wrappers
    wrappers.remove(guard.guard)
    try:
        Task.objects.update(title="forged")
    finally:
        wrappers.append(guard.guard)
    assert queries.open_tasks(NORTH)[0].title == "forged"
    assert "row_differs" in {one.code for one in verify.verify(node, tables=True).findings}


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
