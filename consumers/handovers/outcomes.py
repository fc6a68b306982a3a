"""How a duty ended, judged on every possible day: in time, late, too early, fallen away, or not yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from consumers.casefile import CaseEvent, ClockKind, ClockState
from consumers.handovers.duty import Proof
from consumers.handovers.episode import Beginning, Ending, Episode
from consumers.handovers.statute import Statute
from consumers.handovers.windows import Window
from schemas.spans import Span

_SECOND = timedelta(seconds=1)


class Outcome(NamedTuple):
    """How the duty stands as far as events tell. That its time has passed is for the clock to say.

    `certain`: it holds on every possible day, and for every party. `overrun_seconds`: late, or too early, by at
    least this much.
    """

    state: ClockState
    certain: bool
    end: CaseEvent | None = None
    ended: Span | None = None
    overrun_seconds: int | None = None


def judge(statute: Statute, window: Window, episode: Episode) -> Outcome:
    """The outcome of one episode of a duty. That its start may only be assumed is said elsewhere, by the clock."""
    start = episode.counted
    if not start.stands:
        return Outcome(ClockState.WITHDRAWN, certain=True)
    if statute.duty.entered_by_report:
        return _entered(window, start.event)
    if statute.duty.told_by_report:
        return _told(window, start)
    ending = episode.end
    if ending is None:
        state = ClockState.PAUSED if window.paused else ClockState.RUNNING
        return Outcome(state, certain=not episode.partly)
    ended = _ended(ending, start)
    if statute.kind is ClockKind.WAITING:
        return _after_waiting(window, ending.event, ended)
    return _by_deadline(window, ending, ended)


def _ended(ending: Ending, start: Beginning) -> Span:
    """When the act was done: at the event, or, if the event only proves it, at any time since the start."""
    if ending.stop.proof is Proof.LATER:
        return Span(start.event.span.earliest, ending.event.span.latest)
    return ending.event.span


def _by_deadline(window: Window, ending: Ending, ended: Span) -> Outcome:
    proof, end = ending.stop.proof, ending.event
    if _later_than(ended.earliest, window.latest):
        # A result after the due time leaves open whether what was owed, such as a reply, came before it.
        certain = proof is not Proof.RESULT
        return Outcome(ClockState.MET_LATE, certain, end, ended, _seconds(ended.earliest, window.latest))
    state = ClockState.WITHDRAWN if proof is Proof.RELEASE else ClockState.MET
    return Outcome(state, window.paused or _within(ended.latest, window.earliest), end, ended)


def _after_waiting(window: Window, end: CaseEvent, ended: Span) -> Outcome:
    if _within(ended.latest, window.earliest):
        early = _seconds(window.earliest, ended.latest)
        return Outcome(ClockState.BREACHED, certain=True, end=end, ended=ended, overrun_seconds=early)
    return Outcome(ClockState.MET, _later_than(ended.earliest, window.latest), end, ended)


def _told(window: Window, start: Beginning) -> Outcome:
    """The bus tells whoever had to be told when the report is recorded, if nobody told them before."""
    event = start.event
    told = max(event.recorded_at, event.span.latest or event.recorded_at)
    return Outcome(ClockState.MET, _within(told, window.earliest), event, Span(event.span.earliest, told))


def _entered(window: Window, event: CaseEvent) -> Outcome:
    """The report is the entry: in time, or late by what lies between."""
    entered = Span(event.recorded_at, event.recorded_at)
    if _later_than(event.recorded_at, window.latest):
        late = _seconds(event.recorded_at, window.latest)
        return Outcome(ClockState.MET_LATE, certain=True, end=event, ended=entered, overrun_seconds=late)
    return Outcome(ClockState.MET, _within(event.recorded_at, window.earliest), event, entered)


def _within(moment: datetime | None, due: datetime | None) -> bool:
    """Whether `moment` is known to lie in the last second still in time, or before it."""
    return moment is not None and due is not None and moment < due + _SECOND


def _later_than(moment: datetime | None, due: datetime | None) -> bool:
    """Whether `moment` is known to lie after the last second still in time."""
    return moment is not None and due is not None and moment >= due + _SECOND


def _seconds(later: datetime | None, earlier: datetime | None) -> int | None:
    """Whole seconds between two times, both of which are known where this is asked."""
    return None if later is None or earlier is None else int((later - earlier).total_seconds())
