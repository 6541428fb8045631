"""Erasing takes two: one person asks, another who may do it as well agrees, and only then anything goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.accounts.people import CONSOLE, add, head
from tests.faults.together import together
from tests.nodes import reader
from ulinzi.accounts import actions as accounts
from ulinzi.accounts import queries as people
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.desk import actions, queries, rules
from ulinzi.desk.rules import What
from ulinzi.kernel.clock import DAY, SetClock
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger import queries as ledger
from ulinzi.ledger import rebuild, verify
from ulinzi.ledger.node import Node

pytestmark = pytest.mark.access

BASIS = "asked by the person"


@pytest.fixture
def telwe(node: Node) -> UUID:
    """Adviser of the north: asks, in these tests."""
    return add("Ossan Telwe", (Role.PROVINCIAL_ADVISER, "north"))


@pytest.fixture
def rensa(node: Node) -> UUID:
    """Head of the office in the north: agrees."""
    return head("Lioba Rensa")


@pytest.fixture
def task(telwe: UUID) -> UUID:
    return actions.add_task(compartment="north", by=telwe, title="Meet the teacher of Telwa")


@pytest.fixture
def clock(node: Node) -> SetClock:
    assert isinstance(node.clock, SetClock)
    return node.clock


def refusal(act: Callable[[], Any]) -> str:
    try:
        act()
    except (Refused, NotFound) as refused:
        return refused.code
    return ""


def ask(task: UUID, by: UUID, what: What = What.WORDS) -> UUID:
    return actions.ask_erasure(what, task, by=by, basis=BASIS)


def title(task: UUID) -> str | None:
    found: str | None = queries.task(task, reader("north"))["title"]
    return found


# One asks, another agrees.


def test_nothing_goes_before_the_second_has_agreed(task: UUID, telwe: UUID, rensa: UUID, node: Node) -> None:
    asked = ask(task, telwe)
    assert title(task) == "Meet the teacher of Telwa"
    actions.confirm_erasure(asked, by=rensa)
    assert title(task) is None
    row = queries.erasure(asked)
    assert (row["asked_by"], row["decided_by"], row["decision"]) == (telwe, rensa, "confirmed")
    assert verify.verify(node, tables=True).ok and rebuild.rebuild(node).changed == 0


def test_the_entry_names_both_and_why(task: UUID, telwe: UUID, rensa: UUID) -> None:
    actions.confirm_erasure(ask(task, telwe), by=rensa)
    event = ledger.history("desk.Task", task)[-1]
    assert (event.action, event.actor) == ("desk.erase_words", rensa)
    assert [(one.second, one.basis) for one in event.erasures] == [(telwe, BASIS)]


def test_a_whole_task_goes_too(task: UUID, telwe: UUID, rensa: UUID) -> None:
    actions.confirm_erasure(ask(task, telwe, What.TASK), by=rensa)
    with pytest.raises(NotFound):
        title(task)
    assert ledger.was_erased(task)


def test_who_asked_does_not_agree(task: UUID, telwe: UUID) -> None:
    asked = ask(task, telwe)
    assert refusal(lambda: actions.confirm_erasure(asked, by=telwe)) == "second_person_needed"
    assert title(task) is not None and queries.erasure(asked)["decision"] is None


def test_control_without_the_look_at_who_asked_one_person_would_do(
    task: UUID, telwe: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "check_two_persons", lambda *_: None)
    actions.confirm_erasure(ask(task, telwe), by=telwe)
    assert title(task) is None


def test_nobody_is_named_by_somebody_else(task: UUID, telwe: UUID, rensa: UUID) -> None:
    """As it was once: a second person who has not been asked, chosen from a list."""
    for erase in (actions.erase_words, actions.erase_task):
        told = {"by": rensa, "second": telwe, "basis": BASIS}
        assert refusal(lambda erase=erase, told=told: erase(task, **told)) == "erasure_not_asked"
    assert title(task) is not None


def test_what_was_asked_is_what_goes(task: UUID, telwe: UUID, rensa: UUID) -> None:
    ask(task, telwe)
    told = {"by": rensa, "second": telwe, "basis": BASIS}
    assert refusal(lambda: actions.erase_task(task, **told)) == "erasure_not_asked"
    assert refusal(lambda: actions.erase_words(task, **told | {"second": head("Another")})) == "erasure_not_asked"


def test_control_the_same_with_what_was_asked_is_done(task: UUID, telwe: UUID, rensa: UUID) -> None:
    ask(task, telwe)
    actions.erase_words(task, by=rensa, second=telwe, basis=BASIS)
    assert title(task) is None


# Who may.


OTHERS = {
    "the watch": ((Role.WATCH_OFFICER, "north"), "not_for_your_role"),
    "the head of another office": ((Role.HEAD_OF_OFFICE, "south"), "record_not_found"),
    "headquarters": ((Role.SENIOR_ADVISER, EVERYWHERE), "not_for_your_role"),
    "leadership": ((Role.LEADERSHIP, EVERYWHERE), "not_for_your_role"),
    "security": ((Role.SECURITY_OFFICER, EVERYWHERE), "not_for_your_role"),
    "an administrator": ((Role.ADMINISTRATOR, EVERYWHERE), "not_for_your_role"),
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("held", "said"), OTHERS.values(), ids=OTHERS)
def test_others_neither_ask_nor_decide_nor_see(
    task: UUID, telwe: UUID, clock: SetClock, held: tuple[Role, str], said: str
) -> None:
    other = add("Other", held)
    assert refusal(lambda: ask(task, other)) == said
    asked = ask(task, telwe)
    assert refusal(lambda: actions.confirm_erasure(asked, by=other)) == said
    assert refusal(lambda: actions.decline_erasure(asked, by=other, reason="no")) == said
    rights = people.rights_of(other)
    assert queries.erasures(rights, now=clock.now()) == queries.erasures_about(task, rights) == []
    assert title(task) is not None


def test_who_may_decide_sees_it(task: UUID, telwe: UUID, rensa: UUID, clock: SetClock) -> None:
    asked = ask(task, telwe)
    for who in (telwe, rensa):
        found = queries.erasures(people.rights_of(who), now=clock.now())
        assert [(row["id"], row["basis"]) for row in found] == [(asked, BASIS)]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("gone", "said"), [("telwe", "asker_has_left"), ("rensa", "not_for_your_role")])
def test_a_right_that_ended_in_between_counts_no_longer(
    task: UUID, telwe: UUID, rensa: UUID, gone: str, said: str
) -> None:
    asked = ask(task, telwe)
    with people.at_console(CONSOLE):
        accounts.leave({"telwe": telwe, "rensa": rensa}[gone], by=CONSOLE, reason="end of mission")
    assert refusal(lambda: actions.confirm_erasure(asked, by=rensa)) == said
    assert title(task) is not None and queries.erasure(asked)["decision"] is None


@pytest.mark.sqlite_only
def test_control_with_both_still_here_it_is_done(task: UUID, telwe: UUID, rensa: UUID) -> None:
    assert refusal(lambda: actions.confirm_erasure(ask(task, telwe), by=rensa)) == ""


# No, too late, twice.


def test_declined_with_a_reason_nothing_goes(task: UUID, telwe: UUID, rensa: UUID) -> None:
    asked = ask(task, telwe)
    assert refusal(lambda: actions.decline_erasure(asked, by=rensa, reason=" ")) == "reason_missing"
    actions.decline_erasure(asked, by=rensa, reason="still needed for the inquiry")
    row = queries.erasure(asked)
    assert (row["decision"], row["decided_by"], row["reason"]) == ("declined", rensa, "still needed for the inquiry")
    assert refusal(lambda: actions.confirm_erasure(asked, by=rensa)) == "erasure_decided"
    assert title(task) is not None


def test_whoever_asked_takes_it_back(task: UUID, telwe: UUID, rensa: UUID) -> None:
    asked = ask(task, telwe)
    actions.decline_erasure(asked, by=telwe, reason="the wrong task")
    assert refusal(lambda: actions.confirm_erasure(asked, by=rensa)) == "erasure_decided"


def test_after_seven_days_it_counts_no_longer(task: UUID, telwe: UUID, rensa: UUID, clock: SetClock) -> None:
    asked = ask(task, telwe)
    clock.advance(7 * DAY + 1)
    assert refusal(lambda: actions.confirm_erasure(asked, by=rensa)) == "erasure_too_old"
    assert queries.erasures(people.rights_of(rensa), now=clock.now()) == []
    actions.confirm_erasure(ask(task, telwe), by=rensa)
    assert title(task) is None


def test_control_on_the_seventh_day_it_counts(task: UUID, telwe: UUID, rensa: UUID, clock: SetClock) -> None:
    asked = ask(task, telwe)
    clock.advance(7 * DAY - 1)
    actions.confirm_erasure(asked, by=rensa)
    assert title(task) is None


def test_it_waits_once(task: UUID, telwe: UUID, rensa: UUID) -> None:
    asked = ask(task, telwe)
    assert refusal(lambda: ask(task, rensa, What.TASK)) == "erasure_asked_already"
    actions.decline_erasure(asked, by=rensa, reason="the whole task")
    actions.confirm_erasure(ask(task, rensa, What.TASK), by=telwe)
    assert ledger.was_erased(task)


def test_agreeing_twice_erases_once(task: UUID, telwe: UUID, rensa: UUID) -> None:
    asked = ask(task, telwe)
    actions.confirm_erasure(asked, by=rensa)
    before = ledger.node_state().entries
    assert refusal(lambda: actions.confirm_erasure(asked, by=rensa)) == "erasure_decided"
    assert ledger.node_state().entries == before


@pytest.mark.parametrize("basis", ["", "  ", "\n"])
@pytest.mark.sqlite_only
def test_it_needs_a_basis(task: UUID, telwe: UUID, basis: str) -> None:
    with pytest.raises(Refused, match="erasure_needs_basis"):
        actions.ask_erasure(What.WORDS, task, by=telwe, basis=basis)


# Names: the same two persons, for the whole mission.


@pytest.fixture
def leader(node: Node) -> UUID:
    return add("Corin Adeyo", (Role.LEADERSHIP, EVERYWHERE))


@pytest.fixture
def adviser(node: Node) -> UUID:
    return add("Ines Valmor", (Role.SENIOR_ADVISER, EVERYWHERE))


@pytest.fixture
def gone(node: Node) -> UUID:
    return add("Iria Dusane")


def test_a_name_goes_once_two_have_agreed(leader: UUID, adviser: UUID, gone: UUID) -> None:
    asked = ask(gone, leader, What.NAME)
    assert people.person(gone)["name"] == "Iria Dusane"
    assert refusal(lambda: actions.confirm_erasure(asked, by=leader)) == "second_person_needed"
    actions.confirm_erasure(asked, by=adviser)
    assert people.person(gone)["name"] is None


def test_nobody_decides_about_their_own_name(leader: UUID, gone: UUID) -> None:
    """Whoever still holds a role keeps the name anyway; this is asked first."""
    assert refusal(lambda: ask(leader, leader, What.NAME)) == "second_person_needed"


@pytest.mark.sqlite_only
def test_heads_of_office_do_not_erase_names(leader: UUID, rensa: UUID, gone: UUID) -> None:
    assert refusal(lambda: ask(gone, rensa, What.NAME)) == "not_for_your_role"
    asked = ask(gone, leader, What.NAME)
    assert refusal(lambda: actions.confirm_erasure(asked, by=rensa)) == "not_for_your_role"
    assert (
        refusal(lambda: actions.confirm_erasure(asked, by=add("N", (Role.LEADERSHIP, "north")))) == "record_not_found"
    )


@pytest.mark.sqlite_only
def test_somebody_who_came_back_meanwhile_keeps_the_name(leader: UUID, adviser: UUID, gone: UUID) -> None:
    asked = ask(gone, leader, What.NAME)
    with people.at_console(CONSOLE):
        accounts.ask_grant(gone, Role.TEAM_LEADER, "north", by=CONSOLE)
    assert refusal(lambda: actions.confirm_erasure(asked, by=adviser)) == "person_still_holds_roles"
    assert people.person(gone)["name"] == "Iria Dusane"


# At once (T-A-08).


def test_of_several_who_agree_at_once_one_erases(task: UUID, telwe: UUID, rensa: UUID, node: Node) -> None:
    asked, others = ask(task, telwe), [rensa, head("Second"), head("Third")]
    tried = [lambda by=by: refusal(lambda: actions.confirm_erasure(asked, by=by)) for by in (*others, telwe)]
    said = together(node, tried)
    assert sorted(map(str, said)) == ["", "erasure_decided", "erasure_decided", "second_person_needed"] or (
        sorted(map(str, said)) == ["", "erasure_decided", "erasure_decided", "erasure_decided"]
    )
    assert title(task) is None and queries.erasure(asked)["decided_by"] in others
