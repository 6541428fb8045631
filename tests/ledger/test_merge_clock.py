"""Clock stamps: they only ever go forward, they follow a clock as far as it can be believed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ulinzi.kernel.clock import DAY, HOUR, SECOND
from ulinzi.ledger import hlc

MANY = settings(max_examples=150, deadline=None, derandomize=True, database=None)
NOON = 1_790_000_000_000_000
YEAR = 365 * DAY
TIMES = st.integers(NOON - YEAR, NOON + YEAR)
STAMPS = TIMES.map(hlc.at)


@MANY
@given(st.lists(TIMES, min_size=2, max_size=20))
def test_stamps_go_forward_whatever_the_clock_does(clock: list[int]) -> None:
    stamps = [hlc.tick(0, clock[0])]
    for now in clock[1:]:
        stamps.append(hlc.tick(stamps[-1], now))
    assert stamps == sorted(set(stamps))
    assert hlc.micros(stamps[-1]) >= max(clock) // 1000 * 1000


@MANY
@given(TIMES)
def test_a_stamp_tells_the_millisecond(now: int) -> None:
    assert hlc.micros(hlc.at(now)) == now // 1000 * 1000
    assert hlc.at(now) < hlc.at(now + 1000)


@MANY
@given(STAMPS, STAMPS, TIMES)
def test_nobody_adopts_a_stamp_more_than_a_day_ahead(last: int, heard: int, now: int) -> None:
    merged = hlc.merge(last, heard, now)
    assert merged in (last, heard)
    assert merged >= last
    assert merged == last or hlc.micros(merged) <= now + DAY


@pytest.mark.parametrize(
    ("ahead", "adopted"), [(0, True), (HOUR, True), (DAY, True), (DAY + SECOND, False), (3 * DAY, False)]
)
def test_what_is_within_a_day_is_adopted(ahead: int, adopted: bool) -> None:
    last, heard = hlc.at(NOON - HOUR), hlc.at(NOON + ahead)
    assert hlc.merge(last, heard, NOON) == (heard if adopted else last)


def test_many_writes_in_one_millisecond_run_into_the_next_and_stay_in_order() -> None:
    stamp = hlc.at(NOON)
    for _ in range(70_000):
        after = hlc.tick(stamp, NOON)
        assert after == stamp + 1
        stamp = after
    assert hlc.micros(stamp) == NOON + 1000


def test_a_clock_set_back_three_days_goes_on_from_the_last_stamp() -> None:
    last = hlc.tick(0, NOON)
    assert hlc.tick(last, NOON - 3 * DAY) == last + 1


def test_stamps_fit_a_signed_column_for_four_thousand_years() -> None:
    assert hlc.at(NOON + 4000 * YEAR) < 2**63


def test_control_a_clock_believed_without_limit_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hlc, "merge", lambda last, heard, _now: max(last, heard))
    with pytest.raises(AssertionError):
        test_nobody_adopts_a_stamp_more_than_a_day_ahead()
