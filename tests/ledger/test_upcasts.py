"""Old entries, new code; new entries, old code. What is stored never changes, what is shown is in today's words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import cbor2
import pytest

from tests.ledger import toys
from tests.ledger.toys import F_CODE, F_HECTARES, F_KIND, F_LABEL, F_NAME, F_PARENT, F_SINCE, F_ZONE, KIND, NAME, SOURCE
from tests.nodes import person
from ulinzi import ledger
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import codec, merge, rebuild, store, tables, verify
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.merge import Told
from ulinzi.ledger.node import Node
from ulinzi.ledger.shapes import Row, Shape

ANA, BORI = person("ana"), person("bori")
RECORD = UUID("0b2c6d1e-5a3f-8e21-9d47-6c0a1129b56f")
FEED = bytes(range(16))

# As release 1 wrote them: a birth, its name and its source, a later name. Frozen: they are on somebody's disk.
BIRTH = "8401500b2c6d1e5a3f8e219d476c0a1129b56f01f6"
BORN_NAME = "8601500b2c6d1e5a3f8e219d476c0a1129b56f0101f6a303f60967446176697373610a656469737472"
BORN_SOURCE = "8601500b2c6d1e5a3f8e219d476c0a1129b56f0102f6a10463444156"


def told(seq: int, part: int, kind: int, body: Any) -> Told:
    return Told("north", Dot(FEED, seq, part), seq << 16, kind, body)


def frozen() -> list[Told]:
    bodies = [(codec.BIRTH, BIRTH), (codec.WRITE, BORN_NAME), (codec.WRITE, BORN_SOURCE)]
    return [told(1, place + 1, kind, cbor2.loads(bytes.fromhex(raw))) for place, (kind, raw) in enumerate(bodies)]


def write(seq: int, schema: int, group: int, wire: dict[int, Any], *seen: tuple[int, int]) -> Told:
    body = [1, RECORD.bytes, schema, group, [[FEED, *dot] for dot in seen], wire]
    return told(seq, 1, codec.WRITE, body)


def values(shape: Shape, *parts: Told) -> dict[str, Any]:
    folded = merge.fold(shape, [*frozen(), *parts])
    assert folded is not None
    return {
        one.name: folded.groups[group.number].values.get(one.number) for group in shape.groups for one in group.fields
    }


# Pure: what an old part says in each release.


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (toys.ONE, {"label": "Davissa", "zone": "distr", "parent": None, "code": "DAV"}),
        (toys.TWO, {"name": "Davissa", "kind": "district", "parent": None, "code": "DAV"}),
        (toys.THREE, {"name": "Davissa", "kind": "district", "parent": None, "code": "DAV"}),
        (
            toys.FOUR,
            {"name": "Davissa", "kind": "district", "since": None, "parent": None, "code": "DAV", "hectares": None},
        ),
    ],
    ids=["1", "2", "3", "4"],
)
def test_every_release_reads_what_release_1_wrote(shape: Shape, said: dict[str, Any]) -> None:
    assert values(shape) == said


def test_control_without_its_step_nothing_is_understood() -> None:
    deaf = toys._shape(3, *toys.THREE.groups)
    object.__setattr__(deaf, "upcasts", {})
    assert values(deaf)["name"] is None


def test_an_added_field_has_its_default() -> None:
    later = write(2, 1, NAME, {F_LABEL: "Davissa", F_ZONE: None, F_PARENT: None}, (1, 2))
    assert values(toys.TWO, later)["kind"] == "area"


def test_steps_follow_one_another_from_where_a_write_stands() -> None:
    from_two = write(2, 2, NAME, {F_NAME: "Davissa town", F_KIND: "area", F_PARENT: None}, (1, 2))
    assert values(toys.THREE, from_two)["name"] == "Davissa town"
    assert values(toys.THREE, from_two)["kind"] == "area"


def test_one_dot_is_seen_in_both_halves_of_a_group_that_was_split() -> None:
    """Whoever writes the name today names the old write; what the area is stays as the old write says."""
    today = write(2, 3, NAME, {F_NAME: "Davissa town", F_PARENT: None}, (1, 2))
    folded = merge.fold(toys.THREE, [*frozen(), today])
    assert folded is not None and not folded.conflict
    assert folded.groups[NAME].dots == [Dot(FEED, 2, 1)]
    assert folded.groups[KIND].dots == [Dot(FEED, 1, 2)]
    assert values(toys.THREE, today)["kind"] == "district"


def test_old_and_new_words_that_say_the_same_are_no_conflict() -> None:
    old = write(2, 1, NAME, {F_LABEL: "Telwa", F_ZONE: "distr", F_PARENT: None}, (1, 2))
    new = write(3, 3, NAME, {F_NAME: "Telwa", F_PARENT: None}, (1, 2))
    folded = merge.fold(toys.THREE, [*frozen(), old, new])
    assert folded is not None and not folded.conflict
    assert len(folded.groups[NAME].leaves) == 2
    other = write(3, 3, NAME, {F_NAME: "Other", F_PARENT: None}, (1, 2))
    folded = merge.fold(toys.THREE, [*frozen(), old, other])
    assert folded is not None and folded.conflict  # the control


@pytest.mark.parametrize("wire", [{F_LABEL: "x" * 500}, {F_LABEL: 7}, {F_LABEL: "Telwa", F_ZONE: ["distr"]}, {}])
def test_an_old_write_that_makes_no_sense_is_a_problem_and_never_an_error(wire: dict[int, Any]) -> None:
    folded = merge.fold(toys.THREE, [*frozen(), write(2, 1, NAME, wire, (1, 2))])
    assert folded is not None
    assert bool(folded.problems) == (wire != {})


# On the real database.


@pytest.fixture
def old(node: Node) -> UUID:
    """An area that release 1 wrote, found by release 3; by then it was edited once."""
    with toys.release(toys.THREE):
        _born(RECORD)
        seen = list(ledger_queries.groups_of(toys.LABEL, RECORD)["name"].dots)
        wire = {F_PARENT: None, F_LABEL: "Davissa East", F_ZONE: "distr"}
        toys.write_as(toys.ONE, RECORD, NAME, wire, by=BORI, seen=seen)
    return RECORD


def _born(record: UUID) -> None:
    with ledger.unit("tests.born", by=ANA) as unit:
        toys.write_as(toys.ONE, record, NAME, {F_PARENT: None, F_LABEL: "Davissa", F_ZONE: "distr"}, by=ANA, born=True)
        unit.writes[record, SOURCE] = type(unit.writes[record, NAME])(
            unit.writes[record, NAME].birth, SOURCE, None, {F_CODE: "DAV"}
        )


def row() -> Row:
    from ulinzi.ledger import node as nodes

    (found,) = tables.by_ids(nodes.current(), toys.THREE, [RECORD])
    return found


def stored(node: Node) -> list[str]:
    """The bodies on the disk that speak of the record, byte for byte."""
    sql = "SELECT body FROM ledger_part WHERE record = %s AND body IS NOT NULL ORDER BY seq, part"
    return [bytes(body).hex() for (body,) in store.rows(node, sql, [RECORD.bytes])]


def test_the_frozen_bytes_are_what_release_1_writes(node: Node, old: UUID) -> None:
    assert stored(node)[:3] == [BIRTH, BORN_NAME, BORN_SOURCE]


def test_release_3_folds_edits_and_rebuilds_what_release_1_wrote(node: Node, old: UUID) -> None:
    with toys.release(toys.THREE) as model:
        before = stored(node)
        assert (row().name, row().kind, row().code, row().newer) == ("Davissa East", "district", "DAV", False)
        with ledger.unit("tests.edit", by=ANA) as unit:
            assert unit.put(model, unit.load(model, RECORD), kind="area") == ["kind"]
        assert (row().name, row().kind, row().conflict) == ("Davissa East", "area", False)
        assert stored(node)[: len(before)] == before
        told_last = cbor2.loads(bytes.fromhex(stored(node)[-1]))
        assert (told_last[2], told_last[3], told_last[5]) == (3, KIND, {F_KIND: "area"})
        _lose_the_table(node)
        assert rebuild.rebuild(node).changed == 1
        assert (row().name, row().kind) == ("Davissa East", "area")
        assert verify.verify(node, tables=True).ok


def _lose_the_table(node: Node) -> None:
    with store.connection(node).ledger_opened():
        store.execute(node, "DELETE FROM places_area")


def test_a_form_from_an_old_write_may_be_late(node: Node, old: UUID) -> None:
    """The form showed what the first write said; somebody has written since: both values are shown."""
    with toys.release(toys.THREE) as model:
        first = Dot(store.rows(node, "SELECT feed FROM ledger_feed")[0][0], 1, 2)
        for group, values in (("name", {"name": "Davissa West"}), ("kind", {"kind": "area"})):
            seen = {group: [Dot(bytes(first.feed), 1, 2)]}
            toys.write_as(toys.ONE, RECORD, NAME, {F_LABEL: f"For {group}", F_ZONE: "prov"}, by=BORI)
            with pytest.raises(ledger.Moved), ledger.unit("tests.edit", by=ANA) as unit:
                unit.put(model, unit.load(model, RECORD), seen=seen, **values)


def test_half_of_a_split_group_is_erased_in_the_bytes_too(node: Node, old: UUID) -> None:
    """The old part says both halves: as long as it stands, what was erased is on the disk."""
    with toys.release(toys.THREE) as model:
        with ledger.unit("tests.erase", by=ANA) as unit:
            unit.erase(model, unit.load(model, RECORD), groups=("kind",), basis="asked for", second=BORI)
        assert (row().kind, row().erased) == (None, "kind")
        said = [cbor2.loads(bytes.fromhex(raw)) for raw in stored(node)]
        assert [body[5] for body in said if type(body[-1]) is dict and F_ZONE in body[5]] == []
        assert verify.verify(node, tables=True).ok


# Newer than we are.


def test_a_newer_release_is_shown_kept_and_not_written_over(node: Node, old: UUID) -> None:
    with toys.release(toys.THREE) as model:
        seen = list(ledger_queries.groups_of(toys.LABEL, RECORD)["kind"].dots)
        toys.write_as(toys.FOUR, RECORD, KIND, {F_KIND: "province", F_SINCE: 7}, by=BORI, seen=seen)
        before = stored(node)
        assert (row().kind, row().newer) == ("province", True)
        with (
            pytest.raises(Refused, match="newer_version_needed"),
            ledger.unit("tests.edit", by=ANA) as unit,
        ):
            unit.put(model, unit.load(model, RECORD), kind="area")
        assert stored(node) == before
        with ledger.unit("tests.edit", by=ANA) as unit:  # the control: its other groups are ours to write
            assert unit.put(model, unit.load(model, RECORD), name="Davissa West") == ["name"]
        assert (row().name, row().kind, row().newer) == ("Davissa West", "province", True)
        assert verify.verify(node, tables=True).ok
    assert cbor2.loads(bytes.fromhex(before[-1]))[5] == {F_KIND: "province", F_SINCE: 7}


def test_a_group_we_do_not_know_waits_for_the_upgrade(node: Node, old: UUID) -> None:
    with toys.release(toys.THREE):
        toys.write_as(toys.FOUR, RECORD, toys.SIZE, {F_HECTARES: 40}, by=BORI)
        assert (row().name, row().newer) == ("Davissa East", True)
        assert rebuild.rebuild(node).changed == 0
    folded = merge.fold(toys.FOUR, store.histories(node, [RECORD.bytes])[RECORD.bytes])
    assert folded is not None and not folded.newer
    assert folded.groups[toys.SIZE].values == {F_HECTARES: 40}


def test_a_code_we_do_not_know_is_shown_and_not_written_over(node: Node, old: UUID) -> None:
    with toys.release(toys.THREE) as model:
        seen = list(ledger_queries.groups_of(toys.LABEL, RECORD)["kind"].dots)
        toys.write_as(toys.FOUR, RECORD, KIND, {F_KIND: "hamlet"}, by=BORI, seen=seen)
        assert (row().kind, row().newer) == ("hamlet", True)
        with pytest.raises(Refused, match="newer_version_needed"), ledger.unit("tests.edit", by=ANA) as unit:
            unit.put(model, unit.load(model, RECORD), kind="area")
