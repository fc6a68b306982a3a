"""How a due time was counted, step by step, in Chinese and English: for those who have to believe it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from consumers.handovers.periods import Due, Period, Unit, due
from consumers.workdays import Calendar
from schemas.spans import CHINA

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WORDS = {
    Unit.HOURS: ("小时", "hours"),
    Unit.CALENDAR_DAYS: ("日", "calendar days"),
    Unit.WORKING_DAYS: ("个工作日", "working days"),
    Unit.MONTHS: ("个月", "months"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a count, said twice."""

    zh: str
    en: str


def words_of(period: Period) -> Step:
    """A period as people write it."""
    zh, en = _WORDS[period.unit]
    words = Step(f"{period.count}{zh}", f"{period.count} {en if period.count != 1 else en.removesuffix('s')}")
    if not period.plus_days:
        return words
    return Step(f"{words.zh}又{period.plus_days}日", f"{words.en} and {period.plus_days} days")


def steps(period: Period, start: datetime, calendar: Calendar) -> tuple[Step, ...]:
    """The count of `due(period, start, calendar)`, from the day that is left out to the last second in time."""
    counted = due(period, start, calendar)
    way = _by_hours if period.unit is Unit.HOURS else _by_days
    return (*way(period, start, counted, calendar), *_end(counted))


def _by_hours(period: Period, start: datetime, counted: Due, _: Calendar) -> Iterator[Step]:
    local = start.astimezone(CHINA)
    if period.from_full_hour:
        yield Step(
            f"{_clock(local)} 为起算时点，当时不计入",
            f"{_clock(local)} is the start; its hour is not counted",
        )
    else:
        yield Step(f"自 {_clock(local)} 起连续计算", f"counted without interruption from {_clock(local)}")
    words = words_of(period)
    until = _clock(counted.at.astimezone(CHINA))
    yield Step(f"加{words.zh} → {until}，不因节假日顺延", f"+ {words.en} → {until}, days off do not matter")


def _by_days(period: Period, start: datetime, counted: Due, calendar: Calendar) -> Iterator[Step]:
    first = start.astimezone(CHINA).date()
    yield Step(
        f"{_day_zh(first)}为起算日，不计入", f"{_day_en(first)} is the day of the start and is not counted"
    )
    words, last = words_of(period), counted.at.astimezone(CHINA).date()
    raw = counted.raw or last
    if period.unit is Unit.WORKING_DAYS:
        off = [day for day in _between(first, last) if not calendar.is_workday(day)]
        yield Step(
            f"加{words.zh}，跳过{len(off)}个非工作日 → {_day_zh(last)}",
            f"+ {words.en}, {len(off)} days off left out → {_day_en(last)}",
        )
        return
    yield Step(f"加{words.zh} → {_day_zh(raw)}", f"+ {words.en} → {_day_en(raw)}")
    yield from _moved(period, raw, last, calendar)


def _moved(period: Period, raw: date, last: date, calendar: Calendar) -> Iterator[Step]:
    why = calendar.why_off(raw)
    if why is None:
        yield Step(f"{_day_zh(raw)}为工作日，不顺延", f"{_day_en(raw)} is a workday and stays")
    elif not period.roll:
        yield Step(
            f"{_day_zh(raw)}为{why}，羁押期间不顺延", f"{_day_en(raw)} is a day off; custody is not extended"
        )
    elif raw == last:
        yield Step(
            f"{_day_zh(raw)}为{why}，本单位采用周末不顺延的解释",
            f"{_day_en(raw)} is a weekend day, which does not move under this office's reading",
        )
    else:
        yield Step(
            f"{_day_zh(raw)}为{why}，顺延至{_day_zh(last)}",
            f"{_day_en(raw)} is a day off; moved to {_day_en(last)}",
        )


def _end(counted: Due) -> Iterator[Step]:
    at = _clock(counted.at.astimezone(CHINA))
    yield Step(f"{at} 为最后时点，此后即为逾期", f"{at} is the last second in time")
    if counted.provisional:
        year = counted.at.astimezone(CHINA).year
        yield Step(
            f"{year}年放假安排尚未公布，本结果为暂定",
            f"the days off of {year} are not published yet: this is provisional",
        )


def _between(first: date, last: date) -> Iterator[date]:
    """The days after `first` up to `last`."""
    return (first + timedelta(days=n) for n in range(1, (last - first).days + 1))


def _clock(local: datetime) -> str:
    return local.isoformat(sep=" ", timespec="seconds").removesuffix("+08:00")


def _day_zh(day: date) -> str:
    return f"{day.isoformat()}（周{_WEEKDAYS_ZH[day.weekday()]}）"


def _day_en(day: date) -> str:
    return f"{_WEEKDAYS_EN[day.weekday()]} {day.isoformat()}"
