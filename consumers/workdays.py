"""The calendar of days off (休息日、节假日) and make-up workdays (调休上班) by which statutory periods are counted."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from types import MappingProxyType

from chinese_calendar.constants import Holiday, holidays, workdays

_SATURDAY = 5  # date.weekday()
WEEKEND = "休息日"
"""Why nobody works on a Saturday or Sunday that belongs to no holiday."""

_LAST_OF_THE_LIBRARY = 2026
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
    editions: tuple[Edition, ...] = ()  # what became known later, in order of time
    _known: dict[date, bool] = field(init=False, repr=False, default_factory=dict)

    def at(self, moment: datetime) -> Calendar:
        """The calendar as this installation knew it at the aware `moment`."""
        if not self.editions:
            return self
        known = [one.calendar for one in self.editions if one.known_from <= moment]
        return known[-1] if known else self

    @property
    def newest(self) -> Calendar:
        """With every edition that is entered, whether it is used already or not."""
        return self.editions[-1].calendar if self.editions else self

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


@dataclass(frozen=True, eq=False)
class Edition:
    """The calendar from an instant on: a year was published, or a published day was changed.

    What was appended before `known_from` stays counted by the calendar before, also in a replay.
    """

    known_from: datetime
    published: frozenset[int]
    reason: str
    source: str | None
    changed: frozenset[date]  # days of years known before that are worked or not otherwise than before
    calendar: Calendar


@cache
def published_calendar() -> Calendar:
    """The yearly notices up to 2026, as the installed `chinesecalendar` has them.

    A later year that a later release knows is used only from an edition on: otherwise an update would
    change what was decided before it.
    """
    off = {day: name for day, name in _library_off().items() if day.year <= _LAST_OF_THE_LIBRARY}
    worked = {day: name for day, name in _library_worked().items() if day.year <= _LAST_OF_THE_LIBRARY}
    return Calendar(
        version=f"chinesecalendar-{version_of('chinesecalendar')}",
        off=MappingProxyType(off),
        worked=MappingProxyType(worked),
        years=frozenset(day.year for day in off),
    )


def _library_off() -> dict[date, str]:
    return {day: _LUNAR_AND_FIXED.get(name, name) for day, name in holidays.items()}


def _library_worked() -> dict[date, str]:
    return {day: f"{_LUNAR_AND_FIXED.get(name, name)}调休上班" for day, name in workdays.items()}


def load_calendar(path: Path) -> Calendar:
    """The published calendar with the days of a TOML file over it. Raises CalendarError.

    `published = [2027]` declares that the file has the whole notice of that year. Each `[[day]]` has
    `date`, `state` ("off" or "work"), `why` and, where there is one, the `source` of the notice.

    These are the days as they are counted from the first event of the log on. What an installation in use
    learns later is an `[[edition]]` with `known_from` (a time with offset that still lies ahead when it is
    entered), `reason`, `published`, its own `[[edition.day]]` and `source`; a published year without a day
    of its own takes the days that the installed `chinesecalendar` knows.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError(f"the calendar {path} cannot be read: {error}") from error
    return parse_calendar(text, str(path))


def parse_calendar(text: str, where: str) -> Calendar:
    """The calendar of such a file's text; `where` names it in errors. Raises CalendarError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CalendarError(f"the calendar {where} cannot be read: {error}") from error
    unknown = sorted(set(table) - {"published", "day", "edition"})
    if unknown:
        raise CalendarError(
            f"{where}: {unknown[0]!r} is not known here; use `published`, [[day]], [[edition]]"
        )
    base = _over(published_calendar(), table, where)
    return replace(base, editions=_editions(base, table.get("edition", []), where))


def _over(known: Calendar, table: Mapping[str, object], where: str) -> Calendar:
    """`known` with the `published` years and the days of a table over it; named after their content."""
    off, worked = dict(known.off), dict(known.worked)
    years, days = _years(table.get("published", []), where), list(_days(table.get("day", []), where))
    for day, state, why in days:
        off.pop(day, None)
        worked.pop(day, None)
        (off if state == "off" else worked)[day] = why
    for year in years - {day.year for day, _, _ in days}:
        off |= {day: name for day, name in _library_off().items() if day.year == year}
        worked |= {day: name for day, name in _library_worked().items() if day.year == year}
    content = repr((sorted(off.items()), sorted(worked.items()), sorted(known.years | years)))
    return Calendar(
        version=f"{known.version.partition('+')[0]}+{hashlib.sha256(content.encode()).hexdigest()[:12]}",
        off=MappingProxyType(off),
        worked=MappingProxyType(worked),
        years=known.years | years,
    )


def _editions(base: Calendar, rows: object, where: str) -> tuple[Edition, ...]:
    if not isinstance(rows, list):
        raise CalendarError(f"{where}: write each edition as an [[edition]] table")
    found: list[Edition] = []
    before = base
    for number, row in enumerate(rows, start=1):
        edition = _edition(before, row, f"{where}: [[edition]] number {number}")
        if found and edition.known_from <= found[-1].known_from:
            raise CalendarError(f"{where}: editions stand in order of `known_from`")
        found.append(edition)
        before = edition.calendar
    return tuple(found)


def _edition(before: Calendar, row: object, where: str) -> Edition:
    if not isinstance(row, dict):
        raise CalendarError(f"{where} is no table")
    unknown = sorted(set(row) - {"known_from", "published", "reason", "source", "day"})
    if unknown:
        raise CalendarError(
            f"{where}: {unknown[0]!r} is not known; use known_from, published, reason, source, day"
        )
    known_from, reason, source = (row.get(name) for name in ("known_from", "reason", "source"))
    if not isinstance(known_from, datetime) or known_from.tzinfo is None:
        raise CalendarError(f"{where}: `known_from` is a time with offset, such as 2026-11-10T09:00:00+08:00")
    if not isinstance(reason, str) or not reason.strip():
        raise CalendarError(f"{where}: `reason` says why dates are counted anew, such as the notice")
    if source is not None and not isinstance(source, str):
        raise CalendarError(f"{where}: `source` is a text, such as the number of the notice")
    after = _over(before, row, where)
    touched = {day for day, _, _ in _days(row.get("day", []), where) if before.published(day.year)}
    return Edition(
        known_from=known_from,
        published=after.years - before.years,
        reason=reason,
        source=source,
        changed=frozenset(day for day in touched if before.is_workday(day) is not after.is_workday(day)),
        calendar=after,
    )


def _years(value: object, where: str) -> frozenset[int]:
    if not isinstance(value, list) or not all(type(year) is int for year in value):
        raise CalendarError(f"{where}: `published` is a list of years, such as [2027], not {value!r}")
    return frozenset(value)


def _days(rows: object, where: str) -> Iterable[tuple[date, str, str]]:
    if not isinstance(rows, list):
        raise CalendarError(f"{where}: write each day as a [[day]] table")
    seen: set[date] = set()
    for number, row in enumerate(rows, start=1):
        day, state, why = _day(row, f"{where}: [[day]] number {number}")
        if day in seen:
            raise CalendarError(f"{where}: {day} is entered twice")
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
