"""What people do with the network: enrol a source by a code, say whether it may be called, post people, share the duty.

No name and no number of a source comes here. The gateway keeps the number, under its own key; both know the code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ulinzi import ledger
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import Act, Role
from ulinzi.gateway.client import Client
from ulinzi.jobs import actions as jobs
from ulinzi.kernel import ids
from ulinzi.kernel.errors import Refused
from ulinzi.ledger import node
from ulinzi.ledger.codec import Dot
from ulinzi.network import queries, rules
from ulinzi.network.models import Liaison, Shift, Source
from ulinzi.places.models import Base, Community

Seen = Mapping[str, Sequence[Dot]]


# Sources.


def enrol_source(
    *,
    compartment: str,
    community: UUID,
    kind: str,
    by: UUID,
    code: str = "",
    contact: str = "call",
    reply: str = "none",
    handle: str = "",
    at: int | None = None,
) -> UUID:
    """Somebody who will tell us things. Without a code one is made by chance; with one, whoever was not known under it
    is known from now. `handle` is what the gateway calls their number: it is told whose code that is.
    """
    home, ways = {"community": community, "kind": kind}, {"contact": contact, "reply": reply}
    rules.check_source(home)
    accounts.check_may(by, Act.ENROL_SOURCES, compartment)
    here = node.current()
    code = rules.read_code(code) if code else rules.new_code(here.chance)
    if handle:
        # Before the commit: a code that leads to no number would look like a source that can be called.
        Client(here.home).enrol(handle, code)
    with ledger.unit("network.enrol_source", by=by, at=at) as unit:
        accounts.check_may(by, Act.ENROL_SOURCES, compartment)
        if not ids.lives_in(community.bytes, compartment):
            raise Refused("community_elsewhere", field="community")
        unit.load(Community, community)
        return _enrol(unit, compartment, code, home | ways)


def _enrol(unit: ledger.Unit, compartment: str, code: str, told: dict[str, Any]) -> UUID:
    record = queries.source_id(compartment, code)
    here = unit.find(Source, record)
    if here is None:
        return unit.add(Source, compartment=compartment, id=record, code=code, **told)["id"]
    if here["ended"]:
        raise Refused("source_withdrawn")
    if here["kind"] != "unknown":
        raise Refused("already_here")
    unit.put(Source, here, **told)
    return record


def unknown_source(code: str, compartment: str, *, by: UUID, at: int | None = None) -> UUID:
    """Whoever wrote and is not known, by the code that the gateway gave. Asked again, the same record."""
    record = queries.source_id(compartment, code)
    with ledger.unit("network.unknown_source", by=by, at=at) as unit:
        accounts.check_may(by, Act.HANDLE_MESSAGES, compartment)
        if unit.find(Source, record) is None:
            unit.add(
                Source, compartment=compartment, id=record, code=code, kind="unknown", contact="call", reply="none"
            )
    return record


def set_contact(
    source: UUID, *, by: UUID, contact: str | None = None, reply: str | None = None, at: int | None = None
) -> list[str]:
    """Call, not now or never. Whoever sees the source may make it stricter; the way back is for those who enrol."""
    with ledger.unit("network.set_contact", by=by, at=at) as unit:
        row = unit.load(Source, source)
        wanted = {"contact": contact or row["contact"], "reply": reply or row["reply"]}
        eases = rules.loosens(row["contact"], wanted["contact"]) or wanted["reply"] not in (row["reply"], "none")
        accounts.check_may(by, Act.ENROL_SOURCES if eases else Act.SEE_SOURCES, row["compartment"])
        if row["ended"]:
            raise Refused("source_withdrawn")
        return unit.put(Source, row, **wanted)


def withdraw_source(source: UUID, *, by: UUID, at: int | None = None) -> None:
    """For ever: nobody is called from this commit on. The worker beside the gateway has the number forgotten."""
    with ledger.unit("network.withdraw_source", by=by, at=at) as unit:
        row = unit.load(Source, source)
        accounts.check_may(by, Act.ENROL_SOURCES, row["compartment"])
        if row["ended"]:
            raise Refused("source_withdrawn")
        unit.put(Source, row, ended="withdrawn", ended_at=unit.at)
        # What ties the code to a village goes with them (S02); the code stays, for the gateway to forget its number.
        unit.erase(Source, row, groups=("home",), basis="withdrawn")
        jobs.ask("ledger.checkpoint", key="erased", by=by)


# Liaison assistants.


def add_liaison(
    *,
    compartment: str,
    person: UUID,
    by: UUID,
    base: UUID | None = None,
    languages: str | None = None,
    supervisor: UUID | None = None,
    at: int | None = None,
) -> UUID:
    """A post for somebody who has the role of a liaison assistant there."""
    with ledger.unit("network.add_liaison", by=by, at=at) as unit:
        accounts.check_may(by, Act.EDIT_NETWORK, compartment)
        _check_assistant(person, compartment)
        post = {"base": base, "languages": languages, "supervisor": supervisor}
        _check_post(unit, post, compartment)
        if any(row["person"] == person for row in queries.posts(compartment)):
            raise Refused("already_here")
        return unit.add(Liaison, compartment=compartment, person=person, **post)["id"]


def edit_liaison(
    liaison: UUID, *, by: UUID, seen: Seen | None = None, at: int | None = None, **values: Any
) -> list[str]:
    """Base, languages, supervisor. Where somebody else changed them since `seen`, ledger.Moved shows both."""
    with ledger.unit("network.edit_liaison", by=by, at=at) as unit:
        row = unit.load(Liaison, liaison)
        accounts.check_may(by, Act.EDIT_NETWORK, row["compartment"])
        _check_post(unit, values, row["compartment"])
        return unit.put(Liaison, row, seen=seen, **values)


def end_liaison(liaison: UUID, *, by: UUID, at: int | None = None) -> None:
    with ledger.unit("network.end_liaison", by=by, at=at) as unit:
        row = unit.load(Liaison, liaison)
        accounts.check_may(by, Act.EDIT_NETWORK, row["compartment"])
        if row["ended"]:
            raise Refused("post_has_ended")
        unit.put(Liaison, row, ended="ended", ended_at=unit.at)


def _check_assistant(person: UUID, compartment: str) -> None:
    rights = accounts.rights_of(person)
    if not rights.all and (Role.LIAISON_ASSISTANT, compartment) not in rights.held:
        raise Refused("person_may_not", field="person")


def _check_post(unit: ledger.Unit, post: Mapping[str, Any], compartment: str) -> None:
    base = post.get("base")
    if base is not None and not ids.lives_in(base.bytes, compartment):
        raise Refused("base_elsewhere", field="base")
    if base is not None:
        unit.load(Base, base)
    supervisor = post.get("supervisor")
    if supervisor is not None and not accounts.rights_of(supervisor).may(Act.SEE_NETWORK, compartment):
        raise Refused("person_may_not", field="supervisor")


# Who has the duty.


def add_shift(
    *, compartment: str, person: UUID, post: str, starts_at: int, ends_at: int, by: UUID, at: int | None = None
) -> UUID:
    """Somebody has the phone, the watch or the radio from when to when. Whoever has it may hand it to the next one."""
    rules.check_shift({"starts_at": starts_at, "ends_at": ends_at})
    with ledger.unit("network.add_shift", by=by, at=at) as unit:
        _check_may_share(by, compartment)
        if not accounts.rights_of(person).may(Act.TAKE_ALERTS, compartment):
            raise Refused("person_may_not", field="person")
        told = {"person": person, "post": post, "starts_at": starts_at, "ends_at": ends_at}
        return unit.add(Shift, compartment=compartment, **told)["id"]


def call_off(shift: UUID, *, by: UUID, at: int | None = None) -> None:
    with ledger.unit("network.call_off", by=by, at=at) as unit:
        row = unit.load(Shift, shift)
        _check_may_share(by, row["compartment"])
        if row["ended"]:
            raise Refused("shift_called_off")
        unit.put(Shift, row, ended="called_off", ended_at=unit.at)


def _check_may_share(by: UUID, compartment: str) -> None:
    """Who plans the network, and who deals with what comes in: at two in the morning no planner is awake."""
    if not rules.may_share_duty(accounts.rights_of(by), compartment):
        accounts.check_may(by, Act.EDIT_NETWORK, compartment)
