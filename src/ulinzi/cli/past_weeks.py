"""The half-year before a demonstration's last ten days: routine promises, week after week, most of them kept.

Made by rule and without chance, so that every demonstration has the same; nobody's real weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from ulinzi.cli.past import DONE, TAKEN, Act, Story
from ulinzi.desk.rules import Step

WEEK = 7 * 24.0
WEEKS = 24
# How often each kind is promised in a week.
EACH = 5
# The road was cut: nothing was promised, and nothing arrived.
CUT = (9, 10)
# What is promised, in French and in English; what it rests on, hours until it is due, who does it.
KINDS = (
    ("{area} : rappeler le comité", "Call back the committee of {area}", "promise", 20, "vessin"),
    ("{area} : dire ce qu’est devenue l’alerte", "Tell {area} what came of its warning", "rule", 44, "odhal"),
    ("{area} : patrouille au marché", "Patrol on market day in {area}", "order", 30, "dusane"),
    ("{area} : vérifier la liste des contacts", "Check the contact list of {area}", "own", 70, "telwe"),
)
LEFT = {True: "Ils disent que ce n’est plus nécessaire.", False: "They said that it is no longer needed."}
# What came of it, in turn: done so many hours before (after: negative) its time; None is set aside.
OUTCOMES = (6.0, 3.0, -5.0, 9.0, 2.0, 4.0, None, -30.0, 5.0, 1.0, 7.0)


def stories(areas: Sequence[tuple[str, str, str]], *, french: bool) -> tuple[Story, ...]:
    """`areas`: where a promise was made: compartment, code and name of each."""
    return tuple(_all(areas, french))


def _all(areas: Sequence[tuple[str, str, str]], french: bool) -> Iterator[Story]:
    turns = product(range(WEEKS, 1, -1), range(EACH), KINDS)
    for n, (week, _turn, kind) in enumerate(turn for turn in turns if turn[0] not in CUT):
        first, english, basis, hours, who = kind
        compartment, code, name = areas[n % len(areas)]
        title = (first if french else english).format(area=name)
        due = -(week * WEEK) + (n % 5) * 24.0
        acts = _acts(who, due, OUTCOMES[n * week % len(OUTCOMES)], LEFT[french])
        yield Story(hours - due, "odhal", compartment, code, title, acts, due=due, basis=basis)


def _acts(who: str, due: float, early: float | None, left: str) -> tuple[Act, ...]:
    """Taken ten hours before its time, then done, or set aside."""
    taken = Act(10 - due, who, TAKEN)
    if early is None:
        return taken, Act(4 - due, who, Step.SET_ASIDE, left)
    return taken, Act(early - due, who, DONE)
