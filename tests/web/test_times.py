"""Times as people read and type them."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.utils.translation import override

from ulinzi.kernel.clock import DAY, HOUR, MINUTE
from ulinzi.web import times

NOON = times.stored(date(2026, 11, 17), time(12))


@pytest.mark.parametrize("text", ["17/11/2026", "17.11.2026", " 17-11-2026 ", "2026-11-17", "17 11 2026"])
def test_a_day_is_read(text):
    assert times.read_date(text) == date(2026, 11, 17)


@pytest.mark.parametrize("text", ["", "31/02/2026", "11/17/2026", "17/11/26", "soon", "1/1/10000", "٣/١/٢٠٢٦x"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError):
        times.read_date(text)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("14:05", time(14, 5)), ("14h05", time(14, 5)), ("7h", time(7)), ("0705", time(7, 5)), ("9", time(9))],
)
def test_a_time_is_read(text, hour):
    assert times.read_time(text) == hour


@pytest.mark.parametrize("text", ["", "25:00", "12:60", "noon", "12:5:1", "-1"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):
        times.read_time(text)


def test_stored_is_utc_and_shown_is_the_missions():
    assert times.machine(NOON) == "2026-11-17T10:00:00Z"
    assert (times.show_date(NOON), times.show_time(NOON)) == ("17/11/2026", "12:00")


@pytest.mark.parametrize(
    ("away", "shown"),
    [(0, "12:00"), (11 * HOUR, "23:00"), (12 * HOUR, "18/11 00:00"), (60 * DAY, "16/01/2027 12:00")],
)
def test_the_day_is_said_where_it_is_not_today(away, shown):
    assert times.moment(NOON + away, NOON) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (0, "0 min"),
        (59 * MINUTE, "59 min"),
        (61 * MINUTE, "1 h 01"),
        (3 * HOUR, "3 h"),
        (30 * HOUR + MINUTE, "30 h"),
        (-8 * MINUTE, "8 min"),
        (6 * DAY, "6 days"),
    ],
)
def test_a_length_of_time_is_short(length, shown):
    with override("en"):
        assert times.said_span(length) == shown


def test_relative_times_in_both_languages():
    with override("fr"):
        assert times.relative(NOON + 5 * MINUTE, NOON) == "dans 5 min"
        assert times.relative(NOON - 3 * DAY, NOON) == "il y a 3 jours"
    with override("en"):
        assert times.relative(NOON, NOON) == "now"


def test_midnight_is_the_missions():
    assert times.show_time(times.end_of_day(NOON)) == "00:00"
    assert times.days_away(times.end_of_day(NOON), NOON) == 1
