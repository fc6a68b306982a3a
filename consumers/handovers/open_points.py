"""What the texts leave open about counting (law.md's five points): each a setting with a default, and who signed it.

A choice other than the default is a profile of the office. Who is entitled signs a choice by name, with a date and
the text relied on; until then every answer that rests on it says that nobody has.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from consumers.handovers.docket import Docket
from consumers.handovers.duties import SUPPLEMENT_PAUSES, SUPPLEMENT_RESTARTS
from consumers.handovers.duty import Duty, Start, Stop
from consumers.handovers.episode import Episode
from consumers.handovers.episodes import episodes
from consumers.handovers.periods import Period, Unit
from consumers.handovers.statute import Statute
from consumers.sources import SignOff

WORKING_DAYS = "order-310-working-days"
FULL_HOUR_PROFILE = "hours-from-next-full-hour"
WEEKENDS_STAY = "weekends-do-not-roll"
FROM_SENDING = "start-from-sending"


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read an open point; `profile` None: the default."""

    code: str
    zh: str
    en: str
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """A question that the texts leave open, and the ways to answer it, the default first."""

    code: str
    zh: str
    en: str
    choices: tuple[Choice, ...]

    def chosen(self, profiles: Collection[str]) -> Choice:
        """The choice that these profiles make."""
        on = (one for one in self.choices if one.profile is not None and one.profile in profiles)
        return next(on, self.choices[0])


@dataclass(frozen=True, slots=True)
class Answered:
    """An open point as an office has it; `signed` None: nobody has signed this choice."""

    point: OpenPoint
    choice: Choice
    signed: SignOff | None


DAYS = OpenPoint(
    "days-of-order-310",
    "国务院令第310号的“日”是日历日还是工作日",
    "whether 日 in Order 310 is a calendar day or a working day",
    (
        Choice("calendar-days", "日历日，末日遇节假日顺延", "calendar days; a last day off moves on"),
        Choice("working-days", "工作日", "working days", WORKING_DAYS),
    ),
)
HOURS = OpenPoint(
    "hours",
    "以小时计的期限自何时起算",
    "from when a limit in hours is counted",
    (
        Choice("from-the-moment", "自载明的时点起连续计算", "without interruption from the stated moment"),
        Choice(
            "next-full-hour",
            "起算之时不计入，自次一整点起算",
            "the hour of the start is left out: from the next full hour",
            FULL_HOUR_PROFILE,
        ),
    ),
)
DAYS_OFF = OpenPoint(
    "weekends",
    "末日顺延所称“节假日”是否包括周末",
    "whether the days off from which a last day moves include weekends",
    (
        Choice(
            "weekends-included", "包括周末，调休上班日除外", "weekends included, make-up workdays excepted"
        ),
        Choice("holidays-only", "仅节日放假日", "holidays only", WEEKENDS_STAY),
    ),
)
SUPPLEMENT = OpenPoint(
    "supplement",
    "补正是否影响公安机关的审查期限",
    "whether supplementing affects the time of the police",
    (
        Choice("runs-on", "不影响", "it runs on"),
        Choice("pauses", "补正期间中止", "it stands still meanwhile", SUPPLEMENT_PAUSES),
        Choice("restarts", "补正后重新起算", "it begins again afterwards", SUPPLEMENT_RESTARTS),
    ),
)
START = OpenPoint(
    "start",
    "“自收到之日起”的期限自何时起算",
    "from when a limit that begins with the receipt is counted",
    (
        Choice("receipt", "自签收、送达之日", "from the signed receipt or delivery"),
        Choice("sending", "自发出之日", "from the sending", FROM_SENDING),
    ),
)
OPEN_POINTS: tuple[OpenPoint, ...] = (DAYS, HOURS, DAYS_OFF, SUPPLEMENT, START)
_READINGS = frozenset({WORKING_DAYS, FULL_HOUR_PROFILE, WEEKENDS_STAY})


def as_read(period: Period, statute: Statute, profiles: frozenset[str]) -> Period:
    """The period of `statute` as the office reads the open points."""
    if profiles.isdisjoint(_READINGS):
        return period
    if period.unit is Unit.HOURS:
        return replace(period, from_full_hour=True) if FULL_HOUR_PROFILE in profiles else period
    if WORKING_DAYS in profiles and statute.order_310 and period.unit is Unit.CALENDAR_DAYS:
        return replace(period, unit=Unit.WORKING_DAYS)
    return replace(period, holidays_only=WEEKENDS_STAY in profiles)


def episodes_as_read(
    duty: Duty, docket: Docket, starts: Sequence[Start], stops: Sequence[Stop]
) -> Sequence[Episode]:
    """The episodes of the duty; counted from the sending instead of the receipt if the office reads it so."""
    known = docket.begun.get(duty.name)
    if known is not None:
        return known
    begun = episodes(duty, docket, starts, stops)
    if FROM_SENDING in docket.rulebook.profiles:
        begun = [_from_sending(one) for one in begun]
    docket.begun[duty.name] = begun
    return begun


def _from_sending(episode: Episode) -> Episode:
    sent = [one for one in episode.beginnings if one.start.assumed and one.stands]
    if not sent:
        return episode
    return episode._replace(counted=min(sent, key=lambda one: (one.at, one.event.identity)))


def points_of(statute: Statute) -> tuple[OpenPoint, ...]:
    """The open points that an answer by this row rests on."""
    period = statute.period
    by_days = period is not None and period.unit in (Unit.CALENDAR_DAYS, Unit.MONTHS)
    asked = (
        (DAYS, statute.order_310 and by_days),
        (HOURS, period is not None and period.unit is Unit.HOURS),
        (DAYS_OFF, by_days and period is not None and period.roll),
        (SUPPLEMENT, any(pause.profile == SUPPLEMENT_PAUSES for pause in statute.duty.pauses)),
        (START, any(start.assumed for start in statute.duty.starts)),
    )
    return tuple(point for point, concerned in asked if concerned)


def answered(point: OpenPoint, profiles: Collection[str], signed: Mapping[str, SignOff]) -> Answered:
    """The choice that is in force. A signature under another choice is none."""
    choice, signature = point.chosen(profiles), signed.get(point.code)
    return Answered(
        point, choice, signature if signature is not None and signature.choice == choice.code else None
    )


def answers_for(
    statute: Statute, profiles: Collection[str], signed: Mapping[str, SignOff]
) -> tuple[Answered, ...]:
    """The open points that an answer by this row rests on, as an office with these profiles and sign-offs has them."""
    return tuple(answered(point, profiles, signed) for point in points_of(statute))


def words_of(one: Answered) -> tuple[str, str]:
    """An open point as people read it, Chinese and English."""
    by_zh, by_en = "未签署", "unsigned"
    if one.signed is not None:
        by = one.signed
        by_zh = f"{by.who}于{by.when}签署，依据：{by.reference}"
        by_en = f"signed by {by.who} on {by.when}, on {by.reference}"
    return (
        f"{one.point.zh}：{one.choice.zh}（{by_zh}）",
        f"{one.point.en}: {one.choice.en} ({by_en})",
    )


class SignOffError(ValueError):
    """A file of sign-offs that cannot be used: says which entry and what is accepted."""


def load_sign_offs(path: Path) -> Mapping[str, SignOff]:
    """The sign-offs of a TOML file with `[[signoff]]` tables, by the code of the point. Raises SignOffError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SignOffError(f"the sign-offs {path} cannot be read: {error}") from error
    rows = table.get("signoff", [])
    if set(table) - {"signoff"} or not isinstance(rows, list):
        raise SignOffError(f"{path}: write each sign-off as a [[signoff]] table, and nothing else")
    found: dict[str, SignOff] = {}
    for number, row in enumerate(rows, start=1):
        one = _sign_off(row, f"{path}: [[signoff]] number {number}")
        if one.point in found:
            raise SignOffError(f"{path}: {one.point!r} is signed twice")
        found[one.point] = one
    return MappingProxyType(found)


def _sign_off(row: object, where: str) -> SignOff:
    names = ("point", "choice", "who", "when", "reference")
    if not isinstance(row, dict) or set(row) != set(names):
        raise SignOffError(f"{where}: give exactly {', '.join(names)}")
    point = next((one for one in OPEN_POINTS if one.code == row["point"]), None)
    if point is None:
        accepted = ", ".join(one.code for one in OPEN_POINTS)
        raise SignOffError(f"{where}: {row['point']!r} is no open point; accepted: {accepted}")
    if row["choice"] not in [choice.code for choice in point.choices]:
        accepted = ", ".join(choice.code for choice in point.choices)
        raise SignOffError(f"{where}: {row['choice']!r} answers nothing here; accepted: {accepted}")
    if not isinstance(row["when"], date) or isinstance(row["when"], datetime):
        raise SignOffError(f"{where}: `when` is a plain date such as 2026-11-24, not {row['when']!r}")
    for name in ("who", "reference"):
        if not isinstance(row[name], str) or not row[name].strip():
            raise SignOffError(f"{where}: `{name}` is a text: who signed, and the text relied on")
    return SignOff(point.code, row["choice"], row["who"], row["when"], row["reference"])
