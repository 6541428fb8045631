"""Erasing: the words go, from the log, the tables and the file, and never come back; that something was there stays."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connections

from tests.faults.together import errors, together
from tests.nodes import Nodes, person, reader
from ulinzi import ledger
from ulinzi.desk import actions, queries, rules
from ulinzi.desk.models import Step, Task
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import erase, rebuild, store, verify
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.places.models import Area

ANA, BORI, CIMO = person("ana"), person("bori"), person("cimo")
NORTH = ["north"]
BASIS = "asked by the person"
CANARY = b"CANARY-7713"
WORDS = CANARY.decode()


def add(**values: object) -> UUID:
    return actions.add_task(compartment="north", by=ANA, **{"title": "Call back Telwa", **values})


def bodies_with(node: Node, word: bytes = CANARY) -> int:
    """Parts of the log that still say it."""
    return sum(
        word in bytes(body) for (body,) in store.rows(node, "SELECT body FROM ledger_part WHERE body IS NOT NULL")
    )


def table_cells_with(node: Node, word: str = WORDS) -> int:
    """Cells of any table of this node that still say it, as text or as bytes."""
    found = 0
    for table in connections[node.alias].introspection.table_names():
        for row in store.rows(node, f'SELECT * FROM "{table}"'):
            found += sum(word.encode() in _raw(cell) for cell in row)
    return found


def _raw(cell: object) -> bytes:
    return bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()


def files_with(node: Node, word: bytes = CANARY) -> list[str]:
    """Files of this home that still say it: the database, its log, everything beside them."""
    return [path.name for path in node.home.rglob("*") if path.is_file() and word in path.read_bytes()]


def assert_gone(node: Node) -> None:
    assert (bodies_with(node), table_cells_with(node), files_with(node)) == (0, 0, [])
    report = verify.verify(node, tables=True)
    assert report.ok, report.findings


# A group.


def test_a_group_goes_with_everything_it_ever_said(node: Node) -> None:
    task = add(title=f"First {WORDS}", detail=f"Detail {WORDS}", urgency="soon")
    actions.edit_task(task, by=BORI, title=f"Second {WORDS}")
    assert bodies_with(node) == 2 and table_cells_with(node) > 2  # the control: it was there
    assert files_with(node) if store.connection(node).vendor == "sqlite" else True
    actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
    row = queries.task(task, reader(*NORTH))
    assert (row.title, row.detail, row.erased, row.urgency, row.number) == (None, None, "words", "soon", "BEN-1")
    assert_gone(node)


def test_the_value_before_does_not_come_back(node: Node) -> None:
    """Taking away the newest write alone would show the one before it, which says the same."""
    task = add(title=f"Old {WORDS}")
    actions.edit_task(task, by=ANA, title=f"New {WORDS}")
    actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
    rebuild.rebuild(node)
    assert queries.task(task, reader(*NORTH)).title is None
    assert_gone(node)


def test_nothing_is_written_where_something_was_erased(node: Node) -> None:
    task = add()
    form = {"words": ledger_queries.groups_of("desk.Task", task)["words"].dots}
    actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
    for seen in (None, form):
        with pytest.raises(Refused, match="erased"):
            actions.edit_task(task, by=BORI, seen=seen, keep_both=True, title="Again")
    assert actions.edit_task(task, by=BORI, urgency="now") == ["urgency"]
    assert_gone(node)


def test_a_conflict_goes_with_its_group(node: Node) -> None:
    task = add()
    form = {"words": ledger_queries.groups_of("desk.Task", task)["words"].dots}
    actions.edit_task(task, by=ANA, seen=form, title=f"North {WORDS}")
    actions.edit_task(task, by=BORI, seen=form, keep_both=True, title=f"South {WORDS}")
    actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
    assert ledger_queries.conflicts(NORTH) == [] and not queries.task(task, reader(*NORTH)).conflict
    assert_gone(node)


def test_erasing_twice_is_erasing_once(node: Node) -> None:
    task = add(title=WORDS)
    for _ in range(2):
        actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
    assert queries.task(task, reader(*NORTH)).erased == "words"
    actions.erase_task(task, by=ANA, second=BORI, basis=BASIS)
    with pytest.raises(NotFound):
        actions.erase_task(task, by=ANA, second=BORI, basis=BASIS)
    assert_gone(node)


@pytest.mark.parametrize("basis", ["", "  "])
def test_erasing_needs_a_basis(node: Node, basis: str) -> None:
    task = add(title=WORDS)
    with pytest.raises(Refused, match="erasure_needs_basis"):
        actions.erase_words(task, by=ANA, second=BORI, basis=basis)
    assert queries.task(task, reader(*NORTH)).title == WORDS


# A whole record, its children, its reasons.


def test_children_go_with_their_root(node: Node) -> None:
    task, other = add(title=WORDS), add()
    for one in (task, other):
        actions.step(one, rules.Step.NOTED, by=BORI, words="Kept" if one == other else WORDS)
    actions.erase_task(task, by=ANA, second=BORI, basis=BASIS)
    assert queries.steps(task) == [] and len(queries.steps(other)) == 1
    assert ledger_queries.was_erased(task)
    assert_gone(node)


def test_children_go_though_their_rows_were_lost(node: Node) -> None:
    """Tables are disposable: erasing goes by the log, or a damaged table would keep words for ever."""
    task = add(title=WORDS)
    actions.step(task, rules.Step.NOTED, by=BORI, words=WORDS)
    with store.connection(node).ledger_opened():
        store.execute(node, "DELETE FROM desk_step")
    actions.erase_task(task, by=ANA, second=BORI, basis=BASIS)
    rebuild.rebuild(node)
    assert_gone(node)


def test_a_child_goes_alone(node: Node) -> None:
    task = add()
    noted = actions.step(task, rules.Step.NOTED, by=BORI, words=WORDS)
    done = actions.step(task, rules.Step.DONE, by=BORI)
    with ledger.unit("tests.erase_step", by=ANA) as unit:
        unit.erase(Step, unit.load(Step, noted), basis=BASIS, second=BORI)
        unit.erase(Step, unit.load(Step, done), basis=BASIS, second=BORI)
    assert queries.steps(task) == [] and queries.task(task, reader(*NORTH)).state == "open"
    assert_gone(node)


def test_the_reason_goes_with_the_last_group_of_its_entry(node: Node) -> None:
    one, other = add(), add()
    with ledger.unit("tests.both", by=BORI, why=WORDS) as unit:
        for task in (one, other):
            unit.put(Task, unit.load(Task, task), title="Both at once")
    actions.erase_task(one, by=ANA, second=BORI, basis=BASIS)
    assert bodies_with(node) == 1  # the reason of an entry that still says something about the other
    actions.erase_task(other, by=ANA, second=BORI, basis=BASIS)
    assert_gone(node)


def test_the_timeline_still_says_that_and_when(node: Node) -> None:
    task = add(title=WORDS)
    before = [(event.written_at, event.seq, event.actor) for event in ledger_queries.history("desk.Task", task)]
    actions.erase_words(task, by=CIMO, second=BORI, basis=BASIS)
    events = ledger_queries.history("desk.Task", task)
    assert [(event.written_at, event.seq, event.actor) for event in events][:1] == before
    assert events[-1].actor == CIMO and events[-1].erasures
    assert None in {change.values and "" for event in events for change in event.changes}


# A person.


def erase_person(who: UUID, compartment: str = "north", by: UUID = ANA) -> None:
    with ledger.unit("tests.erase_person", by=by) as unit:
        unit.erase_person(who, compartment=compartment, basis=BASIS, second=CIMO)


def actors(task: UUID) -> list[UUID | None]:
    return [event.actor for event in ledger_queries.history("desk.Task", task)]


def whys_naming(node: Node, who: UUID) -> int:
    found = store.rows(node, "SELECT body FROM ledger_part WHERE type = 0 AND body IS NOT NULL")
    return sum(who.bytes in bytes(body) for (body,) in found)


def test_a_persons_name_goes_and_what_was_written_stays(node: Node) -> None:
    task = add()
    actions.edit_task(task, by=BORI, title="As Bori says")
    erase_person(BORI)
    assert actors(task) == [ANA, None]
    assert queries.task(task, reader(*NORTH)).title == "As Bori says"
    assert whys_naming(node, BORI) == 0 < whys_naming(node, ANA)
    assert verify.verify(node, tables=True).ok


def test_an_erased_person_writes_no_more(node: Node) -> None:
    task = add()
    erase_person(BORI)
    entries = ledger_queries.node_state().entries
    with pytest.raises(Refused, match="person_erased"):
        actions.edit_task(task, by=BORI, title="Again")
    assert ledger_queries.node_state().entries == entries
    actions.edit_task(task, by=ANA, title="Others do")
    assert verify.verify(node, tables=True).ok


def test_whoever_erases_himself_leaves_no_name(node: Node) -> None:
    task = add()
    erase_person(ANA, by=ANA)
    assert actors(task) == [None] and whys_naming(node, ANA) == 0
    assert verify.verify(node, tables=True).ok


def test_a_name_behalf_of_whom_somebody_wrote_goes_too(node: Node) -> None:
    task = add()
    with ledger.unit("tests.on_behalf", by=CIMO, on_behalf_of=BORI) as unit:
        unit.put(Task, unit.load(Task, task), title="As Bori told me")
    erase_person(BORI)
    assert whys_naming(node, BORI) == 0


def test_nobody_writes_an_erased_name_again_on_his_behalf(node: Node) -> None:
    task = add()
    erase_person(BORI)
    with pytest.raises(Refused, match="person_erased"), ledger.unit("tests.x", by=CIMO, on_behalf_of=BORI) as unit:
        unit.put(Task, unit.load(Task, task), title="As Bori told me")
    assert whys_naming(node, BORI) == 0


def test_an_erased_person_writes_no_more_in_the_same_batch(node: Node) -> None:
    task = add()
    with pytest.raises(Refused, match="person_erased"), ledger.batch() as batch:
        erase_person(BORI)
        batch.flush()
        actions.edit_task(task, by=BORI, title="Again")
    assert queries.task(task, reader(*NORTH)).title == "Call back Telwa"


def test_a_name_in_another_compartment_is_erased_there(node: Node) -> None:
    south = actions.add_task(compartment="south", by=BORI, title="In the south")
    erase_person(BORI, "north")
    assert actors(south) == [BORI]
    erase_person(BORI, "south")
    assert actors(south) == [None]


# What stays for ever.


def test_tombstones_survive_rebuild(node: Node) -> None:
    words, whole = add(title=WORDS), add(title=WORDS)
    actions.step(whole, rules.Step.NOTED, by=ANA, words=WORDS)
    actions.erase_words(words, by=ANA, second=BORI, basis=BASIS)
    actions.erase_task(whole, by=ANA, second=BORI, basis=BASIS)
    with store.connection(node).ledger_opened():
        for table in ("desk_task", "desk_step"):
            store.execute(node, f"DELETE FROM {table}")
    rebuild.rebuild(node)
    assert [row.id for row in queries.open_tasks(reader(*NORTH))] == [words]
    assert queries.task(words, reader(*NORTH)).erased == "words"
    assert_gone(node)


def test_rebuild_brings_back_a_lost_tombstone(node: Node) -> None:
    actions.erase_task(add(title=WORDS), by=ANA, second=BORI, basis=BASIS)
    with store.connection(node).ledger_opened():
        store.execute(node, "DELETE FROM ledger_tombstone")
    assert [one.detail for one in verify.verify(node, tables=True).findings if one.feed == "ledger.tombstones"]
    rebuild.rebuild(node)
    assert queries.open_tasks(reader(*NORTH)) == [] and verify.verify(node, tables=True).ok


def test_control_without_the_tombstones_a_birth_would_stand_again(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "wanted_stones", lambda node: set())
    whole = add(title=WORDS)
    actions.erase_task(whole, by=ANA, second=BORI, basis=BASIS)
    with store.connection(node).ledger_opened():
        store.execute(node, "DELETE FROM ledger_tombstone")
    rebuild.rebuild(node)
    assert [row.id for row in queries.open_tasks(reader(*NORTH))] == [whole]


def test_what_was_erased_is_not_imported_again(node: Node) -> None:
    row = {"code": "DAV", "name": WORDS, "kind": "area"}
    places.import_areas([row], compartment="north", by=ANA)
    area = places.area_id("north", "DAV")
    with ledger.unit("tests.erase_area", by=ANA) as unit:
        unit.erase(Area, unit.load(Area, area), basis=BASIS, second=BORI)
    with pytest.raises(Refused, match="already_here"):
        places.import_areas([row], compartment="north", by=ANA)
    with pytest.raises(Refused, match="already_here"):
        places.add_area(compartment="north", by=ANA, **row)
    assert_gone(node)


def test_an_erased_line_of_a_sheet_does_not_stop_the_others(node: Node) -> None:
    rows = [{"reference": f"R{n}", "title": f"{WORDS} {n}"} for n in range(3)]
    actions.import_tasks(rows, compartment="north", by=ANA)
    actions.erase_task(actions.task_id("north", "R1"), by=ANA, second=BORI, basis=BASIS)
    more = [*rows, {"reference": "R3", "title": "Other"}]
    assert actions.import_tasks(more, compartment="north", by=ANA) == {"added": 1, "same": 3}
    assert {row.title for row in queries.open_tasks(reader(*NORTH))} == {f"{WORDS} 0", f"{WORDS} 2", "Other"}
    assert verify.verify(node, tables=True).ok


def test_an_erasure_that_fails_erases_nothing(node: Node) -> None:
    task = add(title=WORDS)
    with pytest.raises(ZeroDivisionError), ledger.batch() as batch:
        actions.erase_task(task, by=ANA, second=BORI, basis=BASIS)
        batch.flush()
        raise ZeroDivisionError
    assert queries.task(task, reader(*NORTH)).title == WORDS
    assert verify.verify(node, tables=True).ok


# The file.


@pytest.fixture
def onlooker(nodes: Nodes, node: Node) -> Iterator[sqlite3.Connection]:
    """Somebody reads for a long time: a backup, an export."""
    handle = sqlite3.connect(node.home / "main.sqlite3", isolation_level=None)
    yield handle
    handle.close()


def begin_reading(onlooker: sqlite3.Connection) -> None:
    onlooker.execute("BEGIN")
    onlooker.execute("SELECT COUNT(*) FROM desk_task").fetchone()


@pytest.mark.sqlite_only
def test_a_reader_keeps_the_words_in_the_log_until_he_is_done(node: Node, onlooker: sqlite3.Connection) -> None:
    """The erasure holds at once; the file is clean at the next try, which a job makes."""
    task = add(title=WORDS)
    begin_reading(onlooker)
    actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
    assert queries.task(task, reader(*NORTH)).title is None and bodies_with(node) == 0
    assert erase.clean_store(node) is False
    assert files_with(node)
    onlooker.execute("COMMIT")
    assert erase.clean_store(node) is True
    assert_gone(node)


@pytest.mark.sqlite_only
def test_erasing_beside_a_reader_keeps_nobody_waiting(node: Node, onlooker: sqlite3.Connection) -> None:
    """The checkpoint may fail; it may not hold up the others for as long as somebody reads."""
    task, other = add(title=WORDS), add()
    begin_reading(onlooker)
    waited: list[float] = []
    erased = threading.Event()

    def erase_it() -> None:
        actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
        erased.set()

    def write_on() -> None:
        while not erased.is_set() or len(waited) < 20:
            start = time.perf_counter()
            actions.edit_task(other, by=BORI, title=f"Title {len(waited)}")
            waited.append(time.perf_counter() - start)

    assert errors(together(node, [erase_it, write_on])) == []
    onlooker.execute("COMMIT")
    assert max(waited) < 1.0, f"a write waited {max(waited):.1f} s"


@pytest.mark.sqlite_only
def test_control_without_secure_delete_the_words_stay_in_the_file(node: Node) -> None:
    task = add(title=WORDS, detail="x" * 3000)
    store.execute(node, "PRAGMA secure_delete=0")
    actions.erase_words(task, by=ANA, second=BORI, basis=BASIS)
    assert bodies_with(node) == 0
    assert files_with(node) == ["main.sqlite3"]


@pytest.mark.parametrize("first", ["nothing", "the group"])
def test_a_why_goes_with_the_record_whatever_went_before(node: Node, first: str) -> None:
    task = add(title="Visit", urgency="soon")
    with ledger.unit("tests.edit", by=ANA, why=WORDS) as unit:
        unit.put(Task, unit.load(Task, task), title="Visit soon")
    for groups in (["words"], None) if first == "the group" else (None,):
        with ledger.unit("tests.erase", by=ANA) as unit:
            unit.erase(Task, unit.load(Task, task), groups=groups, basis=BASIS)
    assert_gone(node)


@pytest.mark.parametrize("order", [0, 1])
def test_a_why_of_two_records_goes_in_either_order(node: Node, order: int) -> None:
    tasks = [add(title=f"Visit {n}", urgency="soon") for n in range(2)]
    with ledger.unit("tests.edit", by=ANA, why=WORDS) as unit:
        for task in tasks:
            unit.put(Task, unit.load(Task, task), title="Visit soon")
    erasures = [(tasks[0], None), (tasks[1], ["words"])]
    for task, groups in erasures if order else reversed(erasures):
        with ledger.unit("tests.erase", by=ANA) as unit:
            unit.erase(Task, unit.load(Task, task), groups=groups, basis=BASIS)
    assert_gone(node)
