"""A timeline in the words of the screens, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from ulinzi.cli.language import _
from ulinzi.ledger import queries
from ulinzi.ledger.history import Change, Erased, Event
from ulinzi.places import queries as places
from ulinzi.web import labels, plain, timeline, times
from ulinzi.web.timeline import Line

_INDENT = " " * 18


def in_words(events: Sequence[Event]) -> Iterator[str]:
    areas = places.names(timeline.refs_in(events))
    for line in timeline.lines(events, areas=areas, own=queries.own_feeds(events)):
        said = f"{times.show_date(line.said)} {times.show_time(line.said)}  {line.who} {line.what}"
        yield plain.line(said).rstrip()
        for detail in _details(line):
            yield _INDENT + _below(detail)


def _below(text: str) -> str:
    """Lines that somebody wrote begin with a bar, so that none passes for a line of ours."""
    return plain.visible(text).replace("\n", f"\n{_INDENT}| ")


def _details(line: Line) -> Iterator[str]:
    if line.undone:
        yield _("Undone since.")
    if line.lag:
        yield _("Written down {span} later.").format(span=line.lag)
    if line.why:
        yield _("Reason: {reason}").format(reason=line.why)
    if line.words:
        yield _named(labels.of(labels.FIELDS, "words"), line.words)
    for name, value in line.values:
        yield _named(name, value)
    if line.newer:
        yield timeline.newer_words()
    if line.erased:
        yield timeline.gone_words()


def _named(name: str, value: str) -> str:
    return _("{name}: {value}").format(name=name, value=value)


def as_json(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        yield plain.json(json.dumps(_plain(vars(event)), ensure_ascii=False, sort_keys=True))


def _plain(value: Any) -> Any:
    if isinstance(value, Change | Erased):
        return _plain(vars(value))
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value
