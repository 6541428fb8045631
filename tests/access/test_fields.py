"""Which persona sees which group of fields, and that a form takes nothing it did not ask for (T-A-04)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.access import matrix
from tests.access.asks import ASKS, BESIDE, BY_KEY, Ask
from tests.access.fields import GROUPS, NOWHERE, SEALED
from tests.access.matrix import FIELDS, Answers
from tests.access.world import BY_ROLE, World, id_of
from tests.nodes import person
from ulinzi.accounts import actions
from ulinzi.accounts.rules import PLACED, Act, Rights, Role
from ulinzi.ledger import tables
from ulinzi.ledger.records import shapes
from ulinzi.ledger.shapes import Row, Sensitivity, Shape
from ulinzi.web.alert_edit import CorrectForm
from ulinzi.web.call import CallForm, SixForm
from ulinzi.web.forms import TaskForm
from ulinzi.web.network import ShiftForm, SourceForm
from ulinzi.web.places import CommunityForm

pytestmark = [pytest.mark.access, pytest.mark.sqlite_only]


APPS = ("desk", "accounts", "places", "network", "messages", "reports", "alerts", "responses")


def of_the_product() -> list[Shape]:
    return [one for one in shapes() if one.label.split(".")[0] in APPS]


def test_everybody_sees_the_fields_that_the_matrix_says(answers: Answers) -> None:
    assert matrix.differences(matrix.read(FIELDS), answers.fields) == []


def test_every_group_of_fields_is_in_the_matrix_or_on_no_page() -> None:
    found = {f"{shape.label}/{group.name}" for shape in of_the_product() for group in shape.groups}
    assert found | SEALED == set(GROUPS) | NOWHERE


def test_each_group_is_really_seen_by_somebody(answers: Answers) -> None:
    """A sign that stands on no page would hide nothing from nobody."""
    assert {cell.what for cell, word in answers.fields.items() if word == "see"} == set(GROUPS)


def test_whoever_changes_words_can_read_them() -> None:
    """A form that was made without the words would write nothing in their place."""
    for role in Role:
        if PLACED[role] & {Act.EDIT_TASKS, Act.ERASE_WORDS, Act.STEP_TASKS}:
            held = Rights(person("anybody"), ((role, "north"),))
            assert held.sees(Sensitivity.CONFIDENTIAL, Act.SEE_TASKS, "north"), role


# What a form did not ask for.

SMUGGLED = "smuggled words"
SOMEBODY = person("smuggled")
LONG_AGO = 1_234_567_890_123_456
_POST = {"base", "languages", "supervisor"}
_PLACE = set(CommunityForm.base_fields)
TAKEN: dict[str, set[str]] = {
    "add_task": set(TaskForm.base_fields),
    "edit_task": set(TaskForm.base_fields),
    "undo": {"words"},
    "add_shift": set(ShiftForm.base_fields),
    "add_liaison": _POST | {"person"},
    "edit_liaison": _POST,
    "enrol_source": set(SourceForm.base_fields),
    "message_enrol": set(SourceForm.base_fields),
    "add_community": _PLACE,
    "edit_community": _PLACE,
    "add_base": _PLACE | {"kind"},
    "edit_base": _PLACE | {"kind"},
    "message_step": {"words"},
    "message_take_down": set(SixForm.base_fields),
    "call": set(CallForm.base_fields),
    "alert_step": {"words", "ago"},
    "alert_send": {"base", "words"},
    "alert_edit": set(CorrectForm.base_fields),
    "alert_settle": {"words"},
    "response_step": {"words", "ago"},
}
CHANGING = (
    "add_task",
    "step",
    "undo",
    "settle",
    "edit_task",
    "erase",
    "erase_name",
    "add_person",
    "rename_person",
    "ask_grant",
    "decide_grant",
    "end_grant",
    "person_left",
    "add_team",
    "join_team",
    "leave_team",
    *(NETWORK := ("add_liaison", "edit_liaison", "end_liaison", "add_community", "edit_community")),
    *(BASES := ("add_base", "edit_base")),
    *(SOURCES := ("enrol_source", "withdraw_source", "message_enrol")),
    "set_contact",
    "add_shift",
    "call_off",
    "message_step",
    "message_undo",
    "message_dial",
    "message_take_down",
    "call",
    "alert_step",
    "alert_undo",
    "alert_same",
    "alert_send",
    "alert_edit",
    "alert_settle",
    "alert_write_back",
    "response_step",
    "response_confirm",
    "response_undo",
)
# Who does it: the watch officer what has to do with tasks, messages and alerts.
DOES = {one: "administrator" for one in CHANGING if "person" in one or "team" in one or "grant" in one}
DOES |= {"decide_grant": "head_of_office", "erase": "provincial_adviser", "erase_name": "leadership"}
DOES |= dict.fromkeys((*NETWORK, *BASES), "provincial_adviser") | dict.fromkeys(SOURCES, "liaison_assistant")


def value_for(kind: str, choices: tuple[str, ...]) -> Any:
    if choices:
        return choices[-1]
    return {"person": SOMEBODY, "id": SOMEBODY, "ref": SOMEBODY, "time": LONG_AGO, "int": 4711}.get(kind, SMUGGLED)


def smuggled(ask: Ask, given: dict[str, Any]) -> dict[str, Any]:
    """A value for every field there is, derived ones and arguments of the actions too, but for those of the form."""
    found = {one.name: value_for(one.type, tuple(one.choices)) for shape in of_the_product() for one in shape.fields}
    found |= {one.name: value_for(one.type, ()) for shape in of_the_product() for one in shape.derived}
    found |= {"id": SOMEBODY, "by": SOMEBODY, "root": SOMEBODY, "root_id": SOMEBODY, "at": LONG_AGO, "why": SMUGGLED}
    found |= {"compartment": "south", "settle": "1", "keep_both": "1", "on_behalf_of": SOMEBODY, "all": "1"}
    found |= {"to": SOMEBODY, "happened_at": LONG_AGO, "handle": SMUGGLED, "duty": "1", "do": "alert", "how": "show"}
    found |= {"erased": "words", "conflict": "1", "person": SOMEBODY, "grant": SOMEBODY, "record": SOMEBODY}
    return {name: value for name, value in found.items() if name not in TAKEN.get(ask.name, set()) | given.keys()}


def everything(here: World) -> dict[Any, Row]:
    return {row["id"]: row for shape in of_the_product() for row in tables.read(here.node, shape, "1 = 1", [])}


def written_by(here: World, ask: Ask, *, with_more: bool) -> list[dict[str, Any]]:
    """The rows that one request made or changed, as far as they differ from what they were."""
    request = ask.make(here, "north")
    more = smuggled(ask, request.data) if with_more else {}
    before = everything(here)
    who = id_of(BY_ROLE[DOES.get(ask.name, "watch_officer")])
    sent = here.send(who, "POST", request.url, {**more, **request.data})
    assert sent.status_code == 302, (ask.key, sent.status_code)
    changed = [(before.get(key, {}), row) for key, row in everything(here).items() if before.get(key) != row]
    return [{name: value for name, value in now.items() if was.get(name) != value} for was, now in changed]


def kinds(rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Which fields were written, and every code in them; ids, and names made for one question, differ anyway."""
    made = ("id", "root", "number", "title", "folded_number", "folded_words", "name")
    own = (*made, "member", "undoes", "to_whom", "area", "task", "whose", "problems", "folded_names", "place_said")
    own += ("person", "alert", "alert_step", "report", "message", "other", "same_as", "source")
    return Counter(
        (name, "" if name in own or _by_chance(value) else str(value)) for row in rows for name, value in row.items()
    )


def _by_chance(value: Any) -> bool:
    """The code of a source is another each time."""
    return isinstance(value, str) and value.startswith("S-")


@pytest.mark.parametrize("name", CHANGING)
def test_a_form_takes_nothing_that_it_did_not_ask_for(here: World, name: str) -> None:
    ask = BY_KEY[f"{name} POST"]
    plain, more = written_by(here, ask, with_more=False), written_by(here, ask, with_more=True)
    assert plain and kinds(plain) == kinds(more)
    values = [value for row in more for value in row.values()]
    assert not {SMUGGLED, SOMEBODY, LONG_AGO, 4711} & {one for one in values if not isinstance(one, list)}


def test_every_form_that_writes_to_the_ledger_is_tried() -> None:
    """Agreeing to an erasure writes no field of what it is about: what it takes away, tests/web say."""
    told = (
        {one.name for one in ASKS if one.method == "POST"} - BESIDE - {"decide_erasure", "decide_name", "choose_person"}
    )
    assert told == set(CHANGING)


def test_control_a_view_that_hands_everything_on_is_found(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(person_: Any, *, by: Any, name: str, short: str = "") -> None:
        real(person_, by=by, name=name, short=SMUGGLED[:20])

    real = actions.rename
    monkeypatch.setattr(actions, "rename", greedy)
    more = written_by(here, BY_KEY["rename_person POST"], with_more=True)
    assert any(SMUGGLED[:20] in row.values() for row in more)
