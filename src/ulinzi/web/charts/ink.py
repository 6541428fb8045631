"""SVG as text: shapes with classes and attributes, no style and no script. Pure.

On a page the classes take the tokens of the light that is chosen. In a file of its own nothing but the attributes is
left, and they draw in black on white.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from ulinzi.web import plain

# Room of one sign of the text, more than the widest of our fonts takes on average.
SIGN, LINE = 6.8, 16
# What no XML file may hold.
_NEVER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_SIGNS = {"text": 'font-size="12" font-family="sans-serif" fill="currentColor"'}


def text_of(words: str) -> str:
    """What somebody wrote, as text and never as markup, for an element or an attribute."""
    return escape(_NEVER.sub("\ufffd", plain.visible(words)), quote=True)


def at(value: float) -> str:
    """A coordinate as SVG writes it: with a point in every language, and no longer than an eye can tell."""
    told = f"{value:.1f}".removesuffix(".0")
    return "0" if told == "-0" else told


def line(kind: str, x1: float, y1: float, x2: float, y2: float, drawn: str = "") -> str:
    ends = f'x1="{at(x1)}" y1="{at(y1)}" x2="{at(x2)}" y2="{at(y2)}"'
    return f'<line class="{kind}" {ends} stroke="currentColor"{_more(drawn)}/>'


def rect(kind: str, x: float, y: float, width: float, height: float, drawn: str) -> str:
    return f'<rect class="{kind}" x="{at(x)}" y="{at(y)}" width="{at(width)}" height="{at(height)}"{_more(drawn)}/>'


def circle(kind: str, x: float, y: float, radius: float, drawn: str) -> str:
    return f'<circle class="{kind}" cx="{at(x)}" cy="{at(y)}" r="{at(radius)}"{_more(drawn)}/>'


def path(kind: str, places: Sequence[tuple[float, float]], drawn: str, *, closed: bool = False) -> str:
    along = "L".join(f"{at(x)} {at(y)}" for x, y in places)
    return f'<path class="{kind}" d="M{along}{"Z" if closed else ""}"{_more(drawn)}/>'


def text(kind: str, x: float, y: float, words: str, anchor: str = "start") -> str:
    anchored = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class="{kind}" x="{at(x)}" y="{at(y)}" {_SIGNS["text"]}{anchored}>{text_of(words)}</text>'


def _more(drawn: str) -> str:
    return f" {drawn}" if drawn else ""


def wide(words: str) -> float:
    return len(words) * SIGN


def held(x: float, words: str, width: float) -> tuple[float, str]:
    """Where a word centred on x stands so that none of it leaves the picture."""
    half = wide(words) / 2
    if x - half < 0:
        return 0, "start"
    return (width, "end") if x + half > width else (x, "middle")


def cut(words: str, room: float) -> str:
    """As much as fits; the table below says the rest."""
    most = max(int(room / SIGN), 1)
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def wrapped(words: str, room: float) -> list[str]:
    """Lines that fit; a word that is longer than a line is cut."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and wide(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [cut(one, room) for one in lines]


def block(kind: str, x: float, y: float, lines: Iterable[str], anchor: str = "start") -> list[str]:
    return [text(kind, x, y + place * LINE, one, anchor) for place, one in enumerate(lines)]


def picture(kind: str, width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """One picture with a sentence for whoever hears it."""
    return (
        f'<svg class="ch {kind}" viewBox="0 0 {at(width)} {at(height)}" width="{at(width)}" height="{at(height)}"'
        f' role="img" aria-label="{text_of(label)}" color="black">{"".join(parts)}</svg>'
    )


def document(title: str, width: float, parts: Sequence[tuple[str, float]]) -> str:
    """A file of its own: pictures one below the other, each with its height, black on white."""
    inside, down = [], 0.0
    for part, height in parts:
        inside.append(f'<g transform="translate(0 {at(down)})">{part}</g>')
        down += height
    size = f'width="{at(width)}" height="{at(down)}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" {size}'
        f' viewBox="0 0 {at(width)} {at(down)}" color="black"><title>{text_of(title)}</title>'
        f'<rect {size} fill="white"/>{"".join(inside)}</svg>\n'
    )
