"""What the bus knows of one case: its events, roles, states, clocks and mirrors, as frozen values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from schemas.envelope import Envelope
from schemas.spans import Span
from schemas.units import Role

Identity = tuple[str, str]
"""(source, id) of an event."""

_EMPTY: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One admitted event, as rules see it. `data` is the decoded payload by Avro field name.

    `recorded_at` is the log's append time: the only "now" that a rule may use, since a replay sees the
    same. Logical Avro types stay as they are on the wire (timestamps: milliseconds since 1970, UTC).
    """

    partition: int
    offset: int
    recorded_at: datetime
    envelope: Envelope
    span: Span
    data: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The event type, such as `transfer.sent`."""
        return self.envelope.type

    @property
    def identity(self) -> Identity:
        """(source, id)."""
        envelope = self.envelope
        return envelope.source, envelope.id


class ClockKind(StrEnum):
    """What the due time means."""

    DEADLINE = "deadline"  # the stop must come at or before the due time
    WAITING = "waiting"  # 公告期 and the like: the stop must come after it


class ClockState(StrEnum):
    """Where a clock stands. `breached` may still become `met` (withdrawn) or `met-late`."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MET_LATE = "met-late"
    BREACHED = "breached"
    WITHDRAWN = "withdrawn"  # the start was voided, or the duty fell away


class Alarm(StrEnum):
    """What rings next for a clock, each once."""

    YELLOW = "yellow"  # 3 days before
    ORANGE = "orange"  # 1 day before
    BREACH = "breach"  # red
    ESCALATION = "escalation"


class Clock(NamedTuple):
    """One running limit of one case. All times are aware; due times are the last second still in time.

    With an uncertain start there is a range of due times: `due_earliest` to `due_latest`; the clock is
    breached only after `due_latest`, and `certain` says whether the outcome holds on every possible day.
    `due_latest is None` means that no due time can be computed and nothing ever rings.
    """

    # A tuple, not a dataclass: with this many fields a frozen dataclass takes four times as long to make.
    id: UUID
    rule: str
    version: str
    kind: ClockKind
    holder: str  # the unit that must act
    started_by: Identity
    started_offset: int  # where that event stands in the case's partition of the log
    start: Span
    assumed_start: bool  # the real starting event is not known; another one stands for it
    due_earliest: datetime | None
    due_latest: datetime | None
    provisional: bool  # runs into a year whose holidays are not published
    state: ClockState
    certain: bool = True
    stopped_by: Identity | None = None
    stopped: Span | None = None
    overrun_seconds: int | None = None  # for met-late: at least this late
    breached_by: Identity | None = None  # the deadline.breached event that was sent, even if withdrawn later
    breach_withdrawn: bool = False
    reported_late: bool = False  # the start, or the stop in time, was reported after the due time
    alarm: Alarm | None = None
    alarm_at: datetime | None = None
    rung: frozenset[Alarm] = frozenset()


class MirrorState(StrEnum):
    """What became of a mirrored opinion at one department."""

    COPIED = "copied"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"  # before the department decided, the opinion was voided or another took its place


@dataclass(frozen=True, slots=True)
class Mirror:
    """One opinion (检察意见) copied to one department as work to accept or dismiss."""

    id: UUID
    opinion: Identity
    unit: str
    why: str  # the rule row's reason
    state: MirrorState
    copied_at: datetime
    reason: str = ""
    clue_no: str = ""
    decided_by: Identity | None = None


@dataclass(
    frozen=True
)  # no slots: `having` copies the instance's dict, five times quicker than calling the class
class Case:
    """One case across all its organs. A new value for every event; nothing is changed in place."""

    id: UUID
    origin_unit: str
    origin_case: str
    district: str
    field: str  # 领域
    offence: str | None  # 罪名, as last named
    roles: Mapping[Role, str] = dataclasses.field(default_factory=lambda: _EMPTY)
    participants: frozenset[str] = frozenset()
    state: str = "OPEN"  # of the forward track, see transfers/transitions
    reverse_state: str | None = None
    events: tuple[CaseEvent, ...] = ()
    voided: frozenset[Identity] = frozenset()
    clocks: Mapping[UUID, Clock] = dataclasses.field(default_factory=lambda: _EMPTY)
    mirrors: Mapping[UUID, Mirror] = dataclasses.field(default_factory=lambda: _EMPTY)
    horizon: datetime | None = (
        None  # an event that certainly happened before it is late, see transfers/history
    )

    def standing(self, *types: str) -> tuple[CaseEvent, ...]:
        """The events of these types that are not voided, in the order of the log."""
        told = [e for e in self.events if e.envelope.type in types]
        if self.voided:
            told = [e for e in told if e.envelope.identity not in self.voided]
        return tuple(told)

    def having(self, **changes: Any) -> Case:
        """The case with some fields changed: dataclasses.replace for where every event pays for it."""
        changed = object.__new__(Case)
        changed.__dict__.update(self.__dict__, **changes)
        return changed
