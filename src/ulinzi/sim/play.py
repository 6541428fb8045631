"""The month, done: each act at its own time, through the gateway and the actions that screens call.

No row is written here. What a person would have pressed is pressed, by the person whose work it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ulinzi.alerts import actions as alerts
from ulinzi.alerts import intake
from ulinzi.alerts import tasks as climbing
from ulinzi.alerts.queries import waiting_to_climb
from ulinzi.alerts.rules import Step
from ulinzi.gateway.core import Gateway
from ulinzi.gateway.phones import Phone
from ulinzi.gateway.simulated import SimulatedPhone
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND
from ulinzi.ledger import node as nodes
from ulinzi.ledger import queries as ledger
from ulinzi.messages import actions as messages
from ulinzi.messages import tasks as inbox
from ulinzi.messages.rules import Step as Done
from ulinzi.network import actions as network
from ulinzi.network.rules import new_code
from ulinzi.places import actions as places
from ulinzi.responses import actions as responses
from ulinzi.responses.rules import Step as Move
from ulinzi.sim import country, month
from ulinzi.sim.country import CALLING_CODE, Country, Voice
from ulinzi.sim.month import Call

Act = tuple[int, Callable[[], None]]
PHONES = ("DUTY-1", "DUTY-2")
# The second one was heard last so long before anybody looks.
SILENT_FOR = 47 * MINUTE
PINGS = 15 * MINUTE
LOOKS = HOUR
RINGS = 5 * SECOND
ANSWERED_AFTER, LAST_HOURS = 30 * MINUTE, 6 * HOUR


@dataclass(frozen=True)
class Cast:
    """Who does what, where: ids of people, and the office whose month it is."""

    office: str
    watch: UUID
    liaison: UUID
    commander: UUID
    adviser: UUID
    head: UUID
    administrator: UUID


@dataclass
class Stage:
    """Where it is played: the gateway, its telephones, and what has become a record so far."""

    gateway: Gateway
    cast: Cast
    country: Country
    areas: dict[str, UUID]
    language: str
    phones: dict[str, SimulatedPhone] = field(default_factory=dict)
    villages: dict[int, UUID] = field(default_factory=dict)
    bases: list[UUID] = field(default_factory=list)


def acts(stage: Stage, bad_area: str, now: int) -> Iterator[Act]:
    """Everything that happens in the thirty days before `now`, in no order."""
    begins = now - month.DAYS * DAY
    yield begins - HOUR, lambda: _set_up(stage)
    yield now - 9 * HOUR, lambda: _duties(stage, now)
    for call in month.make(stage.country, bad_area):
        yield from _Course(stage, call, begins + round(call.at * MINUTE), now).acts()
    for ago, call in month.tonight(stage.country):
        yield from _Course(stage, call, now - round(ago * MINUTE), now).acts()
    for at in range(begins, now, LOOKS):
        yield at, lambda at=at: _let_climb(at < now - LAST_HOURS)
    for phone, until in zip(PHONES, (now, now - SILENT_FOR), strict=True):
        for at in range(until - 3 * HOUR, until + 1, PINGS):
            yield at, lambda phone=phone, at=at: _ping(stage, phone, at)


def _let_climb(answered: bool) -> None:
    """Whoever was asked says after a while that they have it; in the last hours nobody has yet."""
    here = nodes.current()
    for row in waiting_to_climb(ledger.compartments()) if answered else ():
        if row["climbed_to"] and here.clock.now() - row["climbed_at"] > ANSWERED_AFTER:
            alerts.step(row["id"], Step.TAKEN, by=row["climbed_to"])
    climbing.let_climb(here)


def _ping(stage: Stage, phone: str, at: int) -> None:
    stage.phones[phone].ping(at)
    stage.phones[phone].tick(at)


# Before the first call.


def _set_up(stage: Stage) -> None:
    chance = nodes.current().chance
    for code in PHONES:
        key = chance.bytes(16).hex().encode()
        # The first one stands for all that work: nobody pings for it while the demonstration runs.
        gap = DAY if code == PHONES[0] else PINGS
        stage.gateway.add_phone(Phone(code, stage.cast.office, code, key, CALLING_CODE, gap))
        stage.phones[code] = SimulatedPhone(code, key, stage.gateway.receive, chance)
    _places(stage)
    for number, village in enumerate(stage.country.villages):
        for voice in village.voices:
            _enrol(stage, number, voice)


def _places(stage: Stage) -> None:
    by, office = stage.cast.adviser, stage.cast.office
    for number, one in enumerate(stage.country.villages):
        told = {"name": one.name, "also": one.also or None, "area": stage.areas[one.area]}
        where = {"lon": one.lon, "lat": one.lat, "precision": "village"}
        stage.villages[number] = places.add_community(compartment=office, by=by, **told, **where)
    for one in stage.country.posts:
        told = {"name": one.name, "kind": one.kind, "area": stage.areas[one.area]}
        where = {"lon": one.lon, "lat": one.lat, "precision": "spot"}
        stage.bases.append(places.add_base(compartment=office, by=by, **told, **where))


def _enrol(stage: Stage, village: int, voice: Voice) -> None:
    """As at the console: the number goes to the gateway, the code to the network."""
    code = new_code(nodes.current().chance)
    told = {"community": stage.villages[village], "kind": voice.kind, "contact": voice.contact, "reply": voice.reply}
    network.enrol_source(compartment=stage.cast.office, by=stage.cast.liaison, code=code, **told)
    stage.gateway.enrol_number(voice.number, code)


def _duties(stage: Stage, now: int) -> None:
    cast = stage.cast
    network.add_liaison(compartment=cast.office, person=cast.liaison, base=stage.bases[0], by=cast.head)
    for post, person in (("watch", cast.watch), ("duty_phone", cast.liaison)):
        for start, hours in ((now - 8 * HOUR, 12), (now + 4 * HOUR, 12)):
            told = {"starts_at": start, "ends_at": start + hours * HOUR}
            network.add_shift(compartment=cast.office, person=person, post=post, by=cast.head, **told)


# One call, from the telephone to the end of it.


class _Course:
    """What is done about one call, and the records it has become."""

    def __init__(self, stage: Stage, call: Call, came: int, now: int) -> None:
        self.stage, self.call, self.came, self.now = stage, call, came, now
        self.message = self.alert = self.response = UUID(int=0)

    def acts(self) -> Iterator[Act]:
        """Those that lie before the moment at which somebody looks."""
        for minutes, act in self._course():
            if self.at(minutes) < self.now:
                yield self.at(minutes), act

    def at(self, minutes: float) -> int:
        return self.came + round((minutes + self.call.delay) * MINUTE)

    def _course(self) -> Iterator[tuple[float, Callable[[], None]]]:
        course = self.call.course
        yield 0, self.ring
        if course.did == "waiting":
            return
        yield course.taken, self.take
        if self.call.second is not None and course.did not in ("test", "reported"):
            yield course.taken + 4, self.second
        steps = (self._after_taking(), self._responding(), self._ending())
        for minutes, act in (one for listed in steps for one in listed):
            if minutes is not None:
                yield minutes, act

    def _after_taking(self) -> Iterable[tuple[float | None, Callable[[], None]]]:
        course, by = self.call.course, self.stage.cast.watch
        if course.did in ("test", "reported"):
            return [(course.taken + 1 if course.did == "test" else None, self.close)]
        return [
            (course.paused, lambda: self.step(Step.PAUSED, by, code="not_safe")),
            (course.verified, lambda: self.step(Step.VERIFIED, by, code=course.finding)),
            (course.verified and course.verified + 2, lambda: self.step(Step.TOLD, by, code="army")),
            (course.decided, self.decide),
        ]

    def _responding(self) -> Iterable[tuple[float | None, Callable[[], None]]]:
        course = self.call.course
        if course.did != "answered" or course.decided is None:
            return []
        return [
            (course.left, lambda: self.move(Move.LEFT)),
            (course.arrived and course.arrived + course.written, self.arrive),
            (course.confirmed, self.confirm),
            (course.ended, lambda: self.move(Move.ENDED, outcome=course.outcome)),
        ]

    def _ending(self) -> Iterable[tuple[float | None, Callable[[], None]]]:
        course, by = self.call.course, self.stage.cast.liaison
        if course.did not in ("answered", "refused", "left"):
            return []
        told = lambda: self.step(Step.FED_BACK, by, code=course.feedback)  # noqa: E731 - one line among its like
        return [(course.fed_back, told), (course.closed, self.close)]

    # Acts.

    def ring(self) -> None:
        """The telephone has it when it finds a network; the gateway may hear of it five times."""
        self.message = self._received(self.call.voice)

    def _received(self, voice: Voice) -> UUID:
        phone, now = self.stage.phones[self.call.phone], nodes.current().clock.now()
        said = self.came if voice is self.call.voice else now
        if self.call.channel == "sms":
            words = f"{month.CODES[self.call.what]} {self._said()}"
            raw = phone.sms(voice.number, words, said)
        else:
            phone.bip(voice.number, said)
            raw = b""
        phone.tick(now + RINGS)
        for _again in range(self.call.copies - 1 if raw else 0):
            self.stage.gateway.receive(phone.code, phone.headers(raw, now), raw)
        letters = self.stage.gateway.pending()
        inbox.drain(nodes.current())
        return messages.message_id(self.stage.cast.office, letters[-1]["handle"])

    def _said(self) -> str:
        return month.SAID[self.stage.language][self.call.what]

    def take(self) -> None:
        """Called back, politely; what was said becomes a report, and mostly an alert."""
        by, course = self.stage.cast.watch, self.call.course
        messages.step(self.message, Done.CLAIMED, by=by)
        messages.offer(self.message, by=by)
        messages.step(self.message, Done.CALLED, by=by, code=course.called)
        if course.did == "reported":
            intake.report_from_message(self.message, by=by, **self._answers())
            return
        raised = intake.alert_from_message(self.message, priority=self.call.priority, by=by, **self._answers())
        self.alert = raised.alert

    def second(self) -> None:
        """Somebody else of the village says the same."""
        if self.call.second is None or self.alert == UUID(int=0):
            return
        by, message = self.stage.cast.liaison, self._received(self.call.second)
        messages.step(message, Done.CLAIMED, by=by)
        intake.attach_message(message, self.alert, by=by, **self._answers())

    def _answers(self) -> dict[str, Any]:
        low, high = self.call.people
        why = {"unknown_why": "not_seen"} if self.call.who == "unknown" else {}
        told = {"what": self.call.what, "who": self.call.who, "happened": "hour", "ongoing": "yes", **why}
        told |= {"people_min": low, "people_max": high, "community": self.stage.villages[self.call.village]}
        return told | {"words": self._said().capitalize() + "."}

    def step(self, kind: Step, by: UUID, **told: Any) -> None:
        alerts.step(self.alert, kind, by=by, **told)

    def decide(self) -> None:
        course, cast = self.call.course, self.stage.cast
        if course.did in ("refused", "left"):
            self.step(Step.DECIDED, cast.watch, code="no_response", reason=course.why_not)
            return
        if course.did == "answered":
            told = {"responder": course.responder, "way": course.way, "base": self._base()}
            self.response = responses.send(self.alert, by=cast.watch, words=self._said(), **told)

    def _base(self) -> UUID | None:
        ours = self.call.course.responder.startswith("mission")
        return self.stage.bases[self.call.village % len(self.stage.bases)] if ours else None

    def move(self, kind: Move, **told: Any) -> None:
        responses.step(self.response, kind, by=self.stage.cast.commander, **told)

    def arrive(self) -> None:
        self.move(Move.ARRIVED, happened_at=self.at(self.call.course.arrived or 0))

    def confirm(self) -> None:
        responses.confirm(self.response, by=self.stage.cast.watch)

    def close(self) -> None:
        """With word back, or with the reason why there was none."""
        course = self.call.course
        told = "cannot_reach" if course.fed_back is None else "fed_back"
        self.step(Step.CLOSED, self.stage.cast.watch, code="test" if course.did == "test" else told)


def cast_of(office: str, people: Callable[[str], UUID]) -> Cast:
    """The invented people whose work it is, by their codes."""
    found = {"watch": "odhal", "liaison": "vessin", "commander": "dusane", "adviser": "telwe", "head": "rensa"}
    return Cast(office, administrator=people("ferro"), **{role: people(code) for role, code in found.items()})


def stage_of(mission: str, gateway: Gateway, cast: Cast, areas: dict[str, UUID], language: str) -> Stage:
    return Stage(gateway, cast, country.make(mission, list(areas)), areas, language)
