"""People in the browser: a server for one node, Chromium, and somebody who sits down at a machine of their own."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.web import catalogue
from tests.web.conftest import bring_six
from ulinzi.accounts import logins, queries
from ulinzi.config.wsgi import application_for
from ulinzi.ledger.node import Node

CHROMIUM = os.environ.get("ULINZI_CHROMIUM") or shutil.which("chromium")
# A sandbox of its own and calls home are of no use to a browser that sees one page of ours.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


# What a page tried that its policy does not allow, and scripts that failed.
FORBIDDEN: list[str] = []
# Every address that a page was answered from.
ANSWERED: list[str] = []


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *told: object) -> None:
        """The story tells what happens; addresses do not."""


def closing(application):
    """Each request has its own thread here, so its connection ends with it."""

    def serve(environ, start_response):
        response = application(environ, start_response)
        try:
            return list(response)
        finally:
            response.close()
            connections.close_all()

    return serve


@contextmanager
def served(
    node: Node, *, bring: Callable[[], None] = bring_six, through: Callable[..., Any] = lambda found: found
) -> Iterator[str]:
    """`bring`: the people; `through`: what sees every answer as it goes out."""
    catalogue.compile_stale()
    bring()
    server = make_server("127.0.0.1", 0, through(closing(application_for(node))), Server, Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def until(page: Page, found: Callable[[], object], *, seconds: float = 10) -> None:
    """Waits for what no element shows: something that was noted of the page, or a place that it comes to."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it never came"
        page.wait_for_timeout(20)


PASSWORD = "a goat on the long road"


def watch(page: Page) -> None:
    def note(told: ConsoleMessage) -> None:
        if "Content Security Policy" in told.text:
            FORBIDDEN.append(told.text)

    page.on("console", note)
    page.on("response", lambda answer: ANSWERED.append(answer.url))
    page.on("pageerror", lambda error: FORBIDDEN.append(str(error)))


def sit_down(chromium: Browser, address: str, name: str, *, language: str, **options: Any) -> Page:
    """A person at a machine of his own, who has come in with a one-time code."""
    person = next(one for one, called in queries.all_names().items() if called == name)
    code = logins.issue_code(person)
    options = {"viewport": {"width": 1280, "height": 900}, **options}
    page = chromium.new_context(base_url=address, locale=language, **options).new_page()
    watch(page)
    page.goto("/tasks")
    page.get_by_role("link", name=re.compile("one-time code|code à usage unique")).click()
    page.get_by_label(re.compile("One-time code|Code à usage unique")).fill(code.lower())
    page.get_by_label(re.compile("Log-in name|Nom de connexion|Identifiant")).fill(name.split()[-1].lower())
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form.sheet button").click()
    # Everybody here is written down as a reader of English; whoever wants French says so at the switch.
    switch = page.locator(f"button[name=language][value={language[:2]}]")
    if switch.count():
        switch.click()
    page.goto("/tasks")
    return page
