"""From how a duty stands now to its clock: what rang before is carried on, and what rings next is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from consumers.casefile import Alarm, Case, CaseEvent, Clock, ClockKind, ClockState, Identity
from consumers.decisions import ClockSet, Decision, Emit
from consumers.handovers.alarms import (
    ALARMS,
    ESCALATE_AFTER,
    breach_at,
    ended_event,
    milliseconds,
    next_warning,
    step_of,
    too_early_event,
)
from consumers.handovers.episodes import Episode
from consumers.handovers.outcomes import Outcome
from consumers.handovers.statute import Statute
from consumers.handovers.windows import Window

Ringing = tuple[Alarm | None, datetime | None]
_NOTHING: frozenset[Alarm] = frozenset()
_SILENT: Ringing = (None, None)


@dataclass(frozen=True, slots=True)
class Reading:
    """One duty as the standing events show it, before what has rung is considered."""

    id: UUID
    statute: Statute
    episode: Episode
    window: Window
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Past:
    """What rang for a clock that is due as now, and the breach that was last flagged for it at any due time."""

    rung: frozenset[Alarm] = _NOTHING
    breached_by: Identity | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class _Moment:
    """The append time of the event in hand, and the clock as it was, if it was due as now."""

    now: datetime
    settling: timedelta
    before: Clock | None

    def pending(self, alarm: Alarm) -> Ringing | None:
        """The alarm as it is set already: judging again must not put it off."""
        if self.before is None or self.before.alarm is not alarm:
            return None
        return alarm, self.before.alarm_at


def carried_on(reading: Reading, case: Case, now: datetime, settling: timedelta) -> Clock:
    """The clock after `reading` at the append time `now`."""
    statute, outcome, due = reading.statute, reading.outcome, reading.window.latest
    before = case.clocks.get(reading.id)
    same = before is not None and before.due_latest == due
    past = _past(reading, before, case) if before is not None else Past()
    state, past = _state(reading, past, now)
    moment = _Moment(now, settling, before if same else None)
    alarm, alarm_at = _next(reading, state, past.rung, moment)
    start, end = reading.episode.counted, outcome.end
    return Clock(
        reading.id,
        statute.code,
        statute.version,
        statute.kind,
        reading.episode.holder,
        start.event.identity,
        start.event.span,
        start.start.assumed,
        reading.window.earliest,
        due,
        reading.window.provisional,
        state,
        outcome.certain,
        None if end is None else end.identity,
        outcome.ended,
        outcome.overrun_seconds,
        past.breached_by,
        past.withdrawn,
        _reported_late(reading),
        alarm,
        alarm_at,
        past.rung,
    )


def changes(before: Clock | None, clock: Clock) -> Iterator[Decision]:
    """What has to be carried out if `clock` is how it stands now: nothing if it stood so before.

    Whoever was alarmed is told of the end; a suit that came too early is flagged at once, since no time has
    to pass for that.
    """
    if clock == before:
        return
    yield ClockSet(clock)
    if clock.kind is ClockKind.WAITING and clock.state is ClockState.BREACHED and _new_state(before, clock):
        yield Emit(*too_early_event(clock))
    if before is None or not (before.rung or before.breached_by):
        return
    over = clock.state not in (ClockState.RUNNING, ClockState.BREACHED) and _new_state(before, clock)
    if over or (clock.breach_withdrawn and not before.breach_withdrawn):
        yield Emit(*ended_event(clock))


def gone(clock: Clock) -> Clock:
    """The clock of a duty that no standing event shows any more."""
    return replace(
        clock,
        state=ClockState.WITHDRAWN,
        certain=True,
        breach_withdrawn=clock.breached_by is not None,
        alarm=None,
        alarm_at=None,
    )


def _new_state(before: Clock | None, clock: Clock) -> bool:
    return before is None or before.state is not clock.state


def _past(reading: Reading, before: Clock, case: Case) -> Past:
    """A due time that comes back (a receipt is reported, then voided) finds again what rang for it."""
    due = reading.window.latest
    if before.due_latest == due:
        return Past(before.rung, before.breached_by, before.breach_withdrawn)
    rung = {step: event.identity for event, step in _rang_for(due, reading.id, case)}
    return Past(frozenset(rung), rung.get(Alarm.BREACH, before.breached_by), before.breach_withdrawn)


def _rang_for(due: datetime | None, clock: UUID, case: Case) -> Iterator[tuple[CaseEvent, Alarm]]:
    for event in case.events:
        if event.envelope.type in ALARMS and event.data["clock_id"] == str(clock):
            step = step_of(event)
            if step is not None and event.data["due_latest"] == milliseconds(due):
                yield event, step


def _state(reading: Reading, past: Past, now: datetime) -> tuple[ClockState, Past]:
    """The state, given what rang; and what of the past still counts.

    A breach flagged for another due time is withdrawn, unless the new due time has passed as well.
    """
    state, due = reading.outcome.state, reading.window.latest
    if state is ClockState.RUNNING and reading.statute.kind is ClockKind.DEADLINE:
        if Alarm.BREACH in past.rung:
            if reading.statute.duty.is_right:
                return ClockState.WITHDRAWN, past
            return ClockState.BREACHED, replace(past, withdrawn=False)
        if past.breached_by is not None and not past.withdrawn and due is not None and now >= breach_at(due):
            return ClockState.BREACHED, replace(past, rung=past.rung | {Alarm.BREACH})
    stands = past.breached_by is None or state in (ClockState.MET_LATE, ClockState.BREACHED)
    return state, past if stands or past.withdrawn else replace(past, withdrawn=True)


def _reported_late(reading: Reading) -> bool:
    due, end = reading.window.latest, reading.outcome.end
    if due is None:
        return False
    if reading.episode.counted.event.recorded_at > due:
        return True
    return end is not None and reading.outcome.state is ClockState.MET and end.recorded_at > due


def _next(reading: Reading, state: ClockState, rung: frozenset[Alarm], moment: _Moment) -> Ringing:
    """What rings next and when."""
    statute, due = reading.statute, reading.window.latest
    if due is None or statute.kind is ClockKind.WAITING:
        return _SILENT
    if state is ClockState.BREACHED and statute.escalate_to and Alarm.ESCALATION not in rung:
        return moment.pending(Alarm.ESCALATION) or (Alarm.ESCALATION, moment.now + ESCALATE_AFTER)
    if state is not ClockState.RUNNING:
        return _SILENT
    warning = next_warning(statute, reading.episode.counted.event.span, due, rung, moment.now)
    if warning is not None:
        return warning
    if moment.now < breach_at(due):
        return Alarm.BREACH, breach_at(due)
    # Known only after its time: what ended it may be reported with it, so the bus waits a little.
    return moment.pending(Alarm.BREACH) or (Alarm.BREACH, moment.now + moment.settling)
