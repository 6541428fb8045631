"""At most twelve statements and fifteen kilobytes for any page, however much there is.

A page that asks once per row would ask hundreds of times; one that shows every row would have no end.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from tests.nodes import Nodes, person
from tests.web import screens
from tests.web.conftest import HELD, SIX, add_one, bring_six, persona
from ulinzi.accounts import actions as accounts
from ulinzi.accounts import local, logins, queries, sessions
from ulinzi.accounts.rules import EVERYWHERE, Role
from ulinzi.alerts import actions as alerts
from ulinzi.alerts import intake
from ulinzi.alerts.rules import Step as Warned
from ulinzi.config import urls
from ulinzi.desk import actions as desk
from ulinzi.desk import queries as asked
from ulinzi.desk.rules import Step
from ulinzi.kernel.clock import HOUR
from ulinzi.ledger import queries as ledger
from ulinzi.ledger.node import Node
from ulinzi.messages import actions as messages
from ulinzi.network import actions as network
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses
from ulinzi.responses.rules import Step as Sent
from ulinzi.web import rest

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only, pytest.mark.access]
MOST, HEAVIEST = 12, 15_000
PEOPLE, TASKS, LOOP = 60, 300, 100
CONSOLE = person("console")


class Busy:
    """A node with hundreds of tasks in every state, sixty people, and something that waits on every list."""

    def __init__(self, node: Node) -> None:
        self.node = node
        with queries.at_console(CONSOLE):
            bring_six()
            add_one("ferro", (Role.ADMINISTRATOR, EVERYWHERE))
            self.areas = [self._areas(place) for place in ("north", "south")]
            self.people = [self._person(number) for number in range(PEOPLE)]
            self.tasks = self._tasks()
            self.communities, self.bases = self._places()
            self.sources, self.liaisons, self.shifts = self._network()
            self.messages, self.alerts, self.responses = self._loop()
            self.teams = [self._team(number) for number in range(6)]
        self._wait()

    def _areas(self, place: str) -> list[Any]:
        rows = [{"code": f"{place}-{n}", "name": f"Area {n}", "kind": "area"} for n in range(30)]
        places.import_areas(rows, compartment=place, by=CONSOLE)
        return [places.area_id(place, row["code"]) for row in rows]

    def _person(self, number: int) -> Any:
        made = accounts.add_person(by=CONSOLE, name=f"Person {number}", body="mission_civilian")
        for role in (Role.TEAM_LEADER, Role.PROVINCIAL_ANALYST):
            accounts.ask_grant(made, role, ("north", "south")[number % 2], by=CONSOLE)
        return made

    def _tasks(self) -> list[Any]:
        rows = [
            {
                "reference": f"T{n}",
                "title": f"Task {n} on the road",
                "area": self.areas[0][n % 30],
                "due_at": self._due(n),
            }
            for n in range(TASKS)
        ]
        desk.import_tasks(rows, compartment="north", by=CONSOLE)
        made = [desk.task_id("north", row["reference"]) for row in rows]
        for n, task in enumerate(made[:120]):
            desk.step(task, Step.TAKEN, by=self.people[n % PEOPLE // 2 * 2])
            desk.step(task, Step.NOTED, by=self.people[n % PEOPLE // 2 * 2], words="Seen")
        for task in made[60:120]:
            desk.step(task, Step.DONE, by=CONSOLE)
        for task in made[200:220]:
            self._disagree(task)
        return made

    def _places(self) -> tuple[list[Any], list[Any]]:
        told = {"compartment": "north", "by": CONSOLE}
        areas = self.areas[0]
        found = [places.add_community(name=f"Telwa {n}", area=areas[n % 30], **told) for n in range(LOOP)]
        return found, [places.add_base(name=f"Base {n}", kind="company", **told) for n in range(20)]

    def _network(self) -> tuple[list[Any], list[Any], list[Any]]:
        told = {"compartment": "north", "by": CONSOLE}
        voices = [network.enrol_source(community=one, kind="elected", **told) for one in self.communities * 2]
        held = [persona(one.code).id for one in SIX]
        for one in held:
            accounts.ask_grant(one, Role.LIAISON_ASSISTANT, "north", by=CONSOLE)
        posts = [network.add_liaison(person=one, base=self.bases[0], **told) for one in held]
        now = self.node.clock.now()
        starts = [now + n * HOUR for n in range(12)]
        return (
            voices,
            posts,
            [
                network.add_shift(person=held[n % 6], post="duty_phone", starts_at=at, ends_at=at + HOUR, **told)
                for n, at in enumerate(starts)
            ],
        )

    def _loop(self) -> tuple[list[Any], list[Any], list[Any]]:
        """Messages that wait and that were dealt with; alerts with reports, notes and somebody on the way."""
        now = self.node.clock.now()
        came = [self._message(n) for n in range(LOOP)]
        told = {"what": "burning", "who": "armed_group", "happened": "now", "ongoing": "yes"}
        places_of = {n: {"community": self.communities[n], "area": self.areas[0][n % 30]} for n in range(LOOP)}
        raised = [
            intake.alert_from_call(
                compartment="north",
                received_at=now - n * HOUR,
                channel="radio",
                priority="p2",
                by=CONSOLE,
                **told,
                **places_of[n],
            ).alert
            for n in range(LOOP)
        ]
        busy = raised[0]
        for n, message in enumerate(came[:12]):
            intake.attach_message(message, busy, by=SIX[n % 6].id, **{**told, **places_of[0]})
            alerts.step(busy, Warned.NOTED, by=SIX[n % 6].id, words="Seen")
        sent = [self._response(busy) for _ in range(3)]
        self._torn(raised[1])
        return came, raised, sent

    def _message(self, n: int) -> Any:
        told = {"channel": "missed_call", "phone": "N1", "compartment": "north", "source": self.sources[n]}
        now = self.node.clock.now()
        return messages.receive(handle=f"{n:032x}", received_at=now, taken_at=now, by=CONSOLE, **told)

    def _response(self, alert: Any) -> Any:
        told = {"responder": "mission_force", "way": "patrol", "words": "At once", "base": self.bases[0]}
        made = responses.send(alert, by=CONSOLE, **told)
        responses.step(made, Sent.LEFT, by=CONSOLE)
        return made

    def _torn(self, alert: Any) -> None:
        seen = {name: group.dots for name, group in ledger.groups_of("alerts.Alert", alert).items()}
        alerts.edit_alert(alert, by=CONSOLE, seen=seen, who="army")
        alerts.edit_alert(alert, by=CONSOLE, seen=seen, keep_both={"who"}, who="police")

    def _due(self, n: int) -> int:
        return self.node.clock.now() + (n - TASKS // 2) * 3_600_000_000

    def _disagree(self, task: Any) -> None:
        seen = {name: group.dots for name, group in ledger.groups_of("desk.Task", task).items()}
        desk.edit_task(task, by=CONSOLE, seen=seen, title="One way")
        desk.edit_task(task, by=CONSOLE, seen=seen, keep_both=True, title="The other")

    def _team(self, number: int) -> Any:
        team = accounts.add_team(by=CONSOLE, name=f"Team {number}", place="north")
        for one in self.people[number * 8 : number * 8 + 8]:
            accounts.join_team(team, one, by=CONSOLE)
        return team

    def _wait(self) -> None:
        """Roles and codes that an administrator asked for and nobody has decided."""
        for one in self.people[:15]:
            accounts.ask_grant(one, Role.WATCH_OFFICER, "north", by=persona("ferro").id)
            logins.ask_code(one, by=persona("ferro").id)

    @property
    def samples(self) -> dict[str, Any]:
        everybody = queries.grants([self.people[0]])[self.people[0]]
        team = queries.memberships([self.teams[0]])[self.teams[0]]
        named = {"record": self.tasks[205], "person": self.people[0], "area": self.areas[0][0], "team": self.teams[0]}
        named |= {"community": self.communities[0], "base": self.bases[0], "source": self.sources[0]}
        named |= {"liaison": self.liaisons[0], "shift": self.shifts[0], "alert": self.alerts[0]}
        named |= {"response": self.responses[0], "message:record": self.messages[20]}
        return named | {"grant": everybody[0]["id"], "membership": team[0]["id"]}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, templates: Path) -> Iterator[Busy]:
    made = Nodes(tmp_path_factory.mktemp("queries"), templates, "sqlite")
    with made.make().use() as node:
        yield Busy(node)
        local.close()
    made.close()


@pytest.fixture
def client(busy: Busy) -> Client:
    """Somebody who sees everything there is, so that every list is long."""
    assert len(HELD) == 4 and SIX
    made = Client(SERVER_NAME="localhost", headers={"accept-language": "en"})
    made.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(persona("rensa").id).token
    return made


def test_every_screen_asks_at_most_twelve_times(busy: Busy, client: Client) -> None:
    found = screens.shown(client, busy.samples)
    assert {"tasks", "task", "people", "person", "system"} <= set(found)
    assert {"watch", "watch_table", "alert", "alert_edit", "inbox", "message", "call", "alert_rates"} <= set(found)
    assert {"network", "places", "community", "base", "edit_liaison"} <= set(found)
    asked_of = {name: screens.statements(busy.node, client, address) for name, address in found.items()}
    assert {name: told(one) for name, one in asked_of.items() if len(one) > MOST} == {}


def told(found: list[str]) -> str:
    """What a reader of the failure needs: how many, and which of them came again and again."""
    starts = [" ".join(one.split())[:90] for one in found]
    often = {one: starts.count(one) for one in dict.fromkeys(starts)}
    return f"{len(found)}: {often}"


def test_a_page_of_somebody_who_sees_little_asks_no_more(busy: Busy) -> None:
    made = Client(SERVER_NAME="localhost")
    made.cookies[settings.SIGNED_IN_COOKIE] = sessions.begin(busy.people[0]).token
    found = screens.shown(made, busy.samples)
    asked_of = {name: len(screens.statements(busy.node, made, address)) for name, address in found.items()}
    assert {name: count for name, count in asked_of.items() if count > MOST} == {}


def weights(client: Client, busy: Busy) -> dict[str, int]:
    """Bytes of each page as they are sent to a browser that has the styles already."""
    client.defaults["HTTP_ACCEPT_ENCODING"] = "gzip"
    return {name: len(client.get(address).content) for name, address in screens.shown(client, busy.samples).items()}


def test_every_page_weighs_little(busy: Busy, client: Client) -> None:
    found = weights(client, busy)
    assert {"tasks", "style", "style?part=pictures", "style?part=map"} <= set(found)
    assert {name: size for name, size in found.items() if size > HEAVIEST} == {}


def test_a_board_with_as_many_lines_as_it_may_have_weighs_little(
    busy: Busy, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "FULL", rest.MOST)
    assert weights(client, busy)["tasks"] <= HEAVIEST


def test_a_request_reads_the_compartments_once_and_a_transaction_reads_them_anew(busy: Busy) -> None:
    with screens.counted(busy.node) as found, ledger.one_request():
        assert ledger.compartments() == ledger.compartments() and len(found) == 1
        with transaction.atomic(using=busy.node.alias):
            ledger.compartments()
        assert len(found) == 2


# Controls.


def test_control_outside_a_request_nothing_is_kept(busy: Busy) -> None:
    with screens.counted(busy.node) as found:
        assert ledger.compartments() == ledger.compartments() and len(found) == 2


def test_control_a_page_that_shows_every_task_is_too_heavy(
    busy: Busy, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "FULL", TASKS)
    monkeypatch.setattr(rest, "MOST", TASKS)
    assert weights(client, busy)["tasks"] > HEAVIEST


def once_per_row(request: HttpRequest) -> HttpResponse:
    """Planted: it asks for each task by itself."""
    reader = request.acting.rights  # type: ignore[attr-defined]
    listed = asked.open_tasks(reader)
    return HttpResponse(str([asked.task(row["id"], reader)["title"] for row in listed]))


class Planted:
    urlpatterns = [path("planted", once_per_row, name="tasks"), *urls.urlpatterns]
    handler404 = staticmethod(urls.handler404)


def test_control_a_screen_that_asks_once_per_row_is_found(busy: Busy, client: Client) -> None:
    with override_settings(ROOT_URLCONF=Planted):
        assert len(screens.statements(busy.node, client, "/planted")) > 100


def test_control_what_goes_past_the_orm_is_counted_and_what_goes_through_it(busy: Busy) -> None:
    from ulinzi.jobs import queries as jobs

    with screens.counted(busy.node) as found:
        ledger.compartments()
        jobs.recent()
    assert ["ledger_compartment" in found[0], "jobs_job" in found[1], len(found)] == [True, True, 2]


def test_control_a_new_kind_of_address_asks_for_a_sample() -> None:
    planted = [path("posts/<uuid:post>", once_per_row, name="post")]
    with pytest.raises(screens.NoSample):
        screens.addresses({"record": 1}, planted)
