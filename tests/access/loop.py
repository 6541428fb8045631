"""What stands of the network and of the alert loop in each province, made by the actions themselves.

From a letter in a gateway to somebody who came: every field holds a sign of its own, or a value that no other has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.nodes import NOON, person
from ulinzi.accounts.rules import Rights, Role
from ulinzi.alerts import actions as alerts
from ulinzi.alerts import intake
from ulinzi.alerts.rules import Step as Warned
from ulinzi.gateway import inside
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.phones import Door, Phone
from ulinzi.gateway.simulated import SimulatedPhone
from ulinzi.kernel.chance import SeededChance
from ulinzi.kernel.clock import HOUR, MINUTE, SECOND
from ulinzi.ledger.node import Node
from ulinzi.messages import actions as messages
from ulinzi.messages import queries as messages_read
from ulinzi.messages import tasks
from ulinzi.messages.rules import Step as Handled
from ulinzi.network import actions as network
from ulinzi.network import rules as network_rules
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses
from ulinzi.responses.rules import Step as Sent

CONSOLE = person("console of the matrix")
EVERYTHING = Rights(CONSOLE, all=True)
KEY = b"a signing key that is invented.."
DOOR = Door("http://192.0.2.7:8080", "sms", "invented")
SIDES = ("north", "south")
# +999 is given to no country: in each province somebody who is enrolled, and somebody whom nobody knows.
NUMBERS = {place: tuple(f"+99970{at}00{who}111" for who in range(2)) for at, place in enumerate(SIDES)}


def code(place: str, who: str) -> str:
    """As chance makes one, and the same in every run."""
    return network_rules.new_code(SeededChance(f"{place} {who}"))


# What is no sentence has to be told by its own value.
SPECIAL: dict[tuple[str, str], str] = {}
for _at, _place in enumerate(SIDES):
    SPECIAL |= {
        (_place, "source-code"): code(_place, "source"),
        (_place, "position"): f"-1.68351{_at + 1}",
        (_place, "base-position"): f"-1.72951{_at + 1}",
    }


@dataclass(frozen=True)
class Loop:
    """The records that stay as they are, whatever is asked."""

    community: UUID
    base: UUID
    source: UUID
    liaison: UUID
    shift: UUID
    message: UUID
    aside: UUID
    written: UUID
    attached: UUID
    report: UUID
    alert: UUID
    step: UUID
    response: UUID
    response_step: UUID


Text = Callable[[str], str]
Someone = Callable[..., UUID]


@dataclass(frozen=True)
class Making:
    """One province being filled: how its signs are called, and how somebody is made who has one for a name."""

    place: str
    sign: Text
    someone: Someone
    area: UUID
    bring: Callable[[str, str], None]  # by a number, these words

    def fill(self) -> Loop:
        home, spoken, spare = self._communities()
        base, source = self._base(), self._source(home)
        known, unknown = NUMBERS[self.place]
        for number, words in ((known, "raw"), (unknown, "raw-written"), (known, "raw-attached")):
            self.bring(number, self.sign(words))
        message, written, attached = self._came()
        self._waits(message)
        self._written(written, spoken)
        aside = self._aside(self._gone(spare))
        report, alert = self._alert(attached, spoken)
        step = alerts.step(alert, Warned.NOTED, by=self._officer("noter"), words=self.sign("note-words"))
        response, response_step = self._response(alert, base)
        liaison, shift = self._post(base), self._shift()
        told = (home, base, source, liaison, shift, message, aside, written, attached, report, alert, step)
        return Loop(*told, response, response_step)

    def _officer(self, name: str) -> UUID:
        return self.someone(self.place, self.sign(name), Role.WATCH_OFFICER)

    # Places and the network.

    def _communities(self) -> tuple[UUID, UUID, UUID]:
        """Where a source lives, what is spoken of, and one of which no alert speaks."""
        home = self._community("community", also=self.sign("spelling"))
        return home, self._community("told-community"), self._community("spare-community")

    def _community(self, name: str, **told: Any) -> UUID:
        told |= {"name": self.sign(name), "area": self.area, "precision": "village"}
        at = SIDES.index(self.place)
        told |= {"lat": -1_683_511 - at, "lon": 29_000_000 + at}
        return places.add_community(compartment=self.place, by=CONSOLE, **told)

    def _base(self) -> UUID:
        at = SIDES.index(self.place)
        told = {"name": self.sign("base"), "also": self.sign("base-spelling"), "kind": "temporary", "area": self.area}
        return places.add_base(
            compartment=self.place, by=CONSOLE, lat=-1_729_511 - at, lon=29_100_000 + at, precision="spot", **told
        )

    def _source(self, community: UUID) -> UUID:
        told = {"community": community, "kind": "confidential", "contact": "not_now", "reply": "ring_back"}
        return network.enrol_source(compartment=self.place, by=CONSOLE, code=self.sign("source-code"), **told)

    def _gone(self, community: UUID) -> UUID:
        """Somebody who has withdrawn, and of whom a message still waits."""
        made = network.enrol_source(
            compartment=self.place, by=CONSOLE, community=community, kind="hub", code=code(self.place, "gone")
        )
        network.withdraw_source(made, by=CONSOLE)
        return made

    def _post(self, base: UUID) -> UUID:
        assistant = self.someone(self.place, self.sign("assistant"))
        keeper = self.someone(self.place, self.sign("supervisor"), Role.PROVINCIAL_ADVISER)
        told = {"base": base, "languages": self.sign("languages"), "supervisor": keeper}
        return network.add_liaison(compartment=self.place, person=assistant, by=CONSOLE, **told)

    def _shift(self) -> UUID:
        told = {"post": "radio", "starts_at": NOON - HOUR, "ends_at": SHIFT_ENDS}
        return network.add_shift(compartment=self.place, person=self._officer("on-duty"), by=CONSOLE, **told)

    # What came in.

    def _waits(self, message: UUID) -> None:
        """Of somebody enrolled; one person has it."""
        messages.step(message, Handled.CLAIMED, by=self._officer("claimer"))

    def _written(self, message: UUID, community: UUID) -> None:
        """Of somebody not known; a report was made of it and no alert."""
        told = SIX | {"community": community, "words": self.sign("told-words"), "what": "tension"}
        intake.report_from_message(message, by=self._officer("writer"), **told)

    def _came(self) -> list[UUID]:
        """The letters of this province in the order in which they came."""
        found = messages_read.waiting(EVERYTHING)
        told = [row for row in found if row["compartment"] == self.place and row["channel"] == "sms"]
        return [row["id"] for row in sorted(told, key=lambda row: row["received_at"])]

    def _aside(self, source: UUID) -> UUID:
        """Of somebody who has left the network since."""
        made = missed_call(self.place, f"{SIDES.index(self.place):032x}", source=source)
        told = {"code": "other", "words": self.sign("aside-words")}
        messages.step(made, Handled.SET_ASIDE, by=self._officer("setter"), **told)
        return made

    # The alert.

    def _alert(self, message: UUID, community: UUID) -> tuple[UUID, UUID]:
        """Raised from a visit, with what somebody wrote attached, who answers everything otherwise."""
        told = {"compartment": self.place, "by": self._officer("raiser"), "received_at": NOON - HOUR}
        spoken = {"words": self.sign("alert-words"), "community": community, "area": self.area}
        alert = alerts.raise_alert(**told, channel="visit", what="burning", who="armed_group", priority="p2", **spoken)
        answers = SIX | {"words": self.sign("report-words"), "community": community}
        raised = intake.attach_message(message, alert, by=self._officer("attacher"), **answers)
        return raised.report, alert

    def _response(self, alert: UUID, base: UUID) -> tuple[UUID, UUID]:
        told = {"responder": "mission_force", "way": "patrol", "base": base, "words": self.sign("order-words")}
        made = responses.send(alert, by=self._officer("sender"), **told)
        words = self.sign("left-words")
        return made, responses.step(made, Sent.LEFT, by=self._officer("leaver"), words=words)


SHIFT_ENDS = NOON + 5 * HOUR + 43 * MINUTE
SIX: dict[str, Any] = {"what": "people_taken", "happened": "day", "ongoing": "no", "who": "self_defence"}
SIX |= {"people_min": 41, "people_max": 43}


def missed_call(place: str, handle: str, source: UUID | None = None) -> UUID:
    """Written down as the worker does it: the same letter is the same message."""
    told = {"channel": "missed_call", "received_at": NOON, "taken_at": NOON, "phone": "N1", "by": CONSOLE}
    return messages.receive(handle=handle, compartment=place, source=source, **told)


class Exchange:
    """A real gateway beside the node, a phone for each province, one clock for all. Nothing leaves the process."""

    def __init__(self, node: Node) -> None:
        self.node, self.count = node, 0
        self.phones: dict[str, SimulatedPhone] = {}
        chance = SeededChance("gateway of the matrix")
        self.gateway = Gateway(node.home, node.clock, chance, asked=lambda *told: self.phones["north"].asked(*told))
        for place in SIDES:
            self._add(place, f"{place.upper()}-1")

    def _add(self, place: str, phone: str) -> None:
        self.phones[place] = SimulatedPhone(phone, KEY, self.gateway.receive, SeededChance(place))
        self.gateway.add_phone(Phone(phone, place, "Duty room", KEY, sends=DOOR, dials=DOOR))
        self.gateway.enrol_number(NUMBERS[place][0], code(place, "source"))

    def bring(self, place: str, number: str, words: str) -> None:
        """The phone hands it over, and the worker writes it down. Each is a little younger than the last."""
        now = self.node.clock.now()
        self.phones[place].sms(number, words, now - HOUR + self.count * 10 * SECOND)
        self.count += 1
        self.phones[place].tick(now)
        tasks.drain(self.node)

    def somebody(self, place: str) -> UUID:
        """A message of somebody who has never written before."""
        before = {row["id"] for row in messages_read.waiting(EVERYTHING)}
        self.bring(place, f"+99971{self.count:07d}", "Come")
        (made,) = [row["id"] for row in messages_read.waiting(EVERYTHING) if row["id"] not in before]
        found: UUID = made
        return found


@contextmanager
def exchange(node: Node) -> Iterator[Exchange]:
    made = Exchange(node)
    try:
        with inside.serving(made.gateway, made.gateway.folder):
            yield made
    finally:
        made.gateway.close()
