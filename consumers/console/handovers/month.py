"""The calendar of due days: a month of weeks, with the days off and what falls due on each. Pure."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from consumers.workdays import Calendar


@dataclass(frozen=True, slots=True)
class Day:
    """One day. `off` says why nobody works (Chinese), None on a workday."""

    day: date
    within: bool
    today: bool
    off: str | None
    due: int
    missed: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month in whole weeks from Monday; `published`: whether its days off are known for good."""

    first: date
    weeks: Sequence[Sequence[Day]]
    published: bool

    @property
    def before(self) -> str:
        """The month before, as an address names it."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def next(self) -> str:
        """The next one."""
        return f"{self.first + timedelta(days=32):%Y-%m}"


def bounds(first: date) -> tuple[date, date]:
    """The first and the last day that the page of the month of `first` shows."""
    days = [day for week in Weeks().monthdatescalendar(first.year, first.month) for day in week]
    return days[0], days[-1]


def month(first: date, due: Mapping[date, tuple[int, int]], today: date, calendar: Calendar) -> Month:
    """The month that begins on `first`."""
    weeks = [
        [_day(day, first, due.get(day, (0, 0)), today, calendar) for day in week]
        for week in Weeks().monthdatescalendar(first.year, first.month)
    ]
    return Month(first, weeks, calendar.published(first.year))


def _day(day: date, first: date, due: tuple[int, int], today: date, calendar: Calendar) -> Day:
    return Day(day, day.month == first.month, day == today, calendar.why_off(day), *due)
