"""What goes wrong is said on a page of ours, with all headers, and never with more than may be known."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler

from tests.nodes import Nodes, person, reader
from tests.web.conftest import Browser, add_one
from ulinzi.accounts.rules import Role
from ulinzi.desk import actions, queries, rules
from ulinzi.kernel.errors import Broken
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.web import board, middleware

NOWHERE = "/tasks/00000000-0000-7000-8000-000000000000"
pytestmark = pytest.mark.sqlite_only


def add(compartment: str = "north") -> UUID:
    return actions.add_task(compartment=compartment, by=person("ana"), title="Call back Telwa")


def shown(response: object) -> bytes:
    """A page without what changes from one request to the next."""
    content: bytes = response.content  # type: ignore[attr-defined]
    return content[content.index(b"<main") : content.index(b"</main>")]


PAGES = [
    ("/tasks", 200),
    ("/system", 200),
    ("/sign-in", 200),
    ("/enrol", 200),
    ("/password", 200),
    ("/people", 200),
    ("/who", 404),
    (NOWHERE, 404),
    ("/nothing", 404),
    ("/tasks/add", 405),
    ("/static/web/room.css", 200),
    ("/static/nothing.css", 404),
]


@pytest.mark.parametrize(("url", "status"), PAGES)
def test_every_response_carries_the_headers(browser: Browser, url: str, status: int) -> None:
    response = browser().get(url)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in middleware.HEADERS} == middleware.HEADERS
    response.close()
    assert response.headers["Cache-Control"] == ("max-age=31536000, public" if url.endswith("room.css") else "no-store")


def test_scripts_and_styles_are_files_of_this_machine_and_stand_in_no_page(browser: Browser) -> None:
    assert "script-src 'self';" in middleware.HEADERS["Content-Security-Policy"]
    for url, _status in PAGES[:10]:
        page = browser().get(url).content.decode()
        scripts = re.findall(r"<script[^>]*>[^<]*</script>", page)
        ours = r'<script src="/static/web/[a-z/]+\.js\?v=\w{12}" defer></script>'
        assert all(re.fullmatch(ours, one) for one in scripts)
        assert page.count("<script") == len(scripts)
        assert " style=" not in page and "<style" not in page and not re.search(r"\son\w+=", page)


def test_a_foreign_task_looks_like_a_missing_one(browser: Browser) -> None:
    mine, foreign = add(), add("south")
    add_one("solenne", (Role.HEAD_OF_OFFICE, "north"))
    made = browser("solenne")
    assert made.get(f"/tasks/{mine}").status_code == 200
    missing, hidden = made.get(NOWHERE), made.get(f"/tasks/{foreign}")
    assert (missing.status_code, hidden.status_code) == (404, 404)
    assert shown(missing) == shown(hidden) == shown(made.get("/nothing"))
    for verb in ("step", "undo", "settle", "edit", "erase"):
        assert made.post(f"/tasks/{foreign}/{verb}", {"kind": "taken"}).status_code == 404
    assert queries.task(foreign, reader("south")).state == "open"


def test_control_a_task_of_ones_own_province_is_no_foreign_one(browser: Browser) -> None:
    task = add("south")
    assert browser().get(f"/tasks/{task}").status_code == 200
    assert browser().post(f"/tasks/{task}/step", {"kind": "taken"}).status_code == 302


def test_a_form_without_its_token_is_refused_and_shows_what_was_typed(browser: Browser) -> None:
    typed = {"title": "Typed in vain <b>", "compartment": "north"}
    for url in ("/tasks/add", "/system/check", "/language", "/theme", "/who", f"/tasks/{add()}/step"):
        assert browser(csrf=True).post(url, typed).status_code == 403
    page = browser(csrf=True).post("/tasks/add", typed).content.decode()
    assert "Typed in vain &lt;b&gt;" in page and "Nothing was saved." in page
    assert [row.title for row in queries.open_tasks(reader("north"))] == ["Call back Telwa"]


def test_a_form_from_another_site_is_refused(browser: Browser) -> None:
    made = browser(csrf=True)
    made.get("/tasks")
    told = {"title": "x", "compartment": "north", "csrfmiddlewaretoken": made.cookies[settings.CSRF_COOKIE_NAME].value}
    assert made.post("/tasks/add", told, headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert made.post("/tasks/add", told, headers={"origin": "http://localhost"}).status_code == 302


def test_a_get_changes_nothing(browser: Browser) -> None:
    task = add()
    before = ledger.node_state().entries
    for url in ("/", "/tasks", "/system", f"/tasks/{task}", f"/tasks/{task}/edit", f"/tasks/{task}/erase"):
        assert browser().get(url).status_code in (200, 302)
    for url in ("/system/check", "/language", "/theme", f"/tasks/{task}/step", f"/tasks/{task}/undo"):
        assert browser().get(url).status_code == 405
    assert ledger.node_state().entries == before


def test_a_wrong_method_says_so(browser: Browser) -> None:
    response = browser().delete("/tasks")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert b"Use the buttons on the page." in response.content


@pytest.mark.parametrize("url", ["/tasks", "/static/web/room.css", "/static/nothing.css", "/nothing"])
def test_another_host_is_refused_in_the_same_layout(browser: Browser, url: str) -> None:
    response = browser().get(url, headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert b"could not be understood" in response.content
    assert response.headers["X-Frame-Options"] == "DENY"


# Nothing takes a file, so none is read, stored or kept waiting for.


def test_a_file_is_refused_and_never_handed_on(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    handled: list[object] = []
    monkeypatch.setattr(MemoryFileUploadHandler, "new_file", lambda *args, **values: handled.append(args))
    told = {"title": "Call back", "compartment": "north", "extra": SimpleUploadedFile("words.txt", b"x" * 1000)}
    response = browser().post("/tasks/add", told)
    assert (response.status_code, handled, queries.open_tasks(reader("north"))) == (400, [], [])
    assert b"could not be understood" in response.content


def test_control_a_form_in_parts_without_a_file_is_taken(browser: Browser) -> None:
    told = {"title": "Call back", "compartment": "north"}
    assert browser().post("/tasks/add", told).status_code == 302


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"])
def test_what_says_it_is_too_large_is_refused_before_it_is_read(browser: Browser, kind: str) -> None:
    told = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    response = browser().post("/tasks/add", **told, **{"wsgi.input": Unread()})
    assert response.status_code == 413
    assert b"larger than any form" in response.content and response.headers["X-Frame-Options"] == "DENY"


def test_control_the_longest_form_is_taken(browser: Browser) -> None:
    longest = {name: "\U0001f642" * (rules.TASK.field[name].max_length) for name in ("title", "detail")}
    told = urlencode(longest | {"compartment": "north"})
    kind = "application/x-www-form-urlencoded"
    assert browser().post("/tasks/add", told, content_type=kind).status_code == 302


class Unread:
    def read(self, *args: object) -> bytes:
        raise AssertionError("it was read")

    readline = read


@pytest.mark.parametrize("said", ["", "many", "-1"])
def test_a_size_that_is_no_number_is_none(browser: Browser, said: str) -> None:
    assert browser().post("/theme", CONTENT_LENGTH=said).status_code == 400


def test_what_nobody_foresaw_is_a_page_and_its_words_are_not_logged(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    word = "-".join(["CANARY", "4417"])

    def fails(*args: object, **values: object) -> None:
        raise ValueError(word)

    monkeypatch.setattr(board, "_page", fails)
    response = browser().get("/tasks")
    assert response.status_code == 500 and b"nobody foresaw" in response.content
    assert b"CANARY" not in response.content
    assert "ValueError" in caplog.text and "CANARY" not in caplog.text


def test_a_store_that_contradicts_itself_says_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **values: object) -> None:
        raise Broken("not_canonical")

    monkeypatch.setattr(board, "_page", fails)
    response = browser().get("/tasks")
    assert response.status_code == 500
    assert b"nothing that was there before was lost" in response.content and b"not_canonical" in response.content


def test_without_a_node_the_error_is_still_a_page(nodes: Nodes) -> None:
    from django.test import Client

    response = Client(SERVER_NAME="localhost", headers={"accept-language": "fr"}).get("/nothing")
    assert response.status_code == 404 and "Il n’y a rien à cette adresse" in response.content.decode()


def test_pages_are_compressed(browser: Browser) -> None:
    response = browser().get("/tasks", headers={"accept-encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"


def test_styles_have_an_address_of_their_own_version(browser: Browser, node: Node) -> None:
    page = browser().get("/tasks").content.decode()
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "?v=" in address and len(address.split("?v=")[1]) == 12
    style = browser().get(address)
    style.close()
    assert style.headers["Content-Type"].startswith("text/css")
