"""The web server that people start, over its socket: strangers who send slowly, and HTTP as others speak it (T-B-07).

Nothing here is timed: whoever waits gives up after ten seconds, and a server that is held answers nobody at all.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlencode

import psutil
import pytest

from tests.cli.conftest import Machine, free_port, until
from ulinzi.web.middleware import HEADERS

pytestmark = pytest.mark.slow
STRANGERS, PATIENCE = 100, 10.0
PASSWORD = "a boat without an anchor"
PEOPLE = f"""
from django.conf import settings
from ulinzi.accounts import logins, queries as accounts, sessions
from ulinzi.cli import personas
odhal = next(one for one in personas.PERSONAS if one.code == "odhal")
personas.bring([odhal], by=accounts.console())
logins.enrol(logins.issue_code(odhal.id), "odhal", "{PASSWORD}", address="")
print(settings.SIGNED_IN_COOKIE + "=" + sessions.begin(odhal.id).token)
"""
POST = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
# What a hundred strangers send at once, and then nothing more, or a sign now and then.
HALF_A_HEAD = b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_A_FORM = POST + b"Content-Length: 100\r\n\r\nname=a"
HALF_A_CHUNK = POST + b"Transfer-Encoding: chunked\r\n\r\n50\r\nname=a"
A_HUNDRED_PAGES = b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100
ALL = {"head": HALF_A_HEAD, "form": HALF_A_FORM, "chunk": HALF_A_CHUNK, "pages": A_HUNDRED_PAGES}


class Held(AssertionError):
    """The server answers nobody any longer."""


class Served(NamedTuple):
    machine: Machine
    port: int
    cookie: str = ""

    def ask(
        self, path: str, method: str = "GET", form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """By somebody who waits no longer than people do."""
        asked = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        told = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded", **headers}
        try:
            asked.request(method, path, body=urlencode(form) if form else None, headers=told)
            answer = asked.getresponse()
            told = {name.lower(): ", ".join(answer.headers.get_all(name, [])) for name in answer.headers}
            return answer.status, told, answer.read()
        except (TimeoutError, ConnectionError) as error:
            raise Held from error
        finally:
            asked.close()

    def page(self) -> int:
        return self.ask("/tasks", Cookie=self.cookie)[0]

    def form(self) -> tuple[str, dict[str, str]]:
        """The page to sign in on: its cookie, and what its form sends along."""
        _, headers, body = self.ask("/sign-in")
        hidden = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', body)
        mine = re.search(r"__Host-csrf=\w+", headers["set-cookie"])
        assert hidden and mine
        return mine[0], {"csrfmiddlewaretoken": hidden[1].decode()}

    def somebody_signs_in_and_works(self) -> None:
        cookie, hidden = self.form()
        told = hidden | {"name": "odhal", "password": PASSWORD}
        status, headers, _ = self.ask("/sign-in", "POST", told, Cookie=cookie)
        mine = re.search(r"__Host-signed-in=\w+", headers.get("set-cookie", ""))
        assert status == 302 and mine, status
        for path in ("/desk", "/tasks", "/search?q=road"):
            assert self.ask(path, Cookie=mine[0])[0] == 200
        assert self.ask("/sign-out", "POST", hidden, Cookie=f"{cookie}; {mine[0]}")[0] in (200, 302)

    def send(self, sent: bytes, *, most_read: int = 0) -> socket.socket:
        made = socket.socket()
        if most_read:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, most_read)
        made.settimeout(PATIENCE)
        made.connect(("127.0.0.1", self.port))
        made.sendall(sent)
        return made

    @contextmanager
    def strangers(self, sent: bytes, count: int = STRANGERS) -> Iterator[list[socket.socket]]:
        with ExitStack() as stack:
            yield [stack.enter_context(self.send(sent, most_read=1024)) for _ in range(count)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    machine, port = Machine(tmp_path_factory.mktemp("served"), ""), free_port()
    machine.init()
    cookie = machine.ask(PEOPLE)
    begun = machine.start("run", ULINZI_PORT=str(port))
    until(lambda: f":{port}/" in machine.output() or begun.poll() is not None, "never said where")
    assert begun.poll() is None, machine.output()
    yield Served(machine, port, cookie)
    machine.end()


@contextmanager
def changed(machine: Machine, how: str) -> Iterator[Served]:
    """The same server on the same node, with something of it taken out."""
    port = free_port()
    source = f"from ulinzi.config import server\n{how}\nserver.run({port})"
    environment = machine.environment | {"DJANGO_SETTINGS_MODULE": "ulinzi.config.settings"}
    begun = subprocess.Popen([sys.executable, "-c", source], env=environment, cwd=machine.folder)
    try:
        until(lambda: answers(port) or begun.poll() is not None, "never answered")
        assert begun.poll() is None
        yield Served(machine, port)
    finally:
        begun.terminate()
        begun.wait(timeout=PATIENCE)


def answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


# Slow and half-sent requests.


@pytest.mark.parametrize("what", ALL)
def test_a_hundred_strangers_harm_nobody(served: Served, what: str) -> None:
    with served.strangers(ALL[what]):
        served.somebody_signs_in_and_works()
    assert served.page() == 200


def test_three_hundred_who_drip_harm_nobody(served: Served) -> None:
    """A sign each between any two pages, and never an end."""
    with served.strangers(HALF_A_HEAD, 150) as heads, served.strangers(HALF_A_FORM, 150) as forms:
        for _ in range(10):
            for one in (*heads, *forms):
                one.send(b"a")
            assert served.page() == 200
        served.somebody_signs_in_and_works()


@pytest.mark.parametrize("what", ["head", "form"])
def test_control_a_server_that_takes_in_few_is_held_and_seen(served: Served, what: str) -> None:
    with changed(served.machine, "server.OPTIONS['connection_limit'] = 50") as other, other.strangers(ALL[what]):
        assert is_held(other)


THREADS_READ = """
# A server that hands a request on as soon as its head is there: its threads wait for what never comes.
import io, time
whole = server.Request.parse_header
class Slow(io.BytesIO):
    def read(self, *size):
        time.sleep(60)
def early(self, head):
    whole(self, head)
    self.body_rcv = None
server.Request.parse_header = early
server.Request.get_body_stream = lambda self: Slow()
"""


def test_control_a_server_whose_threads_read_is_held_and_seen(served: Served) -> None:
    with changed(served.machine, THREADS_READ) as other:
        assert not is_held(other)
        with other.strangers(HALF_A_FORM + b"a" * 94, 12):
            assert is_held(other)


def is_held(other: Served) -> bool:
    asked = HTTPConnection("127.0.0.1", other.port, timeout=3)
    try:
        asked.request("GET", "/sign-in", headers={"Host": "localhost"})
        return asked.getresponse().status != 200
    except TimeoutError:
        return True
    finally:
        asked.close()


SOON = "server.OPTIONS |= {'channel_timeout': 2, 'cleanup_interval': 1}\n"
DRIPS_COUNT = SOON + "del server.Channel.handle_read"


def test_a_request_that_does_not_arrive_whole_in_time_is_given_up(served: Served) -> None:
    with changed(served.machine, SOON) as other, other.send(HALF_A_HEAD) as drip:
        until(lambda: is_given_up(drip), "it was waited for")


def test_control_where_each_sign_counts_it_goes_on_for_ever(served: Served) -> None:
    with changed(served.machine, DRIPS_COUNT) as other, other.send(HALF_A_HEAD) as drip:
        end = time.monotonic() + 6
        while time.monotonic() < end:
            assert not is_given_up(drip)


def is_given_up(drip: socket.socket) -> bool:
    """After one sign more."""
    time.sleep(0.2)
    try:
        drip.send(b"a")
        drip.setblocking(False)
        return drip.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


# HTTP as browsers and servers in front speak it.


def answer(one: socket.socket, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
    """The next answer, to the length that it says of itself."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += one.recv(1)
    first, *lines = found.decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    rest, size = b"", int(headers.get("content-length", "0")) if body else 0
    while len(rest) < size:
        rest += one.recv(size - len(rest))
    return int(first.split(" ")[1]), headers, rest


def is_closed(one: socket.socket) -> bool:
    try:
        return one.recv(1) == b""
    except ConnectionResetError:  # it had sent more than was read
        return True


def test_a_connection_stays_open_after_ticks_and_pages(served: Served) -> None:
    """A tick's answer has no body and no length; two hundred screens ask on."""
    tick = f"GET /tick HTTP/1.1\r\nHost: localhost\r\nCookie: {served.cookie}\r\n\r\n".encode()
    with served.send(tick) as one:
        status, _, body = answer(one)
        since = re.search(rb'"since": "([^"]+)"', body)
        assert status == 200 and since
        for _ in range(2):
            one.sendall(tick.replace(b"/tick", b"/tick?since=" + since[1]))
            assert answer(one)[0] == 204
        one.sendall(HEALTH)
        assert answer(one)[0] in (200, 503)


def test_whoever_asks_for_an_end_gets_one(served: Served) -> None:
    for sent in (HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), HEALTH.replace(b"1.1", b"1.0")):
        with served.send(sent) as one:
            assert answer(one)[0] in (200, 503) and is_closed(one)


def test_head_is_answered_without_a_body_and_with_its_length(served: Served) -> None:
    with served.send(b"HEAD /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n" + HEALTH) as one:
        status, headers, _ = answer(one, body=False)
        assert status == 200 and int(headers["content-length"]) > 1000
        assert answer(one)[2].startswith(b'{"ok"')


def test_an_answer_names_no_server(served: Served) -> None:
    _, headers, _ = served.ask("/sign-in")
    assert "server" not in headers and {name: headers.get(name.lower()) for name in HEADERS} == HEADERS


def test_whoever_asks_whether_to_go_on_is_told_so(served: Served) -> None:
    with served.send(POST + b"Expect: 100-continue\r\nContent-Length: 6\r\n\r\n") as one:
        assert answer(one)[0] == 100
        one.sendall(b"name=a")
        assert answer(one)[0] == 403


def test_a_form_in_chunks_is_a_form(served: Served) -> None:
    cookie, hidden = served.form()
    body = urlencode(hidden | {"name": "odhal", "password": PASSWORD}).encode()
    head = POST + b"Transfer-Encoding: chunked\r\nCookie: " + cookie.encode() + b"\r\n\r\n"
    with served.send(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)) as one:
        assert answer(one)[0] == 302


BOTH = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
SMUGGLED = {
    "both lengths": POST + BOTH,
    "chunks before 1.1": POST.replace(b"1.1", b"1.0") + b"Connection: keep-alive\r\n" + BOTH[19:],
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 4\r\n\r\n",
    "a length with a sign": POST + b"Content-Length: +4\r\n\r\n",
    "a blank before the colon": POST + b"Content-Length : 4\r\n\r\n",
    "a bare line feed": POST + b"X: a\nContent-Length: 4\r\n\r\n",
    "chunks of another kind": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks that lie": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("how", SMUGGLED)
def test_what_others_may_read_another_way_is_refused_and_ends_the_connection(served: Served, how: str) -> None:
    with served.send(SMUGGLED[how] + HEALTH) as one:
        assert answer(one)[0] in (400, 501) and is_closed(one)


def test_a_head_that_is_too_long_is_refused(served: Served) -> None:
    with served.send(b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 40_000) as one:
        assert answer(one)[0] == 431 and is_closed(one)


@pytest.mark.parametrize("length", [b"Content-Length: 3000000", b"Transfer-Encoding: chunked"])
def test_what_is_too_large_is_refused_in_words_and_not_read(served: Served, length: bytes) -> None:
    sent = b"200000\r\n" + b"a" * 0x100100 if length.startswith(b"T") else b""
    with served.send(POST + b"Accept-Language: en\r\n" + length + b"\r\n\r\n" + sent) as one:
        status, _, body = answer(one)
        assert status == 413 and b"<html" in body and is_closed(one)


# What is told.


def test_health_and_metrics_as_they_are_served(served: Served) -> None:
    until(lambda: served.ask("/health")[0] == 200, "the worker never beat")
    status, headers, body = served.ask("/health")
    assert (status, body) == (200, b'{"ok": true}') and "set-cookie" not in headers
    assert served.ask("/health", "HEAD")[::2] == (200, b"")
    assert served.ask("/metrics")[0] == 200
    assert served.ask("/metrics", **{"X-Forwarded-For": "192.0.2.7"})[0] == 404


def test_both_processes_write_their_lines_and_the_console_stays_quiet(served: Served) -> None:
    served.page()
    home = served.machine.home / "log"
    until(lambda: (home / "work.jsonl").exists(), "the worker wrote nothing")
    assert {one.name: one.stat().st_mode & 0o777 for one in home.iterdir()} == {"web.jsonl": 0o600, "work.jsonl": 0o600}
    assert '"route":"tasks"' in (home / "web.jsonl").read_text()
    assert '"kind":"ledger.verify"' in (home / "work.jsonl").read_text()
    assert len(served.machine.output().splitlines()) == 1


def test_what_is_being_made_when_it_is_told_to_stop_is_still_sent(served: Served) -> None:
    slow = """
import time
from ulinzi.config import wsgi
def made(environ, start):
    print("begun", flush=True)
    time.sleep(2)
    start("200 OK", [("Content-Length", "5")])
    return [b"whole"]
wsgi.application = made
"""
    with changed(served.machine, slow) as other, other.send(HEALTH) as one:
        time.sleep(0.5)
        os.kill(process_of(other.port), 15)
        assert answer(one)[2] == b"whole"


def process_of(port: int) -> int:
    found = [one for one in psutil.Process().children() if any(c.laddr.port == port for c in one.net_connections())]
    return found[0].pid


def test_a_server_that_died_is_back_on_its_port_whoever_was_connected(served: Served) -> None:
    """The last here: it is told on the console."""
    (ran,) = [psutil.Process(one.pid) for one in served.machine.started if one.poll() is None]
    with served.strangers(HALF_A_FORM):
        next(one for one in ran.children() if "ulinzi.config.server" in one.cmdline()).kill()
        until(lambda: "The web server stopped by itself" in served.machine.output(), "nobody noticed")
        until(lambda: answers(served.port), "it never came back")
        assert served.page() == 200
