"""Why clocks run as they do: each duty that an event concerns, and which row of the limits binds it. Pure.

Duties, their starts and ends, and whether a row fits are found by the functions that decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from consumers.casefile import Case, CaseEvent, Clock, Identity
from consumers.handovers.concerns import CONCERNING, DUTY_OF, possible
from consumers.handovers.docket import Docket, docket_of
from consumers.handovers.episode import Episode
from consumers.handovers.explanations import Step, steps
from consumers.handovers.limits import Misfit, is_conditional, letter_period, limit_at, misfit
from consumers.handovers.open_points import as_read, episodes_as_read
from consumers.handovers.periods import Period, due
from consumers.handovers.statute import Statute, first_instant
from consumers.handovers.statutes import STATUTES
from consumers.rulebook import Rulebook
from consumers.workdays import Calendar


class Unbound(StrEnum):
    """What keeps a row of the limits from binding a duty."""

    DATE = "not-in-force"  # the duty began before the row's first day or after its last
    PROFILE = "profile-off"  # the office has not turned the row on
    FIELD = Misfit.FIELD.value
    OFFENCE = Misfit.OFFENCE.value
    CONTENT = Misfit.CONTENT.value
    LETTER = Misfit.LETTER.value
    UNSAID = Misfit.UNSAID.value
    OTHER_FIRST = "other-first"  # another row of the same duty binds
    NOT_OWED = "not-owed"  # the row fits, but the duty is not owed (yet)
    NO_DAY = "no-day"  # nobody knows when the duty began


class Considered(NamedTuple):
    """One row of the limits of one duty of one holder; it binds, for `period`, unless something is `unbound`."""

    # A tuple, not a dataclass: an account looks at a thousand rows, and a tuple is made in a quarter of the time.

    statute: Statute
    holder: str
    started_by: Identity
    period: Period | None
    unbound: Unbound | None


class _Row(NamedTuple):
    """A row and the instants between which starts fall under it; whether anything but its dates can be against it."""

    statute: Statute
    since: datetime
    until: datetime | None
    conditional: bool


_BY_DUTY: Mapping[str, tuple[_Row, ...]] = {
    name: tuple(
        _Row(
            row,
            first_instant(row.since),
            None if row.until is None else first_instant(row.until),
            is_conditional(row) or row.profile is not None,
        )
        for row in STATUTES
        if row.duty.name == name
    )
    for name in set(DUTY_OF.values())
}


def considered(case: Case, event: CaseEvent, rulebook: Rulebook) -> tuple[Considered, ...]:
    """Every limit of every duty that `event` concerns in `case`, which is the case after it."""
    if event.envelope.type not in CONCERNING:
        return ()
    docket = docket_of(case, rulebook)
    concerns = possible(event.envelope.type, frozenset(docket.by_type))
    if not concerns:
        return ()
    clocked = {(DUTY_OF[c.rule, c.version], c.holder, c.started_by) for c in case.clocks.values()}
    found: list[Considered] = []
    for concern in concerns:
        for episode in episodes_as_read(concern.duty, docket, concern.starts, concern.stops):
            start = episode.counted.event.identity
            owed = (concern.duty.name, episode.holder, start) in clocked
            found += _rows(episode, docket, owed=owed)
    return tuple(found)


def _rows(episode: Episode, docket: Docket, *, owed: bool) -> Iterator[Considered]:
    start, profiles = episode.counted.event, docket.rulebook.profiles
    moment = start.span.latest or start.span.earliest
    binding = None if moment is None else limit_at(moment, episode, docket)
    for statute, since, until, conditional in _BY_DUTY[episode.duty.name]:
        if moment is None:
            unbound: Unbound | None = Unbound.NO_DAY
        elif statute is binding:
            unbound = None if owed else Unbound.NOT_OWED
        elif moment < since or (until is not None and moment >= until):
            unbound = Unbound.DATE
        else:
            unbound = _unbound(statute, episode, docket) if conditional else Unbound.OTHER_FIRST
        period = stated_period(statute, episode, profiles) if unbound is None else None
        yield Considered(statute, episode.holder, start.identity, period, unbound)


def _unbound(statute: Statute, episode: Episode, docket: Docket) -> Unbound:
    """Why a row in force does not bind."""
    found = misfit(statute, episode, docket.case)
    if found is not None:
        return Unbound(found.value)
    if statute.profile is not None and statute.profile not in docket.rulebook.profiles:
        return Unbound.PROFILE
    return Unbound.OTHER_FIRST


def count(clock: Clock, period: Period, calendar: Calendar) -> tuple[Step, ...]:
    """The steps by which `period` led to the due time of `clock`.

    None if something else than the calendar had a part in it: a start that is not known exactly, a pause, an
    extension, custody.
    """
    start = clock.start.earliest
    if start is None or clock.due_latest is None or clock.due_earliest != clock.due_latest:
        return ()
    if due(period, start, calendar).at != clock.due_latest:
        return ()
    return _steps(period, start, calendar)


_steps = lru_cache(maxsize=4096)(steps)


def stated_period(statute: Statute, episode: Episode | None, profiles: frozenset[str]) -> Period | None:
    """The period that the row gives, or that the letter sets where the row leaves it to the letter."""
    period = statute.period
    if statute.by_letter and episode is not None:
        period = letter_period(episode) or period
    return None if period is None else as_read(period, statute, profiles)
