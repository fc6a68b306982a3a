"""A case laid out for the rules: its events by type, with what else they look up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from consumers.casefile import Case, CaseEvent
from consumers.rulebook import Rulebook

BEGINNING_OF_TIME = datetime.min.replace(tzinfo=UTC)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Docket(NamedTuple):
    """One case and the rulebook. `by_type` has voided events too, in the order of the log."""

    case: Case
    rulebook: Rulebook
    by_type: Mapping[str, Sequence[CaseEvent]]

    def standing(self, type_: str) -> Sequence[CaseEvent]:
        """The events of one type that are not voided."""
        events = self.by_type.get(type_, ())
        voided = self.case.voided
        return [event for event in events if event.identity not in voided] if voided else events

    def stands(self, event: CaseEvent) -> bool:
        """Whether the event was not voided."""
        return not self.case.voided or event.identity not in self.case.voided


def docket_of(case: Case, rulebook: Rulebook) -> Docket:
    """Lays the case out; one pass over its events. Counted by the calendar known when the last one was appended."""
    by_type: dict[str, list[CaseEvent]] = {}
    for event in case.events:
        type_ = event.envelope.type
        if type_ in by_type:
            by_type[type_].append(event)
        else:
            by_type[type_] = [event]
    return Docket(case, rulebook.at(case.events[-1].recorded_at) if case.events else rulebook, by_type)


def earliest(event: CaseEvent) -> datetime:
    """The first instant at which the event can have happened; the beginning of time if nobody knows."""
    return event.span.earliest or BEGINNING_OF_TIME


def latest(event: CaseEvent) -> datetime:
    """The last instant at which the event can have happened; the end of time if nobody knows."""
    return event.span.latest or END_OF_TIME


def last_before(events: Iterable[CaseEvent], until: datetime) -> CaseEvent | None:
    """The last of the events that can have happened by `until`."""
    possible = [event for event in events if earliest(event) <= until]
    return max(possible, key=lambda event: (earliest(event), event.identity), default=None)
