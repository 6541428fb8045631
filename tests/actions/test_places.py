"""Communities and bases: written down, changed, and found as people say their names."""

from __future__ import annotations

import time
from uuid import UUID

import pytest

from tests.nodes import person
from ulinzi import ledger
from ulinzi.accounts.rules import Rights, Role
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.node import Node
from ulinzi.places import actions, queries

ANA, BORI = person("ana"), person("bori")


def reader(role: Role, place: str = "north") -> Rights:
    return Rights(person("reader"), ((role, place),))


ADVISER, FOREIGN = reader(Role.PROVINCIAL_ADVISER), reader(Role.PROVINCIAL_ADVISER, "south")
COMMANDER, COUNTER = reader(Role.BASE_COMMANDER), reader(Role.HEADQUARTERS_ANALYST)


def community(name: str, place: str = "north", **told: object) -> UUID:
    return actions.add_community(compartment=place, name=name, by=ANA, **told)


def base(name: str, place: str = "north", **told: object) -> UUID:
    return actions.add_base(compartment=place, name=name, by=ANA, **{"kind": "company", **told})


def found(words: str, who: Rights = ADVISER) -> list[str]:
    return [row["name"] for row in queries.find_places(who, words).places]


def test_a_place_is_found_by_any_of_its_names_whatever_the_accents(node: Node) -> None:
    community("Kérala-Sud", also="Camp Bleu; Ndéma")
    for words in ("kerala sud", "KÉRALA", "camp bleu", "ndema", "sud"):
        assert found(words) == ["Kérala-Sud"], words
    assert (found("Kerala-Nord"), found(""), found("  ")) == ([], [], [])


def test_two_of_one_name_are_both_shown(node: Node) -> None:
    one, two = community("Telwa"), community("Telwa")
    community("Telwa-Nord")
    rows = queries.find_places(ADVISER, "telwa").communities
    assert {rows[0]["id"], rows[1]["id"]} == {one, two}
    assert rows[2]["name"] == "Telwa-Nord"


def test_what_is_typed_is_no_pattern(node: Node) -> None:
    community("Telwa")
    assert [found(words) for words in ("%", "_____", "T%a", "!")] == [[], [], [], []]


def test_bases_and_communities_come_apart_and_no_more_than_asked_for(node: Node) -> None:
    for number in range(5):
        community(f"Nerela {number}")
    base("Nerela base")
    rows = queries.find_places(ADVISER, "nerela", limit=3)
    assert (len(rows.communities), [row["name"] for row in rows.bases], rows.more) == (3, ["Nerela base"], True)


def test_another_province_knows_nothing_of_it(node: Node) -> None:
    one, other = community("Telwa"), base("Nerela base")
    assert (found("telwa", FOREIGN), queries.communities(FOREIGN), queries.bases(FOREIGN)) == ([], [], [])
    for ask, record in ((queries.community, one), (queries.base, other)):
        with pytest.raises(NotFound):
            ask(record, FOREIGN)
    assert queries.place_names([one, other], FOREIGN) == {}


def test_whoever_answers_an_alert_is_told_its_place_and_not_the_list(node: Node) -> None:
    one, other = community("Telwa"), base("Nerela base")
    assert queries.place_names([one, None, other], COMMANDER) == {one: "Telwa", other: "Nerela base"}
    assert (queries.communities(COMMANDER), found("telwa", COMMANDER)) == ([], [])
    assert [row["name"] for row in queries.bases(COMMANDER)] == ["Nerela base"]


def test_where_exactly_it_is_is_for_those_who_see_that_deep(node: Node) -> None:
    told = {"lon": 29_123_456, "lat": -1_683_500, "precision": "village"}
    one, _other = community("Telwa", **told), base("Nerela base", **told)
    assert queries.community(one, ADVISER).lon == queries.bases(ADVISER)[0].lon == 29_123_456
    for reader_by_name in (COMMANDER, COUNTER):
        seen = queries.bases(reader_by_name)[0]
        assert (seen.lon, seen.lat, "position" in seen.withheld) == (None, None, True)
        with pytest.raises(NotFound):
            queries.community(one, reader_by_name)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"name": " "}, "name_missing"),
        ({"lon": 1}, "position_halved"),
        ({"lon": 0, "lat": 90_000_001}, "position_nowhere"),
    ],
)
def test_a_place_that_cannot_be_is_refused(node: Node, told: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        community(**{"name": "Telwa", **told})  # type: ignore[arg-type]
    assert ledger_queries.node_state().entries == 0


def test_an_area_of_another_province_is_refused(node: Node) -> None:
    away = actions.add_area(compartment="south", code="S1", name="Orva", kind="area", by=ANA)
    with pytest.raises(Refused, match="area_elsewhere"):
        community("Telwa", area=away)


def test_two_people_change_one_name(node: Node) -> None:
    one = community("Telwa")
    seen = {name: group.dots for name, group in ledger_queries.groups_of("places.Community", one).items()}
    assert actions.edit_community(one, by=ANA, seen=seen, name="Telwa-Nord") == ["name"]
    with pytest.raises(ledger.Moved):
        actions.edit_community(one, by=BORI, seen=seen, name="Telwa-Sud")
    assert found("telwa") == ["Telwa-Nord"]
    assert actions.edit_community(one, by=BORI, lon=1, lat=2) == ["position"]


def test_a_base_is_renamed_and_found_by_its_new_name(node: Node) -> None:
    one = base("Nerela base")
    actions.edit_base(one, by=ANA, name="Osk base", kind="temporary")
    assert (found("nerela"), found("osk")) == ([], ["Osk base"])


@pytest.mark.sqlite_only
@pytest.mark.slow
def test_one_of_five_thousand_is_found_while_somebody_types(node: Node) -> None:
    with ledger.batch():
        for number in range(5_000):
            community(f"Village {number}", also=f"Ndéma {number};Camp {number}")
    began = time.perf_counter()
    assert found("ndema 4711") == ["Village 4711"]
    assert time.perf_counter() - began < 0.2
