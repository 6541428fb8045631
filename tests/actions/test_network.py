"""The network, as the people who keep it see it: codes and no names, who may be called, who has the duty."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.nodes import NOON, person
from ulinzi.accounts import actions as accounts
from ulinzi.accounts import queries as people
from ulinzi.accounts.rules import Rights, Role
from ulinzi.gateway.client import Client
from ulinzi.kernel.clock import HOUR
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.node import Node
from ulinzi.network import actions, queries, tasks
from ulinzi.places import actions as places

ANA, BORI = person("ana"), person("bori")
CONSOLE = person("console")


def reader(role: Role, place: str = "north") -> Rights:
    return Rights(person("reader"), ((role, place),))


ASSISTANT, ADVISER = reader(Role.LIAISON_ASSISTANT), reader(Role.PROVINCIAL_ADVISER)
COMMANDER, FOREIGN = reader(Role.BASE_COMMANDER), reader(Role.LIAISON_ASSISTANT, "south")


def held(name: str, role: Role, place: str = "north") -> UUID:
    """Somebody with one role, and no other."""
    made = accounts.add_person(by=CONSOLE, name=name, body="mission_civilian")
    with people.at_console(CONSOLE):
        accounts.ask_grant(made, role, place, by=CONSOLE)
    return made


@pytest.fixture
def telwa(node: Node) -> UUID:
    return places.add_community(compartment="north", name="Telwa", by=ANA)


def enrol(community: UUID, **told: object) -> UUID:
    values = {"compartment": "north", "kind": "elected", "by": ANA, **told}
    return actions.enrol_source(community=community, **values)  # type: ignore[arg-type]


# Sources.


def test_a_source_is_a_code_and_a_community(telwa: UUID) -> None:
    row = queries.source(enrol(telwa), ASSISTANT)
    assert row.code.startswith("S-") and len(row.code) == 10
    assert (row.community, row.kind, row.contact, row.reply, row.ended) == (telwa, "elected", "call", "none", None)


def test_the_code_is_for_those_who_see_codes(telwa: UUID) -> None:
    source = enrol(telwa)
    seen = queries.source(source, ADVISER)
    assert (seen.code, "code" in seen.withheld) == (None, True)
    assert seen.contact == "call"  # whether a call is safe is told to everybody who might call
    assert queries.sources(ADVISER) == []


def test_control_an_assistant_sees_the_code(telwa: UUID) -> None:
    source = enrol(telwa)
    assert queries.source(source, ASSISTANT).code is not None
    assert [row.id for row in queries.sources(ASSISTANT)] == [source]


@pytest.mark.parametrize("stranger", [COMMANDER, FOREIGN], ids=["base commander", "other province"])
def test_to_others_there_is_no_source(telwa: UUID, stranger: Rights) -> None:
    source = enrol(telwa)
    with pytest.raises(NotFound):
        queries.source(source, stranger)
    assert (queries.sources(stranger), queries.voices(stranger)) == ([], {})


def test_voices_are_counted_without_strangers_and_those_who_left(telwa: UUID) -> None:
    enrol(telwa), enrol(telwa, kind="confidential")
    actions.withdraw_source(enrol(telwa), by=ANA)
    actions.unknown_source("U-11111111", "north", by=ANA)
    assert queries.voices(ADVISER) == {telwa: 2}


def test_whoever_is_not_known_is_written_down_once(telwa: UUID) -> None:
    first = actions.unknown_source("U-11111111", "north", by=ANA)
    before = ledger_queries.node_state().entries
    assert actions.unknown_source("U-11111111", "north", by=BORI) == first
    assert ledger_queries.node_state().entries == before
    assert queries.source_of_code("U-11111111", "north") == first
    assert actions.unknown_source("U-11111111", "south", by=ANA) != first


def test_a_code_that_was_not_known_is_enrolled(telwa: UUID) -> None:
    code = queries.source(enrol(telwa), ASSISTANT).code
    source = actions.unknown_source(code, "south", by=ANA)
    away = places.add_community(compartment="south", name="Orva", by=ANA)
    assert enrol(away, compartment="south", code=code) == source
    assert queries.source(source, FOREIGN).kind == "elected"
    with pytest.raises(Refused, match="already_here"):
        enrol(away, compartment="south", code=code)


def test_a_slip_in_a_code_is_noticed(telwa: UUID) -> None:
    code = queries.source(enrol(telwa), ASSISTANT).code
    other = "0" if code[4] != "0" else "1"
    with pytest.raises(Refused, match="source_code_wrong"):
        enrol(telwa, code=code[:4] + other + code[5:])


def test_a_community_of_another_province_takes_no_source(telwa: UUID) -> None:
    with pytest.raises(Refused, match="community_elsewhere"):
        enrol(telwa, compartment="south")


@pytest.mark.parametrize("kind", ["unknown", "chief", ""])
def test_nobody_is_enrolled_as_somebody_unknown(telwa: UUID, kind: str) -> None:
    with pytest.raises(Refused, match="code_unknown"):
        enrol(telwa, kind=kind)


# Whether one may call.


@pytest.mark.access
def test_the_watch_may_say_never_and_not_take_it_back(node: Node) -> None:
    with people.at_console(CONSOLE):
        watch, assistant = held("Odhal", Role.WATCH_OFFICER), held("Vessin", Role.LIAISON_ASSISTANT)
        source = enrol(places.add_community(compartment="north", name="Telwa", by=CONSOLE), by=CONSOLE)
    assert actions.set_contact(source, contact="never", by=watch) == ["contact"]
    with pytest.raises(Refused, match="not_for_your_role"):
        actions.set_contact(source, contact="not_now", by=watch)
    assert queries.source(source, ASSISTANT).contact == "never"
    assert actions.set_contact(source, contact="call", by=assistant) == ["contact"]


def test_saying_the_same_again_writes_nothing(telwa: UUID) -> None:
    assert actions.set_contact(enrol(telwa), contact="call", by=ANA) == []


def test_whoever_withdrew_stays_away(telwa: UUID) -> None:
    source = enrol(telwa)
    actions.withdraw_source(source, by=ANA)
    assert queries.source(source, ASSISTANT).ended == "withdrawn"
    assert queries.sources(ASSISTANT) == []
    for again in (lambda: actions.withdraw_source(source, by=ANA), lambda: actions.set_contact(source, by=ANA)):
        with pytest.raises(Refused, match="source_withdrawn"):
            again()


@pytest.mark.access
def test_the_watch_withdraws_nobody(node: Node) -> None:
    with people.at_console(CONSOLE):
        watch = held("Odhal", Role.WATCH_OFFICER)
        source = enrol(places.add_community(compartment="north", name="Telwa", by=CONSOLE), by=CONSOLE)
    with pytest.raises(Refused, match="not_for_your_role"):
        actions.withdraw_source(source, by=watch)


# The gateway.


@pytest.fixture
def told(node: Node, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What a gateway would be told."""
    found: list[tuple[str, ...]] = []
    monkeypatch.setattr(Client, "enrol", lambda self, handle, code: found.append(("enrol", handle, code)))
    monkeypatch.setattr(Client, "withdraw", lambda self, code: found.append(("withdraw", code)))
    return found


def test_the_gateway_learns_whose_number_it_is(telwa: UUID, told: list[tuple[str, ...]]) -> None:
    code = queries.source(enrol(telwa, handle="letter 1"), ASSISTANT).code
    assert told == [("enrol", "letter 1", code)]


def test_a_silent_gateway_enrols_nobody(telwa: UUID) -> None:
    """A code that leads to no number would look like somebody who can be called."""
    with pytest.raises(Refused, match="gateway_silent"):
        enrol(telwa, handle="letter 1")
    assert queries.sources(ASSISTANT) == []


def test_the_worker_has_the_number_forgotten_again_and_again(
    telwa: UUID, node: Node, told: list[tuple[str, ...]]
) -> None:
    stays, leaves = enrol(telwa), enrol(telwa)
    actions.withdraw_source(leaves, by=ANA)
    (node.home / "gateway").mkdir()
    for _round in range(2):
        tasks.forget_withdrawn(node)
    assert told == [("withdraw", queries.source(leaves, ASSISTANT).code)] * 2
    assert queries.source(stays, ASSISTANT).code not in str(told)


def test_control_where_no_gateway_stands_nobody_is_asked(telwa: UUID, node: Node, told: list[tuple[str, ...]]) -> None:
    actions.withdraw_source(enrol(telwa), by=ANA)
    tasks.forget_withdrawn(node)
    assert told == []


# Liaison assistants.


@pytest.mark.access
def test_a_post_is_for_somebody_with_the_role_and_only_once(node: Node) -> None:
    with people.at_console(CONSOLE):
        vessin, watch = held("Vessin", Role.LIAISON_ASSISTANT), held("Odhal", Role.WATCH_OFFICER)
        adviser = held("Telwe", Role.PROVINCIAL_ADVISER)
        base = places.add_base(compartment="north", name="Nerela base", kind="company", by=CONSOLE)
    post = actions.add_liaison(compartment="north", person=vessin, base=base, supervisor=adviser, by=adviser)
    assert [(row.person, row.base, row.supervisor) for row in queries.liaisons(ADVISER)] == [(vessin, base, adviser)]
    for who, code in ((vessin, "already_here"), (watch, "person_may_not")):
        with pytest.raises(Refused, match=code):
            actions.add_liaison(compartment="north", person=who, by=adviser)
    actions.edit_liaison(post, languages="Kitel, French", by=adviser)
    assert queries.liaison(post, ADVISER).languages == "Kitel, French"
    actions.end_liaison(post, by=adviser)
    assert queries.liaisons(ADVISER) == []
    with pytest.raises(Refused, match="post_has_ended"):
        actions.end_liaison(post, by=adviser)
    with pytest.raises(Refused, match="not_for_your_role"):
        actions.add_liaison(compartment="north", person=vessin, by=vessin)


def test_a_post_at_a_base_of_another_province_is_refused(node: Node) -> None:
    base = places.add_base(compartment="south", name="Orva base", kind="company", by=ANA)
    with pytest.raises(Refused, match="base_elsewhere"):
        actions.add_liaison(compartment="north", person=BORI, base=base, by=ANA)


# Who has the duty.


def shift(person: UUID, starts: int, ends: int, post: str = "duty_phone", place: str = "north") -> UUID:
    told = {"starts_at": NOON + starts * HOUR, "ends_at": NOON + ends * HOUR}
    return actions.add_shift(compartment=place, person=person, post=post, by=ANA, **told)


def test_who_has_the_duty_the_phone_first(node: Node) -> None:
    shift(ANA, -2, 6, "radio"), shift(BORI, 0, 8), shift(ANA, -8, 0), shift(ANA, 8, 16), shift(ANA, 0, 8, place="south")
    assert [(row.person, row.post) for row in queries.duty("north", NOON)] == [(BORI, "duty_phone"), (ANA, "radio")]
    assert [row.person for row in queries.duty("north", NOON + 8 * HOUR)] == [ANA]
    assert len(queries.shifts(ADVISER, NOON, NOON + 24 * HOUR)) == 3
    assert (queries.duty_seen(COMMANDER, NOON), queries.shifts(COMMANDER, NOON, NOON + HOUR)) == ([], [])


def test_a_shift_that_was_called_off_is_nobodys(node: Node) -> None:
    one = shift(BORI, 0, 8)
    actions.call_off(one, by=ANA)
    assert queries.duty("north", NOON) == []
    with pytest.raises(Refused, match="shift_called_off"):
        actions.call_off(one, by=ANA)


@pytest.mark.parametrize(("ends", "code"), [(0, "ends_before"), (-1, "ends_before"), (25, "too_long")])
def test_a_shift_has_an_end_that_can_be_kept(node: Node, ends: int, code: str) -> None:
    with pytest.raises(Refused, match=f"shift_{code}"):
        shift(BORI, 0, ends)


@pytest.mark.access
def test_whoever_deals_with_messages_hands_the_phone_on(node: Node) -> None:
    with people.at_console(CONSOLE):
        watch, analyst = held("Odhal", Role.WATCH_OFFICER), held("Anselo", Role.PROVINCIAL_ANALYST)
    told = {"compartment": "north", "post": "duty_phone", "starts_at": NOON, "ends_at": NOON + HOUR}
    actions.add_shift(person=watch, by=watch, **told)
    with pytest.raises(Refused, match="person_may_not"):
        actions.add_shift(person=analyst, by=watch, **told)
    with pytest.raises(Refused, match="not_for_your_role"):
        actions.add_shift(person=watch, by=analyst, **told)
