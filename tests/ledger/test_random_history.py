"""Histories at random on the real database: the tables say what the definition says, and what was erased is nowhere."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

import cbor2
import pytest
from django.db import connections

from tests.ledger import definition
from tests.ledger.random_history import History, back_up, restore
from tests.nodes import Nodes, person, reader
from ulinzi import ledger
from ulinzi.desk import actions, queries
from ulinzi.desk.models import Step, Task
from ulinzi.kernel import ids
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger import rebuild, store, tables, verify
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.merge import Tombs
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import shapes
from ulinzi.ledger.shapes import Row, Shape

QUICK, SQLITE, POSTGRES, DEEDS = 5, 40, 10, 70
ANA, BORI = person("ana"), person("bori")
A_TASK = ids.derived_id("tests.task", compartment="north")

# What all seeds of the long run together must have met, or the test says less than it seems to.
FLOORS = {
    "edit": 100,
    "edit_late": 60,
    "settle": 10,
    "moved": 10,
    "step": 100,
    "undo": 20,
    "batch": 60,
    "erase_words": 10,
    "erase_task": 5,
    "erase_person": 5,
    "person_erased": 5,
    "lose_rows": 10,
    "refused": 100,
}


# The tables as the definition has them, read from the log without the product's own reading.


class Part(NamedTuple):
    compartment: str
    dot: Dot
    hlc: int
    type: int
    body: Any


def log(node: Node) -> dict[bytes, list[Part]]:
    sql = (
        "SELECT f.compartment, f.feed, p.seq, p.part, e.hlc, p.type, p.body"
        " FROM ledger_part p, ledger_feed f, ledger_entry e"
        " WHERE f.no = p.feed AND e.feed = p.feed AND e.seq = p.seq AND p.body IS NOT NULL AND p.type IN (1, 2)"
    )
    found: dict[bytes, list[Part]] = {}
    for compartment, feed, seq, part, hlc, kind, raw in store.rows(node, sql):
        body = cbor2.loads(bytes(raw))
        found.setdefault(body[1], []).append(Part(compartment, Dot(bytes(feed), seq, part), hlc, kind, body))
    return found


def stones(node: Node) -> dict[bytes, dict[str, Tombs]]:
    found: dict[bytes, dict[str, Tombs]] = {}
    sql = 'SELECT subject, compartment, "group" FROM ledger_tombstone WHERE scope = 0'
    for subject, compartment, group in store.rows(node, sql):
        mine = found.setdefault(bytes(subject), {})
        old = mine.get(compartment, Tombs())
        mine[compartment] = Tombs(old.all or group == 0, old.groups | {group} - {0})
    return found


def defined(node: Node, shape: Shape) -> dict[UUID, Row]:
    """The rows of a model, without what its aggregate derives."""
    erased, rows = stones(node), {}
    for record, parts in log(node).items():
        mine = erased.get(record, {})
        birth = next((part for part in parts if part.type == 1), None)
        if birth and birth.body[3]:
            gone = erased.get(birth.body[3], {})
            mine = {**mine, **{compartment: Tombs(True) for compartment, stone in gone.items() if stone.all}}
        found = definition.fold(shape, parts, mine)
        if found is not None:
            rows[UUID(bytes=record)] = _row(shape, record, found)
    return rows


def _row(shape: Shape, record: bytes, found: dict[str, Any]) -> Row:
    groups = {group.name: found["groups"][group.number] for group in shape.groups}
    row = Row(id=UUID(bytes=record), compartment=found["compartment"], newer=found["newer"])
    row["conflict"] = any(one["conflict"] for one in groups.values())
    row["erased"] = ",".join(sorted(name for name, one in groups.items() if one["erased"]))
    row["problems"] = len(found["problems"])
    if shape.root:
        row["root"] = UUID(bytes=found["root"])
    for group in shape.groups:
        for one in group.fields:
            value = groups[group.name]["values"][one.number]
            row[one.name] = UUID(bytes=value) if value is not None and one.is_id else value
    return row


def assert_tables_are_the_definition(node: Node) -> None:
    here = {shape.label: {row["id"]: row for row in tables.read(node, shape, "1 = 1", [])} for shape in shapes()}
    for shape in shapes():
        wanted = defined(node, shape)
        assert here[shape.label].keys() == wanted.keys()
        for record, row in wanted.items():
            assert here[shape.label][record] == here[shape.label][record] | row
    for task in here["desk.Task"].values():
        steps = [step for step in here["desk.Step"].values() if step["root"] == task["id"]]
        assert task == task | Task.shape.derive(task, {"desk.Step": steps})


# Nowhere.


def said_in(node: Node, engine: str) -> bytes:
    """Everything that is stored: files of the home, or every cell of every table."""
    if engine == "sqlite":
        return b"".join(path.read_bytes() for path in sorted(node.home.rglob("*")) if path.is_file())
    cells: list[bytes] = []
    for table in connections[node.alias].introspection.table_names():
        for row in store.rows(node, f'SELECT * FROM "{table}"'):
            cells += [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row]
    return b"\n".join(cells)


def assert_erased_is_nowhere(history: History, engine: str) -> None:
    said = said_in(history.node, engine)
    assert [word for word in history.erased if word.encode() in said] == []


def live(nodes: Nodes, seed: int, engine: str) -> History:
    node = nodes.make(seed=seed)
    with node.use():
        history = History(nodes, node, seed)
        history.live(DEEDS)
        report = verify.verify(node, tables=True)
        assert report.ok, report.findings[:5]
        assert_tables_are_the_definition(node)
        assert_erased_is_nowhere(history, engine)
        assert ledger_queries.node_state().incarnations == history.incarnations
        again = rebuild.rebuild(node)
        assert (again.changed, again.removed, again.differing) == (0, 0, [])
        history.count["secrets erased"] = len(history.erased)
        nodes.reopen(node)
    return history


def live_all(nodes: Nodes, seeds: int, engine: str) -> Counter[str]:
    count: Counter[str] = Counter()
    for seed in range(seeds):
        try:
            count += live(nodes, seed, engine).count
        except Exception as error:
            error.add_note(f"seed {seed}, {engine}")
            raise
    return count


def test_a_few_histories(nodes: Nodes, engine: str) -> None:
    assert live_all(nodes, QUICK, engine)["step"] > 10


@pytest.mark.slow
def test_many_histories(nodes: Nodes, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    seeds = SQLITE if engine == "sqlite" else POSTGRES
    count = live_all(nodes, seeds, engine)
    with capsys.disabled():
        print(f"\n  {engine}: {seeds} histories: {', '.join(f'{name} {many}' for name, many in count.most_common())}")
    share = seeds / SQLITE
    assert {name: count[name] for name, floor in FLOORS.items() if count[name] < floor * share} == {}
    assert engine == "postgres" or count["restore"] >= 10


# The checks would notice.


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE desk_task SET urgency = 'now' WHERE urgency <> 'now'",
        "UPDATE desk_task SET state = 'set_aside'",
        "DELETE FROM desk_step",
        "UPDATE ledger_part SET body = NULL WHERE type = 2 AND seq = 1",
    ],
)
def test_control_a_table_that_differs_is_noticed(nodes: Nodes, engine: str, harm: str) -> None:
    node = nodes.make()
    with node.use():
        task = actions.add_task(compartment="north", by=ANA, title="Call back Telwa", urgency="soon")
        actions.step(task, actions.rules.Step.TAKEN, by=BORI)
        assert_tables_are_the_definition(node)
        with store.connection(node).ledger_opened():
            store.execute(node, harm)
        with pytest.raises(AssertionError):
            assert_tables_are_the_definition(node)


def test_control_a_secret_that_stays_is_noticed(nodes: Nodes, engine: str) -> None:
    node = nodes.make()
    with node.use():
        history = History(nodes, node, 1)
        actions.add_task(compartment="north", by=ANA, title="CANARY-1")
        history.erased.add("CANARY-1")
        with pytest.raises(AssertionError):
            assert_erased_is_nowhere(history, engine)


# What histories found.


def test_a_unit_that_fails_in_a_batch_leaves_nothing_to_the_next(node: Node) -> None:
    """An import that goes on after a refused line must not build on what that line would have been."""
    never = ledger.unit("tests.never", by=ANA)
    with ledger.batch():
        with pytest.raises(ZeroDivisionError), never as unit:
            born = unit.add(Task, compartment="north", title="Never")
            raise ZeroDivisionError
        with ledger.unit("tests.next", by=ANA) as unit:
            assert unit.find(Task, born["id"]) is None
    assert queries.open_tasks(reader("north")) == []
    assert verify.verify(node, tables=True).ok


def test_a_step_of_a_unit_that_failed_is_not_seen_by_the_next(node: Node) -> None:
    task = actions.add_task(compartment="north", by=ANA, title="Call back Telwa")
    with ledger.batch():
        with pytest.raises(ZeroDivisionError), ledger.unit("tests.never", by=ANA) as unit:
            row = unit.load(Task, task)
            unit.add(Step, root=row, kind="done", claimed_at=unit.at, by_whom=ANA, turn=1)
            raise ZeroDivisionError
        actions.step(task, actions.rules.Step.NOTED, by=BORI, words="Still open")
    assert queries.task(task, reader("north")).state == "open"
    assert len(queries.steps(task)) == 1
    assert verify.verify(node, tables=True).ok


def test_an_id_of_a_unit_that_failed_is_free_again(node: Node) -> None:
    with ledger.batch():
        with pytest.raises(ZeroDivisionError), ledger.unit("tests.never", by=ANA) as unit:
            unit.add(Task, compartment="north", id=A_TASK, title="Never")
            raise ZeroDivisionError
        with ledger.unit("tests.next", by=ANA) as unit:
            unit.add(Task, compartment="north", id=A_TASK, title="After all")
    assert [row.title for row in queries.open_tasks(reader("north"))] == ["After all"]
    assert verify.verify(node, tables=True).ok


def test_a_unit_refused_when_it_is_appended_takes_no_other_with_it(node: Node) -> None:
    """Whose name was erased learns so when his unit is appended: in a batch, while somebody else reads."""
    with ledger.unit("tests.erase_person", by=ANA) as unit:
        unit.erase_person(BORI, compartment="north", basis="asked for")
    task = actions.add_task(compartment="north", by=ANA, title="Call back Telwa")
    try:
        with ledger.batch():
            actions.add_task(compartment="north", by=ANA, title="Kept")
            for who in (BORI, ANA):
                with suppress(Refused):
                    actions.edit_task(task, by=who, title=f"By {who}")
    except Refused:
        assert len(queries.open_tasks(reader("north"))) == 1  # all or nothing is also right
    else:
        assert "Kept" in {row.title for row in queries.open_tasks(reader("north"))}
        assert queries.task(task, reader("north")).title == f"By {ANA}"
    assert verify.verify(node, tables=True).ok


@pytest.mark.sqlite_only
def test_each_restore_of_one_copy_has_a_label_of_its_own(nodes: Nodes) -> None:
    """Twice the same old copy: two incarnations, and numbers that people say aloud must not be given twice."""
    node = nodes.make()
    with node.use():
        history = History(nodes, node, 1)
        actions.add_task(compartment="north", by=ANA, title="Before the backup")
        back_up(history)
        labels = set()
        for number in range(3):
            actions.add_task(compartment="north", by=ANA, title=f"Lost {number}")
            labels.add(ledger_queries.node_state().label)
            restore(history)
        assert labels == {"BEN", "BEN2", "BEN3"}
