"""The history of any record as lines that a person reads: when it happened, when it was written, who, what, why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.desk import rules
from ulinzi.kernel.clock import MINUTE
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.history import Change, Event
from ulinzi.ledger.shapes import Row
from ulinzi.web import labels, people, times
from ulinzi.web import told as told_as

_GONE = lazy("Something was written here. It has been erased.")
_NEWER = lazy("A newer version wrote something here that this one cannot read. It is kept.")
_NONE: frozenset[Dot] = frozenset()
Values = dict[str, Any]

_OFFERED = (
    rules.Step.TAKEN,
    rules.Step.DONE,
    rules.Step.HANDED_OVER,
    rules.Step.NOTED,
    rules.Step.SET_ASIDE,
    rules.Step.REOPENED,
)
# What the sentence of an entry says already: it is told again only where it is something else.
_IN_SENTENCE: Mapping[str, Values] = {
    "accounts.confirm_grant": {"decision": "confirmed"},
    "accounts.refuse_grant": {"decision": "refused"},
    "accounts.end_grant": {"ended": "ended"},
    "accounts.leave": {"ended": "ended"},
    "accounts.leave_team": {"left": "left"},
}
_BY_WHOM = frozenset({"asked_by", "decided_by", "ended_by"})
_WHEN = frozenset({"asked_at", "decided_at", "ended_at", "since", "left_at"})
# The group that says what a child record is: an entry that only ends a role has to say which.
_NAMING = {"accounts.Grant": "grant", "accounts.Membership": "member"}


@dataclass
class Line:
    said: int
    written: int
    who: str
    what: str
    key: tuple[int, bytes, int] = (0, b"", 0)
    values: list[tuple[str, str]] = field(default_factory=list)
    words: str = ""
    why: str = ""
    erased: bool = False
    withheld: bool = False
    newer: bool = False
    undone: bool = False
    apart: bool = False
    elsewhere: str = ""

    @property
    def lag(self) -> str:
        """How much later it was written down, where that is worth a mark."""
        late = self.written - self.said
        return times.said_span(late) if late >= times.late_note() else ""


@dataclass(frozen=True)
class Author:
    name: str
    at: int


def lines(
    events: Sequence[Event], *, areas: told_as.Names, own: frozenset[bytes], apart: frozenset[Dot] = _NONE
) -> list[Line]:
    """One line per entry, the oldest first. `apart`: values that stand beside each other, each blind to the others."""
    steps, things = _first(events, "desk.Step", "act"), _things(events)
    gone = {act.get("undoes") for act in steps.values()}
    before: dict[tuple[UUID, str], Values] = {}
    found = []
    for event in events:
        line = _line(event, steps, gone, own)
        line.apart = any(one.dot in apart for one in event.changes)
        _add_changes(line, event, areas, before, things)
        found.append(line)
    return found


def _first(events: Iterable[Event], label: str, group: str) -> dict[UUID, Values]:
    """What each record of this kind is, by its id: what was written with it, and stays."""
    told = (change for event in events for change in event.changes)
    return {one.record: one.values for one in told if (one.label, one.group) == (label, group) and one.values}


def _things(events: Sequence[Event]) -> dict[UUID, tuple[str, str]]:
    """What a child record is called where an entry says something else of it."""
    roles, members = (_first(events, label, group) for label, group in _NAMING.items())
    named = {record: (labels.of(labels.FIELDS, "role"), told_as.role(values)) for record, values in roles.items()}
    word = labels.of(labels.FIELDS, "member")
    return named | {record: (word, people.name(values.get("member"))) for record, values in members.items()}


def _line(
    event: Event,
    steps: dict[UUID, Values],
    gone: set[UUID | None],
    own: frozenset[bytes],
) -> Line:
    step = next((one.record for one in event.changes if (one.label, one.group) == ("desk.Step", "act")), None)
    act = steps.get(step, {}) if step else {}
    said = act.get("claimed_at") or event.claimed_at or event.written_at
    key = (event.written_at, event.feed, event.seq)
    line = Line(min(said, event.written_at), event.written_at, _who(event), _what(event, act, steps), key)
    line.undone = step is not None and step in gone
    line.why = event.reason
    if event.erasures:
        line.why = event.erasures[0].basis
        line.values = [(labels.of(labels.FIELDS, "second"), people.name(event.erasures[0].second))]
    if event.on_behalf_of:
        line.values.append((labels.of(labels.FIELDS, "on_behalf_of"), people.name(event.on_behalf_of)))
    line.elsewhere = "" if event.feed in own else event.feed.hex()[:8]
    return line


def _who(event: Event) -> str:
    if event.action is None:
        return _("Somebody")
    return people.name(event.actor)


def _what(event: Event, act: Values, steps: dict[UUID, Values]) -> str:
    if event.action is None:
        return _("did something whose record has been erased.")
    if event.action not in labels.ACTIONS:
        return event.action  # as another version wrote it
    undone = steps.get(act.get("undoes"), {}).get("kind")  # type: ignore[arg-type]
    return str(labels.ACTIONS[event.action]) % {
        "to": people.name(act.get("to_whom")),
        "step": labels.of(labels.STEPS, undone),
    }


def _add_changes(
    line: Line,
    event: Event,
    areas: told_as.Names,
    before: dict[tuple[UUID, str], Values],
    things: Mapping[UUID, tuple[str, str]],
) -> None:
    """A group is written whole; a reader wants the fields that are not what was written before."""
    named: set[UUID] = set()
    for change in event.changes:
        if change.withheld:
            line.withheld = True
        elif change.values is None:
            line.erased = True
        elif not change.group:
            line.newer = True
        elif change.label == "desk.Step":
            line.words = change.values.get("words") or line.words
        elif change.group != "number":
            if change.record in things and change.record not in named:
                named.add(change.record)
                line.values.append(things[change.record])
            now, was = change.values, before.get((change.record, change.group), {})
            line.values += shown(dict(_worth_telling(_new(now, was), event, line, change)), areas, change.label)
            before[change.record, change.group] = now


def _new(values: Values, before: Values) -> Values:
    names = [*values, *(name for name in before if name not in values)]
    told = {name: values.get(name) for name in names if values.get(name) != before.get(name)}
    return told or values


def _worth_telling(values: Values, event: Event, line: Line, change: Change) -> Iterator[tuple[str, Any]]:
    """What the line does not say already: who and when stand at its head, what was done in its sentence."""
    said = _IN_SENTENCE.get(event.action or "", {})
    for name, value in values.items():
        in_name = _NAMING.get(change.label) == change.group and name in ("role", "place", "member")
        by_actor = name in _BY_WHOM and value == event.actor
        at_once = name in _WHEN and value is not None and _about_then(value, line)
        if not (in_name or by_actor or at_once or (value is not None and said.get(name) == value)):
            yield name, value


def _about_then(at: int, line: Line) -> bool:
    return min(abs(at - line.said), abs(at - line.written)) < MINUTE


def shown(values: Values, areas: told_as.Names, label: str = "desk.Task") -> list[tuple[str, str]]:
    """Fields with their words; what is empty is said to be."""
    return [
        (labels.of(labels.FIELDS, name), told_as.value(label, name, value, areas) or _("nothing"))
        for name, value in values.items()
    ]


def differing(several: Sequence[Values]) -> list[Values]:
    """The fields that are not the same in all of them; all fields where nothing differs."""
    names = [name for name in several[0] if any(one.get(name) != several[0][name] for one in several)]
    return [{name: one.get(name) for name in names or one} for one in several]


def authors(events: Iterable[Event]) -> dict[Dot, Author]:
    """Who wrote what stands at a dot, and when."""
    return {change.dot: Author(_who(event), event.written_at) for event in events for change in event.changes}


def newest_author(found: dict[Dot, Author], dots: Iterable[Dot]) -> Author | None:
    return max((found[dot] for dot in dots if dot in found), key=lambda one: one.at, default=None)


def areas_named(events: Iterable[Event], row: Row) -> set[UUID]:
    """Every area that the task has or had."""
    return refs_in(events) | ({row["area"]} if row["area"] else set())


def refs_in(events: Iterable[Event]) -> set[UUID]:
    """Everything that a history points at."""
    told = (told_as.refs(one.label, one.values) for event in events for one in event.changes if one.values)
    return {one for found in told for one in found}


def gone_words() -> str:
    return str(_GONE)


def newer_words() -> str:
    return str(_NEWER)


def steps_that_may(row: Row) -> list[rules.Step]:
    """What a person can do with the task now, undoing apart; what moves it on comes first."""
    return [kind for kind in _OFFERED if rules.may_step(row, kind)]
