"""People with roles, as the console gives them: at once, so that a test can begin."""

from __future__ import annotations

from uuid import UUID

from tests.nodes import person
from ulinzi.accounts import actions, local, queries
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.ledger import node as nodes

CONSOLE = person("console")


def add(name: str, *held: tuple[Role, str], body: str = "mission_civilian") -> UUID:
    """A person who holds these roles."""
    with queries.at_console(CONSOLE):
        made = actions.add_person(by=CONSOLE, name=name, body=body)
        for role, place in held:
            actions.ask_grant(made, role, place, by=CONSOLE)
    return made


def administrator(name: str = "Asha", place: str = EVERYWHERE) -> UUID:
    return add(name, (Role.ADMINISTRATOR, place))


def head(name: str = "Hodan", place: str = "north") -> UUID:
    return add(name, (Role.HEAD_OF_OFFICE, place))


def held(who: UUID) -> list[tuple[str, str]]:
    """What somebody may do now, as role and place."""
    return sorted((str(role), place) for role, place in queries.rights_of(who).held)


def end_sessions(who: UUID) -> None:
    """As if the hours had run out: the log-in stays, as it does then."""
    with local.writing(nodes.current()) as file:
        file.execute("DELETE FROM session WHERE person = ?", (who.bytes,))
