"""What a Record is made of, as data: models, groups and fields with numbers, merge kinds and sensitivity.

An app declares a Shape in its rules.py; columns, merging, classification and numbers.txt follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID


class Kind(StrEnum):
    """How the leaves of a group become one value."""

    LAST = "last"
    MAX = "max"
    UNION = "union"
    FIXED = "fixed"


class Sensitivity(StrEnum):
    PUBLIC = "public"
    RESTRICTED = "restricted"
    CONFIDENTIAL = "confidential"
    STRICT = "strictly confidential"


class Row(dict[str, Any]):
    """A record as plain values: what rules read and queries return."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error


_WIRE: dict[str, type] = {
    "text": str,
    "code": str,
    "codes": list,
    "int": int,
    "time": int,
    "bool": bool,
    "bytes": bytes,
    "person": bytes,
    "ref": bytes,
}
CODE_LENGTH = 40
_INT_LIMIT = 2**63


@dataclass(frozen=True)
class Field:
    """One field. Types: text, int, time (microseconds UTC), bool, bytes, code, codes, person, ref."""

    number: int
    name: str
    type: str
    max_length: int = 200
    choices: tuple[str, ...] = ()
    to: str = ""

    @cached_property
    def is_id(self) -> bool:
        return self.type in ("person", "ref")

    @property
    def column(self) -> str:
        return f"{self.name}_id" if self.type == "ref" else self.name

    def fits(self, value: Any) -> bool:
        """Whether the column can hold it. Unknown codes fit: a newer version may have sent them."""
        if value is None:
            return True
        kind = type(value)
        if kind is not _WIRE[self.type]:
            return False
        if kind is str:
            return len(value) <= self.longest and "\x00" not in value
        if kind is bytes:
            return len(value) == 16 if self.is_id else len(value) <= self.max_length
        if kind is list:
            return all(type(one) is str and len(one) <= CODE_LENGTH and "\x00" not in one for one in value)
        return kind is bool or -_INT_LIMIT <= value < _INT_LIMIT

    @cached_property
    def longest(self) -> int:
        return CODE_LENGTH if self.type == "code" else self.max_length

    def knows(self, value: Any) -> bool:
        """Whether this version has a word for every code in it."""
        if value is None or not self.choices:
            return True
        if isinstance(value, list):
            return all(one in self.choices for one in value)
        return value in self.choices

    def to_wire(self, value: Any) -> Any:
        if self.is_id and isinstance(value, UUID):
            return value.bytes
        return sorted(set(value)) if self.type == "codes" and value is not None else value

    def from_wire(self, value: Any) -> Any:
        return UUID(bytes=value) if self.is_id and value is not None else value


@dataclass(frozen=True)
class Group:
    """Fields that belong together: written whole, merged whole, erased whole, held by whoever may hold its class."""

    number: int
    name: str
    kind: Kind
    sensitivity: Sensitivity
    fields: tuple[Field, ...]
    scale: tuple[str, ...] = ()
    since: int = 1  # the schema in which it got the fields it has: an older node must not write it

    def rank(self, wire: Mapping[int, Any]) -> int:
        """The place of a MAX group's first field on its scale; what we do not know ranks highest."""
        value = wire.get(self.fields[0].number)
        if value is None:
            return -1
        return self.scale.index(value) if value in self.scale else len(self.scale)

    def read(self, wire: Any, newer: bool = False) -> tuple[dict[int, Any], bool] | None:
        """The fields we know and whether we know every code in them; None where a value fits no column.

        What a newer version wrote may fit no column of ours without being wrong: such a value is left out.
        """
        if type(wire) is not dict:
            return None
        values, known = {}, True
        for number, fits, knows in self._asked:
            value = values[number] = wire.get(number)
            if value is None:
                continue
            if not fits(value):
                if not newer:
                    return None
                values[number] = None
            elif knows and not knows(value):
                known = False
        return values, known

    @cached_property
    def _asked(self) -> tuple[tuple[int, Callable[[Any], bool], Callable[[Any], bool] | None], ...]:
        """What is asked of each value, a million times: codes alone may be unknown."""
        return tuple((one.number, one.fits, one.knows if one.choices else None) for one in self.fields)

    @cached_property
    def empty(self) -> dict[int, Any]:
        return dict.fromkeys(one.number for one in self.fields)

    @cached_property
    def columns(self) -> tuple[tuple[str, int, bool], ...]:
        """Name, number and whether it is an id: what making a row needs, a million times."""
        return tuple((one.name, one.number, one.is_id) for one in self.fields)


@dataclass(frozen=True)
class Derived:
    """A column that follows from the aggregate. Never written by a person, never in an entry."""

    name: str
    type: str
    max_length: int = CODE_LENGTH
    sensitivity: Sensitivity = Sensitivity.RESTRICTED


class Problem(NamedTuple):
    """Something that a merge brought about and a person has to see."""

    code: str
    detail: str = ""


Upcast = Callable[[int, dict[int, Any]], list[tuple[int, dict[int, Any]]]]
Children = Mapping[str, Sequence[Row]]


def nothing_derived(root: Row, children: Children) -> dict[str, Any]:
    return {}


def no_problems(root: Row, children: Children) -> list[Problem]:
    return []


@dataclass(frozen=True)
class Shape:
    """A model: its number and label for ever, its groups, and how the rest follows."""

    number: int
    label: str
    schema: int
    groups: tuple[Group, ...]
    root: str = ""
    children: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()
    derive: Callable[[Row, Children], dict[str, Any]] = nothing_derived
    problems: Callable[[Row, Children], list[Problem]] = no_problems
    upcasts: Mapping[int, Upcast] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.label)

    @cached_property
    def by_number(self) -> dict[int, Group]:
        return {group.number: group for group in self.groups}

    @cached_property
    def group_of(self) -> dict[str, Group]:
        """Field name to its group."""
        return {one.name: group for group in self.groups for one in group.fields}

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing follows from an aggregate of this root."""
        return not self.derived and self.problems is no_problems

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(one for group in self.groups for one in group.fields)

    @cached_property
    def field(self) -> dict[str, Field]:
        return {one.name: one for one in self.fields}

    def group(self, name: str) -> Group:
        return next(group for group in self.groups if group.name == name)

    def upcast(self, schema: int, group: int, wire: dict[int, Any]) -> list[tuple[int, dict[int, Any]]]:
        """An old write in today's words. One write may have become several groups; never several writes one."""
        now = [(group, wire)]
        for step in range(schema, self.schema):
            change = self.upcasts.get(step)
            if change is not None:
                now = [after for number, values in now for after in change(number, values)]
        return now
