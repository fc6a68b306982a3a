"""A case laid out for the rules: its events by type, with what else they look up."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from consumers.casefile import Case, CaseEvent
from consumers.handovers.episode import Episode
from consumers.rulebook import Rulebook

BEGINNING_OF_TIME = datetime.min.replace(tzinfo=UTC)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Docket(NamedTuple):
    """One case and the rulebook. `by_type` has voided events too, in the order of the log.

    `begun` keeps the episodes of the duties that were looked at, by the name of the duty.
    """

    case: Case
    rulebook: Rulebook
    by_type: Mapping[str, Sequence[CaseEvent]]
    begun: dict[str, Sequence[Episode]]

    def standing(self, type_: str) -> Sequence[CaseEvent]:
        """The events of one type that are not voided."""
        events = self.by_type.get(type_, ())
        voided = self.case.voided
        return [event for event in events if event.identity not in voided] if voided else events

    def stands(self, event: CaseEvent) -> bool:
        """Whether the event was not voided."""
        return not self.case.voided or event.identity not in self.case.voided


class _Last(threading.local):
    """What was laid out last: an account asks about the very case that the fold has just decided on."""

    docket: Docket | None = None
    rulebook: Rulebook | None = None


_last = _Last()


def docket_of(case: Case, rulebook: Rulebook) -> Docket:
    """Lays the case out; one pass over its events. Counted by the calendar known when the last one was appended.

    A case that differs from the one laid out last in nothing but its clocks and who takes part is not laid out again.
    """
    last = _last.docket
    same = last is not None and last.case.events is case.events and _last.rulebook is rulebook
    if last is not None and same and _looked_up(last.case) == _looked_up(case):
        return last._replace(case=case)
    by_type: dict[str, list[CaseEvent]] = {}
    for event in case.events:
        type_ = event.envelope.type
        if type_ in by_type:
            by_type[type_].append(event)
        else:
            by_type[type_] = [event]
    at = rulebook.at(case.events[-1].recorded_at) if case.events else rulebook
    docket = _last.docket = Docket(case, at, by_type, {})
    _last.rulebook = rulebook
    return docket


def _looked_up(case: Case) -> tuple[object, ...]:
    """What the rules look up in a case besides its events and its clocks."""
    return (case.id, case.origin_unit, case.district, case.field, case.offence, case.voided, case.roles)


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
