"""Many people, threads and processes on one node: nothing doubles, nothing is lost, nobody waits for ever."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from tests.faults import writer
from tests.faults.together import PATIENCE, Meeting, beside, errors, together, until
from tests.nodes import Nodes, PostgresServer, person, reader
from ulinzi import ledger
from ulinzi.desk import actions, queries, rules
from ulinzi.desk.models import Step, Task
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import fold, rebuild, store, tables, verify
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.backends.writer import WriterLock
from ulinzi.ledger.node import Node
from ulinzi.ledger.writing import Writing
from ulinzi.places import actions as places
from ulinzi.places.models import Area

PEOPLE = [person(name) for name in ("ana", "bori", "cimo", "dela")]
ANA, BORI, CIMO, DELA = PEOPLE
RACES = 150
NORTH = ["north"]


@pytest.fixture
def postgres_node(postgres_server: PostgresServer, tmp_path: Path, templates: Path) -> Iterator[Node]:
    """For what only a database with row locks can do."""
    nodes = Nodes(tmp_path, templates, "postgres", postgres_server)
    with nodes.make().use() as node:
        yield node
    nodes.close()


def add(title: str = "Call back Telwa") -> UUID:
    return actions.add_task(compartment="north", by=ANA, title=title)


def assert_sound(node: Node) -> None:
    """Feeds without gaps, seals that hold, tables that are the fold of the entries."""
    connections[node.alias].close()
    report = verify.verify(node, tables=True)
    assert report.ok, report.findings


# Two of four people take one task.


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """Between the rule and the write the two wait for each other: the worst moment, at every race."""
    meeting = Meeting(patience=0.01)
    check = rules.check_may_step

    def check_and_wait(task: Any, kind: Any, **rest: Any) -> None:
        check(task, kind, **rest)
        meeting.wait(task["id"])

    monkeypatch.setattr(rules, "check_may_step", check_and_wait)
    return meeting


def race(node: Node, tasks: list[UUID]) -> list[Any]:
    """Every task is taken by two of the four at the same moment; what each of them was told."""
    rng = random.Random(150)
    takers = {task: rng.sample(PEOPLE, 2) for task in tasks}
    line = threading.Barrier(len(PEOPLE))

    def take_all(who: UUID) -> list[Any]:
        told = []
        for task in tasks:
            line.wait(PATIENCE)
            if who in takers[task]:
                told.append(_take(task, who))
        return told

    results = together(node, [lambda who=who: take_all(who) for who in PEOPLE])
    assert errors(results) == []
    return [one for told in results for one in told]


def _take(task: UUID, who: UUID) -> Any:
    try:
        return actions.step(task, rules.Step.TAKEN, by=who)
    except Exception as error:  # noqa: BLE001 what people are told is what the test is about
        return error


def doubles(tasks: list[UUID]) -> int:
    return sum(len(queries.steps(task)) > 1 for task in tasks)


def some_tasks() -> list[UUID]:
    with ledger.batch():
        return [add(f"Task {number}") for number in range(RACES)]


@pytest.mark.slow
def test_one_task_is_taken_once(node: Node, meeting: Meeting) -> None:
    tasks = some_tasks()
    told = race(node, tasks)
    assert doubles(tasks) == 0
    assert sorted({str(one) for one in errors(told)}) == ["step_not_now (step=taken, state=taken)"]
    assert len(errors(told)) == RACES
    assert_sound(node)


@pytest.fixture
def without_row_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything as it is, but nobody locks the row of the task."""
    load = fold.load_aggregates

    def load_unlocked(*args: Any, lock: bool = False) -> Any:
        return load(*args, lock=False)

    monkeypatch.setattr(fold, "load_aggregates", load_unlocked)


@pytest.mark.slow
@pytest.mark.postgres
def test_control_without_the_row_lock_most_races_double(
    postgres_node: Node, meeting: Meeting, without_row_lock: None, capsys: pytest.CaptureFixture[str]
) -> None:
    meeting.patience = 5.0  # nobody is kept away now, so both come
    tasks = some_tasks()
    race(postgres_node, tasks)
    found = doubles(tasks)
    with capsys.disabled():
        print(f"\n  {found} of {RACES} doubled with the lock taken out")
    assert found > 100


@pytest.fixture
def without_writer_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite as Django has it by itself: no lock of ours, and a transaction that begins as a reader."""
    from ulinzi.ledger.backends.sqlite3.base import DatabaseWrapper

    monkeypatch.setattr(WriterLock, "take", lambda self: None)
    monkeypatch.setattr(WriterLock, "leave", lambda self: None)
    parameters = DatabaseWrapper.get_connection_params

    def deferred(self: DatabaseWrapper) -> dict[str, Any]:
        found = parameters(self)
        self.transaction_mode = None
        return found

    monkeypatch.setattr(DatabaseWrapper, "get_connection_params", deferred)


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_control_without_the_writer_lock_most_races_fail(
    node: Node, meeting: Meeting, without_writer_lock: None
) -> None:
    meeting.patience = 5.0
    tasks = some_tasks()
    told = race(node, tasks)
    assert doubles(tasks) == 0  # its snapshot keeps SQLite from the worst: nobody is told a lie, most are told nothing
    assert sum("locked" in str(one) for one in errors(told)) > 100


# Many writers.


def write_a_while(who: UUID, tasks: list[UUID], count: int) -> None:
    """What a person does all day: adds, edits, notes. Refusals are answers, not errors."""
    rng = random.Random(who.int)
    for number in range(count):
        task = rng.choice(tasks)
        turn = number % 4
        if turn == 0:
            add(f"Task {number} of {who}")
        elif turn == 1:
            actions.edit_task(task, by=who, title=f"Title {number} of {who}")
        elif turn == 2:
            actions.step(task, rules.Step.NOTED, by=who, words=f"Note {number}")
        else:
            actions.edit_task(task, by=who, urgency=rng.choice(rules.URGENCY), tiers=rng.sample(rules.TIERS, 2))


def test_eight_writers_leave_no_gap(node: Node) -> None:
    tasks = [add(f"Shared {number}") for number in range(5)]
    people = [person(f"writer {n}") for n in range(8)]
    acts = [lambda who=who: write_a_while(who, tasks, 40) for who in people]
    assert errors(together(node, acts)) == []
    state = ledger_queries.node_state()
    assert state.entries == state.written >= 8 * 20  # an edit that changes nothing writes nothing
    assert [feed.seq for feed in state.feeds] == [state.entries]
    assert_sound(node)


def test_control_a_gap_would_be_found(node: Node) -> None:
    write_a_while(ANA, [add()], 8)
    with store.connection(node).ledger_opened():
        store.execute(node, "DELETE FROM ledger_entry WHERE seq = 4")
    assert "entry_missing" in {one.code for one in verify.verify(node).findings}


def test_several_processes_write_at_once(nodes: Nodes) -> None:
    node = nodes.make()
    with writer.Writers(nodes, node) as writers:
        running = [writers.start(count=25) for _ in range(3)]
        acked = [one.wait() for one in running]
    assert [len(one) for one in acked] == [25, 25, 25]
    with node.use():
        here = {row.id for row in queries.open_tasks(reader(*NORTH))}
        assert here == {task for one in acked for task in one}
        assert ledger_queries.node_state().incarnations == 1
    assert_sound(node)


# Derived ids: two people import the same list.


def area_rows(count: int, word: str = "") -> list[dict[str, str]]:
    return [{"code": f"A{n}", "name": f"Area {n}{word}", "kind": "area"} for n in range(count)]


def import_areas(by: UUID, word: str = "") -> dict[str, int]:
    return places.import_areas(area_rows(30, word), compartment="north", by=by)


def test_an_import_by_three_at_once_is_one_import(node: Node) -> None:
    done = together(node, [lambda who=who: import_areas(who) for who in (ANA, BORI, CIMO)])
    assert errors(done) == []
    assert sorted(one["added"] for one in done) == [0, 0, 30]  # imports are alone, one after the other
    assert_sound(node)


@pytest.fixture
def all_looked_first(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    """Everybody has looked, and found nothing, before anybody writes. On SQLite nobody can look beside a writer."""
    if engine == "sqlite":
        return
    line = threading.Barrier(3)
    flush = Writing.flush

    def wait_and_flush(self: Writing) -> None:
        if self.pending and self.heads is None:
            line.wait(PATIENCE)
        flush(self)

    monkeypatch.setattr(Writing, "flush", wait_and_flush)


def add_area(by: UUID, name: str = "Davissa") -> UUID:
    return places.add_area(compartment="north", code="DAV", by=by, name=name, kind="district")


def refused(results: list[Any]) -> set[str]:
    return {str(one.code) for one in errors(results) if isinstance(one, Refused)}


def test_an_area_added_by_three_at_once_is_born_once(node: Node, all_looked_first: None) -> None:
    done = together(node, [lambda who=who: add_area(who) for who in (ANA, BORI, CIMO)])
    assert len(refused(done)) <= 1 and all(isinstance(one, Refused) for one in errors(done))
    assert len(tables.read(node, Area.shape, "1 = 1", [])) == 1
    assert ledger_queries.problems(NORTH) == [] and ledger_queries.conflicts(NORTH) == []
    assert_sound(node)


def test_an_area_added_by_three_who_differ_is_a_conflict(node: Node, all_looked_first: None) -> None:
    names = ("Davissa west", "Davissa mid", "Davissa east")
    acts = [lambda who=who, name=name: add_area(who, name) for who, name in zip(PEOPLE, names, strict=False)]
    done = together(node, acts)
    assert all(isinstance(one, Refused) for one in errors(done))
    assert len(tables.read(node, Area.shape, "1 = 1", [])) == 1
    assert_sound(node)


def interrupt(patch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], Any]) -> None:
    """Before the first call of a function, somebody else does something."""
    original = getattr(module, name)
    waiting = [act]

    def first_the_other(*args: Any, **options: Any) -> Any:
        while waiting:
            waiting.pop()()
        return original(*args, **options)

    patch.setattr(module, name, first_the_other)


# Reads that other people's writes make old.


def test_two_edit_a_step_that_is_read_by_itself(node: Node) -> None:
    """Who asks for a child first learns its root from the log: what he read before he held the lock is old."""
    task = add()
    noted = [actions.step(task, rules.Step.NOTED, by=ANA, words=f"Note {n}") for n in range(20)]
    line = threading.Barrier(2)

    def reword(who: UUID) -> None:
        for step in noted:
            line.wait(PATIENCE)
            with ledger.unit("tests.reword", by=who) as unit:
                unit.put(Step, unit.load(Step, step), words=f"Said by {who}")

    assert errors(together(node, [lambda: reword(BORI), lambda: reword(CIMO)])) == []
    assert ledger_queries.conflicts(NORTH) == []  # each of them had seen what was there
    assert_sound(node)


def someone_waits(node: Node) -> bool:
    """In this test's own database: the server may serve others."""
    waiting = "SELECT COUNT(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
    sql = f"{waiting} AND datname = current_database()"
    return bool(store.rows(node, sql)[0][0])


@pytest.mark.postgres
def test_a_person_erased_while_he_waits_writes_no_more(postgres_node: Node) -> None:
    task = add()
    held = threading.Event()

    def erase_bori() -> None:
        with ledger.batch() as batch:
            with ledger.unit("tests.erase_person", by=ANA) as unit:
                unit.erase_person(BORI, compartment="north", basis="asked for", second=CIMO)
            batch.flush()
            held.set()
            until(lambda: someone_waits(postgres_node))

    def note() -> None:
        assert held.wait(PATIENCE)
        actions.step(task, rules.Step.NOTED, by=BORI, words="Still here")

    told = together(postgres_node, [erase_bori, note])
    assert [str(one) for one in errors(told)] == ["person_erased"]
    assert queries.steps(task) == []


# Rebuild beside writers, and locks taken in another order.


def test_rebuild_beside_writers_ends_well(node: Node) -> None:
    with ledger.batch():
        tasks = [add(f"Shared {number}") for number in range(60)]
    acts: list[Callable[[], Any]] = [lambda who=who: write_a_while(who, tasks, 40) for who in PEOPLE[:3]]
    acts += [lambda: [rebuild.rebuild(node, chunk=7) for _ in range(4)]]
    acts += [lambda: [verify.verify(node) for _ in range(4)]]
    assert errors(together(node, acts)) == []
    assert_sound(node)


@pytest.mark.parametrize("step", ["_lock_roots", "_standing", "_compare_findings"])
def test_rebuild_keeps_what_is_born_while_it_reads(node: Node, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A task comes into being, and into conflict, between two statements of a chunk."""
    add("Before")
    if store.connection(node).vendor == "sqlite":
        make_conflict()
    else:
        interrupt(monkeypatch, rebuild._Walk, step, lambda: beside(node, make_conflict))
    rebuild.rebuild(node)
    assert len(ledger_queries.conflicts(NORTH)) == 1
    assert_sound(node)


def make_conflict() -> None:
    task = add("Between")
    form = {"words": ledger_queries.groups_of("desk.Task", task)["words"].dots}
    actions.edit_task(task, by=ANA, seen=form, title="North side")
    actions.edit_task(task, by=BORI, seen=form, keep_both=True, title="South side")


@pytest.mark.postgres
def test_a_batch_and_a_writer_do_not_wait_for_each_other(postgres_node: Node) -> None:
    """A batch that goes on after it locked the node takes more rows: the wrong way round, seen from a writer."""
    first, second = add("First"), add("Second")
    locked = threading.Event()

    def long_batch() -> None:
        with ledger.batch() as batch:
            actions.edit_task(first, by=ANA, title="First, changed")
            batch.flush()
            locked.set()
            until(lambda: someone_waits(postgres_node))
            actions.edit_task(second, by=ANA, title="Second, changed")

    def writer_of_second() -> None:
        assert locked.wait(PATIENCE)
        with ledger.unit("tests.edit", by=BORI) as unit:
            row = unit.load(Task, second)
            unit.put(Task, row, detail="More about it")

    assert errors(together(postgres_node, [long_batch, writer_of_second])) == []
    assert_sound(postgres_node)
