"""When a duty falls due: a range if its start is uncertain, longer by pauses and extensions, open while paused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from consumers.handovers.docket import Docket, earliest
from consumers.handovers.duty import Only, fits
from consumers.handovers.episode import Episode
from consumers.handovers.limits import letter_period, limit_at
from consumers.handovers.open_points import as_read
from consumers.handovers.pauses import Pause, earliest_end, latest_end
from consumers.handovers.periods import Due, Period, calendar_days, due
from consumers.handovers.standstills import lengthened, since_the_start, standstills
from consumers.handovers.statute import Statute, first_instant
from consumers.workdays import Calendar
from schemas.spans import Span

CUSTODY: tuple[tuple[str, Only], ...] = (
    ("case.arrest_approved", ()),
    ("case.suspect_in_custody", (("measure", ("detention", "arrest")),)),
)
"""Events after which a suspect may be in custody."""


class Window(NamedTuple):
    """The earliest and the latest possible last second in time; None: cannot be computed."""

    earliest: datetime | None
    latest: datetime | None
    provisional: bool = False
    paused: bool = False


def window(statute: Statute, episode: Episode, docket: Docket) -> Window:
    """When the duty falls due under `statute`, for every instant at which it can have begun."""
    duty, span, calendar = statute.duty, episode.counted.event.span, docket.rulebook.calendar
    period = _period(statute, episode, docket)
    pauses = standstills(episode, docket) if duty.pauses else ()
    if duty.lengthened_by in docket.by_type:
        period = lengthened(period, pauses, episode, docket)
    if pauses:
        return _with_pauses(period, pauses, episode, docket)
    if (
        span.earliest is not None
        and span.earliest is span.latest
        and not (statute.extensions or duty.custody or statute.longest)
    ):
        end = due(period, span.earliest, calendar)
        return Window(end.at, end.at, end.provisional)
    found = _plain(period, span, calendar)
    if duty.custody and _custody(docket):
        # Who is in custody when the period ends is not known: with custody it ends on the day off itself.
        found = found._replace(earliest=_plain(replace(period, roll=False), span, calendar).earliest)
    if statute.extensions and duty.extended_by in docket.by_type:
        found = _extended(found, statute, episode, docket)
    if statute.longest is not None:
        found = found._replace(latest=_plain(statute.longest, span, calendar).latest)
    if span.latest is not None and span.earliest is not None and not span.exact:
        found = _across_versions(found, statute, episode, docket)
    return found


def _period(statute: Statute, episode: Episode, docket: Docket) -> Period:
    period = statute.period
    if statute.by_letter:
        period = letter_period(episode) or period
    if period is None:
        raise ValueError(f"{statute.code} binds without a period: no letter sets one")
    profiles = docket.rulebook.profiles
    return as_read(period, statute, profiles) if profiles else period


def _plain(period: Period, span: Span, calendar: Calendar) -> Window:
    first = None if span.earliest is None else due(period, span.earliest, calendar)
    if first is not None and span.earliest == span.latest:
        return Window(first.at, first.at, first.provisional)
    return _between(first, None if span.latest is None else due(period, span.latest, calendar))


def _between(first: Due | None, last: Due | None) -> Window:
    provisional = (first is not None and first.provisional) or (last is not None and last.provisional)
    return Window(None if first is None else first.at, None if last is None else last.at, provisional)


def _custody(docket: Docket) -> bool:
    return any(fits(only, event.data) for type_, only in CUSTODY for event in docket.standing(type_))


def _extended(found: Window, statute: Statute, episode: Episode, docket: Docket) -> Window:
    """An approved extension counts from the same start, and only if it can have come before the period ended."""
    ladder, total = dict(statute.extensions), 0
    said = since_the_start(statute.duty.extended_by, episode, docket)
    own = (event for event in said if event.envelope.source == episode.holder)
    for event in sorted(own, key=lambda one: (earliest(one), one.identity)):
        longer = min(ladder.get(event.data["approver_level"], 0), event.data["limit_days"])
        if longer > total and (found.latest is None or earliest(event) <= found.latest):
            total = longer
            longest = _plain(calendar_days(total), episode.counted.event.span, docket.rulebook.calendar)
            found = longest if _later(longest, found) else found
    return found


def _later(one: Window, other: Window) -> bool:
    ends = (one.latest or one.earliest, other.latest or other.earliest)
    return ends[0] is not None and ends[1] is not None and ends[0] > ends[1]


def _across_versions(found: Window, statute: Statute, episode: Episode, docket: Docket) -> Window:
    """If the start may lie before the rule's first day, the earlier rule counts for those days.

    Where there was none, nobody can be late on every possible day, and nothing ever rings.
    """
    span, since, calendar = episode.counted.event.span, first_instant(statute.since), docket.rulebook.calendar
    if span.earliest is None or span.earliest >= since:
        return found
    earlier = limit_at(span.earliest, episode, docket)
    if earlier is None:
        return found._replace(latest=None)
    before = Span(span.earliest, since - timedelta(seconds=1))
    old = _plain(_period(earlier, episode, docket), before, calendar)
    new = _plain(_period(statute, episode, docket), Span(since, span.latest), calendar)
    return Window(
        min(end for end in (old.earliest, new.earliest) if end is not None),
        max(end for end in (old.latest, new.latest) if end is not None),
        old.provisional or new.provisional,
    )


def _with_pauses(period: Period, pauses: Sequence[Pause], episode: Episode, docket: Docket) -> Window:
    span, calendar = episode.counted.event.span, docket.rulebook.calendar
    first = None if span.earliest is None else earliest_end(period, span.earliest, pauses, calendar)
    last = None if span.latest is None else latest_end(period, span.latest, pauses, calendar)
    if span.latest is not None and last is None and any(one.resumed is None for one in pauses):
        return Window(None, None, paused=True)
    return _between(first, last)
