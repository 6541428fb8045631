"""The node as its page shows it."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from tests.nodes import person
from tests.web.conftest import Browser, add_one, signed_in
from tests.web.test_board import ANA, add, body
from tests.web.test_task import both
from ulinzi.accounts import actions as people
from ulinzi.accounts import queries as accounts
from ulinzi.accounts import sessions
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.desk import actions
from ulinzi.jobs import heartbeat
from ulinzi.jobs import queries as jobs
from ulinzi.kernel.clock import MINUTE, SetClock
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.places import actions as places
from ulinzi.web import health, labels, system, told


def test_the_node_says_who_it_is_and_what_does_not_fit(browser: Browser, node: Node) -> None:
    task = add("Which side")
    both(task)
    page = body(browser().get("/system"))
    state = ledger.node_state()
    key = " ".join(state.key[start : start + 4] for start in range(0, len(state.key), 4))
    offices = ("North office, Belavi", "South office, Tamorro")
    for said in ("BEN", key, state.feeds[0].feed[:8], *offices, "never checked here"):
        assert said in page
    assert f'<a href="/tasks/{task}"><bdi>BEN-1</bdi>' in page and "title and detail" in page


@pytest.mark.sqlite_only
def test_an_empty_node_has_its_page(node: Node) -> None:
    made = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    made.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(person("somebody")).token
    assert "Nothing has been written here yet." in body(made.get("/system"))


def test_a_check_is_asked_for_once(browser: Browser, node: Node) -> None:
    for _ in range(2):
        response = browser().post("/system/check", follow=True)
    assert "A check is waiting for the worker of this machine." in body(response)
    waiting = jobs.recent()
    assert [(job.kind, job.arguments, job.state) for job in waiting] == [("ledger.verify", {"tables": True}, "waiting")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("found", "said"), [(0, "holds"), (2, "2 findings")])
def test_the_last_check_is_shown(browser: Browser, node: Node, found: int, said: str) -> None:
    from dataclasses import replace

    from ulinzi.jobs import actions

    add("one")
    browser().post("/system/check")
    job = actions.take("w1")
    assert job is not None
    findings = [["hash_differs", "ab" * 32, 4], ["seal_wrong", "ab" * 32, 5]][:found]
    actions.finish(replace(job), {"entries": 1, "found": found, "findings": findings})
    page = body(browser().get("/system"))
    assert said in page and ("an entry was changed after it was written" in page) == bool(found)


@pytest.mark.sqlite_only
def test_a_conflict_outside_the_tasks_has_no_page_yet(browser: Browser) -> None:
    from ulinzi import ledger as door
    from ulinzi.places.models import Area

    area = places.add_area(compartment="north", code="T", by=ANA, name="Telwa", kind="area")
    seen = {"name": ledger.groups_of("places.Area", area)["name"].dots}
    for name in ("North", "South"):
        with door.unit("places.rename", by=ANA) as unit:
            unit.put(Area, unit.load(Area, area), seen=seen, keep_both=True, name=name)
    page = body(browser().get("/system"))
    assert f"<b>Area</b> <code>{area}</code>" in page and "places.Area" not in page


ENGLISH = {"accept-language": "en"}


def _torn(task: UUID) -> None:
    seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
    for title in ("North side", "South side"):
        actions.edit_task(task, by=ANA, seen=seen, keep_both=True, title=title)


@pytest.mark.access
def test_whoever_may_read_no_words_still_sees_what_a_conflict_is_about(node: Node) -> None:
    """An administrator sees no tasks: what kind of thing, which one, which part of it, and where."""
    add_one("ferro", (Role.ADMINISTRATOR, EVERYWHERE))
    with accounts.at_console(ANA):
        task = add("Which side")
        _torn(task)
    page = body(signed_in(Client(SERVER_NAME="localhost", headers=ENGLISH), "ferro").get("/system"))
    conflicts = page.partition('id="h-conflicts"')[2].partition("</section>")[0]
    for said in (f"<b>Task</b> <code>{task}</code>", "title and detail", "North office, Belavi"):
        assert said in conflicts
    assert "Which side" not in page and "desk.Task" not in page


def test_every_kind_of_record_has_a_word() -> None:
    assert set(told.SHAPES) <= set(labels.RECORDS)


# Whether the machine is well, what it has room for, what it does.


@pytest.fixture
def well(node: Node) -> Node:
    heartbeat.beat(node)
    return node


@pytest.mark.sqlite_only
def test_a_machine_that_is_well_says_so_at_the_head(browser: Browser, well: Node) -> None:
    page = body(browser().get("/system"))
    assert "This machine is well." in page
    assert page.index("This machine is well.") < page.index("Conflicts") < page.index("Last hash")


@pytest.mark.sqlite_only
def test_what_is_wrong_is_said_with_who_mends_it(browser: Browser, well: Node, clock: SetClock) -> None:
    client = browser()
    clock.advance(heartbeat.SILENT_AFTER + MINUTE)
    page = body(client.get("/system"))
    assert "This machine is not well." in page and "The worker says nothing" in page
    assert "Whoever looks after this machine looks whether" in page


def test_every_code_of_health_has_its_sentence() -> None:
    said = set(re.findall(r'"([a-z]+_(?:closed|silent|full))"', Path(health.__file__).read_text()))
    assert len(said) == 4 and said == set(system.WRONG)


@pytest.mark.sqlite_only
def test_little_room_is_said_plainly(browser: Browser, well: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser()
    assert "Little room is left on the disk." not in body(client.get("/system"))
    monkeypatch.setattr(health, "room", lambda folder: health.Room(health.LOW_BELOW - 1, 10**12))
    assert "Little room is left on the disk." in body(client.get("/system"))


@pytest.mark.sqlite_only
def test_what_nobody_knows_is_said_so(browser: Browser, well: Node) -> None:
    page = body(browser().get("/system"))
    assert "This machine does not know of copies made of it." in page and "never from an older copy" in page


@pytest.mark.sqlite_only
def test_the_work_of_the_worker_in_words(browser: Browser, well: Node, clock: SetClock) -> None:
    from ulinzi.jobs import actions

    client = browser()
    for kind in ("ledger.checkpoint", "jobs.forget", "test.unknown"):
        actions.ask(kind)
    (first, second) = (actions.take("w1"), actions.take("w1"))
    assert first and second
    actions.finish(first, {})
    actions.fail(second, "ValueError", most_tries=1)
    clock.advance(5 * MINUTE)
    page = body(client.get("/system"))
    section = page[page.index("Work in the background") : page.index("The ledger, checked")]
    assert "1 job" in section and "5 min ago" in section and "failed" in section
    assert "ValueError" not in section


@pytest.mark.access
@pytest.mark.sqlite_only
def test_sizes_are_for_whoever_looks_after_the_machine(well: Node) -> None:
    """How much is written elsewhere is not for everybody: a head of office sees that there is room, and no more."""
    for role, place, sees in (
        (Role.HEAD_OF_OFFICE, "north", False),
        (Role.SECURITY_OFFICER, "*", False),
        (Role.ADMINISTRATOR, "*", True),
    ):
        page = body(signed_in_as(role, place).get("/system"))
        assert ("Written by it" in page, "in the database" in page) == (sees, sees)
        assert "Free on the disk" in page


@pytest.mark.access
@pytest.mark.sqlite_only
def test_people_are_counted_as_far_as_one_may_know_of_them(well: Node) -> None:
    """Roles of the south are no figure of whoever answers for the north; whoever works for the mission is."""
    console = person("console")
    with accounts.at_console(console):
        for number, place in enumerate(("north", "north", "south", "south", "south")):
            made = people.add_person(by=console, name=f"Somebody {number}", body="mission_civilian")
            people.ask_grant(made, Role.TEAM_LEADER, place, by=console)
    head, administrator = signed_in_as(Role.HEAD_OF_OFFICE, "north"), signed_in_as(Role.ADMINISTRATOR, "*")
    people.ask_grant(made, Role.WATCH_OFFICER, "south", by=PEOPLE[Role.ADMINISTRATOR])
    assert counted_people(head) == ("4 people", "4 people", "none")
    assert counted_people(administrator) == ("7 people", "7 people", "1 waits for a second person")


PEOPLE: dict[Role, UUID] = {}


def signed_in_as(role: Role, place: str) -> Client:
    console = person("console")
    with accounts.at_console(console):
        made = people.add_person(by=console, name=f"The {role}", body="mission_civilian")
        people.ask_grant(made, role, place, by=console)
    PEOPLE[role] = made
    client = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    client.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(made).token
    return client


def counted_people(client: Client) -> tuple[str, ...]:
    page = body(client.get("/system"))
    section = page[page.index('id="h-people"') :]
    return tuple(re.sub("<[^>]+>", "", one) for one in re.findall(r"<dd>(.*?)</dd>", section)[:3])
