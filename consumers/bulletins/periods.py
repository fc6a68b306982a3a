"""The periods that bulletins are about: months, quarters and years of the calendar in China. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from schemas.spans import CHINA

_NAMED = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")


class PeriodError(ValueError):
    """A text that names no period; says which do."""


class Stretch(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Stretch.MONTH: 1, Stretch.QUARTER: 3, Stretch.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The month, quarter or year that begins on `first`."""

    stretch: Stretch
    first: date

    @property
    def end(self) -> date:
        """The first day that is not in it any more."""
        return _later(self.first, _MONTHS[self.stretch])

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    @property
    def name(self) -> str:
        """As addresses and commands name it: 2026-10, 2026-Q4, 2026."""
        if self.stretch is Stretch.YEAR:
            return f"{self.first.year:04}"
        if self.stretch is Stretch.QUARTER:
            return f"{self.first.year:04}-Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}"

    @property
    def before(self) -> Period:
        """The one of the same length before it."""
        return Period(self.stretch, _later(self.first, -_MONTHS[self.stretch]))

    @property
    def next(self) -> Period:
        """The one of the same length after it."""
        return Period(self.stretch, self.end)

    def over(self, now: datetime) -> bool:
        """Whether its last day has ended in China at the aware time `now`."""
        return now.astimezone(CHINA).date() >= self.end


def parse_period(text: str) -> Period:
    """The period that a text names. Raises PeriodError."""
    named = _NAMED.fullmatch(text)
    if named is None or int(named["year"]) in (0, 9999):
        raise PeriodError(f"{text!r} is no period: write 2026-10, 2026-Q4 or 2026")
    year = int(named["year"])
    if named["quarter"]:
        return Period(Stretch.QUARTER, date(year, 3 * int(named["quarter"]) - 2, 1))
    if named["month"]:
        return Period(Stretch.MONTH, date(year, int(named["month"]), 1))
    return Period(Stretch.YEAR, date(year, 1, 1))


def period_at(stretch: Stretch, now: datetime) -> Period:
    """The period of this length that the aware time `now` lies in."""
    today = now.astimezone(CHINA).date()
    months = _MONTHS[stretch]
    return Period(stretch, today.replace(month=(today.month - 1) // months * months + 1, day=1))


def _later(first: date, months: int) -> date:
    total = first.year * 12 + first.month - 1 + months
    return date(total // 12, total % 12 + 1, 1)
