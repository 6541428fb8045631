"""Entries of a node in the wrong hands: they hold by chain and seal, and say what no honest program says.

Receiving will refuse many of them. Here they are on disk already, and have to do no harm.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from nacl.signing import SigningKey

from tests.nodes import NOON, person, reader
from ulinzi import ledger
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel import ids
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import codec, hlc, merge, rebuild, store, verify
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.codec import Entry, Part
from ulinzi.ledger.node import Node
from ulinzi.ledger.store import Appended, FeedRow
from ulinzi.places import actions as places
from ulinzi.web import timeline

ANA, BORI = person("ana"), person("bori")
TASK, STEP = 2, 3
NORTH, SOUTH = ["north"], ["south"]
KEY, INCARNATION = SigningKey(b"stranger" * 4), b"i" * 16
WHY = codec.part(codec.WHY, b"saltsalt", codec.why_body(BORI.bytes, "desk.edit_task"))


def part(kind: int, body: Any) -> Part:
    return codec.part(kind, b"saltsalt", body)


def raw(kind: int, body: bytes) -> Part:
    return Part(kind, b"saltsalt", body, codec.digest(b"saltsalt", kind, body))


def told_by_a_stranger(node: Node, compartment: str, *parts: Part, at: int = hlc.tick(0, NOON + 1000)) -> None:
    """One entry of another node, in a feed of its own, as receiving would store it; then the tables are made anew."""
    key = bytes(KEY.verify_key)
    feed = FeedRow(0, codec.feed_id(key, INCARNATION, compartment), compartment, 1, codec.NO_PREVIOUS)
    entry = Entry(feed.feed, 1, codec.NO_PREVIOUS, at, b"unitunit", (WHY, *parts))
    hashed = codec.hash_of(entry)
    named = [(_record_in(one), None, one) for one in entry.parts]
    with store.connection(node).ledger_opened():
        sql = "INSERT INTO ledger_feed (feed, node_key, incarnation, compartment, own, seq, hash, seal, tick)"
        seal = codec.seal(KEY, feed.feed, 1, hashed)
        values = (feed.feed, key, INCARNATION, compartment, False, 1, hashed, seal, 1)
        feed.no = store.rows(node, f"{sql} VALUES ({store.marks(9)}) RETURNING no", values)[0][0]
        store.insert_entries(node, [Appended(feed, entry, hashed, None, named)])
    rebuild.rebuild(node)


def _record_in(one: Part) -> bytes | None:
    return verify.named_in(one.type, one.body or b"") or None if one.type else None


def findings(node: Node) -> set[str]:
    return {one.code for one in verify.verify(node, tables=True).findings}


def add(**values: Any) -> UUID:
    return actions.add_task(compartment="north", by=ANA, **{"title": "Call back Telwa", **values})


def born(model: int, record: bytes, root: bytes | None = None) -> Part:
    return part(codec.BIRTH, codec.birth_body(model, record, 1, root))


def written(model: int, record: bytes, group: int, wire: dict[int, Any]) -> Part:
    return part(codec.WRITE, codec.write_body(model, record, 1, group, None, wire))


def new_id(compartment: str) -> UUID:
    return ids.new_id(NOON, SeededChance("stranger"), compartment)


# Homes.


def test_nobody_gives_a_record_a_child_from_another_compartment(node: Node) -> None:
    task, child = add(), new_id("south")
    done = {1: "done", 2: NOON, 3: BORI.bytes, 4: None, 5: None, 7: 9}
    told_by_a_stranger(node, "south", born(STEP, child.bytes, task.bytes), written(STEP, child.bytes, 1, done), at=NOON)
    assert (queries.task(task, reader(*NORTH)).state, queries.steps(task)) == ("open", [])
    assert findings(node) == {"birth_out_of_place"}


def test_control_in_its_own_compartment_a_child_counts(node: Node) -> None:
    task, child = add(), new_id("north")
    done = {1: "done", 2: NOON, 3: BORI.bytes, 4: None, 5: None, 7: 9}
    told_by_a_stranger(node, "north", born(STEP, child.bytes, task.bytes), written(STEP, child.bytes, 1, done))
    assert (queries.task(task, reader(*NORTH)).state, findings(node)) == ("done", set())


def test_an_id_taken_elsewhere_is_still_free_at_home(node: Node) -> None:
    """Somebody guessed the id an import would make, and gave birth to it in his own compartment."""
    area = places.area_id("north", "DAV")
    told_by_a_stranger(node, "south", born(1, area.bytes), at=1)
    assert places.import_areas([{"code": "DAV", "name": "Davissa", "kind": "area"}], compartment="north", by=ANA) == {
        "added": 1,
        "changed": 0,
        "same": 0,
    }
    assert findings(node) == {"birth_out_of_place"}


def test_what_another_compartment_says_of_a_record_is_in_no_history(node: Node) -> None:
    task = add()
    told_by_a_stranger(node, "south", written(TASK, task.bytes, 2, {2: "Forged"}))
    assert queries.task(task, reader(*NORTH)).title == "Call back Telwa"
    assert "Forged" not in repr(ledger_queries.history("desk.Task", task))
    assert [one["code"] for one in ledger_queries.problems(NORTH)] == ["foreign_write"]
    with store.connection(node).ledger_opened():
        store.execute(node, "UPDATE ledger_foundproblem SET compartment = 'south'")
    assert findings(node) == {"row_differs"}


# Bodies of no kind.

DEEP = b"\x81" * 300 + b"\xf6"
JUNK = {"half": b"\x84\x02", "deep": DEEP, "tag": bytes.fromhex("c11a514b67b0"), "nothing": b"\xf6", "text": b"\x61a"}


@pytest.mark.parametrize("kind", [codec.WHY, codec.BIRTH, codec.WRITE, codec.ERASE])
@pytest.mark.parametrize("body", JUNK.values(), ids=JUNK)
def test_bytes_that_say_nothing_stop_nothing(node: Node, kind: int, body: bytes) -> None:
    task = add()
    with store.connection(node).ledger_opened():
        told_by_a_stranger(node, "north", raw(kind, body))
        store.execute(node, "UPDATE ledger_part SET record = %s WHERE feed = 2 AND part = 1", (task.bytes,))
    rebuild.rebuild(node)
    assert [row.id for row in queries.open_tasks(reader(*NORTH))] == [task]
    assert timeline.lines(ledger_queries.history("desk.Task", task), areas={}, own=frozenset())
    actions.erase_task(task, by=ANA, second=BORI, basis="asked for")
    verify.verify(node, tables=True)


def test_control_the_same_bytes_stop_a_reader_who_trusts_them(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "is_erasure", lambda body: True)
    with pytest.raises(TypeError):
        told_by_a_stranger(node, "north", raw(codec.ERASE, JUNK["nothing"]))


ERASURES = {
    "another scope": [2, TASK, b"", None, "", None, 1],
    "no id": [0, TASK, b"short", None, "", None, 1],
    "everything as a group": [0, TASK, b"", [0], "", None, 1],
    "a group no column holds": [0, TASK, b"", [2**31], "", None, 1],
    "groups as text": [0, TASK, b"", "2", "", None, 1],
    "no basis": [0, TASK, b"", None, None, None, 1],
    "a name as second": [0, TASK, b"", None, "", "Bori", 1],
    "one too few": [0, TASK, b"", None, "", None],
}


@pytest.mark.parametrize("body", ERASURES.values(), ids=ERASURES)
def test_an_erasure_of_another_form_erases_nothing(node: Node, body: list[Any]) -> None:
    task = add()
    told_by_a_stranger(node, "north", part(codec.ERASE, [body[0], body[1], body[2] or task.bytes, *body[3:]]))
    assert queries.task(task, reader(*NORTH)).title == "Call back Telwa"
    assert rebuild.stored_stones(node) == set()


def test_control_a_well_formed_erasure_erases(node: Node) -> None:
    task = add()
    told_by_a_stranger(node, "north", part(codec.ERASE, codec.erase_body(0, TASK, task.bytes, None, "", None)))
    with pytest.raises(NotFound):
        queries.task(task, reader(*NORTH))


@pytest.mark.parametrize(
    "why",
    [
        {},
        [1],
        {0: b"short", 1: "x"},
        {0: ANA.bytes, 1: 7},
        {0: ANA.bytes, 1: "x", 3: "noon"},
        {0: ANA.bytes, 1: "x", 4: 1},
    ],
)
def test_a_why_of_another_form_is_nobodys(node: Node, why: Any) -> None:
    task = add()
    told_by_a_stranger(node, "north", part(codec.WHY, why), written(TASK, task.bytes, 2, {2: "Said"}))
    with store.connection(node).ledger_opened():
        store.execute(node, "DELETE FROM ledger_part WHERE feed = 2 AND part = 0")
    event = ledger_queries.history("desk.Task", task)[-1]
    assert (event.actor, event.action) == (None, None)


def test_the_last_turn_there_is_leaves_room_for_others(node: Node) -> None:
    task, child = add(), new_id("north")
    act = {1: "taken", 2: NOON, 3: BORI.bytes, 4: None, 5: None, 7: 2**63 - 1}
    told_by_a_stranger(node, "north", born(STEP, child.bytes, task.bytes), written(STEP, child.bytes, 1, act))
    node.clock.advance(1_000_000)  # type: ignore[attr-defined]
    actions.step(task, rules.Step.DONE, by=ANA)
    assert queries.task(task, reader(*NORTH)).state == "done"


# Words that come after their erasure.


def test_late_words_are_not_shown_and_rebuild_takes_them_out(node: Node) -> None:
    task = add(detail="CANARY-1")
    actions.erase_words(task, by=ANA, second=BORI, basis="asked for")
    say_late(node, task)
    assert "CANARY" not in repr(ledger_queries.history("desk.Task", task))
    assert "row_differs" in findings(node)
    rebuild.rebuild(node)
    assert not store.rows(node, "SELECT 1 FROM ledger_part WHERE feed = 2 AND type = 2 AND body IS NOT NULL")
    assert findings(node) == set()


def say_late(node: Node, task: UUID) -> None:
    """As if they had come without anybody looking: rebuild is kept from it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuild, "rebuild", lambda node: None)
        told_by_a_stranger(node, "north", written(TASK, task.bytes, 2, {2: "CANARY-2", 3: None}))


def test_control_a_history_that_knows_no_erasure_shows_them(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    task = add()
    actions.erase_words(task, by=ANA, second=BORI, basis="asked for")
    say_late(node, task)
    monkeypatch.setattr(merge.Tombs, "hides", lambda self, groups: False)
    assert "CANARY-2" in repr(ledger_queries.history("desk.Task", task))


def test_a_late_name_goes_too(node: Node) -> None:
    task = add()
    with ledger.unit("tests.erase_person", by=ANA) as unit:
        unit.erase_person(BORI, compartment="north", basis="asked for", second=ANA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuild, "rebuild", lambda node: None)
        told_by_a_stranger(node, "north", written(TASK, task.bytes, 2, {2: "Said", 3: None}))
    assert "row_differs" in findings(node)
    rebuild.rebuild(node)
    assert ledger_queries.history("desk.Task", task)[-1].actor is None
    assert findings(node) == set()
