"""HTTP, the socket and the process: thin shells, tried from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.cli.conftest import free_port, until
from tests.gateway.conftest import ENROLLED, KEY, NUMBER, WORDS, bring
from tests.gateway.test_intake import sms
from tests.gateway.test_keeping import traces
from tests.repo import tree
from ulinzi.gateway import door, duty, inside, page, process
from ulinzi.gateway.client import Client
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.phones import Phone
from ulinzi.gateway.simulated import SimulatedPhone, over_http
from ulinzi.gateway.wire import SOCKET
from ulinzi.kernel.chance import SeededChance, SystemChance
from ulinzi.kernel.clock import SECOND, SystemClock
from ulinzi.kernel.errors import NotFound, Refused

HEAD = "POST /hook/NORTH-1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n"


@contextmanager
def served(gateway: Gateway) -> Iterator[int]:
    made = door.server(gateway, "127.0.0.1", 0)
    ended = threading.Event()

    def turn() -> None:
        while not ended.is_set():
            made.asyncore.loop(timeout=0.02, map=made._map, count=1)

    thread = threading.Thread(target=turn, daemon=True)
    thread.start()
    try:
        yield made.effective_port
    finally:
        ended.set()
        thread.join(timeout=5)
        made.task_dispatcher.shutdown()
        for one in list(made._map.values()):
            one.close()


@pytest.fixture
def port(gateway: Gateway) -> Iterator[int]:
    with served(gateway) as number:
        yield number


@pytest.fixture
def client(gateway: Gateway, home: Path) -> Iterator[Client]:
    with inside.serving(gateway, home / "gateway"):
        yield Client(home)


def request(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()


def type_word(port: int, word: str, **headers: str) -> tuple[HTTPResponse, str]:
    return request(port, "POST", "/duty", urlencode({"word": word}).encode(), **headers)


# Phones.


def test_a_phone_brings_its_messages_over_http(gateway, phone, port, clock):
    phone.deliver = over_http(port)
    phone.sms(NUMBER, WORDS, clock.now())
    phone.tick(clock.now())
    assert [gateway.words(one["handle"]) for one in gateway.pending()] == [WORDS] and phone.waiting == []


def test_every_other_door_is_closed(port):
    asked = [("GET", "/hook/NORTH-1"), ("POST", "/hook/NOBODY"), ("GET", "/"), ("PUT", "/duty"), ("POST", "/duty.css")]
    assert [request(port, *one)[0].status for one in asked] == [405, 401, 404, 405, 404]


def test_a_body_that_is_too_large_is_not_read(port):
    assert request(port, "POST", "/hook/NORTH-1", b"x" * 70_000)[0].status == 413


def test_a_failure_says_nothing_of_what_was_brought(gateway, phone, port, capfd, monkeypatch):
    def broken(self, code, headers, raw):
        raise ValueError(f"cannot take {NUMBER} {WORDS}")

    monkeypatch.setattr(Gateway, "receive", broken)
    raw = sms()
    answer, said = request(port, "POST", "/hook/NORTH-1", raw, **phone.headers(raw, 0))
    err = capfd.readouterr().err
    assert answer.status == 500 and "ValueError" in err and traces((said + err).encode()) == []


def test_a_disk_that_is_full_has_the_phone_try_again(gateway, phone, port, clock, monkeypatch):
    def full(self, code, headers, raw):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(Gateway, "receive", full)
    phone.deliver = over_http(port)
    phone.sms(NUMBER, WORDS, clock.now())
    phone.tick(clock.now())
    assert len(phone.waiting) == 1
    monkeypatch.undo()
    phone.tick(clock.advance(10 * SECOND))
    assert len(gateway.pending()) == 1 and phone.waiting == []


def test_requests_that_are_half_sent_hold_nobody_up(gateway, phone, port, clock):
    with half_sent(30, port):
        began = time.monotonic()
        phone.deliver = over_http(port)
        phone.sms(NUMBER, WORDS, clock.now())
        phone.tick(clock.now())
        assert len(gateway.pending()) == 1 and time.monotonic() - began < 2


@contextmanager
def half_sent(count: int, port: int) -> Iterator[list[socket.socket]]:
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    for one in opened:
        one.sendall(HEAD.encode())
    yield opened
    for one in opened:
        one.close()


def drips_until_cut(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A byte now and then, for longer than a request may take."""
    monkeypatch.setattr(door, "ARRIVES_WITHIN", 1)
    monkeypatch.setattr(door, "LOOK_EVERY", 1)
    with served(gateway) as number, half_sent(1, number) as (line,):
        end = time.monotonic() + 4
        while time.monotonic() < end:
            try:
                line.sendall(b"X")
            except OSError:
                return True
            time.sleep(0.1)
    return False


@pytest.mark.slow
def test_a_request_that_never_becomes_whole_is_cut(gateway, monkeypatch):
    assert drips_until_cut(gateway, monkeypatch)


@pytest.mark.slow
def test_control_without_our_clock_it_is_held_for_ever(gateway, monkeypatch):
    monkeypatch.delattr(door.Channel, "handle_read")
    assert not drips_until_cut(gateway, monkeypatch)


# The duty phone.


def test_the_number_is_shown_once_with_a_link(gateway, phone, port):
    bring(gateway, phone, sms())
    word = gateway.offer(gateway.pending()[0]["handle"])["word"]
    answer, said = type_word(port, word)
    assert answer.status == 200 and f'<a href="tel:{NUMBER}">{NUMBER}</a>' in said
    assert answer.headers["Cache-Control"] == "no-store"
    again, said = type_word(port, word)
    assert again.status == 200 and traces(said.encode()) == [] and 'role="alert"' in said


def test_a_word_in_the_address_or_from_another_site_shows_nothing(gateway, phone, port):
    bring(gateway, phone, sms())
    word = gateway.offer(gateway.pending()[0]["handle"])["word"]
    _, asked = request(port, "GET", f"/duty?word={word}")
    foreign, said = type_word(port, word, **{"Sec-Fetch-Site": "cross-site"})
    assert (traces((asked + said).encode()), foreign.status) == ([], 400)
    assert NUMBER in type_word(port, word, **{"Sec-Fetch-Site": "same-origin"})[1]


def test_after_too_many_wrong_words_everybody_waits(port, monkeypatch):
    monkeypatch.setattr(duty, "MOST_WRONG", 5)
    assert [type_word(port, "nonsense")[0].status for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("origin", ["http://192.0.2.9", "https://127.0.0.1.example", "null", "http://[", "", "//"])
def test_a_page_of_another_host_uses_up_no_tries(gateway, phone, port, monkeypatch, origin):
    """A browser on a network without TLS says Origin and no Sec-Fetch-Site."""
    monkeypatch.setattr(duty, "MOST_WRONG", 1)
    bring(gateway, phone, sms())
    word = gateway.offer(gateway.pending()[0]["handle"])["word"]
    assert [type_word(port, word, Origin=origin)[0].status for _ in range(3)] == [400] * 3
    assert gateway.phones()[0]["refused"] == 3
    assert NUMBER in type_word(port, word)[1]


@pytest.mark.parametrize("origin", ["http://127.0.0.1:{port}", "https://127.0.0.1"])
def test_control_our_own_page_is_answered(gateway, phone, port, origin):
    bring(gateway, phone, sms())
    word = gateway.offer(gateway.pending()[0]["handle"])["word"]
    assert NUMBER in type_word(port, word, Origin=origin.format(port=port))[1]
    assert gateway.phones()[0]["refused"] == 0


def test_the_page_is_strict_and_holds_no_script(port):
    answer, said = request(port, "GET", "/duty")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script" not in said and "style=" not in said and "http" not in said.replace('charset="utf-8"', "")
    assert request(port, "GET", "/duty.css")[0].headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(
    ("accepted", "language"), [("", "fr"), ("en-GB,en", "en"), ("de,en;q=0.8", "en"), ("fr", "fr"), ("sw", "fr")]
)
def test_the_page_is_in_the_browsers_language(port, accepted, language):
    assert f'<html lang="{language}">' in request(port, "GET", "/duty", **{"Accept-Language": accepted})[1]


def test_what_was_typed_does_not_come_back(port):
    assert "&lt;b&gt;" not in type_word(port, "<b>12")[1] and "<b>" not in type_word(port, "<b>12")[1]


def test_control_a_number_is_escaped():
    assert "<b>" not in page.showing("fr", "<b>")


# The socket.


def test_the_client_asks_and_is_answered(gateway, phone, client):
    bring(gateway, phone, sms())
    (one,) = client.pending()
    assert set(one) == {"handle", "phone", "compartment", "kind", "received_at", "taken_at", "code"}
    handle = one["handle"]
    client.taken([handle])
    assert client.words(handle) == WORDS and client.pending() == []
    assert set(client.offer(handle)) == {"word", "expires_at"}
    client.dial(handle)
    assert phone.dialled == [NUMBER]
    assert client.send(handle, "Merci", "m1")["state"] == client.sent()[0]["state"] == "pending"
    assert client.enrol(handle, ENROLLED) == one["code"] and client.withdraw(ENROLLED) == 1
    assert [each["code"] for each in client.phones()] == ["NORTH-1", "SOUTH-1"]
    client.forget([handle])
    assert client.words(handle) is None


def test_a_refusal_comes_through_by_name(gateway, phone, client):
    bring(gateway, phone, sms(), to="SOUTH-1")
    with pytest.raises(Refused, match="phone_cannot_dial") as refused:
        client.dial(client.pending()[0]["handle"])
    assert refused.value.values == {"phone": "Second phone"}
    with pytest.raises(NotFound, match="letter_unknown"):
        client.words("00")


def test_a_gateway_that_is_not_there_is_refused_by_name(home):
    with pytest.raises(Refused, match="gateway_silent"):
        Client(home).pending()


def test_a_gateway_that_does_not_answer_holds_nobody_up(home, monkeypatch):
    monkeypatch.setattr("ulinzi.gateway.client.PATIENCE", 0.2)
    (home / "gateway").mkdir()
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(home / "gateway" / SOCKET))
        deaf.listen()
        began = time.monotonic()
        with pytest.raises(Refused, match="gateway_silent"):
            Client(home)._ask("pending", 0.2, limit=1)
        assert time.monotonic() - began < 2


def test_a_home_that_lies_deep_is_reached(tmp_path, clock):
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    with closing(Gateway(deep, clock, SeededChance(1))) as gateway, inside.serving(gateway, deep / "gateway"):
        assert Client(deep).phones() == []


def test_the_socket_is_its_owners_alone(client, home):
    assert (home / "gateway" / SOCKET).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("uid", "ours"), [(0, True), (os.geteuid(), True), (54_321, False)])
def test_only_this_user_and_root_are_heard(uid, ours):
    assert inside.is_ours(uid) == ours


def test_another_user_is_not_answered(client, home, monkeypatch):
    monkeypatch.setattr(inside, "is_ours", lambda uid: uid == 54_321)
    with pytest.raises(Refused, match="gateway_silent"):
        client.pending()


ANOTHER = """
import os, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect(sys.argv[1])
os.setgid(54321), os.setuid(54321)
again = socket.socket(socket.AF_UNIX)
try:
    again.connect(sys.argv[1])
    again.sendall(b'{"ask": "phones"}\\n')
    print("answered", again.recv(10))
except OSError as error:
    print(type(error).__name__)
"""


def from_another_user(home: Path) -> str:
    command = [sys.executable, "-c", ANOTHER, str(home / "gateway" / SOCKET)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout.strip()


def test_a_process_of_another_user_gets_nothing_even_if_the_folder_lets_it_in(clock):
    """Only root may become somebody else; elsewhere the test of `is_ours` has to do."""
    if os.geteuid() != 0:
        return
    with tempfile.TemporaryDirectory() as name, closing(Gateway(Path(name), clock, SeededChance(1))) as gateway:
        home, folder = Path(name), Path(name) / "gateway"
        home.chmod(0o755)
        with inside.serving(gateway, folder):
            assert from_another_user(home) == "PermissionError"
            folder.chmod(0o755)
            (folder / SOCKET).chmod(0o666)
            assert from_another_user(home) in ("answered b''", "BrokenPipeError", "ConnectionResetError")


# The process.


@pytest.fixture
def running(home: Path) -> Iterator[list[subprocess.Popen[str]]]:
    with closing(Gateway(home, SystemClock(), SystemChance())) as gateway:
        gateway.add_phone(Phone("NORTH-1", "north", "Duty room", KEY, calling_code="999"))
    begun: list[subprocess.Popen[str]] = []
    yield begun
    for one in begun:
        one.kill()
        one.communicate()


def start(home: Path, port: int, *command: str) -> subprocess.Popen[str]:
    settings = {**os.environ, "ULINZI_GATEWAY_PORT": str(port), "PYTHONPATH": f"{tree.ROOT}/src:{tree.ROOT}"}
    words = [sys.executable, *(command or ("-m", "ulinzi.gateway.process")), str(home)]
    return subprocess.Popen(words, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_open(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


DYING = """
import os, signal, sys
from ulinzi.gateway import intake, process
from pathlib import Path
real = intake.receive
def receive(*told):
    real(*told)
    os.kill(os.getpid(), signal.SIGKILL)  # stored, and nobody was told
intake.receive = receive
process.run(Path(sys.argv[1]))
"""


def test_killed_between_the_disk_and_the_answer_it_is_one_letter(home, running, tmp_path):
    script, port = tmp_path / "dying.py", free_port()
    script.write_text(DYING)
    running.append(start(home, port, str(script)))
    until(lambda: is_open(port), "never listened")
    phone = SimulatedPhone("NORTH-1", KEY, over_http(port), SystemChance())
    now = SystemClock().now()
    phone.sms(NUMBER, WORDS, now)
    phone.tick(now)
    assert running[0].wait(timeout=10) == -signal.SIGKILL and len(phone.waiting) == 1
    running.append(start(home, port))
    until(lambda: is_open(port), "never listened again")
    phone.tick(now + 3600 * 1_000_000)
    assert phone.waiting == [] and len(Client(home).pending()) == 1


def test_it_ends_at_a_signal_and_leaves_neither_socket_nor_words(home, running):
    port = free_port()
    running.append(start(home, port))
    until(lambda: is_open(port), "never listened")
    raw = sms()
    phone = SimulatedPhone("NORTH-1", KEY, over_http(port), SystemChance())
    assert phone.deliver("NORTH-1", phone.headers(raw, SystemClock().now()), raw) == 200
    running[0].send_signal(signal.SIGTERM)
    out, err = running[0].communicate(timeout=10)
    assert (running[0].returncode, out, err) == (0, "", "")
    assert not (home / "gateway" / SOCKET).exists()
    assert traces(b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())) == []


def test_a_home_has_one_gateway(home, running):
    port = free_port()
    running.append(start(home, port))
    until(lambda: is_open(port), "never listened")
    second = start(home, free_port())
    assert "gateway_is_running" in second.communicate(timeout=10)[1] and second.returncode == 1
    with pytest.raises(Refused, match="gateway_is_running"):
        process.check(home)


def test_it_knows_no_django(home):
    code = "import sys, ulinzi.gateway.process, ulinzi.gateway.client; print('django' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tree.ROOT / "src", capture_output=True, text=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({}, ("127.0.0.1", 8418)),
        ({"ULINZI_PORT": "9000"}, ("127.0.0.1", 9001)),
        ({"ULINZI_PORT": "9000", "ULINZI_GATEWAY_PORT": "8418"}, ("127.0.0.1", 8418)),
        ({"ULINZI_GATEWAY_HOST": "192.0.2.1"}, ("192.0.2.1", 8418)),
    ],
)
def test_where_it_listens(environ, place):
    assert process.place(environ) == place


@pytest.mark.parametrize("port", ["80", "eighty", "70000", "-1"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(Refused, match="gateway_port_not_allowed"):
        process.place({"ULINZI_GATEWAY_PORT": port})


def test_nothing_secret_is_asked_for_in_an_address():
    assert re.search(r"word|number", json.dumps([door.HOOK, door.DUTY, door.STYLE])) is None
