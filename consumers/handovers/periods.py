"""Counting periods (期间计算): from a start and a period to the last second still in time.

The rules are those of art. 105 of the Criminal Procedure Law and art. 202 of the Supreme People's Court's 2021
interpretation of it: the hour and the day of the start are not counted, a month ends on the same date, and a
last day that is a day off moves to the next workday, except for custody.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from consumers.workdays import Calendar
from schemas.spans import CHINA

_LAST_SECOND = time(23, 59, 59)


class Unit(StrEnum):
    """What a period is counted in."""

    HOURS = "hours"  # 小时
    CALENDAR_DAYS = "calendar_days"  # 日, where the text does not say 工作日
    WORKING_DAYS = "working_days"  # 工作日
    MONTHS = "months"  # 月


@dataclass(frozen=True, slots=True)
class Period:
    """A limit as the law states it.

    `roll`: a last day that is a day off moves to the next workday; never so for custody (刑事诉讼法 art. 105),
    and without meaning for hours and working days. `from_full_hour`: hours count from the next full hour, the
    reading that leaves out the hour of the start (art. 105); otherwise from the moment (民法典 art. 201).
    """

    count: int
    unit: Unit
    roll: bool = True
    from_full_hour: bool = False
    plus_days: int = 0  # 一个月又十五日: days after the months
    holidays_only: bool = False  # rolls off holidays, not off plain weekends (an open point, see open_points)
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        # Due times are looked up by period: made once, since the hash of an enum member is slow.
        key = (self.count, self.unit, self.roll, self.from_full_hour, self.plus_days, self.holidays_only)
        object.__setattr__(self, "_hash", hash(key))

    def __hash__(self) -> int:
        return self._hash


def hours(count: int) -> Period:
    """A period of hours, counted without interruption from the stated moment."""
    return Period(count, Unit.HOURS)


def calendar_days(count: int, *, roll: bool = True) -> Period:
    """A period of days, days off included."""
    return Period(count, Unit.CALENDAR_DAYS, roll)


def working_days(count: int) -> Period:
    """A period of working days."""
    return Period(count, Unit.WORKING_DAYS)


def months(count: int, *, roll: bool = True, plus_days: int = 0) -> Period:
    """A period of months: to the same date, or to the end of a month that lacks it or if it began on one."""
    return Period(count, Unit.MONTHS, roll, plus_days=plus_days)


@dataclass(frozen=True, slots=True)
class Due:
    """Where a period ends. `at` is aware (UTC) and the last second still in time.

    `provisional`: a day was consulted whose year has no published days off, so the date may still move.
    """

    at: datetime
    provisional: bool
    raw: date | None = field(compare=False)  # the last day before it moved; None for hours


def due(period: Period, start: datetime, calendar: Calendar, *, more: int = 0) -> Due:
    """When `period` ends that began at the aware `start`.

    `more` lengthens it by units that do not count because the period was paused (days, also for months;
    seconds for hours).
    """
    if period.unit is Unit.HOURS:
        begin = _next_full_hour(start) if period.from_full_hour else start
        end = begin.astimezone(UTC) + timedelta(hours=period.count, seconds=more)
        return Due(end, provisional=False, raw=None)
    return _due_on_day(period, start.astimezone(CHINA).date(), calendar, more)


def not_counted(period: Period, begin: datetime, end: datetime, calendar: Calendar) -> int:
    """How much a pause from `begin` to `end` lengthens `period`, for `more` of `due`.

    The day of the pause itself still counts and the day of the resumption does not, as for any start.
    """
    if period.unit is Unit.HOURS:
        return max(0, int((end - begin).total_seconds()))
    first, last = begin.astimezone(CHINA).date(), end.astimezone(CHINA).date()
    span = max(0, (last - first).days)
    if period.unit is not Unit.WORKING_DAYS:
        return span
    return sum(calendar.is_workday(first + timedelta(days=n)) for n in range(1, span + 1))


def _next_full_hour(moment: datetime) -> datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(hours=1)


@lru_cache(maxsize=65_536)
def _due_on_day(period: Period, start: date, calendar: Calendar, more: int) -> Due:
    if period.unit is Unit.WORKING_DAYS:
        return _after_working_days(start, period.count + more, calendar)
    if period.unit is Unit.MONTHS:
        raw = _months_later(start, period.count) + timedelta(days=period.plus_days + more)
    else:
        raw = start + timedelta(days=period.count + more)
    last = raw
    provisional = period.roll and not calendar.published(last.year)
    while period.roll and _moves_on(period, last, calendar):
        last += timedelta(days=1)
        provisional = provisional or not calendar.published(last.year)
    return Due(_end_of(last), provisional, raw)


def _moves_on(period: Period, last: date, calendar: Calendar) -> bool:
    if period.holidays_only:
        return calendar.is_holiday(last)
    return not calendar.is_workday(last)


def _after_working_days(start: date, count: int, calendar: Calendar) -> Due:
    last, provisional = start, False
    while count > 0:
        last += timedelta(days=1)
        provisional = provisional or not calendar.published(last.year)
        count -= calendar.is_workday(last)
    return Due(_end_of(last), provisional, last)


def _months_later(start: date, count: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    length = monthrange(year, month + 1)[1]
    began_at_the_end = start.day == monthrange(start.year, start.month)[1]
    return date(year, month + 1, length if began_at_the_end else min(start.day, length))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, _LAST_SECOND, CHINA).astimezone(UTC)
