"""What the command line understands. Standard library only, so that `--help` answers at once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from ulinzi import __version__
from ulinzi.cli.language import N_, _, ngettext

# argparse's own few sentences, so that they are in the catalogue.
_FROM_ARGPARSE = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("show program's version number and exit"),
    N_("%(prog)s: error: %(message)s\n"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("expected one argument"),
)

# The access log keeps it for ever, so it is a code and never a sentence. docs/reference/commands.md says when which.
PURPOSES = ("archive", "check", "export", "handover", "request")


# As accounts.rules has them; a test compares. `--help` loads neither them nor Django.
BODIES = ("mission_civilian", "mission_military", "mission_police", "united_nations", "partner")
ROLES = (
    "watch_officer", "liaison_assistant", "base_commander", "police_commander", "provincial_adviser", "senior_adviser",
    "team_leader", "provincial_analyst", "headquarters_analyst", "human_rights_officer", "women_adviser",
    "child_adviser", "diligence_officer", "head_of_office", "leadership", "source_handler", "partner",
    "security_officer", "administrator",
)  # fmt: skip


# Those that come with the program, the default first; a test compares.
MISSIONS = ("belavi", "osmere")


class _InsteadOf(argparse.Action):
    """An option with which another is no longer asked for."""

    def __init__(self, *args: Any, other: argparse.Action, **options: Any) -> None:
        super().__init__(*args, **options)
        self.other = other

    def __call__(self, parser: object, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        setattr(namespace, self.dest, values)
        self.other.required = False


def parser() -> argparse.ArgumentParser:
    # argparse looks its sentences up by this name.
    argparse._ = _  # type: ignore[attr-defined]
    argparse.ngettext = ngettext  # type: ignore[attr-defined]
    top = argparse.ArgumentParser(
        prog="ulinzi", description=_("Information, early warning and response, on this machine.")
    )
    top.add_argument("--version", action="version", version=f"ulinzi {__version__}")
    groups = top.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)
    _add_node(groups)
    _add_ledger(_group(groups, "ledger", _("check, rebuild, show and export what was written down")))
    _add_person(_group(groups, "person", _("people, their roles, and the codes with which they come in")))
    _add_gateway(_group(groups, "gateway", _("the phones that messages come from, and the process that receives")))
    _add_import(_group(groups, "import", _("bring in areas or tasks from a sheet")))
    return top


def _group(groups: Any, name: str, said: str) -> Any:
    made = groups.add_parser(name, help=said, description=said)
    return made.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)


def _command(groups: Any, name: str, run: str, said: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = groups.add_parser(name, help=said, description=said)
    made.set_defaults(run=run)
    return made


def _add_node(groups: Any) -> None:
    init = _command(groups, "init", "init:init", _("make this machine a node, or finish what was begun"))
    init.add_argument("--code", required=True, metavar=_("CODE"), help=_("2 to 5 capital letters, for example BEN"))
    compartment = init.add_argument(
        "--compartment", required=True, action="append", metavar=_("NAME"),
        help=_("what this node may hold, for example north; may be given several times; --mission names them too"),
    )  # fmt: skip
    init.add_argument(
        "--mission", action=_InsteadOf, other=compartment, metavar=_("NAME"),
        help=_("whose node this is: one of {words}, or a folder; it is copied").format(words=", ".join(MISSIONS)),
    )  # fmt: skip
    _command(groups, "run", "run:run", _("serve the screens and do the work in the background"))
    work = _command(groups, "work", "work:work", _("do only the work in the background"))
    work.add_argument("--once", action="store_true", help=_("end when nothing is due"))
    demo = _command(groups, "demo", "demo:demo", _("fill a demonstration mission, once, and serve it"))
    demo.add_argument("--mission", choices=MISSIONS, metavar=_("NAME"), help=_one_of(MISSIONS))


def _add_ledger(groups: Any) -> None:
    verify = _command(groups, "verify", "ledger:verify", _("check the chain, the digests and the seals"))
    verify.add_argument("--tables", action="store_true", help=_("compare the tables with the entries too"))
    _command(groups, "rebuild", "ledger:rebuild", _("write the tables again from the entries, where they differ"))
    show = _command(groups, "show", "ledger:show", _("the timeline of one record"))
    show.add_argument("id", metavar="ID", help=_("the id of the record"))
    show.add_argument("--json", action="store_true", help=_("one JSON object per entry"))
    export = _command(groups, "export", "ledger:export", _("write the entries as lines of JSON"))
    export.add_argument("file", metavar=_("FILE"), help=_("a new file, or - for the screen"))
    export.add_argument(
        "--compartment", action="append", metavar=_("NAME"), help=_("only this one; may be given several times")
    )
    export.add_argument(
        "--purpose", default="export", choices=PURPOSES, metavar=_("WORD"),
        help=_("what it is for, one of {words}; the access log keeps it").format(words=", ".join(PURPOSES)),
    )  # fmt: skip


def _add_person(groups: Any) -> None:
    add = _command(groups, "add", "person:add", _("write down a person, with a role if one is named"))
    add.add_argument("name", metavar=_("NAME"), help=_("the name shown"))
    add.add_argument("--body", required=True, choices=BODIES, metavar=_("BODY"), help=_one_of(BODIES))
    add.add_argument("--language", choices=("fr", "en"), metavar=_("LANGUAGE"), help=_("fr or en, for their screens"))
    add.add_argument("--role", choices=ROLES, metavar=_("ROLE"), help=_one_of(ROLES))
    add.add_argument("--place", metavar=_("PLACE"), help=_("a compartment, or * for the whole mission"))
    grant = _command(groups, "grant", "person:grant", _("give a person a role, at once"))
    grant.add_argument("person", metavar=_("PERSON"), help=_("the id, or a name that only one person has"))
    grant.add_argument("role", choices=ROLES, metavar=_("ROLE"), help=_one_of(ROLES))
    grant.add_argument("place", metavar=_("PLACE"), help=_("a compartment, or * for the whole mission"))
    code = _command(groups, "code", "person:code", _("a one-time code with which a person chooses a password here"))
    code.add_argument("person", metavar=_("PERSON"), help=_("the id, or a name that only one person has"))
    _command(groups, "list", "person:listed", _("everybody, with the roles they hold"))


def _add_gateway(groups: Any) -> None:
    _command(groups, "run", "gateway:run", _("only the gateway; “ulinzi run” starts it too, where there is a phone"))
    add = _command(groups, "add", "gateway:add", _("a phone, or other settings for one; its secrets are asked for"))
    add.add_argument("code", metavar=_("CODE"), help=_("capital letters, figures and dashes, for example NORTH-1"))
    add.add_argument("--office", required=True, metavar=_("NAME"), help=_("the compartment its messages belong to"))
    add.add_argument("--name", required=True, metavar=_("NAME"), help=_("the name shown"))
    add.add_argument(
        "--calling-code", default="", metavar=_("FIGURES"), help=_("of the country, for numbers that begin with 0")
    )
    add.add_argument(
        "--every", type=int, default=15, metavar=_("MINUTES"),
        help=_("how often it gives a sign of life, 15 unless said otherwise; after three times that it is silent"),
    )  # fmt: skip
    add.add_argument("--send", metavar="URL", help=_("where it takes messages to send, up to and without /message"))
    add.add_argument("--send-user", default="sms", metavar=_("NAME"), help=_("as whom to come there"))
    add.add_argument("--call", metavar="URL", help=_("where it takes numbers to call, up to and without /calls"))
    add.add_argument("--call-user", default="sms", metavar=_("NAME"), help=_("as whom to come there"))
    _command(groups, "phones", "gateway:phones", _("every phone, and when it was last heard"))
    enrol = _command(groups, "enrol", "gateway:enrol", _("a number becomes a source; the number is asked for"))
    enrol.add_argument("code", metavar=_("CODE"), help=_("the code of the source, S- and eight signs"))
    pretend = _command(
        groups, "pretend", "gateway:pretend", _("in a demonstration: somebody invented calls, or writes")
    )
    pretend.add_argument("code", nargs="?", default="DUTY-1", metavar=_("CODE"), help=_("the phone that hears it"))
    pretend.add_argument(
        "--words", default="", metavar=_("WORDS"), help=_("an SMS with these words; without, a missed call")
    )
    pretend.add_argument("--number", default="+999709999", metavar="NUMBER", help=_("from which invented number"))
    withdraw = _command(groups, "withdraw", "gateway:withdraw", _("no number leads to this source any more"))
    withdraw.add_argument("code", metavar=_("CODE"), help=_("the code of the source, S- and eight signs"))


def _one_of(words: Sequence[str]) -> str:
    return _("one of {words}").format(words=", ".join(words))


def _add_import(groups: Any) -> None:
    areas = _command(groups, "areas", "imports:areas", _("areas: code, name, kind, parent"))
    tasks = _command(
        groups, "tasks", "imports:tasks",
        _("tasks: reference, title, detail, area, due, due_basis, urgency, tiers"),
    )  # fmt: skip
    for one in (areas, tasks):
        one.add_argument(
            "file", metavar=_("FILE.csv"), help=_("a sheet in UTF-8, its first row the names of the columns")
        )
        one.add_argument("--compartment", required=True, metavar=_("NAME"), help=_("where they belong"))
