"""A unit is silent by its own habit, in working days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consumers.monitoring.silence import Hearing, habit, hearing, working_days
from consumers.workdays import published_calendar
from schemas.spans import CHINA

CALENDAR = published_calendar()
MONDAY = date(2026, 11, 2)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=CHINA)


def every(days: int, times: int) -> list[date]:
    return [MONDAY + timedelta(days=days * n) for n in range(times)]


def test_a_unit_that_speaks_daily_is_silent_after_days_one_that_speaks_monthly_is_not():
    daily = [MONDAY + timedelta(days=n) for n in range(5)]
    assert hearing(daily, noon(date(2026, 11, 12)), CALENDAR) is Hearing.SILENT
    monthly = [date(2026, month, 10) for month in range(3, 11)]
    assert hearing(monthly, noon(date(2026, 11, 12)), CALENDAR) is Hearing.HEARD


def test_a_weekend_and_a_holiday_are_no_silence():
    week = [MONDAY + timedelta(days=n) for n in range(5)]
    assert hearing(week, noon(date(2026, 11, 9)), CALENDAR) is Hearing.HEARD
    before_national_day = [date(2026, 9, 21) + timedelta(days=n) for n in (0, 1, 2, 3, 7, 8, 9)]
    assert hearing(before_national_day, noon(date(2026, 10, 8)), CALENDAR) is Hearing.HEARD


@pytest.mark.parametrize(("days", "state"), [([], Hearing.NEVER), (every(1, 4), Hearing.NEW)])
def test_without_a_habit_nobody_is_called_silent(days, state):
    assert hearing(days, noon(date(2027, 6, 1)), CALENDAR) is state


def test_today_counts_only_when_it_is_over():
    week = [MONDAY + timedelta(days=n) for n in range(5)]
    monday = date(2026, 11, 9)
    assert hearing(week, noon(monday), CALENDAR) is Hearing.HEARD
    assert hearing(week, noon(monday + timedelta(days=2)), CALENDAR) is Hearing.QUIET


def test_longer_than_ever_is_needed_for_silence():
    known = habit([*every(7, 9), MONDAY + timedelta(days=7 * 12)], CALENDAR)
    assert known is not None
    assert known.longest == 20
    assert known.silent_after >= known.longest


@given(
    some.lists(some.dates(date(2026, 1, 1), date(2026, 11, 30)), unique=True, min_size=5),
    some.integers(0, 60),
)
def test_silence_only_ever_grows_with_time(days, later):
    days = sorted(days)
    order = [Hearing.HEARD, Hearing.QUIET, Hearing.SILENT]
    now = noon(days[-1])
    first = hearing(days, now, CALENDAR)
    assert order.index(hearing(days, now + timedelta(days=later), CALENDAR)) >= order.index(first)


def test_days_beyond_the_published_calendar_count_by_weekday():
    assert working_days(date(2031, 1, 3), date(2031, 1, 10), CALENDAR) == 5
