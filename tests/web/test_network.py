"""The network on its page: who has the duty, sources by code for those who see codes, and a number for the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from tests.nodes import NOON, person
from tests.web.conftest import entries, persona, signed_in
from tests.web.test_board import body
from ulinzi.accounts import queries as people
from ulinzi.accounts.rules import Rights, Role
from ulinzi.cli import personas
from ulinzi.kernel.clock import HOUR
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.network import actions, queries
from ulinzi.places import actions as places
from ulinzi.web import leaves

CONSOLE = person("console")
ODHAL, VESSIN = "odhal", "vessin"  # the watch and the liaison assistant of the north
TELWE, DUSANE, TIREL = "telwe", "dusane", "tirel"  # adviser and base commander of the north; somebody of the south
EVERYTHING = Rights(CONSOLE, all=True)
Mission = Callable[..., Client]


@pytest.fixture
def mission(node: Node) -> Mission:
    """The nineteen, each with the one role that is theirs, and a browser for any of them."""
    with people.at_console(CONSOLE):
        personas.bring(personas.PERSONAS, by=CONSOLE)

    def open_as(code: str, language: str = "en") -> Client:
        return signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": language}), code)

    return open_as


@pytest.fixture
def telwa(mission: Mission) -> UUID:
    return places.add_community(compartment="north", name="Telwa", by=CONSOLE)


def enrol(community: UUID, place: str = "north", kind: str = "elected") -> UUID:
    return actions.enrol_source(compartment=place, community=community, kind=kind, by=CONSOLE)


def code_of(source: UUID) -> str:
    return str(queries.source(source, EVERYTHING).code)


def chosen(code: str, place: str = "north") -> str:
    return f"{place} {persona(code).id}"


# Who has the duty.


def test_the_duty_is_handed_on_in_two_fields(mission: Mission) -> None:
    watch = mission(ODHAL)
    assert "Nobody has the duty phone." in body(watch.get("/network"))
    page = watch.post(
        "/network/shifts", {"person": chosen(VESSIN), "until": "23:30", "post": "duty_phone"}, follow=True
    )
    assert page.status_code == 200
    assert "Tomas Vessin" in re.search(r'<ul class="held">.*?</ul>', body(page), re.DOTALL).group()  # type: ignore[union-attr]
    assert "Nobody has the duty phone." not in body(page)
    assert [row.person for row in queries.duty("north", NOON + 1)] == [persona(VESSIN).id]


def test_a_time_that_has_passed_means_tomorrow(mission: Mission) -> None:
    mission(ODHAL).post("/network/shifts", {"person": chosen(ODHAL), "until": "00:30", "post": "watch"})
    row = queries.duty("north", NOON + 1)[0]
    assert 0 < row.ends_at - row.starts_at <= 24 * HOUR


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("until", "half past", "This is no time."),
        ("person", "", "Choose a person."),
        ("until", "", "Write until when."),
    ],
)
def test_what_is_wrong_with_a_shift_stands_beside_the_field(
    mission: Mission, field: str, typed: str, said: str
) -> None:
    told = {"person": chosen(VESSIN), "until": "22:00", "post": "watch", field: typed}
    page = mission(ODHAL).post("/network/shifts", told)
    assert page.status_code == 422
    assert body(page).count(said) == 2  # at the head of the page, and beside the field
    assert queries.duty("north", NOON + 1) == []


def test_a_shift_is_called_off(mission: Mission) -> None:
    told = {"person": persona(VESSIN).id, "post": "duty_phone", "starts_at": NOON, "ends_at": NOON + HOUR}
    shift = actions.add_shift(compartment="north", by=CONSOLE, **told)
    assert f"/network/shifts/{shift}/call-off" in body(mission(ODHAL).get("/network"))
    mission(ODHAL).post(f"/network/shifts/{shift}/call-off")
    assert queries.duty("north", NOON) == []


def test_an_analyst_sees_the_duty_and_shares_none(mission: Mission) -> None:
    analyst = mission("anselo")
    assert "/network/shifts" not in body(analyst.get("/network"))
    told = {"person": chosen(TIREL, "south"), "until": "22:00", "post": "watch"}
    before = entries()
    assert analyst.post("/network/shifts", told).status_code == 422
    assert entries() == before


# Sources.


@pytest.mark.parametrize(("who", "sees"), [(VESSIN, True), (ODHAL, True), (TELWE, False)])
def test_codes_stand_there_for_those_who_see_codes(telwa: UUID, mission: Mission, who: str, sees: bool) -> None:
    """The adviser is the control: the same page, the same place, and a number instead of codes."""
    code = code_of(enrol(telwa))
    for address in ("/network", f"/places/communities/{telwa}"):
        page = body(mission(who).get(address))
        assert (code in page) is sees, address
    page = body(mission(who).get("/network"))
    assert ("1 voice" in page) is sees and "fewer than three voices" in page


def test_too_few_voices_are_marked(telwa: UUID, mission: Mission) -> None:
    enrol(telwa), enrol(telwa)
    page = body(mission(TELWE).get("/network"))
    assert "fewer than three voices</span>" in page
    enrol(telwa)
    assert "fewer than three voices</span>" not in body(mission(TELWE).get("/network"))


def test_a_source_is_enrolled_by_the_name_of_the_community(telwa: UUID, mission: Mission) -> None:
    told = {"said": "TÉLWA", "kind": "confidential", "contact": "not_now", "reply": "none"}
    answer = mission(VESSIN).post("/network/sources", told)
    source = queries.sources(EVERYTHING)[0]
    assert answer.headers["Location"] == f"/places/communities/{telwa}#source-{source.id}"
    assert (source.community, source.kind, source.contact, source.reply) == (telwa, "confidential", "not_now", "none")


def test_where_two_are_meant_the_choice_is_shown(telwa: UUID, mission: Mission) -> None:
    other = places.add_community(compartment="north", name="Telwa", by=CONSOLE)
    told = {"said": "telwa", "kind": "elected", "contact": "call", "reply": "none"}
    page = mission(VESSIN).post("/network/sources", told)
    assert page.status_code == 422
    assert "Choose the one that is meant." in body(page)
    assert str(telwa) in body(page) and str(other) in body(page)
    assert queries.sources(EVERYTHING) == []
    mission(VESSIN).post("/network/sources", told | {"community": str(other)})
    assert [row.community for row in queries.sources(EVERYTHING)] == [other]


def test_part_of_a_name_is_a_question_and_no_answer(telwa: UUID, mission: Mission) -> None:
    told = {"said": "tel", "kind": "elected", "contact": "call", "reply": "none"}
    assert mission(VESSIN).post("/network/sources", told).status_code == 422
    assert queries.sources(EVERYTHING) == []


def test_a_community_of_another_province_cannot_be_chosen(mission: Mission) -> None:
    away = places.add_community(compartment="south", name="Orva", by=CONSOLE)
    told = {"said": "Orva", "community": str(away), "kind": "elected", "contact": "call", "reply": "none"}
    page = mission(VESSIN).post("/network/sources", told)
    assert page.status_code == 422
    assert "No community here is called so." in body(page)
    assert queries.sources(EVERYTHING) == []


def test_three_buttons_say_whether_a_call_is_safe(telwa: UUID, mission: Mission) -> None:
    source = enrol(telwa)
    for contact in ("not_now", "never"):
        mission(ODHAL).post(f"/network/sources/{source}/contact", {"contact": contact})
        assert queries.source(source, EVERYTHING).contact == contact
    page = body(mission(ODHAL).get("/network"))
    assert 'value="never" aria-pressed="true"' in page
    back = mission(ODHAL).post(f"/network/sources/{source}/contact", {"contact": "call"})
    assert (back.status_code, queries.source(source, EVERYTHING).contact) == (422, "never")
    mission(VESSIN).post(f"/network/sources/{source}/contact", {"contact": "call"})
    assert queries.source(source, EVERYTHING).contact == "call"


def test_a_source_withdraws_for_ever(telwa: UUID, mission: Mission) -> None:
    source = enrol(telwa)
    code = code_of(source)
    assert mission(ODHAL).post(f"/network/sources/{source}/withdraw").status_code == 403
    page = mission(VESSIN).post(f"/network/sources/{source}/withdraw", {"from": "community"}, follow=True)
    assert "Withdrawn for ever." in body(page)
    assert code not in body(page)
    assert queries.source(source, EVERYTHING).ended == "withdrawn"


def test_another_province_has_no_such_source(mission: Mission) -> None:
    away = places.add_community(compartment="south", name="Orva", by=CONSOLE)
    source = enrol(away, "south")
    before = entries()
    for address, told in (("contact", {"contact": "never"}), ("withdraw", {})):
        assert mission(VESSIN).post(f"/network/sources/{source}/{address}", told).status_code == 404
    assert mission(VESSIN).get(f"/places/communities/{away}").status_code == 404
    assert entries() == before
    assert code_of(source) not in body(mission(VESSIN).get("/network"))


@pytest.mark.parametrize("address", ["/network", "/places"])
def test_a_base_commander_has_no_network(mission: Mission, address: str) -> None:
    assert mission(DUSANE).get(address).status_code in (403, 422)


# Liaison assistants.


def test_an_assistant_is_given_a_post(mission: Mission) -> None:
    base = places.add_base(compartment="north", name="Nerela base", kind="company", by=CONSOLE)
    told = {"person": chosen(VESSIN), "base": str(base), "languages": "Kitel", "supervisor": str(persona(TELWE).id)}
    page = body(mission(TELWE).post("/network/liaisons", told, follow=True))
    assert all(one in page for one in ("Tomas Vessin", "Nerela base", "Kitel", "Ossan Telwe"))
    # Who has a post is not offered a second one.
    form = re.search(r'id="liaison-person".*?</select>', page, re.DOTALL).group()  # type: ignore[union-attr]
    assert "Tomas Vessin" not in form


def test_a_post_may_say_nothing_but_who_has_it(mission: Mission) -> None:
    mission(TELWE).post("/network/liaisons", {"person": chosen(VESSIN)})
    row = queries.liaisons(EVERYTHING)[0]
    assert (row.person, row.base, row.languages, row.supervisor) == (persona(VESSIN).id, None, None, None)


def test_a_post_that_somebody_else_changed_is_shown_again(mission: Mission) -> None:
    told = {"compartment": "north", "person": persona(VESSIN).id, "by": CONSOLE}
    post = actions.add_liaison(**told, languages="Kitel")
    seen = {
        leaves.PREFIX + name: leaves.token(one.dots) for name, one in ledger.groups_of("network.Liaison", post).items()
    }
    actions.edit_liaison(post, languages="Kitel, French", by=CONSOLE)
    page = mission(TELWE).post(f"/network/liaisons/{post}", {"languages": "Orvan", **seen})
    assert page.status_code == 409
    assert "Kitel, French" in body(page) and "Orvan" in body(page)
    assert queries.liaison(post, EVERYTHING).languages == "Kitel, French"


def test_a_post_is_ended_by_those_who_keep_the_network(mission: Mission) -> None:
    post = actions.add_liaison(compartment="north", person=persona(VESSIN).id, by=CONSOLE)
    assert mission(VESSIN).post(f"/network/liaisons/{post}/end").status_code in (403, 422)
    mission(TELWE).post(f"/network/liaisons/{post}/end")
    assert queries.liaisons(EVERYTHING) == []


# What is never asked.


def test_nobody_is_asked_for_an_ethnic_group(telwa: UUID, mission: Mission) -> None:
    """H13. And no name, number or position of a source has a field."""
    for who in (VESSIN, TELWE):
        for address in ("/network", "/places", f"/places/communities/{telwa}"):
            fields = set(re.findall(r'name="([a-z_-]+)"', body(mission(who).get(address))))
            assert not fields & {"ethnicity", "ethnic", "group", "tribe", "number", "phone", "religion"}, fields
    form = re.search(r'action="/network/sources".*?</form>', body(mission(VESSIN).get("/network")), re.DOTALL)
    assert form and 'name="name"' not in form.group()


def test_the_page_speaks_of_both_provinces_to_whoever_works_in_both(mission: Mission) -> None:
    page = body(mission("malket").get("/network"))
    assert page.count("Nobody has the duty phone.") == 1
    assert Role.SOURCE_HANDLER in people.rights_of(persona("malket").id).roles
