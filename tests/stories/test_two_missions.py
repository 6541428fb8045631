"""One story in two unlike missions: a task is written, seen in the mission's own clock and words, taken and done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client, override_settings
from django.utils.translation import override

from tests.nodes import Nodes
from tests.web import catalogue
from tests.web.conftest import add_one, persona, signed_in
from ulinzi.accounts import local
from ulinzi.accounts.rules import Rights, Role
from ulinzi.desk import queries
from ulinzi.kernel import mission
from ulinzi.kernel.clock import SECOND
from ulinzi.kernel.mission import Mission
from ulinzi.ledger.node import Node
from ulinzi.web import labels

pytestmark = pytest.mark.access
EVERYTHING = Rights(persona("rensa").id, all=True)
EVERY = [mission.load(mission.find(code)) for code in mission.shipped()]


@contextmanager
def at_home(found: Mission, nodes: Nodes) -> Iterator[Node]:
    """A node of that mission, as `ulinzi init --mission` makes it."""
    catalogue.compile_stale()
    told = {"MISSION": found, "TIME_ZONE": found.time_zone, "LANGUAGE_CODE": found.language}
    offices = tuple(one.code for one in found.compartments)
    made = nodes.make("STO", compartments=("mission", *offices))
    with override_settings(**told), made.use():
        yield made
    local.close()


def sit_down(code: str, role: Role, office: str) -> Client:
    """A browser that asks for no language: the mission's own is spoken."""
    add_one(code, (role, office))
    return signed_in(Client(SERVER_NAME="localhost"), code)


def body(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.mark.parametrize("found", EVERY, ids=lambda found: found.code)
def test_a_task_in_the_missions_own_clock_and_words(found: Mission, nodes: Nodes) -> None:
    office, language, zone = found.compartments[-1], found.language, ZoneInfo(found.time_zone)
    with at_home(found, nodes) as node:
        maren = sit_down("odhal", Role.WATCH_OFFICER, office.code)
        now = datetime.fromtimestamp(node.clock.now() / SECOND, zone)

        # She opens the page of the mission: its name, what is in force, its targets.
        page = body(maren.get("/mission"))
        assert f'<html lang="{language}"' in page
        assert found.name.of(language) in page and office.name.of(language) in page
        assert all(text.title.of(language) in page for text in found.texts_on(now.date()))

        # The board shows the mission's time; she writes a promise for tomorrow, five past two, as she says it.
        assert f"{now:%H:%M}" in body(maren.get("/tasks"))
        tomorrow = (now + timedelta(days=1)).date()
        typed = {"title": "Rappeler", "due_date": f"{tomorrow:%d/%m/%Y}", "due_time": "14:05", "urgency": "soon"}
        response = maren.post("/tasks/add", {**typed, "compartment": office.code})
        assert response.status_code == 302
        task = response.headers["Location"]
        page = body(maren.get(task))
        assert f"{tomorrow:%d/%m/%Y} 14:05" in page and office.name.of(language) in page
        row = queries.open_tasks(EVERYTHING)[0]
        assert row["due_at"] == datetime(*tomorrow.timetuple()[:3], 14, 5, tzinfo=zone).timestamp() * SECOND

        # Somebody whom this mission may call otherwise takes it and does it.
        tomas = sit_down("vessin", Role.LIAISON_ASSISTANT, office.code)
        with override(language):
            called = found.term("liaison_assistant", language) or labels.of(labels.ROLES, "liaison_assistant")
        assert called in body(tomas.get(task))
        assert tomas.post(f"{task}/step", {"kind": "taken"}).status_code == 302
        assert tomas.post(f"{task}/step", {"kind": "done", "done-words": "Dit."}).status_code == 302
        assert queries.task(row["id"], EVERYTHING)["state"] == "done"
        assert body(maren.get("/tasks")).count("Rappeler") == 1


def test_control_the_same_words_typed_in_two_missions_are_two_moments(nodes: Nodes) -> None:
    """If the zone were not the mission's, the story above would pass by accident in one of the two."""
    typed = datetime(2026, 9, 22, 14, 5)
    first, second = (typed.replace(tzinfo=ZoneInfo(found.time_zone)).timestamp() for found in EVERY)
    assert first != second


@pytest.mark.parametrize("found", EVERY, ids=lambda found: found.code)
@pytest.mark.parametrize("other", ["fr", "en"])
def test_both_languages_are_there_in_every_mission(found: Mission, other: str, nodes: Nodes) -> None:
    with at_home(found, nodes):
        maren = sit_down("odhal", Role.WATCH_OFFICER, found.compartments[0].code)
        page = body(maren.get("/mission", headers={"accept-language": other}))
        assert f'<html lang="{other}"' in page
        assert found.name.of(other) in page and found.codes[0].words.of(other) in page
