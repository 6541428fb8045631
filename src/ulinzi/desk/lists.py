"""Tasks by what is asked for: words, filters, an order. What a reader may not see neither finds, filters nor sorts.

Each condition is built from what is open to the reader in each compartment. Hidden words are not even compared, so
that no row, no count, no order and no waiting tells of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections

from ulinzi.accounts.rules import Act, Rights
from ulinzi.desk import queries, rules
from ulinzi.desk.models import Task
from ulinzi.kernel.folding import folded
from ulinzi.ledger import node, tables
from ulinzi.ledger import queries as ledger_queries
from ulinzi.ledger.shapes import Row, Sensitivity

LONGEST = 100
MOST_WORDS = 10
_SIGNIFICANT = 120  # signs of a title that sorting looks at
# After every promise: no time was promised.
_NEVER = 2**63 - 1
# What was looked for is the number, begins the title, or is somewhere; then what no fold has filled in yet.
_EXACT, _FIRST, _SOMEWHERE, _UNFOLDED = range(4)
_ESCAPED = re.compile(r"([!%_])")


@dataclass(frozen=True)
class Asked:
    """What somebody asks for; what is empty asks for nothing. `words` as they were typed."""

    words: str = ""
    states: tuple[str, ...] = ()
    urgency: str = ""
    office: str = ""
    owner: UUID | None = None
    loose: bool = False  # nobody has it
    area: UUID | None = None
    late: bool = False
    torn: bool = False  # two values stand


@dataclass(frozen=True)
class Sorted:
    """By which column, in which direction. What has no value comes last in both."""

    by: str = "due"
    down: bool = False


@dataclass(frozen=True)
class Found:
    """Some rows of those that were found, and how many were."""

    rows: list[Row]
    total: int
    page: int = 1
    pages: int = 1
    unfolded: int = 0  # written by an older version, so that no words find them until a fold has filled them in


@dataclass(frozen=True)
class Names:
    """What areas and people are called: they are found and sorted by it."""

    areas: Mapping[UUID, str]
    people: Mapping[UUID, str]


def search(reader: Rights, text: str, *, areas: Mapping[UUID, str], limit: int = 20) -> Found:
    """Tasks with all of these words in their number, their words or the name of their area.

    The number itself comes first, then titles that begin so, then the newest.
    """
    held, words = _held(reader), sought(text)[0]
    if not held or not words:
        return Found([], 0)
    rank, where = _rank(reader, held, folded(text[:LONGEST])), _all(_holding(reader, held, words, areas))
    among = _among("compartment", held)
    # Those that no fold has filled in come along to be counted: they may be what was looked for.
    either = _Part(f"{among.sql} AND (folded_number IS NULL OR ({where.sql}))", (*among.values, *where.values))
    listed = _best(_Part(_table()), either, [rank], limit=limit, apart=f"k0 = {_UNFOLDED}")
    ids = [one for one, place, *_counts in listed if place != _UNFOLDED]
    _id, _place, total, unfolded = listed[0] if listed else ("", 0, 0, 0)
    return Found(_rows(reader, ids), total - unfolded, unfolded=unfolded)


def table(
    reader: Rights, asked: Asked, order: Sorted, *, names: Names, now: int, page: int = 1, size: int = 50
) -> Found:
    """One page of the tasks that are asked for. A page past the last one is the last one."""
    held = [one for one in _held(reader) if asked.office in ("", one)]
    if not held:
        return Found([], 0)
    where, start = _all(_conditions(reader, held, asked, names.areas, now)), max(page - 1, 0) * size
    read, keys = _keys(order.by, names, _words_open_to(reader, held))
    listed = _best(read, where, keys, down=order.down, limit=size, start=start)
    if not listed and start:
        first = table(reader, asked, order, names=names, now=now, size=size)
        return table(reader, asked, order, names=names, now=now, page=first.pages, size=size)
    total = listed[0][2] if listed else 0
    unfolded = _count_unfolded(held) if asked.words else 0
    return Found(_rows(reader, [row[0] for row in listed]), total, start // size + 1, _pages(total, size), unfolded)


def _pages(total: int, size: int) -> int:
    return max(1, -(-total // size))


def _best(
    read: _Part,
    where: _Part,
    keys: Sequence[_Part],
    *,
    limit: int,
    start: int = 0,
    down: bool = False,
    apart: str = "",
) -> list[tuple[Any, ...]]:
    """Some rows in this order, the newest first where it leaves them equal: id, first key, how many were found, how
    many of these stand apart. What has no key comes last, in both directions.
    """
    listed = ", ".join(f"{key.sql} AS k{place}" for place, key in enumerate(keys))
    order = ", ".join(f"k{place} DESC" if down else f"k{place}" for place in range(len(keys)))
    # Once, and no more of each row than this: sorting whole rows takes as long as finding them.
    found = f"WITH found AS MATERIALIZED (SELECT id, {listed} FROM {read.sql} WHERE {where.sql})"
    counts = "(SELECT COUNT(*) FROM found), " + (f"(SELECT COUNT(*) FROM found WHERE {apart})" if apart else "0")
    sql = f"{found} SELECT id, k0, {counts} FROM found ORDER BY k0 IS NULL, {order}, id DESC LIMIT %s OFFSET %s"
    values = [value for key in keys for value in key.values]
    return ledger_queries.read(sql, [*values, *read.values, *where.values, limit, start])


def _count_unfolded(held: Sequence[str]) -> int:
    among = _among("compartment", held)
    sql = f"SELECT COUNT(*) FROM {_table()} WHERE folded_number IS NULL AND {among.sql}"
    return int(ledger_queries.read(sql, among.values)[0][0])


def _table() -> str:
    return tables.table(Task.shape).name


def _held(reader: Rights) -> list[str]:
    """Where somebody sees what lists show and sort by, all of it restricted but for the words."""
    return [one for one in queries.seen_by(reader) if reader.sees(Sensitivity.RESTRICTED, Act.SEE_TASKS, one)]


def _rows(reader: Rights, ids: Sequence[Any]) -> list[Row]:
    """Whole rows in the order of these ids, as far as they are open to the reader."""
    wanted = [tables.to_uuid(one) for one in ids]
    found = queries.tasks(wanted, reader)
    return [found[one] for one in wanted if one in found]


# Words.


def sought(text: str) -> tuple[list[str], bool]:
    """The words to look for, folded, and whether something of what was typed is left out.

    A word that stands inside another one is found with it.
    """
    found = list(dict.fromkeys(one for one in map(folded, text[:LONGEST].split()) if one))
    alone = [one for one in found if not any(one != other and one in other for other in found)]
    return alone[:MOST_WORDS], len(text.strip()) > LONGEST or len(alone) > MOST_WORDS


def named(names: Mapping[UUID, str], words: Iterable[str]) -> list[UUID]:
    """Those whose name holds all of these words, in the order they came."""
    wanted = list(words)
    return [one for one, name in names.items() if all(word in folded(name) for word in wanted)]


@dataclass(frozen=True)
class _Part:
    """A piece of SQL, and what belongs into it."""

    sql: str
    values: tuple[Any, ...] = ()


def _all(parts: Iterable[_Part]) -> _Part:
    listed = list(parts)
    values = tuple(value for one in listed for value in one.values)
    return _Part(" AND ".join(one.sql for one in listed), values)


def _among(column: str, codes: Sequence[str]) -> _Part:
    return _Part(f"{column} IN ({', '.join(['%s'] * len(codes))})", tuple(codes))


def _ids(column: str, ids: Iterable[UUID]) -> _Part:
    """However many they are: one value for all, because a statement takes only so many."""
    here = node.current()
    stored = tables.id_params(here, ids)
    if _is_sqlite():
        return _Part(f"{column} IN (SELECT value FROM json_each(%s))", (json.dumps(stored),))
    return _Part(f"{column} = ANY(%s)", (stored,))


def _holding(reader: Rights, held: Sequence[str], words: Sequence[str], areas: Mapping[UUID, str]) -> list[_Part]:
    """Every word somewhere: in the number, in what the reader may read, in the name of the area."""
    text, found = _words_open_to(reader, held), []
    for word in words:
        like, places = f"%{_escaped(word)}%", named(areas, [word])
        parts = [_Part("folded_number LIKE %s ESCAPE '!'", (like,))]
        parts += [_Part(f"{text.sql} LIKE %s ESCAPE '!'", (*text.values, like))] if text.sql else []
        parts += [_ids("area_id", places)] if places else []
        sql = " OR ".join(one.sql for one in parts)
        found.append(_Part(f"({sql})", tuple(value for one in parts for value in one.values)))
    return found


def _words_open_to(reader: Rights, held: Sequence[str]) -> _Part:
    """The words of a row as far as the reader sees them; no SQL at all where they see none."""
    deep = [one for one in held if reader.sees(Sensitivity.CONFIDENTIAL, Act.SEE_TASKS, one)]
    if not deep or len(deep) == len(held):
        return _Part("folded_words" if deep else "")
    among = _among("compartment", deep)
    return _Part(f"CASE WHEN {among.sql} THEN folded_words END", among.values)


def _rank(reader: Rights, held: Sequence[str], whole: str) -> _Part:
    text = _words_open_to(reader, held)
    sql = f"CASE WHEN folded_number IS NULL THEN {_UNFOLDED} WHEN folded_number = %s THEN {_EXACT}"
    if not text.sql:
        return _Part(f"{sql} ELSE {_SOMEWHERE} END", (whole,))
    sql += f" WHEN {text.sql} LIKE %s ESCAPE '!' THEN {_FIRST} ELSE {_SOMEWHERE} END"
    return _Part(sql, (whole, *text.values, f"{_escaped(whole)}%"))


def _escaped(word: str) -> str:
    return _ESCAPED.sub(r"!\1", word)


# Filters.


def _conditions(
    reader: Rights, held: Sequence[str], asked: Asked, areas: Mapping[UUID, str], now: int
) -> Iterable[_Part]:
    yield _among("compartment", held)
    if asked.states:
        yield _among("state", asked.states)
    if asked.urgency:
        yield _Part("urgency = %s", (asked.urgency,))
    if asked.owner:
        yield _ids("owner", [asked.owner])
    if asked.loose:
        yield _Part("owner IS NULL")
    if asked.area:
        yield _ids("area_id", [asked.area])
    if asked.late:
        yield _all([_Part("due_at < %s", (now,)), _among("state", sorted(rules.UNFINISHED))])
    if asked.torn:
        yield _Part("conflict = %s", (True,))
    yield from _holding(reader, held, sought(asked.words)[0], areas)


# Orders.


def _keys(by: str, names: Names, words: _Part) -> tuple[_Part, list[_Part]]:
    """What to read, and what to sort by."""
    if by == "title":
        start = f"CASE WHEN title IS NOT NULL THEN SUBSTR({words.sql or 'NULL'}, 1, {_SIGNIFICANT}) END"
        return _Part(_table()), [_spelt(start, words.values)]
    if by in ("owner", "area"):
        column, named = {"owner": ("owner", names.people), "area": ("area_id", names.areas)}[by]
        return _beside_names(column, named), [_Part("named.place")]
    keys = {
        "number": _counted(),
        "state": [_scale("state", [str(one) for one in rules.State])],
        # The most urgent first, and among them the next promise.
        "urgency": [_scale("urgency", tuple(reversed(rules.URGENCY))), _Part(f"COALESCE(due_at, {_NEVER})")],
        "office": [_spelt("compartment")],
        "basis": [_scale("due_basis", rules.DUE_BASIS)],
        "finished": [_Part("finished_at")],
    }
    return _Part(_table()), keys.get(by, [_Part("due_at")])


def _is_sqlite() -> bool:
    return connections[node.current().alias].vendor == "sqlite"


def _spelt(sql: str, values: tuple[Any, ...] = ()) -> _Part:
    """Sign by sign: what is folded needs no language, and both databases sort it alike."""
    return _Part(sql if _is_sqlite() else f'({sql}) COLLATE "C"', values)


def _scale(column: str, codes: Sequence[str]) -> _Part:
    """In the order of the codes; one that only a newer version knows comes after them."""
    places = " ".join(f"WHEN {column} = '{code}' THEN {place}" for place, code in enumerate(codes))
    return _Part(f"CASE WHEN {column} IS NULL THEN NULL {places} ELSE {len(codes)} END")


def _counted() -> list[_Part]:
    """BEN-2 before BEN-10: by what comes before the last digits, then the shorter one."""
    name = "CASE WHEN folded_number <> '' THEN RTRIM(folded_number, '0123456789') END"
    return [_spelt(name), _Part("LENGTH(folded_number)"), _spelt("folded_number")]


def _beside_names(column: str, names: Mapping[UUID, str]) -> _Part:
    """The table beside the places of these names among each other. Nothing is sorted by a name that is not there."""
    told = {one: folded(name) for one, name in names.items()}
    listed = sorted((one for one in told if told[one]), key=lambda one: told[one])
    stored = tables.id_params(node.current(), listed)
    places = json.dumps({str(one): place for place, one in enumerate(stored)})
    if _is_sqlite():
        named, who = "SELECT key AS who, value AS place FROM json_each(%s)", column
    else:
        named, who = "SELECT key AS who, value::int AS place FROM json_each_text(%s)", f"{column}::text"
    return _Part(f"{_table()} LEFT JOIN ({named}) AS named ON named.who = {who}", (places,))
