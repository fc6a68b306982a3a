"""What a new calendar moves: whoever holds or watches a limit is told its due times before and after, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from consumers.casefile import Case, CaseEvent, Clock
from consumers.decisions import ClockSet, Decision, Emit
from consumers.handovers.alarms import milliseconds
from consumers.handovers.statutes import BY_KEY
from schemas.identity import derived_id

RECOUNTED = "deadline.recounted"


def recounted(case: Case, event: CaseEvent, decisions: Sequence[Decision]) -> Iterator[Emit]:
    """What the bus says of each clock of `case` that `event`, a `calendar.adopted`, has made due otherwise.

    `decisions` are those on the event; `case` is as it was before them.
    """
    for decision in decisions:
        if isinstance(decision, ClockSet):
            before = case.clocks.get(decision.clock.id)
            if before is not None and _due(before) != _due(decision.clock):
                yield _told(before, decision.clock, event)


def _due(clock: Clock) -> tuple[object, ...]:
    return (clock.due_earliest, clock.due_latest, clock.provisional)


def _told(before: Clock, clock: Clock, event: CaseEvent) -> Emit:
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
        "calendar": event.data["calendar"],
        "reason": event.data["reason"],
        "basis": statute.source,
        "mark": statute.mark.value,
        "summary": None,
        "documents": [],
    }
    return Emit(str(derived_id(str(clock.id), event.envelope.id, RECOUNTED)), RECOUNTED, data)
