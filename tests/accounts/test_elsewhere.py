"""Roles that another machine wrote: folded whatever they say, looked at again, and shown where somebody had no right.

The rules of this machine were asked of nobody there. Refusing would make two machines hold different tables.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from tests.accounts.people import CONSOLE, add, administrator, head, held
from tests.ledger.test_hostile import born, new_id, told_by_a_stranger, written
from tests.nodes import NOON
from tests.web.test_board import body
from ulinzi.accounts import actions, queries, rules, sessions
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.kernel.clock import HOUR, SetClock
from ulinzi.ledger import rebuild, verify
from ulinzi.ledger.node import Node

pytestmark = pytest.mark.access

GRANT = 5
LEADER = "team_leader"
WIDE = rules.Rights(CONSOLE, ((Role.ADMINISTRATOR, EVERYWHERE),))


@pytest.fixture
def asha(node: Node) -> UUID:
    return administrator()


@pytest.fixture
def hodan(node: Node) -> UUID:
    return head()


@pytest.fixture
def bori(node: Node) -> UUID:
    return add("Bori")


def written_elsewhere(
    node: Node,
    who: UUID,
    *,
    asked_by: UUID | None,
    decided_by: UUID,
    place: str = "north",
    at: int = NOON + HOUR,
    **end: Any,
) -> UUID:
    """A role as a second machine would send it: asked for, confirmed and, if told so, ended there."""
    grant = new_id("mission")
    asked = {1: LEADER, 2: place, 3: asked_by.bytes if asked_by else None, 4: at}
    parts = [born(GRANT, grant.bytes, who.bytes), written(GRANT, grant.bytes, 1, asked)]
    parts.append(written(GRANT, grant.bytes, 2, {5: decided_by.bytes, 6: at, 7: "confirmed"}))
    if end:
        parts.append(written(GRANT, grant.bytes, 3, {8: "ended", 9: end["ended_by"].bytes, 10: end["ended_at"]}))
    told_by_a_stranger(node, "mission", *parts)
    return grant


def doubts(reader: rules.Rights = WIDE) -> list[tuple[object, object]]:
    return [(one["record"], one["code"]) for one in queries.doubtful_grants(reader)]


def test_what_two_who_may_have_done_there_is_as_good_as_here(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    written_elsewhere(node, bori, asked_by=asha, decided_by=hodan)
    assert held(bori) == [(LEADER, "north")] and doubts() == []


@pytest.mark.parametrize("who", ["asks", "confirms"])
def test_who_had_no_right_there_is_shown(node: Node, asha: UUID, hodan: UUID, bori: UUID, who: str) -> None:
    watch = add("Watch", (Role.WATCH_OFFICER, "north"))
    told = {"asked_by": asha, "decided_by": hodan} | ({"asked_by": watch} if who == "asks" else {"decided_by": watch})
    grant = written_elsewhere(node, bori, **told)
    assert doubts() == [(grant, "granted_without_right")]


def test_a_right_in_another_province_is_none_in_this_one(node: Node, asha: UUID, bori: UUID) -> None:
    grant = written_elsewhere(node, bori, asked_by=asha, decided_by=head("South", "south"))
    assert doubts() == [(grant, "granted_without_right")]


def test_a_right_that_came_later_or_had_ended_is_none(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    """By the times that the grants themselves tell."""
    early = written_elsewhere(node, bori, asked_by=asha, decided_by=hodan, at=NOON - HOUR)
    assert doubts() == [(early, "granted_without_right")]


def test_a_right_that_ended_afterwards_was_one(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    written_elsewhere(node, bori, asked_by=asha, decided_by=hodan)
    assert isinstance(node.clock, SetClock)
    node.clock.advance(2 * HOUR)
    with queries.at_console(CONSOLE):
        actions.leave(hodan, by=CONSOLE, reason="end of mission")
    assert doubts() == []


def test_an_end_by_somebody_who_may_not_is_shown_and_ends(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    """Ending wins over everything: who was shut out wrongly asks anew."""
    end = {"ended_by": add("Watch", (Role.WATCH_OFFICER, "north")), "ended_at": NOON + 2 * HOUR}
    grant = written_elsewhere(node, bori, asked_by=asha, decided_by=hodan, **end)
    assert doubts() == [(grant, "granted_without_right")] and held(bori) == []


def test_a_role_from_the_console_of_another_machine_is_shown(node: Node, bori: UUID) -> None:
    grant = written_elsewhere(node, bori, asked_by=None, decided_by=CONSOLE)
    assert doubts() == [(grant, "granted_at_another_console")]


def test_control_what_this_machine_wrote_is_not_asked_again(node: Node, asha: UUID, hodan: UUID, bori: UUID) -> None:
    """Its own console gave Asha her role, and nobody doubts it."""
    actions.decide_grant(actions.ask_grant(bori, LEADER, "north", by=asha), "confirmed", by=hodan)
    assert doubts() == []


def test_control_without_the_look_back_nothing_is_shown(
    node: Node, asha: UUID, bori: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_elsewhere(node, bori, asked_by=asha, decided_by=add("Watch"))
    monkeypatch.setattr(queries, "_written_elsewhere", list)
    assert doubts() == []


def test_the_tables_stay_what_the_entries_say(node: Node, asha: UUID, bori: UUID) -> None:
    """Doubt changes no row: another machine that holds the same entries holds the same tables."""
    grant = written_elsewhere(node, bori, asked_by=asha, decided_by=add("Watch"))
    assert doubts() == [(grant, "granted_without_right")]
    assert rebuild.rebuild(node).changed == 0 and verify.verify(node, tables=True).ok


# Who is shown it.


def page_of(who: UUID) -> str:
    client = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    client.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(who).token
    return body(client.get("/system"))


SAID = "gave or ended this role who had no right to"


@pytest.mark.sqlite_only
def test_it_stands_on_system_for_those_who_answer_for_the_place(
    node: Node, asha: UUID, hodan: UUID, bori: UUID
) -> None:
    written_elsewhere(node, bori, asked_by=asha, decided_by=add("Watch", (Role.WATCH_OFFICER, "north")))
    assert SAID in page_of(asha) and SAID in page_of(hodan)
    assert SAID not in page_of(head("South", "south"))
    assert str(bori) in page_of(hodan)
