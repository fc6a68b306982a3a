"""What an alarm that has rung does to its clock, and who hears of it. Alarms are facts of the log like any other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from consumers.casefile import Alarm, Case, CaseEvent, Clock, ClockKind, ClockState
from consumers.decisions import ClockSet, Decision, Emit
from consumers.handovers.alarms import (
    ALARMS,
    ESCALATE_AFTER,
    breach_at,
    milliseconds,
    next_warning,
    recipients,
    step_of,
)
from consumers.handovers.statutes import BY_KEY
from consumers.rulebook import Rulebook
from schemas.identity import derived_id


def rang(case: Case, event: CaseEvent, rulebook: Rulebook) -> list[Decision]:
    """What follows from a `deadline.*` event of the bus.

    An alarm for another due time than the clock has now, or for a duty that has ended since, is obsolete:
    it reaches nobody and changes nothing.
    """
    clock = case.clocks.get(UUID(event.data["clock_id"]))
    if clock is None:
        return []
    step = step_of(event) if event.envelope.type in ALARMS else None
    if step is None:
        escalated = Alarm.ESCALATION in clock.rung
        return list(recipients(clock, case, rulebook.register, escalated=escalated))
    if (
        step in clock.rung
        or event.data["due_latest"] != milliseconds(clock.due_latest)
        or not _open(clock, step)
    ):
        return []
    after = _after(clock, step, event)
    told = recipients(after, case, rulebook.register, escalated=step is Alarm.ESCALATION)
    return [ClockSet(after), *told, *_announced(after, step, case, event)]


def _open(clock: Clock, step: Alarm) -> bool:
    if step is Alarm.ESCALATION or clock.kind is ClockKind.WAITING:
        return clock.state is ClockState.BREACHED
    return clock.state is ClockState.RUNNING


def _after(clock: Clock, step: Alarm, event: CaseEvent) -> Clock:
    statute = BY_KEY[clock.rule, clock.version]
    rung = clock.rung | {step}
    if step is Alarm.ESCALATION:
        return clock._replace(rung=rung, alarm=None, alarm_at=None)
    if step is not Alarm.BREACH:
        due = clock.due_latest
        warning = (
            None
            if due is None
            else next_warning(statute, clock.start, (clock.due_earliest, due), rung, event.recorded_at)
        )
        if warning is None and due is not None:
            warning = (Alarm.BREACH, breach_at(due))
        alarm, alarm_at = warning or (None, None)
        return clock._replace(rung=rung, alarm=alarm, alarm_at=alarm_at)
    if statute.duty.is_right:
        return clock._replace(rung=rung, state=ClockState.WITHDRAWN, alarm=None, alarm_at=None)
    escalates = clock.kind is ClockKind.DEADLINE and bool(statute.escalate_to)
    return clock._replace(
        rung=rung,
        state=ClockState.BREACHED,
        breached_by=event.identity,
        breach_withdrawn=False,
        alarm=Alarm.ESCALATION if escalates else None,
        alarm_at=event.recorded_at + ESCALATE_AFTER if escalates else None,
    )


def _announced(clock: Clock, step: Alarm, case: Case, event: CaseEvent) -> Iterator[Emit]:
    """What the law calls the breach: an undecided filing (P-Rules art. 562), an unanswered opinion."""
    type_ = BY_KEY[clock.rule, clock.version].announces
    if type_ is None or step is not Alarm.BREACH or clock.due_latest is None:
        return
    over = event.recorded_at - clock.due_latest
    data: dict[str, Any] = {
        "clock_id": str(clock.id),
        "holder": clock.holder,
        "summary": None,
        "documents": [],
    }
    if type_ == "reverse.reply_overdue":
        data |= {"letter_no": _letter(clock, case), "days_over": over.days}
    else:
        data |= {"rule": clock.rule, "due_latest": milliseconds(clock.due_latest)}
        data |= {"overrun_seconds": int(over.total_seconds())}
    yield Emit(str(derived_id(str(clock.id), clock.due_latest.isoformat(), type_)), type_, data)


def _letter(clock: Clock, case: Case) -> str:
    started = (event for event in case.events if event.identity == clock.started_by)
    return next((str(event.data["letter_no"]) for event in started), "")
