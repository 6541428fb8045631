"""The node as its page shows it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.nodes import person
from tests.web.conftest import Browser
from tests.web.test_board import ANA, add, body
from tests.web.test_task import both
from ulinzi.accounts import sessions
from ulinzi.jobs import queries as jobs
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places


def test_the_node_says_who_it_is_and_what_does_not_fit(browser: Browser, node: Node) -> None:
    task = add("Which side")
    both(task)
    page = body(browser().get("/system"))
    state = ledger.node_state()
    key = " ".join(state.key[start : start + 4] for start in range(0, len(state.key), 4))
    for said in ("BEN", key, state.feeds[0].feed[:8], "north", "south", "never checked here"):
        assert said in page
    assert f'<a href="/tasks/{task}"><bdi>BEN-1</bdi>' in page and "title and detail" in page


@pytest.mark.sqlite_only
def test_an_empty_node_has_its_page(node: Node) -> None:
    made = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    made.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(person("somebody")).token
    assert "Nothing has been written here yet." in body(made.get("/system"))


def test_a_check_is_asked_for_once(browser: Browser, node: Node) -> None:
    for _ in range(2):
        response = browser().post("/system/check", follow=True)
    assert "A check is waiting for the worker of this machine." in body(response)
    waiting = jobs.recent()
    assert [(job.kind, job.arguments, job.state) for job in waiting] == [("ledger.verify", {"tables": True}, "waiting")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("found", "said"), [(0, "holds"), (2, "2 findings")])
def test_the_last_check_is_shown(browser: Browser, node: Node, found: int, said: str) -> None:
    from dataclasses import replace

    from ulinzi.jobs import actions

    add("one")
    browser().post("/system/check")
    job = actions.take("w1")
    assert job is not None
    findings = [["hash_differs", "ab" * 32, 4], ["seal_wrong", "ab" * 32, 5]][:found]
    actions.finish(replace(job), {"entries": 1, "found": found, "findings": findings})
    page = body(browser().get("/system"))
    assert said in page and ("an entry was changed after it was written" in page) == bool(found)


@pytest.mark.sqlite_only
def test_a_conflict_outside_the_tasks_has_no_page_yet(browser: Browser) -> None:
    from ulinzi import ledger as door
    from ulinzi.places.models import Area

    area = places.add_area(compartment="north", code="T", by=ANA, name="Telwa", kind="area")
    seen = {"name": ledger.groups_of("places.Area", area)["name"].dots}
    for name in ("North", "South"):
        with door.unit("places.rename", by=ANA) as unit:
            unit.put(Area, unit.load(Area, area), seen=seen, keep_both=True, name=name)
    assert f"places.Area {area}" in body(browser().get("/system"))
