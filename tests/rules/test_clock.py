"""Time as an argument: microseconds since 1970."""

from __future__ import annotations

import time

import pytest

from ulinzi.kernel import clock
from ulinzi.kernel.clock import DAY, HOUR, MINUTE, SECOND, Clock, SetClock, SystemClock


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [(SECOND, 1), (MINUTE, 60), (HOUR, 3_600), (DAY, 86_400)],
    ids=["SECOND", "MINUTE", "HOUR", "DAY"],
)
def test_units_are_microseconds(unit, seconds):
    assert unit == seconds * 1_000_000


def test_a_set_clock_stands_still_until_somebody_moves_it():
    set_clock = SetClock(7)
    assert [set_clock.now(), set_clock.now()] == [7, 7]
    assert (set_clock.advance(MINUTE), set_clock.now()) == (7 + MINUTE, 7 + MINUTE)
    assert set_clock.advance(-HOUR) == 7 + MINUTE - HOUR
    set_clock.value = 3
    assert set_clock.now() == 3


def test_the_system_clock_gives_whole_microseconds():
    before = time.time_ns() // 1000
    told = SystemClock().now()
    assert type(told) is int
    assert before <= told <= time.time_ns() // 1000 + HOUR


def test_control_other_units_would_be_found(monkeypatch):
    for unit in (1, 1_000_000):  # nanoseconds, milliseconds
        monkeypatch.setattr(clock.time, "time_ns", lambda unit=unit: 1_772_431_200_000_000 * unit)
        assert SystemClock().now() != 1_772_431_200_000_000
    monkeypatch.setattr(clock.time, "time_ns", lambda: 1_772_431_200_000_000_999)
    assert SystemClock().now() == 1_772_431_200_000_000


@pytest.mark.parametrize("made", [SystemClock(), SetClock(0)])
def test_either_serves_as_a_clock(made):
    def later(one: Clock) -> int:
        return one.now() + DAY

    assert later(made) >= DAY
