"""`ulinzi ...`: the same queries and actions as the screens. `ulinzi --help` loads no Django."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from ulinzi.kernel.errors import UlinziError

DONE, REFUSED, USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 refused or something was found, 2 the command was not understood."""
    from ulinzi.cli import commands

    # Everything a node writes is its owner's alone: database, journal, export.
    os.umask(0o077)
    options = commands.parser().parse_args(argv)
    module, _, name = options.run.partition(":")
    try:
        return getattr(import_module(f"ulinzi.cli.{module}"), name)(options) or DONE
    except UlinziError as error:
        from ulinzi.cli import errors

        print(errors.words(error), file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return REFUSED
    except BrokenPipeError:
        # Whoever read our output has gone; closing it again at exit would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
