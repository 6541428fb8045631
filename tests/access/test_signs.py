"""What stands in one province turns up on no page of the other, and words on none for those without (T-A-05)."""

from __future__ import annotations

import re

import pytest

from tests.access import loop, matrix
from tests.access.asks import ASKS, BY_KEY
from tests.access.matrix import Answers
from tests.access.world import BY_ROLE, COLUMNS, CONSOLE, SIGNS, Signs, World, id_of
from ulinzi.accounts import actions, queries, rules
from ulinzi.accounts.rules import Act, Role
from ulinzi.alerts import queries as alerts
from ulinzi.desk import queries as desk
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.history import Event
from ulinzi.ledger.models import Conflict
from ulinzi.ledger.shapes import Row
from ulinzi.messages import queries as messages
from ulinzi.places import queries as places
from ulinzi.reports import queries as reports
from ulinzi.responses import queries as responses

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]

PAGES = [one for one in ASKS if one.method == "GET"]


def test_nothing_of_the_other_province_and_no_closed_words_on_any_page(answers: Answers) -> None:
    assert sorted(answers.leaks) == []


def test_every_sign_is_somewhere_for_somebody(answers: Answers) -> None:
    """A sign that no page shows would prove nothing. None of the personas decides what is erased in the south, and none
    deals with what comes in there.
    """
    nobodys = {SIGNS["south"].text(one) for one in ("asked-basis", "refusal", *Signs.INBOX)}
    assert {sign for signs in SIGNS.values() for sign in signs.all} - answers.signs == nobodys


def test_those_without_words_have_no_words_in_the_title_of_a_page(here: World) -> None:
    for role in ("leadership", "headquarters_analyst"):
        page = here.send(id_of(BY_ROLE[role]), "GET", f"/tasks/{here.standing['north'].task}").content.decode()
        found = re.search("<title>(.*?)</title>", page, re.S)
        assert found and SIGNS["north"].text("number") in found[1]
        assert "Words not for your role" in page


def test_the_reason_of_an_erasure_is_words_too(here: World) -> None:
    url, sign = f"/tasks/{here.standing['north'].erased}", SIGNS["north"].text("erasure-basis")
    assert sign in here.send(id_of(BY_ROLE["watch_officer"]), "GET", url).content.decode()
    assert sign not in here.send(id_of(BY_ROLE["leadership"]), "GET", url).content.decode()


def test_why_a_role_ended_is_for_those_who_may_end_it_and_read_words(here: World) -> None:
    """An administrator may end it too, and a protection adviser may read words: each half is not enough."""
    url, sign = f"/people/{here.standing['north'].holder}", SIGNS["north"].text("end-reason")
    pages = {str(one.role): here.send(id_of(one), "GET", url).content.decode() for one in COLUMNS}
    readers = {role for role, page in pages.items() if sign in page}
    assert readers == {"head_of_office", "security_officer"}
    assert "Words not for your role" in pages["administrator"]


def test_choices_of_people_say_nothing_about_other_provinces(here: World) -> None:
    """Whom to hand a task to: only who may have it, with the roles that hold there."""
    both = here.someone("north", "Held in both")
    actions.ask_grant(both, Role.HUMAN_RIGHTS_OFFICER, "south", by=CONSOLE)
    page = here.send(id_of(BY_ROLE["watch_officer"]), "GET", f"/tasks/{here.task('north')}").content.decode()
    option = re.search(r"<option[^>]*>(Held in both[^<]*)</option>", page)
    assert option and "liaison" in option[1].lower() and "human rights" not in option[1].lower()
    assert not [sign for sign in SIGNS["south"].all if sign in page]


# What the network and the inbox keep to themselves.


def test_the_number_of_a_telephone_is_on_no_page_and_a_word_leads_to_it_once(here: World) -> None:
    """Shown on the duty phone's own page, which is the gateway's."""
    written, number = here.standing["north"].loop.written, loop.NUMBERS["north"][1]
    url = f"/inbox/{written}/dial"
    page = here.send(id_of(BY_ROLE["watch_officer"]), "POST", url, {"how": "show"}).content.decode()
    word = re.search(r'class="handed">(\w+)<', page)
    assert word and number[1:] not in page
    assert [here.exchange.gateway.show(word[1]) for _ in range(2)] == [number, None]


def test_a_role_elsewhere_opens_no_village_here(here: World) -> None:
    """Whoever commands a base in the north and leads a team in the south is no reader of the north's network."""
    both = here.someone("north", "Held in both", Role.BASE_COMMANDER)
    actions.ask_grant(both, Role.TEAM_LEADER, "south", by=CONSOLE)
    north, south = (here.standing[place].loop for place in ("north", "south"))
    asked = [f"/places/communities/{north.community}", f"/places/bases/{north.base}", f"/inbox/{north.message}"]
    assert [here.send(both, "GET", url).status_code for url in asked] == [404, 404, 403]
    pages = "".join(here.send(both, "GET", url).content.decode() for url in ("/network", "/places?q=sign", "/watch"))
    assert not [one for one in SIGNS["north"].not_for("base_commander") if one in pages]
    # Control: the same addresses in the south, where the role holds.
    assert here.send(both, "GET", f"/places/communities/{south.community}").status_code == 200


# Controls: each leak is found.


def leaks(here: World, role: str) -> set[str]:
    return {one.sign for one in matrix.ask_all(here, PAGES, [BY_ROLE[role]]).leaks}


def test_control_with_everything_in_place_there_is_none(here: World) -> None:
    assert leaks(here, "head_of_office") == leaks(here, "leadership") == set()


def test_control_a_history_with_its_words_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def open_to(reader: rules.Rights, row: object, event: Event) -> Event:
        return event

    monkeypatch.setattr(desk, "_event_open_to", open_to)
    assert leaks(here, "leadership") >= {SIGNS["north"].text(one) for one in ("step-words", "erasure-basis", "title")}


def test_control_two_titles_shown_to_everybody_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "groups", lambda row, reader, found=None: ledger.groups_of("desk.Task", row["id"]))
    assert SIGNS["north"].text("second-title") in leaks(here, "leadership")


def test_control_codes_shown_with_messages_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An adviser reads what was written, and is not told by whom."""
    real = messages._origin
    monkeypatch.setattr(messages, "_origin", lambda source, reader: real(source, rules.Rights(CONSOLE, all=True)))
    assert SIGNS["north"].text("source-code") in leaks(here, "provincial_adviser")


def test_control_codes_on_the_page_of_the_network_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = {**rules.PLACED, Role.HEAD_OF_OFFICE: rules.PLACED[Role.HEAD_OF_OFFICE] | {Act.SEE_SOURCES}}
    monkeypatch.setattr(rules, "PLACED", placed)
    assert SIGNS["north"].text("source-code") in leaks(here, "head_of_office")


def test_control_messages_for_those_who_answer_alerts_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    more = rules.PLACED[Role.BASE_COMMANDER] | {Act.SEE_MESSAGES}
    monkeypatch.setattr(rules, "PLACED", {**rules.PLACED, Role.BASE_COMMANDER: more})
    assert leaks(here, "base_commander") >= {SIGNS["north"].text(one) for one in ("raw", "raw-written", "aside-words")}


def test_control_words_of_alerts_that_are_not_withheld_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (alerts, reports, responses):
        monkeypatch.setattr(module, "withhold", lambda shape, row, rights, act: Row({**row, "withheld": frozenset()}))
    assert leaks(here, "leadership") >= {SIGNS["north"].text(one) for one in Signs.SAID}


def test_control_villages_for_those_who_only_answer_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    more = rules.PLACED[Role.BASE_COMMANDER] | {Act.SEE_NETWORK}
    monkeypatch.setattr(rules, "PLACED", {**rules.PLACED, Role.BASE_COMMANDER: more})
    assert leaks(here, "base_commander") >= {SIGNS["north"].text(one) for one in ("spare-community", "position")}


def test_control_a_number_on_a_page_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told = lambda message: loop.NUMBERS["north"][0]  # noqa: E731
    monkeypatch.setattr(messages, "words", told)
    assert loop.NUMBERS["north"][0][1:] in leaks(here, "watch_officer")


def test_control_areas_of_every_province_are_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = places.areas
    monkeypatch.setattr(places, "areas", lambda compartments: real(["north", "south"]))
    names = ("area", "spare-area", "ground-area")
    assert leaks(here, "watch_officer") == {SIGNS["south"].text(one) for one in names}


def test_control_people_of_every_province_to_choose_from_are_found(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = queries.with_act

    def forgetful(act: Act, compartment: str, among: object = None) -> list:
        return real(act, "north") + real(act, "south")

    monkeypatch.setattr("ulinzi.web.forms.accounts.with_act", forgetful)
    assert SIGNS["south"].text("holder") in leaks(here, "watch_officer")


def test_control_problems_and_conflicts_of_every_province_are_found(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = desk.tasks
    monkeypatch.setattr("ulinzi.web.system.ledger.conflicts", _all_conflicts)
    monkeypatch.setattr(desk, "tasks", lambda records, reader: real(records, rules.Rights(CONSOLE, all=True)))
    told = matrix.ask_all(here, [BY_KEY["system GET"]], [BY_ROLE["head_of_office"]])
    assert SIGNS["south"].text("number") in {one.sign for one in told.leaks}


def _all_conflicts(compartments: list[str]) -> list:
    return list(Conflict.objects.order_by("id").values("record", "root", "model", "compartment", "group"))
