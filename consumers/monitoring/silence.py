"""Whether a unit has fallen silent: judged against its own habit, in working days. Pure.

One limit for all would call a small office silent every month and the police only after days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import ceil

from consumers.workdays import Calendar
from schemas.spans import CHINA

LEAST_DAYS = 5
"""So many days with a report make a habit; before that nothing can be said."""
LONGEST_LOOK = timedelta(days=370)


class Hearing(StrEnum):
    """How long a unit has said nothing, by its own habit."""

    HEARD = "heard"
    QUIET = "quiet"  # longer than it usually is between two reports
    SILENT = "silent"  # longer than it ever was, and twice its usual longest
    NEW = "new"  # too few reports for a habit
    NEVER = "never"  # nothing yet


@dataclass(frozen=True, slots=True)
class Habit:
    """A unit's own baseline: working days between days on which it reported."""

    usual: int  # nine of ten gaps were at most this long
    longest: int

    @property
    def quiet_after(self) -> int:
        """Working days without a report after which it is quiet."""
        return max(1, self.usual)

    @property
    def silent_after(self) -> int:
        """Working days without a report after which it is silent."""
        return max(2, 2 * self.usual, self.longest)


def working_days(after: date, until: date, calendar: Calendar) -> int:
    """Working days behind `after`, up to and with `until`. Days beyond the published calendar count by weekday."""
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(_works(day, calendar) for day in days)


def habit(days: Sequence[date], calendar: Calendar) -> Habit | None:
    """The habit in the days on which a unit reported, in order; None if they are too few."""
    if len(days) < LEAST_DAYS:
        return None
    gaps = sorted(working_days(earlier, later, calendar) for earlier, later in pairwise(days))
    return Habit(usual=gaps[ceil(len(gaps) * 0.9) - 1], longest=gaps[-1])


def hearing(days: Sequence[date], now: datetime, calendar: Calendar) -> Hearing:
    """Whether the unit that reported on these days (in China, in order) has fallen silent by `now`.

    Today counts only when it is over: nobody is late before the office has closed.
    """
    if not days:
        return Hearing.NEVER
    known = habit(days, calendar)
    if known is None:
        return Hearing.NEW
    yesterday = now.astimezone(CHINA).date() - timedelta(days=1)
    gap = working_days(days[-1], yesterday, calendar)
    if gap > known.silent_after:
        return Hearing.SILENT
    return Hearing.QUIET if gap > known.quiet_after else Hearing.HEARD


def _works(day: date, calendar: Calendar) -> bool:
    return calendar.is_workday(day) if calendar.published(day.year) else day.weekday() < 5
