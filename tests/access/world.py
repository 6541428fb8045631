"""A node with two provinces: nineteen people, and in each province records whose every field holds a sign of its own.

What stands of the network and of alerts is made in loop.py.

A sign that turns up on a page says that the page shows the field: to those it is for, or to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import count
from typing import Any
from unittest import mock
from uuid import UUID

from argon2 import PasswordHasher
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from tests.access import loop
from tests.access.loop import CONSOLE, Exchange, Loop
from ulinzi.accounts import actions as accounts
from ulinzi.accounts import local, logins, queries, sessions
from ulinzi.accounts.rules import EVERYWHERE, WIDE, Role
from ulinzi.cli.personas import PERSONAS, Persona, bring
from ulinzi.desk import actions as desk
from ulinzi.desk.rules import Step, What
from ulinzi.gateway.client import Client as Gateway
from ulinzi.ledger import queries as ledger
from ulinzi.ledger import store
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places

NORTH, SOUTH = "north", "south"
PASSWORD = "quiet water under stones"
ADMINISTRATOR = next(one for one in PERSONAS if one.role is Role.ADMINISTRATOR)
ADVISER = next(one for one in PERSONAS if one.role is Role.SENIOR_ADVISER)
# A day in each province on which nothing else is due, as it is stored and as it is read.
DUE = {NORTH: (1_932_976_800_000_000, "03/04/2031"), SOUTH: (1_969_956_000_000_000, "04/06/2032")}


class Outsider:
    """Whoever can reach the machine and has no account."""

    code, role, place = "", "outsider", NORTH


Column = Persona | type[Outsider]
COLUMNS: tuple[Column, ...] = (*PERSONAS, Outsider)
BY_ROLE: dict[str, Column] = {str(one.role): one for one in COLUMNS}


def place_of(column: Column, side: str) -> str:
    """For whoever works in the whole mission nothing is foreign: the north stands for own, the south for foreign."""
    own = NORTH if column.place == EVERYWHERE else column.place
    return own if side == "own" else {NORTH: SOUTH, SOUTH: NORTH}[own]


def is_foreign(column: Column, place: str) -> bool:
    return column is Outsider or column.place not in (EVERYWHERE, place)


# For whom things are: by hand, from what each of them is there for, and not from the rules that are held against it.
# Whoever meets a source; whoever deals with what comes in; whoever works with the villages; whoever answers an alert.
MEET = frozenset({"watch_officer", "liaison_assistant", "source_handler"})
READ = frozenset({"watch_officer", "liaison_assistant", "provincial_adviser"})
_ADVISERS = frozenset(
    {"provincial_adviser", "senior_adviser", "human_rights_officer", "women_adviser", "child_adviser"}
)
_PROVINCE = frozenset({"team_leader", "provincial_analyst", "head_of_office"})
NETWORKED = MEET | READ | _ADVISERS | _PROVINCE
_ANSWERING = frozenset({"base_commander", "police_commander", "headquarters_analyst", "leadership"})
ALERTED = READ | _ADVISERS | _PROVINCE | _ANSWERING


@dataclass(frozen=True)
class Signs:
    """What stands in the fields of one province; each of these texts occurs nowhere else."""

    place: str

    WORDS = ("title", "detail", "second-title", "step-words", "erasure-basis", "asked-basis", "refusal")
    OTHER = ("number", "erased-number", "area", "spare-area", "area-code", "team", "ender", "end-reason", "ground-area")
    PEOPLE = ("receiver", "asker", "decider", "member", "holder", "candidate", "eraser", "refuser")
    # Of the network and the alerts.
    CODES = ("source-code",)
    INBOX = ("raw", "raw-written", "raw-attached", "aside-words", "told-words")
    POSITIONS = ("position", "base-position")
    NETWORK = ("community", "spelling", "spare-community", "languages")
    SAID = ("alert-words", "report-words", "note-words", "order-words", "left-words")
    PLACES = ("told-community", "base", "base-spelling")
    STAFF = (
        "claimer",
        "writer",
        "setter",
        "raiser",
        "attacher",
        "noter",
        "sender",
        "leaver",
        "assistant",
        "supervisor",
        "on-duty",
    )

    def text(self, field: str) -> str:
        return loop.SPECIAL.get((self.place, field)) or f"{self.place} {field} sign"

    @cached_property
    def words(self) -> list[str]:
        return self.texts(*self.WORDS, *self.SAID, *self.CODES, *self.INBOX, *self.POSITIONS)

    @cached_property
    def all(self) -> list[str]:
        return self.texts(*self.WORDS, *self.OTHER, *self.PEOPLE, *self.STAFF, *(one for one, _ in self.kept))

    @cached_property
    def kept(self) -> list[tuple[str, frozenset[str]]]:
        """What is for some roles alone, with those roles."""
        parts = {self.CODES: MEET, self.INBOX: READ, self.POSITIONS: NETWORKED, self.NETWORK: NETWORKED}
        parts |= {self.SAID: ALERTED, self.PLACES: ALERTED | NETWORKED}
        return [(one, roles) for fields, roles in parts.items() for one in fields]

    def not_for(self, role: str) -> list[str]:
        return [self.text(one) for one, roles in self.kept if role not in roles]

    def texts(self, *fields: str) -> list[str]:
        return [self.text(one) for one in fields]


SIGNS = {place: Signs(place) for place in (NORTH, SOUTH)}


@dataclass(frozen=True)
class Standing:
    """The records of a province that stay as they are, whatever is asked."""

    task: UUID
    step: UUID
    erased: UUID
    declined: UUID
    area: UUID
    holder: UUID
    grant: UUID
    candidate: UUID
    waiting: UUID
    team: UUID
    membership: UUID
    loop: Loop


class World:
    """The node, its standing records, fresh ones for whoever changes something, and one browser for everybody."""

    def __init__(self, node: Node, exchange: Exchange) -> None:
        self.node, self.exchange = node, exchange
        self.client = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
        self._count = count(1)
        bring(PERSONAS, by=CONSOLE)
        for one in PERSONAS:
            logins.enrol(logins.issue_code(one.id), one.code, PASSWORD, address="local")
        self.standing = {place: self._fill(place) for place in (NORTH, SOUTH)}

    # What stays.

    def _fill(self, place: str) -> Standing:
        sign = SIGNS[place].text
        area = self.area(place, sign("area-code"), sign("area"))
        self.area(place, f"{place}-2", sign("spare-area"))
        task, step = self._task(place, area)
        holder, candidate = self._holder(place), self.someone(place, sign("candidate"))
        team, membership = self._team(place)
        return Standing(
            task,
            step,
            self._erased(place),
            self._declined(place, task),
            area,
            holder,
            self.grants_of(holder)[0],
            candidate,
            self.ask(candidate, Role.TEAM_LEADER, place),
            team,
            membership,
            self._loop(place),
        )

    def _loop(self, place: str) -> Loop:
        sign = SIGNS[place].text
        ground = self.area(place, f"{place}-3", sign("ground-area"))
        return loop.Making(place, sign, self.someone, ground, partial(self.exchange.bring, place)).fill()

    def area(self, place: str, code: str, name: str) -> UUID:
        return places.add_area(compartment=place, code=code, name=name, kind="district", by=CONSOLE)

    def _task(self, place: str, area: UUID) -> tuple[UUID, UUID]:
        """Two titles, handed over in words, and every field filled."""
        sign = SIGNS[place].text
        told = {"title": sign("title"), "detail": sign("detail"), "area": area, "due_at": DUE[place][0]}
        told |= {"due_basis": "order", "urgency": "soon", "tiers": ["environment"]}
        task = self._imported(place, sign("number"), told)
        self._disagree(task, sign("title"), sign("second-title"))
        receiver = self.someone(place, sign("receiver"))
        words = sign("step-words")
        return task, desk.step(task, Step.HANDED_OVER, by=CONSOLE, to=receiver, words=words)

    def _imported(self, place: str, number: str, told: dict[str, Any]) -> UUID:
        desk.import_tasks([{"reference": number, **told}], compartment=place, by=CONSOLE)
        return desk.task_id(place, number)

    def _disagree(self, task: UUID, one: str, other: str) -> None:
        """Two people change the title without seeing each other."""
        seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
        desk.edit_task(task, by=CONSOLE, seen=seen, title=one + ".")
        desk.edit_task(task, by=CONSOLE, seen=seen, keep_both=True, title=other)

    def _erased(self, place: str) -> UUID:
        sign = SIGNS[place].text
        task = self._imported(place, sign("erased-number"), {"title": "gone"})
        desk.erase_words(task, by=CONSOLE, basis=sign("erasure-basis"), second=ADVISER.id)
        return task

    def _declined(self, place: str, task: UUID) -> UUID:
        """One request to erase that waits, and another that somebody has declined, with the reason."""
        sign = SIGNS[place].text
        eraser = self.someone(place, sign("eraser"), Role.PROVINCIAL_ADVISER)
        refuser = self.someone(place, sign("refuser"), Role.HEAD_OF_OFFICE)
        desk.ask_erasure(What.WORDS, task, by=eraser, basis=sign("asked-basis"))
        kept = self.task(place)
        asked = self.asked(What.TASK, kept, eraser)
        desk.decline_erasure(asked, by=refuser, reason=sign("refusal"))
        return kept

    def asked(self, what: What, about: UUID, by: UUID) -> UUID:
        return desk.ask_erasure(what, about, by=by, basis="rule 4")

    @cached_property
    def leader(self) -> UUID:
        made = accounts.add_person(by=CONSOLE, name="a leader besides", body="mission_civilian")
        accounts.ask_grant(made, Role.LEADERSHIP, EVERYWHERE, by=CONSOLE)
        return made

    def _holder(self, place: str) -> UUID:
        """A role asked for and confirmed by two people, and one that has ended, with the reason."""
        sign = SIGNS[place].text
        holder = self.someone(place, sign("holder"))
        asker = self.someone(place, sign("asker"), Role.ADMINISTRATOR)
        decider = self.someone(place, sign("decider"), Role.HEAD_OF_OFFICE)
        grant = accounts.ask_grant(holder, Role.TEAM_LEADER, place, by=asker)
        accounts.decide_grant(grant, "confirmed", by=decider)
        with queries.at_console(CONSOLE):
            old = accounts.ask_grant(holder, Role.WATCH_OFFICER, place, by=CONSOLE)
            ender = self.someone(place, sign("ender"), Role.HEAD_OF_OFFICE)
            accounts.end_grant(old, by=ender, reason=sign("end-reason"))
        return holder

    def _team(self, place: str) -> tuple[UUID, UUID]:
        sign = SIGNS[place].text
        team = accounts.add_team(by=CONSOLE, name=sign("team"), place=place)
        return team, accounts.join_team(team, self.someone(place, sign("member")), by=CONSOLE)

    # What is made for one question alone.

    def fresh(self, kind: str) -> str:
        return f"{kind} {next(self._count)}"

    def someone(self, place: str, name: str = "", role: Role = Role.LIAISON_ASSISTANT) -> UUID:
        made = accounts.add_person(by=CONSOLE, name=name or self.fresh("person"), body="mission_civilian")
        accounts.ask_grant(made, role, place, by=CONSOLE)
        return made

    def ask(self, who: UUID, role: Role, place: str) -> UUID:
        """Asked for by the administrator, so that it waits for a second person."""
        return accounts.ask_grant(who, role, place, by=ADMINISTRATOR.id)

    def grants_of(self, who: UUID) -> list[UUID]:
        return [row["id"] for row in queries.grants([who])[who]]

    def task(self, place: str) -> UUID:
        return desk.add_task(compartment=place, title=self.fresh("task"), by=CONSOLE)

    def in_two_minds(self, place: str) -> UUID:
        task = self.task(place)
        self._disagree(task, "one", "other")
        return task

    def taken(self, place: str) -> tuple[UUID, UUID]:
        task = self.task(place)
        return task, desk.step(task, Step.TAKEN, by=CONSOLE)

    def in_team(self, place: str) -> UUID:
        return accounts.join_team(self.standing[place].team, self.someone(place), by=CONSOLE)

    def code(self, place: str) -> str:
        return logins.issue_code(self.someone(place))

    def gone(self, place: str) -> UUID:
        """Somebody whose one role, in this place, has ended."""
        who = self.someone(place)
        with queries.at_console(CONSOLE):
            accounts.leave(who, by=CONSOLE, reason="end of rotation")
        return who

    def asked_code(self, place: str) -> UUID:
        """Somebody for whom the administrator has asked for a code."""
        who = self.someone(place)
        logins.ask_code(who, by=ADMINISTRATOR.id)
        return who

    # Asking.

    def send(self, who: UUID | None, method: str, url: str, data: dict[str, Any] | None = None) -> HttpResponse:
        """One request by somebody who came in a moment ago; None is nobody."""
        self.client.cookies.clear()
        if who is not None:
            self.client.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(who).token
        return self.client.get(url) if method == "GET" else self.client.post(url, data or {})

    def written(self) -> tuple[int, ...]:
        """Everything a refusal leaves as it is: entries, jobs, and what lies beside the ledger."""
        counted = "SELECT COALESCE(SUM(seq), 0) FROM ledger_feed", "SELECT COUNT(*) FROM jobs_job"
        kept = [int(store.rows(self.node, sql)[0][0]) for sql in counted]
        sql = "SELECT (SELECT COUNT(*) FROM code), (SELECT COUNT(*) FROM login), (SELECT COUNT(*) FROM asked)"
        return (*kept, *local.rows(self.node, sql)[0])


def narrow(here: World) -> list[Persona]:
    """People who hold in the north alone what may be held in the whole mission."""
    wide = [one for one in PERSONAS if one.role in WIDE]
    made = [Persona(f"{one.code}-north", f"{one.name} North", one.role, one.body, NORTH) for one in wide]
    bring(made, by=CONSOLE)
    return made


def id_of(column: Column) -> UUID | None:
    return None if isinstance(column, type) else column.id


@contextmanager
def world(node: Node) -> Iterator[World]:
    """The console may do everything while this holds, and passwords are hashed as ever, but in no time."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    # The duty phone of this gateway calls and writes to whoever it is told to, and nothing rings.
    phone = mock.patch.multiple(Gateway, dial=mock.DEFAULT, send=mock.Mock(return_value={"state": "pending"}))
    with mock.patch.object(logins, "hasher", cheap), phone, queries.at_console(CONSOLE):
        logins._nobody.cache_clear()
        with loop.exchange(node) as exchange:
            yield World(node, exchange)
    logins._nobody.cache_clear()
    local.close()
