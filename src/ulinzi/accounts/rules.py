"""Who may do what, where, and how deep they see: roles, acts and clearance as data, and the questions asked of them.

Three questions, always together: may this role do this kind of thing, does the record belong to a compartment of
theirs, is the field open at their clearance. What is not placed here is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from ulinzi.kernel import ids
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger.shapes import Derived, Field, Group, Kind, Problem, Row, Sensitivity, Shape

HOME = "mission"
"""The compartment that persons, grants and teams live in: every node holds it."""
EVERYWHERE = "*"


class Role(StrEnum):
    WATCH_OFFICER = "watch_officer"
    LIAISON_ASSISTANT = "liaison_assistant"
    BASE_COMMANDER = "base_commander"
    POLICE_COMMANDER = "police_commander"
    PROVINCIAL_ADVISER = "provincial_adviser"
    SENIOR_ADVISER = "senior_adviser"
    TEAM_LEADER = "team_leader"
    PROVINCIAL_ANALYST = "provincial_analyst"
    HEADQUARTERS_ANALYST = "headquarters_analyst"
    HUMAN_RIGHTS_OFFICER = "human_rights_officer"
    WOMEN_ADVISER = "women_adviser"
    CHILD_ADVISER = "child_adviser"
    DILIGENCE_OFFICER = "diligence_officer"
    HEAD_OF_OFFICE = "head_of_office"
    LEADERSHIP = "leadership"
    SOURCE_HANDLER = "source_handler"
    PARTNER = "partner"
    SECURITY_OFFICER = "security_officer"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """What can be done. A screen asks for one of these, and so does every action that writes."""

    SEE_TASKS = "see_tasks"
    ADD_TASKS = "add_tasks"
    STEP_TASKS = "step_tasks"
    NOTE_TASKS = "note_tasks"
    EDIT_TASKS = "edit_tasks"
    ERASE_WORDS = "erase_words"
    EDIT_AREAS = "edit_areas"
    SEE_SYSTEM = "see_system"
    CHECK_LEDGER = "check_ledger"
    SEE_PEOPLE = "see_people"
    EDIT_PEOPLE = "edit_people"
    RENAME_PEOPLE = "rename_people"
    ASK_GRANTS = "ask_grants"
    CONFIRM_GRANTS = "confirm_grants"
    END_GRANTS = "end_grants"
    ISSUE_CODES = "issue_codes"
    ERASE_NAMES = "erase_names"
    SEE_NETWORK = "see_network"
    EDIT_NETWORK = "edit_network"
    SEE_SOURCES = "see_sources"
    ENROL_SOURCES = "enrol_sources"
    SEE_MESSAGES = "see_messages"
    HANDLE_MESSAGES = "handle_messages"
    SEE_ALERTS = "see_alerts"
    RAISE_ALERTS = "raise_alerts"
    TAKE_ALERTS = "take_alerts"
    STEP_ALERTS = "step_alerts"
    CLOSE_ALERTS = "close_alerts"
    DECIDE_ALERTS = "decide_alerts"
    RESPOND = "respond"
    SEE_RATES = "see_rates"


_READ = frozenset({Act.SEE_TASKS})
_DESK = _READ | {Act.ADD_TASKS, Act.STEP_TASKS, Act.NOTE_TASKS, Act.EDIT_TASKS}
_OFFICE = _DESK | {Act.SEE_PEOPLE}
_ALERTS = frozenset({Act.SEE_ALERTS, Act.SEE_NETWORK})
_ROOM = _ALERTS | {Act.RAISE_ALERTS, Act.TAKE_ALERTS, Act.STEP_ALERTS, Act.SEE_RATES}
# Whoever deals with what comes in reads raw words. Whoever answers with troops does not need them.
_INBOX = _ROOM | {Act.SEE_MESSAGES, Act.HANDLE_MESSAGES}
_FIELD = frozenset({Act.SEE_ALERTS, Act.TAKE_ALERTS, Act.STEP_ALERTS, Act.RESPOND})
# That a warning was none, or that nothing more is owed, nobody says whose own people were to answer it.
_ENDING = frozenset({Act.DECIDE_ALERTS, Act.CLOSE_ALERTS})

PLACED: Mapping[Role, frozenset[Act]] = {
    Role.WATCH_OFFICER: _DESK | _INBOX | _ENDING | {Act.RESPOND, Act.SEE_SOURCES},
    Role.LIAISON_ASSISTANT: _DESK | _INBOX | {Act.SEE_SOURCES, Act.ENROL_SOURCES},
    Role.BASE_COMMANDER: _DESK | _FIELD | {Act.DECIDE_ALERTS},
    Role.POLICE_COMMANDER: _DESK | _FIELD,
    Role.PROVINCIAL_ADVISER: _OFFICE | _INBOX | _ENDING | {Act.ERASE_WORDS, Act.EDIT_NETWORK},
    # Reads every province and sends back with a reason; what is done stays with those who answer for the place.
    Role.SENIOR_ADVISER: _READ
    | _ALERTS
    | {Act.NOTE_TASKS, Act.SEE_PEOPLE, Act.SEE_SYSTEM, Act.ERASE_NAMES, Act.SEE_RATES},
    Role.TEAM_LEADER: _DESK | _ALERTS,
    Role.PROVINCIAL_ANALYST: _DESK | _ALERTS | {Act.SEE_RATES},
    Role.HEADQUARTERS_ANALYST: _READ | {Act.SEE_ALERTS, Act.SEE_RATES},
    Role.HUMAN_RIGHTS_OFFICER: _DESK | _ALERTS | {Act.RAISE_ALERTS},
    Role.WOMEN_ADVISER: _DESK | _ALERTS | {Act.RAISE_ALERTS},
    Role.CHILD_ADVISER: _DESK | _ALERTS | {Act.RAISE_ALERTS},
    Role.DILIGENCE_OFFICER: _DESK,
    Role.HEAD_OF_OFFICE: _OFFICE
    | _ROOM
    | _ENDING
    | {Act.ERASE_WORDS, Act.CONFIRM_GRANTS, Act.END_GRANTS, Act.SEE_SYSTEM, Act.EDIT_NETWORK},
    # What nobody took climbs as far as here.
    Role.LEADERSHIP: _READ
    | {Act.SEE_PEOPLE, Act.CONFIRM_GRANTS, Act.ERASE_NAMES, Act.SEE_ALERTS, Act.TAKE_ALERTS, Act.SEE_RATES},
    Role.SOURCE_HANDLER: _DESK | {Act.SEE_NETWORK, Act.SEE_SOURCES, Act.ENROL_SOURCES},
    Role.PARTNER: frozenset(),
    # About accounts and those who hold them, words of why included; about tasks nothing.
    Role.SECURITY_OFFICER: frozenset({Act.SEE_SYSTEM, Act.SEE_PEOPLE, Act.END_GRANTS}),
    Role.ADMINISTRATOR: frozenset(
        {
            Act.EDIT_AREAS,
            Act.SEE_SYSTEM,
            Act.CHECK_LEDGER,
            Act.SEE_PEOPLE,
            Act.EDIT_PEOPLE,
            Act.RENAME_PEOPLE,
            Act.ASK_GRANTS,
            Act.END_GRANTS,
            Act.ISSUE_CODES,
        }
    ),
}

# How deep a role sees. Whoever counts does not need the words; whoever runs the machine does not either.
CLEARANCE: Mapping[Role, Sensitivity] = {
    Role.WATCH_OFFICER: Sensitivity.CONFIDENTIAL,
    Role.LIAISON_ASSISTANT: Sensitivity.CONFIDENTIAL,
    Role.BASE_COMMANDER: Sensitivity.CONFIDENTIAL,
    Role.POLICE_COMMANDER: Sensitivity.CONFIDENTIAL,
    Role.PROVINCIAL_ADVISER: Sensitivity.CONFIDENTIAL,
    Role.SENIOR_ADVISER: Sensitivity.CONFIDENTIAL,
    Role.TEAM_LEADER: Sensitivity.CONFIDENTIAL,
    Role.PROVINCIAL_ANALYST: Sensitivity.CONFIDENTIAL,
    Role.HEADQUARTERS_ANALYST: Sensitivity.RESTRICTED,
    Role.HUMAN_RIGHTS_OFFICER: Sensitivity.STRICT,
    Role.WOMEN_ADVISER: Sensitivity.STRICT,
    Role.CHILD_ADVISER: Sensitivity.STRICT,
    Role.DILIGENCE_OFFICER: Sensitivity.CONFIDENTIAL,
    Role.HEAD_OF_OFFICE: Sensitivity.CONFIDENTIAL,
    Role.LEADERSHIP: Sensitivity.RESTRICTED,
    Role.SOURCE_HANDLER: Sensitivity.STRICT,
    Role.PARTNER: Sensitivity.PUBLIC,
    Role.SECURITY_OFFICER: Sensitivity.CONFIDENTIAL,
    Role.ADMINISTRATOR: Sensitivity.RESTRICTED,
}

# Roles that may be granted for the whole mission; every other role has its compartment named.
WIDE = frozenset(
    {
        Role.SENIOR_ADVISER,
        Role.HEADQUARTERS_ANALYST,
        Role.DILIGENCE_OFFICER,
        Role.LEADERSHIP,
        Role.SOURCE_HANDLER,
        Role.PARTNER,
        Role.SECURITY_OFFICER,
        Role.ADMINISTRATOR,
    }
)

# Done only with a proof of who sits there that is at most five minutes old.
DANGEROUS = frozenset(
    {
        Act.ERASE_WORDS,
        Act.ERASE_NAMES,
        Act.RENAME_PEOPLE,
        Act.ASK_GRANTS,
        Act.CONFIRM_GRANTS,
        Act.END_GRANTS,
        Act.ISSUE_CODES,
    }
)

# Whose people may have an account. A force or service of the host State is on no list that can be chosen.
BODIES = ("mission_civilian", "mission_military", "mission_police", "united_nations", "partner")
ROLES_OF_BODY: Mapping[str, frozenset[Role]] = {
    "mission_civilian": frozenset(Role),
    "mission_military": frozenset({Role.WATCH_OFFICER, Role.BASE_COMMANDER, Role.LEADERSHIP, Role.PROVINCIAL_ANALYST}),
    "mission_police": frozenset({Role.WATCH_OFFICER, Role.POLICE_COMMANDER, Role.LEADERSHIP, Role.PROVINCIAL_ANALYST}),
    "united_nations": frozenset({Role.PARTNER, Role.SECURITY_OFFICER}),
    "partner": frozenset({Role.PARTNER}),
}

_DEPTH = {one: place for place, one in enumerate(Sensitivity)}


@dataclass(frozen=True)
class Rights:
    """What one person may do now: roles and where they hold."""

    person: UUID
    held: tuple[tuple[Role, str], ...] = ()
    all: bool = False  # whoever sits at the machine's own console
    # What of a kind of record is closed to them in a place: the same for each of five hundred rows.
    closed: dict[tuple[str, str, Act], Mapping[str, Any]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def may(self, act: Act, compartment: str) -> bool:
        return self.all or any(act in PLACED[role] and place in (compartment, EVERYWHERE) for role, place in self.held)

    def may_anywhere(self, act: Act) -> bool:
        return self.all or any(act in PLACED[role] for role, _ in self.held)

    def where(self, act: Act, compartments: Iterable[str]) -> list[str]:
        """Those of the compartments in which the act is allowed: what every list is asked for."""
        return [one for one in compartments if self.may(act, one)]

    def sees(self, sensitivity: Sensitivity, act: Act, compartment: str) -> bool:
        """Whether a field of this class is open: by a role that also allows the act in this compartment."""
        found = [
            CLEARANCE[role] for role, place in self.held if act in PLACED[role] and place in (compartment, EVERYWHERE)
        ]
        return self.all or any(_DEPTH[one] >= _DEPTH[sensitivity] for one in found)

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(dict.fromkeys(role for role, _ in self.held))


def check_may(rights: Rights, act: Act, compartment: str) -> None:
    """Refused where the role does not do this; not found where the record is not theirs to know of."""
    if rights.may(act, compartment):
        return
    if not rights.may_anywhere(act):
        raise Refused("not_for_your_role", act=str(act))
    raise NotFound("record_not_found", compartment=compartment)


def withhold(shape: Shape, row: Row, rights: Rights, act: Act) -> Row:
    """The row without what lies deeper than the reader sees; `withheld` names the groups that were taken out."""
    asked = (shape.label, row["compartment"], act)
    if asked not in rights.closed:
        rights.closed[asked] = _closed(shape, row["compartment"], rights, act)
    return Row({**row, **rights.closed[asked]})


def _closed(shape: Shape, compartment: str, rights: Rights, act: Act) -> Mapping[str, Any]:
    closed = [one for one in shape.groups if not rights.sees(one.sensitivity, act, compartment)]
    hidden: dict[str, Any] = {field.name: None for group in closed for field in group.fields}
    hidden |= {one.name: None for one in shape.derived if not rights.sees(one.sensitivity, act, compartment)}
    return hidden | {"withheld": frozenset(group.name for group in closed)}


# Records.

_BODY = Field(3, "body", "code", choices=BODIES)

PERSON = Shape(
    number=4,
    label="accounts.Person",
    schema=1,
    children=("accounts.Grant",),
    groups=(
        Group(
            1,
            "name",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(1, "name", "text", max_length=80), Field(2, "short", "text", max_length=20)),
        ),
        Group(2, "body", Kind.FIXED, Sensitivity.RESTRICTED, (_BODY,)),
        Group(3, "language", Kind.LAST, Sensitivity.RESTRICTED, (Field(4, "language", "code", choices=("fr", "en")),)),
    ),
    derived=(Derived("roles_held", "int"),),
    derive=lambda person, children: {"roles_held": len(in_force(children["accounts.Grant"]))},
)

GRANT = Shape(
    number=5,
    label="accounts.Grant",
    schema=1,
    root="accounts.Person",
    groups=(
        Group(
            1,
            "grant",
            Kind.FIXED,
            Sensitivity.RESTRICTED,
            (
                Field(1, "role", "code", choices=tuple(Role)),
                Field(2, "place", "text", max_length=40),
                Field(3, "asked_by", "person"),
                Field(4, "asked_at", "time"),
            ),
        ),
        Group(
            2,
            "decision",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (
                Field(5, "decided_by", "person"),
                Field(6, "decided_at", "time"),
                Field(7, "decision", "code", choices=("confirmed", "refused")),
            ),
        ),
        Group(
            3,
            "end",
            Kind.MAX,
            Sensitivity.RESTRICTED,
            (
                Field(8, "ended", "code", choices=("ended",)),
                Field(9, "ended_by", "person"),
                Field(10, "ended_at", "time"),
            ),
            scale=("ended",),
        ),
    ),
)

TEAM = Shape(
    number=6,
    label="accounts.Team",
    schema=1,
    children=("accounts.Membership",),
    groups=(
        Group(
            1,
            "name",
            Kind.LAST,
            Sensitivity.RESTRICTED,
            (Field(1, "name", "text", max_length=80), Field(2, "place", "text", max_length=40)),
        ),
    ),
)

MEMBERSHIP = Shape(
    number=7,
    label="accounts.Membership",
    schema=1,
    root="accounts.Team",
    groups=(
        Group(
            1, "member", Kind.FIXED, Sensitivity.RESTRICTED, (Field(1, "member", "person"), Field(2, "since", "time"))
        ),
        Group(
            2,
            "end",
            Kind.MAX,
            Sensitivity.RESTRICTED,
            (Field(3, "left", "code", choices=("left",)), Field(4, "left_at", "time")),
            scale=("left",),
        ),
    ),
)


def in_force(grants: Sequence[Row]) -> list[Row]:
    """Grants that count: confirmed by a second person, and ended by nobody. Ending wins over everything."""
    return [one for one in grants if may_count(one)]


def may_count(grant: Row) -> bool:
    known = grant["role"] in PLACED and grant["ended"] is None and not grant["conflict"]
    # Born in the mission's own compartment, whole, and a place that the role may have.
    known = known and grant["compartment"] == HOME and not grant["erased"] and not grant["newer"]
    known = known and (grant["place"] != EVERYWHERE or grant["role"] in WIDE)
    # Looked at again here: what comes from another node was decided by its rules, not by ours.
    second = grant["decided_by"] not in (None, grant["asked_by"], grant["root"])
    return known and grant["decision"] == "confirmed" and second


def rights(person: UUID, grants: Sequence[Row]) -> Rights:
    return Rights(person, tuple((Role(one["role"]), one["place"]) for one in in_force(grants)))


def held_at(person: UUID, grants: Sequence[Row], at: int) -> Rights:
    """What somebody might do at a moment, by grants that are told by their own times."""
    then = [one for one in grants if (one["decided_at"] or at + 1) <= at and (one["ended_at"] or at + 1) > at]
    return rights(person, [Row({**one, "ended": None}) for one in then])


def doubts(grant: Row, grants: Mapping[UUID, Sequence[Row]]) -> list[Problem]:
    """What is wrong with a grant that another machine wrote, where nobody could ask this machine's rules.

    `grants`: everybody's. What is missing here may still come, so this is asked when somebody looks, and kept nowhere.
    """
    found = []
    if grant["decision"] == "confirmed" and grant["asked_by"] is None:
        found.append(Problem("granted_at_another_console", grant["role"] or ""))
    by = (
        (Act.ASK_GRANTS, grant["asked_by"], grant["asked_at"]),
        (Act.CONFIRM_GRANTS, grant["decided_by"] if grant["asked_by"] else None, grant["decided_at"]),
        (Act.END_GRANTS, grant["ended_by"], grant["ended_at"]),
    )
    if any(who and not _could(act, who, at, grant["place"] or "", grants) for act, who, at in by):
        found.append(Problem("granted_without_right", grant["role"] or ""))
    return found


def _could(act: Act, who: UUID, at: int | None, place: str, grants: Mapping[UUID, Sequence[Row]]) -> bool:
    return at is not None and held_at(who, grants.get(who, ()), at).may(act, place)


def waiting(grant: Row) -> bool:
    """Asked for and neither decided nor ended."""
    return grant["decision"] is None and grant["ended"] is None


def known_grants(rights: Rights, grants: Sequence[Row]) -> list[Row]:
    """Those that hold where the reader may see people, and those for the whole mission, which is there too; that there
    are others is not said.
    """
    anywhere = rights.may_anywhere(Act.SEE_PEOPLE)
    return [
        one
        for one in grants
        if rights.may(Act.SEE_PEOPLE, one["place"] or "") or (anywhere and one["place"] == EVERYWHERE)
    ]


def may_know(rights: Rights, person: UUID, grants: Sequence[Row]) -> bool:
    """Whoever sees people in the whole mission knows everybody; others those with a role where they see people or for
    the whole mission, and newcomers without any. Who was born in a province is that province's alone.
    """
    if rights.may(Act.SEE_PEOPLE, EVERYWHERE) or person == rights.person:
        return True
    seen = [HOME, *(place for _, place in rights.held if rights.may(Act.SEE_PEOPLE, place))]
    if not any(ids.lives_in(person.bytes, place) for place in seen):
        return False
    return not grants or bool(known_grants(rights, grants))


def may_for(rights: Rights, act: Act, other: Rights) -> bool:
    """Wherever the other holds a role: who may act in one province opens no door to another."""
    return all(rights.may(act, place) for place in {place for _, place in other.held} or {EVERYWHERE})


def may_read_reasons(rights: Rights, places: Iterable[str]) -> bool:
    """Why a role ended is somebody's words: for those who may end it there themselves, and may read such words."""
    listed = set(places) or {EVERYWHERE}
    return all(rights.sees(Sensitivity.CONFIDENTIAL, Act.END_GRANTS, place) for place in listed)


def members(memberships: Sequence[Row]) -> list[UUID]:
    return sorted(
        {one["member"] for one in memberships if one["left"] is None and one["member"]}, key=lambda one: one.int
    )


# What a good one looks like, and who may decide.


def check_person(values: Mapping[str, Any]) -> None:
    if not (values.get("name") or "").strip():
        raise Refused("name_missing", field="name")
    if values.get("body") not in BODIES:
        raise Refused("body_may_have_no_account", field="body")


def check_grant(person: Row, role: str, place: str, compartments: Iterable[str]) -> None:
    if role not in PLACED:
        raise Refused("code_unknown", field="role", value=role)
    if role not in ROLES_OF_BODY.get(person["body"], frozenset()):
        raise Refused("role_not_for_this_body", field="role", role=role)
    if place == EVERYWHERE and role not in WIDE:
        raise Refused("role_needs_a_place", field="place", role=role)
    if place != EVERYWHERE and place not in compartments:
        raise Refused("compartment_unknown", compartment=place)


def check_may_decide(person: Row, grant: Row, by: UUID) -> None:
    """Four eyes: neither who asked nor whoever would have the role decides."""
    if not waiting(grant):
        raise Refused("grant_not_waiting")
    if by in (grant["asked_by"], person["id"]):
        raise Refused("four_eyes_needed")


def may_decide(person: Row, grant: Row, by: UUID) -> bool:
    return waiting(grant) and by not in (grant["asked_by"], person["id"])
