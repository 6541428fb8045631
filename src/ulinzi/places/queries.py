from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from ulinzi.accounts.rules import Act, Rights, withhold
from ulinzi.kernel.errors import NotFound
from ulinzi.kernel.folding import folded
from ulinzi.kernel.ids import in_order
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.history import Erased, Event
from ulinzi.ledger.shapes import Row, Sensitivity, Shape
from ulinzi.places import rules
from ulinzi.places.models import Area, Base, Community


def areas(compartments: Sequence[str]) -> list[Row]:
    """Areas by name."""
    if not compartments:
        return []
    marks = ", ".join(["%s"] * len(compartments))
    return tables.read(node.current(), Area.shape, f"compartment IN ({marks}) ORDER BY name, id", list(compartments))


def names(areas: Iterable[UUID]) -> dict[UUID, str]:
    """What these areas are called; an area that is not here has no name here."""
    wanted = {area for area in areas if area}
    return {row["id"]: row["name"] for row in tables.by_ids(node.current(), Area.shape, wanted)}


def known_area(record: UUID, reader: Rights) -> Row:
    """For whoever may see the tasks there: which areas a province tells apart says where it has people."""
    found = tables.by_ids(node.current(), Area.shape, [record])
    if not found or not _sees(reader, found[0]):
        raise NotFound("record_not_found", record=str(record))
    return found[0]


def known_names(areas: Iterable[UUID], reader: Rights) -> dict[UUID, str]:
    """Of those that the reader may know of: an area of one province may name one of another as what it is part of."""
    found = tables.by_ids(node.current(), Area.shape, {area for area in areas if area})
    return {row["id"]: row["name"] for row in found if _sees(reader, row)}


def _sees(reader: Rights, area: Row) -> bool:
    return reader.may(Act.SEE_TASKS, area["compartment"])


def area_history(area: Row, reader: Rights) -> list[Event]:
    """What happened to an area. Reasons are words, and lie deeper than its name does."""
    found = ledger_queries.history(Area.shape.label, area["id"])
    if reader.sees(Sensitivity.CONFIDENTIAL, Act.SEE_TASKS, area["compartment"]):
        return found
    return [_without_words(event) for event in found]


def _without_words(event: Event) -> Event:
    return replace(event, reason="", erasures=[Erased(one.groups, "", one.second) for one in event.erasures])


# Communities and bases. Lists are for those who see the network. Whoever answers an alert is told its place by name,
# and which bases there are, but never whose people talk to us.

_BY_NAME = (Act.SEE_NETWORK, Act.SEE_ALERTS)
# How many ids one question names.
_AT_ONCE = 400
_NO_POSITION = {"lon": None, "lat": None, "precision": None, "withheld": frozenset({"position"})}


def communities(reader: Rights) -> list[Row]:
    """By name."""
    return _listed(Community.shape, reader, (Act.SEE_NETWORK,))


def bases(reader: Rights) -> list[Row]:
    """By name."""
    return _listed(Base.shape, reader, _BY_NAME)


def community(record: UUID, reader: Rights) -> Row:
    return _one(Community.shape, record, reader)


def base(record: UUID, reader: Rights) -> Row:
    return _one(Base.shape, record, reader)


def place_names(records: Iterable[UUID | None], reader: Rights) -> dict[UUID, str]:
    """What these communities and bases are called, as far as the reader may know."""
    opened = (_open_to(reader, shape, row) for shape, row in _named({one for one in records if one}))
    return {row["id"]: row["name"] or "" for row in opened if row is not None}


def _named(records: Collection[UUID]) -> Iterator[tuple[Shape, Row]]:
    """No more of them than their names, and both kinds in one question: most pages ask."""
    here, listed = node.current(), sorted(records, key=in_order)
    for start in range(0, len(listed), _AT_ONCE):
        chunk = listed[start : start + _AT_ONCE]
        marks = ", ".join(["%s"] * len(chunk))
        asked = [
            f"SELECT {number}, id, compartment, name FROM {tables.table(shape).name} WHERE id IN ({marks})"
            for number, shape in enumerate(_SHAPES)
        ]
        values = tables.id_params(here, chunk) * len(_SHAPES)
        for number, record, place, name in ledger_queries.read(" UNION ALL ".join(asked), values):
            yield _SHAPES[number], Row(id=tables.to_uuid(record), compartment=place, name=name)


class Found(NamedTuple):
    communities: list[Row]
    bases: list[Row]
    more: bool  # others fit too, and are left out

    @property
    def places(self) -> list[Row]:
        return [*self.communities, *self.bases]


def find_communities(reader: Rights, words: str, limit: int = 20) -> list[Row]:
    """Those that somebody may mean by these words, for whoever asks for no base."""
    return _matching(Community.shape, reader, words, _LISTED[Community.shape])[:limit]


def find_places(reader: Rights, words: str, limit: int = 20) -> Found:
    """Those that somebody may mean by these words, the best first. Which one is meant, a person says."""
    found = [_matching(shape, reader, words, acts) for shape, acts in _LISTED.items()]
    return Found(found[0][:limit], found[1][:limit], any(len(one) > limit for one in found))


_SHAPES = (Community.shape, Base.shape)
_LISTED: Mapping[Shape, tuple[Act, ...]] = {Community.shape: (Act.SEE_NETWORK,), Base.shape: _BY_NAME}


def _matching(shape: Shape, reader: Rights, words: str, acts: Sequence[Act]) -> list[Row]:
    """The database holds back what has the words nowhere; which of the rest fits best, the rule says."""
    wanted = folded(words)
    if not wanted:
        return []
    pattern = "".join(f"!{sign}" if sign in "!%_" else sign for sign in wanted)
    return rules.matching(_rows(shape, reader, acts, " AND folded_names LIKE %s ESCAPE '!'", [f"%{pattern}%"]), words)


def _listed(shape: Shape, reader: Rights, acts: Sequence[Act]) -> list[Row]:
    return _rows(shape, reader, acts, " ORDER BY folded_names, id", [])


def _rows(shape: Shape, reader: Rights, acts: Sequence[Act], rest: str, values: Sequence[object]) -> list[Row]:
    held = [one for one in ledger_queries.compartments() if any(reader.may(act, one) for act in acts)]
    if not held:
        return []
    marks = ", ".join(["%s"] * len(held))
    found = tables.read(node.current(), shape, f"compartment IN ({marks}){rest}", [*held, *values])
    opened = (_open_to(reader, shape, row) for row in found)
    return [row for row in opened if row is not None]


def _one(shape: Shape, record: UUID, reader: Rights) -> Row:
    """For those who see the network there. Not here and not yours look the same."""
    found = tables.by_ids(node.current(), shape, [record])
    if not found or not reader.may(Act.SEE_NETWORK, found[0]["compartment"]):
        raise NotFound("record_not_found", record=str(record))
    return withhold(shape, found[0], reader, Act.SEE_NETWORK)


def _open_to(reader: Rights, shape: Shape, row: Row) -> Row | None:
    act = next((one for one in _BY_NAME if reader.may(one, row["compartment"])), None)
    if act is None:
        return None
    known = withhold(shape, row, reader, act)
    return known if act is Act.SEE_NETWORK else Row({**known, **_NO_POSITION})
