"""Persons, grants and teams on the ledger: seen by two people, ended at once, and never one's own."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from tests.accounts import people
from tests.faults.together import errors, together
from tests.nodes import Nodes, person
from ulinzi import ledger
from ulinzi.accounts import actions, queries, rules
from ulinzi.accounts.models import Grant
from ulinzi.accounts.rules import EVERYWHERE, Act, Role
from ulinzi.desk.models import Task
from ulinzi.kernel.clock import MINUTE, SetClock
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger import rebuild, store, tables, verify
from ulinzi.ledger.node import Node

pytestmark = pytest.mark.access

NORTH = "north"
LEADER = [("team_leader", NORTH)]


@pytest.fixture
def asha(node: Node) -> UUID:
    """Administrator of the mission: she asks."""
    return people.administrator()


@pytest.fixture
def hodan(node: Node) -> UUID:
    """Head of the office in the north: she confirms."""
    return people.head()


@pytest.fixture
def bori(node: Node) -> UUID:
    return people.add("Bori")


def refusal(act: Callable[[], Any]) -> str:
    try:
        act()
    except (Refused, NotFound) as refused:
        return refused.code
    return ""


def confirmed(who: UUID, asha: UUID, hodan: UUID, role: Role = Role.TEAM_LEADER) -> UUID:
    grant = actions.ask_grant(who, role, NORTH, by=asha)
    actions.decide_grant(grant, "confirmed", by=hodan)
    return grant


def row(who: UUID, grant: UUID) -> Any:
    return next(one for one in queries.grants([who])[who] if one["id"] == grant)


def entries(node: Node) -> int:
    return ledger_queries.node_state().entries


def assert_sound(node: Node) -> None:
    report = verify.verify(node, tables=True)
    assert report.ok, report.findings


# Asked by one, confirmed by another.


def test_a_role_counts_once_a_second_person_has_confirmed_it(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    grant = actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)
    assert people.held(bori) == [] and rules.waiting(row(bori, grant))
    actions.decide_grant(grant, "confirmed", by=hodan)
    assert people.held(bori) == LEADER
    assert queries.person(bori)["roles_held"] == 1
    assert [one["id"] for one in queries.with_act(Act.STEP_TASKS, NORTH)] == [bori, hodan]
    assert_sound(node)


def test_a_role_that_was_refused_never_counts(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    grant = actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)
    actions.decide_grant(grant, "refused", by=hodan)
    assert people.held(bori) == []
    assert refusal(lambda: actions.decide_grant(grant, "confirmed", by=hodan)) == "grant_not_waiting"
    assert refusal(lambda: actions.decide_grant(grant, "perhaps", by=hodan)) == "grant_not_waiting"
    again = actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)  # another question, another answer
    actions.decide_grant(again, "confirmed", by=hodan)
    assert people.held(bori) == LEADER


@pytest.mark.parametrize("decision", ["", "CONFIRMED", "ended", None])
def test_there_are_two_answers(node: Node, asha: UUID, hodan: UUID, bori: UUID, decision: Any) -> None:
    grant = actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)
    refusal(lambda: actions.decide_grant(grant, decision, by=hodan))
    assert people.held(bori) == [] and rules.waiting(row(bori, grant))


def test_the_same_role_is_not_given_twice(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    def ask() -> UUID:
        return actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)

    first = ask()
    assert refusal(ask) == "grant_is_there"  # while it waits
    actions.decide_grant(first, "confirmed", by=hodan)
    assert refusal(ask) == "grant_is_there"  # while it counts
    actions.ask_grant(bori, Role.TEAM_LEADER, "south", by=asha)
    actions.ask_grant(bori, Role.WATCH_OFFICER, NORTH, by=asha)
    actions.end_grant(first, by=hodan, reason="Moves on")
    assert ask() != first  # once it has ended it is asked for anew, and seen by two people again
    assert people.held(bori) == []


def test_one_role_asked_for_by_many_at_once_is_asked_for_once(node: Node, asha: UUID, bori: UUID) -> None:
    told = together(node, [lambda: actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)] * 6)
    assert [str(one.code) for one in errors(told)] == ["grant_is_there"] * 5  # type: ignore[attr-defined]
    assert len(queries.grants([bori])[bori]) == 1
    assert_sound(node)


def test_who_asks_and_who_confirms_holds_the_role_for_it_there(node: Node, hodan: UUID, bori: UUID) -> None:
    south = people.administrator("Sefu", "south")
    anybody = people.add("Zuberi", (Role.TEAM_LEADER, NORTH))

    def ask(by: UUID, place: str) -> str:
        return refusal(lambda: actions.ask_grant(bori, Role.SECURITY_OFFICER, place, by=by))

    before = entries(node)
    assert ask(south, NORTH) == "record_not_found"
    assert ask(south, EVERYWHERE) == "record_not_found"
    assert ask(anybody, NORTH) == ask(person("stranger"), NORTH) == "not_for_your_role"
    assert entries(node) == before
    grant = actions.ask_grant(bori, Role.SECURITY_OFFICER, "south", by=south)
    assert refusal(lambda: actions.decide_grant(grant, "confirmed", by=hodan)) == "record_not_found"
    assert refusal(lambda: actions.end_grant(grant, by=hodan, reason="Not mine")) == "record_not_found"
    assert refusal(lambda: actions.decide_grant(grant, "confirmed", by=south)) == "not_for_your_role"
    assert people.held(bori) == []


# T-A-08: nobody raises his own role.


def test_who_asks_for_himself_does_not_confirm_it(node: Node, hodan: UUID) -> None:
    both = people.add("Asha", (Role.ADMINISTRATOR, EVERYWHERE), (Role.HEAD_OF_OFFICE, NORTH))
    grant = actions.ask_grant(both, Role.SOURCE_HANDLER, NORTH, by=both)

    def confirm() -> None:
        actions.decide_grant(grant, "confirmed", by=both)

    assert refusal(confirm) == "four_eyes_needed"
    assert refusal(confirm) == "four_eyes_needed"  # nor by saying it again
    told = together(node, [confirm] * 4)  # nor by saying it four times at once
    assert [str(one.code) for one in errors(told)] == ["four_eyes_needed"] * 4  # type: ignore[attr-defined]
    assert ("source_handler", NORTH) not in people.held(both)
    actions.decide_grant(grant, "confirmed", by=hodan)
    assert ("source_handler", NORTH) in people.held(both)


def test_two_accounts_of_one_device_are_not_two_people(node: Node, asha: UUID) -> None:
    """One asks for the other: neither of the two confirms, whatever else they may do."""
    first = people.add("Taro", (Role.ADMINISTRATOR, NORTH), (Role.HEAD_OF_OFFICE, NORTH))
    second = people.add("Taro again", (Role.HEAD_OF_OFFICE, NORTH))
    grant = actions.ask_grant(second, Role.SOURCE_HANDLER, NORTH, by=first)
    acts = [lambda who=who: actions.decide_grant(grant, "confirmed", by=who) for who in (first, second)]
    assert [refusal(act) for act in acts] == ["four_eyes_needed"] * 2
    assert len(errors(together(node, acts * 3))) == 6
    assert people.held(second) == [("head_of_office", NORTH)]


def test_control_without_the_four_eyes_it_would_still_not_count(
    node: Node, asha: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule is asked twice: where it is written, and where it is counted."""
    both = people.add("Asha", (Role.ADMINISTRATOR, EVERYWHERE), (Role.HEAD_OF_OFFICE, NORTH))
    monkeypatch.setattr(rules, "check_may_decide", lambda *told: None)
    mine = actions.ask_grant(both, Role.SOURCE_HANDLER, NORTH, by=asha)
    other = actions.ask_grant(both, Role.WATCH_OFFICER, NORTH, by=both)
    for grant in (mine, other):
        actions.decide_grant(grant, "confirmed", by=both)
        assert row(both, grant)["decision"] == "confirmed"
    assert people.held(both) == [("administrator", EVERYWHERE), ("head_of_office", NORTH)]
    monkeypatch.setattr(rules, "may_count", lambda grant: grant["decision"] == "confirmed")
    assert len(people.held(both)) == 4


def test_many_confirm_and_refuse_at_once_and_one_of_them_decides(node: Node, asha: UUID, bori: UUID) -> None:
    heads = [people.head(f"Head {n}") for n in range(4)]
    grant = actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)
    answers = zip(heads, ["confirmed", "refused"] * 2, strict=True)
    told = together(node, [lambda who=a, what=b: actions.decide_grant(grant, what, by=who) for a, b in answers])
    assert [str(one.code) for one in errors(told)] == ["grant_not_waiting"] * 3  # type: ignore[attr-defined]
    assert not row(bori, grant)["conflict"]
    assert (people.held(bori) == LEADER) == (row(bori, grant)["decision"] == "confirmed")
    assert_sound(node)


# Ended at once.


def test_a_role_ends_at_once_and_for_ever(node: Node, clock: SetClock, asha: UUID, hodan: UUID, bori: UUID) -> None:
    grant = confirmed(bori, asha, hodan)
    clock.advance(MINUTE)
    actions.end_grant(grant, by=hodan, reason=" The rotation is over ")
    assert people.held(bori) == [] and queries.person(bori)["roles_held"] == 0
    ended = row(bori, grant)
    assert (ended["ended_by"], ended["ended_at"]) == (hodan, clock.now())
    assert refusal(lambda: actions.end_grant(grant, by=asha, reason="Again")) == "grant_has_ended"
    assert refusal(lambda: actions.decide_grant(grant, "confirmed", by=hodan)) == "grant_not_waiting"
    assert people.held(bori) == []
    assert_sound(node)


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_an_ending_says_why(node: Node, asha: UUID, hodan: UUID, bori: UUID, reason: str) -> None:
    grant = confirmed(bori, asha, hodan)
    assert refusal(lambda: actions.end_grant(grant, by=hodan, reason=reason)) == "reason_missing"
    assert refusal(lambda: actions.leave(bori, by=hodan, reason=reason)) == "reason_missing"
    assert people.held(bori) == LEADER


def test_a_role_may_be_given_back_by_its_holder_where_that_is_his_to_do(node: Node, hodan: UUID) -> None:
    own = queries.grants([hodan])[hodan][0]["id"]
    actions.end_grant(own, by=hodan, reason="I am leaving")
    assert people.held(hodan) == []
    assert refusal(lambda: actions.end_grant(own, by=hodan, reason="And again")) == "not_for_your_role"


def test_the_commander_who_left(node: Node, asha: UUID, hodan: UUID) -> None:
    """All roles end in one entry, also what only waits; what he wrote stays, under his name."""
    posts = [(Role.BASE_COMMANDER, NORTH), (Role.WATCH_OFFICER, NORTH)]
    korum = people.add("Korum", *posts, body="mission_military")
    waiting = actions.ask_grant(korum, Role.WATCH_OFFICER, "south", by=asha)
    task = write(korum)
    before = entries(node)
    assert actions.leave(korum, by=asha, reason="End of tour") == 3
    assert entries(node) == before + 1
    assert people.held(korum) == [] and row(korum, waiting)["ended"] == "ended"
    assert refusal(lambda: write(korum)) == "not_for_your_role"
    (told,) = ledger_queries.history("desk.Task", task)
    assert told.actor == korum and queries.names([korum]) == {korum: "Korum"}
    assert refusal(lambda: actions.leave(korum, by=asha, reason="Still gone")) == "grant_has_ended"
    assert_sound(node)


def test_what_somebody_asked_for_is_not_confirmed_once_they_have_left(node: Node, asha: UUID, hodan: UUID) -> None:
    bela, korum = people.add("Bela", (Role.ADMINISTRATOR, NORTH)), people.add("Korum")
    grant = actions.ask_grant(korum, Role.WATCH_OFFICER, NORTH, by=bela)
    actions.leave(bela, by=asha, reason="End of tour")
    assert refusal(lambda: actions.decide_grant(grant, "confirmed", by=hodan)) == "asker_has_left"
    actions.decide_grant(grant, "refused", by=hodan)


def test_leaving_is_all_or_nothing(node: Node, asha: UUID, hodan: UUID) -> None:
    """A head of office ends what is hers; where another office holds some of it, nothing ends."""
    korum = people.add("Korum", (Role.TEAM_LEADER, NORTH), (Role.TEAM_LEADER, "south"))
    assert refusal(lambda: actions.leave(korum, by=hodan, reason="End of tour")) == "record_not_found"
    assert len(people.held(korum)) == 2
    assert actions.leave(korum, by=asha, reason="End of tour") == 2


# T-A-07: who no longer may, no longer does.


def write(who: UUID, check: Callable[[UUID, Act, str], None] | None = None) -> UUID:
    """What an action does: it asks inside its own transaction."""
    with ledger.unit("tests.write", by=who) as unit:
        (check or queries.check_may)(who, Act.ADD_TASKS, NORTH)
        made: UUID = unit.add(Task, compartment=NORTH, title="Call back Telwa")["id"]
        return made


def write_until(over: threading.Event, who: UUID, check: Any) -> list[tuple[float, bool]]:
    """When each act began, and whether it was done."""
    told = []
    while not over.is_set() or len(told) < 2:
        began = time.monotonic()
        told.append((began, refusal(lambda: write(who, check)) == ""))
        time.sleep(0.02)
    return told


def race_to_the_end(node: Node, who: UUID, grant: UUID, by: UUID, check: Any = None) -> list[tuple[bool, bool]]:
    """Fifty threads act as somebody whose role ends: for each act whether it began after that, and was done."""
    over, ended = threading.Event(), []

    def end() -> None:
        time.sleep(0.3)
        actions.end_grant(grant, by=by, reason="At once")
        ended.append(time.monotonic())
        time.sleep(0.1)
        over.set()

    told = together(node, [end] + [lambda: write_until(over, who, check)] * 50)
    assert errors(told) == []
    return [(began > ended[0], done) for listed in told[1:] for began, done in listed]


@pytest.mark.slow
def test_no_act_that_begins_after_the_ending_is_done(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    acts = race_to_the_end(node, bori, confirmed(bori, asha, hodan), hodan)
    assert (False, True) in acts and (True, False) in acts
    assert (True, True) not in acts
    assert_sound(node)


@pytest.mark.slow
def test_control_rights_that_are_kept_outlive_the_role(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    grant = confirmed(bori, asha, hodan)
    kept = queries.rights_of(bori)
    acts = race_to_the_end(node, bori, grant, hodan, lambda who, act, place: rules.check_may(kept, act, place))
    assert (True, True) in acts


@pytest.mark.slow
def test_nothing_of_theirs_stands_after_the_ending(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    """Not even what began before: the ledger itself has the order."""
    race_to_the_end(node, bori, confirmed(bori, asha, hodan), hodan)
    sql = "SELECT e.hlc, f.compartment FROM ledger_entry e JOIN ledger_feed f ON f.no = e.feed ORDER BY e.hlc"
    order = [place for _, place in store.rows(node, sql)]
    assert NORTH in order and order[-1] == "mission"


# Two nodes: an ending and a confirmation that have not seen each other.


def told_apart(node: Node, bori: UUID, grant: UUID, *acts: Callable[[], Any]) -> None:
    """Each act as if the others had never been: every write names what stood before all of them."""
    before = ledger_queries.groups_of("accounts.Grant", grant)
    seen = {name: one.dots for name, one in before.items()}
    for act in acts:
        with as_seen_before(seen):
            act()


@contextmanager
def as_seen_before(seen: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        put = ledger.Unit.put
        patch.setattr(ledger.Unit, "put", lambda *told, **values: put(*told, seen=seen, keep_both=True, **values))
        patch.setattr(rules, "check_may_decide", lambda *told: None)
        yield


@pytest.mark.parametrize("first", ["ending", "confirming"])
def test_an_ending_wins_over_a_confirmation_elsewhere(
    node: Node, asha: UUID, hodan: UUID, bori: UUID, first: str
) -> None:
    grant = actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)
    acts = [
        lambda: actions.end_grant(grant, by=hodan, reason="Not him"),
        lambda: actions.decide_grant(grant, "confirmed", by=hodan),
    ]
    told_apart(node, bori, grant, *(acts if first == "ending" else acts[::-1]))
    stands = row(bori, grant)
    assert (stands["decision"], stands["ended"], stands["conflict"]) == ("confirmed", "ended", False)
    assert people.held(bori) == []
    assert_sound(node)


def test_two_endings_elsewhere_are_an_ending(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    grant = confirmed(bori, asha, hodan)
    endings = [
        lambda: put_end(grant, hodan, "Here"),
        lambda: put_end(grant, asha, "There"),
    ]
    told_apart(node, bori, grant, *endings)
    assert row(bori, grant)["ended"] == "ended" and row(bori, grant)["conflict"]
    assert people.held(bori) == []
    rebuild.rebuild(node)
    assert people.held(bori) == []


def put_end(grant: UUID, by: UUID, reason: str) -> None:
    with ledger.unit("tests.end", by=by) as unit:
        unit.put(Grant, unit.load(Grant, grant), ended="ended", ended_by=by)


def test_a_confirmation_and_a_refusal_elsewhere_count_for_nothing(
    node: Node, asha: UUID, hodan: UUID, bori: UUID
) -> None:
    other = people.head("Halima")
    grant = actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)
    answers = [
        lambda: actions.decide_grant(grant, "refused", by=other),
        lambda: actions.decide_grant(grant, "confirmed", by=hodan),
    ]
    told_apart(node, bori, grant, *answers)
    assert row(bori, grant)["conflict"] and people.held(bori) == []
    confirmed(bori, asha, hodan)  # asked for anew, it is clear again
    assert people.held(bori) == LEADER


@pytest.mark.sqlite_only
def test_a_restored_backup_does_not_bring_a_role_back_unseen(nodes: Nodes, node: Node) -> None:
    """What the backup knew stands again, an ending after it is lost with it: so it is ended anew, once."""
    asha, hodan, bori = people.administrator(), people.head(), people.add("Bori")
    grant = confirmed(bori, asha, hodan)
    nodes.reopen(node)
    shutil.copy(node.home / "main.sqlite3", node.home / "backup")
    actions.end_grant(grant, by=hodan, reason="Gone")
    nodes.reopen(node)
    shutil.copy(node.home / "backup", node.home / "main.sqlite3")
    assert people.held(bori) == LEADER
    assert refusal(lambda: actions.ask_grant(bori, Role.TEAM_LEADER, NORTH, by=asha)) == "grant_is_there"
    actions.end_grant(grant, by=hodan, reason="Gone")
    assert people.held(bori) == []


# The console.


def test_at_the_console_a_role_counts_at_once_and_only_there(node: Node) -> None:
    who, asked = people.add("Bori"), people.CONSOLE
    with queries.at_console(asked):
        actions.ask_grant(who, Role.TEAM_LEADER, NORTH, by=asked)
        assert queries.rights_of(asked).all and not queries.rights_of(who).all
        assert refusal(lambda: actions.ask_grant(who, Role.WATCH_OFFICER, NORTH, by=who)) == "not_for_your_role"
    assert people.held(who) == LEADER
    assert not queries.rights_of(asked).all
    assert refusal(lambda: actions.ask_grant(who, Role.WATCH_OFFICER, NORTH, by=asked)) == "not_for_your_role"


def test_the_console_ends_with_an_error_too_and_is_nobodys_beside_it(node: Node) -> None:
    with pytest.raises(ZeroDivisionError), queries.at_console(people.CONSOLE):
        beside = together(node, [lambda: queries.rights_of(people.CONSOLE).all])
        assert beside == [False]
        raise ZeroDivisionError
    assert not queries.rights_of(people.CONSOLE).all


# Persons and teams.


@pytest.mark.parametrize("act", ["add_person", "rename", "add_team", "join_team"])
def test_only_who_edits_people_edits_people(node: Node, hodan: UUID, bori: UUID, act: str) -> None:
    asha = people.administrator()
    team = actions.add_team(by=asha, name="Bridge", place=NORTH)
    acts: dict[str, Callable[[UUID], Any]] = {
        "add_person": lambda by: actions.add_person(by=by, name="Korum", body="mission_police"),
        "rename": lambda by: actions.rename(bori, by=by, name="Bori the second"),
        "add_team": lambda by: actions.add_team(by=by, name="Market", place="south"),
        "join_team": lambda by: actions.join_team(team, bori, by=by),
    }
    for by in (hodan, bori, person("stranger")):
        assert refusal(lambda by=by: acts[act](by)) == "not_for_your_role"  # type: ignore[misc]
    acts[act](asha)


def test_names(node: Node, asha: UUID) -> None:
    made = actions.add_person(by=asha, name="  Ana Korum ", short=" AK ", body="united_nations", language="en")
    stands = queries.person(made)
    assert (stands["name"], stands["short"], stands["body"], stands["language"]) == (
        "Ana Korum",
        "AK",
        "united_nations",
        "en",
    )
    actions.rename(made, by=asha, name="Ana Korum-Sele")
    assert queries.names([made, person("nobody")]) == {made: "Ana Korum-Sele"}
    assert refusal(lambda: actions.rename(made, by=asha, name="  ")) == "name_missing"
    assert refusal(lambda: actions.rename(made, by=asha, name="x" * 81)) == "field_does_not_fit"
    assert refusal(lambda: queries.person(person("nobody"))) == "record_not_found"


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE accounts_person; --", 'Ana" OR 1=1', "%s", "Ana\\", "<b>Ana</b>", "名"]
)
def test_a_name_is_only_ever_a_name(node: Node, asha: UUID, name: str) -> None:
    made = actions.add_person(by=asha, name=name, body="partner")
    assert queries.names([made]) == {made: name}
    assert_sound(node)


def test_a_name_that_no_table_holds_is_refused(node: Node, asha: UUID) -> None:
    before = entries(node)
    assert refusal(lambda: actions.add_person(by=asha, name="Ana\x00", body="partner")) == "field_does_not_fit"
    assert entries(node) == before


def test_people_join_a_team_and_leave_it(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    team, other = (actions.add_team(by=asha, name=name, place=NORTH) for name in ("Bridge", "Market"))
    mine = actions.join_team(team, bori, by=asha)
    actions.join_team(team, hodan, by=asha)
    actions.join_team(other, asha, by=asha)
    actions.join_team(other, hodan, by=asha)
    assert refusal(lambda: actions.join_team(team, bori, by=asha)) == "member_already"
    assert queries.colleagues(bori) == {hodan} and queries.colleagues(hodan) == {asha, bori}
    actions.leave_team(mine, by=asha)
    assert refusal(lambda: actions.leave_team(mine, by=asha)) == "member_no_longer"
    assert queries.colleagues(bori) == set() and queries.colleagues(hodan) == {asha}
    actions.join_team(team, bori, by=asha)  # and back again
    assert queries.colleagues(bori) == {hodan}
    assert [(one["member"], one["left"]) for one in queries.memberships([team])[team]].count((bori, "left")) == 1
    assert refusal(lambda: actions.add_team(by=asha, name="Ford", place="west")) == "compartment_unknown"
    assert refusal(lambda: actions.join_team(team, person("nobody"), by=asha)) == "record_not_found"
    assert_sound(node)


def test_a_team_gives_no_rights(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    team = actions.add_team(by=asha, name="Bridge", place=NORTH)
    for who in (hodan, bori):
        actions.join_team(team, who, by=asha)
    assert people.held(bori) == []
    assert refusal(lambda: write(bori)) == "not_for_your_role"


def test_one_who_is_joined_by_many_at_once_is_a_member_once(node: Node, asha: UUID, bori: UUID) -> None:
    team = actions.add_team(by=asha, name="Bridge", place=NORTH)
    told = together(node, [lambda: actions.join_team(team, bori, by=asha)] * 6)
    assert [str(one.code) for one in errors(told)] == ["member_already"] * 5  # type: ignore[attr-defined]
    assert len(tables.read(node, actions.Membership.shape, "1 = 1", [])) == 1
