"""`ulinzi person ...`: the first people of a machine, their roles, and the codes with which they come in."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING
from uuid import UUID

from ulinzi.cli import opening
from ulinzi.cli.language import _
from ulinzi.kernel.errors import Refused

if TYPE_CHECKING:
    from ulinzi.ledger.shapes import Row


def add(options: Namespace) -> None:
    """Somebody, with a role at once where one is named: the console needs no second person."""
    if bool(options.role) != bool(options.place):
        raise Refused("role_needs_a_place", role=options.role or "")
    with opening.node() as node:
        from django.conf import settings

        from ulinzi.accounts import actions

        held = (options.role, options.place) if options.role else None
        told = {"name": options.name, "body": options.body, "language": options.language or settings.LANGUAGE_CODE}
        person = actions.add_person(by=opening.operator(node), held=held, **told)
        print(_("Added: {name}, {id}").format(name=_shown(options.name), id=person))


def grant(options: Namespace) -> None:
    with opening.node() as node:
        from ulinzi.accounts import actions

        row = _find(options.person)
        actions.ask_grant(row["id"], options.role, options.place, by=opening.operator(node))
        print(_("{name} is now {role} in {place}.").format(name=_name(row), role=options.role, place=options.place))


def code(options: Namespace) -> None:
    """On paper or by word of mouth: whoever has the code is the person, on this machine."""
    with opening.node() as node:
        from ulinzi.accounts import logins
        from ulinzi.ledger import access

        row = _find(options.person)
        access.note_now(f"accounts.Person:{row['id']}", purpose="code", by=opening.operator(node), action="issue code")
        issued = logins.issue_code(row["id"])
        print(_("One-time code for {name}: {code}").format(name=_name(row), code=issued))
        print(_("It holds for three days, works once, and only on this machine: open {url}").format(url=_enrol()))


def _enrol() -> str:
    from ulinzi.cli import run

    return f"{run.address(run.port_wanted())}enrol"


def listed(options: Namespace) -> None:
    with opening.node():
        from ulinzi.accounts import queries, rules

        people = queries.persons()
        grants = queries.grants(row["id"] for row in people)
        for row in people:
            held = [f"{one['role']} {one['place']}" for one in rules.in_force(grants[row["id"]])]
            print(f"{row['id']}  {_name(row)}  {', '.join(held) or '-'}")


def _find(wanted: str) -> Row:
    """By id, or by a name that only one person has."""
    from ulinzi.accounts import queries

    try:
        return queries.person(UUID(wanted))
    except ValueError:
        found = [row for row in queries.persons() if (row["name"] or "").casefold() == wanted.casefold()]
    if len(found) != 1:
        raise Refused("person_not_clear", given=wanted, count=len(found))
    return found[0]


def _name(row: Row) -> str:
    return _shown(row["name"] or "-")


def _shown(text: str) -> str:
    from ulinzi.web import plain

    return plain.visible(text)
