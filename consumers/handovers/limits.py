"""Which limit binds a duty: chosen by the day it began, the field, the offence, and what the letter itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from consumers.casefile import Case
from consumers.handovers.docket import Docket
from consumers.handovers.duty import fits
from consumers.handovers.episodes import Episode
from consumers.handovers.periods import Period, calendar_days, months
from consumers.handovers.statute import Statute, first_instant
from consumers.handovers.statutes import STATUTES
from schemas import offences

LONGEST_LETTER_DAYS = 3660
LONGEST_LETTER_MONTHS = 120


@dataclass(frozen=True, slots=True)
class _Row:
    """A statute and the instants between which starts fall under it."""

    statute: Statute
    since: datetime
    until: datetime | None


@lru_cache(maxsize=1024)
def _rows(duty: str, profiles: frozenset[str]) -> tuple[_Row, ...]:
    return tuple(
        _Row(row, first_instant(row.since), None if row.until is None else first_instant(row.until))
        for row in STATUTES
        if row.duty.name == duty and (row.profile is None or row.profile in profiles)
    )


def limit_at(moment: datetime, episode: Episode, docket: Docket) -> Statute | None:
    """The row that binds the duty if it began at `moment`; None if no row does."""
    for row in _rows(episode.duty.name, docket.rulebook.profiles):
        if row.since <= moment and (row.until is None or moment < row.until):
            statute = row.statute
            if not _conditional(statute) or _fits(statute, episode, docket.case):
                return statute
    return None


def _conditional(statute: Statute) -> bool:
    return bool(statute.fields or statute.economic or statute.only) or statute.period is None


def _fits(statute: Statute, episode: Episode, case: Case) -> bool:
    first = episode.beginnings[0].event
    if statute.fields and (case.field or first.envelope.field) not in statute.fields:
        return False
    if statute.economic and not _economic(_offence(episode, case)):
        return False
    if statute.only and not any(fits(statute.only, one.event.data) for one in episode.beginnings):
        return False
    return statute.period is not None or letter_period(episode) is not None


def _offence(episode: Episode, case: Case) -> str | None:
    """The offence that the start itself names, else the one last named in the case."""
    named = (one.event.data.get("offence") for one in episode.beginnings)
    return next((name for name in named if name), case.offence)


@lru_cache(maxsize=4096)
def _economic(name: str | None) -> bool:
    offence = offences.find(name)
    return offence is not None and offence.economic


def letter_period(episode: Episode) -> Period | None:
    """The period that the letter sets. One of no day, or of more than ten years, is a slip and is none."""
    for one in episode.beginnings:
        days, count = one.event.data.get("reply_days"), one.event.data.get("reply_months")
        if one.stands and days is not None and 0 < days <= LONGEST_LETTER_DAYS:
            return calendar_days(days)
        if one.stands and count is not None and 0 < count <= LONGEST_LETTER_MONTHS:
            return months(count)
    return None
