"""The history of a task as lines that a person reads: when it happened, when it was written, who, what, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from ulinzi.desk import rules
from ulinzi.ledger.codec import Dot
from ulinzi.ledger.history import Change, Event
from ulinzi.ledger.shapes import Row
from ulinzi.web import labels, people, times

_GONE = lazy("Something was written here. It has been erased.")


_OFFERED = (
    rules.Step.TAKEN,
    rules.Step.DONE,
    rules.Step.HANDED_OVER,
    rules.Step.NOTED,
    rules.Step.SET_ASIDE,
    rules.Step.REOPENED,
)


@dataclass
class Line:
    said: int
    written: int
    who: str
    what: str
    values: list[tuple[str, str]] = field(default_factory=list)
    words: str = ""
    why: str = ""
    erased: bool = False
    withheld: bool = False
    undone: bool = False
    elsewhere: str = ""

    @property
    def lag(self) -> str:
        """How much later it was written down, where that is worth a mark."""
        late = self.written - self.said
        return times.said_span(late) if late >= times.LATE_NOTE else ""


@dataclass(frozen=True)
class Author:
    name: str
    at: int


def lines(events: Sequence[Event], *, areas: dict[UUID, str], own: frozenset[bytes]) -> list[Line]:
    """One line per entry, the oldest first."""
    steps = _acts(events)
    gone = {act.get("undoes") for act in steps.values()}
    found = [_line(event, steps, gone, own) for event in events]
    before: dict[str, dict[str, Any]] = {}
    for event, line in zip(events, found, strict=True):
        _add_changes(line, event.changes, areas, before)
    return found


def _acts(events: Iterable[Event]) -> dict[UUID, dict[str, Any]]:
    """What each step did, by its id."""
    told = (change for event in events for change in event.changes)
    return {one.record: one.values for one in told if one.group == "act" and one.values}


def _line(
    event: Event,
    steps: dict[UUID, dict[str, Any]],
    gone: set[UUID | None],
    own: frozenset[bytes],
) -> Line:
    step = next((one.record for one in event.changes if one.group == "act"), None)
    act = steps.get(step, {}) if step else {}
    said = act.get("claimed_at") or event.claimed_at or event.written_at
    line = Line(min(said, event.written_at), event.written_at, _who(event), _what(event, act, steps))
    line.undone = step is not None and step in gone
    line.why = event.reason
    if event.erasures:
        line.why = event.erasures[0].basis
        line.values = [(labels.of(labels.FIELDS, "second"), people.name(event.erasures[0].second))]
    line.elsewhere = "" if event.feed in own else event.feed.hex()[:8]
    return line


def _who(event: Event) -> str:
    if event.action is None:
        return _("Somebody")
    return people.name(event.actor)


def _what(event: Event, act: dict[str, Any], steps: dict[UUID, dict[str, Any]]) -> str:
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
    line: Line, changes: Iterable[Change], areas: dict[UUID, str], before: dict[str, dict[str, Any]]
) -> None:
    """A group is written whole; a reader wants the fields that are not what was written before."""
    for change in changes:
        if change.withheld:
            line.withheld = True
        elif change.values is None:
            line.erased = True
        elif change.label == "desk.Step":
            line.words = change.values.get("words") or line.words
        elif change.group != "number":
            line.values += shown(_new(change.values, before.get(change.group, {})), areas)
            before[change.group] = change.values


def _new(values: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    names = [*values, *(name for name in before if name not in values)]
    told = {name: values.get(name) for name in names if values.get(name) != before.get(name)}
    return told or values


def shown(values: dict[str, Any], areas: dict[UUID, str]) -> list[tuple[str, str]]:
    """Fields with their words; what is empty is said to be."""
    return [
        (labels.of(labels.FIELDS, name), shown_value(name, value, areas) or _("nothing"))
        for name, value in values.items()
    ]


def differing(several: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields that are not the same in all of them; all fields where nothing differs."""
    names = [name for name in several[0] if any(one.get(name) != several[0][name] for one in several)]
    return [{name: one.get(name) for name in names or one} for one in several]


def shown_value(name: str, value: Any, areas: dict[UUID, str]) -> str:
    if value is None or value == []:
        return ""
    if name == "area":
        return areas.get(value) or _("an area that is not here")
    if name == "due_at":
        return times.show_date(value) + " " + times.show_time(value)
    if name == "due_basis":
        return labels.of(labels.DUE_BASIS, value)
    if name == "urgency":
        return labels.of(labels.URGENCY, value)
    if name == "tiers":
        return ", ".join(labels.of(labels.TIERS, one) for one in value)
    return str(value)


def authors(events: Iterable[Event]) -> dict[Dot, Author]:
    """Who wrote what stands at a dot, and when."""
    return {change.dot: Author(_who(event), event.written_at) for event in events for change in event.changes}


def newest_author(found: dict[Dot, Author], dots: Iterable[Dot]) -> Author | None:
    return max((found[dot] for dot in dots if dot in found), key=lambda one: one.at, default=None)


def areas_named(events: Iterable[Event], row: Row) -> set[UUID]:
    """Every area that the task has or had."""
    told = (change.values for event in events for change in event.changes if change.values)
    return {values["area"] for values in told if values.get("area")} | ({row["area"]} if row["area"] else set())


def gone_words() -> str:
    return str(_GONE)


def steps_that_may(row: Row) -> list[rules.Step]:
    """What a person can do with the task now, undoing apart; what moves it on comes first."""
    return [kind for kind in _OFFERED if rules.may_step(row, kind)]
