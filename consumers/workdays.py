"""The calendar of days off (休息日、节假日) and make-up workdays (调休上班) by which statutory periods are counted."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from types import MappingProxyType

from chinese_calendar.constants import Holiday, holidays, workdays

_SATURDAY = 5  # date.weekday()
WEEKEND = "休息日"
"""Why nobody works on a Saturday or Sunday that belongs to no holiday."""

_FIXED_SINCE = 2025
# 全国年节及纪念日放假办法 (2024-11-10) art. 2: the statutory days off that do not follow the moon.
_FIXED: Mapping[tuple[int, int], str] = MappingProxyType(
    {
        (1, 1): "元旦",
        (5, 1): "劳动节",
        (5, 2): "劳动节",
        (10, 1): "国庆节",
        (10, 2): "国庆节",
        (10, 3): "国庆节",
    }
)
_LUNAR_AND_FIXED = MappingProxyType({holiday.value: holiday.chinese for holiday in Holiday})


class CalendarError(ValueError):
    """A calendar file that cannot be used: says which entry and what is accepted."""


@dataclass(frozen=True, eq=False)
class Calendar:
    """Which days are worked. Two calendars are equal only if they are the same object, so hashing is free.

    `off` and `worked` name the days that differ from the plain week (a reason each, in Chinese);
    `years` are those whose yearly notice of the State Council is in. `version` changes with the content:
    whoever stores a due time can tell by which calendar it was counted.
    """

    version: str
    off: Mapping[date, str]
    worked: Mapping[date, str]
    years: frozenset[int]
    _known: dict[date, bool] = field(init=False, repr=False, default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Whether organs work on `day`. A guess by week and fixed holidays if the year is not published."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self.why_off(day) is None
        return known

    def is_holiday(self, day: date) -> bool:
        """Whether `day` belongs to a holiday (节假日), not only to a weekend: also a weekend day within one."""
        return self.why_off(day) not in (None, WEEKEND)

    def published(self, year: int) -> bool:
        """Whether the days off of `year` are known; if not, what is counted there is provisional."""
        return year in self.years

    def why_off(self, day: date) -> str | None:
        """Why nobody works on `day` (Chinese), or None on a workday."""
        if day in self.worked:
            return None
        if day in self.off:
            return self.off[day]
        if day.year >= _FIXED_SINCE and (day.month, day.day) in _FIXED:
            return _FIXED[day.month, day.day]
        return WEEKEND if day.weekday() >= _SATURDAY else None


@cache
def published_calendar() -> Calendar:
    """The calendar of the installed `chinesecalendar`: every yearly notice that its release knows of."""
    off = {day: _LUNAR_AND_FIXED.get(name, name) for day, name in holidays.items()}
    worked = {day: f"{_LUNAR_AND_FIXED.get(name, name)}调休上班" for day, name in workdays.items()}
    return Calendar(
        version=f"chinesecalendar-{version_of('chinesecalendar')}",
        off=MappingProxyType(off),
        worked=MappingProxyType(worked),
        years=frozenset(day.year for day in holidays),
    )


def load_calendar(path: Path) -> Calendar:
    """The published calendar with the days of a TOML file over it. Raises CalendarError.

    `published = [2027]` declares that the file has the whole notice of that year. Each `[[day]]` has
    `date`, `state` ("off" or "work"), `why` and, where there is one, the `source` of the notice.
    """
    try:
        raw = path.read_bytes()
        table = tomllib.loads(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CalendarError(f"the calendar {path} cannot be read: {error}") from error
    unknown = sorted(set(table) - {"published", "day"})
    if unknown:
        raise CalendarError(f"{path}: {unknown[0]!r} is not known here; use `published` and [[day]]")
    known = published_calendar()
    off, worked = dict(known.off), dict(known.worked)
    for day, state, why in _days(table.get("day", []), path):
        off.pop(day, None)
        worked.pop(day, None)
        (off if state == "off" else worked)[day] = why
    return Calendar(
        version=f"{known.version}+{hashlib.sha256(raw).hexdigest()[:12]}",
        off=MappingProxyType(off),
        worked=MappingProxyType(worked),
        years=known.years | _years(table.get("published", []), path),
    )


def _years(value: object, path: Path) -> frozenset[int]:
    if not isinstance(value, list) or not all(type(year) is int for year in value):
        raise CalendarError(f"{path}: `published` is a list of years, such as [2027], not {value!r}")
    return frozenset(value)


def _days(rows: object, path: Path) -> Iterable[tuple[date, str, str]]:
    if not isinstance(rows, list):
        raise CalendarError(f"{path}: write each day as a [[day]] table")
    seen: set[date] = set()
    for number, row in enumerate(rows, start=1):
        day, state, why = _day(row, f"{path}: [[day]] number {number}")
        if day in seen:
            raise CalendarError(f"{path}: {day} is entered twice")
        seen.add(day)
        yield day, state, why


def _day(row: object, where: str) -> tuple[date, str, str]:
    if not isinstance(row, dict):
        raise CalendarError(f"{where} is no table")
    unknown = sorted(set(row) - {"date", "state", "why", "source"})
    if unknown:
        raise CalendarError(f"{where}: {unknown[0]!r} is not known; use date, state, why, source")
    day, state, why, source = (row.get(name) for name in ("date", "state", "why", "source"))
    if not isinstance(day, date) or isinstance(day, datetime):
        raise CalendarError(f"{where}: `date` is a plain date such as 2027-01-01, not {day!r}")
    if state not in ("off", "work"):
        raise CalendarError(f'{where} ({day}): `state` is "off" or "work", not {state!r}')
    if not isinstance(why, str) or not why.strip():
        raise CalendarError(f"{where} ({day}): `why` says which holiday or notice this is")
    if source is not None and not isinstance(source, str):
        raise CalendarError(f"{where} ({day}): `source` is a text, such as the number of the notice")
    return day, str(state), why
