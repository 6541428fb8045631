"""People and their roles on their pages: asked for by one, confirmed by another, ended at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.nodes import Nodes, person, reader
from tests.web.conftest import PASSWORD, SIX, Browser, add_one, bring_six, enrolled, entries, persona, signed_in
from tests.web.test_board import body
from ulinzi.accounts import actions, logins, queries, rules
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.cli import personas
from ulinzi.desk import actions as written
from ulinzi.desk import queries as desk
from ulinzi.kernel.clock import MINUTE, SetClock
from ulinzi.ledger import queries as ledger
from ulinzi.ledger import verify
from ulinzi.ledger.node import Node

pytestmark = pytest.mark.usefixtures("cheap")

CONSOLE = person("console")
ODHAL, VESSIN, RENSA = SIX[0], SIX[1], SIX[5]
LEADER = {"role": "team_leader", "place": "north"}
Mission = Callable[..., Client]


@pytest.fixture
def mission(node: Node) -> Mission:
    """The nineteen, each with the one role that is theirs, and a browser for any of them."""
    with queries.at_console(CONSOLE):
        personas.bring(personas.PERSONAS, by=CONSOLE)

    def open_as(code: str) -> Client:
        return signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), code)

    return open_as


def held(who: UUID) -> list[tuple[str, str]]:
    return sorted((str(role), place) for role, place in queries.rights_of(who).held)


def newest(who: UUID) -> UUID:
    """The role that waits, or the only one there is."""
    found = queries.grants([who])[who]
    return ([one for one in found if rules.waiting(one)] or found)[0]["id"]


def page_of(made: Client, who: UUID) -> str:
    return body(made.get(f"/people/{who}"))


def decide(made: Client, grant: UUID, decision: str = "confirmed") -> HttpResponse:
    return made.post(f"/grants/{grant}/decide", {"decision": decision})


def handed_over(asks: Client, confirms: Client, who: UUID) -> str:
    """A one-time code: asked for by one, confirmed by another, on whose page it stands."""
    assert asks.post(f"/people/{who}/code").status_code == 302
    return body(confirms.post(f"/people/{who}/code/confirm")).split('<code class="handed">')[1].split("<")[0]


# From nobody to somebody with a role.


@pytest.mark.access
def test_a_newcomer_is_added_asked_for_confirmed_and_signs_in(mission: Mission, clock: SetClock) -> None:
    ferro, rensa = mission("ferro"), mission("rensa")
    added = ferro.post("/people/add", {"name": "Bela Ostin", "body": "mission_civilian"})
    who = UUID(added.headers["Location"].rpartition("/")[2])
    assert "No role so far" in page_of(ferro, who)
    asked = ferro.post(f"/people/{who}/grants", LEADER, follow=True)
    assert "It counts once a second person has confirmed it." in body(asked) and held(who) == []
    assert "Bela Ostin" in body(rensa.get("/people")).split('id="h-people"')[0]
    assert ">Confirm<" in page_of(rensa, who) and ">Confirm<" not in page_of(ferro, who)
    assert "The role counts from now." in body(
        rensa.post(f"/grants/{newest(who)}/decide", {"decision": "confirmed"}, follow=True)
    )
    assert held(who) == [("team_leader", "north")]
    code = handed_over(ferro, rensa, who)
    newcomer = Client(SERVER_NAME="localhost")
    newcomer.post("/enrol", {"code": code, "name": "bela", "password": PASSWORD})
    assert newcomer.get("/tasks").status_code == 200
    shown = page_of(rensa, who)
    assert "Nils Ferro" in shown and "Lioba Rensa" in shown


@pytest.mark.sqlite_only
def test_a_code_is_shown_once_to_whoever_hands_it_over(browser: Browser) -> None:
    asks, confirms = browser(), browser("rensa")
    code = handed_over(asks, confirms, VESSIN.id)
    assert len(code) == 14
    for url in (f"/people/{VESSIN.id}", "/people", "/system", "/tasks"):
        assert code not in body(confirms.get(url)) and code not in body(asks.get(url))
    again = confirms.post(f"/people/{VESSIN.id}/code/confirm")
    assert again.status_code == 422 and '<code class="key">' not in body(again)
    assert handed_over(asks, confirms, VESSIN.id) != code


@pytest.mark.sqlite_only
def test_nobody_has_a_code_alone(browser: Browser) -> None:
    """Whoever has a code becomes somebody: it takes two, and neither is the person."""
    url, asks = f"/people/{VESSIN.id}/code", browser()
    assert browser("rensa").post(f"{url}/confirm").status_code == 422
    asks.post(url)
    for made in (asks, browser("vessin")):
        refused = made.post(f"{url}/confirm")
        assert refused.status_code == 422 and "four_eyes_needed" in body(refused)
        assert "Confirm and show the code" not in page_of(made, VESSIN.id)
    assert "Confirm and show the code" in page_of(browser("rensa"), VESSIN.id)
    assert browser("rensa").post(f"{url}/confirm").status_code == 200


@pytest.mark.sqlite_only
@pytest.mark.access
def test_a_code_of_another_province_is_none_of_hers(mission: Mission) -> None:
    """A head of office hands codes to the people of her own province, and to those who have no role yet.

    Whoever works for the whole mission she may know of; a code for them is still the leadership's to hand over.
    """
    ferro, rensa = mission("ferro"), mission("rensa")
    for code, status in (("telwe", 200), ("tirel", 404), ("haakon", 422)):
        url = f"/people/{persona(code).id}/code"
        ferro.post(url)
        assert rensa.post(f"{url}/confirm").status_code == status, code


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": " ", "body": "mission_civilian"}, "This is missing."),
        ({"name": "Bela", "body": ""}, "This is missing."),
        ({"name": "Bela", "body": "host_army"}, "Select a valid choice"),
        ({"name": "x" * 81, "body": "mission_civilian"}, "80"),
    ],
)
def test_a_person_that_does_not_do_comes_back_as_typed(browser: Browser, told: dict[str, str], said: str) -> None:
    before = entries()
    response = browser().post("/people/add", told)
    assert response.status_code == 422 and said in body(response) and entries() == before
    assert f'value="{told["name"]}"' in body(response)


@pytest.mark.sqlite_only
def test_what_is_typed_into_a_name_is_text_and_never_markup(browser: Browser) -> None:
    made, name = browser(), "<b>Bela</b>\u202e"
    assert made.post("/people/add", {"name": name, "body": "partner"}).status_code == 302
    who = next(row["id"] for row in queries.persons() if row["name"] == name)
    made.post("/teams/add", {"name": name, "place": "north"})
    team = queries.teams()[0]["id"]
    made.post(f"/people/{who}/teams", {"team": str(team)})
    for url in ("/people", f"/people/{who}"):
        assert "<b>Bela" not in body(made.get(url)) and "&lt;b&gt;Bela&lt;/b&gt;" in body(made.get(url))


@pytest.mark.sqlite_only
def test_a_renamed_person_has_the_new_name_at_once(browser: Browser) -> None:
    made = browser()
    response = made.post(f"/people/{VESSIN.id}/rename", {"name": "Tomas Vessin-Okra"}, follow=True)
    assert "Tomas Vessin-Okra" in body(response)
    assert "Tomas Vessin-Okra" in body(browser("vessin").get("/tasks"))
    for wrong in ("", " ", "x" * 81):
        assert made.post(f"/people/{VESSIN.id}/rename", {"name": wrong}).status_code == 422
    assert "Tomas Vessin-Okra" in page_of(made, VESSIN.id)


TAKEN = "Another person here has this name."


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", [RENSA.name, f" {RENSA.name.upper()} ", RENSA.name.replace("a", "\u00e1")])
def test_a_name_that_somebody_else_has_is_allowed_and_said(browser: Browser, name: str) -> None:
    """People share names. Whoever gives one a second time learns that it tells two people apart no longer."""
    made = browser()
    renamed = body(made.post(f"/people/{VESSIN.id}/rename", {"name": name}, follow=True))
    assert TAKEN in renamed and "Saved here." in renamed
    assert queries.person(VESSIN.id)["name"] == name.strip()
    assert TAKEN in body(made.post("/people/add", {"name": name, "body": "partner"}, follow=True))


@pytest.mark.sqlite_only
def test_a_name_that_nobody_else_has_is_not_said_to_be_taken(browser: Browser) -> None:
    made = browser()
    for name in ("Tomas Vessin-Okra", VESSIN.name, VESSIN.name.upper()):
        assert TAKEN not in body(made.post(f"/people/{VESSIN.id}/rename", {"name": name}, follow=True))
    assert TAKEN not in body(made.post("/people/add", {"name": "Bela Ostin", "body": "partner"}, follow=True))


@pytest.mark.sqlite_only
@pytest.mark.access
def test_that_a_name_is_taken_is_said_to_those_alone_who_may_know_everybody(mission: Mission) -> None:
    """Or the question would be a way to ask who works elsewhere."""
    name = persona("odhal").name
    assert queries.is_taken(name, queries.rights_of(persona("ferro").id))
    assert not queries.is_taken(name, queries.rights_of(persona("rensa").id))


@pytest.mark.sqlite_only
def test_what_cannot_be_taken_back_comes_last_on_the_page_of_a_person(browser: Browser) -> None:
    """Whoever goes through the page by keyboard meets what is ordinary first, and the history after every form."""
    page = page_of(browser(), VESSIN.id)
    heads = re.findall(r'<h2 id="(h-\w+|log-head)"', page)
    assert heads == ["h-roles", "h-ask", "h-name", "h-login", "h-left", "log-head"]
    assert page.rfind("<button", 0, page.index("<footer")) < page.index('id="log-head"')


@pytest.mark.sqlite_only
def test_teams_are_made_joined_and_left(browser: Browser) -> None:
    made = browser()
    assert made.post("/teams/add", {"name": "Night desk", "place": "north"}).status_code == 302
    team = queries.teams()[0]["id"]
    assert made.post(f"/people/{VESSIN.id}/teams", {"team": str(team)}).status_code == 302
    assert made.post(f"/people/{VESSIN.id}/teams", {"team": str(team)}).status_code == 422
    assert "Night desk" in body(made.get("/people")) and "take out" in body(made.get("/people"))
    assert f'href="/teams/{team}"' in body(made.get("/people")) and VESSIN.name in body(made.get(f"/teams/{team}"))
    member = queries.memberships([team])[team][0]["id"]
    assert made.post(f"/teams/leave/{member}").status_code == 302
    assert made.post(f"/teams/leave/{member}").status_code == 422
    assert "take out" not in body(made.get("/people"))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("told", [{}, {"name": " ", "place": "north"}, {"name": "Desk", "place": "east"}])
def test_a_team_that_does_not_do_is_refused(browser: Browser, told: dict[str, str]) -> None:
    before = entries()
    assert browser().post("/teams/add", told).status_code == 422
    assert browser().post(f"/people/{VESSIN.id}/teams", {"team": "nonsense"}).status_code == 422
    assert entries() == before and queries.teams() == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "told",
    [
        {},
        {"role": "king", "place": "north"},
        {"role": "team_leader", "place": "east"},
        {"role": "team_leader", "place": EVERYWHERE},
        {"role": "team_leader", "place": "mission"},
        {"role": "head_of_office", "place": "north"},
    ],
)
def test_a_role_that_does_not_do_is_refused(browser: Browser, told: dict[str, str]) -> None:
    """Unknown, in no such place, too wide, or held already."""
    before = entries()
    response = browser().post(f"/people/{VESSIN.id}/grants", told)
    assert response.status_code == 422 and entries() == before
    assert browser().post(f"/people/{VESSIN.id}/grants", LEADER).status_code == 302  # control


@pytest.mark.sqlite_only
def test_a_role_that_is_not_for_a_body_is_not_offered(browser: Browser) -> None:
    made = browser()
    made.post("/people/add", {"name": "Ann Gast", "body": "partner"})
    who = next(row["id"] for row in queries.persons() if row["name"] == "Ann Gast")
    offered = page_of(made, who).split('id="grant-role"')[1].split("</select>")[0]
    assert 'value="partner"' in offered and "head_of_office" not in offered
    assert made.post(f"/people/{who}/grants", {"role": "head_of_office", "place": "north"}).status_code == 422


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "url", ["/people/add", "/teams/add", "/teams/leave/{0}", "/people/{0}/rename", "/system/check"]
)
def test_the_switches_of_a_page_after_a_form_lead_to_a_page(browser: Browser, url: str) -> None:
    """Language and light are chosen on every page, and come back to one that can be read."""
    made = browser()
    page = body(made.post(url.format(VESSIN.id), {"name": ""}, follow=True))
    back = page.split('name="next" value="')[1].split('"')[0]
    assert made.get(back).status_code == 200


# Four eyes (T-A-08): nobody gives himself a role, however he asks.


@pytest.mark.sqlite_only
def test_nobody_confirms_what_he_asked_for(browser: Browser) -> None:
    made = browser("odhal")
    made.post(f"/people/{VESSIN.id}/grants", LEADER)
    grant, before = newest(VESSIN.id), entries()
    for _ in range(3):
        response = decide(made, grant)
        assert response.status_code == 422 and "four_eyes_needed" in body(response)
    assert entries() == before and ("team_leader", "north") not in held(VESSIN.id)
    assert ">Confirm<" not in page_of(made, VESSIN.id)


@pytest.mark.sqlite_only
def test_nobody_confirms_a_role_of_his_own(browser: Browser) -> None:
    browser("vessin").post(f"/people/{ODHAL.id}/grants", LEADER)
    response = decide(browser("odhal"), newest(ODHAL.id))
    assert response.status_code == 422 and "four_eyes_needed" in body(response)
    assert ("team_leader", "north") not in held(ODHAL.id)


@pytest.mark.sqlite_only
def test_control_a_third_person_confirms(browser: Browser) -> None:
    browser("vessin").post(f"/people/{ODHAL.id}/grants", LEADER)
    assert decide(browser("rensa"), newest(ODHAL.id)).status_code == 302
    assert ("team_leader", "north") in held(ODHAL.id)


@pytest.mark.sqlite_only
def test_a_name_put_into_the_form_changes_nothing(browser: Browser) -> None:
    """Who acts is who is signed in, whatever else is sent along."""
    made = browser("odhal")
    forged = {"by": str(RENSA.id), "asked_by": str(RENSA.id), "person": str(RENSA.id), "decided_by": str(RENSA.id)}
    made.post(f"/people/{VESSIN.id}/grants", {**LEADER, **forged})
    grant = newest(VESSIN.id)
    row = next(one for one in queries.grants([VESSIN.id])[VESSIN.id] if one["id"] == grant)
    assert (row["asked_by"], row["decided_by"]) == (ODHAL.id, None)
    assert made.post(f"/grants/{grant}/decide", {"decision": "confirmed", **forged}).status_code == 422


@pytest.mark.sqlite_only
def test_a_confirmation_said_twice_counts_once_and_never_after_the_end(browser: Browser) -> None:
    browser("odhal").post(f"/people/{VESSIN.id}/grants", LEADER)
    grant, rensa = newest(VESSIN.id), browser("rensa")
    assert decide(rensa, grant).status_code == 302
    rensa.post(f"/grants/{grant}/end", {"reason": "Another post"})
    before = entries()
    for decision in ("confirmed", "refused"):
        assert decide(rensa, grant, decision).status_code == 422
    assert rensa.post(f"/grants/{grant}/end", {"reason": "Again"}).status_code == 422
    assert entries() == before and ("team_leader", "north") not in held(VESSIN.id)


@pytest.mark.sqlite_only
def test_a_refused_role_is_never_confirmed_after_all(browser: Browser) -> None:
    browser("odhal").post(f"/people/{VESSIN.id}/grants", LEADER)
    grant = newest(VESSIN.id)
    assert decide(browser("rensa"), grant, "refused").status_code == 302
    assert decide(browser("rensa"), grant).status_code == 422
    assert ("team_leader", "north") not in held(VESSIN.id)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("decision", ["", "ended", "Confirmed", "confirmed "])
def test_a_decision_is_one_of_two(browser: Browser, decision: str) -> None:
    browser("odhal").post(f"/people/{VESSIN.id}/grants", LEADER)
    before = entries()
    assert decide(browser("rensa"), newest(VESSIN.id), decision).status_code == 422
    assert entries() == before


@pytest.mark.sqlite_only
@pytest.mark.access
def test_one_administrator_alone_gets_nowhere(mission: Mission) -> None:
    """He asks for what he likes, for himself or for somebody he made up; it waits for a head of office."""
    ferro, nils = mission("ferro"), persona("ferro").id
    ferro.post(f"/people/{nils}/grants", {"role": "head_of_office", "place": "north"})
    assert decide(ferro, newest(nils)).status_code == 403
    added = ferro.post("/people/add", {"name": "Made Up", "body": "mission_civilian"})
    made_up = UUID(added.headers["Location"].rpartition("/")[2])
    ferro.post(f"/people/{made_up}/grants", {"role": "head_of_office", "place": "north"})
    puppet = Client(SERVER_NAME="localhost")
    puppet.post("/enrol", {"code": logins.issue_code(made_up), "name": "puppet", "password": PASSWORD})
    assert decide(puppet, newest(nils)).status_code == 403
    assert held(nils) == [("administrator", EVERYWHERE)] and held(made_up) == []


@pytest.mark.sqlite_only
@pytest.mark.access
def test_a_head_of_office_decides_in_her_own_province_alone(mission: Mission) -> None:
    who = persona("tirel").id
    mission("ferro").post(f"/people/{who}/grants", {"role": "base_commander", "place": "south"})
    grant, rensa = newest(who), mission("rensa")
    assert decide(rensa, grant).status_code == 404
    assert rensa.post(f"/grants/{grant}/end", {"reason": "Not mine"}).status_code == 404
    assert rensa.post(f"/people/{who}/left", {"reason": "Not mine"}).status_code == 404
    assert held(who) == [("team_leader", "south")]


@pytest.mark.sqlite_only
@pytest.mark.access
@pytest.mark.parametrize("code", ["odhal", "kestra", "malket", "joubrel"])
def test_whoever_may_not_see_people_sees_nobody(mission: Mission, code: str) -> None:
    made, who = mission(code), persona("ferro")
    for url in ("/people", f"/people/{who.id}"):
        response = made.get(url)
        assert response.status_code == 403 and who.name not in body(response)
    before = entries()
    for verb in ("rename", "grants", "left", "code", "withdraw", "teams"):
        told = {"name": "Nobody", "reason": "No reason", **LEADER}
        assert made.post(f"/people/{who.id}/{verb}", told).status_code == 403
    assert entries() == before


# The end of a role.


@pytest.mark.sqlite_only
@pytest.mark.parametrize("reason", [None, "", "  ", "x" * 201])
def test_an_end_has_a_reason(browser: Browser, reason: str | None) -> None:
    told = {} if reason is None else {"reason": reason}
    grant, made, before = newest(VESSIN.id), browser(), entries()
    assert made.post(f"/grants/{grant}/end", told).status_code == 422
    assert made.post(f"/people/{VESSIN.id}/left", told).status_code == 422
    assert entries() == before and browser("vessin").get("/tasks").status_code == 200


def why_of(who: UUID) -> list[str]:
    """The reasons in somebody's history: they stand in the entries, and on no list."""
    return [event.reason for event in ledger.history("accounts.Person", who)]


@pytest.mark.sqlite_only
@pytest.mark.access
def test_a_role_that_has_ended_counts_for_nothing_at_the_next_request(mission: Mission) -> None:
    dusane, who = mission("dusane"), persona("dusane").id
    assert dusane.get("/tasks").status_code == 200
    ended = mission("rensa").post(f"/grants/{newest(who)}/end", {"reason": "Another post"}, follow=True)
    assert "It counts for nothing from now." in body(ended) and "Another post" in why_of(who)
    assert dusane.get("/tasks").status_code == 403
    assert dusane.post("/tasks/add", {"title": "x", "compartment": "north"}).status_code == 403


@pytest.mark.sqlite_only
def test_people_that_are_not_there_are_not_found(browser: Browser) -> None:
    made, nobody = browser(), UUID(int=9)
    assert made.get(f"/people/{nobody}").status_code == 404
    for verb in ("rename", "grants", "left", "code", "withdraw"):
        told = {"name": "Nobody", "reason": "No reason", **LEADER}
        assert made.post(f"/people/{nobody}/{verb}", told).status_code == 404, verb
    for verb in ("decide", "end"):
        told = {"decision": "confirmed", "reason": "No reason"}
        assert made.post(f"/grants/{nobody}/{verb}", told).status_code == 404


# The commander who left.


@pytest.mark.access
def test_the_commander_who_left(node: Node, clock: SetClock) -> None:
    """Ana commands a base, and is signed in at two machines. On Friday she leaves the mission.

    The head of office ends her roles; at her next request she is out, at both. What she wrote stays, under her name.
    """
    with queries.at_console(CONSOLE):
        ana = actions.add_person(by=CONSOLE, code="ana", name="Ana Kelmi", body="mission_military")
        actions.ask_grant(ana, Role.BASE_COMMANDER, "north", by=CONSOLE)
    add_one("rensa", (Role.HEAD_OF_OFFICE, "north"))
    logins.enrol(logins.issue_code(ana), "ana", PASSWORD, address="192.0.2.1")
    desk_machine, radio_room, rensa = (
        Client(SERVER_NAME="localhost", headers={"accept-language": "en"}) for _ in "abc"
    )
    for machine in (desk_machine, radio_room):
        assert machine.post("/sign-in", {"name": "ana", "password": PASSWORD}).status_code == 302
    signed_in(rensa, "rensa")

    desk_machine.post("/tasks/add", {"title": "Patrol to Telwa", "compartment": "north"})
    task = desk.open_tasks(reader("north"))[0].id
    radio_room.post(f"/tasks/{task}/step", {"kind": "noted", "noted-words": "The bridge holds"})
    clock.advance(MINUTE)
    before = entries()

    answer = rensa.post(f"/people/{ana}/left", {"reason": "Rotated out on Friday"}, follow=True)
    assert "All roles have ended." in body(answer) and held(ana) == []
    assert entries() == before + 1

    for machine in (desk_machine, radio_room):
        assert machine.get(f"/tasks/{task}").headers["Location"].startswith("/sign-in?next=")
        refused = machine.post(f"/tasks/{task}/step", {"kind": "done", "done-words": "Typed too late"})
        assert refused.status_code == 403 and "Typed too late" in body(refused)
        assert machine.post("/sign-in", {"name": "ana", "password": PASSWORD}).status_code == 422
    assert entries() == before + 1

    page = body(rensa.get(f"/tasks/{task}"))
    assert "Patrol to Telwa" in page and "The bridge holds" in page
    assert page.count("Ana Kelmi") >= 2
    assert "Rotated out on Friday" in why_of(ana) and "ended" in page_of(rensa, ana)
    report = verify.verify(node, tables=True)
    assert report.ok, report.findings


@pytest.mark.access
def test_control_a_commander_who_stays_goes_on(node: Node) -> None:
    """The same, but it is another commander who left."""
    add_one("rensa", (Role.HEAD_OF_OFFICE, "north"))
    add_one("dusane", (Role.BASE_COMMANDER, "north"))
    add_one("brahane", (Role.BASE_COMMANDER, "north"))
    enrolled("dusane")
    machine, rensa = Client(SERVER_NAME="localhost"), signed_in(Client(SERVER_NAME="localhost"), "rensa")
    machine.post("/sign-in", {"name": "dusane", "password": PASSWORD})
    rensa.post(f"/people/{persona('brahane').id}/left", {"reason": "Rotated out"})
    assert machine.get("/tasks").status_code == 200
    assert machine.post("/tasks/add", {"title": "x", "compartment": "north"}).status_code == 302


@pytest.mark.sqlite_only
@pytest.mark.access
def test_who_left_another_node_is_out_here_as_soon_as_it_is_known(nodes: Nodes) -> None:
    """Sessions stay where they are; the roles behind them go."""
    with nodes.make().use():
        bring_six()
        made = signed_in(Client(SERVER_NAME="localhost"), "odhal")
        assert made.get("/tasks").status_code == 200
        actions.leave(ODHAL.id, by=RENSA.id, reason="Rotated out")
        assert made.get("/tasks").status_code == 403
        assert made.get("/", follow=True).status_code == 200


# Codes that wait.


@pytest.mark.access
@pytest.mark.sqlite_only
def test_a_code_that_waits_is_shown_to_whoever_may_confirm_it(mission: Mission) -> None:
    waits, ferro = "codes that wait for a second person", mission("ferro")
    assert waits not in body(mission("rensa").get("/people"))
    ferro.post(f"/people/{persona('telwe').id}/code")
    assert waits in body(mission("rensa").get("/people"))
    assert waits not in body(ferro.get("/people")) and waits not in body(mission("telwe").get("/people"))
    mission("rensa").post(f"/people/{persona('telwe').id}/code/confirm")
    assert waits not in body(mission("rensa").get("/people"))


@pytest.mark.access
@pytest.mark.sqlite_only
def test_ones_own_team_stands_first_where_something_is_handed_over(mission: Mission) -> None:
    task = written.add_task(compartment="north", by=persona("odhal").id, title="Patrol to Telwa")
    odhal = mission("odhal")
    before = handed_to(odhal, task)
    with queries.at_console(CONSOLE):
        team = actions.add_team(by=CONSOLE, name="Night watch", place="north")
        for code in ("odhal", "solenne"):
            actions.join_team(team, persona(code).id, by=CONSOLE)
    after = handed_to(odhal, task)
    assert before[0] != persona("solenne").id == after[0] and sorted(before) == sorted(after)


def handed_to(made: Client, task: UUID) -> list[UUID]:
    """Whom the form offers, in its order."""
    return [UUID(one) for one in re.findall(r'<option value="([0-9a-f-]{36})"', body(made.get(f"/tasks/{task}")))]


def test_somebody_is_added_with_the_language_of_their_screens(browser: Browser) -> None:
    made = browser("korum")
    told = {"name": "Newcomer", "body": "mission_civilian"}
    for number, (given, kept) in enumerate([({"language": "en"}, "en"), ({"language": "fr"}, "fr"), ({}, "fr")]):
        made.post("/people/add", {**told, **given, "name": f"Newcomer {number}"})
        found = next(row for row in queries.persons() if row["name"] == f"Newcomer {number}")
        assert found["language"] == kept
    assert made.post("/people/add", {**told, "language": "xx"}).status_code == 422
