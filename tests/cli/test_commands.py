"""What the command line understands, in which language, and how fast it answers."""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from tests.repo import tree
from ulinzi.cli import commands, errors, language
from ulinzi.kernel.errors import Refused

WITHOUT_DJANGO = """
import sys
from ulinzi.cli import main
try:
    main({words!r})
except SystemExit as ended:
    print(ended.code, *[name for name in ("django", "nacl", "waitress") if name in sys.modules])
"""


def leaves(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> dict[tuple[str, ...], argparse.ArgumentParser]:
    """Every command with its parser."""
    groups = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    if not groups:
        return {path: parser}
    return {at: leaf for name, child in groups[0].choices.items() for at, leaf in leaves(child, (*path, name)).items()}


def test_these_are_the_commands():
    assert sorted(" ".join(path) for path in leaves(commands.parser())) == [
        "demo", "gateway add", "gateway enrol", "gateway phones", "gateway pretend", "gateway run", "gateway withdraw",
        "import areas",
        "import tasks", "init", "ledger export", "ledger rebuild", "ledger show", "ledger verify", "person add",
        "person code", "person grant", "person list", "run", "work",
    ]  # fmt: skip


def test_every_command_can_be_run_and_every_option_says_what_it_is():
    for path, parser in leaves(commands.parser()).items():
        module, _, name = parser.get_default("run").partition(":")
        assert hasattr(__import__(f"ulinzi.cli.{module}", fromlist=[name]), name), path
        assert [one.dest for one in parser._actions if not one.help] == []


@pytest.mark.parametrize(
    ("words", "code"), [(["--help"], 0), (["ledger", "show", "--help"], 0), (["--version"], 0), (["fly"], 2), ([], 2)]
)
def test_help_loads_nothing_heavy(words, code):
    command = [sys.executable, "-c", WITHOUT_DJANGO.format(words=words)]
    ran = subprocess.run(command, cwd=tree.ROOT / "src", capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == str(code)


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "ULINZI_LANG": "fr"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "sw_KE.UTF-8"}, "en"),
        ({"ULINZI_LANG": "", "LANG": "fr"}, "fr"),
    ],
)
def test_the_language_follows_the_environment(environ, chosen):
    assert language.wanted(environ) == chosen


def test_an_error_of_the_command_line_has_its_own_words():
    assert errors.words(Refused("port_taken", port=8417)).startswith("Port 8417 is taken")


def test_another_error_has_the_words_of_the_screens_and_its_code():
    said = errors.words(Refused("title_missing"))
    assert said.startswith("The task has no title.") and said.endswith("(title_missing)")
