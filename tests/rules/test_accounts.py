"""Who may do what, where, and how deep they see: the tables, the questions asked of them, and what a grant must be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from tests.nodes import person
from ulinzi.accounts import rules
from ulinzi.accounts.rules import (
    BODIES,
    CLEARANCE,
    DANGEROUS,
    EVERYWHERE,
    PLACED,
    ROLES_OF_BODY,
    WIDE,
    Act,
    Rights,
    Role,
)
from ulinzi.desk.rules import TASK
from ulinzi.kernel.errors import NotFound, Refused
from ulinzi.ledger.shapes import Derived, Field, Group, Kind, Row, Sensitivity, Shape

pytestmark = pytest.mark.access

ANA, BORI, CIMO, DELA = (person(name) for name in ("ana", "bori", "cimo", "dela"))
PUBLIC, RESTRICTED, CONFIDENTIAL, STRICT = Sensitivity
TASK_ACTS = frozenset({Act.SEE_TASKS, Act.ADD_TASKS, Act.STEP_TASKS, Act.EDIT_TASKS, Act.ERASE_WORDS})
HOST_STATE = ("army", "national_army", "police", "gendarmerie", "intelligence_service", "militia", "host_state", "")


def holding(*held: tuple[Role, str], console: bool = False) -> Rights:
    return Rights(ANA, held, console)


# The tables.


def not_covered(table: Iterable[Role]) -> set[str]:
    return {str(role) for role in Role} - {str(role) for role in table}


def test_every_role_has_its_place_and_its_depth():
    assert not_covered(PLACED) == not_covered(CLEARANCE) == set()


@pytest.mark.parametrize("table", [PLACED, CLEARANCE])
def test_control_a_role_without_a_place_is_found(table):
    assert not_covered(set(table) - {Role.PARTNER}) == {"partner"}


def given_to_nobody(placed: dict[Role, frozenset[Act]]) -> set[Act]:
    return set(Act) - {act for acts in placed.values() for act in acts}


def test_every_act_is_somebodys_and_every_dangerous_one_an_act():
    assert given_to_nobody(dict(PLACED)) == set()
    assert set(Act) > DANGEROUS
    assert {Act.ERASE_WORDS, Act.ASK_GRANTS, Act.CONFIRM_GRANTS, Act.END_GRANTS, Act.ISSUE_CODES} <= DANGEROUS


def test_control_an_act_that_is_nobodys_is_found():
    assert given_to_nobody({**PLACED, Role.ADMINISTRATOR: frozenset()}) >= {Act.ISSUE_CODES, Act.EDIT_PEOPLE}


def sees_what_it_runs(placed: dict[Role, frozenset[Act]]) -> frozenset[Act]:
    """What whoever runs the machine may do with the words in it."""
    return placed[Role.ADMINISTRATOR] & TASK_ACTS


def asks_and_confirms(placed: dict[Role, frozenset[Act]]) -> set[Role]:
    return {role for role, acts in placed.items() if {Act.ASK_GRANTS, Act.CONFIRM_GRANTS} <= acts}


def test_an_administrator_sees_no_task_and_no_role_both_asks_and_confirms():
    assert sees_what_it_runs(dict(PLACED)) == frozenset()
    assert asks_and_confirms(dict(PLACED)) == set()


def test_control_an_administrator_who_sees_or_confirms_is_found():
    acts = PLACED[Role.ADMINISTRATOR] | {Act.SEE_TASKS, Act.CONFIRM_GRANTS}
    assert sees_what_it_runs({**PLACED, Role.ADMINISTRATOR: acts}) == {Act.SEE_TASKS}
    assert asks_and_confirms({**PLACED, Role.ADMINISTRATOR: acts}) == {Role.ADMINISTRATOR}


# Bodies: whose people may have an account.


def of_the_host_state(bodies: Iterable[str]) -> list[str]:
    """Every body is the mission's, the organisation's or a partner's; there is no word for anybody else."""
    ours = ("mission_", "united_nations", "partner")
    return [one for one in bodies if not one.startswith(ours)]


def test_no_force_of_the_host_state_is_on_any_list():
    assert of_the_host_state(BODIES) == []
    assert set(BODIES) == set(ROLES_OF_BODY)


def test_control_a_force_on_the_list_is_found():
    assert of_the_host_state((*BODIES, "national_army")) == ["national_army"]


@pytest.mark.parametrize("body", HOST_STATE)
def test_a_person_of_another_body_has_no_account(body):
    with pytest.raises(Refused, match="body_may_have_no_account"):
        rules.check_person({"name": "Korum", "body": body})


@pytest.mark.parametrize("body", BODIES)
def test_control_a_person_of_our_own_has_one(body):
    rules.check_person({"name": "Korum", "body": body})


@pytest.mark.parametrize("name", ["", "  ", "\n", None])
def test_a_person_has_a_name(name):
    with pytest.raises(Refused, match="name_missing"):
        rules.check_person({"name": name, "body": "partner"})


def refusal(body: str | None, role: str, place: str = "north") -> str:
    """Why this role is not for somebody of this body there, or nothing."""
    try:
        rules.check_grant(Row(id=BORI, body=body), role, place, ["north", "south"])
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("role", Role)
def test_a_body_has_its_own_roles_and_no_others(body, role):
    assert (refusal(body, role) == "") == (role in ROLES_OF_BODY[body])


def test_soldiers_and_police_are_not_heads_and_partners_are_only_partners():
    for body in ("mission_military", "mission_police"):
        assert not ROLES_OF_BODY[body] & {Role.HEAD_OF_OFFICE, Role.ADMINISTRATOR, Role.SOURCE_HANDLER}
    assert ROLES_OF_BODY["partner"] == {Role.PARTNER}
    assert not any(PLACED[role] & TASK_ACTS for role in ROLES_OF_BODY["partner"])


@pytest.mark.parametrize("body", [None, "", "national_army", "a body of a newer version"])
def test_a_body_that_is_not_known_has_no_role_at_all(body):
    assert {refusal(body, role) for role in Role} == {"role_not_for_this_body"}


def test_control_a_body_left_out_of_the_table_would_have_none_either(monkeypatch):
    assert refusal("mission_civilian", Role.TEAM_LEADER) == ""
    monkeypatch.setattr(rules, "ROLES_OF_BODY", {})
    assert refusal("mission_civilian", Role.TEAM_LEADER) == "role_not_for_this_body"


@pytest.mark.parametrize("role", Role)
def test_only_wide_roles_are_for_the_whole_mission(role):
    expected = "" if role in WIDE else "role_needs_a_place"
    assert refusal("mission_civilian", role, EVERYWHERE) == expected


@pytest.mark.parametrize("place", ["west", "", "NORTH", "north ", "%", "' OR 1=1 --"])
def test_a_role_is_for_a_compartment_that_there_is(place):
    assert refusal("mission_civilian", Role.TEAM_LEADER, place) == "compartment_unknown"


@pytest.mark.parametrize("role", ["", "root", "Administrator", "administrator ", "*"])
def test_a_role_is_one_of_the_list(role):
    assert refusal("mission_civilian", role) == "code_unknown"


# May, where, sees.

MAY = (
    # held, act, north, south, mission
    ((), Act.SEE_TASKS, "---"),
    (((Role.WATCH_OFFICER, "north"),), Act.SEE_TASKS, "y--"),
    (((Role.WATCH_OFFICER, "north"),), Act.ERASE_WORDS, "---"),
    (((Role.WATCH_OFFICER, "north"), (Role.WATCH_OFFICER, "south")), Act.STEP_TASKS, "yy-"),
    (((Role.SENIOR_ADVISER, EVERYWHERE),), Act.SEE_TASKS, "yyy"),
    (((Role.SENIOR_ADVISER, EVERYWHERE),), Act.EDIT_TASKS, "---"),
    # A role here does not widen another one there.
    (((Role.HEAD_OF_OFFICE, "north"), (Role.WATCH_OFFICER, "south")), Act.ERASE_WORDS, "y--"),
    (((Role.HEAD_OF_OFFICE, "north"), (Role.SENIOR_ADVISER, EVERYWHERE)), Act.ADD_TASKS, "y--"),
    (((Role.ADMINISTRATOR, EVERYWHERE),), Act.SEE_TASKS, "---"),
    (((Role.ADMINISTRATOR, "north"),), Act.ASK_GRANTS, "y--"),
    (((Role.PARTNER, EVERYWHERE),), Act.SEE_TASKS, "---"),
)
PLACES = ("north", "south", "mission")


@pytest.mark.parametrize(("held", "act", "row"), MAY)
def test_may_and_where(held, act, row):
    rights = holding(*held)
    assert "".join("y" if rights.may(act, place) else "-" for place in PLACES) == row
    assert rights.where(act, PLACES) == [place for place, sign in zip(PLACES, row, strict=True) if sign == "y"]
    assert rights.may_anywhere(act) == any(act in PLACED[role] for role, _ in held)


@pytest.mark.parametrize(("held", "act", "row"), MAY)
def test_whoever_sits_at_the_console_may_do_everything(held, act, row):
    rights = holding(*held, console=True)
    assert rights.where(act, PLACES) == list(PLACES)
    assert rights.may_anywhere(act) and rights.sees(STRICT, act, "north")


@pytest.mark.parametrize("place", ["*north", "no", "", "north*", "North", "**"])
def test_a_place_is_compared_whole(place):
    assert not holding((Role.WATCH_OFFICER, place)).may(Act.SEE_TASKS, "north")


def test_a_role_in_one_place_is_none_for_the_whole_mission():
    assert not holding((Role.ADMINISTRATOR, "north")).may(Act.ASK_GRANTS, EVERYWHERE)
    assert holding((Role.ADMINISTRATOR, EVERYWHERE)).may(Act.ASK_GRANTS, EVERYWHERE)


def answer(rights: Rights, act: Act, place: str) -> str:
    try:
        rules.check_may(rights, act, place)
    except (Refused, NotFound) as error:
        return f"{type(error).__name__} {error.code}"
    return ""


def test_a_foreign_record_is_not_found_and_a_foreign_kind_of_thing_refused():
    watch = holding((Role.WATCH_OFFICER, "north"))
    assert answer(watch, Act.STEP_TASKS, "north") == ""
    assert answer(watch, Act.STEP_TASKS, "south") == "NotFound record_not_found"
    assert answer(watch, Act.ASK_GRANTS, "south") == answer(watch, Act.ASK_GRANTS, "north")
    assert answer(watch, Act.ASK_GRANTS, "north") == "Refused not_for_your_role"
    assert answer(holding(), Act.SEE_TASKS, "north") == "Refused not_for_your_role"


SEES = (
    # held, act, the deepest that is open in the north, in the south
    (((Role.WATCH_OFFICER, "north"),), Act.SEE_TASKS, CONFIDENTIAL, None),
    (((Role.HEADQUARTERS_ANALYST, EVERYWHERE),), Act.SEE_TASKS, RESTRICTED, RESTRICTED),
    (((Role.CHILD_ADVISER, "north"), (Role.WATCH_OFFICER, "south")), Act.SEE_TASKS, STRICT, CONFIDENTIAL),
    # Depth comes with the act: who may not erase sees nothing to erase.
    (((Role.CHILD_ADVISER, "north"), (Role.PROVINCIAL_ADVISER, "north")), Act.ERASE_WORDS, CONFIDENTIAL, None),
    (((Role.ADMINISTRATOR, EVERYWHERE),), Act.SEE_TASKS, None, None),
    (((Role.PARTNER, EVERYWHERE),), Act.SEE_TASKS, None, None),
    ((), Act.SEE_TASKS, None, None),
)


def deepest(rights: Rights, act: Act, place: str) -> Sensitivity | None:
    return next((one for one in reversed(Sensitivity) if rights.sees(one, act, place)), None)


@pytest.mark.parametrize(("held", "act", "north", "south"), SEES)
def test_how_deep(held, act, north, south):
    rights = holding(*held)
    assert (deepest(rights, act, "north"), deepest(rights, act, "south")) == (north, south)
    for place in ("north", "south"):
        open_to = [rights.sees(one, act, place) for one in Sensitivity]
        assert open_to == sorted(open_to, reverse=True)  # whoever sees deep sees what is shallow too


@pytest.mark.parametrize(("held", "act", "north", "south"), [row for row in SEES if row[2]])
def test_control_another_depth_is_another_answer(monkeypatch, held, act, north, south):
    monkeypatch.setattr(rules, "CLEARANCE", dict.fromkeys(Role, PUBLIC))
    assert deepest(holding(*held), act, "north") == PUBLIC


# Withholding.

SECRETS = Shape(
    number=99,
    label="tests.Secret",
    schema=1,
    groups=(
        Group(1, "name", Kind.LAST, PUBLIC, (Field(1, "name", "text"),)),
        Group(2, "place", Kind.LAST, RESTRICTED, (Field(2, "lon", "int"), Field(3, "lat", "int"))),
        Group(3, "words", Kind.LAST, CONFIDENTIAL, (Field(4, "words", "text"),)),
        Group(4, "source", Kind.LAST, STRICT, (Field(5, "source", "text"),)),
    ),
    derived=(Derived("count", "int"), Derived("last_words", "text", sensitivity=CONFIDENTIAL)),
)
SECRET = Row(
    id=CIMO,
    compartment="north",
    name="A",
    lon=1,
    lat=2,
    words="Who said it",
    source="Mirela",
    count=3,
    last_words="Who said it",
)


def shown(role: Role, place: str = "north") -> dict[str, Any]:
    row = rules.withhold(SECRETS, SECRET, holding((role, place)), Act.SEE_TASKS)
    assert row["id"] == CIMO and row["compartment"] == "north"
    return {name: row[name] for name in SECRET if name not in ("id", "compartment") and row[name] is not None}


def withheld(role: Role, place: str = "north") -> set[str]:
    return set(rules.withhold(SECRETS, SECRET, holding((role, place)), Act.SEE_TASKS)["withheld"])


def test_what_lies_deeper_is_taken_out_and_named():
    assert withheld(Role.WATCH_OFFICER) == {"source"}
    assert "source" not in shown(Role.WATCH_OFFICER) and shown(Role.WATCH_OFFICER)["words"] == "Who said it"
    assert withheld(Role.WOMEN_ADVISER) == set()
    assert shown(Role.WOMEN_ADVISER) == {name: SECRET[name] for name in SECRET if name not in ("id", "compartment")}


def test_what_follows_from_words_is_as_deep_as_they_are():
    assert shown(Role.HEADQUARTERS_ANALYST) == {"name": "A", "lon": 1, "lat": 2, "count": 3}


def test_control_a_derived_value_of_no_depth_would_be_shown(monkeypatch):
    monkeypatch.setitem(rules.CLEARANCE, Role.HEADQUARTERS_ANALYST, CONFIDENTIAL)
    assert shown(Role.HEADQUARTERS_ANALYST)["last_words"] == "Who said it"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PARTNER])
def test_who_runs_the_machine_and_who_is_a_partner_see_nothing_of_it(role):
    assert shown(role) == {}
    assert withheld(role) == {"name", "place", "words", "source"}


def test_a_foreign_row_is_withheld_whole():
    assert shown(Role.WOMEN_ADVISER, "south") == {}


def test_withholding_leaves_the_row_itself_alone():
    before = dict(SECRET)
    withheld(Role.ADMINISTRATOR)
    assert before == SECRET


def test_an_analyst_at_headquarters_sees_no_words_of_a_task():
    row = Row(dict.fromkeys(TASK.field, "word") | {"compartment": "north"} | {one.name: "x" for one in TASK.derived})
    told = rules.withhold(TASK, row, holding((Role.HEADQUARTERS_ANALYST, EVERYWHERE)), Act.SEE_TASKS)
    deep = {group.name for group in TASK.groups if group.sensitivity in (CONFIDENTIAL, STRICT)}
    assert told["withheld"] == deep and "words" in deep
    assert told["title"] is None and told["state"] == "x"
    none = rules.withhold(TASK, row, holding((Role.ADMINISTRATOR, EVERYWHERE)), Act.SEE_TASKS)
    assert none["withheld"] == {group.name for group in TASK.groups}


# Grants: which of them count, and who decides.


def grant(**values: Any) -> Row:
    """Asked for by Ana, for Bori, confirmed by Cimo."""
    told = {
        "id": person("a grant"),
        "root": BORI,
        "role": "team_leader",
        "place": "north",
        "asked_by": ANA,
        "decided_by": CIMO,
        "decision": "confirmed",
        "ended": None,
        "conflict": False,
        "compartment": rules.HOME,
        "erased": "",
        "newer": False,
    }
    return Row(told | values)


COUNTS_FOR_NOTHING = {
    "not decided": {"decided_by": None, "decision": None},
    "refused": {"decision": "refused"},
    "decided in a word of a newer version": {"decision": "confirmed twice"},
    "confirmed by who asked": {"decided_by": ANA},
    "confirmed by whoever would have it": {"decided_by": BORI},
    "confirmed by whoever would have it, asked by nobody": {"asked_by": None, "decided_by": BORI},
    "confirmed by nobody": {"decided_by": None},
    "asked and confirmed by nobody": {"asked_by": None, "decided_by": None},
    "ended": {"ended": "ended"},
    "ended in a word of a newer version": {"ended": "suspended"},
    "in conflict": {"conflict": True},
    "a role of a newer version": {"role": "governor"},
    "no role": {"role": None},
    "born in a province": {"compartment": "north"},
    "its ending erased": {"erased": "end"},
    "with more than this version knows": {"newer": True},
    "everywhere, of a role that needs a place": {"place": rules.EVERYWHERE},
}


@pytest.mark.parametrize("values", COUNTS_FOR_NOTHING.values(), ids=COUNTS_FOR_NOTHING)
def test_a_grant_that_counts_for_nothing(values):
    assert rules.in_force([grant(**values)]) == []
    assert rules.in_force([grant(**values), grant()]) == [grant()]


def test_control_a_grant_seen_by_two_counts_and_so_does_one_from_the_console():
    assert rules.in_force([grant(), grant(asked_by=None)]) == [grant(), grant(asked_by=None)]


WAITING = {"decided_by": None, "decision": None}
DECIDES = (
    # who, the grant, what they are told
    ("Cimo, a second person", CIMO, WAITING, ""),
    ("Ana, who asked", ANA, WAITING, "four_eyes_needed"),
    ("Bori, who would have it", BORI, WAITING, "four_eyes_needed"),
    ("Bori, who asked for himself", BORI, WAITING | {"asked_by": BORI}, "four_eyes_needed"),
    ("Cimo, once it is decided", CIMO, {}, "grant_not_waiting"),
    ("Dela, once it is refused", DELA, {"decision": "refused"}, "grant_not_waiting"),
    ("Cimo, once it has ended", CIMO, WAITING | {"ended": "ended"}, "grant_not_waiting"),
)


@pytest.mark.parametrize(("who", "by", "values", "code"), DECIDES, ids=[row[0] for row in DECIDES])
def test_who_decides(who, by, values, code):
    told = ""
    try:
        rules.check_may_decide(Row(id=BORI), grant(**values), by)
    except Refused as refused:
        told = refused.code
    assert told == code
    assert rules.may_decide(Row(id=BORI), grant(**values), by) == (code == "")


def test_control_each_of_the_four_eyes_is_looked_at():
    waiting = grant(**WAITING)
    assert rules.may_decide(Row(id=DELA), waiting, BORI)  # with the grant another's, Bori is a second person
    assert rules.may_decide(Row(id=BORI), grant(**WAITING, asked_by=DELA), ANA)  # and so is Ana, where Dela asked


def test_members_are_those_who_have_not_left_once_each():
    rows = [
        Row(member=BORI, left=None),
        Row(member=BORI, left=None),
        Row(member=CIMO, left="left"),
        Row(member=None, left=None),
        Row(member=ANA, left=None),
    ]
    assert rules.members(rows) == sorted([ANA, BORI], key=lambda one: one.int)
