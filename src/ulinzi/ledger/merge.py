"""The fold, pure: a record's parts in, its values, leaves, conflicts and problems out. Order of arrival plays no part.

Clocks only break ties; what a write has *seen* decides. `definition.py` beside the tests says the same in other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from ulinzi.kernel import ids
from ulinzi.ledger import codec
from ulinzi.ledger.codec import BIRTH, WRITE, Dot
from ulinzi.ledger.shapes import Group, Kind, Problem, Shape

Stamp = tuple[int, bytes, int, int]


class Tombs(NamedTuple):
    """What has been erased of a record: everything, or some groups."""

    all: bool = False
    groups: frozenset[int] = frozenset()

    def hides(self, groups: frozenset[int]) -> bool:
        """Whether a write that speaks of these groups is gone, or has to go."""
        return self.all or (bool(self.groups) and touches(groups, self.groups))


NOTHING_ERASED = Tombs()


@dataclass(slots=True)
class Version:
    """One write of a group. Creating writes with equal values are one version with several dots."""

    stamp: Stamp
    born: bool
    values: dict[int, Any]
    dots: list[Dot]
    seen: list[Dot]
    newer: bool = False
    group: int = 0


# A part as its shape reads it: the groups it speaks of, their versions, whether it says more than we know, problems.
Read = tuple[frozenset[int], tuple[Version, ...], bool, tuple[Problem, ...]]
NO_GROUP: frozenset[int] = frozenset([0])


class Told:
    """One part that names the record, with where and when it stands. Folded often, so its reading is kept."""

    __slots__ = ("_shape", "body", "compartment", "dot", "groups", "hlc", "newer", "problems", "type", "versions")
    groups: frozenset[int]
    versions: tuple[Version, ...]
    newer: bool
    problems: tuple[Problem, ...]

    def __init__(self, compartment: str, dot: Dot, hlc: int, type: int, body: Any) -> None:
        self.compartment, self.dot, self.hlc, self.type, self.body = compartment, dot, hlc, type, body
        self._shape: Shape | None = None

    @property
    def stamp(self) -> Stamp:
        return (self.hlc, *self.dot)

    def read(self, shape: Shape) -> Told:
        """Itself, with what it says about a record of this shape."""
        if self._shape is not shape:
            self.groups, self.versions, self.newer, self.problems = _read(shape, self)
            self._shape = shape
        return self


@dataclass(slots=True)
class FoldedGroup:
    values: dict[int, Any]
    leaves: list[Version] = field(default_factory=list)
    conflict: bool = False
    erased: bool = False

    @property
    def dots(self) -> list[Dot]:
        """What a form must carry, and the next write must name."""
        return sorted(dot for leaf in self.leaves for dot in leaf.dots)


@dataclass(slots=True)
class Folded:
    """A record as it stands. `compartment` is its owner's: parts from elsewhere were refused."""

    compartment: str
    record: bytes
    root: bytes | None
    groups: dict[int, FoldedGroup]
    newer: bool
    problems: list[Problem]
    conflict: bool = False


def fold(
    shape: Shape, told: Sequence[Told], tombs: Mapping[str, Tombs] | None = None, *, birth: Told | None = None
) -> Folded | None:
    """The record, or None where it is not here: no birth, the birth of another model, or erased as a whole.

    `tombs` has what was erased of it, by the compartment that said so; `birth` is its owner, where that is known.
    """
    birth = birth or owner_of(told)
    if birth is None or birth.body[0] != shape.number:
        return None
    erased = (tombs or {}).get(birth.compartment, NOTHING_ERASED)
    if erased.all:
        return None
    folded = Folded(birth.compartment, birth.body[1], birth.body[3], {}, False, [])
    versions = _versions(shape, _once(told), folded, erased.groups)
    for group in shape.groups:
        gone, mine = group.number in erased.groups, _one_birth(versions[group.number])
        folded.groups[group.number] = _erased(group) if gone else _fold_group(group, mine, folded)
    if folded.problems:
        folded.problems = sorted(set(folded.problems))
    return folded


def owner_of(told: Iterable[Told]) -> Told | None:
    """The birth that counts: the earliest in the compartment that the id was made for.

    A birth anywhere else is none, whatever its clock says, and nor is one under a root of another compartment: who may
    write in one place takes nothing over in another. Parts of any other compartment that name this id are refused.
    """
    return min(births(told), key=_by_stamp, default=None)


def births(told: Iterable[Told]) -> list[Told]:
    return [one for one in told if one.type == BIRTH and is_born(one.body, one.compartment)]


def is_born(body: Any, compartment: str) -> bool:
    """Whether a birth is one, where it stands."""
    home = ids.tag(compartment)
    return codec.is_birth(body) and body[1].endswith(home) and (body[3] is None or body[3].endswith(home))


def _dots(seen: Any) -> list[Any] | None:
    """What a write has seen; None where that cannot be read. Plain tuples equal dots, and cost a third."""
    if seen is None:
        return []
    if type(seen) is not list:
        return None
    dots = []
    for dot in seen:
        if type(dot) is not list or len(dot) != 3:
            return None
        feed, seq, part = dot
        if type(feed) is not bytes or type(seq) is not int or type(part) is not int:
            return None
        dots.append((feed, seq, part))
    return dots


def _once(told: Sequence[Told]) -> Sequence[Told]:
    """Each part once, however often it came."""
    if len({one.dot for one in told}) == len(told):
        return told
    return list({one.dot: one for one in told}.values())


def _versions(shape: Shape, told: Sequence[Told], folded: Folded, erased: frozenset[int]) -> dict[int, list[Version]]:
    """Versions by group. A part that speaks of an erased group counts for nothing: its body is gone, or about to be."""
    found: dict[int, list[Version]] = {group.number: [] for group in shape.groups}
    for one in told:
        if one.compartment != folded.compartment:
            folded.problems.append(Problem("foreign_write", one.compartment))
            continue
        one.read(shape)
        if erased and touches(one.groups, erased):
            continue
        for version in one.versions:
            found[version.group].append(version)
        if one.newer or one.problems:
            folded.newer = folded.newer or one.newer
            folded.problems.extend(one.problems)
    return found


def touches(groups: frozenset[int], erased: Iterable[int]) -> bool:
    """Whether a write goes when these groups are erased: one that cannot be read might hold their words."""
    return not groups or not groups.isdisjoint(erased)


def _read(shape: Shape, one: Told) -> Read:
    body = one.body
    if type(body) is not list or not body or body[0] != shape.number:
        return frozenset(), (), False, (Problem("foreign_write", one.compartment),)
    if one.type != WRITE:
        return NO_GROUP, (), False, ()
    dots = _dots(body[4]) if codec.is_write(body) else None
    if dots is None:
        return frozenset(), (), False, (Problem("bad_shape"),)
    schema, number, wire = body[2], body[3], body[5]
    if schema >= shape.schema:
        return _read_group(shape, one, number, wire, dots)
    words = _in_todays_words(shape, schema, number, wire)
    return _joined([_read_group(shape, one, number, wire, dots) for number, wire in words])


def _read_group(shape: Shape, one: Told, number: int, wire: Any, dots: list[Dot]) -> Read:
    group, later = shape.by_number.get(number), one.body[2] > shape.schema
    if group is None:
        return _alone(number), (), True, ()
    told = group.read(wire, later)
    if told is None:
        return _alone(number), (), False, (Problem("bad_shape", group.name),)
    version = Version(one.stamp, one.body[4] is None, told[0], [one.dot], dots, later or not told[1], number)
    return _alone(number), (version,), False, ()


# One set for each group, made once.
_alone = lru_cache(maxsize=256)(lambda number: frozenset([number]))


def _joined(reads: Sequence[Read]) -> Read:
    """An old part may speak of what are several groups today."""
    groups, versions, newer, problems = zip(*reads, strict=True) if reads else ((), (), (), ())
    return frozenset().union(*groups), tuple(chain(*versions)), any(newer), tuple(chain(*problems))


def _in_todays_words(shape: Shape, schema: int, number: int, wire: dict[int, Any]) -> list[tuple[int, Any]]:
    try:
        return list(shape.upcast(schema, number, wire))
    except Exception:  # noqa: BLE001 upcasts are ours, values may be anybody's: a fold never fails on data
        return [(number, None)]


def _one_birth(versions: list[Version]) -> list[Version]:
    """Creating writes with equal values are one: who saw one saw all, and the earliest gives the stamp."""
    born = [version for version in versions if version.born] if len(versions) > 1 else []
    if len(born) < 2:
        return versions
    joined: list[Version] = []
    for version in born:
        _join(joined, version)
    return joined + [version for version in versions if not version.born]


def _join(joined: list[Version], version: Version) -> None:
    for place, same in enumerate(joined):
        if same.values == version.values:
            stamp, newer = min(same.stamp, version.stamp), same.newer or version.newer
            joined[place] = replace(same, dots=same.dots + version.dots, stamp=stamp, newer=newer)
            return
    joined.append(version)


def _erased(group: Group) -> FoldedGroup:
    return FoldedGroup(dict(group.empty), erased=True)


def _fold_group(group: Group, versions: list[Version], folded: Folded) -> FoldedGroup:
    if not versions:
        return FoldedGroup(dict(group.empty))
    if group.kind is Kind.FIXED:
        return _fixed(group, versions, folded)
    leaves, cycle = leaves_of(versions)
    if cycle:
        folded.problems.append(Problem("seen_in_a_circle", group.name))
    if len(leaves) == 1 and group.kind is not Kind.UNION:
        folded.newer = folded.newer or leaves[0].newer
        return FoldedGroup(leaves[0].values, leaves)
    folded.newer = folded.newer or any(leaf.newer for leaf in leaves)
    conflict = group.kind is not Kind.UNION and any(leaf.values != leaves[0].values for leaf in leaves)
    folded.conflict = folded.conflict or conflict
    return FoldedGroup(value_of(group, leaves), leaves, conflict)


def _fixed(group: Group, versions: list[Version], folded: Folded) -> FoldedGroup:
    born = [version for version in versions if version.born]
    if len(born) < len(versions):
        folded.problems.append(Problem("fixed_rewritten", group.name))
    if not born:
        return FoldedGroup(dict(group.empty))
    if len(born) > 1:
        folded.problems.append(Problem("two_births", group.name))
    first = min(born, key=_by_stamp)
    folded.newer = folded.newer or first.newer
    return FoldedGroup(first.values, [first])


def value_of(group: Group, leaves: Sequence[Version]) -> dict[int, Any]:
    if group.kind is Kind.UNION:
        number = group.fields[0].number
        listed = {one for leaf in leaves for one in leaf.values.get(number) or []}
        return {number: sorted(listed)}
    if group.kind is Kind.MAX:
        return max(leaves, key=lambda leaf: (group.rank(leaf.values), leaf.stamp)).values
    return max(leaves, key=_by_stamp).values


def leaves_of(versions: Sequence[Version]) -> tuple[list[Version], bool]:
    """The versions nobody has seen. Never empty: writes in a circle do not count against each other."""
    if len(versions) == 1 and not versions[0].seen:
        return list(versions), False
    owner = {dot: place for place, version in enumerate(versions) for dot in version.dots}
    superseded: set[int] = set()
    backwards = False
    for version in versions:
        for dot in version.seen:
            old = owner.get(dot)
            if old is not None:
                superseded.add(old)
                backwards = backwards or versions[old].stamp >= version.stamp
    # Where every write is later than what it saw, nothing goes round. A wrong clock only costs the longer look.
    circle = _circles(_names(versions, owner)) if backwards else None
    if circle is not None:
        superseded = _superseded_outside(_names(versions, owner), circle)
    leaves = [version for place, version in enumerate(versions) if place not in superseded]
    return sorted(leaves, key=_by_stamp), circle is not None


def _by_stamp(one: Version | Told) -> Stamp:
    return one.stamp


def _names(versions: Sequence[Version], owner: Mapping[Dot, int]) -> list[set[int]]:
    return [{owner[dot] for dot in version.seen if dot in owner} for version in versions]


def _superseded_outside(names: Sequence[set[int]], circle: Sequence[int]) -> set[int]:
    return {old for new, olds in enumerate(names) for old in olds if circle[new] != circle[old]}


def _circles(names: list[set[int]]) -> list[int] | None:
    """None where nothing goes round; else for each write the circle (strongly connected component) it belongs to."""
    waiting = [0] * len(names)
    for olds in names:
        for old in olds:
            waiting[old] += 1
    free = [place for place, count in enumerate(waiting) if count == 0]
    done = 0
    while free:
        done += 1
        for old in names[free.pop()]:
            waiting[old] -= 1
            if waiting[old] == 0:
                free.append(old)
    return None if done == len(names) else _components(names)


def _components(names: list[set[int]]) -> list[int]:
    """Kosaraju, without recursion: a forged chain may be long."""
    order = _finish_order(names)
    back: list[set[int]] = [set() for _ in names]
    for new, olds in enumerate(names):
        for old in olds:
            back[old].add(new)
    component = [-1] * len(names)
    for start in reversed(order):
        stack = [start] if component[start] < 0 else []
        while stack:
            place = stack.pop()
            if component[place] < 0:
                component[place] = start
                stack.extend(near for near in back[place] if component[near] < 0)
    return component


def _finish_order(names: list[set[int]]) -> list[int]:
    order: list[int] = []
    met: set[int] = set()
    for start in range(len(names)):
        stack = [] if start in met else [(start, iter(names[start]))]
        met.add(start)
        while stack:
            place, rest = stack[-1]
            onward = next((old for old in rest if old not in met), None)
            if onward is None:
                order.append(place)
                stack.pop()
            else:
                met.add(onward)
                stack.append((onward, iter(names[onward])))
    return order
