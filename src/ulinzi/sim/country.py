"""Villages, the people there who may call, and the bases near them. The same seed gives the same country."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

VILLAGES, HOMONYMS = 40, 12
# Of no country: 999 is given to none.
CALLING_CODE = "999"
# Invented syllables, by mission: what people call places there.
SYLLABLES = {
    "belavi": (("Or", "Tel", "San", "Ka", "Mu", "Lo", "Ri", "Bel", "Ha", "No"), ("u", "a", "e", "o", "i"),
               ("mbe", "rra", "vek", "lune", "sho", "dra", "tiri", "kor")),
    "osmere": (("Brin", "Wel", "Hask", "Tor", "Ell", "Mar", "Quin", "Sal", "Ves", "Ott"), ("a", "e", "o"),
               ("mere", "holm", "wick", "stead", "fell", "nay", "rick", "lode")),
}  # fmt: skip
KINDS = ("elected", "elected", "confidential", "committee")


@dataclass(frozen=True)
class Voice:
    """Somebody with a telephone. `enrolled` is false for people whom nobody knows yet."""

    number: str
    kind: str
    contact: str = "call"
    reply: str = "none"
    enrolled: bool = True


@dataclass(frozen=True)
class Village:
    name: str
    also: str
    area: str
    lon: int
    lat: int
    voices: tuple[Voice, ...]


@dataclass(frozen=True)
class Post:
    name: str
    kind: str
    area: str
    lon: int
    lat: int


@dataclass(frozen=True)
class Country:
    villages: tuple[Village, ...]
    posts: tuple[Post, ...]


def make(mission: str, areas: Sequence[str], seed: int = 1) -> Country:
    """`areas`: codes of the areas that villages lie in."""
    chance = Random(f"{mission}:{seed}")
    names = _names(mission, chance)
    villages = tuple(_village(name, areas[n % len(areas)], n, chance) for n, name in enumerate(names))
    kinds = ("company", "company", "temporary", "police", "office")
    posts = tuple(
        Post(names[n * 3], kind, areas[n % len(areas)], *_near(n * 3, chance)) for n, kind in enumerate(kinds)
    )
    return Country(villages, posts)


def _names(mission: str, chance: Random) -> list[str]:
    """Forty villages of which twelve are called like another one: that is how countries are."""
    first, middle, last = SYLLABLES[mission]
    made: dict[str, None] = {}
    while len(made) < VILLAGES - HOMONYMS // 2:
        made[chance.choice(first) + chance.choice(middle) + chance.choice(last)] = None
    unlike = list(made)
    return unlike + unlike[: HOMONYMS // 2]


def _village(name: str, area: str, n: int, chance: Random) -> Village:
    many = chance.choice((1, 2, 3, 3, 4))
    voices = tuple(_voice(n, place, chance) for place in range(many))
    also = f"{name} {chance.choice(('I', 'II', 'Centre'))}" if chance.random() < 0.3 else ""
    return Village(name, also, area, *_near(n, chance), voices)


def _voice(n: int, place: int, chance: Random) -> Voice:
    number = f"+{CALLING_CODE}70{n:02d}{place}{chance.randrange(100):02d}"
    contact = chance.choices(("call", "not_now", "never"), (90, 7, 3))[0]
    kind = KINDS[(n + place) % len(KINDS)]
    return Voice(number, kind, contact, "sms" if contact == "call" and chance.random() < 0.1 else "none")


def _near(n: int, chance: Random) -> tuple[int, int]:
    """Somewhere in an empty stretch of ocean, in millionths of a degree."""
    return -20_000_000 + (n % 8) * 120_000 + chance.randrange(40) * 1_000, -30_000_000 + (n // 8) * 120_000
