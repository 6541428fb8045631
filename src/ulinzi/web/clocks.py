"""The four clocks of an alert as a page draws and says them.

Length is time used, the upright bar is the promise, and what stands past it is late. Each has its words below: nothing
is said by the drawing alone, and nothing by colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ulinzi.alerts import clocks as alert_clocks
from ulinzi.alerts.clocks import Clock, Run, Targets
from ulinzi.kernel.clock import HOUR
from ulinzi.kernel.mission import Mission
from ulinzi.ledger.shapes import Row
from ulinzi.web import labels_alerts, profile, times

# Where the promise stands, in per cent of the width: the same place in every clock, so that they read as one picture.
GATE = 74
_END = 100


@dataclass(frozen=True)
class Gauge:
    """`look` is a class of the style sheet; `drawing` what stands in the picture, for `size`."""

    name: str
    label: str
    look: str
    words: str
    drawing: SafeString


class Size(NamedTuple):
    """How high the picture is, and how high a bar within it."""

    picture: int
    bar: int


SMALL, BIG = Size(14, 8), Size(28, 14)


def of_alert(row: Row, now: int) -> tuple[Clock, ...]:
    """By the promises of the mission whose node this is."""
    found = profile.mission()
    return alert_clocks.clocks(row, _targets(found), now, late_entry=times.late_note())


@lru_cache(maxsize=4)
def _targets(mission: Mission) -> Targets:
    return alert_clocks.targets_of([(one.clock, one.minutes) for one in mission.targets])


def gauges(row: Row, clocks: Sequence[Clock], now: int, *, size: Size = SMALL) -> list[Gauge]:
    first = alert_clocks.next_due(clocks)
    return [_gauge(row, one, now, is_first=one is first, size=size) for one in clocks]


def _gauge(row: Row, clock: Clock, now: int, *, is_first: bool, size: Size) -> Gauge:
    label = labels_alerts.of(labels_alerts.CLOCKS, clock.name)
    look = _look(clock, is_first)
    words = _WORDS[clock.run](row, clock, now, is_first)
    if size is BIG:
        words = _longer(clock, words, now, is_first)
    return Gauge(clock.name, label, look, words, SafeString("".join(_drawn(clock, look, size))))


def _longer(clock: Clock, words: str, now: int, is_first: bool) -> str:
    """Where there is room: by when, or how long of how long."""
    if clock.run == Run.RUNNING and not is_first:
        return _("by %(moment)s") % {"moment": times.moment(clock.due_at, now)}
    if is_first and clock.is_due:
        return f"{words}, {times.moment(clock.due_at, now)}"
    if clock.run == Run.DONE and not (clock.claimed or clock.hatched):
        told = {"used": times.said_span(clock.used), "target": times.said_span(clock.target)}
        return "✓ " + _("%(used)s of %(target)s") % told
    return words


def by(at: int, now: int) -> str:
    """The hour alone where it can only be the next or the last one: a night's watch goes on past midnight. Of what is
    further away the day; its file says the hour."""
    return times.show_time(at) if abs(at - now) < _ONE_DAY else times.show_date(at)[:5]


_ONE_DAY = 20 * HOUR


def _look(clock: Clock, is_first: bool) -> str:
    if clock.run in (Run.DONE, Run.DONE_LATE) and (clock.hatched or clock.claimed):
        return "hatch"
    return {
        Run.DONE: "done",
        Run.DONE_LATE: "over",
        Run.LATE: "late" if is_first else "late more",
        Run.PAUSED: "pause",
        Run.NO: "no",
        Run.RUNNING: "run" if is_first else "wait",
    }[clock.run]


# Words.


def _done(row: Row, clock: Clock, now: int, is_first: bool) -> str:
    span = times.said_span(clock.used)
    if clock.claimed:
        return _("%(span)s, claimed") % {"span": span}
    if clock.hatched:
        return _("%(span)s, written late") % {"span": span}
    return f"✓ {span}"


def _done_late(row: Row, clock: Clock, now: int, is_first: bool) -> str:
    late = _("%(span)s late") % {"span": times.said_span(clock.used - clock.target)}
    if clock.claimed:
        return _("%(late)s, claimed") % {"late": late}
    if clock.hatched:
        return _("%(late)s, written late") % {"late": late}
    return f"✓ {late}"


def _late(row: Row, clock: Clock, now: int, is_first: bool) -> str:
    return _("%(span)s late") % {"span": times.said_span(now - clock.due_at)}


def _running(row: Row, clock: Clock, now: int, is_first: bool) -> str:
    if is_first:
        return _("%(span)s left") % {"span": times.said_span(clock.left(now))}
    return _("by %(moment)s") % {"moment": by(clock.due_at, now)}


def _paused(row: Row, clock: Clock, now: int, is_first: bool) -> str:
    return _("paused %(span)s") % {"span": times.said_span(now - (row["paused_at"] or now))}


def _no(row: Row, clock: Clock, now: int, is_first: bool) -> str:
    """Nobody waits for it any more: because somebody said so, or because it was ended without it."""
    if clock.name == "arrival" and row["decision"] == "no_response":
        return _("nobody goes, with reason")
    if clock.name == "arrival" and row["decision"] == "transfer":
        return _("handed to another")
    return _("not done")


_WORDS: Mapping[Run, Callable[[Row, Clock, int, bool], str]] = {
    Run.DONE: _done,
    Run.DONE_LATE: _done_late,
    Run.LATE: _late,
    Run.RUNNING: _running,
    Run.PAUSED: _paused,
    Run.NO: _no,
}


# The picture. In per cent of its width, so that it stretches and its hatching does not.


def _drawn(clock: Clock, look: str, size: Size) -> Iterator[str]:
    middle, top = size.picture / 2, (size.picture - size.bar) / 2
    yield _bar("base", 0, _END, middle - 0.5, 1)
    if look == "no":
        cross = '<path class="cross" d="M-5-5L5 5M5-5L-5 5"/>'
        yield f'<svg x="{GATE / 2}%" y="{middle:g}" overflow="visible">{cross}</svg>'
        return
    used, over = _lengths(clock)
    if look == "wait":
        yield _bar("use", 0, used, middle - 1.5, 3)
    elif look == "hatch":
        yield _bar("room", 0, max(used, over), top, size.bar)
        yield _bar("hatch", 0, max(used, over), top, size.bar)
    else:
        yield from _solid(clock, look, used, over, top, size)
    yield f'<rect class="gate" x="{GATE}%" y="0" width="{3 if size is BIG else 2}" height="{size.picture}"/>'


def _solid(clock: Clock, look: str, used: float, over: float, top: float, size: Size) -> Iterator[str]:
    if look == "run":
        yield _bar("room", 0, GATE, top, size.bar)
    if look == "pause":
        yield _bar("dash", 0, GATE, top, size.bar)
    yield _bar("use", 0, used, top, size.bar)
    if clock.run == Run.LATE:
        # As high as the picture: told from what was late and is done without its colour.
        yield _bar("passed", GATE + 2, over, 0, size.picture)
    elif over:
        yield _bar("passed", GATE + 2, over, top, size.bar)


def _lengths(clock: Clock) -> tuple[float, float]:
    """To where the time used goes, and, past the promise, the rest of it; nought where nothing is late."""
    share = clock.used / clock.target if clock.target > 0 else 1.0
    if not clock.is_late:
        return min(share, 1.0) * GATE, 0.0
    return GATE, min(GATE + 5 + (share - 1) * GATE, _END)


def _bar(look: str, start: float, end: float, top: float, height: float) -> str:
    fill = ' fill="url(#hatched)"' if look == "hatch" else ""
    width = f"{max(end - start, 0):.3g}"
    return f'<rect class="{look}" x="{start:g}%" y="{top:g}" width="{width}%" height="{height:g}"{fill}/>'
