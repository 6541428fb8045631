"""The page of roles and acts is what the rules say, and the numbers in its sentences are those of the code."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from tests.docs import access, pages
from ulinzi.accounts import local, logins, rules, sessions
from ulinzi.accounts.rules import Act, Role, Sensitivity
from ulinzi.kernel.clock import HOUR, MINUTE

AGAIN = "run .venv/bin/python -m tests.docs.access"


def parts() -> tuple[str, str]:
    head, _, written = access.PAGE.read_text(encoding="utf-8").partition(access.BEGIN)
    return head, written


def says(words: str) -> bool:
    return words in re.sub(r"\s+", " ", parts()[0])


def test_the_tables_are_what_the_rules_say():
    assert parts()[1].strip() == access.generated().strip(), AGAIN


def test_every_role_and_every_act_has_one_row():
    assert [row[0].strip("`") for row in pages.rows(access.roles())] == list(Role)
    assert [row[0].strip("`") for row in pages.rows(access.acts())] == list(Act)


@pytest.mark.parametrize(
    "said",
    [
        f"{sessions.IDLE // MINUTE} minutes without a page",
        f"{sessions.LONGEST // HOUR} hours",
        f"{sessions.PROOF_HOLDS // MINUTE} minutes old",
        f"{logins.MOST_TRIES} tries",
        f"{logins.MOST_FROM_ADDRESS} tries from it",
        f"{logins.WINDOW // MINUTE} minutes after the first",
        f"{logins.CODE_HOLDS // HOUR} hours",
        f"{logins.SHORTEST} to {logins.LONGEST} signs",
        f"`{local.FILE}`",
        f"`{rules.HOME}`",
    ],
)
def test_numbers_and_names_are_those_of_the_code(said):
    assert says(said)


def test_every_cookie_is_on_the_page():
    names = ("SIGNED_IN_COOKIE", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "THEME_COOKIE", "MESSAGES_COOKIE")
    ours = {getattr(settings, name) for name in names}
    assert set(pages.first_column(pages.section(parts()[0], "Cookies"))) == ours


def test_control_another_number_is_not_on_the_page():
    assert not says(f"{sessions.IDLE // MINUTE + 1} minutes without a page")


def test_control_a_role_that_may_more_changes_the_page(monkeypatch):
    before = access.generated()
    monkeypatch.setitem(rules.PLACED, Role.PARTNER, frozenset({Act.ERASE_WORDS}))
    assert access.generated() != before


def test_control_a_role_that_sees_deeper_changes_the_page(monkeypatch):
    before = access.generated()
    monkeypatch.setitem(rules.CLEARANCE, Role.PARTNER, Sensitivity.STRICT)
    assert access.generated() != before


def test_control_an_act_that_asks_no_longer_changes_the_page(monkeypatch):
    before = access.generated()
    monkeypatch.setattr(rules, "DANGEROUS", rules.DANGEROUS - {Act.ERASE_WORDS})
    assert access.generated() != before
