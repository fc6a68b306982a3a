"""Periods are those of the calendar in China, and have a name that reads back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.bulletins.periods import Period, PeriodError, Stretch, parse_period, period_at
from schemas.spans import CHINA

MOMENTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(st.sampled_from(Stretch), MOMENTS)
def test_a_moment_lies_in_its_period_and_in_no_neighbour(stretch, moment):
    period, day = period_at(stretch, moment), moment.astimezone(CHINA).date()
    assert period.first <= day <= period.last
    assert period.before.end == period.first
    assert period.next.first == period.end
    assert period.next.before == period == period.before.next


@given(st.sampled_from(Stretch), MOMENTS)
def test_the_name_of_a_period_reads_back(stretch, moment):
    period = period_at(stretch, moment)
    assert parse_period(period.name) == period


def test_a_month_ends_at_midnight_in_china_and_not_in_utc():
    october = Period(Stretch.MONTH, date(2026, 10, 1))
    midnight = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    assert october.over(midnight)
    assert not october.over(midnight - timedelta(seconds=1))


def test_the_last_day_of_february_is_that_of_the_year():
    assert parse_period("2028-02").last == date(2028, 2, 29)
    assert parse_period("2026-Q1").last == date(2026, 3, 31)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "26-10", "2026-10-01", "0000", "9999-12", "十月"])
def test_what_names_no_period_is_refused_with_what_does(text):
    with pytest.raises(PeriodError, match="2026-Q4"):
        parse_period(text)
