"""When something happened, as exactly as it is known: an instant, a day, a month, or only "before" or "after"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""Statutory days begin and end at midnight in this zone, wherever the record was written."""


class Precision(StrEnum):
    """How exactly the time of an event is known; the value of the `timeprecision` header."""

    SECOND = "second"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    BEFORE = "before"
    AFTER = "after"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """The earliest and the latest instant at which an event can have happened, both inclusive and aware.

    `None` means unbounded on that side. An exactly known time has `earliest == latest`.
    """

    earliest: datetime | None
    latest: datetime | None

    @property
    def exact(self) -> bool:
        """Whether the span is one instant."""
        return self.earliest is not None and self.earliest == self.latest


def span_of(time: datetime, precision: Precision) -> Span:
    """The span that an aware `time` known to `precision` stands for.

    Coarse precisions take the whole hour, day, month or year of `time` in China's zone. `before` and
    `after` exclude the day of `time` itself: a court "before 8 May" acted on 7 May at the latest.
    """
    if precision is Precision.SECOND:
        return Span(time, time)
    local = time.astimezone(CHINA)
    hour = local.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    month = day.replace(day=1)
    year = month.replace(month=1)
    first, end = {
        Precision.HOUR: (hour, hour + timedelta(hours=1)),
        Precision.DAY: (day, day + timedelta(days=1)),
        Precision.MONTH: (month, (month + timedelta(days=32)).replace(day=1)),
        Precision.YEAR: (year, year.replace(year=year.year + 1)),
        Precision.BEFORE: (None, day),
        Precision.AFTER: (day + timedelta(days=1), None),
        Precision.UNKNOWN: (None, None),
    }[precision]
    return Span(first, None if end is None else end - timedelta(seconds=1))


def parse_time(text: str) -> datetime:
    """An RFC 3339 time with an offset, as an aware datetime in UTC. Raises ValueError, naming the text."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an RFC 3339 time such as 2026-03-11T09:30:00+08:00") from None
    if time.tzinfo is None:
        raise ValueError(f"{text!r} has no offset: write 2026-03-11T09:30:00+08:00 or …Z")
    return time.astimezone(UTC)
