"""The access log: one row per person, object, purpose and quarter of an hour; no row, no export; no edit unseen."""

from __future__ import annotations

import shutil
import threading
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction

from tests.nodes import NOON, Nodes, person
from ulinzi.kernel.clock import MINUTE
from ulinzi.kernel.errors import Broken
from ulinzi.ledger import access, codec, hlc, store
from ulinzi.ledger.node import Node

ANA, BORI = person("ana"), person("bori")
TASK = "desk.Task:0199"


@pytest.fixture(autouse=True)
def _nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_buffers", {})


def look(object: str = TASK, *, by: Any = ANA, purpose: str = "task page", **options: Any) -> None:
    access.note(object, purpose=purpose, by=by, **options)


def gone(*words: Any, **options: Any) -> Any:
    raise OperationalError("gone")


def bodies(node: Node) -> list[dict[str, Any]]:
    return [codec.decode(bytes(row[0])) for row in store.rows(node, "SELECT body FROM ledger_access ORDER BY seq")]


def test_a_look_is_written_with_the_next_group(node):
    look(role="duty")
    assert bodies(node) == []
    assert access.flush(node) == 1
    assert bodies(node) == [
        {
            "seq": 1,
            "hlc": NOON // 1000 << 16,
            "actor": ANA.bytes,
            "role": "duty",
            "node": node.public_key,
            "action": "read",
            "object_code": TASK,
            "purpose": "task page",
            "result": "shown",
            "slot": NOON // access.SLOT,
        }
    ]
    assert access.flush(node) == 0


@pytest.mark.parametrize("flushed_between", [True, False])
def test_a_quarter_of_an_hour_is_one_row(node, flushed_between):
    start = NOON // access.SLOT * access.SLOT
    for minute in (0, 5, 14, 15):
        look(at=start + minute * MINUTE)
        if flushed_between:
            access.flush(node)
    access.flush(node)
    assert len(bodies(node)) == 2


def test_another_person_object_purpose_or_result_is_another_row(node):
    look()
    look(by=BORI)
    look("desk.Task:0200")
    look(purpose="hand-over")
    look(result="refused")
    assert access.flush(node) == 5
    assert access.verify_access(node).ok


def test_fifty_looks_do_not_wait(node):
    for number in range(access.GROUP):
        look(f"desk.Task:{number}")
    assert len(bodies(node)) == access.GROUP


def test_looks_of_an_open_transaction_outlive_its_rollback(node):
    with pytest.raises(ZeroDivisionError), transaction.atomic(using=node.alias):
        for number in range(access.GROUP + 1):
            look(f"desk.Task:{number}")
        _ = 1 / 0
    assert bodies(node) == []
    assert access.flush(node) == access.GROUP + 1


def test_an_export_has_its_row_before_it_begins(node):
    first = access.note_now("ledger:north", purpose="export", by=ANA, action="export")
    second = access.note_now("ledger:north", purpose="export", by=ANA, action="export")
    assert (first, second) == (1, 1)
    assert [row["action"] for row in bodies(node)] == ["export", "export"]  # each export is one, also within 15 minutes


def test_several_processes_write_one_chain(node):
    def write(name: str) -> None:
        with node.use():
            for number in range(10):
                access.note_now(f"{name}:{number}", purpose="export", by=ANA, action="export")
            connections[node.alias].close()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    report = access.verify_access(node)
    assert (report.ok, report.entries) == (True, 30)


# Nothing that has to be logged happens without its row.


def test_without_a_database_nothing_is_exported(node, monkeypatch):
    monkeypatch.setattr(store, "rows", gone)
    with pytest.raises(access.Unlogged, match="access_not_logged"):
        access.note_now("ledger:north", purpose="export", by=ANA, action="export")


def test_a_read_only_database_refuses_an_export(node):
    statement = {
        "sqlite": "PRAGMA query_only = 1",
        "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    }
    store.execute(node, statement[store.connection(node).vendor])
    with pytest.raises(access.Unlogged):
        access.note_now("ledger:north", purpose="export", by=ANA, action="export")
    connections[node.alias].close()
    assert bodies(node) == []


def test_reading_goes_on_for_a_while_when_the_log_cannot_be_written_and_then_stops(node, monkeypatch):
    monkeypatch.setattr(access, "MOST_WAITING", access.GROUP + 2)
    writing = access._append

    def full(*words: Any) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(access, "_append", full)
    for number in range(access.GROUP + 1):
        look(f"desk.Task:{number}")
    with pytest.raises(access.Unlogged):
        look("desk.Task:one-too-many")
    monkeypatch.setattr(access, "_append", writing)
    assert access.flush(node) == access.GROUP + 2
    assert len(bodies(node)) == access.GROUP + 2


def test_nobody_writes_the_log_past_the_door(node):
    with pytest.raises(Broken, match="write_past_the_ledger"), store.connection(node).cursor() as cursor:
        cursor.execute("DELETE FROM ledger_access")


# Tampering.


def fill(node: Node) -> None:
    for group in range(3):
        for number in range(4):
            look(f"desk.Task:{group}-{number}")
        access.flush(node)


def tamper(node: Node, sql: str, *params: Any) -> list[str]:
    with store.connection(node).ledger_opened():
        store.execute(node, sql, params)
    return [finding.code for finding in access.verify_access(node).findings]


def test_a_whole_log_is_found_whole(node):
    fill(node)
    report = access.verify_access(node)
    assert (report.entries, report.findings) == (12, [])


def test_control_a_row_taken_out_is_found(node):
    fill(node)
    assert tamper(node, "DELETE FROM ledger_access WHERE seq = 5") == ["access_row_missing", "access_hash_differs"]


def test_control_a_changed_row_is_found(node):
    fill(node)
    told = bodies(node)[4] | {"actor": BORI.bytes}
    assert "access_hash_differs" in tamper(node, "UPDATE ledger_access SET body = %s WHERE seq = 5", codec.encode(told))


def test_control_a_changed_copy_is_found(node):
    fill(node)
    found = tamper(node, "UPDATE ledger_access SET object = 'desk.Task:other' WHERE seq = 5")
    assert found == ["access_copy_differs"]


@pytest.mark.parametrize("slot", [NOON // access.SLOT + 1, None])
def test_control_a_changed_quarter_of_an_hour_is_found(node, slot):
    """It would hide a look of that quarter, or have the same look written twice."""
    fill(node)
    assert tamper(node, "UPDATE ledger_access SET slot = %s WHERE seq = 5", slot) == ["access_copy_differs"]


def test_a_row_moved_to_another_quarter_hides_no_look(node):
    start = NOON // access.SLOT * access.SLOT
    look(at=start)
    access.flush(node)
    tamper(node, "UPDATE ledger_access SET slot = slot + 1")
    look(at=start + access.SLOT)
    assert access.flush(node) == 1


def test_rows_from_before_the_quarter_was_sealed_hold(node, monkeypatch):
    told = access._body
    monkeypatch.setattr(access, "_body", lambda *words: {k: v for k, v in told(*words).items() if k != "slot"})
    fill(node)
    look()
    look()
    monkeypatch.setattr(access, "_body", told)
    assert access.flush(node) == 1
    look()
    assert access.flush(node) == 0  # written already, in the old form
    assert access.verify_access(node).findings == []


def test_control_an_end_cut_off_within_a_commit_is_found(node):
    fill(node)
    assert tamper(node, "DELETE FROM ledger_access WHERE seq > 10") == ["access_end_not_sealed", "access_cut"]


def test_control_a_chain_written_anew_without_the_key_is_found(node):
    fill(node)
    hashed = codec.NO_PREVIOUS
    with store.connection(node).ledger_opened():
        for seq, told in enumerate(bodies(node), 1):
            body = codec.encode(told | {"purpose": "harmless"})
            hashed = access.hash_of(hashed, body)
            sql = "UPDATE ledger_access SET body = %s, hash = %s, purpose = 'harmless' WHERE seq = %s"
            store.execute(node, sql, (body, hashed, seq))
    codes = {finding.code for finding in access.verify_access(node).findings}
    assert codes == {"access_seal_wrong", "access_cut"}


def forge(node: Node) -> None:
    """A whole new chain without the key, and without a seal that could be wrong; the node's next look seals it."""
    hashed = codec.NO_PREVIOUS
    with store.connection(node).ledger_opened():
        for seq, told in enumerate(bodies(node), 1):
            body = codec.encode(told | {"purpose": "harmless"})
            hashed = access.hash_of(hashed, body)
            values = "body = %s, hash = %s, seal = NULL, purpose = 'harmless'"
            store.execute(node, f"UPDATE ledger_access SET {values} WHERE seq = %s", (body, hashed, seq))
    access.note_now("ledger:north", purpose="export", by=ANA, action="export")


def test_a_chain_written_anew_that_the_node_went_on_from_is_found(node):
    fill(node)
    forge(node)
    assert [(one.code, one.seq) for one in access.verify_access(node).findings] == [("access_cut", 12)]


def test_control_without_its_marker_a_chain_written_anew_goes_unseen(node):
    fill(node)
    (node.home / "access").unlink()
    forge(node)
    assert access.verify_access(node).ok


# Cut at a seal, or emptied, the log holds together by itself. The marker beside the database knows better.

CUTS = {
    "emptied": "DELETE FROM ledger_access",
    "cut at a seal": "DELETE FROM ledger_access WHERE seq > 8",
}


@pytest.mark.parametrize("cut", CUTS)
def test_a_log_that_was_cut_is_found(node, cut):
    fill(node)
    tamper(node, CUTS[cut])
    assert [(one.code, one.seq) for one in access.verify_access(node).findings] == [("access_cut", 12)]


@pytest.mark.parametrize("cut", CUTS)
def test_control_without_its_marker_a_cut_goes_unseen(node, cut):
    fill(node)
    (node.home / "access").unlink()
    assert tamper(node, CUTS[cut]) == []


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_is_still_found_when_the_log_has_grown_over_it(node, cut):
    fill(node)
    tamper(node, CUTS[cut])
    for number in range(20):
        access.note_now(f"ledger:{number}", purpose="export", by=ANA, action="export")
    assert len(bodies(node)) >= 20
    assert [one.code for one in access.verify_access(node).findings] == ["access_cut"]


@pytest.mark.parametrize("cut", CUTS)
def test_control_a_marker_that_always_moved_on_would_hide_the_cut(node, cut, monkeypatch):
    monkeypatch.setattr(access, "_holds", lambda *_: True)
    fill(node)
    tamper(node, CUTS[cut])
    for number in range(20):
        access.note_now(f"ledger:{number}", purpose="export", by=ANA, action="export")
    monkeypatch.undo()
    assert access.verify_access(node).ok


@pytest.mark.sqlite_only
def test_a_restored_copy_is_told_apart_from_a_cut_by_a_person(nodes: Nodes):
    """The node cannot know which it was. Whoever restored the copy takes the marker away, and a new one begins."""
    node = nodes.make()
    with node.use():
        fill(node)
        nodes.reopen(node)
        shutil.copy(node.home / "main.sqlite3", node.home / "backup")
        access.note_now("ledger:north", purpose="export", by=ANA, action="export")
        nodes.reopen(node)
        shutil.copy(node.home / "backup", node.home / "main.sqlite3")
        assert [one.code for one in access.verify_access(node).findings] == ["access_cut"]
        (node.home / "access").unlink()
        assert access.verify_access(node).ok
        look("desk.Task:after")
        access.flush(node)
        assert access.verify_access(node).ok
        assert tamper(node, "DELETE FROM ledger_access") == ["access_cut"]


def test_a_marker_behind_is_fine_and_comes_forward(node):
    fill(node)
    behind = (node.home / "access").read_bytes()
    look("desk.Task:unmarked")
    access.flush(node)
    (node.home / "access").write_bytes(behind)
    assert access.verify_access(node).ok
    look("desk.Task:next")
    access.flush(node)
    assert access._marker(node).read().written == 14


def test_a_rolled_back_look_leaves_the_marker_where_it_was(node, monkeypatch):
    fill(node)
    monkeypatch.setattr(access.store, "execute_many", gone)
    look("desk.Task:lost")
    with pytest.raises(OperationalError):
        access.flush(node)
    assert access._marker(node).read().written == 12


def test_a_marker_that_cannot_be_written_loses_no_look(node, monkeypatch):
    def full(*words: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(access.Marker, "write", full)
    assert access.note_now("ledger:north", purpose="export", by=ANA, action="export") == 1
    assert access.verify_access(node).ok


# A row that nobody can read stops nothing, and is found.

BROKEN_BODIES = {
    "no CBOR": b"\xff\xff",
    "empty": b"",
    "no map": codec.encode([1, 2]),
    "no stamp": codec.encode({"seq": 12}),
    "an actor of text": codec.encode({"seq": 12, "node": b"", "actor": "a" * 16, "object_code": "", "purpose": ""}),
    "a stamp of text": codec.encode({"hlc": "noon"}),
    "a stamp past all clocks": codec.encode({"hlc": 2**63 - 1}),
}


@pytest.mark.parametrize("body", BROKEN_BODIES)
def test_after_a_broken_row_the_log_goes_on(node, body):
    fill(node)
    assert "access_hash_differs" in tamper(
        node, "UPDATE ledger_access SET body = %s WHERE seq = 12", BROKEN_BODIES[body]
    )
    for number in range(access.GROUP):
        look(f"desk.Task:{number}")
    assert len(store.rows(node, "SELECT seq FROM ledger_access")) == 12 + access.GROUP
    found = {(one.code, one.seq) for one in access.verify_access(node).findings}
    assert found == {("access_hash_differs", 12), ("access_copy_differs", 12)}


def test_after_a_broken_row_stamps_come_from_the_clock(node):
    fill(node)
    tamper(node, "UPDATE ledger_access SET body = %s WHERE seq = 12", BROKEN_BODIES["a stamp past all clocks"])
    look("desk.Task:next")
    access.flush(node)
    assert bodies(node)[-1]["hlc"] == hlc.at(NOON)


def test_a_broken_row_of_the_same_quarter_hides_no_look(node):
    look()
    access.flush(node)
    tamper(node, "UPDATE ledger_access SET body = %s", b"\xff")
    look()
    assert access.flush(node) == 1


@pytest.mark.parametrize("seq", [0, -5, 2**63 - 1])
def test_a_row_beyond_all_numbers_stops_nothing_and_is_found(node, seq):
    fill(node)
    found = tamper(node, "UPDATE ledger_access SET seq = %s WHERE seq = 12", seq)
    assert found == ["access_end_not_sealed", "access_row_misplaced", "access_cut"]
    look("desk.Task:next")
    assert access.flush(node) == 1
    assert store.rows(node, "SELECT MAX(seq) FROM ledger_access WHERE seq < 100") == [(12,)]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "change",
    ["hash = 'words'", "hash = 10000000000", "body = 'words'", "body = 7", "seal = 3", "seq = 12.5", "seq = 'x'"],
)
def test_what_sqlite_keeps_in_the_wrong_column_stops_nothing_and_is_found(node, change):
    fill(node)
    assert tamper(node, f"UPDATE ledger_access SET {change} WHERE seq = 12")
    look("desk.Task:next")
    assert access.flush(node) == 1
    assert not access.verify_access(node).ok


# Beside a web server.


def test_the_flusher_writes_what_waits_when_the_process_ends(node):
    flusher = access.Flusher(node)
    flusher.start()
    look()
    flusher.close()
    assert len(bodies(node)) == 1


def test_the_flusher_writes_within_two_seconds(node, monkeypatch):
    monkeypatch.setattr(access, "WAIT_SECONDS", 0.01)
    written = threading.Event()
    writing = access._append

    def told(*words: Any) -> int:
        count = writing(*words)
        written.set()
        return count

    monkeypatch.setattr(access, "_append", told)
    flusher = access.Flusher(node)
    flusher.start()
    look()
    assert written.wait(timeout=10)
    flusher.close()
    assert len(bodies(node)) == 1
