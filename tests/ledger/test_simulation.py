"""Five nodes, two compartments, everything that goes wrong: the promises hold, and every planted bug breaks one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.ledger.simulation import __main__ as command
from tests.ledger.simulation import counts, invariants, run, trouble
from tests.ledger.simulation.feeds import Segment, chain_holds, hashes_of, id_of, objection_to
from tests.ledger.simulation.invariants import AT_THE_END, Failed
from tests.ledger.simulation.node import Body, Node, PowerCut
from tests.ledger.simulation.people import births
from tests.ledger.simulation.plants import PLANTS, planted
from tests.ledger.simulation.shapes import NEW, OLD, REPORT_1, REPORT_2, TITLE, WORDS
from tests.ledger.simulation.world import NORTH, SOUTH, World
from ulinzi.kernel import ids
from ulinzi.kernel.clock import DAY
from ulinzi.ledger import codec, hlc

FEW, MANY = 60, 1000
RARE = {"erasures_read_once": 600, "restore_without_new_incarnation": 300}
ACTOR = b"a" * 16


def run_all(seeds: range) -> Counter[str]:
    total: Counter[str] = Counter()
    for seed in seeds:
        total.update(run.run(seed).counts)
    return total


def test_the_promises_hold() -> None:
    assert counts.missed(run_all(range(FEW)), FEW) == []


@pytest.mark.slow
def test_the_promises_hold_for_many() -> None:
    assert counts.missed(run_all(range(MANY)), MANY) == []


# Planted bugs: the control of every promise.


@pytest.mark.parametrize("name", [name for name in PLANTS if name not in RARE])
def test_a_planted_bug_is_caught(name: str) -> None:
    """Within sixty seeds, by some promise at once and by its own as well."""
    seeds = range(FEW)
    assert command.catch(name, seeds)
    assert command.catch(name, seeds, PLANTS[name].breaks)


@pytest.mark.slow
@pytest.mark.parametrize("name", RARE)
def test_a_planted_bug_that_seldom_shows_is_caught(name: str) -> None:
    assert command.catch(name, range(RARE[name]), PLANTS[name].breaks)


def test_every_promise_has_a_bug_that_breaks_it() -> None:
    promised = {check.__name__ for check in AT_THE_END} | {"nothing_fails_on_data"}
    assert promised == {plant.breaks for plant in PLANTS.values()}


def test_a_plant_is_gone_afterwards() -> None:
    before = [getattr(owner, name) for plant in PLANTS.values() for owner, name, _bug in plant.patches]
    for name in PLANTS:
        with planted(name):
            pass
    assert [getattr(owner, name) for plant in PLANTS.values() for owner, name, _bug in plant.patches] == before


# The command.


def test_the_command_counts_what_it_exercised(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["SEEDS=20"], {"SEED_FROM": "100"}) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("20 seeds")
    assert all(name in last for name in counts.FLOORS)


def test_a_missed_floor_fails(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "FLOORS", {"merges": 10**9})
    assert command.main(["SEEDS=2"], {}) == 1
    assert "Met too rarely: merges" in capsys.readouterr().out


def test_a_planted_bug_is_named_with_the_way_to_see_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([], {"PLANT": "single_seen"}) == 1
    out = capsys.readouterr().out
    assert "Caught by conflicts_settle" in out
    again = next(line for line in out.splitlines() if line.startswith("Again: "))
    assert command.main(again.split()[4:], {}) == 1


def test_a_broken_promise_fails_without_a_plant(capsys: pytest.CaptureFixture[str]) -> None:
    with planted("single_seen"):
        assert command.main(["SEEDS=20"], {}) == 1
    assert "breaks conflicts_settle" in capsys.readouterr().out


def test_a_plant_that_is_not_caught_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["SEEDS=0", "PLANT=single_seen"], {}) == 0
    assert "NOT CAUGHT" in capsys.readouterr().out
    assert command.main(["SEEDS=0", "PLANT=all"], {}) == 1
    assert command.main(["PLANT=rain"], {}) == 2


def test_a_seed_is_the_same_run_in_every_process() -> None:
    code = "from tests.ledger.simulation.run import run; print(*[run(seed).fingerprint() for seed in range(6)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": number}, capture_output=True, check=True
        ).stdout
        for number in ("1", "2")
    }
    assert len(told) == 1
    assert len(set(next(iter(told)).split())) == 6


# The node by itself: the simulation is only as true as it is.


def world() -> World:
    """Five nodes that have done nothing yet, all of the newest version."""
    made = World(7)
    for node in made.nodes.values():
        node.upgrade(NEW)
    return made


def report(node: Node, title: str, compartment: str = NORTH) -> bytes:
    record = ids.new_id(node.now, node.chance, compartment).bytes
    shape = node.shapes[REPORT_2.number]
    wire = {**shape.by_number[WORDS].empty, TITLE: title}
    node.commit(compartment, births(shape, record, None, {WORDS: wire}), actor=ACTOR)
    return record


def own(node: Node, after: int = 0, compartment: str = NORTH) -> Segment:
    return node.own_feed(compartment).after(after)


def titles(node: Node) -> list[str]:
    return sorted(folded.groups[WORDS].values[TITLE] for folded in node.tables().values())


def test_what_one_writes_the_other_reads() -> None:
    bensa, davi = list(world().nodes.values())[:2]
    report(bensa, "One")
    davi.receive(own(bensa))
    assert titles(davi) == ["One"]
    assert davi.alarms == []


def test_what_comes_after_a_gap_waits_and_what_comes_twice_counts_once() -> None:
    bensa, davi = list(world().nodes.values())[:2]
    for title in ("One", "Two", "Three"):
        report(bensa, title)
    davi.receive(own(bensa, after=2))
    assert titles(davi) == []
    davi.receive(own(bensa)._replace(entries=own(bensa).entries[:3]))
    davi.receive(own(bensa))
    assert titles(davi) == ["One", "Three", "Two"]
    assert davi.waiting == {}


def test_the_gap_closes_with_what_was_missing() -> None:
    bensa, davi = list(world().nodes.values())[:2]
    report(bensa, "One")
    first = own(bensa)
    report(bensa, "Two")
    davi.receive(own(bensa, after=1))
    davi.receive(first)
    assert titles(davi) == ["One", "Two"]
    assert davi.late == 1


def test_a_node_takes_nothing_of_a_compartment_it_does_not_hold() -> None:
    nodes = world().nodes
    report(nodes["Bensa"], "One", SOUTH)
    nodes["Norei"].receive(own(nodes["Bensa"], compartment=SOUTH))
    assert nodes["Norei"].disk.feeds == {}
    assert nodes["Bensa"].segments_for(nodes["Norei"], {}) == []


def _other_body(segment: Segment) -> Segment:
    entry = segment.entries[0]
    forged = entry.parts[1]._replace(body=codec.encode(["forged"]))
    return segment._replace(entries=(entry._replace(parts=(entry.parts[0], forged, *entry.parts[2:])),))


def _other_clock(segment: Segment) -> Segment:
    return segment._replace(entries=(segment.entries[0]._replace(hlc=0), *segment.entries[1:]))


TAMPERED: dict[str, Callable[[Segment], Segment]] = {
    "digest_wrong": _other_body,
    "seal_wrong": lambda one: one._replace(seal=bytes(64)),
    "chain_broken": lambda one: one._replace(entries=(one.entries[0], one.entries[2])),
    "feed_id_wrong": lambda one: one._replace(origin=one.origin._replace(compartment=SOUTH)),
    "not_a_member": lambda one: one._replace(origin=one.origin._replace(key=bytes(32))),
}


@pytest.mark.parametrize("code", TAMPERED)
def test_a_segment_that_somebody_changed_is_refused(code: str) -> None:
    bensa, davi = list(world().nodes.values())[:2]
    for title in ("One", "Two", "Three")[: 1 if code == "digest_wrong" else 3]:
        report(bensa, title)
    davi.receive(TAMPERED[code](own(bensa)))
    assert (davi.alarms, titles(davi)) == ([code], [])
    davi.receive(own(bensa))
    assert titles(davi)


def test_a_clock_changed_on_the_way_breaks_the_seal_or_the_chain() -> None:
    bensa = world().nodes["Bensa"]
    report(bensa, "One")
    forged = _other_clock(own(bensa))
    assert objection_to(forged, hashes_of(forged), bensa.members) == "seal_wrong"
    report(bensa, "Two")
    forged = _other_clock(own(bensa))
    assert objection_to(forged, hashes_of(forged), bensa.members) == "chain_broken"


def test_a_fork_is_refused_and_alarms() -> None:
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    report(bensa, "One")
    copy = Node(bensa.name, bensa.key, bensa.holds, bensa.world_clock, bensa.chance, NEW, bensa.members)
    copy.disk, copy.marker = bensa.disk.copy(), bensa.marker
    report(bensa, "Two")
    report(copy, "Two, too")
    davi.receive(own(bensa))
    davi.receive(own(copy))
    assert davi.alarms == ["fork"]


def test_nobody_adopts_a_clock_three_days_ahead_and_nobody_refuses_its_writes() -> None:
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    bensa.skew = 3 * DAY
    report(bensa, "One")
    davi.receive(own(bensa))
    assert titles(davi) == ["One"]
    assert davi.disk.hlc < hlc.at(davi.now + DAY)


# Power and disks.


def test_a_power_cut_before_the_commit_leaves_nothing() -> None:
    bensa = world().nodes["Bensa"]
    report(bensa, "One")
    bensa.fails = "before"
    with pytest.raises(PowerCut):
        report(bensa, "Two")
    bensa.restart()
    report(bensa, "Three")
    assert titles(bensa) == ["One", "Three"]
    assert len(bensa.disk.feeds) == 1


def test_a_power_cut_after_the_commit_loses_nothing_and_begins_nothing() -> None:
    bensa = world().nodes["Bensa"]
    report(bensa, "One")
    bensa.fails = "after"
    with pytest.raises(PowerCut):
        report(bensa, "Two")
    bensa.restart()
    report(bensa, "Three")
    assert titles(bensa) == ["One", "Three", "Two"]
    assert len(bensa.disk.feeds) == 1


@pytest.mark.parametrize("marker_lost", [False, True])
def test_back_from_a_backup_it_begins_a_new_feed(marker_lost: bool) -> None:
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    report(bensa, "One")
    bensa.backup = bensa.disk.copy()
    report(bensa, "Two")
    davi.receive(own(bensa))
    bensa.restore(marker_lost=marker_lost)
    report(bensa, "Three")
    davi.receive(own(bensa))
    assert titles(davi) == ["One", "Three", "Two"]
    assert davi.alarms == []
    assert len(davi.disk.feeds) == 2


def test_a_backup_from_before_the_first_entry_does_not_fork() -> None:
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    bensa.backup = bensa.disk.copy()
    report(bensa, "One")
    davi.receive(own(bensa))
    bensa.restore(marker_lost=True)
    report(bensa, "Two")
    davi.receive(own(bensa))
    assert davi.alarms == []


def test_a_marker_left_behind_by_a_crash_catches_up_before_anything_is_sent() -> None:
    """Else a backup just as old as the marker would go unnoticed, with an entry of its feed already abroad."""
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    report(bensa, "One")
    bensa.backup = bensa.disk.copy()
    bensa.fails = "after"
    with pytest.raises(PowerCut):
        report(bensa, "Two")
    bensa.restart()
    davi.receive(own(bensa))
    bensa.restore(marker_lost=False)
    report(bensa, "Three")
    davi.receive(own(bensa))
    assert davi.alarms == []


def test_control_with_the_marker_left_behind_that_is_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Node, "catch_up_marker", lambda _node: None)
    with pytest.raises(AssertionError):
        test_a_marker_left_behind_by_a_crash_catches_up_before_anything_is_sent()


def test_a_peer_who_knows_more_of_my_feed_makes_me_begin_a_new_one() -> None:
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    report(bensa, "One")
    before = bensa.disk.copy()
    report(bensa, "Two")
    davi.receive(own(bensa))
    bensa.disk, bensa.marker = before, (before.incarnation, before.written)
    bensa.restart()
    bensa.hear_vector(davi.vector)
    report(bensa, "Three")
    davi.receive(own(bensa))
    assert davi.alarms == []


# Erasing.


def erase(node: Node, record: bytes, groups: list[int] | None = None) -> None:
    body = codec.erase_body(codec.RECORD, REPORT_2.number, record, groups, "asked for", None)
    node.commit(NORTH, [(codec.ERASE, body)], actor=ACTOR)


def said(node: Node, word: str) -> bool:
    return word.encode() in invariants.everything_said(node)


def test_erased_words_go_also_from_what_waits() -> None:
    nodes = world().nodes
    bensa, davi, tolo = nodes["Bensa"], nodes["Davissa"], nodes["Tolo"]
    record = report(bensa, "Ana saw it")
    tolo.receive(own(bensa))
    report(bensa, "Other")
    write = codec.write_body(REPORT_2.number, record, 2, WORDS, [], {TITLE: "Ana said so"})
    bensa.commit(NORTH, [(codec.WRITE, write)], actor=ACTOR)
    davi.receive(own(bensa, after=1))
    assert said(davi, "Ana said so")
    erase(tolo, record)
    davi.receive(own(tolo))
    assert not said(davi, "Ana said so")
    davi.receive(own(bensa))
    assert titles(davi) == ["Other"]
    assert not said(davi, "Ana saw it")
    assert all(chain_holds(feed) for feed in davi.disk.feeds.values() if feed.newest)


def test_an_upgrade_reads_the_erasures_again() -> None:
    """An old program keeps what it does not know to be erased; the new one knows."""
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    bensa.upgrade(OLD)
    record = ids.new_id(bensa.now, bensa.chance, NORTH).bytes
    wire = {TITLE: "Bridge closed", 2: "Ana, by radio"}
    bensa.commit(NORTH, births(REPORT_1, record, None, {WORDS: wire}), actor=ACTOR)
    davi.receive(own(bensa))
    erase(davi, record, [6])
    bensa.receive(own(davi))
    assert (said(bensa, "Ana, by radio"), said(davi, "Ana, by radio")) == (True, False)
    bensa.upgrade(NEW)
    assert not said(bensa, "Ana, by radio")


def test_a_child_whose_birth_comes_after_its_words_and_after_its_root_was_erased_goes() -> None:
    nodes = world().nodes
    bensa, davi, tolo = nodes["Bensa"], nodes["Davissa"], nodes["Tolo"]
    root = report(bensa, "Bridge closed")
    child = ids.new_id(bensa.now, bensa.chance, NORTH).bytes
    bodies = births(bensa.shapes[2], child, root, {2: {4: "Called Ana"}})
    bensa.commit(NORTH, bodies, actor=ACTOR)
    later: list[Body] = [(codec.WRITE, codec.write_body(2, child, 1, 2, [], {4: "Called again"}))]
    davi.commit(NORTH, later, actor=ACTOR)
    tolo.receive(own(davi))
    assert said(tolo, "Called again")
    erase(davi, root)
    tolo.receive(own(davi))
    tolo.receive(own(bensa))
    assert not said(tolo, "Called")
    assert tolo.tables() == {}


def test_an_erased_persons_name_and_reason_go_from_every_entry() -> None:
    nodes = world().nodes
    bensa, davi = nodes["Bensa"], nodes["Davissa"]
    ana = b"n" * 16
    record = ids.new_id(bensa.now, bensa.chance, NORTH).bytes
    bodies = births(REPORT_2, record, None, {WORDS: {TITLE: "Bridge closed"}})
    bensa.commit(NORTH, bodies, actor=ana, reason="My cousin asked")
    body = codec.erase_body(codec.PERSON, 0, ana, None, "asked for", None)
    davi.commit(NORTH, [(codec.ERASE, body)], actor=ACTOR)
    davi.receive(own(bensa))
    assert titles(davi) == ["Bridge closed"]
    assert not said(davi, "My cousin asked")


# The checks: each says nothing while all is well, and something when it is not.


def test_all_is_well_with_a_world_in_which_nothing_happened() -> None:
    invariants.check(world(), AT_THE_END)


def test_a_changed_row_is_not_the_definition() -> None:
    quiet = world()
    record = report(quiet.nodes["Bensa"], "One")
    quiet.deliver_all()
    node = quiet.nodes["Tolo"]
    row = node.tables()[record]
    node.rows[record] = replace(row, newer=True)
    for check in (invariants.convergence, invariants.equals_definition):
        with pytest.raises(Failed):
            invariants.check(quiet, (check,))


def test_a_restored_node_excuses_only_what_nobody_else_has() -> None:
    quiet = world()
    bensa, davi = quiet.nodes["Bensa"], quiet.nodes["Davissa"]
    bensa.backup = bensa.disk.copy()
    kept = quiet.commit(bensa, NORTH, births(REPORT_2, ids.derived_id("t", "1").bytes, None, {}))
    davi.receive(own(bensa))
    lost = quiet.commit(bensa, NORTH, births(REPORT_2, ids.derived_id("t", "2").bytes, None, {}))
    quiet.restore(bensa)
    assert kept and lost
    assert list(quiet.ledger.acknowledged) == [(kept.feed, kept.seq)]
    assert id_of(own(davi).origin) != kept.feed


def test_a_partition_is_a_partition() -> None:
    split = World(3)
    trouble.split(split, split.nodes["Bensa"])
    apart = split.network.apart
    assert 0 < len(apart) < len(split.nodes)
    trouble.join(split, split.nodes["Bensa"])
    assert not any(split.network.is_split(one, other) for one in split.nodes for other in split.nodes)
