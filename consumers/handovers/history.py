"""From how a duty stands now to its clock: what rang before is carried on, and what rings next is set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
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
from consumers.handovers.episode import Episode
from consumers.handovers.outcomes import Outcome
from consumers.handovers.statute import Statute
from consumers.handovers.windows import Window

Ringing = tuple[Alarm | None, datetime | None]
_SILENT: Ringing = (None, None)


class Reading(NamedTuple):
    """One duty as the standing events show it, before what has rung is considered."""

    id: UUID
    statute: Statute
    episode: Episode
    window: Window
    outcome: Outcome


class Past(NamedTuple):
    """What rang for a clock that was due as now, and the breach that was last flagged for it, due whenever."""

    rung: frozenset[Alarm]
    breached_by: Identity | None
    withdrawn: bool


_NO_PAST = Past(frozenset(), None, withdrawn=False)


def carried_on(
    reading: Reading, before: Clock | None, case: Case, now: datetime, settling: timedelta
) -> Clock:
    """The clock after `reading` at the append time `now`, given the clock as it was `before`."""
    (clock_id, statute, episode, window, outcome), due = reading, reading.window.latest
    state, past = outcome.state, _NO_PAST
    same = before if before is not None and before.due_latest == due else None
    if before is not None and (same is None or before.rung or before.breached_by):
        state, past = _state(reading, _past(reading, before, case), now)
    alarm, alarm_at = _next(reading, state, past.rung, same, now=now, settling=settling)
    start, end = episode.counted, outcome.end
    # By position: twenty-three keywords cost as much as counting the period.
    return Clock(
        clock_id,
        statute.code,
        statute.version,
        statute.kind,
        episode.holder,
        start.event.identity,
        start.event.offset,
        start.event.span,
        start.start.assumed,
        window.earliest,
        due,
        window.provisional,
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


def changes(before: Clock | None, clock: Clock, cause: Identity, decisions: list[Decision]) -> None:
    """Add to `decisions` what has to be carried out if `cause` has made `before` into `clock`; nothing if equal.

    Whoever was alarmed is told of the end; a suit that came too early is flagged at once, since no time has
    to pass for that.
    """
    if clock == before:
        return
    decisions.append(ClockSet(clock))
    turned = before is None or before.state is not clock.state
    if turned and clock.kind is ClockKind.WAITING and clock.state is ClockState.BREACHED:
        decisions.append(Emit(*too_early_event(clock, cause)))
    if before is None or not (before.rung or before.breached_by):
        return
    over = turned and clock.state not in (ClockState.RUNNING, ClockState.BREACHED)
    if over or (clock.breach_withdrawn and not before.breach_withdrawn):
        decisions.append(Emit(*ended_event(clock, cause)))


def gone(clock: Clock) -> Clock:
    """The clock of a duty that no standing event shows any more."""
    return clock._replace(
        state=ClockState.WITHDRAWN,
        certain=True,
        stopped_by=None,
        stopped=None,
        overrun_seconds=None,
        breach_withdrawn=clock.breached_by is not None,
        alarm=None,
        alarm_at=None,
    )


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
            return ClockState.BREACHED, past._replace(withdrawn=False)
        if past.breached_by is not None and not past.withdrawn and due is not None and now >= breach_at(due):
            return ClockState.BREACHED, past._replace(rung=past.rung | {Alarm.BREACH})
    stands = past.breached_by is None or state in (ClockState.MET_LATE, ClockState.BREACHED)
    return state, past if stands or past.withdrawn else past._replace(withdrawn=True)


def _reported_late(reading: Reading) -> bool:
    due, end = reading.window.latest, reading.outcome.end
    if due is None:
        return False
    if reading.episode.counted.event.recorded_at > due:
        return True
    return end is not None and reading.outcome.state is ClockState.MET and end.recorded_at > due


def _next(
    reading: Reading,
    state: ClockState,
    rung: frozenset[Alarm],
    same: Clock | None,
    *,
    now: datetime,
    settling: timedelta,
) -> Ringing:
    """What rings next and when. `same` is the clock as it was, if it was due as now: what is set is not put off."""
    statute, due = reading.statute, reading.window.latest
    if due is None or statute.kind is ClockKind.WAITING:
        return _SILENT
    if state is ClockState.BREACHED and statute.escalate_to and Alarm.ESCALATION not in rung:
        return _set_already(Alarm.ESCALATION, same) or (Alarm.ESCALATION, now + ESCALATE_AFTER)
    if state is not ClockState.RUNNING:
        return _SILENT
    warning = next_warning(statute, reading.episode.counted.event.span, reading.window[:2], rung, now)
    if warning is not None:
        return warning
    at = breach_at(due)
    if now < at:
        return Alarm.BREACH, at
    # Known only after its time: what ended it may be reported with it, so the bus waits a little.
    return _set_already(Alarm.BREACH, same) or (Alarm.BREACH, now + settling)


def _set_already(alarm: Alarm, same: Clock | None) -> Ringing | None:
    return None if same is None or same.alarm is not alarm else (alarm, same.alarm_at)
