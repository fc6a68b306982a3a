"""What one set of rules decides on the events of a case, as values that can be kept in a file and compared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consumers.casefile import Case, CaseEvent, Clock
from consumers.casework.fold import Folded, fold
from consumers.decisions import Anomaly, ClockSet, Deliver, Emit
from consumers.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Recipient:
    """One delivery that was decided on."""

    unit: str
    role: str
    delivery: str
    basis: str


@dataclass(frozen=True, slots=True)
class DecidedEvent:
    """What was decided on one event. `moment` is when the log had it; `parked` is the reason, or empty."""

    name: str
    type: str
    moment: datetime
    recipients: tuple[Recipient, ...]
    state: str
    reverse_state: str
    anomalies: tuple[str, ...]
    mirrored_to: tuple[str, ...]
    says: tuple[str, ...]
    parked: str


@dataclass(frozen=True, slots=True)
class DecidedClock:
    """A clock as all events of its case leave it. `touched` is when an event changed it last."""

    id: UUID
    rule: str
    version: str
    holder: str
    started_by: str
    due_from: datetime | None
    due_to: datetime | None
    provisional: bool
    state: str
    touched: datetime


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """What one set of rules decided on the events of one case."""

    id: UUID
    unit: str
    number: str
    events: tuple[DecidedEvent, ...]
    clocks: tuple[DecidedClock, ...]


def decided(events: Iterable[CaseEvent], rulebook: Rulebook) -> DecidedCase | None:
    """What `rulebook` decides on the events of one case, in the order of the log; None if there are none."""
    case: Case | None = None
    told: list[tuple[CaseEvent, Folded]] = []
    for event in events:
        folded = fold(case, event, rulebook)
        case = folded.case
        told.append((event, folded))
    return summary(told)


def summary(told: Sequence[tuple[CaseEvent, Folded]]) -> DecidedCase | None:
    """What was decided on the events of one case, from what the fold made of each."""
    if not told:
        return None
    touched: dict[UUID, datetime] = {}
    for event, folded in told:
        for decision in folded.decisions:
            if isinstance(decision, ClockSet):
                touched[decision.clock.id] = event.recorded_at
    last, opening = told[-1][1].case, told[0][0].envelope
    clocks = () if last is None else tuple(_clock(clock, touched[clock.id]) for clock in last.clocks.values())
    return DecidedCase(
        opening.subject,
        opening.origin_unit,
        opening.origin_case,
        tuple(_event(event, folded) for event, folded in told),
        clocks,
    )


def _event(event: CaseEvent, folded: Folded) -> DecidedEvent:
    case, made = folded.case, folded.decisions
    emits = [decision for decision in made if isinstance(decision, Emit)]
    return DecidedEvent(
        name=f"{event.envelope.source}/{event.envelope.id}",
        type=event.type,
        moment=event.recorded_at,
        recipients=tuple(
            Recipient(d.unit, d.role.value, d.delivery.value, d.basis) for d in made if isinstance(d, Deliver)
        ),
        state="" if case is None else case.state,
        reverse_state="" if case is None else case.reverse_state or "",
        anomalies=tuple(d.code for d in made if isinstance(d, Anomaly)),
        mirrored_to=tuple(copy["unit"] for emit in emits for copy in emit.data.get("copies", ())),
        says=tuple(emit.type for emit in emits),
        parked="" if folded.parked is None else folded.parked.reason,
    )


def _clock(clock: Clock, touched: datetime) -> DecidedClock:
    return DecidedClock(
        id=clock.id,
        rule=clock.rule,
        version=clock.version,
        holder=clock.holder,
        started_by="/".join(clock.started_by),
        due_from=clock.due_earliest,
        due_to=clock.due_latest,
        provisional=clock.provisional,
        state=clock.state.value,
        touched=touched,
    )
