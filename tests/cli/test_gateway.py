"""`ulinzi gateway ...`: secrets at prompts, refusals in words, and a child of `ulinzi run` where there is a phone."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from tests.cli.conftest import Machine, free_port, until
from tests.cli.test_run import serve
from ulinzi.gateway.client import Client
from ulinzi.gateway.simulated import SimulatedPhone, over_http
from ulinzi.kernel.chance import SystemChance
from ulinzi.kernel.clock import SystemClock

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]

NUMBER, CODE, KEY = "+999712345678", "S-7Q4KM2A1", "an invented signing key"


def typed(machine: Machine, lines: str, *words: str) -> subprocess.CompletedProcess[str]:
    """With these lines at the prompts."""
    command = [sys.executable, "-m", "ulinzi.cli", "gateway", *words]
    return subprocess.run(
        command, env=machine.environment, input=lines, capture_output=True, text=True, timeout=60, cwd=machine.folder
    )


def add(machine: Machine, *more: str, lines: str = f"{KEY}\n") -> subprocess.CompletedProcess[str]:
    return typed(machine, lines, "add", "NORTH-1", "--office", "north", "--name", "Duty room", *more)


def gateway_of(begun: subprocess.Popen[str]) -> psutil.Process | None:
    found = [one for one in psutil.Process(begun.pid).children() if one.status() != psutil.STATUS_ZOMBIE]
    return next((one for one in found if "ulinzi.gateway.process" in one.cmdline()), None)


def test_a_phone_is_added_listed_and_known_by_its_number(machine: Machine):
    machine.init()
    said = add(machine, "--calling-code", "+999")
    assert said.returncode == 0 and "http://127.0.0.1:8418/hook/NORTH-1" in said.stdout and KEY not in said.stdout
    assert "silent  never heard" in typed(machine, "", "phones").stdout
    said = typed(machine, "0712345678\n0712345678\n", "enrol", CODE)
    assert said.stdout.splitlines() == [f"This number is {CODE} from now on."]
    assert typed(machine, "", "withdraw", CODE).stdout.startswith(f"Numbers that led to {CODE}: 1.")


def test_a_key_that_is_made_is_shown_once_and_kept_afterwards(machine: Machine):
    machine.init()
    assert "Signing key, shown this once" in add(machine, lines="\n").stdout
    assert "Signing key" not in add(machine, lines="\n").stdout


@pytest.mark.parametrize(
    ("lines", "words", "said"),
    [
        ("short\n", ["add", "NORTH-1", "--office", "north", "--name", "x"], "16 signs or more"),
        ("", ["add", "NORTH-1", "--office", "east", "--name", "x"], "has no compartment “east”"),
        (f"{KEY}\n", ["add", "north 1", "--office", "north", "--name", "x"], "is no code of a phone"),
        (f"{KEY}\n\n", ["add", "N", "--office", "north", "--name", "x", "--send", "ftp://x"], "is no address"),
        (
            f"{KEY}\n",
            ["add", "N", "--office", "north", "--name", "x", "--calling-code", "0"],
            "is no code of a country",
        ),
        (f"{NUMBER}\n{NUMBER}1\n", ["enrol", CODE], "not the same"),
        ("0712\n0712\n", ["enrol", CODE], "no whole number"),
        (f"{NUMBER}\n{NUMBER}\n", ["enrol", "S-7Q4KM2A2"], "S-7Q4KM2A2"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(machine: Machine, lines, words, said):
    machine.init()
    ran = typed(machine, lines, *words)
    assert ran.returncode == 1 and said in ran.stderr and "Traceback" not in ran.stderr
    assert NUMBER not in ran.stderr and KEY not in ran.stderr


def test_run_brings_the_gateway_where_there_is_a_phone_and_starts_it_again(machine: Machine):
    machine.init()
    port = free_port()
    machine.environment["ULINZI_GATEWAY_PORT"] = str(port)
    begun, _ = serve(machine)
    assert gateway_of(begun) is None
    add(machine)
    until(lambda: gateway_of(begun), "no gateway")
    phone = SimulatedPhone("NORTH-1", KEY.encode(), over_http(port), SystemChance())
    until(lambda: brings(phone), "took nothing")
    first = gateway_of(begun)
    first.kill()
    until(lambda: (found := gateway_of(begun)) and found.pid != first.pid, "no second gateway")
    until(lambda: brings(phone), "took nothing")
    assert "The gateway stopped by itself" in machine.output()
    assert [one["kind"] for one in Client(machine.home).pending()] == ["sms"]


def brings(phone: SimulatedPhone) -> bool:
    raw = phone.sms(NUMBER, "words", 1_790_000_000_000_000)
    phone.waiting.clear()
    try:
        return phone.deliver(phone.code, phone.headers(raw, SystemClock().now()), raw) == 200
    except OSError:
        return False


def test_control_a_node_without_a_phone_has_no_gateway(machine: Machine):
    machine.init()
    begun, _ = serve(machine)
    assert gateway_of(begun) is None and not (machine.home / "gateway").exists()


def test_it_runs_alone_and_says_where(machine: Machine):
    machine.init()
    add(machine)
    port = free_port()
    machine.start("gateway", "run", ULINZI_GATEWAY_PORT=str(port))
    until(lambda: f"The gateway is at http://127.0.0.1:{port}/" in machine.output(), "never said where")
    phone = SimulatedPhone("NORTH-1", KEY.encode(), over_http(port), SystemChance())
    until(lambda: brings(phone), "took nothing")
    ran = machine.run("gateway", "run", ULINZI_GATEWAY_PORT=str(port))
    assert ran.returncode == 1 and "running already" in ran.stderr


def test_somebody_invented_calls_in_a_demonstration_and_in_no_other_home(machine: Machine):
    machine.init()
    add(machine)
    port = free_port()
    machine.environment["ULINZI_GATEWAY_PORT"] = str(port)
    machine.start("gateway", "run")
    until(lambda: brings(SimulatedPhone("NORTH-1", KEY.encode(), over_http(port), SystemChance())), "took nothing")
    refused = typed(machine, "", "pretend", "NORTH-1")
    assert refused.returncode == 1 and "no demonstration" in refused.stderr
    (machine.home / "demo").write_text("ready\n")
    assert typed(machine, "", "pretend", "NORTH-1").returncode == 0
    assert typed(machine, "", "pretend", "NORTH-1", "--words", "11").returncode == 0
    assert sorted(one["kind"] for one in Client(machine.home).pending()) == ["missed_call", "sms", "sms"]
