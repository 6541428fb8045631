"""A name is erased once somebody has left, and once two people for the whole mission have agreed."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.nodes import reader
from tests.web.conftest import entries, persona
from tests.web.test_board import body
from tests.web.test_people import Mission, mission, page_of
from ulinzi.accounts import queries
from ulinzi.desk import actions as written
from ulinzi.desk import queries as desk
from ulinzi.ledger import verify
from ulinzi.ledger.node import Node

__all__ = ["mission"]


@pytest.fixture
def gone(mission: Mission, node: Node) -> UUID:
    """Dusane wrote something and has left."""
    who = persona("dusane").id
    written.add_task(compartment="north", by=who, title="Patrol to Telwa")
    mission("haakon").post(f"/people/{who}/left", {"reason": "end of rotation"})
    return who


def erase(made: Client, who: UUID, basis: str = "asked by the person") -> HttpResponse:
    return made.post(f"/people/{who}/erase", {"basis": basis}, follow=True)


def agree(made: Client, who: UUID, decision: str = "confirmed", **told: str) -> HttpResponse:
    asked = desk.erasures_about(who, queries.rights_of(persona("adeyo").id))[0]["id"]
    told |= {"asked": str(asked), "decision": decision}
    return made.post(f"/people/{who}/erase/decide", told, follow=True)


@pytest.mark.access
def test_the_name_goes_and_what_was_written_stays(mission: Mission, gone: UUID, node: Node) -> None:
    task = desk.open_tasks(reader("north"))[0]["id"]
    assert "Iria Dusane" in body(mission("odhal").get(f"/tasks/{task}"))
    page = body(erase(mission("adeyo"), gone))
    assert "Nothing is erased before a second person has agreed." in page and "Iria Dusane" in page
    assert "Iria Dusane" in body(mission("valmor").get("/desk"))
    assert "The name is erased." in body(agree(mission("valmor"), gone))
    page = body(mission("odhal").get(f"/tasks/{task}"))
    assert "Patrol to Telwa" in page and "Dusane" not in page
    assert "Dusane" not in body(mission("adeyo").get("/people")) + page_of(mission("adeyo"), gone)
    assert verify.verify(node, tables=True).ok
    assert b"Dusane" not in b"".join(path.read_bytes() for path in node.home.rglob("*") if path.is_file())


@pytest.mark.access
@pytest.mark.sqlite_only
def test_a_name_is_erased_by_two_and_never_of_somebody_who_is_still_here(mission: Mission, gone: UUID) -> None:
    before, leader = entries(), mission("adeyo")
    assert erase(leader, gone, basis=" ").status_code == 422
    assert erase(leader, persona("odhal").id).status_code == 422
    assert erase(mission("rensa"), gone).status_code == erase(mission("ferro"), gone).status_code == 403
    assert entries() == before and "Erase the name" not in page_of(mission("ferro"), gone)
    assert "Erase the name" in page_of(leader, gone) and "Erase the name" not in page_of(leader, persona("odhal").id)
    erase(leader, gone)
    assert agree(leader, gone).status_code == 422
    assert agree(mission("rensa"), gone).status_code == agree(mission("haakon"), gone).status_code == 403
    assert "Iria Dusane" in page_of(leader, gone)
    assert "still on an inquiry" in body(agree(mission("valmor"), gone, "declined", reason="still on an inquiry"))
    assert "Iria Dusane" in page_of(leader, gone)
