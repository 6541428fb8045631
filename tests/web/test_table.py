"""Tasks as a table: filters, orders, pages, columns, all in the address; views that are kept; and the table itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connections
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client

from tests.nodes import NOON, person, reader
from tests.web.conftest import Browser, add_one, entries, persona, signed_in
from tests.web.test_board import ANA, body
from ulinzi.accounts import queries as accounts
from ulinzi.accounts import views
from ulinzi.accounts.rules import EVERYWHERE, Rights, Role
from ulinzi.desk import actions, lists, queries
from ulinzi.desk.lists import Asked, Names, Sorted
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import DAY, HOUR, MINUTE
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions as areas
from ulinzi.places import queries as places
from ulinzi.web import table, tables
from ulinzi.web.table import Question

ODHAL = persona("odhal").id
AT = "/tasks/table"


def add(title: str, compartment: str = "north", **values: object) -> UUID:
    return actions.add_task(compartment=compartment, by=ANA, title=title, **values)


def area(name: str, compartment: str = "north") -> UUID:
    return areas.add_area(compartment=compartment, code=name, name=name, kind="area", by=ANA)


@pytest.fixture
def five(node: Node) -> dict[str, UUID]:
    """Five tasks that differ in everything, each newer than the one before."""
    oru, elan = area("Orú"), area("Élan")
    told: dict[str, dict[str, object]] = {
        "beta": {"urgency": "now", "due_at": NOON + HOUR, "area": oru, "tiers": ["dialogue", "physical"]},
        "Alpha": {"urgency": "routine", "due_at": NOON - DAY, "due_basis": "promise", "area": elan},
        "élan": {"compartment": "south"},
        "delta": {"urgency": "soon", "due_at": NOON - HOUR},
        "gamma": {"due_at": NOON - HOUR},
    }
    made = {}
    for title, values in told.items():
        node.clock.advance(MINUTE)  # type: ignore[attr-defined]
        made[title] = add(title, **values)  # type: ignore[arg-type]
    actions.step(made["Alpha"], Step.TAKEN, by=ODHAL)
    actions.step(made["gamma"], Step.TAKEN, by=person("bori"))
    actions.step(made["gamma"], Step.DONE, by=person("bori"))
    seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", made["delta"]).items()}
    actions.edit_task(made["delta"], by=ANA, seen=seen, title="delta.")
    actions.edit_task(made["delta"], by=ANA, seen=seen, keep_both=True, title="delta or so")
    return made


def listed(asked: Asked | None = None, by: str = "number", *, down: bool = False, rights: Rights | None = None) -> str:
    """The last signs of the numbers, in order."""
    rights = rights or reader("north", "south")
    named = {row["id"]: row["name"] for row in places.areas(queries.seen_by(rights))}
    names = Names(named, {ODHAL: "Zora", person("bori"): "bori"})
    found = lists.table(rights, asked or Asked(), Sorted(by, down), names=names, now=NOON)
    assert found.total == len(found.rows)
    return "".join(row["number"][-1] for row in found.rows)


# Filters and orders.

FILTERS: dict[str, tuple[Mapping[str, object], str]] = {
    "nothing": ({}, "12345"),
    "open": ({"states": ("open",)}, "134"),
    "not finished": ({"states": ("open", "taken")}, "1234"),
    "urgent": ({"urgency": "now"}, "1"),
    "of an office": ({"office": "south"}, "3"),
    "of an office that is not there": ({"office": "east"}, ""),
    "mine": ({"owner": ODHAL}, "2"),
    "nobody's": ({"loose": True}, "134"),
    "late": ({"late": True}, "24"),
    "two values": ({"torn": True}, "4"),
    "words": ({"words": "ELAN"}, "23"),
    "words and more": ({"words": "elan", "owner": ODHAL}, "2"),
    "all of it": ({"late": True, "torn": True, "loose": True, "states": ("open",), "urgency": "soon"}, "4"),
    "what excludes itself": ({"loose": True, "owner": ODHAL}, ""),
}


@pytest.mark.parametrize(("asked", "numbers"), FILTERS.values(), ids=FILTERS)
@pytest.mark.usefixtures("five")
def test_what_is_asked_for_is_listed(asked: Mapping[str, object], numbers: str) -> None:
    assert listed(Asked(**asked)) == numbers  # type: ignore[arg-type]


@pytest.mark.usefixtures("five")
def test_an_area_is_asked_for_by_its_id(five: dict[str, UUID]) -> None:
    place = queries.task(five["beta"], reader("north"))["area"]
    assert listed(Asked(area=place)) == "1"


ORDERS = {
    # What has no value comes last in both directions, the newest first.
    "number": ("12345", "54321"),
    "title": ("21435", "53412"),
    "state": ("43125", "52431"),
    "urgency": ("14253", "24135"),
    "due": ("25413", "15423"),
    "owner": ("52431", "25431"),
    "area": ("21543", "12543"),
    "office": ("54213", "35421"),
    "basis": ("25431", "25431"),
    "finished": ("54321", "54321"),
}


@pytest.mark.parametrize("by", ORDERS)
@pytest.mark.usefixtures("five")
def test_every_column_sorts_both_ways(by: str) -> None:
    assert (listed(by=by), listed(by=by, down=True)) == ORDERS[by]


def test_every_column_that_sorts_is_tried() -> None:
    assert set(ORDERS) == table.SORTS


def test_numbers_are_counted_and_not_spelt(node: Node) -> None:
    rows = [{"reference": name, "title": "One"} for name in ("R-10", "R-9", "R-010", "Q-11", "none")]
    actions.import_tasks(rows, compartment="north", by=ANA)
    found = lists.table(reader("north"), Asked(), Sorted("number"), names=Names({}, {}), now=NOON)
    assert [row["number"] for row in found.rows][:3] == ["none", "Q-11", "R-9"]


def test_pages_hold_each_task_once(node: Node) -> None:
    for number in range(23):
        add(f"Task {number}", due_at=NOON + (number % 2) * HOUR)
    seen, names = [], Names({}, {})
    for page in (1, 2, 3):
        found = lists.table(reader("north"), Asked(), Sorted("due"), names=names, now=NOON, page=page, size=10)
        assert (found.total, found.page, found.pages) == (23, page, 3)
        seen += [row["id"] for row in found.rows]
    assert len(seen) == len(set(seen)) == 23
    past = lists.table(reader("north"), Asked(), Sorted("due"), names=names, now=NOON, page=99, size=10)
    assert (past.page, len(past.rows)) == (3, 3)


# What a reader may not see sorts nothing, and finds nothing.


def holding(*held: tuple[Role, str]) -> Rights:
    return Rights(person("somebody"), held)


LEADERSHIP, WATCH = (Role.LEADERSHIP, EVERYWHERE), (Role.WATCH_OFFICER, "north")


@pytest.mark.usefixtures("five")
def test_hidden_titles_sort_nothing() -> None:
    rights = holding(LEADERSHIP)
    assert listed(by="title", rights=rights) == listed(by="title", down=True, rights=rights) == "54321"
    assert listed(Asked(words="delta"), rights=rights) == ""


@pytest.mark.usefixtures("five")
def test_where_some_titles_are_hidden_they_come_last() -> None:
    """Readable in the north alone: the one of the south has its place among what has no title."""
    rights = holding(WATCH, LEADERSHIP)
    assert (listed(by="title", rights=rights), listed(by="title", down=True, rights=rights)) == ("21453", "54123")


@pytest.mark.usefixtures("five")
def test_control_titles_that_were_compared_all_the_same_would_sort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_words_open_to", lambda reader, held: lists._Part("folded_words"))
    assert listed(by="title", rights=holding(LEADERSHIP)) == "21435"
    assert listed(by="title", down=True, rights=holding(WATCH, LEADERSHIP)) == "53412"


@pytest.mark.usefixtures("five")
def test_others_tasks_are_not_there() -> None:
    assert listed(rights=reader("north")) == "1245" and listed(rights=reader("south")) == "3"
    assert listed(rights=holding((Role.ADMINISTRATOR, EVERYWHERE))) == listed(rights=holding()) == ""
    assert listed(Asked(office="south"), rights=reader("north")) == ""


@pytest.mark.access
def test_a_page_shows_no_words_to_whom_they_are_not_for(node: Node) -> None:
    with accounts.at_console(ANA):
        add("Kanarienvogel", detail="Kanarienvogel")
    add_one("brahane", LEADERSHIP)
    client = signed_in(Client(SERVER_NAME="localhost", headers={"accept-language": "en"}), "brahane")
    page = body(client.get(AT))
    assert "Kanarienvogel" not in page and "kanarienvogel" not in page
    assert "BEN-1" in page and "Words not for your role" in page


# The address.


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("", Question()),
        ("q=+well+&state=open&urgency=now&office=north&owner=me&only=late&only=torn", None),
        ("state=open%27--&urgency=perhaps&office=east&owner=you&only=all&area=x&col=secret&sort=id&page=x", Question()),
        ("sort=-title", Question(by="title", down=True)),
        ("sort=--title", Question()),
        ("sort=tiers", Question()),
        ("page=0", Question(page=0)),
        ("page=" + "9" * 400, Question()),
        ("page=²", Question()),
        ("col=office&col=state", Question(columns=("state", "office"))),
        ("q=" + "x" * 300, Question(words="x" * 100)),
    ],
)
def test_an_address_is_read_as_far_as_it_is_known(given: str, wanted: Question | None) -> None:
    read = table.read(QueryDict(given), ["north"])
    full = Question("well", "open", "now", "north", "me", None, ("late", "torn"))
    assert read == (wanted or full)
    assert table.read(QueryDict(read.query), ["north"]) == (read if read.page else Question())


@pytest.mark.usefixtures("five")
def test_the_page_shows_what_its_address_asks_for(browser: Browser) -> None:
    page = body(browser().get(f"{AT}?state=unfinished&only=late&sort=-due"))
    shown = re.findall(r"BEN-\d", page)
    assert shown == ["BEN-4", "BEN-2"]
    assert '<option value="unfinished" selected>' in page
    assert re.search(r'name="only" value="late"[^>]* checked', page)
    assert "1 to 2 of 2" in page
    assert 'href="/tasks/table?state=unfinished&amp;only=late&amp;sort=due"' in page, "the sorted column turns round"
    assert 'aria-sort="descending"' in page and page.count("aria-sort") == 1


@pytest.mark.usefixtures("five")
def test_columns_are_those_that_were_chosen(browser: Browser) -> None:
    page = Page(body(browser().get(f"{AT}?col=tiers&col=office&col=basis&col=finished&sort=title")))
    assert page.heads == ["What has to be done ↑", "Belongs to", "Due because of", "Tiers", "Finished"]
    assert page.lines[0][2] == "a promise to somebody"
    assert page.lines[1][3] == "1. Dialogue and engagement, 2. Physical protection"


class Page(HTMLParser):
    """The table of a page, as its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.heads: list[str] = []
        self.lines: list[list[str]] = []
        self._into: list[str] | None = None
        self.feed(page)
        self.heads = [" ".join(one.split()) for one in self.heads]
        self.lines = [[" ".join(one.split()) for one in line] for line in self.lines if line]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        role = dict(attrs).get("role")
        if role == "row":
            self.lines.append([])
        if role in ("columnheader", "rowheader", "cell"):
            self._into = self.heads if role == "columnheader" else self.lines[-1]
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        self._into = None if tag in ("th", "td") else self._into

    def handle_data(self, data: str) -> None:
        if self._into:
            self._into[-1] += data


@pytest.mark.usefixtures("five")
def test_a_filter_that_leaves_nothing_has_a_way_back(browser: Browser) -> None:
    page = body(browser().get(f"{AT}?q=nirgendwo&col=state&sort=title"))
    assert "No task here is like that." in page and "Other machines may hold tasks" in page
    assert 'href="/tasks/table?col=state&amp;sort=title"' in page


def test_no_task_at_all_is_said_otherwise(browser: Browser) -> None:
    page = body(browser().get(f"{AT}?sort=due"))
    assert "No task is written down here." in page and "No task here is like that." not in page


def test_opened_without_a_question_it_shows_what_is_still_to_be_done(browser: Browser) -> None:
    add("Still open")
    actions.step(add("Long done"), Step.DONE, by=ANA)
    page = body(browser().get(AT))
    assert "Still open" in page and "Long done" not in page
    assert "Long done" in body(browser().get(f"{AT}?sort=due"))


def test_many_are_shown_by_pages(browser: Browser) -> None:
    for number in range(table.SIZE + 3):
        add(f"Task {number}")
    first, second = (body(browser().get(f"{AT}?q=task&page={page}")) for page in (1, 2))
    assert "1 to 50 of 53" in first and "51 to 53 of 53" in second
    assert 'rel="next" href="/tasks/table?q=task&amp;sort=due&amp;page=2"' in first and 'rel="prev"' not in first
    assert 'rel="prev" href="/tasks/table?q=task&amp;sort=due"' in second and 'rel="next"' not in second


@pytest.mark.usefixtures("five")
def test_an_area_stays_asked_for_until_it_is_taken_out(browser: Browser, five: dict[str, UUID]) -> None:
    place = queries.task(five["beta"], reader("north"))["area"]
    page = body(browser().get(f"{AT}?area={place}"))
    assert "In this area alone: <bdi>Orú</bdi>." in page and f'name="area" value="{place}"' in page
    assert re.findall(r"BEN-\d", page) == ["BEN-1"]


def test_words_cannot_act(browser: Browser) -> None:
    add("<script>alert(1)</script>\u202e", area=area("<b>bold</b>"))
    page = body(browser().get(f"{AT}?q=script&sort=due"))
    assert "<script>alert" not in page and "<b>bold" not in page and "[U+202E]" in page


# Views that are kept.


def keep(client: Client, name: str, query: str, **more: str) -> str:
    sent = client.post(f"{AT}/save", {"name": name, "query": query, **more})
    assert sent.status_code == 302
    return str(sent.headers["Location"])


@pytest.mark.usefixtures("five")
def test_a_view_is_kept_used_and_deleted(browser: Browser) -> None:
    client, before = browser(), entries()
    assert keep(client, "Late ones", "only=late&sort=-due&page=3") == f"{AT}?only=late&sort=-due"
    page = body(client.get(f"{AT}?only=late&sort=-due"))
    assert "Saved on this machine, for you alone." in page
    assert 'href="/tasks/table?only=late&amp;sort=-due" aria-current="true"' in page
    assert "Late ones" not in body(browser("vessin").get(AT)), "others have their own"
    gone = client.post(f"{AT}/drop", {"name": "Late ones", "query": "sort=due"}, follow=True)
    assert "The view is deleted." in body(gone) and "Late ones" not in body(client.get(AT))
    assert entries() == before


@pytest.mark.usefixtures("five")
def test_the_usual_one_is_shown_where_nothing_is_asked(browser: Browser) -> None:
    client = browser()
    assert client.get(AT).status_code == 200
    keep(client, "Late ones", "only=late&sort=due", usual="on")
    assert client.get(AT).headers["Location"] == f"{AT}?only=late&sort=due"
    assert client.get(f"{AT}?sort=due").status_code == 200, "everything can still be asked for"
    assert browser("vessin").get(AT).status_code == 200
    keep(client, "Late ones", "only=late&sort=due")
    assert client.get(AT).status_code == 200


@pytest.mark.sqlite_only
def test_a_usual_one_that_asks_for_nothing_comes_to_an_end(browser: Browser) -> None:
    client = browser()
    keep(client, "Everything", "", usual="on")
    assert client.get(AT).headers["Location"] == f"{AT}?sort=due"
    assert client.get(AT, follow=True).status_code == 200


@pytest.mark.sqlite_only
def test_what_was_kept_is_read_by_what_is_known_now(browser: Browser, node: Node) -> None:
    """By another version, or before somebody changed province; nobody wrote an address that leads elsewhere."""
    views.save(
        ODHAL, table.SCREEN, "Old", "office=gone&col=dropped&sort=//evil.example&state=open&x=%0d%0a", usual=True
    )
    assert browser().get(AT).headers["Location"] == f"{AT}?state=open&sort=due"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("told", "said"),
    [({"name": ""}, "This is missing."), ({"name": "x" * 61}, "60"), ({"name": "\u00a0"}, "This is missing.")],
)
def test_a_view_without_a_good_name_is_not_kept(browser: Browser, told: dict[str, str], said: str) -> None:
    sent = browser().post(f"{AT}/save", {"query": "only=late&sort=due", **told})
    assert sent.status_code == 422 and said in body(sent) and "Nothing was saved." in body(sent)
    assert 'name="query" value="only=late&amp;sort=due"' in body(sent), "what was asked for is still there"
    assert views.of(ODHAL, table.SCREEN) == []


@pytest.mark.sqlite_only
def test_keeping_a_view_stands_beside_what_is_asked_for(browser: Browser) -> None:
    """Above the table, folded; open where something is wrong with it."""
    client = browser()
    keep(client, "Late ones", "only=late&sort=due")
    add("One")
    page = body(client.get(AT))
    assert page.index('class="ask"') < page.index("Save the view") < page.index('role="table"')
    assert page.index("Late ones</bdi></a>\n<form") < page.index('role="table"')
    assert '<details class="keep">' in page
    wrong = client.post(f"{AT}/save", {"query": "sort=due", "name": ""})
    assert '<details class="keep" open>' in body(wrong)


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("only=late&sort=-urgency", "View: Late ones. Sorted by: Urgency, downward."),
        ("only=late&sort=due", "Sorted by: Due, upward."),
        ("sort=title", "Sorted by: What has to be done, upward."),
    ],
)
def test_paper_is_told_the_view_and_the_order(browser: Browser, query: str, said: str) -> None:
    client = browser()
    keep(client, "Late ones", "only=late&sort=-urgency")
    page = body(client.get(f"{AT}?{query}"))
    told = re.sub("<[^>]+>", "", page.partition('<p class="onpaper">')[2].partition("</p>")[0])
    assert told.strip() == said


@pytest.mark.sqlite_only
def test_more_views_than_there_may_be_are_refused(browser: Browser) -> None:
    client = browser()
    for number in range(views.MOST):
        keep(client, f"View {number}", "sort=due")
    sent = client.post(f"{AT}/save", {"name": "One more", "query": "sort=due"})
    assert sent.status_code == 422 and "There are 20 already: delete one first." in body(sent)


@pytest.mark.sqlite_only
def test_nobody_deletes_a_view_of_another(browser: Browser) -> None:
    keep(browser("vessin"), "Hers", "sort=due")
    assert browser().post(f"{AT}/drop", {"name": "Hers"}).status_code == 302
    assert [one.name for one in views.of(persona("vessin").id, table.SCREEN)] == ["Hers"]


@pytest.mark.sqlite_only
def test_looking_keeps_nothing(browser: Browser) -> None:
    assert [browser().get(f"{AT}/{end}").status_code for end in ("save", "drop")] == [405, 405]


# The table itself, in every state.


@pytest.fixture
def shown(node: Node) -> dict[str, str]:
    found = tables.sample(NOON)
    return {one.id: render_to_string("web/_table.html", {"table": one, "now": NOON}) for _name, one in found}


@pytest.mark.sqlite_only
def test_every_state_has_its_words(shown: dict[str, str]) -> None:
    assert list(shown) == ["sample-ordinary", "sample-one", "sample-many", "sample-empty", "sample-filtered"]
    assert "1 to 3 of 3" in shown["sample-ordinary"] and "pages" not in shown["sample-ordinary"]
    assert "1 to 1 of 1" in shown["sample-one"]
    assert "51 to 53 of 320" in shown["sample-many"] and "Page 2 of 7" in shown["sample-many"]
    assert "<table" not in shown["sample-empty"] + shown["sample-filtered"]
    assert "Nothing is written down here yet." in shown["sample-empty"] and "href" not in shown["sample-empty"]
    assert "Show everything" in shown["sample-filtered"]


@pytest.mark.sqlite_only
def test_it_stays_a_table_where_it_stands_as_blocks(shown: dict[str, str]) -> None:
    """What CSS shows as blocks has no rows and cells left, unless their roles are said."""
    found = shown["sample-ordinary"]
    for tag, role in (("table", "table"), ("tr", "row"), ("td", "cell"), ("th", ""), ("thead", "rowgroup")):
        assert re.findall(rf"<{tag}\b(?![^>]*role=\"{role})", found) == []
    assert re.findall(r'<td (?![^>]*(data-says="[^"]+"|class="none"))', found) == []
    assert 'tabindex="0" role="group" aria-labelledby="sample-ordinary"' in found


def test_each_address_can_be_asked_for_again() -> None:
    """What is chosen, in any order, is one question."""
    one = table.read(QueryDict("sort=due&col=area&col=number&only=torn&only=late"), [])
    other = table.read(QueryDict("only=late&only=torn&col=number&col=area&sort=due"), [])
    assert one.url == other.url and urlencode(one.pairs()) == one.query


@pytest.mark.sqlite_only
def test_a_page_asks_a_few_questions_however_much_there_is(browser: Browser, node: Node) -> None:
    client = browser()
    for number in range(60):
        task = add(f"Well {number}", area=area(f"Well {number}"))
        actions.step(task, Step.TAKEN, by=ODHAL)
    told: list[str] = []
    connections[node.alias].connection.set_trace_callback(told.append)
    client.get(f"{AT}?q=well&sort=owner")
    connections[node.alias].connection.set_trace_callback(None)
    assert 3 < len([one for one in told if one.startswith(("SELECT", "WITH"))]) <= 12
