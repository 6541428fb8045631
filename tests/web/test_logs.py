"""What is written down of requests and jobs: what was done and what it cost, never who or what about (T-B-10, T-V-16).

Everything below that a person could type, or that names a person, a record or a place, is a canary.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.web import screens
from tests.web.conftest import PASSWORD, Browser, enrolled, persona
from tests.web.test_board import add
from ulinzi.jobs import actions as jobs
from ulinzi.jobs import kinds, loop
from ulinzi.kernel.errors import Refused
from ulinzi.ledger.node import Node
from ulinzi.web import board, logs, measure

pytestmark = pytest.mark.sqlite_only
CANARY = "canary-7291"
WEB = {"time", "route", "method", "status", "ms", "queries", "bytes", "error"}
WORK = {"time", "kind", "try", "ms", "error"}


def written(node: Node, name: str = "web") -> list[dict[str, Any]]:
    path = node.home / logs.FOLDER / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def everything(node: Node) -> str:
    return "\n".join(one.read_text() for one in (node.home / logs.FOLDER).iterdir())


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What people see who started the server, in the product's own form."""
    said, handler = StringIO(), logging.StreamHandler()
    handler.setStream(said)
    form = settings.LOGGING["formatters"]["plain"]["format"]
    handler.setFormatter(logs.WithoutWords(form))
    handler.addFilter(logs.Worth())
    for name in ("ulinzi", "django.request", "django.security"):
        monkeypatch.setattr(logging.getLogger(name), "handlers", [handler])
    return said


def test_a_request_is_one_line(browser: Browser, node: Node) -> None:
    browser().get("/tasks")
    (line,) = written(node)
    assert set(line) == WEB - {"error"}
    told = {name: line[name] for name in ("route", "method", "status")}
    assert told == {"route": "tasks", "method": "GET", "status": 200}
    assert line["ms"] > 0 and line["bytes"] > 1000 and line["time"].endswith("Z")


def test_its_queries_are_those_that_sqlite_ran(browser: Browser, node: Node) -> None:
    """By whichever way they went: the product's own count beside that of the database."""
    client = browser()
    for address in ("/tasks", "/system", "/people"):
        ran = screens.statements(node, client, address)
        assert written(node)[-1]["queries"] == len(ran) > 3


def test_an_error_is_told_by_its_class(browser: Browser, node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*words: Any) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(board, "_page", fail)
    browser().get("/tasks")
    assert [(one["status"], one["error"]) for one in written(node)] == [(500, "ValueError")]


def test_what_every_screen_asks_by_itself_is_not_written_down(browser: Browser, node: Node) -> None:
    """200 screens would fill the file within minutes. Counted it is."""
    client = browser()
    client.get("/tick?since=0")
    client.get("/static/web/room.css").close()
    assert written(node) == []
    client.get("/static/nothing.css")
    assert [(one["route"], one["status"]) for one in written(node)] == [("static", 404)]


def test_nothing_that_was_typed_comes_into_a_log(
    browser: Browser, node: Node, console: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses, queries, forms, headers, methods, cookies, sign-in names, errors of every kind."""
    client = browser()
    enrolled("odhal")
    task = add(f"title {CANARY}")
    for ask in ways(client, str(task)):
        ask()
    raise_everywhere(client, monkeypatch)
    assert len(written(node)) >= 20
    assert {name for one in written(node) for name in one} <= WEB
    for told in (everything(node), console.getvalue()):
        for secret in (CANARY, "canary", "7291", str(task), str(task)[:8], *people(), PASSWORD, "192.0.2.44"):
            assert secret not in told, secret


def ways(client: Client, task: str) -> list[Any]:
    """Every place where somebody could put a word."""
    to_post = {"title": CANARY, "detail": f"{CANARY}\r\nINFO forged", "compartment": CANARY}
    return [
        lambda: client.get(f"/tasks/{task}"),
        lambda: client.get(f"/{CANARY}"),
        lambda: client.get(f"/{CANARY}%0d%0aERROR%20forged"),
        lambda: client.get(f"/tasks/{CANARY}"),
        lambda: client.get(f"/static/{CANARY}.css"),
        lambda: client.get(f"/tasks?q={CANARY}&%ff%fe={CANARY}"),
        lambda: client.post("/tasks/add", to_post),
        lambda: client.post(f"/tasks/{task}/step", {"kind": CANARY, "noted-words": CANARY}),
        lambda: client.post(f"/tasks/{task}/undo", {"step": CANARY}),
        lambda: client.post(f"/tasks/{task}/settle", {"group": CANARY, "seen": CANARY}),
        lambda: client.post("/sign-in", {"name": CANARY, "password": CANARY}),
        lambda: client.post("/sign-in", {"name": "odhal", "password": CANARY}),
        lambda: client.post("/enrol", {"code": CANARY, "name": CANARY, "password": CANARY}),
        lambda: client.post("/language", {"language": CANARY}),
        lambda: client.post("/tasks/add", b"--x\r\nbroken " + CANARY.encode(), content_type="multipart/form-data"),
        lambda: client.get("/tasks", HTTP_HOST=f"{CANARY}.example"),
        lambda: client.get("/tasks", HTTP_USER_AGENT=CANARY, HTTP_REFERER=f"http://localhost/{CANARY}"),
        lambda: client.get("/tasks", HTTP_COOKIE=f"a={CANARY}", REMOTE_ADDR="192.0.2.44"),
        lambda: client.get("/metrics", HTTP_X_FORWARDED_FOR=CANARY),
        lambda: client.generic(CANARY.upper(), "/tasks"),
        lambda: client.get(f"/people/{persona('odhal').id}"),
        lambda: Client(enforce_csrf_checks=True, SERVER_NAME="localhost").post("/sign-in", {"name": CANARY}),
    ]


def raise_everywhere(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (ValueError(CANARY), Refused(CANARY, field=CANARY), UnicodeDecodeError("utf-8", b"x", 0, 1, CANARY)):

        def fail(*words: Any, _error: Exception = error) -> None:
            raise _error

        monkeypatch.setattr(board, "_page", fail)
        client.get(f"/tasks?{CANARY}")


def people() -> list[str]:
    return [word for code in ("odhal", "vessin") for word in (code, persona(code).name, str(persona(code).id))]


def test_control_a_log_that_takes_the_address_is_noticed(
    browser: Browser, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "counters", measure.Counters())
    monkeypatch.setattr(measure, "_route", lambda request: request.path)
    browser().get(f"/{CANARY}")
    assert CANARY in everything(node)


def test_control_django_alone_would_tell_the_address(
    browser: Browser, console: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs.WithoutWords, "format", logging.Formatter.format)
    fail_at(browser(), monkeypatch)
    assert f"/tasks/{CANARY_ID}" in console.getvalue()


def test_the_console_names_the_route(browser: Browser, console: StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_at(browser(), monkeypatch)
    assert "ERROR django.request 500 task" in console.getvalue().splitlines()
    assert CANARY_ID not in console.getvalue()


def test_a_machine_that_is_not_well_does_not_fill_the_console(node: Node, console: StringIO) -> None:
    """Whoever watches asks every few seconds; written down it is."""
    assert Client(SERVER_NAME="localhost").get("/health").status_code == 503
    assert console.getvalue() == ""
    assert [(one["route"], one["status"]) for one in written(node)] == [("health", 503)]


CANARY_ID = "01890000-0000-7000-8000-00000000cafe"


def fail_at(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from ulinzi.desk import queries

    def fail(*words: Any) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(queries, "task", fail)
    client.get(f"/tasks/{CANARY_ID}")


def test_jobs_are_one_line_each_without_what_they_were_about(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(work: Any) -> None:
        raise ValueError(CANARY)

    monkeypatch.setitem(kinds._KINDS, "test.fails", kinds.Kind("test.fails", fail, 1))
    monkeypatch.setattr(loop, "ask_daily", lambda node: None)
    id = jobs.ask("test.fails", key=CANARY, arguments={"of": CANARY}, by=persona("odhal").id)
    jobs.ask("jobs.forget")
    loop.run(node, stop=threading.Event(), once=True)
    found = written(node, "work")
    assert {(one["kind"], one["try"], one["error"]) for one in found} == {
        ("test.fails", 1, "ValueError"),
        ("jobs.forget", 1, ""),
    }
    assert all(set(one) == WORK for one in found)
    for secret in (CANARY, str(id), str(persona("odhal").id)):
        assert secret not in everything(node)


# The files.


def test_files_are_for_their_owner_alone(browser: Browser, node: Node) -> None:
    old = os.umask(0)
    try:
        browser().get("/tasks")
    finally:
        os.umask(old)
    folder = node.home / logs.FOLDER
    assert (folder.stat().st_mode & 0o777, (folder / "web.jsonl").stat().st_mode & 0o777) == (0o700, 0o600)


def test_they_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two logs, each a file and the one before it: five megabytes and a line."""
    assert 4 * logs.MOST_BYTES <= 5_000_000
    monkeypatch.setattr(logs, "MOST_BYTES", 1000)
    (tmp_path / "log").mkdir()
    path = tmp_path / "log" / "web.jsonl"
    for number in range(500):
        logs.append(path, b'{"number":%06d}\n' % number)
    assert sorted(one.name for one in path.parent.iterdir()) == ["web.jsonl", "web.old.jsonl"]
    assert all(one.stat().st_size < 1100 for one in path.parent.iterdir())
    kept = "".join(one.read_text() for one in sorted(path.parent.iterdir(), reverse=True)).split()
    assert kept == sorted(kept) and kept[-1] == '{"number":000499}'


def test_a_link_in_the_place_of_the_file_is_not_followed(browser: Browser, node: Node, tmp_path: Path) -> None:
    target, client = tmp_path / "elsewhere", browser()
    (node.home / logs.FOLDER).mkdir()
    (node.home / logs.FOLDER / "web.jsonl").symlink_to(target)
    before = logs.lost()
    assert client.get("/tasks").status_code == 200
    assert (target.exists(), logs.lost()) == (False, before + 1)


def test_a_disk_that_is_full_stops_nobody_and_is_counted(
    browser: Browser, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, line: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logs, "append", full)
    before = logs.lost()
    assert browser().get("/tasks").status_code == 200
    assert logs.lost() == before + 1


def test_where_there_is_no_node_nothing_is_made(tmp_path: Path) -> None:
    record = logging.makeLogRecord({"line": {"route": "x"}})
    before = logs.lost()
    logs.Lines("web").emit(record)
    assert (logs.lost(), list(tmp_path.iterdir())) == (before + 1, [])
