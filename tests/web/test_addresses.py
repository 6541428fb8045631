"""Every address, from the list itself: what each refuses, what each answer carries, what none gives away."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from tests.nodes import NOON, person
from tests.web.conftest import HELD, PASSWORD, SIX, Browser, add_one, enrolled, entries, persona
from tests.web.test_board import CANARY, add, body
from tests.web.test_people import handed_over
from ulinzi.accounts import local, logins, sessions
from ulinzi.accounts.rules import Role
from ulinzi.alerts import actions as alerts
from ulinzi.alerts.rules import Step as Warned
from ulinzi.config.urls import urlpatterns
from ulinzi.jobs import queries as jobs
from ulinzi.kernel.clock import HOUR
from ulinzi.ledger.node import Node
from ulinzi.messages import actions as messages
from ulinzi.network import actions as network
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses
from ulinzi.web import board, routes, sign

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("cheap")]

TOKEN = "csrfmiddlewaretoken"
VESSIN = SIX[1]
CONSOLE = person("console")
ADDRESSES = [str(one.name) for one in urlpatterns]
# Where forms lead that only ask: the head's own, and the page's.
ASKING = ("/search", "/places")
READ_ONLY = {"home", "tasks", "task", "people", "person", "system"}
UNSAFE = [one for one in ADDRESSES if one not in READ_ONLY]
# What each unsafe address needs to do something; the rest of the forms is refused as a form, not as forged.
TOLD = {
    "title": "Sent along",
    "compartment": "north",
    "kind": "taken",
    "name": "Sent Along",
    "body": "partner",
    "role": "team_leader",
    "place": "north",
    "reason": "Sent along",
    "decision": "confirmed",
    "language": "en",
    "theme": "night",
    "what": "words",
    "basis": "Sent along",
}


def address(name: str, record: UUID | None = None) -> str:
    kwargs = {
        one: record or VESSIN.id
        for pattern in urlpatterns
        if pattern.name == name
        for one in pattern.pattern.converters
    }
    return reverse(name, kwargs=kwargs)


def state(node: Node) -> list[object]:
    """Everything that a request could have changed: the ledger, the jobs, and what this machine keeps for itself."""
    kept = [local.rows(node, f"SELECT * FROM {one} ORDER BY 1") for one in ("login", "code", "asked", "session", "try")]
    return [entries(), len(jobs.recent()), *kept]


# Forged forms (T-A-14).


def form_token(made: Client) -> str:
    """The token of a form, as it stands in a page of this browser."""
    return body(made.get("/password")).split(f'name="{TOKEN}" value="')[1].split('"')[0]


def refused_as_forged(response: HttpResponse) -> bool:
    return response.status_code == 403 and "The form did not come from this page" in body(response)


@pytest.mark.parametrize("name", UNSAFE)
def test_no_address_takes_a_form_without_its_token(browser: Browser, node: Node, name: str) -> None:
    task = add("Untouched")
    url = address(name, task if "task" in name or name in {"step", "undo", "settle", "erase"} else None)
    made, other = browser(csrf=True), browser("vessin", csrf=True)
    mine, foreign = form_token(made), form_token(other)
    before = state(node)
    for told, headers in (
        (TOLD, {}),
        ({**TOLD, TOKEN: ""}, {}),
        ({**TOLD, TOKEN: "x" * 64}, {}),
        ({**TOLD, TOKEN: foreign}, {}),
        ({**TOLD, TOKEN: mine}, {"origin": "https://elsewhere.example"}),
        ({**TOLD, TOKEN: mine}, {"origin": "http://localhost:8001"}),
        ({**TOLD, TOKEN: mine}, {"origin": "null"}),
    ):
        assert refused_as_forged(made.post(url, told, headers=headers)), (told.get(TOKEN), headers)
    assert state(node) == before
    # Control: with its own token, from its own page, it is refused for other reasons or not at all.
    assert not refused_as_forged(made.post(url, {**TOLD, TOKEN: mine}, headers={"origin": "http://localhost"}))


def test_control_the_state_that_is_compared_is_the_state_that_changes(browser: Browser, node: Node) -> None:
    made, seen = browser(), [state(node)]
    made.post("/people/add", {"name": "Bela", "body": "partner"})
    seen.append(state(node))
    made.post("/system/check")
    seen.append(state(node))
    made.post(f"/people/{VESSIN.id}/code")
    seen.append(state(node))
    made.post("/sign-in", {"name": "nobody", "password": "nothing"})
    seen.append(state(node))
    made.post("/sign-out")
    seen.append(state(node))
    assert all(one != two for one, two in pairwise(seen))


def test_the_forms_in_the_pages_have_their_tokens(browser: Browser) -> None:
    made, task, loop = browser(everything(), csrf=True), add("one"), of_the_loop()
    pages = ["/tasks", f"/tasks/{task}", f"/tasks/{task}/erase", "/people", f"/people/{VESSIN.id}", "/password"]
    pages += ["/watch", "/inbox", "/call", "/network", "/places"]
    pages += [address(name, fitting(name, loop)) for name in ("alert", "alert_edit", "message", "community", "base")]
    for url in pages:
        page = body(made.get(url))
        assert page.count('method="post"') == page.count(f'name="{TOKEN}"') > 0
        # What only asks are searches: they change nothing, and need no token.
        asking = re.findall(r'<form [^>]*method="get"[^>]*>', page)
        assert len(asking) <= 2 and all(f'action="{where}"' in one for one, where in zip(asking, ASKING, strict=False))


def everything() -> str:
    """Somebody who deals with messages too, meets sources and sends people."""
    return add_one("tirel", *HELD, (Role.WATCH_OFFICER, "north"), (Role.LIAISON_ASSISTANT, "north")).code


def of_the_loop() -> dict[str, UUID]:
    """One of each record of the network and of alerts, by what addresses call it."""
    told = {"compartment": "north", "by": CONSOLE}
    community, now = places.add_community(name="Telwa", **told), NOON
    source = network.enrol_source(community=community, kind="elected", **told)
    came = {"channel": "missed_call", "received_at": now, "taken_at": now, "phone": "N1", "source": source}
    said = {"received_at": now, "channel": "radio", "what": "tension", "who": "civilians", "priority": "p3"}
    alert = alerts.raise_alert(community=community, **said, **told)
    alerts.step(alert, Warned.DECIDED, by=CONSOLE, code="respond", words="At once")
    shift = {"person": VESSIN.id, "post": "radio", "starts_at": now, "ends_at": now + HOUR}
    return {
        "community": community,
        "base": places.add_base(name="Nerela", kind="company", **told),
        "source": source,
        "message": messages.receive(handle="0" * 32, **came, **told),
        "alert": alert,
        "response": responses.send(alert, by=CONSOLE, responder="police", way="patrol"),
        "shift": network.add_shift(**shift, **told),
        "liaison": network.add_liaison(person=persona("tirel").id, **told),
    }


def fitting(name: str, loop: dict[str, UUID]) -> UUID:
    """What this address is about."""
    asked = [one for pattern in urlpatterns if pattern.name == name for one in pattern.pattern.converters]
    kind = "message" if name.startswith("message") else "".join(asked[:1])
    return loop.get(kind, VESSIN.id)


def test_control_the_records_of_the_loop_are_shown(browser: Browser) -> None:
    """A page that is not there would change nothing either."""
    made, loop = browser(everything()), of_the_loop()
    for name in ("alert", "message", "community", "base", "edit_liaison"):
        assert made.get(address(name, fitting(name, loop))).status_code == 200, name


@pytest.mark.parametrize("name", ADDRESSES)
def test_no_get_changes_anything(browser: Browser, node: Node, name: str) -> None:
    task, made = add("Untouched"), browser(everything())
    loop = of_the_loop()
    before = state(node)
    for record in (task, VESSIN.id, fitting(name, loop)):
        for method in (made.get, made.head):
            response = method(address(name, record), {**TOLD, "password": PASSWORD, "proof": PASSWORD})
            assert response.status_code in (200, 302, 404, 405, 503)  # no worker runs here, which /health says
    assert state(node) == before


# What every answer carries (T-A-15).

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def policy(response: HttpResponse) -> dict[str, list[str]]:
    directives = [one.split() for one in response.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in directives}


def answers(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int, HttpResponse]]:
    """One of each kind."""
    made = browser()
    yield "a page", 200, made.get("/tasks")
    yield "the door", 200, browser(None).get("/sign-in")
    yield "sent to the door", 302, browser(None).get("/tasks")
    yield "a deed done", 302, made.post("/tasks/add", {"title": "x", "compartment": "north"})
    yield "no such address", 404, made.get("/nothing")
    yield "no such record", 404, made.get(f"/people/{UUID(int=9)}")
    yield "a wrong method", 405, made.put("/tasks")
    yield "a wrong form", 422, made.post("/people/add", {})
    yield "a forged form", 403, browser(csrf=True).post("/people/add", {})
    yield "not signed in", 403, browser(None).post("/people/add", {})
    yield "another host", 400, made.get("/tasks", headers={"host": "elsewhere.example"})
    yield "too large", 413, made.post("/theme", CONTENT_LENGTH=str(2**30))
    yield "a style", 200, made.get("/static/web/room.css")
    yield "no such style", 404, made.get("/static/web/nothing.css")
    yield "pressed together", 200, made.get("/tasks", headers={"accept-encoding": "gzip"})
    monkeypatch.setattr(board, "_page", lambda *args, **values: 1 / 0)
    yield "unforeseen", 500, made.get("/tasks")
    monkeypatch.setattr(sessions, "find", lambda *args, **values: 1 / 0)
    made.raise_request_exception = False
    yield "unforeseen, before any page", 500, made.get("/people")


def test_every_answer_carries_the_headers(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, status, response in answers(browser, monkeypatch):
        assert response.status_code == status, kind
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS, kind
        found = policy(response)
        assert found["default-src"] == ["'none'"] and found["frame-ancestors"] == found["base-uri"] == ["'none'"]
        assert {one for values in found.values() for one in values} <= {"'none'", "'self'", "blob:"}, kind
        # A picture that a script of ours has drawn may be kept as a file; scripts come as files of this machine.
        assert found["script-src"] == found["connect-src"] == ["'self'"] and found["img-src"] == ["'self'", "blob:"]
        if kind != "a style":
            assert response.headers["Cache-Control"] == "no-store", kind
        assert "Server" not in response.headers and "X-Powered-By" not in response.headers
        response.close()


def test_control_without_the_middleware_they_are_missed(browser: Browser) -> None:
    rest = [one for one in settings.MIDDLEWARE if not one.endswith("HeadersMiddleware")]
    with override_settings(MIDDLEWARE=rest):
        response = browser().get("/tasks")
    assert response.status_code == 200 and not HEADERS.keys() & {*response.headers}


def cookies_of(browser: Browser) -> dict[str, dict[str, object]]:
    """Everything that any page sets, with what the browser is told to do with it."""
    enrolled("odhal")
    made, found = browser(None), {}
    for response in (
        made.get("/sign-in"),
        made.post("/sign-in", {"name": "odhal", "password": PASSWORD}),
        made.post("/language", {"language": "en"}),
        made.post("/theme", {"theme": "night"}),
        made.post(f"/people/{VESSIN.id}/rename", {"name": "Tomas"}),
        made.post("/people/add", {"name": "Bela", "body": "partner", "proof": PASSWORD}),
        made.post(f"/people/{VESSIN.id}/withdraw", {"proof": PASSWORD}),
        made.post("/password", {"old": PASSWORD, "password": "goats cross the river"}),
    ):
        found |= {name: dict(one) for name, one in response.cookies.items() if one["max-age"] != 0}
    return found


def test_every_cookie_is_for_this_machine_alone_and_for_no_script(browser: Browser) -> None:
    found = cookies_of(browser)
    assert {f"__Host-{one}" for one in ("signed-in", "csrf", "language", "theme", "messages")} == found.keys()
    for name, one in found.items():
        assert one["secure"] and one["httponly"] and one["samesite"] == "Strict", name
        assert one["path"] == "/" and not one["domain"], name
    # Whoever closes the browser is signed out.
    assert not found["__Host-signed-in"]["max-age"] and not found["__Host-signed-in"]["expires"]


def test_control_a_cookie_of_the_demonstration_is_not_for_safe_lines_alone(browser: Browser) -> None:
    with override_settings(SESSION_COOKIE_SECURE=False, CSRF_COOKIE_SECURE=False):
        found = cookies_of(browser)
    assert not any(one["secure"] for one in found.values())


def test_a_cookie_that_is_taken_away_is_taken_away_under_the_same_rules(browser: Browser) -> None:
    """A browser keeps a `__Host-` cookie if what takes it away is not itself allowed to set it."""
    gone = browser().post("/sign-out").cookies[settings.SIGNED_IN_COOKIE]
    assert (gone["max-age"], gone["path"], gone["secure"], gone["samesite"]) == (0, "/", True, "Strict")


# Other ways in (T-A-17).


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND", "QQ"])
@pytest.mark.parametrize("name", ["tasks", "person", "sign_in", "ask_grant", "home", "sign_out"])
def test_no_method_but_those_of_forms_does_anything(browser: Browser, node: Node, method: str, name: str) -> None:
    made, before = browser(), state(node)
    response = made.generic(method, address(name), "secret=1", HTTP_X_ECHO="secret")
    assert response.status_code in (403, 405) and "secret" not in body(response)
    assert state(node) == before


@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
def test_a_method_is_never_overridden(browser: Browser, node: Node, header: str) -> None:
    made, before = browser(), state(node)
    for url in ("/tasks", f"/people/{VESSIN.id}"):
        assert made.get(url, {"_method": "POST"}, headers={header: "POST"}).status_code == 200
    assert made.get("/people/add", {"_method": "POST", **TOLD}, headers={header: "POST"}).status_code == 405
    assert made.post("/tasks", {"_method": "GET"}, headers={header: "GET"}).status_code == 405
    assert state(node) == before


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("host", "elsewhere.example"),
        ("host", "localhost.elsewhere.example"),
        ("host", "localhost@elsewhere.example"),
        ("host", ""),
        ("host", "localhost:80:80"),
    ],
)
def test_another_host_is_refused(browser: Browser, header: str, value: str) -> None:
    response = browser(None).get("/tasks", headers={header: value}, SERVER_NAME="elsewhere.example")
    assert response.status_code == 400 and "elsewhere" not in body(response)


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-original-url", "x-rewrite-url", "x-forwarded-proto"])
def test_no_header_of_a_proxy_is_believed(browser: Browser, header: str) -> None:
    value = "https" if header.endswith("proto") else "/people" if "url" in header else "elsewhere.example"
    response = browser(None).get("/tasks", headers={header: value})
    assert response.headers["Location"] == "/sign-in?next=%2Ftasks"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static/..%2f..%2fnode.key",
        "/static//etc/passwd",
        "/static/web/../../config/settings.py",
        "/static/web/",
        "/static/",
        "/../node.key",
        "/local.sqlite3",
        "/static/web/room.css%00.html",
        "/tasks/..%2fpeople",
        "/people/../tasks/add",
        "/%2e%2e/",
        "/tasks/",
    ],
)
def test_a_path_that_leads_out_leads_nowhere(browser: Browser, path: str) -> None:
    response = browser().get(path)
    assert response.status_code == 404 and "root:" not in body(response)
    assert "There is nothing at this address" in body(response)


def test_control_a_path_that_leads_in_is_answered(browser: Browser) -> None:
    response = browser().get("/static/web/room.css")
    assert response.status_code == 200 and b"body" in b"".join(response.streaming_content)
    response.close()


def test_every_address_has_its_act(browser: Browser, node: Node) -> None:
    """One that stands in no list is closed: the lists and the addresses are the same."""
    listed = {*routes.OPEN, *routes.OPEN_IN_DEMO, *routes.SIGNED_IN, *routes.ACTS}
    assert listed == set(ADDRESSES)


def test_control_an_address_without_an_act_is_closed(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"/people/{VESSIN.id}"
    assert browser().get(url).status_code == 200
    monkeypatch.setattr(routes, "ACTS", {name: act for name, act in routes.ACTS.items() if name != "person"})
    assert browser().get(url).status_code == 403


# Secrets stay where they were typed.

SECRET = "marmalade-canary-7731"
NEXT_SECRET = "tangerine-canary-9917"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """All that is logged, of every kind; what does not travel upwards too."""
    apart = logging.getLogger("django.request")
    apart.addHandler(caplog.handler)
    with caplog.at_level(logging.DEBUG):
        yield caplog
    apart.removeHandler(caplog.handler)


def written(home: Path) -> bytes:
    """Every file of the machine, the database with its journals among them."""
    return b"".join(one.read_bytes() for one in sorted(home.rglob("*")) if one.is_file())


def a_day(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """A code, a first sign-in, wrong tries, a proof, another password, a failure: the secrets, and the pages after."""
    boss, made, pages = browser(), browser(None), []
    code = handed_over(boss, browser("rensa"), VESSIN.id)
    tokens: list[str] = []

    def post(url: str, **told: str) -> None:
        response = made.post(url, told)
        pages.append(f"{body(response)}{response.headers}")
        if settings.SIGNED_IN_COOKIE in made.cookies:
            tokens.append(made.cookies[settings.SIGNED_IN_COOKIE].value)

    post("/enrol", code=code, name="vessin", password=SECRET)
    post("/enrol", code=code, name=NEXT_SECRET, password=SECRET)  # a password where the name belongs
    post("/sign-in", name="vessin", password=SECRET)
    post("/sign-in", name="vessin", password=NEXT_SECRET)
    post(f"/people/{SIX[0].id}/left", reason="", proof=NEXT_SECRET)
    post(f"/people/{SIX[0].id}/left", reason="", proof=SECRET)
    post(f"/tasks/{UUID(int=9)}/erase", proof=SECRET)
    post("/password", old=SECRET, password=NEXT_SECRET)
    with monkeypatch.context() as patched:
        patched.setattr(sign, "_come_in", lambda *args: (_ for _ in ()).throw(ValueError(f"{NEXT_SECRET} {args}")))
        post("/sign-in", name="vessin", password=NEXT_SECRET)
    for url in ("/tasks", "/people", f"/people/{VESSIN.id}", "/system", "/password", "/sign-in", "/enrol"):
        for one in (made, boss):
            pages.append(f"{body(one.get(url))}{one.get(url).headers}")
    # The page of a refused enrolment shows its own code and name again, to whoever typed them.
    del pages[1]
    return [SECRET, NEXT_SECRET, code, code.replace("-", ""), *(one for one in tokens if one)], pages


def test_no_password_code_or_token_is_shown_logged_or_written_down(
    browser: Browser, node: Node, logged: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, pages = a_day(browser, monkeypatch)
    assert len(set(secrets)) >= 7
    files, lines = written(node.home), logged.text
    assert "ValueError" in lines  # the failure was logged, without its words
    for one in secrets:
        assert not [page for page in pages if one in page], one
        assert one not in lines, one
        assert one.encode() not in files, one
        if len(one) == 64:
            assert bytes.fromhex(one) not in files, one


def test_control_what_is_shown_logged_and_written_is_found(
    browser: Browser, node: Node, logged: pytest.LogCaptureFixture
) -> None:
    add(CANARY.replace("<", ""))
    logging.getLogger("ulinzi.web").error(CANARY)
    assert CANARY in logged.text
    assert CANARY.replace("<", "").encode() in written(node.home)
    logins.enrol(logins.issue_code(VESSIN.id), "vessin-canary", PASSWORD, address="192.0.2.1")
    assert b"vessin-canary" in written(node.home)


def test_what_fails_before_any_page_is_logged_without_its_words(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is written to the log of the machine, by the handler that writes there."""

    def fails(*args: object, **values: object) -> None:
        raise ValueError(SECRET)

    lines = StringIO()
    handler = next(one for one in logging.getLogger("django.request").handlers if one.name == "console")
    monkeypatch.setattr(handler, "stream", lines)
    monkeypatch.setattr(sessions, "find", fails)
    made = browser()
    made.raise_request_exception = False
    response = made.get("/people")
    assert response.status_code == 500 and SECRET not in body(response)
    assert "ValueError" in lines.getvalue() and SECRET not in lines.getvalue()


# What strangers send.


def test_a_form_in_an_odd_encoding_costs_nothing(node: Node) -> None:
    """Some that Python knows take a minute of a core for a megabyte: nobody's form chooses."""
    part = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + b"a" * 300_000 + b"-b\r\n--x--\r\n"
    began = time.process_time()
    made = Client(SERVER_NAME="localhost")
    made.generic("POST", "/sign-in", part, content_type="multipart/form-data; boundary=x; charset=punycode")
    assert time.process_time() - began < 1.0


def test_what_another_site_sends_is_not_repeated(browser: Browser) -> None:
    told = {"title": "Your account is locked. Call 0800."}
    made = browser(csrf=True)
    page = body(made.post("/tasks/add", told, headers={"sec-fetch-site": "cross-site"}))
    assert "0800" not in page
    assert "0800" in body(made.post("/tasks/add", told, headers={"sec-fetch-site": "same-origin"}))
