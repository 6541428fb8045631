"""/health says whether the machine is well and nothing else; /metrics says numbers, to this machine alone."""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import OperationalError, connections
from django.test import Client

from tests.web import screens
from tests.web.conftest import Browser, persona
from tests.web.test_board import add, body
from ulinzi.accounts import local, sessions
from ulinzi.jobs import actions as jobs
from ulinzi.jobs import heartbeat
from ulinzi.kernel.clock import MINUTE, SetClock
from ulinzi.ledger import access, store
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.models import FoundProblem
from ulinzi.ledger.node import Node
from ulinzi.web import health, measure, metrics

pytestmark = pytest.mark.sqlite_only
Usage = namedtuple("Usage", "total used free")


def stranger() -> Client:
    return Client(SERVER_NAME="localhost")


def asked(client: Client | None = None) -> tuple[int, dict[str, Any]]:
    response = (client or stranger()).get("/health")
    return response.status_code, response.json()


@pytest.fixture
def well(node: Node) -> Node:
    heartbeat.beat(node)
    return node


def test_a_machine_that_is_well_says_so_to_anybody(well: Node) -> None:
    assert asked() == (200, {"ok": True})


def test_it_is_asked_by_head_too(well: Node) -> None:
    response = stranger().head("/health")
    assert (response.status_code, response.content) == (200, b"")


def test_nothing_else_is_taken(well: Node) -> None:
    assert stranger().post("/health").status_code == 405


def test_a_database_that_does_not_answer(well: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(node: Node) -> None:
        raise OperationalError("disk I/O error at a secret path")

    monkeypatch.setattr(store, "read_node", gone)
    assert asked() == (503, {"ok": False, "codes": ["database_silent"]})


def test_a_database_of_another_key(well: Node) -> None:
    with store.connection(well).ledger_opened():
        store.execute(well, "UPDATE ledger_node SET key = %s", (b"x" * 32,))
    assert asked() == (503, {"ok": False, "codes": ["node_closed"]})


def test_no_node_at_all() -> None:
    assert health.wrong(None) == ["node_closed"]


def test_a_disk_that_is_full(well: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, health.FULL_BELOW - 1))
    assert asked() == (503, {"ok": False, "codes": ["disk_full"]})


def test_a_worker_that_says_nothing(well: Node, clock: SetClock) -> None:
    clock.advance(heartbeat.SILENT_AFTER + MINUTE)
    assert asked() == (503, {"ok": False, "codes": ["worker_silent"]})


def test_several_things_are_said_together(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12, 0))
    assert asked() == (503, {"ok": False, "codes": ["disk_full", "worker_silent"]})


def test_it_says_codes_and_nothing_that_helps_a_stranger(node: Node) -> None:
    """No path, no number, no version: letters and underscores, whatever is wrong."""
    response = stranger().get("/health")
    assert re.fullmatch(r'\{"ok": false, "codes": \["[a-z_]+"\]\}', response.content.decode())


def test_it_sets_no_cookie_and_looks_up_no_session(well: Node, browser: Browser, monkeypatch: Any) -> None:
    """A machine that watches must keep nobody signed in."""
    client, looked = browser(), []
    find = sessions.find
    monkeypatch.setattr(sessions, "find", lambda *words, **named: looked.append(words) or find(*words, **named))
    response = client.get("/health")
    assert (response.status_code, looked, response.cookies) == (200, [], {})
    client.get("/password")
    assert len(looked) == 1  # control: an ordinary page does look


def test_a_session_does_not_go_on_by_it(well: Node, browser: Browser, clock: SetClock) -> None:
    client = browser()
    seen = "SELECT seen FROM session"
    before = local.rows(well, seen)
    clock.advance(5 * MINUTE)
    client.get("/health")
    assert local.rows(well, seen) == before
    client.get("/password")
    assert local.rows(well, seen) != before  # control


def test_it_is_cheap(well: Node) -> None:
    """A stranger who asks all day costs less than one person who works."""
    said: list[str] = []
    store.connection(well).ensure_connection()
    raw = store.connection(well).connection
    raw.set_trace_callback(said.append)
    stranger().get("/health")
    raw.set_trace_callback(None)
    assert 1 <= len(said) <= 4


# /metrics


def test_every_line_is_in_the_form_that_prometheus_reads(well: Node, browser: Browser) -> None:
    browser().get("/tasks")
    value = r"-?\d+(\.\d+)?(e[+-]\d+)?"
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[\w.+]+"(,[a-z]+="[\w.+]+")*\})? ' + value)
    comment = re.compile(r"# HELP [a-z_]+ [^\n]+|# TYPE [a-z_]+ (counter|gauge|histogram)")
    response = stranger().get("/metrics")
    assert response.headers["Content-Type"] == metrics.CONTENT_TYPE
    lines = body(response).splitlines()
    assert [one for one in lines if not sample.fullmatch(one) and not comment.fullmatch(one)] == []


def samples() -> dict[str, float]:
    lines = body(stranger().get("/metrics")).splitlines()
    return {one.rpartition(" ")[0]: float(one.rpartition(" ")[2]) for one in lines if not one.startswith("#")}


def test_requests_are_counted_by_the_name_of_their_route(well: Node, browser: Browser, monkeypatch: Any) -> None:
    monkeypatch.setattr(measure, "counters", measure.Counters())
    client, task = browser(), add("Two trucks")
    for _ in range(3):
        client.get(f"/tasks/{task}")
    client.get("/tasks/nobody")
    found = samples()
    assert found['ulinzi_requests_total{route="task",status="2xx"}'] == 3
    assert found['ulinzi_requests_total{route="none",status="4xx"}'] == 1
    assert found['ulinzi_request_seconds_count{route="task"}'] == 3
    assert found['ulinzi_request_seconds_bucket{route="task",le="+Inf"}'] == 3
    assert found['ulinzi_request_bytes_total{route="task"}'] > 1000
    buckets = [number for name, number in found.items() if 'bucket{route="task"' in name]
    assert buckets == sorted(buckets) and len(buckets) == len(measure.BOUNDS) + 1


def test_the_node_is_told_in_numbers(well: Node, browser: Browser) -> None:
    browser()
    jobs.ask("ledger.verify")
    add("One")
    found = samples()
    assert found["ulinzi_up"] == 1 and found["ulinzi_entries"] > 1
    assert found['ulinzi_jobs{state="waiting"}'] == 1
    assert (found["ulinzi_problems"], found["ulinzi_conflicts"]) == (0, 0)
    assert found["ulinzi_access_unsaved"] == access.unsaved(well)
    assert found["process_resident_memory_bytes"] > 10**7


def test_what_the_node_holds_is_counted_by_the_database(well: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"record": UUID(int=1), "root": UUID(int=1), "model": "desk.task", "compartment": "north", "by_rule": False}
    with monkeypatch.context() as as_the_fold:
        as_the_fold.setattr(connections[well.alias], "ledger_open", 1)
        FoundProblem.objects.bulk_create(FoundProblem(code="no_such", detail="", **told) for _ in range(3))
    assert samples()["ulinzi_problems"] == 3
    asked = screens.statements(well, stranger(), "/metrics")
    assert [one for one in asked if is_read(one)] == [] and any("foundproblem" in one for one in asked)


def test_control_rows_that_are_read_to_be_counted_are_seen(well: Node) -> None:
    with screens.counted(well) as asked:
        ledger.problems(["north"])
        ledger.conflicts(["north"])
    assert [is_read(one) for one in asked] == [True, True]


def is_read(statement: str) -> bool:
    return ("foundproblem" in statement or "conflict" in statement) and "COUNT(" not in statement


def test_looks_that_have_no_row_yet_are_told(well: Node, browser: Browser) -> None:
    client = browser()
    access.flush(well)
    client.get("/tasks")
    assert samples()["ulinzi_access_unsaved"] == 1
    access.flush(well)
    assert samples()["ulinzi_access_unsaved"] == 0


def test_a_node_that_does_not_answer_is_told_too(well: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*words: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(store, "read_node", gone)
    found = samples()
    assert found["ulinzi_up"] == 0 and "ulinzi_entries" not in found


@pytest.mark.parametrize("header", [name.removeprefix("HTTP_").replace("_", "-") for name in measure.FORWARDED])
def test_what_somebody_passes_on_is_not_there(well: Node, browser: Browser, header: str) -> None:
    same_as_nowhere(browser(), headers={header: "127.0.0.1"})


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::7", "", "unix"])
def test_from_another_machine_it_is_not_there(well: Node, browser: Browser, address: str) -> None:
    same_as_nowhere(browser(), REMOTE_ADDR=address)
    same_as_nowhere(stranger(), REMOTE_ADDR=address)


def same_as_nowhere(client: Client, **asked_with: Any) -> None:
    """By whichever method, the answer is that of an address that nobody has, to the letter but for its own name."""
    for method in (client.get, client.post):
        there, nowhere = method("/metrics", **asked_with), method("/nowhere", **asked_with)
        assert there.status_code == nowhere.status_code == 404
        told = [re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', r"\1", body(one)) for one in (there, nowhere)]
        assert told[0].replace("/metrics", "/nowhere") == told[1]
        assert set(there.headers) == set(nowhere.headers)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1"])
def test_control_from_this_machine_it_is(well: Node, address: str) -> None:
    assert stranger().get("/metrics", REMOTE_ADDR=address).status_code == 200


def test_it_names_nobody_and_nothing(well: Node, browser: Browser) -> None:
    """Nor what a stranger writes into a request's method."""
    client, task = browser(), add("The well at Telwa")
    client.get(f"/tasks/{task}")
    client.generic("CANARY", "/tasks")
    told = body(stranger().get("/metrics"))
    for secret in (str(task), "Telwa", persona("odhal").name, "odhal", "CANARY", str(well.home), settings.SECRET_KEY):
        assert secret not in told
