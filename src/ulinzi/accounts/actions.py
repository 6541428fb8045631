"""Persons, grants and teams: each change an entry, each dangerous one seen by two people."""

from __future__ import annotations

from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries, rules
from ulinzi.accounts.models import Grant, Membership, Person, Team
from ulinzi.accounts.rules import EVERYWHERE, HOME, Act
from ulinzi.kernel import ids
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Row
from ulinzi.ledger.units import Unit


def person_id(code: str) -> UUID:
    """A person from a list: the same code is the same person, on every node."""
    return ids.derived_id("accounts.person", code, compartment=HOME)


def add_person(
    *,
    by: UUID,
    name: str,
    body: str,
    short: str = "",
    language: str = "fr",
    code: str = "",
    held: tuple[str, str] | None = None,
    at: int | None = None,
) -> UUID:
    """Somebody, and the first role asked for with it where `held` names a role and a place: both or neither."""
    rules.check_person({"name": name, "body": body})
    with ledger.unit("accounts.add_person", by=by, at=at) as unit:
        _check_everywhere(by, Act.EDIT_PEOPLE)
        told = {"name": name.strip(), "short": short.strip() or None, "body": body, "language": language}
        row = unit.add(Person, compartment=HOME, id=person_id(code) if code else None, **told)
        if held is not None:
            _ask(unit, row, *held, by=by)
        return row["id"]


def rename(person: UUID, *, by: UUID, name: str, short: str = "", at: int | None = None) -> None:
    if not name.strip():
        raise Refused("name_missing", field="name")
    with ledger.unit("accounts.rename", by=by, at=at) as unit:
        _check_everywhere(by, Act.RENAME_PEOPLE)
        unit.put(Person, unit.load(Person, person), name=name.strip(), short=short.strip() or None)


def ask_grant(person: UUID, role: str, place: str, *, by: UUID, at: int | None = None) -> UUID:
    """A role for somebody, in a place. It counts once a second person has confirmed it; at the console at once."""
    with ledger.unit("accounts.ask_grant", by=by, at=at) as unit:
        return _ask(unit, unit.load(Person, person), role, place, by=by)


def _ask(unit: Unit, person: Row, role: str, place: str, *, by: UUID) -> UUID:
    rights = queries.rights_of(by)
    rules.check_may(rights, Act.ASK_GRANTS, place)
    rules.check_grant(person, role, place, ledger_queries.compartments())
    _check_not_there(unit, person, role, place)
    asked = {"role": str(role), "place": place, "asked_by": None if rights.all else by, "asked_at": unit.at}
    if rights.all:
        asked |= {"decided_by": by, "decided_at": unit.at, "decision": "confirmed"}
    return unit.add(Grant, root=person, **asked)["id"]


def _check_not_there(unit: Unit, person: Row, role: str, place: str) -> None:
    for one in unit.children(Grant, person):
        if (one["role"], one["place"]) == (role, place) and (rules.may_count(one) or rules.waiting(one)):
            raise Refused("grant_is_there", role=role)


def decide_grant(grant: UUID, decision: str, *, by: UUID, at: int | None = None) -> UUID:
    """Confirm or refuse; whose grant it was."""
    with ledger.unit(f"accounts.{'confirm' if decision == 'confirmed' else 'refuse'}_grant", by=by, at=at) as unit:
        row = unit.load(Grant, grant)
        rules.check_may(queries.rights_of(by), Act.CONFIRM_GRANTS, row["place"])
        rules.check_may_decide(unit.load(Person, row["root"]), row, by)
        if decision == "confirmed" and not queries.rights_of(row["asked_by"]).may(Act.ASK_GRANTS, row["place"]):
            raise Refused("asker_has_left")
        unit.put(Grant, row, decided_by=by, decided_at=unit.at, decision=decision)
        return row["root"]


def end_grant(grant: UUID, *, by: UUID, reason: str, at: int | None = None) -> UUID:
    """At once and for ever: whoever needs the role again is granted it again. Whose grant it was.

    The reason stands in the entry alone, where only its readers find it.
    """
    with ledger.unit("accounts.end_grant", by=by, at=at, why=reason, alone=True) as unit:
        row = unit.load(Grant, grant)
        rules.check_may(queries.rights_of(by), Act.END_GRANTS, row["place"])
        _end(unit, row, by, reason)
        return row["root"]


def _end(unit: Unit, grant: Row, by: UUID, reason: str) -> None:
    if not reason.strip():
        raise Refused("reason_missing", field="reason")
    if grant["ended"] is not None:
        raise Refused("grant_has_ended")
    unit.put(Grant, grant, ended="ended", ended_by=by, ended_at=unit.at)


def leave(person: UUID, *, by: UUID, reason: str, at: int | None = None) -> int:
    """Somebody has left: every role ends in one act. What they wrote stays, under their name."""
    with ledger.unit("accounts.leave", by=by, at=at, why=reason, alone=True) as unit:
        open_grants = [one for one in unit.children(Grant, unit.load(Person, person)) if one["ended"] is None]
        if not open_grants:
            raise Refused("grant_has_ended")
        rights = queries.rights_of(by)
        for one in open_grants:
            rules.check_may(rights, Act.END_GRANTS, one["place"])
            _end(unit, one, by, reason)
        return len(open_grants)


def add_team(*, by: UUID, name: str, place: str, at: int | None = None) -> UUID:
    if not name.strip():
        raise Refused("name_missing", field="name")
    with ledger.unit("accounts.add_team", by=by, at=at) as unit:
        _check_everywhere(by, Act.EDIT_PEOPLE)
        if place not in ledger_queries.compartments():
            raise Refused("compartment_unknown", compartment=place)
        return unit.add(Team, compartment=HOME, name=name.strip(), place=place)["id"]


def join_team(team: UUID, person: UUID, *, by: UUID, at: int | None = None) -> UUID:
    with ledger.unit("accounts.join_team", by=by, at=at) as unit:
        _check_everywhere(by, Act.EDIT_PEOPLE)
        row = unit.load(Team, team)
        unit.load(Person, person)
        if person in rules.members(unit.children(Membership, row)):
            raise Refused("member_already")
        return unit.add(Membership, root=row, member=person, since=unit.at)["id"]


def leave_team(membership: UUID, *, by: UUID, at: int | None = None) -> None:
    with ledger.unit("accounts.leave_team", by=by, at=at) as unit:
        _check_everywhere(by, Act.EDIT_PEOPLE)
        row = unit.load(Membership, membership)
        if row["left"] is not None:
            raise Refused("member_no_longer")
        unit.put(Membership, row, left="left", left_at=unit.at)


def _check_everywhere(by: UUID, act: Act) -> None:
    """Persons and teams belong to the whole mission: a role in one province does not change them."""
    rules.check_may(queries.rights_of(by), act, EVERYWHERE)
