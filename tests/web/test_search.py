"""Looking for something: what is found, in which order, and that nobody finds what is not open to them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client

from tests.nodes import NOON, person, reader
from tests.web.conftest import Browser, add_one, signed_in
from tests.web.test_board import ANA, body
from ulinzi.accounts import actions as people
from ulinzi.accounts import queries as accounts
from ulinzi.accounts.rules import EVERYWHERE, Rights, Role
from ulinzi.desk import actions, lists, queries
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import HOUR
from ulinzi.ledger import access, rebuild, store, verify
from ulinzi.ledger.node import Node
from ulinzi.places import actions as areas
from ulinzi.places import queries as places
from ulinzi.web import routes, search

CANARY = "kanarienvogel"
UNKNOWN = "nirgendwovogel"  # as long, and nowhere


def add(title: str, compartment: str = "north", **values: object) -> UUID:
    return actions.add_task(compartment=compartment, by=ANA, title=title, **values)


def area(name: str, compartment: str = "north") -> UUID:
    return areas.add_area(compartment=compartment, code=name, name=name, kind="area", by=ANA)


def named(rights: Rights) -> dict[UUID, str]:
    return {row["id"]: row["name"] for row in places.areas(queries.seen_by(rights))}


def found(text: str, rights: Rights | None = None, *, limit: int = 20) -> list[str]:
    """The numbers of the tasks, the best first."""
    rights = rights or reader("north", "south")
    return [row["number"] for row in lists.search(rights, text, areas=named(rights), limit=limit).rows]


def asked(client: Client, text: str) -> str:
    return body(client.get("/search", {"q": text}))


# What is found.


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("école", True),
        ("ECOLE", True),
        ("e\u0301cole", True),
        ("l’ecole", True),
        ("col", True),
        ("rappeler telwa", True),
        ("telwa rappeler", True),
        ("pont", True),
        ("ben-1", True),
        ("BEN-1 ecole", True),
        ("oru", True),
        ("oru ecole ben-1 pont", True),
        ("porte parole", True),
        ("porte-parole", True),
        ("strasse", True),
        ("ecole sarn", False),
        ("ecoles", False),
        ("ben-12", False),
        ("rappeler.telwa", False),
    ],
)
def test_every_word_is_looked_for_wherever_it_stands(node: Node, typed: str, is_found: bool) -> None:
    told = {"detail": "Le porte-parole habite près du pont, Straße 4", "area": area("Orú")}
    add("Rappeler l’École de Telwa", **told)
    add("Something else in Sarn")
    assert found(typed) == (["BEN-1"] if is_found else [])


@pytest.mark.parametrize("typed", ["%", "_", "!", "a%b", "%%%", '"', "\\", "100!", "c_d", "x' OR '1'='1"])
def test_signs_of_the_database_are_signs_like_others(node: Node, typed: str) -> None:
    add("Nothing of it")
    assert found(typed) == []
    add(f"Here it is: {typed}")
    assert found(typed) == ["BEN-2"]


def test_control_signs_that_were_not_escaped_would_find_anything(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    add("Nothing of it")
    monkeypatch.setattr(lists, "_escaped", lambda word: word)
    assert found("%") == ["BEN-1"]


def test_the_number_first_then_titles_that_begin_so_then_the_newest(node: Node) -> None:
    for title in ("The well of BEN-3", "Ben 3 is his name", "About wells", "Call ben-3", "See BEN-3 again"):
        node.clock.advance(HOUR)  # type: ignore[attr-defined]
        add(title)
    assert found("ben-3") == ["BEN-3", "BEN-2", "BEN-5", "BEN-4", "BEN-1"]


def test_a_few_are_listed_and_all_are_counted(node: Node) -> None:
    for number in range(25):
        node.clock.advance(HOUR)  # type: ignore[attr-defined]
        add(f"Well {number}")
    here = lists.search(reader("north"), "well", areas={}, limit=20)
    assert (len(here.rows), here.total) == (20, 25)
    assert here.rows[0]["number"] == "BEN-25"


def test_areas_in_any_number_are_compared(node: Node) -> None:
    """More than a statement takes values."""
    home = area("Kibélé")
    add("Here", area=home)
    many = {UUID(int=number): "Kibele" for number in range(40_000)} | {home: "Kibélé"}
    assert lists.search(reader("north"), "kibele", areas=many).total == 1


@pytest.mark.parametrize("typed", ["", "  ", "-", "’", "'", "\u200b"])
def test_nothing_typed_finds_nothing(node: Node, typed: str) -> None:
    add("A task")
    assert found(typed) == []


@pytest.mark.parametrize(
    ("typed", "words", "cut"),
    [
        ("one two one", ["one", "two"], False),
        ("school schools", ["schools"], False),
        ("x" * 100, ["x" * 100], False),
        ("x" * 101, ["x" * 100], True),
        (" ".join(chr(97 + n) * 3 for n in range(11)), [chr(97 + n) * 3 for n in range(10)], True),
    ],
)
def test_what_is_typed_has_an_end(typed: str, words: list[str], cut: bool) -> None:
    assert lists.sought(typed) == (words, cut)


def test_what_changes_is_found_as_it_is_now(node: Node) -> None:
    task = add("Rappeler Telwa")
    actions.edit_task(task, by=ANA, title="Rappeler Oru")
    assert (found("telwa"), found("oru")) == ([], ["BEN-1"])


# What was erased.


def stored(node: Node) -> str:
    return " ".join(str(one) for row in store.rows(node, "SELECT * FROM desk_task") for one in row)


def test_erased_words_are_found_no_more(node: Node) -> None:
    task = add(f"Ask {CANARY}", detail=f"Whom {CANARY} told")
    assert found(CANARY) == ["BEN-1"] and CANARY in stored(node)
    actions.erase_words(task, by=ANA, basis="rule 4", second=person("bori"))
    assert found(CANARY) == [] and CANARY not in stored(node)
    assert found("ben-1") == ["BEN-1"]


def test_an_erased_task_is_found_no_more(node: Node) -> None:
    task = add(f"Ask {CANARY}")
    actions.erase_task(task, by=ANA, basis="rule 4", second=person("bori"))
    assert found(CANARY) == found("ben-1") == [] and CANARY not in stored(node)


# What an older version wrote.


def forget_folds(node: Node) -> None:
    """As the migration leaves the rows of an older version."""
    with node.use():
        call_command("migrate", "desk", "0001", database=node.alias, verbosity=0)
        call_command("migrate", "desk", database=node.alias, verbosity=0)


def test_after_an_upgrade_the_screens_say_what_cannot_be_found_yet(node: Node, browser: Browser) -> None:
    add("Rappeler Telwa")
    add("Rappeler Oru")
    forget_folds(node)
    for page in (asked(browser(), "telwa"), body(browser().get("/tasks/table", {"q": "telwa"}))):
        assert "2 tasks were written by an older version and cannot be found yet." in page
        assert "BEN-1" not in page
    assert "BEN-1" in body(browser().get("/tasks/table")), "without words everything is there"
    add("Ask Telwa")
    assert found("telwa") == ["BEN-3"]


def test_a_rebuild_after_an_upgrade_mends_it(node: Node, browser: Browser) -> None:
    add("Rappeler Telwa")
    forget_folds(node)
    assert [one.code for one in verify.verify(node, tables=True).findings] == ["row_differs"]
    assert rebuild.rebuild(node).changed == 1
    assert verify.verify(node, tables=True).ok
    assert found("telwa") == ["BEN-1"]
    assert "older version" not in asked(browser(), "telwa")


# Who finds what.


@pytest.fixture
def in_both(node: Node) -> Iterator[None]:
    """The same in each province: a task with a canary in its words, in an area with a name."""
    with accounts.at_console(ANA):
        for place in ("north", "south"):
            add(f"{CANARY} {place}", place, detail="Said so", area=area(f"Area{place}", place), due_at=NOON)
        yield


def holding(*held: tuple[Role, str]) -> Rights:
    return Rights(person("reader"), held)


WATCH, LEADERSHIP = (Role.WATCH_OFFICER, "north"), (Role.LEADERSHIP, EVERYWHERE)
READERS = {
    "the words of one province": ([WATCH], ["BEN-1"], ["BEN-1"]),
    "no words at all": ([LEADERSHIP], [], ["BEN-2", "BEN-1"]),
    "the words of one, the numbers of both": ([WATCH, LEADERSHIP], ["BEN-1"], ["BEN-2", "BEN-1"]),
    "no tasks": ([(Role.ADMINISTRATOR, EVERYWHERE)], [], []),
    "nothing": ([(Role.PARTNER, EVERYWHERE)], [], []),
    "no role": ([], [], []),
}


@pytest.mark.access
@pytest.mark.parametrize(("held", "by_words", "by_number"), READERS.values(), ids=READERS)
@pytest.mark.usefixtures("in_both")
def test_somebody_finds_by_words_what_they_may_read_and_by_number_what_they_may_know_of(
    held: list[tuple[Role, str]], by_words: list[str], by_number: list[str]
) -> None:
    rights = holding(*held)
    assert found(CANARY, rights) == by_words
    assert sorted(found("ben", rights)) == sorted(found("area", rights)) == sorted(by_number)
    assert sorted(found("ben said", rights)) == by_words


def silent(page: str, *texts: str) -> str:
    """A page without what was typed into it, and without what differs from page to page anyway."""
    for text in texts:
        page = page.replace(text, "...")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|data-since="[^"]+"', "", page)


def opened(code: str, *held: tuple[Role, str]) -> Client:
    add_one(code, *held)
    return signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), code)


ADDRESSES = ("/search?q=", "/tasks/table?sort=title&q=", "/tasks/table?sort=-title&state=open&q=")


@pytest.mark.access
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.usefixtures("in_both")
def test_hidden_words_change_nothing_on_any_page(address: str) -> None:
    """Not a count, not a line, not an order: the page is that of a word that stands nowhere."""
    client = opened("brahane", LEADERSHIP)
    pages = [silent(body(client.get(address + word)), word) for word in (CANARY, UNKNOWN)]
    assert pages[0] == pages[1]
    assert "BEN-1" not in pages[0]


@pytest.mark.access
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.usefixtures("in_both")
def test_control_words_compared_all_the_same_would_show(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = opened("brahane", LEADERSHIP)
    monkeypatch.setattr(lists, "_words_open_to", lambda reader, held: lists._Part("folded_words"))
    pages = [silent(body(client.get(address + word)), word) for word in (CANARY, UNKNOWN)]
    assert pages[0] != pages[1] and "BEN-1" in pages[0]


@pytest.mark.access
@pytest.mark.usefixtures("in_both")
def test_hidden_words_are_not_even_compared(node: Node) -> None:
    """What is not compared takes no time: where somebody reads no words, the database is not asked about any."""
    compared = {
        role: [sql for sql in statements(node, holding(role)) if WORDS.search(sql)] for role in (LEADERSHIP, WATCH)
    }
    assert compared[LEADERSHIP] == [] and compared[WATCH] != []


WORDS = re.compile(r"folded_words\b.{0,8}(LIKE|THEN|END)|THEN folded_words")


def statements(node: Node, rights: Rights) -> list[str]:
    told: list[str] = []
    real = lists.ledger_queries.read
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lists.ledger_queries, "read", lambda sql, values: told.append(sql) or real(sql, values))
        found(CANARY, rights)
    return told


@pytest.mark.access
@pytest.mark.usefixtures("in_both")
def test_areas_are_found_by_whoever_sees_the_tasks_there() -> None:
    pages = [asked(opened("odhal", WATCH), "area"), asked(opened("rensa", (Role.ADMINISTRATOR, EVERYWHERE)), "area")]
    assert "Areanorth" in pages[0] and "Areasouth" not in pages[0]
    assert "Areanorth" not in pages[1] and "Areasouth" not in pages[1]


@pytest.mark.access
def test_people_are_found_by_whoever_may_know_of_them(node: Node) -> None:
    adviser = opened("telwe", (Role.PROVINCIAL_ADVISER, "north"))
    watch, leader = opened("odhal", WATCH), opened("brahane", LEADERSHIP)
    with accounts.at_console(ANA):
        for name, place in (("Zora Nordin", "north"), ("Zora Sudin", "south")):
            made = people.add_person(by=ANA, name=name, body="mission_civilian")
            people.ask_grant(made, Role.WATCH_OFFICER, place, by=ANA)
    pages = {who: asked(client, "zora") for who, client in (("a", adviser), ("w", watch), ("l", leader))}
    assert {who: [name in page for name in ("Nordin", "Sudin")] for who, page in pages.items()} == {
        "a": [True, False],
        "w": [False, False],
        "l": [True, True],
    }
    assert "1 thing found" in pages["a"] and "Nothing here by that name." in pages["w"]


@pytest.mark.access
def test_screens_are_found_by_whoever_they_are_open_to(node: Node) -> None:
    watch, administrator = opened("odhal", WATCH), opened("rensa", (Role.ADMINISTRATOR, EVERYWHERE))
    assert "/tasks/table" in asked(watch, "tasks table") and 'href="/system"' not in asked(watch, "system")
    assert "/tasks/table" not in asked(administrator, "tasks table")
    assert asked(administrator, "system").count('href="/system"') == 2  # in the head of the page, and found


PARTS = "Parts of the house"


@pytest.mark.access
def test_the_parts_of_screens_are_offered_to_whoever_looks_after_the_machine(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, administrator = opened("odhal", WATCH), opened("rensa", (Role.ADMINISTRATOR, EVERYWHERE))
    assert PARTS not in body(watch.get("/desk")) and "/style" not in asked(watch, "parts house")
    assert 'href="/style">Parts of the house</a>' in body(administrator.get("/desk")).partition("<footer")[2]
    assert asked(administrator, "parts house").count('href="/style"') == 2
    assert watch.get("/style").status_code == 200, "it is no secret"
    # In the demonstration everybody looks around.
    monkeypatch.setattr(settings, "DEMO", True)
    assert PARTS in body(watch.get("/desk")) and asked(watch, "parts house").count('href="/style"') == 2


def test_every_screen_that_is_named_is_there() -> None:
    assert set(search.SCREENS) <= set(routes.SIGNED_IN) | set(routes.ACTS)


# The page.


def test_what_is_late_is_marked_as_everywhere(browser: Browser, node: Node) -> None:
    add("market late", due_at=NOON - HOUR)
    add("market soon", due_at=NOON + HOUR)
    add("market some day")
    actions.step(add("market done", due_at=NOON - HOUR), Step.DONE, by=ANA)
    page = asked(browser(), "market")
    assert page.count('<span class="mk late">') == 1
    late = page.partition(">market late<")[2].partition("</li>")[0]
    assert "late</span> <time" in late and "due" not in late


def test_each_kind_is_told_apart(browser: Browser, node: Node) -> None:
    add("Système de radio", area=area("Systole"))
    people.add_person(by=ANA, name="Sysa Oru", body="mission_civilian")
    page = asked(browser(), "sys")
    for kind in ("tasks", "areas", "people", "screens"):
        assert f'id="h-{kind}"' in page
    assert "4 things found among what is here and open to you." in page


def test_more_than_a_few_lead_to_the_table(browser: Browser) -> None:
    for number in range(search.MOST + 3):
        add(f"Well & spring {number}")
    page = asked(browser(), "well &")
    assert "and 3 more" in page and 'href="/tasks/table?q=well+%26"' in page


def test_nothing_found_says_what_that_means(browser: Browser) -> None:
    page = asked(browser(), UNKNOWN)
    assert "Nothing here by that name." in page
    assert "Other machines may hold something that has not arrived" in page


def test_nothing_asked_says_what_can_be_found(browser: Browser) -> None:
    page = body(browser().get("/search"))
    assert "Nothing has been looked for yet." in page and "Nothing here by that name." not in page


def test_a_long_question_is_cut_and_says_so(browser: Browser) -> None:
    page = asked(browser(), "well " * 60)
    assert "the first 100 signs" in page and "well " * 21 not in page
    assert "the first 100 signs" not in asked(browser(), "well")


def test_what_was_typed_cannot_act(browser: Browser) -> None:
    page = asked(browser(), '<script>alert("x")</script>\u202e"')
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_searching_changes_nothing(browser: Browser) -> None:
    assert browser().post("/search", {"q": "well"}).status_code == 405


def test_what_was_looked_for_is_in_no_log(
    browser: Browser, node: Node, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(f"Ask {CANARY}")
    with caplog.at_level(logging.DEBUG):
        asked(browser(), CANARY)
        monkeypatch.setattr(lists, "search", lambda *_, **__: 1 / 0)
        failed = browser()
        failed.raise_request_exception = False
        assert failed.get("/search", {"q": CANARY}).status_code == 500
    access.flush(node)
    logged = store.rows(node, "SELECT object, purpose, body FROM ledger_access")
    assert ("search", "search") in [(what, purpose) for what, purpose, _body in logged]
    assert CANARY.encode() not in b"".join(bytes(told) for _what, _purpose, told in logged)
    assert "ZeroDivisionError" in caplog.text and CANARY not in caplog.text


@pytest.mark.sqlite_only
def test_a_search_asks_a_few_questions_however_much_there_is(browser: Browser, node: Node) -> None:
    client = browser()
    for number in range(30):
        add(f"Well {number}", area=area(f"Well {number}"))
        people.add_person(by=ANA, name=f"Wella {number}", body="mission_civilian")
    told: list[str] = []
    connections[node.alias].connection.set_trace_callback(told.append)
    asked(client, "well")
    connections[node.alias].connection.set_trace_callback(None)
    assert 3 < len([one for one in told if one.startswith(("SELECT", "WITH"))]) <= 12
