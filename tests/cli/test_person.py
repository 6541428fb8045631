"""The first people of a machine come from its console: written down, given a role, given a code to come in with."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Machine
from ulinzi.accounts import rules
from ulinzi.cli import commands

CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}\b")


def test_the_first_administrator_comes_from_the_console(machine: Machine) -> None:
    machine.init()
    added = machine.run(
        "person", "add", "Nils Ferro", "--body", "mission_civilian", "--role", "administrator", "--place", "*"
    )
    assert added.returncode == 0 and added.stdout.startswith("Added: Nils Ferro, ")
    assert "Nils Ferro  administrator *" in machine.run("person", "list").stdout
    issued = machine.run("person", "code", "nils ferro")
    assert len(CODE.findall(issued.stdout)) == 1 and "only on this machine" in issued.stdout
    assert machine.run("ledger", "verify", "--tables").returncode == 0


def test_a_role_is_given_later(machine: Machine) -> None:
    machine.init()
    machine.run("person", "add", "Lioba Rensa", "--body", "mission_civilian")
    assert "Lioba Rensa  -" in machine.run("person", "list").stdout
    assert machine.run("person", "grant", "Lioba Rensa", "head_of_office", "north").returncode == 0
    assert "Lioba Rensa  head_of_office north" in machine.run("person", "list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grant", "Nobody Here", "administrator", "*"), "0 people are called"),
        (("grant", "Twin", "administrator", "*"), "2 people are called"),
        (("grant", "Lioba Rensa", "watch_officer", "*"), "This role holds in one province"),
        (("grant", "Lioba Rensa", "watch_officer", "east"), "does not hold the compartment"),
        (("grant", "Officer Tarrel", "head_of_office", "north"), "not for people of this body"),
        (("add", "  ", "--body", "partner"), "There is no name"),
        (("add", "X", "--body", "partner", "--role", "administrator", "--place", "*"), "not for people of this body"),
        (("add", "Lioba", "--body", "mission_civilian", "--role", "watch_officer"), "This role holds in one province"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(machine: Machine, words: tuple[str, ...], said: str) -> None:
    machine.init()
    for name, body in (
        ("Lioba Rensa", "mission_civilian"),
        ("Officer Tarrel", "mission_military"),
        ("Twin", "partner"),
    ):
        machine.run("person", "add", name, "--body", body)
    machine.run("person", "add", "Twin", "--body", "partner")
    before = machine.run("person", "list").stdout
    ran = machine.run("person", *words)
    assert (ran.returncode, said in ran.stderr) == (1, True), ran.stderr
    assert machine.run("person", "list").stdout == before


def test_no_force_of_the_host_state_is_on_the_list(machine: Machine) -> None:
    machine.init()
    ran = machine.run("person", "add", "Colonel Drun", "--body", "host_state")
    assert (ran.returncode, "invalid choice" in ran.stderr) == (2, True)


def test_the_words_of_the_command_line_are_those_of_the_rules() -> None:
    assert tuple(rules.Role) == commands.ROLES and commands.BODIES == rules.BODIES
