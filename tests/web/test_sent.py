"""Fields that a form does not have change nothing, and that somebody sent them is written down (T-A-04)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.nodes import reader
from tests.web.conftest import Browser
from tests.web.test_board import add, body
from tests.web.test_edit import form_of
from tests.web.test_logs import CANARY, everything, written
from ulinzi.desk import queries
from ulinzi.ledger.node import Node
from ulinzi.web import measure, middleware

pytestmark = pytest.mark.sqlite_only

ANOTHER = "Call back Telwa at noon"
# What a task has, and no form may set.
SNEAKED = {"state": "done", "owner": "odhal", "number": "BEN-9", "compartment2": "south", "finished_at": "1"}


def last(node: Node) -> dict[str, object]:
    return written(node)[-1]


def edited(made: Client, task: object, **more: str) -> None:
    form = form_of(body(made.get(f"/tasks/{task}/edit"))) | {"title": ANOTHER, "urgency": "routine"}
    assert made.post(f"/tasks/{task}/edit", {**form, **more}).status_code == 302


def test_fields_of_the_record_that_the_form_does_not_have_are_left_alone(browser: Browser, node: Node) -> None:
    task, made = add("Call back Telwa"), browser()
    before = queries.task(task, reader("north"))
    edited(made, task, **SNEAKED)
    after = queries.task(task, reader("north"))
    assert after["title"] == ANOTHER
    assert {name: after[name] for name in ("state", "owner", "number", "compartment", "finished_at")} == {
        name: before[name] for name in ("state", "owner", "number", "compartment", "finished_at")
    }


def test_that_they_were_sent_is_in_the_log_and_counted(browser: Browser, node: Node) -> None:
    made, task = browser(), add("Call back Telwa")
    tally = dict(measure.counters.routes()).get("edit_task", measure.Tally()).unknown
    edited(made, task, **SNEAKED)
    assert (last(node)["route"], last(node)["unknown_fields"]) == ("edit_task", len(SNEAKED))
    assert dict(measure.counters.routes())["edit_task"].unknown == tally + len(SNEAKED)
    page = made.get("/metrics").content.decode()
    assert f'ulinzi_request_unknown_total{{route="edit_task"}} {tally + len(SNEAKED)}' in page


def test_control_a_form_as_the_page_makes_it_has_none(browser: Browser, node: Node) -> None:
    edited(browser(), add("Call back Telwa"))
    assert "unknown_fields" not in last(node)


def test_neither_names_nor_values_are_written_down(browser: Browser, node: Node) -> None:
    edited(browser(), add("Call back Telwa"), **{f"{CANARY}-name": "x", "x": f"{CANARY}-value"})
    assert last(node)["unknown_fields"] == 2
    assert CANARY not in everything(node)


def test_where_nobody_is_signed_in_it_is_said_too(browser: Browser, node: Node) -> None:
    browser(None).post("/language", {"language": "en", "role": "administrator"})
    assert (last(node)["route"], last(node)["unknown_fields"]) == ("choose_language", 1)


def test_control_a_form_that_nobody_watches_tells_nothing(
    browser: Browser, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware.sent, "watch", lambda request: None)
    edited(browser(), add("Call back Telwa"), **SNEAKED)
    assert "unknown_fields" not in last(node)


def test_a_refused_form_is_no_news(browser: Browser, node: Node) -> None:
    """It was not read to its end, so what is left over says nothing."""
    browser().post("/tasks/add", {"title": "", "state": "done"})
    assert last(node)["status"] == 422 and "unknown_fields" not in last(node)
