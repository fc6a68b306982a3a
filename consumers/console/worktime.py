"""How much working time is left: office hours on the workdays of the calendar. Pure.

For people who plan their day; no limit is ever counted by it. That is `consumers.handovers.periods`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from consumers.workdays import Calendar
from schemas.spans import CHINA

OFFICE_HOURS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
DAY = timedelta(hours=7)
"""Working time of one workday."""
_FARTHEST_DAYS = 400
"""Nobody plans farther ahead; a limit beyond it counts as that far away."""


class Urgency(StrEnum):
    """How near a limit is, in the three colours of the alarms, and green for what can wait."""

    RED = "red"  # overdue
    ORANGE = "orange"  # at most one workday left
    YELLOW = "yellow"  # at most three
    GREEN = "green"


NEAR: dict[Urgency, timedelta] = {Urgency.ORANGE: DAY, Urgency.YELLOW: 3 * DAY}
"""Working time left up to which a limit has this colour."""


@dataclass(frozen=True, slots=True)
class Left:
    """Working time as people say it: whole workdays and the hours that remain."""

    days: int
    hours: int


def left(now: datetime, due: datetime, calendar: Calendar) -> timedelta:
    """The working time from `now` to `due`, both aware; zero if `due` has passed."""
    total = timedelta()
    for begin, end in _office_hours(now, calendar):
        if begin >= due:
            break
        total += max(min(end, due) - max(begin, now), timedelta())
    return total


def spoken(amount: timedelta) -> Left:
    """`amount` of working time, hours rounded up: nobody is told of time that is not there tomorrow."""
    days, rest = divmod(amount, DAY)
    hours = -(-rest // timedelta(hours=1))
    return Left(days + 1, 0) if hours >= DAY // timedelta(hours=1) else Left(days, hours)


def urgency(now: datetime, due: datetime, calendar: Calendar) -> Urgency:
    """The colour of a limit that is not met yet."""
    if due < now:
        return Urgency.RED
    remaining = left(now, due, calendar)
    return next((colour for colour, most in NEAR.items() if remaining <= most), Urgency.GREEN)


def until(now: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The first moment from which more than `amount` of working time has passed since `now`.

    Limits due before it have at most `amount` left: `urgency` as a condition on the due time.
    """
    gone, end = timedelta(), now
    for begin, end in _office_hours(now, calendar):
        span = max(end - max(begin, now), timedelta())
        if gone + span > amount:
            return max(begin, now) + (amount - gone)
        gone += span
    return end


def _office_hours(now: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The office hours from the day of `now` on, in order."""
    first = now.astimezone(CHINA).date()
    for n in range(_FARTHEST_DAYS):
        day = first + timedelta(days=n)
        if calendar.is_workday(day):
            yield from ((_at(day, begin), _at(day, end)) for begin, end in OFFICE_HOURS)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, CHINA)
