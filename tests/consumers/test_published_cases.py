"""Every published case, said by its units and folded in memory, leads to what the law makes of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from consumers.casefile import Case, CaseEvent, Clock, ClockState
from consumers.casework.emission import bus_headers
from consumers.casework.fold import fold
from consumers.decisions import Anomaly, Deliver, Emit
from consumers.handovers.alarms import alarm_event
from consumers.rulebook import Rulebook
from consumers.transfers.history import parties
from consumers.workdays import published_calendar
from infra.demo.expectations import Check, compare
from infra.demo.outcome import (
    AnomalySeen,
    ClockSeen,
    Delivered,
    Held,
    MirrorSeen,
    Outcome,
    ThresholdSeen,
)
from infra.demo.playing import Play, plan
from producers.histories import Saying, read_histories
from producers.records import record_of
from schemas.admission import Admitted, admit
from schemas.codec import decode, encode
from schemas.envelope import read_headers
from schemas.units import Register

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SETTLED = NOW + timedelta(minutes=2)
HISTORIES = read_histories(Path(__file__).parents[1] / "cases")


@dataclass
class Told:
    """The logs of one published case and its linked cases, and all that was decided on them."""

    register: Register
    cases: dict[UUID, Case | None] = field(default_factory=dict)
    decided: list[tuple[CaseEvent, Any]] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    applied: dict[str, UUID] = field(default_factory=dict)
    said: list[CaseEvent] = field(default_factory=list)
    passed: set[tuple[UUID, str]] = field(default_factory=set)
    """Every state that a case was in, of either track."""

    def __post_init__(self) -> None:
        self.rulebook = Rulebook(self.register, published_calendar())

    def say(self, saying: Saying) -> None:
        """Admits what a unit says as intake does, and applies it with all that the bus then says itself."""
        record = record_of(saying.statement, unit=saying.unit, encode=encode)
        verdict = admit(
            key=record.key,
            value=record.value,
            headers=record.headers,
            owner=saying.unit,
            register=self.register,
            now=NOW,
            max_bytes=256 * 1024,
        )
        if not isinstance(verdict, Admitted):
            self.held.append(Held(saying.statement.id, "refused", verdict.reason, verdict.detail))
            return
        self.apply(self._event(record.headers, record.value, NOW), record.value)

    def apply(self, event: CaseEvent, value: bytes) -> None:
        waiting = deque([(event, value)])
        while waiting:
            event, value = waiting.popleft()
            folded = fold(self.cases.get(event.envelope.subject), event, self.rulebook)
            if folded.parked is not None:
                self.held.append(
                    Held(event.envelope.id, "parked", folded.parked.reason, folded.parked.detail)
                )
                continue
            self.cases[event.envelope.subject] = folded.case
            states = (folded.case.state, folded.case.reverse_state)
            self.passed |= {(folded.case.id, state) for state in states if state is not None}
            self.applied[event.envelope.id] = event.envelope.subject
            self.said.append(event)
            self.decided += [(event, decision) for decision in folded.decisions]
            waiting += [self._said(event, value, d) for d in folded.decisions if isinstance(d, Emit)]

    def ring(self) -> None:
        """Lets every alarm ring that is due once the settling time of what was reported late is over."""
        while due := list(self._due()):
            for case, clock in due:
                event_id, type_, data = alarm_event(clock, case.id)
                value = encode(type_, data)
                self.apply(self._event(self._headers(event_id, type_, case, ""), value, SETTLED), value)

    def _due(self) -> Iterator[tuple[Case, Clock]]:
        for case in self.cases.values():
            for clock in () if case is None else case.clocks.values():
                if clock.alarm_at is not None and clock.alarm_at <= SETTLED:
                    yield case, clock

    def _said(self, cause: CaseEvent, cause_value: bytes, emit: Emit) -> tuple[CaseEvent, bytes]:
        data: Mapping[str, Any] = emit.data
        if data.get("opinion_value") == b"":
            data = {**data, "opinion_value": cause_value}
        value = encode(emit.type, data)
        case = self.cases[cause.envelope.subject]
        assert case is not None
        headers = self._headers(emit.id, emit.type, case, cause.envelope.id)
        return self._event(headers, value, cause.recorded_at), value

    def _headers(self, event_id: str, type_: str, case: Case, causation: str) -> Any:
        return bus_headers(
            event_id=event_id,
            type_=type_,
            case_id=case.id,
            origin_unit=case.origin_unit,
            origin_case=case.origin_case,
            field=case.field,
            time=NOW,
            causation=causation,
        )

    def _event(self, headers: Any, value: bytes, recorded_at: datetime) -> CaseEvent:
        envelope = read_headers(headers)
        data = decode(value).data
        return CaseEvent(0, len(self.applied), recorded_at, envelope, envelope.span, data)


def log_of(play: Play, register: Register) -> Told:
    log = Told(register)
    for saying in play.translation.sayings:
        log.say(saying)
    log.ring()
    return log


def outcome_of(log: Told, play: Play) -> Outcome:
    main = log.cases[play.main_case]
    assert main is not None
    steps = play.steps
    applied = frozenset(log.applied.keys() & steps.keys())
    return Outcome(
        case=play.history.id,
        steps=steps,
        speakers=play.speakers,
        applied=applied,
        elsewhere=frozenset(event for event in applied if log.applied[event] != play.main_case),
        state=main.state,
        reverse_state=main.reverse_state,
        deliveries=tuple(
            Delivered(event.envelope.id, d.unit, d.delivery, d.role, d.basis)
            for event, d in log.decided
            if isinstance(d, Deliver)
        ),
        clocks=tuple(clock_seen(clock) for clock in main.clocks.values()),
        mirrors=tuple(MirrorSeen(m.opinion[1], m.unit, m.why, m.state) for m in main.mirrors.values()),
        anomalies=tuple(
            AnomalySeen(event.envelope.id, d.code, d.detail)
            for event, d in log.decided
            if isinstance(d, Anomaly)
        ),
        held=tuple(log.held),
        thresholds=tuple(
            ThresholdSeen(event.envelope.causation, event.data["rule"])
            for event in log.said
            if event.type == "lead.threshold_matched"
        ),
    )


def clock_seen(clock: Clock) -> ClockSeen:
    return ClockSeen(
        rule=clock.rule,
        version=clock.version,
        kind=clock.kind,
        holder=clock.holder,
        started_id=clock.started_by[1],
        due_from=clock.due_earliest,
        due_to=clock.due_latest,
        state=clock.state,
        certain=clock.certain,
        assumed_start=clock.assumed_start,
        overrun_seconds=clock.overrun_seconds,
        provisional=clock.provisional,
        breach_withdrawn=clock.breach_withdrawn,
    )


def failed(checks: tuple[Check, ...]) -> list[str]:
    return [f"{check.claim}: found {check.found} ({check.why})" for check in checks if not check.ok]


@pytest.mark.parametrize("number", range(len(HISTORIES)), ids=[history.id for history in HISTORIES])
def test_a_published_case_leads_to_what_the_law_makes_of_it(number: int, register: Register) -> None:
    play = plan(HISTORIES, register)[number]
    outcome = outcome_of(log_of(play, register), play)
    assert not failed(compare(play.history.facts["expect"], outcome, play.cast))


def test_a_published_case_stands_for_each_of_its_three_hunters_where_his_own_decision_leads(
    register: Register,
) -> None:
    [play] = [play for play in plan(HISTORIES, register) if play.history.id == "neixiang-hunting"]
    log = log_of(play, register)
    case = log.cases[play.main_case]
    assert case is not None
    assert parties(case, register) == {
        "宋某": ("NOT_PROSECUTED", "REPLIED"),
        "王某": ("PROSECUTED", ""),
        "付某": ("PROSECUTED", ""),
    }
    [limit] = [clock for clock in case.clocks.values() if clock.rule == "CPL-172"]
    assert limit.state is ClockState.MET
