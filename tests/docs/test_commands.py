"""The commands that the pages name are understood, and the page of commands is what the command line says."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterable

import pytest

from tests.docs import commands, pages
from tests.repo import test_commands as make
from tests.repo import tree
from ulinzi.cli import main
from ulinzi.cli.commands import PURPOSES

ULINZI = re.compile(r"^(?:\.venv/bin/)?ulinzi(?: |$)")
MODULE = re.compile(r"^\.venv/bin/python -m (tests\.[\w.]+)$")
OTHERS = re.compile(r"^(?:make [a-z]|umask 077$|\.venv/bin/python -[mc] )")


def misunderstood(line: str) -> str:
    """What the command line objects to in a whole command."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        commands.parser().parse_args(shlex.split(line)[1:])
    return said.getvalue()


def unknown_words(words: Iterable[str]) -> list[str]:
    """Subcommands and options in a mention of a command; it may leave out what it is not about."""
    one, unknown = commands.parser(), []
    for word in words:
        below = commands.subcommands(one)
        options = {name for action in one._actions for name in action.option_strings}
        if word.strip(".") and not word.startswith("-") and below:
            one = below.get(word) or one
            unknown += [] if word in below else [word]
        elif word.startswith("--") and word.strip("[]") not in options:
            unknown.append(word)
    return unknown


def mentions(page: str) -> list[str]:
    return [code for code in pages.inline(page) if ULINZI.match(code)]


def test_every_command_in_a_console_is_understood():
    lines = [line for path in pages.paths() for line in pages.shell(path.read_text()) if ULINZI.match(line)]
    assert len(lines) > 5
    assert {line: said for line in lines if (said := misunderstood(line))} == {}


def test_every_console_holds_commands_that_are_tested():
    lines = [line for path in pages.paths() for line in pages.shell(path.read_text())]
    targets = {target for line in lines for target in make.calls(f"`{line}`")}
    assert targets - make.targets() == set()
    assert [line for line in lines if not (ULINZI.match(line) or OTHERS.match(line))] == []


def test_every_mention_of_a_command_is_right():
    found = {
        f"{tree.named(path)}: {code}": unknown
        for path in pages.paths()
        for code in mentions(path.read_text())
        if (unknown := unknown_words(code.replace("[", "").replace("]", "").split()[1:]))
    }
    assert found == {}


def test_every_module_that_a_page_runs_is_there():
    lines = [code for path in pages.paths() for code in pages.inline(path.read_text())]
    modules = {match[1] for line in lines if (match := MODULE.match(line))}
    assert modules
    assert [name for name in modules if not (tree.ROOT / (name.replace(".", "/") + ".py")).exists()] == []


def test_the_page_of_commands_is_what_the_command_line_says():
    _, _, written = commands.PAGE.read_text(encoding="utf-8").partition(commands.BEGIN)
    assert written.strip() == commands.generated().strip(), "run .venv/bin/python -m tests.docs.commands"


def test_the_page_has_every_purpose_of_an_export():
    page, _, _ = commands.PAGE.read_text(encoding="utf-8").partition(commands.BEGIN)
    assert set(pages.first_column(page)) == set(PURPOSES)


def test_exit_codes_are_those_of_the_page(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 2
    assert "2 the command was not understood" in commands.PAGE.read_text()


@pytest.mark.parametrize("line", ["ulinzi fly", "ulinzi ledger verify --twice", "ulinzi init --code BEN"])
def test_control_a_wrong_command_is_found(line):
    assert misunderstood(line)


@pytest.mark.parametrize(
    ("mention", "unknown"),
    [
        ("ulinzi ledger verify --tables", []),
        ("ulinzi init", []),
        ("ulinzi ...", []),
        ("ulinzi fly", ["fly"]),
        ("ulinzi ledger check", ["check"]),
        ("ulinzi ledger verify --all", ["--all"]),
    ],
)
def test_control_a_wrong_mention_is_found(mention, unknown):
    assert unknown_words(mention.split()[1:]) == unknown


def test_control_a_command_left_out_of_the_page_is_found():
    names = [one.prog for one in commands.leaves(commands.parser())]
    assert "ulinzi ledger verify" in names and "ulinzi ledger" not in names
    assert [f"## {name}" for name in names] == [line for line in commands.generated().splitlines() if line[:3] == "## "]
