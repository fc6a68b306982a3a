"""Working time left: office hours on workdays, and the colours that follow from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.console.worktime import DAY, NEAR, Left, Urgency, left, spoken, until, urgency
from consumers.workdays import published_calendar
from schemas.spans import CHINA

CALENDAR = published_calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("now", "due", "days", "hours"),
    [
        ("2026-03-11 08:00", "2026-03-11 23:59:59", 1, 0),  # the whole Wednesday
        ("2026-03-11 11:00", "2026-03-11 23:59:59", 0, 5),  # an hour before noon, 3.5 after: rounded up
        ("2026-03-11 12:30", "2026-03-12 12:00", 1, 0),  # an afternoon and a morning
        ("2026-03-13 18:00", "2026-03-15 23:59:59", 0, 0),  # a weekend has none
        ("2026-09-30 17:30", "2026-10-08 12:00", 0, 4),  # nor has the national holiday
        ("2026-03-11 09:00", "2026-03-11 08:00", 0, 0),  # it is over
    ],
)
def test_only_office_hours_on_workdays_count(now, due, days, hours):
    assert spoken(left(at(now), at(due), CALENDAR)) == Left(days, hours)


MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
)
SPANS = st.timedeltas(timedelta(0), timedelta(days=20))


@given(MOMENTS, SPANS, SPANS)
def test_a_later_limit_never_has_less_time_left(now, near, more):
    assert left(now, now + near, CALENDAR) <= left(now, now + near + more, CALENDAR)


@given(MOMENTS, SPANS, st.sampled_from(list(NEAR)))
def test_a_query_by_due_time_finds_exactly_what_has_the_colour(now, ahead, colour):
    """`until` is the condition in SQL for what `urgency` says of one limit."""
    due, most = now + ahead, NEAR[colour]
    assert (left(now, due, CALENDAR) <= most) == (due <= until(now, most, CALENDAR))


@given(MOMENTS, st.timedeltas(timedelta(days=-20), timedelta(days=20)))
def test_red_is_what_is_past_and_nothing_else(now, ahead):
    assert (urgency(now, now + ahead, CALENDAR) is Urgency.RED) == (ahead < timedelta(0))


@given(st.timedeltas(timedelta(0), 30 * DAY))
def test_spoken_time_is_at_least_what_is_left(amount):
    told = spoken(amount)
    assert timedelta(0) <= told.days * DAY + timedelta(hours=told.hours) - amount < timedelta(hours=1)
    assert told.hours < DAY // timedelta(hours=1)
