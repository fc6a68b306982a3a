"""What a correction or a new calendar makes of the limits of a case: whoever holds or watches one is told, and why.

Reports move clocks all the time, and each reaches whom it concerns. A correction is about something said long ago,
so it tells also of a clock that has not rung yet: that it is due otherwise, runs again, or is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from consumers.casefile import CaseEvent, Clock, ClockState
from consumers.decisions import ClockSet, Decision, Emit
from consumers.handovers.alarms import ended_event, milliseconds
from consumers.handovers.concerns import CALENDAR_ADOPTED
from consumers.handovers.docket import Docket
from consumers.handovers.statutes import BY_KEY
from schemas.identity import derived_id

RECOUNTED = "deadline.recounted"
_OPEN = frozenset({ClockState.RUNNING, ClockState.PAUSED, ClockState.BREACHED})


def recounted(docket: Docket, event: CaseEvent, decisions: Sequence[Decision]) -> Iterator[Emit]:
    """What the bus says of each clock of the case that `event`, a correction or a `calendar.adopted`, has changed.

    `decisions` are those on the event; the case of `docket` is as it was before them. Whoever was alarmed is told
    of the end of a clock anyway (`history.changes`).
    """
    for decision in decisions:
        if isinstance(decision, ClockSet):
            before, clock = docket.case.clocks.get(decision.clock.id), decision.clock
            if before is None:
                continue
            if _moved(before, clock, event) or _reopened(before, clock):
                yield _told(before, clock, event, docket.rulebook.calendar.version)
            elif _over(before, clock) and not (before.rung or before.breached_by):
                yield Emit(*ended_event(clock, event.identity))


def _moved(before: Clock, clock: Clock, event: CaseEvent) -> bool:
    """Whether it is due otherwise; a limit that is over concerns nobody unless the calendar itself was wrong."""
    return _due(before) != _due(clock) and (clock.state in _OPEN or event.type == CALENDAR_ADOPTED)


def _reopened(before: Clock, clock: Clock) -> bool:
    return before.state not in _OPEN and clock.state in _OPEN


def _over(before: Clock, clock: Clock) -> bool:
    return before.state is not clock.state and clock.state not in _OPEN


def _due(clock: Clock) -> tuple[object, ...]:
    return (clock.due_earliest, clock.due_latest, clock.provisional)


def _told(before: Clock, clock: Clock, event: CaseEvent, calendar: str) -> Emit:
    statute = BY_KEY[clock.rule, clock.version]
    data: dict[str, Any] = {
        "clock_id": str(clock.id),
        "rule": clock.rule,
        "version": clock.version,
        "holder": clock.holder,
        "started_source": clock.started_by[0],
        "started_id": clock.started_by[1],
        "previous_earliest": milliseconds(before.due_earliest),
        "previous_latest": milliseconds(before.due_latest),
        "due_earliest": milliseconds(clock.due_earliest),
        "due_latest": milliseconds(clock.due_latest),
        "provisional": clock.provisional,
        "calendar": event.data.get("calendar") or calendar,
        "reason": event.data["reason"],
        "basis": statute.source,
        "mark": statute.mark.value,
        "summary": None,
        "documents": [],
    }
    return Emit(str(derived_id(str(clock.id), event.envelope.id, RECOUNTED)), RECOUNTED, data)
