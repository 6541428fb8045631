"""The door that web servers use, as they use it: a process of its own, a node at ULINZI_HOME."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    named = {one.code: one for one in personas.PERSONAS}
    odhal, console = named["odhal"], named["ferro"].id
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
