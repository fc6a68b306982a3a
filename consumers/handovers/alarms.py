"""What rings for a clock, when, in which words and for whom: each step once, and no warning for the past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from consumers.casefile import Alarm, Case, CaseEvent, Clock, ClockState, Identity
from consumers.decisions import Deliver, Delivery
from consumers.handovers.periods import Unit
from consumers.handovers.statute import Statute
from consumers.handovers.statutes import BY_KEY
from schemas.identity import derived_id
from schemas.spans import Span
from schemas.units import Register, Role

WARNINGS = ((Alarm.YELLOW, timedelta(days=3)), (Alarm.ORANGE, timedelta(days=1)))
"""How long before the due time each warning of a limit in days or months rings, as three-colour alerts do."""

WARNINGS_OF_HOURS = ((Alarm.YELLOW, timedelta(hours=6)), (Alarm.ORANGE, timedelta(hours=2)))
"""The same for a limit in hours. Ours (D)."""

ESCALATE_AFTER = timedelta(days=3)
"""How long after a breach was flagged, and nothing happened, those above are told. Ours (D)."""

LAPSED = "lapsed"
"""The step of a right that was not used in time: nothing was broken, and the clock is withdrawn."""

ALARMS = frozenset({"deadline.approaching", "deadline.breached", "deadline.withdrawn"})
"""Types of event by which an alarm rings (`deadline.withdrawn` only for a right that lapses)."""

_A_SECOND, _A_DAY = timedelta(seconds=1), timedelta(days=1)
_STEPS = {**{alarm.value: alarm for alarm in Alarm}, LAPSED: Alarm.BREACH}
_ENDED: Mapping[ClockState, str] = MappingProxyType(
    {
        ClockState.MET: "deadline.met",
        ClockState.MET_LATE: "deadline.met",
        ClockState.WITHDRAWN: "deadline.withdrawn",
        ClockState.RUNNING: "deadline.withdrawn",  # the breach is withdrawn, the duty runs on
        ClockState.PAUSED: "deadline.paused",
    }
)


def breach_at(due_latest: datetime) -> datetime:
    """The first second that is too late."""
    return due_latest + _A_SECOND


def next_warning(
    statute: Statute,
    start: Span,
    due: tuple[datetime | None, datetime | None],
    rung: frozenset[Alarm],
    now: datetime,
) -> tuple[Alarm, datetime] | None:
    """The next warning that lies ahead of `now`; limits in days warn from a day after the start on.

    `due` is the earliest and the latest due time. People are warned before the latest; but where the
    period may have been extended untold, before its ordinary end.
    """
    end = (due[0] if statute.longest is not None else None) or due[1]
    if end is None:
        return None
    by_hours = statute.period is not None and statute.period.unit is Unit.HOURS
    began = start.latest or start.earliest
    quiet_until = now
    if began is not None and not by_hours and began + _A_DAY > now:
        quiet_until = began + _A_DAY
    for alarm, before in WARNINGS_OF_HOURS if by_hours else WARNINGS:
        at = end - before
        if at > quiet_until and alarm not in rung:
            return alarm, at
    return None


def step_of(event: CaseEvent) -> Alarm | None:
    """The alarm by which a `deadline.*` event rang; None for one that tells how a clock ended."""
    return _STEPS.get(event.data["step"])


def alarm_event(clock: Clock, case_id: UUID) -> tuple[str, str, dict[str, Any]]:
    """(id, type, payload) of the event by which the clock's next alarm rings; depends on the arguments alone.

    The same alarm for the same due time always has the same id and payload, whoever rings it and how often.
    Raises ValueError if nothing is to ring.
    """
    if clock.alarm is None or clock.due_latest is None:
        raise ValueError(f"clock {clock.id} of case {case_id} has no alarm to ring")
    due = clock.due_latest.isoformat()
    if clock.alarm in (Alarm.YELLOW, Alarm.ORANGE):
        return _about(clock, "deadline.approaching", clock.alarm.value, due)
    if BY_KEY[clock.rule, clock.version].duty.is_right:
        return _about(clock, "deadline.withdrawn", LAPSED, due)
    return _about(clock, "deadline.breached", clock.alarm.value, due)


def ended_event(clock: Clock, cause: Identity) -> tuple[str, str, dict[str, Any]]:
    """(id, type, payload) of the event that tells those who were alarmed what `cause` has made of the clock."""
    return _about(clock, _ENDED[clock.state], clock.state.value, "/".join(cause))


def too_early_event(clock: Clock, cause: Identity) -> tuple[str, str, dict[str, Any]]:
    """(id, type, payload) of the breach of a waiting period, which an act too early makes at once."""
    return _about(clock, "deadline.breached", Alarm.BREACH.value, "/".join(cause))


def _about(clock: Clock, type_: str, step: str, occasion: str) -> tuple[str, str, dict[str, Any]]:
    """The id follows from the clock, the step, and what the occasion is: a due time, or the event that ended it."""
    statute = BY_KEY[clock.rule, clock.version]
    data: dict[str, Any] = {
        "clock_id": str(clock.id),
        "rule": clock.rule,
        "version": clock.version,
        "holder": clock.holder,
        "started_source": clock.started_by[0],
        "started_id": clock.started_by[1],
        "step": step,
        "due_earliest": milliseconds(clock.due_earliest),
        "due_latest": milliseconds(clock.due_latest),
        "overrun_seconds": clock.overrun_seconds,
        "provisional": clock.provisional,
        "certain": clock.certain,
        "assumed_start": clock.assumed_start,
        "basis": statute.source,
        "mark": statute.mark.value,
        "summary": None,
        "documents": [],
    }
    return str(derived_id(str(clock.id), occasion, step)), type_, data


def milliseconds(moment: datetime | None) -> int | None:
    """An aware time as the wire has it."""
    return None if moment is None else int(moment.timestamp() * 1000)


def recipients(clock: Clock, case: Case, register: Register, *, escalated: bool) -> Iterator[Deliver]:
    """Who hears of an alarm: the holder; of a statutory duty also those who watch it, at last those above.

    An office's own target and a right that may lapse concern their holder alone; those who watch an overdue
    target are told if its row says so.
    """
    statute = BY_KEY[clock.rule, clock.version]
    duty = statute.duty
    yield Deliver(clock.holder, Delivery.ALARM, _role_of(clock.holder, duty.role, register), statute.cited)
    overdue = statute.watched and Alarm.BREACH in clock.rung
    if (statute.office and not overdue) or duty.is_right:
        return
    told = {clock.holder}
    for role in (*duty.watchers, *(statute.escalate_to if escalated else ())):
        above = role is Role.SUPERIOR
        unit = _above(clock.holder, case, register) if above else register.acting(case.district, role)
        if unit is not None and unit not in told:
            told.add(unit)
            yield Deliver(unit, Delivery.ALARM, role, statute.cited)


def _role_of(unit: str, role: Role, register: Register) -> Role:
    known = register.by_code.get(unit)
    return role if known is None or role in known.roles else min(known.roles)


def _above(unit: str, case: Case, register: Register) -> str | None:
    known = register.by_code.get(unit)
    superior = None if known is None else known.superior
    return superior or register.acting(case.district, Role.SUPERIOR)
