"""The calendar says which days are worked, as the yearly notices do, and takes an operator's additions."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from consumers.workdays import CalendarError, load_calendar, published_calendar

CALENDAR = published_calendar()


@pytest.mark.parametrize("year", range(2010, 2027))
def test_every_day_agrees_with_a_second_source(year):
    other = holidays.country_holidays("CN", years=year)
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    differing = [
        day for day in days if day.year == year and CALENDAR.is_workday(day) != other.is_working_day(day)
    ]
    assert differing == []


def test_the_notice_for_2026_gives_248_working_days():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(CALENDAR.is_workday(day) for day in days) == 248


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-02-16", "春节"),
        ("2026-03-14", "休息日"),
        ("2026-09-20", None),  # a Sunday that is worked for National Day
        ("2026-03-08", "休息日"),
        ("2027-03-08", None),  # Women's Day is no day off for all
    ],
)
def test_a_day_off_has_a_reason(day, why):
    assert CALENDAR.why_off(date.fromisoformat(day)) == why


@pytest.mark.parametrize("day", ["2027-01-01", "2027-05-01", "2027-05-02", "2027-10-03", "2031-10-01"])
def test_fixed_holidays_are_off_before_the_notice_comes(day):
    assert not CALENDAR.published(date.fromisoformat(day).year)
    assert not CALENDAR.is_workday(date.fromisoformat(day))


def test_a_year_without_notice_goes_by_the_week():
    assert CALENDAR.is_workday(date(2027, 2, 8))  # within Spring Festival, but nobody has published that
    assert not CALENDAR.is_workday(date(2027, 2, 13))
    assert CALENDAR.is_workday(date(2001, 5, 2))  # the fixed holidays are those of the measures of 2024


def test_an_operator_adds_a_notice(tmp_path):
    path = tmp_path / "holidays.toml"
    path.write_text(
        """
        published = [2027]

        [[day]]
        date = 2027-02-08
        state = "off"
        why = "春节"
        source = "国务院办公厅通知"

        [[day]]
        date = 2027-02-14
        state = "work"
        why = "春节调休上班"
        """,
        encoding="utf-8",
    )
    calendar = load_calendar(path)
    assert calendar.published(2027)
    assert calendar.why_off(date(2027, 2, 8)) == "春节"
    assert calendar.is_workday(date(2027, 2, 14))
    assert calendar.is_workday(date(2026, 9, 20))


def test_an_operator_can_correct_a_published_day(tmp_path):
    path = tmp_path / "holidays.toml"
    path.write_text('[[day]]\ndate = 2026-09-20\nstate = "off"\nwhy = "停课停工"\n', encoding="utf-8")
    assert not load_calendar(path).is_workday(date(2026, 9, 20))


def test_the_version_follows_the_content(tmp_path):
    path = tmp_path / "holidays.toml"
    path.write_text("published = [2027]\n", encoding="utf-8")
    first = load_calendar(path).version
    assert first == load_calendar(path).version
    assert first != CALENDAR.version
    path.write_text("published = [2028]\n", encoding="utf-8")
    assert load_calendar(path).version != first


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("published = 2027", "`published` is a list of years"),
        ("published = [true]", "`published` is a list of years"),
        ("publised = [2027]", "'publised' is not known"),
        ("day = 3", "[[day]] table"),
        ("day = [3]", "is no table"),
        ('[[day]]\ndate = "2027-01-01"\nstate = "off"\nwhy = "元旦"', "`date` is a plain date"),
        ('[[day]]\ndate = 2027-01-01T00:00:00\nstate = "off"\nwhy = "元旦"', "`date` is a plain date"),
        ('[[day]]\ndate = 2027-01-01\nstate = "free"\nwhy = "元旦"', '`state` is "off" or "work"'),
        ('[[day]]\ndate = 2027-01-01\nstate = "off"\nwhy = " "', "`why` says"),
        ('[[day]]\ndate = 2027-01-01\nstate = "off"', "`why` says"),
        ('[[day]]\ndate = 2027-01-01\nstate = "off"\nwhy = "元旦"\nsource = 7', "`source` is a text"),
        ('[[day]]\ndate = 2027-01-01\nstate = "off"\nwhy = "元旦"\nnote = ""', "'note' is not known"),
        ('[[day]]\ndate = 2027-01-01\nstate = "off"\nwhy = "a"\n' * 2, "2027-01-01 is entered twice"),
        ("[[day", "cannot be read"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(tmp_path, content, named):
    path = tmp_path / "holidays.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CalendarError) as refused:
        load_calendar(path)
    assert named in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CalendarError, match="cannot be read"):
        load_calendar(tmp_path / "none.toml")
