"""A mission's logo: one colour, drawn with the plainest elements of SVG.

It is set into pages, so only what is on the lists below goes through: nothing in it can act, load or point elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ulinzi.kernel.errors import Refused

MOST_BYTES = 16 * 1024
_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset({"g", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon"})
_PLACES = frozenset({"d", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "points", "width", "height"})
_STROKES = frozenset(
    {"stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray", "fill-rule", "transform"}
)
# One colour, that of the text beside it: it works by night and on paper.
_PAINTS = {"fill": ("none", "currentColor"), "stroke": ("none", "currentColor")}
_DEEPEST = 8
# Numbers, letters of paths, the few words of strokes and transforms. No colon, quote or angle: no address, no markup.
_VALUE = re.compile(r"[A-Za-z0-9 ,.()\n+-]*")
_BOX = re.compile(r"0 0 [0-9]{1,4} [0-9]{1,4}")


@dataclass(frozen=True)
class Logo:
    file: str
    box: str
    drawing: str
    """Markup for the inside of an `svg` element, written anew from what was read."""


def load(file: Path, found: bytes) -> Logo:
    top = _parsed(file, found)
    box = top.attrib.pop("viewBox", "")
    if top.tag != f"{_SVG}svg" or not _BOX.fullmatch(box):
        raise Refused("mission_logo_not_allowed", file=str(file), row="svg", field="viewBox")
    for name in ("width", "height"):  # the page says how large it is
        top.attrib.pop(name, None)
    return Logo(file.name, box, f"<g{_attributes(file, top, _STROKES)}>{_drawn(file, top, _DEEPEST)}</g>")


def _parsed(file: Path, found: bytes) -> Element:
    try:
        # One encoding, so that nothing hides from the look at "<!": an entity of entities fills the memory.
        text = found.decode("utf-8")
        if "<!" in text.replace("<!--", ""):
            raise ValueError("a declaration")
        return ElementTree.fromstring(text)  # noqa: S314 short, and it declares nothing
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Refused("mission_logo_not_allowed", file=str(file), row="-", field=type(error).__name__) from error


def _drawn(file: Path, above: Element, deep: int) -> str:
    drawn = []
    for one in above:
        name = one.tag.removeprefix(_SVG)
        if name not in _ELEMENTS or not deep or (one.text or "").strip() or (one.tail or "").strip():
            raise Refused("mission_logo_not_allowed", file=str(file), row=name, field="-")
        inside = _drawn(file, one, deep - 1)
        drawn.append(f"<{name}{_attributes(file, one, _PLACES | _STROKES)}>{inside}</{name}>")
    return "".join(drawn)


def _attributes(file: Path, one: Element, known: frozenset[str]) -> str:
    for name, value in one.attrib.items():
        fits = value in _PAINTS[name] if name in _PAINTS else name in known and _VALUE.fullmatch(value)
        if not fits:
            raise Refused("mission_logo_not_allowed", file=str(file), row=one.tag.removeprefix(_SVG), field=name)
    return "".join(f' {name}="{value}"' for name, value in one.attrib.items())
