"""The desk: what waits for one person, and nothing that waits for others."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.nodes import NOON, reader
from tests.web.conftest import Browser, add_one, persona
from tests.web.test_board import ANA, add, body
from ulinzi.accounts import actions as people
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.desk import actions, queries
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import DAY, HOUR
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node


def take(task: UUID, by: UUID) -> UUID:
    actions.step(task, Step.TAKEN, by=by)
    return task


def tear(task: UUID, by: UUID = ANA) -> UUID:
    """Two values, written by people who had not seen each other."""
    seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
    actions.edit_task(task, by=by, title="At the school")
    actions.edit_task(task, by=by, seen=seen, keep_both=True, title="At the well")
    return task


def test_ones_own_tasks_come_by_their_promises_and_others_are_not_there(browser: Browser) -> None:
    me = persona("odhal").id
    take(add("Tomorrow", DAY), me)
    take(add("Four hours late", -4 * HOUR), me)
    take(add("Of another", HOUR), persona("vessin").id)
    actions.step(take(add("Done by me", HOUR), me), Step.DONE, by=me)
    page = body(browser().get("/desk"))
    assert page.index("Four hours late") < page.index("Tomorrow")
    assert "Of another" not in page and "Done by me" not in page


def test_what_is_late_and_nobody_has_stands_beside(browser: Browser) -> None:
    add("Late and loose", -HOUR)
    add("Still in time", HOUR)
    take(add("Late, but taken", -HOUR), persona("vessin").id)
    page = body(browser().get("/desk"))
    assert "Late and loose" in page and "Still in time" not in page and "Late, but taken" not in page


def test_of_two_values_ones_own_come_first(node: Node) -> None:
    first, second = add("One"), add("Two")
    for task in (take(first, ANA), second):
        tear(task)
    assert [row["id"] for row in queries.torn(replace(reader("north"), person=ANA))] == [first, second]


@pytest.mark.access
def test_only_who_could_act_is_asked(browser: Browser) -> None:
    """Whoever reads and may not take or settle finds neither on the desk."""
    writer = persona("vessin").id
    tear(actions.add_task(compartment="north", by=writer, title="Two minds"), writer)
    actions.add_task(compartment="north", by=writer, title="Late and loose", due_at=NOON - HOUR)
    add_one("kestra", (Role.HEADQUARTERS_ANALYST, EVERYWHERE))
    page = body(browser("kestra").get("/desk"))
    assert "Two values: say which holds" not in page and "None among what is here." in page
    page = body(browser().get("/desk"))
    assert "Two values: say which holds" in page and "At the well" in page and "Late and loose" in page


def test_a_role_that_waits_is_shown_to_who_may_decide(browser: Browser) -> None:
    asked = people.add_person(by=persona("korum").id, name="Newcomer", body="mission_civilian")
    people.ask_grant(asked, Role.TEAM_LEADER, "north", by=persona("korum").id)
    assert "Newcomer" in body(browser().get("/desk"))
    assert "Newcomer" not in body(browser("korum").get("/desk"))


def test_an_empty_desk_says_so(browser: Browser) -> None:
    assert "You have no task." in body(browser().get("/desk"))
