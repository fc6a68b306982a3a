"""Tells a case to the rules event by event, as casework would, with the clock process ringing between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from consumers.casefile import Case, CaseEvent, Clock
from consumers.decisions import ClockSet, Decision, Emit
from consumers.handovers.alarms import alarm_event
from consumers.handovers.rules import decide
from consumers.rulebook import Rulebook
from schemas.envelope import Envelope
from schemas.spans import Span
from schemas.units import BUS_UNIT
from tests.consumers.given import case, moment, rulebook, with_event


class Telling:
    """A case that grows. Every decision is kept; whatever the bus says goes into the case's log as well."""

    def __init__(self, *events: CaseEvent, rules: Rulebook | None = None) -> None:
        self.rules = rules or rulebook()
        self.case: Case = case()
        self.decided: list[Decision] = []
        self.said: list[CaseEvent] = []
        self.tell(*events)

    def tell(self, *events: CaseEvent) -> Telling:
        """One report after another."""
        for one in events:
            if not self.case.events:
                self.case = replace(self.case, field=one.envelope.field)
            self._apply(one)
        return self

    def ring(self, until: str) -> Telling:
        """Rings every alarm that is due by `until`, each at its time, as the clock process does."""
        end = moment(until)
        while ringing := self._next(end):
            at, clock = ringing
            event_id, type_, data = alarm_event(clock, self.case.id)
            self._apply(self._from_bus(event_id, type_, data, at))
        return self

    def clock(self, rule: str) -> Clock:
        """The only clock of that rule."""
        (found,) = self.clocks(rule)
        return found

    def clocks(self, rule: str) -> list[Clock]:
        """The clocks of that rule, earliest start first."""
        found = [one for one in self.case.clocks.values() if one.rule == rule]
        return sorted(found, key=lambda one: (one.start.latest or moment("1900-01-01"), one.holder))

    def types_said(self) -> list[str]:
        """What the bus said, in order, with the step."""
        return [f"{one.type}:{one.data['step']}" for one in self.said if "step" in one.data]

    def _apply(self, one: CaseEvent) -> None:
        self.case = with_event(self.case, one)
        decisions = decide(self.case, self.case.events[-1], self.rules)
        self.decided += decisions
        clocks = {d.clock.id: d.clock for d in decisions if isinstance(d, ClockSet)}
        self.case = replace(self.case, clocks={**self.case.clocks, **clocks})
        for emit in [d for d in decisions if isinstance(d, Emit)]:
            self._apply(self._from_bus(emit.id, emit.type, emit.data, one.recorded_at))

    def _next(self, end: datetime) -> tuple[datetime, Clock] | None:
        due = [
            (one.alarm_at, one) for one in self.case.clocks.values() if one.alarm_at and one.alarm_at <= end
        ]
        return min(due, key=lambda pair: (pair[0], pair[1].id), default=None)

    def _from_bus(self, event_id: str, type_: str, data: object, at: datetime) -> CaseEvent:
        assert all(known.envelope.id != event_id for known in self.said), f"{type_} said twice"
        envelope = Envelope(
            id=event_id,
            source=BUS_UNIT,
            type=type_,
            subject=self.case.id,
            time=at,
            origin_unit=self.case.origin_unit,
            origin_case=self.case.origin_case,
            field=self.case.field,
        )
        said = CaseEvent(0, 0, at, envelope, Span(at, at), data)  # type: ignore[arg-type]
        self.said.append(said)
        return said


def standing(clocks: Iterable[Clock]) -> dict[str, Clock]:
    """Clocks by id, without what depends on when and in which order things were reported."""
    return {
        str(one.id): one._replace(
            started_offset=0, reported_late=False, alarm=None, alarm_at=None, rung=frozenset()
        )
        for one in clocks
    }
