"""The door that web servers use, as they use it: a process of its own, a node at ULINZI_HOME."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.conftest import Machine, free_port, until
from tests.repo import tree

MAKE = """
import django
django.setup()
from django.conf import settings
from ulinzi.ledger.init import initialise
node = initialise(settings.HOME, code="BEN", compartments=["mission", "north"])
from ulinzi.accounts import queries, sessions
from ulinzi.cli import personas
with node.use():
    odhal, console = personas.coded("odhal"), personas.coded("ferro").id
    with queries.at_console(console):
        personas.bring([odhal], by=console)
    print(settings.SIGNED_IN_COOKIE + "=" + sessions.begin(odhal.id).token)
"""
SERVE = """
from threading import Thread
from wsgiref.util import setup_testing_defaults
from ulinzi.config.wsgi import application
import sys
cookie = sys.argv[1]
said = []
def ask():
    environ = {"PATH_INFO": "/tasks", "HTTP_HOST": "localhost", "REQUEST_METHOD": "GET", "HTTP_COOKIE": cookie}
    setup_testing_defaults(environ)
    application(environ, lambda status, headers: said.append(status))
threads = [Thread(target=ask) for _ in range(2)]
[one.start() for one in threads]
[one.join() for one in threads]
print(said)
"""


def run(home: Path, source: str, *told: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "ULINZI_HOME": str(home), "PYTHONPATH": str(tree.ROOT / "src")}
    environ.pop("DATABASE_URL", None)
    command = [sys.executable, "-c", source, *told]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_every_thread_of_a_server_has_the_node(tmp_path: Path) -> None:
    made = run(tmp_path, MAKE)
    assert made.returncode == 0, made.stderr
    served = run(tmp_path, SERVE, made.stdout.strip())
    assert served.stdout.strip() == "['200 OK', '200 OK']", served.stderr


@pytest.mark.slow
def test_control_a_cookie_that_nobody_was_given_is_sent_to_sign_in(tmp_path: Path) -> None:
    assert run(tmp_path, MAKE).returncode == 0
    served = run(tmp_path, SERVE, "__Host-signed-in=" + "0" * 64)
    assert served.stdout.strip() == "['302 Found', '302 Found']", served.stderr


@pytest.mark.slow
def test_without_a_node_it_does_not_start(tmp_path: Path) -> None:
    served = run(tmp_path, SERVE, "")
    assert served.returncode != 0 and "node_not_here" in served.stderr


# Slow and half-sent requests, on the server that people start (T-B-07).

STRANGERS = 40
HEAD = b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100\r\n\r\nname=a"
)
PAGE = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n"
SIGNED_IN = """
from django.conf import settings
from ulinzi.accounts import queries as accounts, sessions
from ulinzi.cli import personas
personas.bring([personas.coded("odhal")], by=accounts.console())
print(settings.SIGNED_IN_COOKIE + "=" + sessions.begin(personas.coded("odhal").id).token)
"""


class Served(NamedTuple):
    machine: Machine
    port: int
    cookie: str

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """By somebody who waits ten seconds at most."""
        asked = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asked.request(method, path, headers={"Host": "localhost", **headers})
            answer = asked.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            asked.close()

    def page(self) -> int:
        """What somebody who is signed in waits for."""
        return self.ask("/tasks", Cookie=self.cookie)[0]

    def send(self, sent: bytes, *, most_read: int = 0) -> socket.socket:
        made = socket.socket()
        if most_read:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, most_read)
        made.settimeout(10)
        made.connect(("127.0.0.1", self.port))
        made.sendall(sent)
        return made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    machine, port = Machine(tmp_path_factory.mktemp("served"), ""), free_port()
    machine.init()
    cookie = machine.ask(SIGNED_IN)
    begun = machine.start("run", ULINZI_PORT=str(port))
    until(lambda: f":{port}/" in machine.output() or begun.poll() is not None, "never said where")
    assert begun.poll() is None, machine.output()
    yield Served(machine, port, cookie)
    machine.end()


@contextmanager
def under_way(
    served: Served, sent: bytes, *, count: int = STRANGERS, most_read: int = 0
) -> Iterator[list[socket.socket]]:
    made = [served.send(sent, most_read=most_read) for _ in range(count)]
    try:
        yield made
    finally:
        for one in made:
            one.close()


@pytest.mark.slow
def test_half_sent_heads_harm_nobody(served: Served) -> None:
    with under_way(served, HEAD):
        assert [served.page() for _ in range(3)] == [200, 200, 200]


@pytest.mark.slow
def test_half_sent_bodies_of_strangers_harm_nobody(served: Served) -> None:
    with under_way(served, BODY) as made:
        assert [served.page() for _ in range(3)] == [200, 200, 200]
        answers = [one.recv(12) for one in answered(made, STRANGERS - 4)]
        assert set(answers) == {b"HTTP/1.1 503"}
        assert [served.page() for _ in range(3)] == [200, 200, 200]
    assert served.page() == 200


@pytest.mark.slow
def test_slow_readers_harm_nobody(served: Served) -> None:
    """Each asks for a hundred pages and takes none of them."""
    with under_way(served, PAGE * 100, most_read=1024):
        assert [served.page() for _ in range(3)] == [200, 200, 200]


@pytest.mark.slow
def test_control_half_sent_bodies_of_somebody_signed_in_do_hold_every_thread(served: Served) -> None:
    """Whoever is signed in is trusted with a thread; that is what strangers are kept from."""
    head, body = BODY.split(b"\r\n\r\n")
    cookies = f"{served.cookie}; __Host-csrf={'a' * 32}".encode()
    mine = head + b"\r\nCookie: " + cookies + b"\r\n\r\n" + body
    with under_way(served, mine):
        until(lambda: not answers_at_once(served), "a page was answered all the same")
    until(lambda: served.page() == 200, "it never came back")


def answers_at_once(served: Served) -> bool:
    asked = HTTPConnection("127.0.0.1", served.port, timeout=1)
    try:
        asked.request("GET", "/tasks", headers={"Host": "localhost", "Cookie": served.cookie})
        return asked.getresponse().status == 200
    except TimeoutError:
        return False
    finally:
        asked.close()


def answered(made: list[socket.socket], count: int) -> list[socket.socket]:
    """As many as have something to read, waiting for it no longer than it may take."""
    found: list[socket.socket] = []
    until(lambda: found.extend(select.select(made, [], [], 0)[0]) or len(set(found)) >= count, "too few were answered")
    return sorted(set(found), key=lambda one: one.fileno())[:count]


@pytest.mark.slow
def test_who_is_turned_away_gets_a_page_with_every_header(served: Served) -> None:
    from ulinzi.web.middleware import HEADERS

    with under_way(served, BODY, count=12) as made:
        (one,) = answered(made, 1)
        head, _, body = read_all(one).partition(b"\r\n\r\n")
    told = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert head.startswith(b"HTTP/1.1 503 ")
    assert {name: told.get(name.lower()) for name in HEADERS} == HEADERS
    assert (told["retry-after"], told["cache-control"]) == ("5", "no-store")
    assert "Cette machine est occupée." in body.decode() and "This machine is busy." in body.decode()


def read_all(one: socket.socket) -> bytes:
    """To the length that it says of itself."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += one.recv(4096)
    size = int(found.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(found.partition(b"\r\n\r\n")[2]) < size:
        found += one.recv(4096)
    return found


@pytest.mark.slow
def test_health_and_metrics_as_they_are_served(served: Served) -> None:
    until(lambda: served.ask("/health")[0] == 200, "the worker never beat")
    status, headers, body = served.ask("/health")
    assert (status, body) == (200, b'{"ok": true}') and "set-cookie" not in headers
    assert served.ask("/health", "HEAD")[::2] == (200, b"")
    assert served.ask("/metrics")[0] == 200
    assert served.ask("/metrics", **{"X-Forwarded-For": "192.0.2.7"})[0] == 404


@pytest.mark.slow
def test_both_processes_write_their_lines_and_the_console_stays_quiet(served: Served) -> None:
    served.page()
    home = served.machine.home / "log"
    until(lambda: (home / "work.jsonl").exists(), "the worker wrote nothing")
    assert {one.name: one.stat().st_mode & 0o777 for one in home.iterdir()} == {"web.jsonl": 0o600, "work.jsonl": 0o600}
    assert '"route":"tasks"' in (home / "web.jsonl").read_text()
    assert '"kind":"ledger.verify"' in (home / "work.jsonl").read_text()
    assert len(served.machine.output().splitlines()) == 1
