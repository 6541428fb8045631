"""What people ask about people, and the question that every screen and every action asks: what may this person do?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import rules
from ulinzi.accounts.models import Grant, Membership, Person, Team
from ulinzi.accounts.rules import EVERYWHERE, HOME, Act, Rights, Role
from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound
from ulinzi.kernel.folding import folded
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.codec import WHY, Dot
from ulinzi.ledger.history import Change, Erased, Event
from ulinzi.ledger.shapes import Problem, Row

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
    return {row["id"]: row["name"] or "" for row in everybody()}


def everybody() -> list[Row]:
    """In no order."""
    return tables.read(node.current(), Person.shape, "1 = 1", [])


def with_roles(among: Sequence[Row] | None = None) -> list[Row]:
    """Everybody who holds a role now, with the roles they hold.

    `among`: everybody, where a page has read them already.
    """
    return _with_rights((row, rules.rights(row["id"], held)) for row, held in _everybody(among))


def _with_rights(found: Iterable[tuple[Row, Rights]]) -> list[Row]:
    return sorted([Row({**row, "rights": rights}) for row, rights in found if rights.held], key=_by_role)


def _by_role(row: Row) -> tuple[int, str]:
    """In the order of the list of roles: the watch first, whoever looks after the machine last."""
    return min(ROLES.index(role) for role in row["rights"].roles), row["name"] or ""


def persons(*, limit: int = 10_000) -> list[Row]:
    return tables.read(node.current(), Person.shape, "1 = 1 ORDER BY name, id LIMIT %s", [limit])


def grants(people: Iterable[UUID]) -> dict[UUID, list[Row]]:
    """By person, the oldest first; those that ended too."""
    listed = sorted(set(people), key=lambda one: one.int)
    return _by_person(listed, tables.by_ids(node.current(), Grant.shape, listed, column="root_id"))


def _by_person(people: Iterable[UUID], rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {one: [] for one in people}
    for row in sorted(rows, key=lambda row: (row["asked_at"] or 0, row["id"].int)):
        found.setdefault(row["root"], []).append(row)
    return found


def _everybody(among: Sequence[Row] | None = None) -> list[tuple[Row, list[Row]]]:
    """With all that was granted: asked in two questions, however many they are."""
    people = persons() if among is None else among
    held = _by_person((row["id"] for row in people), tables.read(node.current(), Grant.shape, "1 = 1", []))
    return [(row, held[row["id"]]) for row in people]


def known(reader: Rights) -> list[tuple[Row, list[Row]]]:
    """Everybody whom a reader may know of, with the grants they may know of."""
    listed = [(row, held) for row, held in _everybody() if rules.may_know(reader, row["id"], held)]
    return [(row, rules.known_grants(reader, held)) for row, held in listed]


class Known(NamedTuple):
    """A person, with the grants that a reader may know of. `every` has the others too, and goes on no page:
    who may end everything or hand over a code depends on it.
    """

    row: Row
    grants: list[Row]
    every: list[Row]

    @property
    def rights(self) -> Rights:
        return rules.rights(self.row["id"], self.every)

    @property
    def open_places(self) -> set[str]:
        """Wherever something was asked for or given that nobody has ended."""
        return {one["place"] or "" for one in self.every if one["ended"] is None}


def known_person(record: UUID, reader: Rights) -> Known:
    """One of them, or NotFound: not here and not yours look the same."""
    row, held = person(record), grants([record])[record]
    if not rules.may_know(reader, record, held):
        raise NotFound("record_not_found", record=str(record))
    return Known(row, rules.known_grants(reader, held), held)


def known_grant(record: UUID, reader: Rights) -> tuple[Row, Row]:
    """A grant and whose it is, for somebody who may know of it."""
    found = tables.by_ids(node.current(), Grant.shape, [record])
    if not found or not rules.known_grants(reader, found):
        raise NotFound("record_not_found", record=str(record))
    return found[0], person(found[0]["root"])


def doubtful_grants(reader: Rights) -> list[dict[str, object]]:
    """Grants that another machine wrote and that somebody had no right to, as far as the reader answers for the place.

    Own entries were refused or allowed when they were written; nobody is asked twice.
    """
    elsewhere = _written_elsewhere()
    listed = tables.by_ids(node.current(), Grant.shape, elsewhere)
    shown = [one for one in rules.known_grants(reader, listed) if reader.may(Act.SEE_SYSTEM, one["place"] or "")]
    named = {who for one in shown for who in (one["asked_by"], one["decided_by"], one["ended_by"]) if who}
    held = grants(named) if named else {}
    return [_problem(one, found) for one in shown for found in rules.doubts(one, held)]


def _problem(grant: Row, found: Problem) -> dict[str, object]:
    """As the ledger gives those that it finds itself."""
    about = {"record": grant["id"], "root": grant["root"], "model": Grant.shape.label, "by_rule": True}
    return about | {"compartment": grant["compartment"], "code": found.code, "detail": found.detail}


def _written_elsewhere() -> list[UUID]:
    """Records of the mission's own compartment in which another machine has written: none before any was received."""
    sql = (
        "SELECT DISTINCT p.record FROM ledger_feed f JOIN ledger_part p ON p.feed = f.no"
        " WHERE f.compartment = %s AND NOT f.own AND p.record IS NOT NULL"
    )
    return [UUID(bytes=bytes(row[0])) for row in ledger_queries.read(sql, [HOME])]


def is_taken(name: str, reader: Rights, *, besides: UUID | None = None) -> bool:
    """Whether somebody else has this name: people share names, and whoever gives one has to know.

    Said to those alone who may know of everybody.
    """
    wanted = folded(name)
    listed = all_names() if wanted and reader.may(Act.SEE_PEOPLE, EVERYWHERE) else {}
    return any(one != besides and folded(told) == wanted for one, told in listed.items())


def known_teams(reader: Rights) -> list[Row]:
    return [row for row in teams() if _sees_team(reader, row)]


def known_team(record: UUID, reader: Rights) -> Row:
    found = tables.by_ids(node.current(), Team.shape, [record])
    if not found or not _sees_team(reader, found[0]):
        raise NotFound("record_not_found", record=str(record))
    return found[0]


def _sees_team(reader: Rights, team: Row) -> bool:
    return reader.may(Act.SEE_PEOPLE, team["place"] or "")


def with_act(act: Act, compartment: str, among: Iterable[Row] | None = None) -> list[Row]:
    """Everybody who may do this there, with what they may do there: whom to hand something to, whom to ask.

    Two questions about this place alone: what people hold elsewhere is not read. `among`: everybody, where a page
    has read them already.
    """
    here, where = node.current(), "place IN (%s, %s) AND ended IS NULL"
    held = _by_person([], tables.read(here, Grant.shape, where, [compartment, EVERYWHERE]))
    listed = f"id IN (SELECT root_id FROM {tables.table(Grant.shape).name} WHERE {where})"
    people = tables.read(here, Person.shape, listed, [compartment, EVERYWHERE]) if among is None else among
    found = _with_rights((row, rules.rights(row["id"], held[row["id"]])) for row in people if row["id"] in held)
    return [row for row in found if row["rights"].may(act, compartment)]


def teams() -> list[Row]:
    return tables.read(node.current(), Team.shape, "1 = 1 ORDER BY name, id LIMIT %s", [1000])


def memberships(found: Iterable[UUID]) -> dict[UUID, list[Row]]:
    listed = set(found)
    rows = tables.by_ids(node.current(), Membership.shape, listed, column="root_id")
    return {team: [row for row in rows if row["root"] == team] for team in listed}


def colleagues(person: UUID) -> set[UUID]:
    """Everybody who shares a team with a person."""
    here, name = node.current(), tables.table(Membership.shape).name
    where = f'root_id IN (SELECT root_id FROM {name} WHERE member = %s AND "left" IS NULL)'
    found = tables.read(here, Membership.shape, where, tables.id_params(here, [person]))
    return set(rules.members(found)) - {person}


# What happened.


def person_history(known: Known, reader: Rights) -> list[Event]:
    """Everything that happened to a person and to those grants that the reader may know of; of others, nothing."""
    shown = {known.row["id"], *(one["id"] for one in known.grants)}
    places = {one["id"]: one["place"] or "" for one in known.every}
    found = []
    for event in ledger_queries.history(Person.shape.label, known.row["id"]):
        about = _about(event, shown, hidden=bool(places.keys() - shown))
        if about.changes or about.erasures:
            # The reason was given for all that the entry did, also for what is not shown.
            found.append(_without_words(about, _reads(reader, [places.get(one.record) for one in event.changes])))
    return found


def team_history(team: Row, reader: Rights) -> list[Event]:
    """Who was put into a team and taken out of it, by whom."""
    reads = _reads(reader, [team["place"] or ""])
    return [_without_words(event, reads) for event in ledger_queries.history(Team.shape.label, team["id"])]


def _reads(reader: Rights, places: Iterable[str | None]) -> bool:
    return rules.may_read_reasons(reader, {one for one in places if one is not None})


def _about(event: Event, shown: set[UUID], *, hidden: bool) -> Event:
    """An entry as far as it speaks of these records. An erasure does not say of which: only names are surely theirs."""
    changes = [one for one in event.changes if one.record in shown]
    erasures = [] if event.changes and not changes else event.erasures
    if hidden:
        erasures = [one for one in erasures if set(one.groups) <= {group.name for group in Person.shape.groups}]
    return replace(event, changes=changes, erasures=erasures)


def _without_words(event: Event, reads: bool) -> Event:
    """The reason of an entry is somebody's words: to whoever may not read it, it is said that there is one."""
    told = event.reason or any(one.basis for one in event.erasures)
    if reads or not told:
        return event
    withheld = Change("", UUID(int=0), "", None, False, Dot(event.feed, event.seq, WHY), withheld=True)
    erasures = [Erased(one.groups, "", one.second) for one in event.erasures]
    return replace(event, reason="", changes=[*event.changes, withheld], erasures=erasures)
