"""Thirty days: who called, what it was, and what the mission did about it. Pure: the same seed, the same month.

In one area almost half of the urgent warnings are left unanswered; a telephone falls silent; messages come five times,
or two days late. What is to be seen in the demonstration is here and not in chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from ulinzi.reports.rules import PRIORITY_OF
from ulinzi.sim.country import Country, Voice

DAYS = 30
A_DAY = 24 * 60
EACH_DAY = 4
# Shares of what people tell, and of who is said to have done it.
WHAT = {
    "armed_men": 30, "attack_coming": 13, "attack_now": 10, "people_taken": 7, "people_fleeing": 9, "burning": 6,
    "tension": 10, "forces_left": 5, "people_killed": 5, "people_hurt": 5,
}  # fmt: skip
WHO = {"armed_unknown": 40, "armed_group": 30, "self_defence": 10, "army": 8, "civilians": 7, "unknown": 5}
RESPONDERS = {"mission_force": 45, "army": 30, "mission_police": 8, "mission_civilian": 9, "community": 8}
OUTCOMES = {"attackers_left": 30, "nothing_found": 25, "prevented": 12, "too_late": 18, "people_helped": 10, "clash": 5}
WHY_NOT = {
    "out_of_reach": 35,
    "no_asset": 25,
    "road_or_weather": 15,
    "stale": 10,
    "movement_denied": 8,
    "not_credible": 7,
}
FINDINGS = ("corroborated", "two_sources", "trained_observer")
FEEDBACK = ("visit", "liaison", "committee", "radio")
# In the bad area, of so many urgent warnings so many are left alone.
OF, LEFT_ALONE = 20, 9


@dataclass(frozen=True)
class Course:
    """What the mission does, in minutes after the message came; None is never. `did` is how it ends."""

    did: str  # answered, refused, left, test, aside, reported, waiting
    taken: float = 6
    called: str = "safe"
    verified: float | None = 20
    finding: str = "corroborated"
    decided: float | None = 35
    why_not: str = ""
    responder: str = "mission_force"
    way: str = "patrol"
    left: float | None = 45
    arrived: float | None = 80
    written: float = 0  # how long after their arrival somebody wrote it down
    confirmed: float | None = None
    ended: float | None = 200
    outcome: str = "attackers_left"
    fed_back: float | None = 600
    feedback: str = "liaison"
    closed: float | None = 620
    paused: float | None = None


@dataclass(frozen=True)
class Call:
    """Somebody wants to tell something: `at` minutes after the month began."""

    at: float
    village: int
    voice: Voice
    channel: str
    what: str
    who: str
    people: tuple[int | None, int | None]
    course: Course
    copies: int = 1
    delay: float = 0  # how long their telephone found no network
    second: Voice | None = None  # somebody else of the village says the same
    phone: str = "DUTY-1"

    @property
    def priority(self) -> str:
        return PRIORITY_OF[self.what]


def make(country: Country, bad_area: str, seed: int = 1, days: int = DAYS) -> list[Call]:
    """All of them, the first first. `bad_area`: where nobody comes so often."""
    chance = Random(f"month:{seed}")
    found = [_call(country, day * A_DAY, chance) for day in range(days - 1) for _ in range(EACH_DAY)]
    return sorted(_left_alone(found, country, bad_area, chance), key=lambda one: one.at)


def _left_alone(found: Iterable[Call], country: Country, bad_area: str, chance: Random) -> Iterator[Call]:
    """Where nobody comes so often: of the urgent warnings there, exactly that share."""
    urgent = 0
    for one in found:
        if country.villages[one.village].area != bad_area or one.priority not in ("p1", "p2"):
            yield one
            continue
        urgent += 1
        alone = urgent * LEFT_ALONE % OF < LEFT_ALONE
        yield replace(one, course=_alone(one.course.taken, chance)) if alone else one


def _call(country: Country, day: float, chance: Random) -> Call:
    callable_ = [n for n, one in enumerate(country.villages) if any(voice.contact == "call" for voice in one.voices)]
    village = chance.choice(callable_)
    voices = [one for one in country.villages[village].voices if one.contact == "call"]
    what, late = _of(WHAT, chance), chance.random()
    at = day + _hour(chance) * 60 + chance.random() * 60
    course = _course(chance)
    return Call(
        at, village, voices[0], chance.choice(("missed_call", "missed_call", "sms")), what, _of(WHO, chance),
        _people(chance), course,
        copies=5 if late < 0.05 else 1, delay=2 * A_DAY if late > 0.97 else 0,
        second=voices[1] if len(voices) > 1 and chance.random() < 0.25 else None,
    )  # fmt: skip


def _hour(chance: Random) -> int:
    """Most of it is at night."""
    return chance.choices(range(24), [4] * 5 + [2] * 4 + [1] * 9 + [3] * 6)[0]


def _of(shares: dict[str, int], chance: Random) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]


def _people(chance: Random) -> tuple[int | None, int | None]:
    many = chance.choice((None, 6, 12, 20, 40, 80))
    return many, None if many is None else many * chance.choice((1, 2))


def _course(chance: Random) -> Course:
    taken = chance.expovariate(1 / 8) + 1
    dice = chance.random()
    if dice < 0.04:
        return Course("test", taken)
    if dice < 0.09:
        return Course("reported", taken)
    if dice < 0.16:
        return _refused(taken, chance)
    return _answered(taken, chance)


def _alone(taken: float, chance: Random) -> Course:
    """Somebody took it and told others; nobody came, and no word went back. Mostly it ends days later with a reason."""
    verified = taken + 25 if chance.random() < 0.5 else None
    days = chance.choice((2, 3, 5, None)) if verified else 6
    ends = days and days * A_DAY
    return Course(
        "left", taken, verified=verified, decided=ends, why_not=_of(WHY_NOT, chance), left=None, arrived=None,
        ended=None, fed_back=None, closed=ends and ends + 30,
    )  # fmt: skip


def _refused(taken: float, chance: Random) -> Course:
    decided = taken + chance.uniform(15, 120)
    back = decided + chance.uniform(60, 1500) if chance.random() < 0.5 else None
    return Course(
        "refused", taken, verified=taken + 12, decided=decided, why_not=_of(WHY_NOT, chance), left=None, arrived=None,
        ended=None, fed_back=back, closed=(back or decided) + 30,
    )  # fmt: skip


def _answered(taken: float, chance: Random) -> Course:
    verified = taken + chance.uniform(3, 30)
    decided = verified + chance.uniform(3, 40)
    left = decided + chance.uniform(5, 30)
    arrived = left + chance.lognormvariate(3.6, 0.6)
    responder = _of(RESPONDERS, chance)
    talks = responder in ("mission_civilian", "community") and chance.random() < 0.5
    written = 240 if chance.random() < 0.12 else 0
    ended = arrived + written + chance.uniform(40, 400)
    sure = (
        arrived + written + 60 if responder in ("army", "community") and chance.random() < 0.4 and not talks else None
    )
    back = ended + chance.uniform(30, 2500) if chance.random() < 0.7 else None
    return Course(
        "answered", taken, verified=verified, finding=chance.choice(FINDINGS),
        decided=decided, responder=responder, way="talk" if talks else chance.choice(("patrol", "quick_reaction")),
        left=left, arrived=arrived, written=written,
        confirmed=sure, ended=ended,
        outcome=_of(OUTCOMES, chance), fed_back=back, feedback=chance.choice(FEEDBACK),
        closed=max(back or ended, sure or ended) + 60,
    )  # fmt: skip


def tonight(country: Country) -> Iterator[tuple[float, Call]]:
    """What stands open when somebody opens the door: minutes ago, and the warning. Each waits for something else."""
    free = [n for n, one in enumerate(country.villages) if len([v for v in one.voices if v.contact == "call"]) > 1]
    for place, (ago, channel, what, who, course, more) in enumerate(_TONIGHT):
        village = free[place % len(free)]
        voices = [one for one in country.villages[village].voices if one.contact == "call"]
        second = voices[1] if more else None
        yield ago, Call(0, village, voices[0], channel, what, who, (None, None), course, second=second)


_OPEN: dict[str, Any] = {"left": None, "arrived": None, "ended": None, "fed_back": None, "closed": None}
_TONIGHT: Sequence[tuple[float, str, str, str, Course, bool]] = (
    # Told this morning, reached, and nobody has gone back to say so.
    (1500, "sms", "burning", "armed_group", Course("answered", fed_back=None, closed=None), False),
    # The army says that it was there.
    (700, "missed_call", "armed_men", "armed_unknown",
     Course("answered", responder="army", arrived=150, written=200, fed_back=None, closed=None, ended=None), False),
    (410, "missed_call", "tension", "civilians", Course("left", verified=60, decided=None, **_OPEN), False),
    # On the way, and late.
    (500, "missed_call", "armed_men", "armed_group",
     Course("answered", left=70, arrived=None, ended=None, fed_back=None, closed=None), True),
    (150, "sms", "people_taken", "armed_unknown", Course("refused", why_not="out_of_reach", **_OPEN), False),
    (95, "sms", "attack_coming", "armed_group", Course("left", called="not_safe", paused=12, verified=None,
                                                       decided=None, **_OPEN), False),
    (58, "missed_call", "attack_now", "armed_unknown", Course("left", verified=9, decided=None, **_OPEN), True),
    (24, "missed_call", "people_fleeing", "army", Course("left", verified=None, decided=None, **_OPEN), False),
    (19, "missed_call", "attack_now", "armed_unknown", Course("waiting"), False),
    (7, "sms", "armed_men", "unknown", Course("waiting"), False),
    (3, "missed_call", "attack_coming", "unknown", Course("waiting"), False),
)  # fmt: skip

# What they say, by the mission's language: the code of its sheet first.
CODES = {
    "armed_men": "13", "attack_coming": "12", "attack_now": "11", "people_taken": "23", "people_fleeing": "42",
    "burning": "51", "tension": "61", "forces_left": "15", "people_killed": "21", "people_hurt": "22",
}  # fmt: skip
SAID = {
    "fr": {
        "armed_men": "six hommes avec des fusils vont vers la rivière",
        "attack_coming": "ils ont dit qu’ils viennent ce soir",
        "attack_now": "on tire près de l’école",
        "people_taken": "deux jeunes ont été emmenés au champ",
        "people_fleeing": "les familles partent vers la colline",
        "burning": "des maisons brûlent",
        "tension": "on parle de vengeance au marché",
        "forces_left": "la position est vide depuis hier",
        "people_killed": "il y a des morts au moulin",
        "people_hurt": "des blessés au pont",
    },
    "en": {
        "armed_men": "six men with guns are going to the river",
        "attack_coming": "they said they will come tonight",
        "attack_now": "shooting near the school",
        "people_taken": "two youths were taken in the field",
        "people_fleeing": "families are leaving for the hill",
        "burning": "houses are burning",
        "tension": "people talk of revenge at the market",
        "forces_left": "the post has been empty since yesterday",
        "people_killed": "there are dead at the mill",
        "people_hurt": "people hurt at the bridge",
    },
}
