"""What happened to any record, read as lines: who, what, when, why; in both languages, a hundred at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.utils.translation import override

from tests.accounts.people import CONSOLE, add, administrator, head
from tests.ledger.test_hostile import born, new_id, told_by_a_stranger, written
from tests.nodes import NOON, person
from tests.web.conftest import Browser
from tests.web.test_board import body
from ulinzi import ledger as door
from ulinzi.accounts import actions, queries
from ulinzi.accounts.models import Grant, Person
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.desk import actions as desk
from ulinzi.desk.rules import Step, What
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SetClock
from ulinzi.ledger import codec
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.ledger.records import shapes
from ulinzi.places import actions as places
from ulinzi.places import queries as areas
from ulinzi.web import days, labels, people, profile, timeline, told
from ulinzi.web.timeline import Line

ANA, BORI = person("ana"), person("bori")
MARK = "[U+202E]"


# Every action in words.

TOLD = {
    "desk.add_task": ("added the task.", "a ajouté la tâche."),
    "desk.edit_task": ("changed it.", "l’a modifiée."),
    "desk.settle": ("settled two values.", "a tranché entre deux valeurs."),
    "desk.taken": ("took it.", "l’a prise en charge."),
    "desk.handed_over": ("handed it over to Ana Kelmi.", "l’a transmise à Ana Kelmi."),
    "desk.noted": ("wrote a note.", "a écrit une note."),
    "desk.done": ("did it.", "l’a faite."),
    "desk.set_aside": ("set it aside.", "l’a laissée de côté."),
    "desk.reopened": ("opened it again.", "l’a rouverte."),
    "desk.undone": ("undid a step: Take", "a annulé une étape : Prendre"),
    "desk.ask_erasure": ("asked for something to be erased.", "a demandé d’effacer quelque chose."),
    "desk.decline_erasure": ("declined to erase something.", "a refusé d’effacer quelque chose."),
    "desk.erase_words": ("erased the words.", "a effacé les mots."),
    "desk.erase_task": ("erased the task.", "a effacé la tâche."),
    "desk.import_task": ("brought it in from a sheet.", "l’a importée depuis un tableau."),
    "accounts.add_person": ("wrote the person down.", "a inscrit la personne."),
    "accounts.rename": ("changed the name.", "a changé le nom."),
    "accounts.ask_grant": ("asked for a role.", "a demandé un rôle."),
    "accounts.confirm_grant": ("confirmed a role.", "a confirmé un rôle."),
    "accounts.refuse_grant": ("refused a role.", "a refusé un rôle."),
    "accounts.end_grant": ("ended a role.", "a mis fin à un rôle."),
    "accounts.leave": ("ended every role.", "a mis fin à tous les rôles."),
    "accounts.erase_name": ("erased a name.", "a effacé un nom."),
    "accounts.add_team": ("wrote the team down.", "a inscrit l’équipe."),
    "accounts.join_team": ("put somebody into the team.", "a fait entrer quelqu’un dans l’équipe."),
    "accounts.leave_team": ("took somebody out of the team.", "a fait sortir quelqu’un de l’équipe."),
    "places.add_area": ("added the area.", "a ajouté la zone."),
    "places.import_area": ("brought the area in from a sheet.", "a repris la zone d’un tableau."),
}
# Of records whose history no page tells yet.
YET = {
    "places.add_community": ("wrote the community down.", "a inscrit la communauté."),
    "places.edit_community": ("changed it.", "l’a modifiée."),
    "places.add_base": ("wrote the base down.", "a inscrit la base."),
    "places.edit_base": ("changed it.", "l’a modifiée."),
    "network.enrol_source": ("enrolled the source.", "a enrôlé la source."),
    "network.unknown_source": ("heard from somebody not known.", "a reçu un message d’une personne inconnue."),
    "network.set_contact": ("said whether the source may be called.", "a dit si l’on peut appeler la source."),
    "network.withdraw_source": ("wrote down that the source withdrew.", "a inscrit que la source s’est retirée."),
    "network.add_liaison": ("gave a liaison assistant a post.", "a donné un poste à un assistant de liaison."),
    "network.edit_liaison": ("changed the post.", "a modifié le poste."),
    "network.end_liaison": ("ended the post.", "a mis fin au poste."),
    "network.add_shift": ("wrote a shift down.", "a inscrit un quart."),
    "network.call_off": ("called the shift off.", "a annulé le quart."),
}


def lines_of(label: str, record: UUID, **options: Any) -> list[Line]:
    people.forget()
    return timeline.lines(ledger.history(label, record), areas={}, own=frozenset(), **options)


def desk_story() -> list[UUID]:
    """A task to which everything happens, one from a sheet, and one that is erased whole."""
    ana = add("Ana Kelmi", (Role.TEAM_LEADER, "north"))
    task = desk.add_task(compartment="north", by=ANA, title="Call back Telwa")
    seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
    desk.edit_task(task, by=ANA, seen=seen, title="North side")
    desk.edit_task(task, by=BORI, seen=seen, keep_both=True, title="South side")
    now = {"words": ledger.groups_of("desk.Task", task)["words"].dots}
    desk.settle(task, by=ANA, seen=now, title="South side")
    taken = desk.step(task, Step.TAKEN, by=ANA)
    desk.undo(task, taken, by=ANA)
    desk.step(task, Step.HANDED_OVER, by=ANA, to=ana)
    desk.step(task, Step.NOTED, by=ANA, words="No answer")
    desk.step(task, Step.DONE, by=ANA)
    desk.step(task, Step.REOPENED, by=ANA, words="Another village")
    desk.step(task, Step.SET_ASIDE, by=ANA, words="Somebody went")
    desk.erase_words(task, by=ANA, basis="rule 4", second=BORI)
    gone = desk.add_task(compartment="north", by=ANA, title="Gone")
    desk.erase_task(gone, by=ANA, basis="rule 4", second=BORI)
    desk.import_tasks([{"reference": "R1", "title": "From a sheet"}], compartment="north", by=ANA)
    return [task, gone, desk.task_id("north", "R1")]


def person_story() -> UUID:
    asha, hodan, leader = administrator(), head(), add("Lior", (Role.LEADERSHIP, EVERYWHERE))
    with queries.at_console(CONSOLE):
        who = actions.add_person(by=CONSOLE, name="Bela Ostin", body="mission_civilian")
    actions.rename(who, by=asha, name="Bela Ostin-Kor")
    first = actions.ask_grant(who, Role.TEAM_LEADER, "north", by=asha)
    actions.decide_grant(first, "confirmed", by=hodan)
    second = actions.ask_grant(who, Role.WATCH_OFFICER, "north", by=asha)
    actions.decide_grant(second, "refused", by=hodan)
    actions.end_grant(first, by=hodan, reason="Another post")
    third = actions.ask_grant(who, Role.WOMEN_ADVISER, "north", by=asha)
    actions.decide_grant(third, "confirmed", by=hodan)
    with queries.at_console(CONSOLE):
        actions.leave(who, by=CONSOLE, reason="Rotated out")
    adviser = add("Ines", (Role.SENIOR_ADVISER, EVERYWHERE))
    asked = desk.ask_erasure(What.NAME, who, by=leader, basis="asked by the person")
    desk.confirm_erasure(asked, by=adviser)
    return who


def erasure_story() -> UUID:
    task = desk.add_task(compartment="north", by=ANA, title="Keep it")
    asked = desk.ask_erasure(What.TASK, task, by=ANA, basis="rule 4")
    desk.decline_erasure(asked, by=BORI, reason="still needed")
    return asked


def team_story() -> UUID:
    who = add("Ilan Soro")
    with queries.at_console(CONSOLE):
        team = actions.add_team(by=CONSOLE, name="Night desk", place="north")
        actions.leave_team(actions.join_team(team, who, by=CONSOLE), by=CONSOLE)
    return team


def area_story() -> UUID:
    area = places.add_area(compartment="north", code="T", name="Telwa", kind="area", by=ANA)
    changed = {"code": "T", "name": "Telwa-by-the-river", "kind": "district"}
    places.import_areas([changed], compartment="north", by=ANA)
    return area


def told_in(language: str, records: list[tuple[str, UUID]]) -> dict[str, str]:
    """The sentence of each action that these records have seen."""
    with override(language):
        events = [(event.action, line.what) for one in records for event, line in pairs(*one)]
        return {str(action): what for action, what in events if action}


def pairs(label: str, record: UUID) -> Iterator[tuple[Any, Line]]:
    return zip(ledger.history(label, record), lines_of(label, record), strict=True)


@pytest.mark.sqlite_only
def test_each_action_has_its_sentence_in_both_languages(node: Node) -> None:
    records = [("desk.Task", task) for task in desk_story()] + [("accounts.Person", person_story())]
    records += [("accounts.Team", team_story()), ("places.Area", area_story()), ("desk.Erasure", erasure_story())]
    assert told_in("en", records) == {action: said for action, (said, _) in TOLD.items()}
    assert told_in("fr", records) == {action: said.replace(" :", "\u00a0:") for action, (_, said) in TOLD.items()}


def test_no_action_is_left_out_of_the_table() -> None:
    assert set(TOLD) | set(YET) == set(labels.ACTIONS)
    for place, language in enumerate(("en", "fr")):
        with override(language):
            assert {one: str(labels.ACTIONS[one]) for one in YET} == {one: said[place] for one, said in YET.items()}


def test_every_field_group_and_code_has_a_word() -> None:
    fields = {one.name for shape in told.SHAPES.values() for one in shape.fields if shape.label != "desk.Step"}
    assert fields - set(labels.FIELDS) == set()
    assert {group.name for shape in told.SHAPES.values() for group in shape.groups} - set(labels.GROUPS) == set()
    for (label, name), words in told.CODES.items():
        assert set(told.SHAPES[label].field[name].choices) <= set(words), (label, name)


def test_every_record_of_the_product_is_told() -> None:
    """A model that is forgotten here would show its codes and ids as the machine writes them."""
    apps = {one.rpartition(".")[2] for one in settings.INSTALLED_APPS if one.startswith("ulinzi.")}
    assert {one.label for one in shapes() if one.label.partition(".")[0] in apps} == set(told.SHAPES)


def test_every_code_of_every_record_is_in_the_list() -> None:
    """A code without words would be shown to people as the machine writes it."""
    coded = {(label, one.name) for label, shape in told.SHAPES.items() for one in shape.fields if one.choices}
    assert coded - set(told.CODES) == {("accounts.Grant", "role")}  # in the mission's own words, if it has some


# What stands under the sentence.


@pytest.mark.sqlite_only
def test_a_role_is_told_by_who_what_where_and_nothing_twice(node: Node) -> None:
    """Who asked and when stand at the head of the line; below it, which role. An end says which role it ended."""
    asha, hodan = administrator(), head()
    who = add("Bela Ostin")
    grant = actions.ask_grant(who, Role.TEAM_LEADER, "north", by=asha)
    actions.decide_grant(grant, "confirmed", by=hodan)
    actions.end_grant(grant, by=hodan, reason="Another post")
    with override("en"):
        found = [(line.who, line.what, line.values, line.why) for line in lines_of("accounts.Person", who)[1:]]
        role = [("Role", f"joint protection team leader, {profile.office('north')}")]
    assert found == [
        ("Asha", "asked for a role.", role, ""),
        ("Hodan", "confirmed a role.", role, ""),
        ("Hodan", "ended a role.", role, "Another post"),
    ]


@pytest.mark.sqlite_only
def test_control_what_the_head_of_a_line_does_not_say_stands_below_it(node: Node) -> None:
    """Another node may say that somebody else decided, another day: then it is told, and not believed."""
    who = add("Bela Ostin")
    with door.unit("accounts.confirm_grant", by=ANA) as unit:
        row = unit.load(Person, who)
        decided = {"decided_by": BORI, "decided_at": NOON - DAY, "decision": "refused"}
        unit.add(Grant, root=row, role="partner", place="south", asked_by=BORI, asked_at=NOON - DAY, **decided)
    with override("en"):
        values = dict(lines_of("accounts.Person", who)[-1].values)
    stranger = f"person {str(BORI)[:8]}, not known here"
    assert values["Role"].startswith("partner, South") and values["Decision"] == "refused"
    assert values["Asked for by"] == values["Decided by"] == stranger
    assert values["Asked for at"] == values["Decided at"] == "20/09/2026 16:13"


@pytest.mark.sqlite_only
def test_two_roles_are_never_taken_for_one_another(node: Node) -> None:
    """What was written before is that of the same record: a second role is not told as a change of the first."""
    who = add("Bela Ostin", (Role.TEAM_LEADER, "north"), (Role.TEAM_LEADER, "south"))
    with queries.at_console(CONSOLE):
        actions.leave(who, by=CONSOLE, reason="Rotated out")
    with override("en"):
        asked, again, gone = (line.values for line in lines_of("accounts.Person", who)[1:])
        north, south = (f"joint protection team leader, {profile.office(place)}" for place in ("north", "south"))
    assert ("Role", north) in asked and ("Role", south) in again
    assert sorted(gone) == [("Role", north), ("Role", south)]


@pytest.mark.sqlite_only
def test_members_areas_and_people_are_told_by_their_names(node: Node) -> None:
    with override("en"):
        _made, joined, left = lines_of("accounts.Team", team_story())
        assert joined.values == left.values == [("Member", "Ilan Soro")]
        _added, changed = lines_of("places.Area", area_story())
        assert changed.values == [("Name", "Telwa-by-the-river"), ("Kind", "district")]
        assert ("Works for", "the mission, civilian") in lines_of("accounts.Person", add("Ana"))[0].values


@pytest.mark.sqlite_only
def test_an_area_that_is_part_of_another_says_which(node: Node) -> None:
    sheet = [{"code": "D", "name": "Davissa", "kind": "district"}]
    places.import_areas(sheet, compartment="north", by=ANA)
    places.import_areas([{"code": "T", "name": "Telwa", "kind": "area", "parent": "D"}], compartment="north", by=ANA)
    events = ledger.history("places.Area", places.area_id("north", "T"))
    named = areas.names(timeline.refs_in(events))
    with override("en"):
        known, unknown = (timeline.lines(events, areas=one, own=frozenset())[0].values for one in (named, {}))
    assert ("Part of", "Davissa") in known and ("Part of", "an area that is not here") in unknown


@pytest.mark.sqlite_only
def test_what_was_erased_says_that_it_was_there(node: Node) -> None:
    found = lines_of("accounts.Person", person_story())
    assert [line.erased for line in found][:2] == [True, True]
    assert all("Ostin" not in str(vars(line)) for line in found)
    assert found[-1].why == "asked by the person" and "Lior" in str(found[-1].values)


# What others wrote.

PERSON, GRANT = 4, 5
TURNED = "\u202ewarlord"


def foreign_grant(node: Node, who: UUID, *, role: str = TURNED, place: str = TURNED) -> None:
    """A role that no version here knows, written by another node at another hour."""
    grant = new_id("mission")
    wire = {1: role, 2: place, 3: BORI.bytes, 4: NOON - HOUR}
    parts = (born(GRANT, grant.bytes, who.bytes), written(GRANT, grant.bytes, 1, wire))
    told_by_a_stranger(node, "mission", *parts)


def test_what_nobody_here_knows_is_shown_as_it_came_and_acts_on_nothing(browser: Browser, node: Node) -> None:
    who = add("Bela Ostin")
    foreign_grant(node, who)
    page = body(browser().get(f"/people/{who}")).split('id="log-head"')[1]
    assert f"{MARK}warlord, {MARK}warlord" in page and "\u202e" not in page
    assert "Written on another machine" in page
    assert f"person {str(BORI)[:8]}, not known here" in page


@pytest.mark.sqlite_only
def test_a_group_of_a_newer_version_is_said_to_be_one(browser: Browser, node: Node) -> None:
    who = add("Bela Ostin")
    newer = codec.write_body(PERSON, who.bytes, 9, 77, None, {91: "from the future"})
    told_by_a_stranger(node, "mission", codec.part(codec.WRITE, b"saltsalt", newer))
    assert [line.newer for line in lines_of("accounts.Person", who)] == [False, True]
    page = body(browser().get(f"/people/{who}"))
    assert "A newer version wrote something here" in page and "from the future" not in page


@pytest.mark.sqlite_only
def test_a_name_that_is_markup_stays_text_in_every_line(browser: Browser) -> None:
    made = browser()
    made.post("/people/add", {"name": f"<b>Bela</b>{TURNED}", "body": "partner"})
    who = next(row["id"] for row in queries.persons() if "Bela" in (row["name"] or ""))
    page = body(made.get(f"/people/{who}")).split('id="log-head"')[1]
    assert f"<bdi>&lt;b&gt;Bela&lt;/b&gt;{MARK}warlord</bdi>" in page and "<b>Bela" not in page


@pytest.mark.sqlite_only
def test_two_values_that_did_not_see_each_other_are_marked_and_no_others(browser: Browser, node: Node) -> None:
    made, who = browser(), add("Bela Ostin")
    seen = {"name": ledger.groups_of("accounts.Person", who)["name"].dots}
    for name, both in (("Bela North", False), ("Bela South", True)):
        with door.unit("accounts.rename", by=ANA) as unit:
            unit.put(Person, unit.load(Person, who), seen=seen, keep_both=both, name=name)
    marked = [one for one in entries_on(body(made.get(f"/people/{who}"))) if "without seeing" in one]
    assert len(marked) == 2 and "Bela North" in "".join(marked) and "Bela South" in "".join(marked)


# Said and written, days.


@pytest.mark.sqlite_only
def test_days_are_heads_and_a_time_of_another_day_says_so(browser: Browser, clock: SetClock) -> None:
    task = desk.add_task(compartment="north", by=ANA, title="Call back Telwa")
    clock.advance(DAY)
    desk.step(task, Step.NOTED, by=ANA, words="Heard it", at=clock.now() - 30 * MINUTE)
    desk.step(task, Step.NOTED, by=ANA, words="Seen before", at=clock.now() - 20 * HOUR)
    page = body(browser().get(f"/tasks/{task}"))
    heads = re.findall(r'<h3 class="day">(.*?)</h3>', page)
    assert heads == ["Today, 22/09/2026", "Yesterday, 21/09/2026"]
    older, newer, _first = entries_on(page)
    assert times_in(older) == ["21/09 20:13", "16:13"] and "20 h later" in older
    assert times_in(newer) == ["15:43", "16:13"] and "30 min later" in newer


def times_in(entry: str) -> list[str]:
    return re.findall(r"<time[^>]*>(.*?)</time>", entry)


def entries_on(page: str) -> list[str]:
    """The lines of a timeline, as they stand on a page."""
    log = page.split('id="log-head"')[1].split("</section>")[0]
    return [unescape(one) for one in re.findall(r"<li(?: class=\"undone\")?>(.*?)</li>", log, re.S)]


# A hundred at a time.


def made_up(count: int, *, step: int = MINUTE) -> list[Line]:
    """The newest first."""
    return [Line(at, at, "Ana", "took it.", (at, b"feed", at)) for at in range(NOON, NOON - count * step, -step)]


@dataclass
class Walk:
    pages: int
    seen: list[tuple[int, bytes, int]]


def walk(lines: list[Line]) -> Walk:
    """From the newest page to the oldest, by what each page says comes next."""
    found, before, pages = [], "", 0
    while True:
        log = days.cut(lines, before=before)
        found += [line.key for day in log.days for line in day.lines]
        pages += 1
        assert log.shown <= days.MOST and log.total == len(lines)
        if not log.older:
            return Walk(pages, found)
        before = log.older


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (100, 1), (101, 2), (500, 5), (1001, 11)])
def test_every_entry_stands_on_one_page(count: int, pages: int) -> None:
    lines = made_up(count)
    assert walk(lines) == Walk(pages, [line.key for line in lines])


def test_many_entries_of_one_moment_are_parted_too() -> None:
    lines = [Line(NOON, NOON, "Ana", "x", (NOON, b"feed", seq)) for seq in range(250, 0, -1)]
    assert walk(lines) == Walk(3, [line.key for line in lines])


def test_what_arrives_meanwhile_neither_repeats_nor_hides_a_line() -> None:
    """A mark names an entry, not a count: newer ones push nothing over the edge of the next page."""
    lines = made_up(250)
    mark = days.cut(lines).older
    later = made_up(1, step=1)[0]
    later.key = (NOON + DAY, b"other", 1)
    log = days.cut([later, *lines], before=mark)
    assert [line.key for day in log.days for line in day.lines] == [line.key for line in lines[100:200]]


@pytest.mark.parametrize(
    "mark", ["", "x", "-1-66-1", "1-6-1", "1-66", "1-66-1-1", "9" * 19 + "-66-1", "1-zz-1", "１-66-1", "1-66-1\n"]
)
def test_a_mark_that_nobody_gave_out_is_the_newest_page(mark: str) -> None:
    log = days.cut(made_up(150), before=mark)
    assert (log.shown, log.is_older) == (100, False)


def test_all_of_it_only_where_it_is_asked_for() -> None:
    log = days.cut(made_up(500), before="1-66-1", whole=True)
    assert (log.shown, log.older, log.is_older) == (500, "", False)


@pytest.mark.sqlite_only
def test_a_record_with_five_hundred_entries_is_read_page_by_page(browser: Browser) -> None:
    made, who = browser(), add("Name 0")
    with door.batch():
        for number in range(1, 500):
            actions.rename(who, by=ANA, name=f"Name {number}")
    url, seen, pages = f"/people/{who}", [], 0
    while url:
        page = body(made.get(url))
        seen += re.findall(r"<dd><bdi>(Name \d+)</bdi></dd>", page.split('id="log-head"')[1])
        pages += 1
        older = re.search(r'href="(\?before=[^"]*)#log-head">Older entries', page)
        url = f"/people/{who}{older[1]}" if older else ""
    assert pages == 5 and seen == [f"Name {number}" for number in range(499, -1, -1)]
    assert "100 of 500 entries stand here." in body(made.get(f"/people/{who}"))
    assert len(entries_on(body(made.get(f"/people/{who}?all=1")))) == 500


@pytest.mark.sqlite_only
def test_a_mark_of_another_record_shows_nothing_of_it(browser: Browser) -> None:
    made, who = browser(), add("Bela Ostin")
    page = body(made.get(f"/people/{who}?before=1-66-1"))
    assert "Nothing older is written here." in page and "Back to the newest entries" in page
