"""Codes of sources, who may be called, when a community has too few voices."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from ulinzi.accounts.rules import PLACED, Act, Rights, Role
from ulinzi.gateway import codes
from ulinzi.kernel import ids
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.errors import Refused
from ulinzi.network import rules

CODES = [rules.new_code(SeededChance(f"code {number}")) for number in range(300)]


def refused(text: str) -> bool:
    try:
        rules.read_code(text)
    except Refused as error:
        return error.code == "source_code_wrong"
    return False


def test_a_code_is_read_as_it_was_made() -> None:
    assert len(set(CODES)) == len(CODES)
    assert [rules.read_code(code) for code in CODES] == CODES


@pytest.mark.parametrize("said", ["{}", " {} ", "s{}", "S {}", "S-{}"])
def test_a_code_is_read_as_people_say_it(said: str) -> None:
    for code in CODES:
        body = code[2:]
        typed = said.format(f"{body[:4]}-{body[4:]}".lower().replace("0", "o").replace("1", "l"))
        assert rules.read_code(typed) == code, typed


def test_one_wrong_sign_is_always_noticed() -> None:
    for code, place, sign in product(CODES[:20], range(2, 10), codes.SIGNS):
        assert sign == code[place] or refused(code[:place] + sign + code[place + 1 :])


def test_two_that_changed_places_are_nearly_always_noticed() -> None:
    slips = [(code, place) for code in CODES for place in range(2, 9) if code[place] != code[place + 1]]
    missed = [code for code, at in slips if not refused(code[:at] + code[at + 1] + code[at] + code[at + 2 :])]
    assert len(missed) < len(slips) / 100


@pytest.mark.parametrize("text", ["", "S-", "S-7Q4KM2", "telephone", "S-ÄÄÄÄÄÄÄÄ", "+243 990 000 000", CODES[0] + "0"])
def test_what_is_no_code_is_refused(text: str) -> None:
    assert refused(text)


def test_control_without_the_check_a_wrong_sign_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "is_right", lambda code: True)
    assert not refused("S-00000001")


STRICTER = ("call", "not_now", "never", None)


def test_only_the_way_back_loosens() -> None:
    """None is what was never said: as strict as can be."""
    for one, other in pairwise(STRICTER):
        assert rules.loosens(other, one) and not rules.loosens(one, other)
    assert not any(rules.loosens(one, one) for one in STRICTER)


def test_three_voices_are_enough_and_two_are_not() -> None:
    assert [rules.few_voices(many) for many in range(5)] == [True, True, True, False, False]


def test_who_hands_the_duty_on() -> None:
    somebody = ids.derived_id("tests.person", "somebody")
    may = {role for role in Role if rules.may_share_duty(Rights(somebody, ((role, "north"),)), "north")}
    assert may == {role for role in Role if PLACED[role] & {Act.EDIT_NETWORK, Act.HANDLE_MESSAGES}}
    assert Role.WATCH_OFFICER in may and Role.BASE_COMMANDER not in may
    assert not rules.may_share_duty(Rights(somebody, ((Role.WATCH_OFFICER, "south"),)), "north")
