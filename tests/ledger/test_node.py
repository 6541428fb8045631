"""One node on its database: chain, verify, rebuild, restore."""

from __future__ import annotations

import shutil
from uuid import UUID

import pytest
from django.db import connections

from tests.nodes import Nodes, person, reader
from ulinzi import ledger
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel.errors import Broken
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger import rebuild, store, tables, verify
from ulinzi.ledger.init import bring_marker_forward
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places

ANA, BORI = person("ana"), person("bori")


def some_history(count: int = 8) -> list[UUID]:
    """Tasks in every state, a conflict, an erasure, areas."""
    area = places.add_area(compartment="north", code="DAV", by=ANA, name="Davissa", kind="district")
    tasks = [
        actions.add_task(compartment="north", by=ANA, title=f"Task {n}", area=area, urgency="soon", tiers=["dialogue"])
        for n in range(count)
    ]
    for task in tasks[1::2]:
        actions.step(task, rules.Step.TAKEN, by=BORI)
    done = actions.step(tasks[1], rules.Step.DONE, by=BORI, words="All well")
    actions.undo(tasks[1], done, by=ANA)
    form = {"words": ledger_queries.groups_of("desk.Task", tasks[2])["words"].dots}
    actions.edit_task(tasks[2], by=ANA, seen=form, title="One")
    actions.edit_task(tasks[2], by=BORI, seen=form, keep_both=True, title="Other")
    actions.erase_words(tasks[3], by=ANA, second=BORI, basis="asked for")
    actions.erase_task(tasks[4], by=ANA, second=BORI, basis="asked for")
    return tasks


def tamper(node: Node, sql: str, *params: object) -> None:
    with store.connection(node).ledger_opened():
        store.execute(node, sql, params)


def test_what_was_written_verifies_and_the_tables_are_its_fold(node: Node) -> None:
    some_history()
    report = verify.verify(node, tables=True)
    assert report.ok, report
    assert report.entries > 15 and report.rows_compared > 10


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE ledger_entry SET hlc = hlc + 1 WHERE seq = 3", "hash_differs"),
        ("UPDATE ledger_entry SET hlc = -hlc WHERE seq = 3", "hash_differs"),
        (
            "INSERT INTO ledger_entry (feed, seq, hlc, unit, hash)"
            " SELECT feed, -64, hlc, unit, hash FROM ledger_entry WHERE seq = 3",
            "seal_wrong",
        ),
        ("UPDATE ledger_part SET salt = body WHERE seq = 3 AND part = 1", "hash_differs"),
        ("DELETE FROM ledger_part WHERE seq = 3 AND part = 0", "part_missing"),
        ("DELETE FROM ledger_entry WHERE seq = 3", "entry_missing"),
        ("UPDATE ledger_feed SET seal = node_key", "seal_wrong"),
        ("UPDATE ledger_feed SET seq = seq - 1", "head_differs"),
        (
            "UPDATE ledger_feed SET seq = 5, hash = (SELECT e.hash FROM ledger_entry e WHERE e.seq = 5)",
            "entry_past_head",
        ),
        ("INSERT INTO ledger_part (feed, seq, part, type) VALUES (9, 9, 9, 1)", "part_without_entry"),
        ("INSERT INTO ledger_part (feed, seq, part, type) VALUES (1, 0, 9, 1)", "part_without_entry"),
        ("INSERT INTO ledger_part (feed, seq, part, type) VALUES (1, 999, 9, 1)", "part_without_entry"),
        ("UPDATE ledger_feed SET compartment = 'south'", "feed_id_wrong"),
        ("UPDATE ledger_part SET record = salt WHERE seq = 3 AND part = 1", "record_misnamed"),
        ("UPDATE ledger_part SET type = type + 256 WHERE seq = 3 AND part = 1", "part_unknown"),
        ("UPDATE ledger_part SET type = type - 256 WHERE seq = 3 AND part = 1", "part_unknown"),
        ("UPDATE ledger_part SET salt = NULL WHERE seq = 3 AND part = 1", "part_malformed"),
        ("UPDATE ledger_part SET body = NULL, salt = NULL WHERE seq = 3 AND part = 1", "body_missing"),
        ("UPDATE ledger_part SET body = NULL, salt = NULL WHERE seq = 3 AND part = 2", "body_missing"),
        ("UPDATE ledger_part SET body = NULL, salt = NULL WHERE seq = 3 AND part = 0", "body_missing"),
        ("UPDATE ledger_node SET written = written + 1", "written_differs"),
        ("UPDATE ledger_node SET hlc = hlc - 5", "clock_behind"),
        ("UPDATE ledger_node SET key = incarnation", "node_key_differs"),
        ("UPDATE ledger_feed SET own = NOT own", "feed_not_ours"),
        ("DELETE FROM ledger_compartment WHERE code = 'north'", "compartment_missing"),
        ("UPDATE ledger_conflict SET compartment = 'south'", "row_differs"),
        ("UPDATE ledger_conflict SET model = 'places.Area'", "row_differs"),
        ("UPDATE desk_task SET title = 'forged' WHERE title = 'Task 0'", "row_differs"),
        ("DELETE FROM desk_step", "row_differs"),
        ("UPDATE desk_task SET state = 'done' WHERE title = 'Task 0'", "row_differs"),
        ("DELETE FROM ledger_conflict", "row_differs"),
    ],
)
def test_every_kind_of_tampering_is_found(node: Node, sql: str, code: str) -> None:
    some_history()
    tamper(node, sql)
    report = verify.verify(node, tables=True)
    assert code in {finding.code for finding in report.findings}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("spelt", ["'urn:uuid:' || id", "upper(id)", "'{' || id || '}'", "x'00'", "''"])
def test_an_id_spelt_in_another_way_is_found_and_taken_away(node: Node, spelt: str) -> None:
    some_history()
    columns = ", ".join(one.column for one in tables.table(rules.TASK).columns if one.name != "id")
    tamper(node, f"INSERT INTO desk_task (id, {columns}) SELECT {spelt}, {columns} FROM desk_task LIMIT 1")
    assert [one.code for one in verify.verify(node, tables=True).findings] == ["row_differs"]
    rebuild.rebuild(node)
    assert verify.verify(node, tables=True).ok


def everything(node: Node) -> list[object]:
    found: list[object] = []
    for shape in rebuild.shapes():
        found += tables.read(node, shape, "1 = 1 ORDER BY id", [])
    found.append(store.rows(node, 'SELECT record, "group", leaves FROM ledger_conflict ORDER BY 1, 2'))
    found.append(store.rows(node, "SELECT record, code, by_rule FROM ledger_foundproblem ORDER BY 1, 2"))
    return found


def test_rebuild_brings_back_every_table(node: Node) -> None:
    some_history()
    before = everything(node)
    for table in ("desk_task", "desk_step", "places_area", "ledger_conflict", "ledger_foundproblem"):
        tamper(node, f"DELETE FROM {table}")
    rebuild.rebuild(node, chunk=3)
    assert everything(node) == before
    assert rebuild.rebuild(node).changed == 0


def test_rebuild_takes_away_what_no_entry_explains(node: Node) -> None:
    some_history()
    before = everything(node)
    row = tables.read(node, rebuild.shapes()[0], "1 = 1", [])[0]
    with store.connection(node).ledger_opened():
        tables.upsert(node, rebuild.shapes()[0], [ledger_row(row)])
    assert rebuild.rebuild(node).removed == 1
    assert everything(node) == before


def ledger_row(row: dict[str, object]) -> object:
    return type(row)(row | {"id": person("nobody"), "name": "Nowhere"})


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE desk_task SET title = 'x'",
        "DELETE FROM desk_task",
        "INSERT INTO places_area SELECT * FROM places_area",
        "WITH gone AS (SELECT 1) DELETE FROM desk_step",
        "UPDATE ledger_part SET body = NULL",
        "DELETE FROM ledger_entry",
    ],
)
def test_nothing_is_written_past_the_ledger(node: Node, sql: str) -> None:
    some_history(5)
    with pytest.raises(Broken, match="write_past_the_ledger"), connections[node.alias].cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.sqlite_only
def test_a_restored_database_begins_a_new_incarnation(nodes: Nodes) -> None:
    node = nodes.make()
    with node.use():
        actions.add_task(compartment="north", by=ANA, title="Before the backup")
        nodes.reopen(node)
        shutil.copy(node.home / "main.sqlite3", node.home / "backup")
        lost = actions.add_task(compartment="north", by=ANA, title="Lost with the disk")
        nodes.reopen(node)
        shutil.copy(node.home / "backup", node.home / "main.sqlite3")
        kept = actions.add_task(compartment="north", by=ANA, title="After the restore")
        state = ledger_queries.node_state()
        assert (state.label, len(state.feeds)) == ("BEN2", 2)
        assert queries.task(kept, reader("north")).number.startswith("BEN2-")
        assert verify.verify(node, tables=True).ok
        assert lost != kept
        actions.add_task(compartment="north", by=ANA, title="And on")
        assert ledger_queries.node_state().incarnations == 2


@pytest.mark.sqlite_only
def test_a_lost_marker_begins_a_new_incarnation(nodes: Nodes) -> None:
    node = nodes.make()
    with node.use():
        node.marker.path.unlink()
        actions.add_task(compartment="north", by=ANA, title="Nobody knows what was written before")
        assert ledger_queries.node_state().incarnations == 2


@pytest.mark.sqlite_only
def test_a_marker_left_behind_by_a_crash_is_brought_forward_at_start(nodes: Nodes) -> None:
    node = nodes.make()
    with node.use():
        for n in range(3):
            actions.add_task(compartment="north", by=ANA, title=f"Task {n}")
        node.marker.begin(node.marker.read()._replace(written=1))
        bring_marker_forward(node)
        assert node.marker.read().written == 3


@pytest.mark.sqlite_only
@pytest.mark.parametrize("harm", ["torn", "behind"])
def test_a_marker_torn_or_behind_is_fine(nodes: Nodes, harm: str) -> None:
    node = nodes.make()
    with node.use():
        for n in range(3):
            actions.add_task(compartment="north", by=ANA, title=f"Task {n}")
        raw = node.marker.path.read_bytes()
        newest = 64 * (ledger_queries.node_state().written % 2)
        torn = raw[:newest] + raw[newest : newest + 20] + b"\0" * 44 + raw[newest + 64 :]
        node.marker.path.write_bytes(torn if harm == "torn" else raw)
        if harm == "behind":
            node.marker.begin(node.marker.read()._replace(written=1))
        actions.add_task(compartment="north", by=ANA, title="Goes on")
        assert ledger_queries.node_state().incarnations == 1


def test_a_unit_that_fails_leaves_no_entry(node: Node) -> None:
    task = actions.add_task(compartment="north", by=ANA, title="Kept")
    before = everything(node), ledger_queries.node_state()
    with pytest.raises(ZeroDivisionError), ledger.unit("test.fails", by=ANA) as unit:
        unit.put(actions.Task, unit.load(actions.Task, task), title="Lost")
        raise ZeroDivisionError
    assert (everything(node), ledger_queries.node_state()) == before


def test_a_batch_is_all_or_nothing(node: Node) -> None:
    with pytest.raises(ZeroDivisionError), ledger.batch():
        actions.add_task(compartment="north", by=ANA, title="One")
        raise ZeroDivisionError
    assert queries.open_tasks(reader("north")) == []


def test_units_of_one_batch_see_each_other(node: Node) -> None:
    with ledger.batch():
        task = actions.add_task(compartment="north", by=ANA, title="One")
        actions.step(task, rules.Step.TAKEN, by=ANA)
        actions.step(task, rules.Step.DONE, by=ANA)
        actions.edit_task(task, by=BORI, title="Two")
    row = queries.task(task, reader("north"))
    assert (row.title, row.state) == ("Two", "done")
    assert verify.verify(node, tables=True).ok


def test_an_import_run_twice_is_an_import_run_once(node: Node) -> None:
    rows = [{"code": f"A{n}", "name": f"Area {n}", "kind": "area"} for n in range(20)]
    assert places.import_areas(rows, compartment="north", by=ANA) == {"added": 20, "changed": 0, "same": 0}
    rows[3]["name"] = "Area three"
    assert places.import_areas(rows, compartment="north", by=ANA) == {"added": 0, "changed": 1, "same": 19}
    assert verify.verify(node, tables=True).ok


def test_the_walk_goes_on_past_an_id_that_was_born_twice(node: Node) -> None:
    """Two births of one id are one record: a chunk of records may hold more births than records."""
    some_history()
    sql = "SELECT feed, seq, part, record, salt, body FROM ledger_part WHERE type = 1 ORDER BY record LIMIT 1"
    feed, seq, _part, record, salt, body = store.rows(node, sql)[0]
    insert = "INSERT INTO ledger_part (feed, seq, part, type, record, salt, body) VALUES (%s, %s, 99, 1, %s, %s, %s)"
    tamper(node, insert, feed, seq, record, salt, body)
    tamper(node, "DELETE FROM desk_step")
    assert rebuild.rebuild(node, chunk=3).changed > 3
