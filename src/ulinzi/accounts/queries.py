"""What people ask about people, and the question that every screen and every action asks: what may this person do?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import rules
from ulinzi.accounts.models import Grant, Membership, Person, Team
from ulinzi.accounts.rules import Act, Rights, Role
from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound
from ulinzi.ledger import node, tables
from ulinzi.ledger.shapes import Row

ROLES = tuple(Role)
_console: ContextVar[UUID | None] = ContextVar("ulinzi_console", default=None)


def console() -> UUID:
    """Whoever sits at the command line of this machine: one name for the node, and no person's."""
    return ids.derived_id("console", node.current().public_key)


@contextmanager
def at_console(person: UUID) -> Iterator[None]:
    """Whoever sits at the machine's own command line may do everything: they could read its disk anyway."""
    token = _console.set(person)
    try:
        yield
    finally:
        _console.reset(token)


def rights_of(person: UUID) -> Rights:
    """Asked anew each time, inside the transaction that writes: a grant that has ended counts for nothing at once."""
    if person == _console.get():
        return Rights(person, all=True)
    ledger.hold()
    return rules.rights(person, tables.by_ids(node.current(), Grant.shape, [person], column="root_id"))


def check_may(person: UUID, act: Act, compartment: str) -> None:
    rules.check_may(rights_of(person), act, compartment)


def person(record: UUID) -> Row:
    found = tables.by_ids(node.current(), Person.shape, [record])
    if not found:
        raise NotFound("record_not_found", record=str(record))
    return found[0]


def names(people: Iterable[UUID]) -> dict[UUID, str]:
    found = tables.by_ids(node.current(), Person.shape, set(people))
    return {row["id"]: row["name"] or "" for row in found}


def all_names() -> dict[UUID, str]:
    """Of everybody: a page that shows many names asks once."""
    found = tables.read(node.current(), Person.shape, "1 = 1", [])
    return {row["id"]: row["name"] or "" for row in found}


def with_roles() -> list[Row]:
    """Everybody who holds a role now, with the roles they hold."""
    people = persons()
    held = grants(row["id"] for row in people)
    found = [Row({**row, "rights": rules.rights(row["id"], held[row["id"]])}) for row in people]
    return sorted([row for row in found if row["rights"].held], key=_by_role)


def _by_role(row: Row) -> tuple[int, str]:
    """In the order of the list of roles: the watch first, whoever looks after the machine last."""
    return min(ROLES.index(role) for role in row["rights"].roles), row["name"] or ""


def persons(*, limit: int = 10_000) -> list[Row]:
    return tables.read(node.current(), Person.shape, "1 = 1 ORDER BY name, id LIMIT %s", [limit])


def grants(people: Iterable[UUID]) -> dict[UUID, list[Row]]:
    """By person, the oldest first; those that ended too."""
    listed = sorted(set(people), key=lambda one: one.int)
    found: dict[UUID, list[Row]] = {one: [] for one in listed}
    for row in tables.by_ids(node.current(), Grant.shape, listed, column="root_id"):
        found[row["root"]].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row["asked_at"] or 0, row["id"].int))
    return found


def known(reader: Rights) -> list[tuple[Row, list[Row]]]:
    """Everybody whom a reader may know of, with the grants they may know of."""
    people = persons()
    held = grants(row["id"] for row in people)
    listed = [(row, held[row["id"]]) for row in people if rules.may_know(reader, row["id"], held[row["id"]])]
    return [(row, rules.known_grants(reader, found)) for row, found in listed]


def known_person(record: UUID, reader: Rights) -> tuple[Row, list[Row]]:
    """One of them, or NotFound: not here and not yours look the same."""
    row, held = person(record), grants([record])[record]
    if not rules.may_know(reader, record, held):
        raise NotFound("record_not_found", record=str(record))
    return row, rules.known_grants(reader, held)


def known_teams(reader: Rights) -> list[Row]:
    return [row for row in teams() if reader.may(Act.SEE_PEOPLE, row["place"] or "")]


def with_act(act: Act, compartment: str) -> list[Row]:
    """Everybody who may do this there: whom to hand something to, whom to ask."""
    return [row for row in with_roles() if row["rights"].may(act, compartment)]


def teams() -> list[Row]:
    return tables.read(node.current(), Team.shape, "1 = 1 ORDER BY name, id LIMIT %s", [1000])


def memberships(found: Iterable[UUID]) -> dict[UUID, list[Row]]:
    listed = set(found)
    rows = tables.by_ids(node.current(), Membership.shape, listed, column="root_id")
    return {team: [row for row in rows if row["root"] == team] for team in listed}


def colleagues(person: UUID) -> set[UUID]:
    """Everybody who shares a team with a person."""
    held = memberships(row["id"] for row in teams())
    listed = [rules.members(rows) for rows in held.values()]
    return {one for team in listed if person in team for one in team} - {person}
