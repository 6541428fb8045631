"""A one-time code is a way to be somebody: it takes two people, and outlives neither of their rights."""

from __future__ import annotations

import pytest

from tests.accounts.test_logins import ANA, BORI, CIMO, HERE, PASSWORD, ana, refusal, tells
from ulinzi.accounts import local, logins, queries, sessions
from ulinzi.accounts.rules import EVERYWHERE, Rights, Role
from ulinzi.ledger.node import Node

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only, pytest.mark.usefixtures("cheap")]
__all__ = ["ana"]


@pytest.fixture
def who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "rights_of", lambda one: Rights(one, all=one != ANA))


def test_a_code_takes_two_people_neither_of_them_its_owner(node: Node, who_may: None) -> None:
    assert refusal(lambda: logins.confirm_code(ANA, by=BORI)) == "code_not_asked"
    logins.ask_code(ANA, by=BORI)
    assert refusal(lambda: logins.confirm_code(ANA, by=BORI)) == "four_eyes_needed"
    assert refusal(lambda: logins.confirm_code(ANA, by=ANA)) == "not_for_your_role"
    code = logins.confirm_code(ANA, by=CIMO)
    assert logins.enrol(code, "ana.korum", PASSWORD, address=HERE) == ANA
    assert refusal(lambda: logins.confirm_code(ANA, by=CIMO)) == "code_not_asked"


def test_what_was_asked_for_is_forgotten_after_three_days(node: Node, who_may: None) -> None:
    logins.ask_code(ANA, by=BORI)
    node.clock.advance(logins.CODE_HOLDS)  # type: ignore[attr-defined]
    assert refusal(lambda: logins.confirm_code(ANA, by=CIMO)) == "code_not_asked"


def test_who_may_confirm_in_one_province_opens_no_door_to_another(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of somebody who holds roles in two places takes somebody who may in both."""
    held = {
        ANA: ((Role.WATCH_OFFICER, "north"), (Role.WATCH_OFFICER, "south")),
        BORI: ((Role.ADMINISTRATOR, EVERYWHERE),),
        CIMO: ((Role.HEAD_OF_OFFICE, "north"),),
    }
    monkeypatch.setattr(queries, "rights_of", lambda one: Rights(one, held[one]))
    logins.ask_code(ANA, by=BORI)
    assert refusal(lambda: logins.confirm_code(ANA, by=CIMO)) == "not_for_your_role"
    held[CIMO] += ((Role.HEAD_OF_OFFICE, "south"),)
    assert logins.confirm_code(ANA, by=CIMO)


def test_control_nobody_without_the_role_asks_or_withdraws(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "rights_of", lambda one: Rights(one, ((Role.WATCH_OFFICER, "north"),)))
    assert refusal(lambda: logins.ask_code(ANA, by=BORI)) == "not_for_your_role"
    assert refusal(lambda: logins.withdraw(ANA, by=BORI)) == "not_for_your_role"


def test_a_code_whose_asker_has_left_opens_nothing(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    may = {BORI: True, CIMO: True, ANA: False}
    monkeypatch.setattr(queries, "rights_of", lambda one: Rights(one, all=may[one]))
    logins.ask_code(ANA, by=BORI)
    may[BORI] = False
    assert refusal(lambda: logins.confirm_code(ANA, by=CIMO)) == "asker_has_left"


def test_somebody_without_a_role_gets_a_code_from_those_who_may_everywhere(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would outlive the moment: the role that comes later may be any."""
    held = {ANA: (), BORI: ((Role.ADMINISTRATOR, "north"),)}
    monkeypatch.setattr(queries, "rights_of", lambda one: Rights(one, held[one]))
    assert refusal(lambda: logins.ask_code(ANA, by=BORI)) == "not_for_your_role"
    held[BORI] = ((Role.ADMINISTRATOR, EVERYWHERE),)
    logins.ask_code(ANA, by=BORI)


def test_a_session_does_not_begin_where_the_log_in_has_gone(node: Node, ana: object) -> None:
    assert sessions.begin(ANA, enrolled=True)
    logins.forget(ANA)
    assert refusal(lambda: sessions.begin(ANA, enrolled=True)) == "sign_in_refused"


def test_taking_the_file_away_signs_everybody_out_at_once(node: Node, ana: object) -> None:
    session = sessions.begin(ANA)
    assert sessions.find(session.token)
    for path in node.home.glob(f"{local.FILE}*"):
        path.unlink()
    assert sessions.find(session.token) is None and tells("ana.korum") == "sign_in_refused"
