"""docs/reference/commands.md, from the command line itself. `python -m tests.docs.commands` writes it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from unittest import mock

from tests.repo import tree
from ulinzi.cli import commands

PAGE = tree.ROOT / "docs" / "reference" / "commands.md"
BEGIN = "<!-- from here on written by tests/docs/commands.py -->\n"
Action = argparse.Action


def parser() -> argparse.ArgumentParser:
    with mock.patch.dict(os.environ, ULINZI_LANG="en"):  # the pages are in English
        return commands.parser()


def subcommands(one: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    groups = [action for action in one._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(groups[0].choices) if groups else {}


def leaves(one: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The commands that do something, in the order of `--help`."""
    below = subcommands(one)
    if not below:
        yield one
    for each in below.values():
        yield from leaves(each)


def usage(one: argparse.ArgumentParser) -> str:
    told = [shown(action) if action.required else f"[{shown(action)}]" for action in arguments(one)]
    return " ".join([one.prog, *told])


def arguments(one: argparse.ArgumentParser) -> list[Action]:
    named = [action for action in one._actions if action.option_strings and action.dest != "help"]
    return [*named, *(action for action in one._actions if not action.option_strings)]


def shown(action: Action) -> str:
    if not action.option_strings:
        return str(action.metavar or action.dest)
    return action.option_strings[-1] + (f" {action.metavar}" if action.metavar else "")


def table(one: argparse.ArgumentParser) -> str:
    rows = "".join(f"| `{shown(action)}` | {action.help} |\n" for action in arguments(one))
    return f"\n| argument | meaning |\n|---|---|\n{rows}" if rows else ""


def generated() -> str:
    made = [f"## {one.prog}\n\n`{usage(one)}`: {one.description}.\n{table(one)}" for one in leaves(parser())]
    return "\n".join(made)


if __name__ == "__main__":
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(head + BEGIN + "\n" + generated(), encoding="utf-8")
