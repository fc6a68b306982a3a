"""Periods are counted as the law counts them (刑事诉讼法 art. 105 and the 2021 interpretation, art. 202)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.handovers.explanations import steps
from consumers.handovers.periods import calendar_days, due, hours, months, not_counted, working_days
from consumers.workdays import load_calendar, published_calendar
from schemas.spans import CHINA
from tests.consumers.given import day_end, moment

CALENDAR = published_calendar()
PERIODS = [calendar_days(3), working_days(3), calendar_days(7), working_days(10)]

# Start day, then the last day of 3 days, 3 working days, 7 days and 10 working days.
VECTORS = [
    ("2026-02-12", "2026-02-24", "2026-02-24", "2026-02-24", "2026-03-04"),
    ("2026-02-13", "2026-02-24", "2026-02-25", "2026-02-24", "2026-03-05"),
    ("2026-03-11", "2026-03-16", "2026-03-16", "2026-03-18", "2026-03-25"),
    ("2026-04-03", "2026-04-07", "2026-04-09", "2026-04-10", "2026-04-20"),
    ("2026-06-18", "2026-06-22", "2026-06-24", "2026-06-25", "2026-07-03"),
    ("2026-09-24", "2026-09-28", "2026-09-30", "2026-10-08", "2026-10-15"),
    ("2026-09-30", "2026-10-08", "2026-10-10", "2026-10-08", "2026-10-20"),
]

SINGLE = [
    # A last day that is a make-up workday stays; one in a holiday does not.
    (calendar_days(3), "2026-09-17", "2026-09-20"),
    (calendar_days(30), "2016-09-05", "2016-10-08"),
    (calendar_days(3), "2017-06-22", "2017-06-26"),
    (calendar_days(10), "2023-01-30", "2023-02-09"),
    (calendar_days(90), "2023-01-09", "2023-04-10"),
    # Months: the same date, the end of a month that lacks it, the end if it began on one.
    (months(1), "2026-01-31", "2026-02-28"),
    (months(1), "2026-02-28", "2026-03-31"),
    (months(1), "2024-02-28", "2024-03-28"),
    (months(1), "2021-11-12", "2021-12-13"),
    (months(2), "2024-04-08", "2024-06-11"),
    (months(2), "2023-12-30", "2024-02-29"),
    (months(2), "2024-01-31", "2024-04-01"),
    (months(2), "2018-08-01", "2018-10-08"),
    (months(3), "2025-11-30", "2026-02-28"),
    (months(15), "2024-11-29", "2026-02-28"),
]


@pytest.mark.parametrize(("start", "due_days"), [(row[0], row[1:]) for row in VECTORS], ids=str)
def test_days_and_working_days_end_on_the_published_days(start, due_days):
    found = [due(period, moment(f"{start} 10:00"), CALENDAR) for period in PERIODS]
    assert [one.at for one in found] == [day_end(day) for day in due_days]
    assert not any(one.provisional for one in found)


@pytest.mark.parametrize(("period", "start", "last"), SINGLE)
def test_a_period_ends_on_its_day(period, start, last):
    assert due(period, moment(f"{start} 00:00"), CALENDAR).at == day_end(last)
    assert due(period, moment(f"{start} 23:59"), CALENDAR).at == day_end(last)


def test_two_months_into_an_unpublished_year_are_provisional():
    found = due(months(2), moment("2026-12-31"), CALENDAR)
    assert (found.at, found.raw, found.provisional) == (day_end("2027-03-01"), date(2027, 2, 28), True)


def test_a_published_year_makes_it_final(tmp_path):
    path = tmp_path / "holidays.toml"
    path.write_text(
        'published = [2027]\n[[day]]\ndate = 2027-03-01\nstate = "off"\nwhy = "调休"\n', encoding="utf-8"
    )
    found = due(months(2), moment("2026-12-31"), load_calendar(path))
    assert (found.at, found.provisional) == (day_end("2027-03-02"), False)


def test_hours_run_on_through_days_off():
    found = due(hours(24), moment("2026-02-13 18:30"), CALENDAR)
    assert (found.at, found.provisional) == (moment("2026-02-14 18:30"), False)


@pytest.mark.parametrize(("start", "end"), [("18:30", "2026-02-14 19:00"), ("18:00", "2026-02-14 18:00")])
def test_hours_may_be_read_from_the_next_full_hour(start, end):
    period = replace(hours(24), from_full_hour=True)
    assert due(period, moment(f"2026-02-13 {start}"), CALENDAR).at == moment(end)


def test_custody_is_never_extended():
    start = moment("2021-11-12 10:00")
    assert due(months(1, roll=False), start, CALENDAR).at == day_end("2021-12-12")


def test_the_start_day_is_that_of_china():
    late_evening_in_utc = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)  # 11 March, 1 o'clock in China
    assert due(calendar_days(3), late_evening_in_utc, CALENDAR).at == day_end("2026-03-16")


@pytest.mark.parametrize(
    ("period", "more"),
    [(calendar_days(3), 4), (working_days(3), 2), (months(1), 4), (hours(24), 4 * 86_400)],
)
def test_a_pause_lengthens_a_period_by_what_it_leaves_out(period, more):
    begin, end = moment("2026-03-12 10:00"), moment("2026-03-16 10:00")  # Thursday to Monday
    assert not_counted(period, begin, end, CALENDAR) == more


def test_a_resumption_before_its_pause_lengthens_nothing():
    begin, end = moment("2026-03-16 10:00"), moment("2026-03-12 10:00")
    for period in (*PERIODS, hours(24), months(1)):
        assert not_counted(period, begin, end, CALENDAR) == 0


starts = st.integers(0, 26 * 365 * 24 * 3600).map(
    lambda s: datetime(2005, 1, 1, tzinfo=CHINA) + timedelta(seconds=s)
)
periods = st.one_of(
    st.integers(1, 90).map(calendar_days),
    st.integers(1, 60).map(working_days),
    st.integers(1, 24).map(months),
    st.integers(1, 72).map(hours),
)


@given(periods, starts)
def test_no_period_ends_before_it_begins(period, start):
    assert due(period, start, CALENDAR).at > start.astimezone(UTC)


@given(st.one_of(st.integers(1, 90).map(calendar_days), st.integers(1, 24).map(months)), starts)
def test_no_rolled_period_ends_on_a_day_off(period, start):
    assert CALENDAR.is_workday(due(period, start, CALENDAR).at.astimezone(CHINA).date())


@given(periods, starts, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_later_start_never_ends_earlier(period, start, later):
    if (
        period.unit != "months"
    ):  # from 30 and from 31 January a month ends on the same day, from 1 February later
        assert due(period, start, CALENDAR).at <= due(period, start + later, CALENDAR).at


@given(starts, st.integers(1, 60), st.integers(0, 20))
def test_a_longer_period_never_ends_earlier(start, count, more):
    for kind in (calendar_days, working_days, months):
        assert due(kind(count), start, CALENDAR).at <= due(kind(count + more), start, CALENDAR).at


@given(starts, st.integers(1, 60))
def test_working_days_are_the_days_that_are_worked(start, count):
    first, last = start.date(), due(working_days(count), start, CALENDAR).at.astimezone(CHINA).date()
    worked = [CALENDAR.is_workday(first + timedelta(days=n)) for n in range(1, (last - first).days + 1)]
    assert sum(worked) == count
    assert worked[-1]


@given(starts, st.integers(1, 90))
def test_unrolled_days_end_on_the_counted_day(start, count):
    found = due(calendar_days(count, roll=False), start, CALENDAR)
    assert found.at.astimezone(CHINA).date() == start.date() + timedelta(days=count)
    assert not found.provisional


@given(periods, starts)
def test_every_count_can_be_explained(period, start):
    told = steps(period, start, CALENDAR)
    last = due(period, start, CALENDAR)
    end = last.at.astimezone(CHINA).isoformat(sep=" ", timespec="seconds").removesuffix("+08:00")
    assert any(end in step.zh for step in told)
    assert any("暂定" in step.zh for step in told) == last.provisional


def test_the_steps_name_what_moved_the_day():
    told = steps(calendar_days(3), moment("2026-02-12 10:00"), CALENDAR)
    assert [step.en for step in told] == [
        "Thu 2026-02-12 is the day of the start and is not counted",
        "+ 3 calendar days → Sun 2026-02-15",
        "Sun 2026-02-15 is a day off; moved to Tue 2026-02-24",
        "2026-02-24 23:59:59 is the last second in time",
    ]
    assert told[2].zh == "2026-02-15（周日）为春节，顺延至2026-02-24（周二）"


def test_the_steps_of_custody_say_that_it_stays():
    told = steps(months(1, roll=False), moment("2021-11-12 10:00"), CALENDAR)
    assert "羁押期间不顺延" in told[2].zh
