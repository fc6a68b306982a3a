"""Which limit binds a duty: chosen by the day it began, the field, the offence, and what the letter itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from consumers.casefile import Case
from consumers.handovers.docket import END_OF_TIME, Docket, earliest, latest
from consumers.handovers.duty import Only, fits
from consumers.handovers.episode import Episode
from consumers.handovers.periods import Period, calendar_days, months
from consumers.handovers.statute import Statute, first_instant
from consumers.handovers.statutes import STATUTES
from schemas import offences


class Misfit(StrEnum):
    """What about a duty keeps a row from binding it."""

    FIELD = "field"  # the case belongs to another 领域
    OFFENCE = "offence"  # the offence is none of economic crime, or unknown
    CONTENT = "content"  # the starting event does not say what the row asks for
    LETTER = "letter"  # the letter sets no period
    UNSAID = "unsaid"  # nobody has said what turns the row on within the period


LONGEST_LETTER_DAYS = 3660
LONGEST_LETTER_MONTHS = 120


@dataclass(frozen=True, slots=True)
class _Row:
    """A statute and the instants between which starts fall under it."""

    statute: Statute
    since: datetime
    until: datetime | None
    conditional: bool


@lru_cache(maxsize=1024)
def _rows(duty: str, profiles: frozenset[str]) -> tuple[_Row, ...]:
    return tuple(
        _Row(
            row,
            first_instant(row.since),
            None if row.until is None else first_instant(row.until),
            is_conditional(row),
        )
        for row in STATUTES
        if row.duty.name == duty and (row.profile is None or row.profile in profiles)
    )


def is_conditional(row: Statute) -> bool:
    """Whether a row asks for more than its dates: a field, an offence, what was said, a period in the letter."""
    return bool(row.fields or row.economic or row.only or row.if_said) or row.period is None


def may_bind(duty: str, profiles: frozenset[str]) -> bool:
    """Whether an office with these profiles has any limit for the duty turned on."""
    return bool(_rows(duty, profiles))


def limit_at(moment: datetime, episode: Episode, docket: Docket) -> Statute | None:
    """The row that binds the duty if it began at `moment`; None if no row does."""
    for row in _rows(episode.duty.name, docket.rulebook.profiles):
        in_force = row.since <= moment and (row.until is None or moment < row.until)
        if in_force and (not row.conditional or misfit(row.statute, episode, docket.case) is None):
            return row.statute
    return None


def misfit(statute: Statute, episode: Episode, case: Case) -> Misfit | None:
    """Why the row does not bind this episode of its duty, its dates and profile aside; None if it does."""
    first = episode.beginnings[0].event
    if statute.fields and (case.field or first.envelope.field) not in statute.fields:
        return Misfit.FIELD
    if statute.economic and not is_economic(_offence(episode, case)):
        return Misfit.OFFENCE
    if statute.only and not any(fits(statute.only, one.event.data) for one in episode.beginnings):
        return Misfit.CONTENT
    if statute.if_said is not None and not _said(statute.if_said, episode, case):
        return Misfit.UNSAID
    return None if statute.period is not None or letter_period(episode) is not None else Misfit.LETTER


def _said(wanted: tuple[str, Only], episode: Episode, case: Case) -> bool:
    """Whether it was said within the running period: after its start, and before its end if that is known."""
    type_, only = wanted
    until = END_OF_TIME if episode.end is None else episode.end.at
    return any(
        episode.counted.at <= latest(event) and earliest(event) <= until
        for event in case.standing(type_)
        if fits(only, event.data)
    )


def _offence(episode: Episode, case: Case) -> str | None:
    """The offence that the start itself names, else the one last named in the case."""
    for one in episode.beginnings:
        named = one.event.data.get("offence")
        if named:
            return str(named)
    return case.offence


@lru_cache(maxsize=4096)
def is_economic(name: str | None) -> bool:
    """Whether the offence of this name falls under the limits for economic crime; not if it is unknown."""
    offence = offences.find(name)
    return offence is not None and offence.economic


def letter_period(episode: Episode) -> Period | None:
    """The period that the letter sets. One of no day, or of more than ten years, is a slip and is none."""
    for one in episode.beginnings:
        days, count = one.event.data.get("reply_days"), one.event.data.get("reply_months")
        if one.stands and (days is not None or count is not None):
            return _set_by_letter(days or 0, count or 0)
    return None


@lru_cache(maxsize=1024)
def _set_by_letter(days: int, count: int) -> Period | None:
    if 0 < days <= LONGEST_LETTER_DAYS:
        return calendar_days(days)
    return months(count) if 0 < count <= LONGEST_LETTER_MONTHS else None
