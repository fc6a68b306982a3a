"""Periods that stood still (中止) for a while: what lies between pause and resumption does not count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from consumers.casefile import CaseEvent
from consumers.handovers.periods import Due, Period, due, not_counted
from consumers.workdays import Calendar
from schemas.spans import Span

_BEGINNING_OF_TIME = datetime.min.replace(tzinfo=UTC)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pause:
    """When a period stopped counting and when it went on; `resumed` None: it still stands."""

    paused: Span
    resumed: Span | None


def pauses_of(pausing: Iterable[CaseEvent], resuming: Iterable[CaseEvent]) -> list[Pause]:
    """The pauses these events make, in order of time; telling the same thing twice changes nothing."""
    turns = [
        (event.span.earliest or _BEGINNING_OF_TIME, False, event.identity, event.span) for event in pausing
    ]
    turns += [(event.span.latest or _END_OF_TIME, True, event.identity, event.span) for event in resuming]
    found: list[Pause] = []
    since: Span | None = None
    for _, resumes, _, span in sorted(turns, key=lambda turn: turn[:3]):
        if resumes and since is not None:
            found.append(Pause(since, span))
            since = None
        elif not resumes and since is None:
            since = span
    return found if since is None else [*found, Pause(since, None)]


def earliest_end(period: Period, start: datetime, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    """When the period ends if every pause was as short as it can have been."""
    spans = [
        (p.paused.latest or _END_OF_TIME, None if p.resumed is None else p.resumed.earliest) for p in pauses
    ]
    shortest = [(begin, max(begin, end or begin)) for begin, end in spans]
    return _end(period, start, shortest, calendar) or due(period, start, calendar)


def latest_end(period: Period, start: datetime, pauses: Sequence[Pause], calendar: Calendar) -> Due | None:
    """When it ends if every pause was as long as it can have been; None if one may still stand."""
    spans = [
        (
            max(pause.paused.earliest or start, start),
            _END_OF_TIME if pause.resumed is None else pause.resumed.latest or _END_OF_TIME,
        )
        for pause in pauses
    ]
    return _end(period, start, spans, calendar)


def _end(
    period: Period, start: datetime, spans: Iterable[tuple[datetime, datetime]], calendar: Calendar
) -> Due | None:
    more = 0
    reached = due(period, start, calendar)
    for begin, end in _joined(spans):
        if begin > reached.at:
            break
        if end == _END_OF_TIME:
            return None
        more += not_counted(period, max(begin, start), end, calendar)
        reached = due(period, start, calendar, more=more)
    return reached


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """The spans in order of time, overlapping ones as one: no day is left out twice."""
    begun: tuple[datetime, datetime] | None = None
    for begin, end in sorted(spans):
        if begun is None:
            begun = (begin, end)
        elif begin <= begun[1]:
            begun = (begun[0], max(begun[1], end))
        else:
            yield begun
            begun = (begin, end)
    if begun is not None:
        yield begun
