"""The account of one event, as values: what it caused, why, and why not. Its JSON is part of the interface.

Every text is given in Chinese and English; a `code` says the same to programs and does not change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Basis:
    """The article or agreement that something rests on. `mark`: V read, V~ reported, M from memory, D ours."""

    zh: str
    en: str
    mark: str


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit; without names if the register does not have it."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class EventLabel:
    """An event by its identity, with what its type is called."""

    source: str
    id: str
    type: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class CaseLabel:
    """A case by its id, and by the number that the unit which opened it gave it."""

    id: UUID
    unit: str
    number: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Which rules decided. `tables` and `units` change with the content of the rule tables and of the register."""

    tables: str
    calendar: str
    units: str
    profiles: tuple[str, ...]
    settling_seconds: float


class Outcome(StrEnum):
    """What became of the event at casework."""

    APPLIED = "applied"
    PARKED = "parked"  # waits for a person, without effect
    REPEAT = "repeat"  # the bus has this very event already; nothing happens
    CONFLICT = "conflict"  # its identity stands for other content already; set aside


@dataclass(frozen=True, slots=True)
class Flagged:
    """Something a person should look at, or the reason why the event is set aside."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules went by besides the payload. `late`: it certainly happened before an event known earlier."""

    field: str
    offence: str | None
    district: str
    first: bool
    late: bool
    roles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StateLabel:
    """A state of one track of a case."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class TrackChange:
    """One track of the case before and after, and the row of the transitions that read the event.

    The forward and the reverse track are always told, a side track if the event belongs to it, without `how`.
    `how`: leads, within, own, neutral or out-of-order; null if no row speaks of this event. A late event is
    read in its place, and one about a party (`of_party`) from where that party stands: then `read_from` and
    `read_to` are another state than the case's own.
    """

    track: str
    name: Words
    before: StateLabel
    after: StateLabel
    how: str | None
    read_from: StateLabel | None
    read_to: StateLabel | None
    condition: Words | None
    of_party: bool = False


@dataclass(frozen=True, slots=True)
class RoleChange:
    """`after` acts as `role` in the case from now on; null if a correction left nobody."""

    role: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Received:
    """One unit receives the event. `also` are further rows that name it, for weaker reasons.

    `condition` is what had to hold, `since` the row's first day, `facts` the filled fields of the payload
    that it went by. `view` is what the unit is shown of the event, `hidden` what is masked or left out in it.
    """

    unit: UnitName
    delivery: str
    role: str
    basis: Basis
    rule: str
    condition: Words | None
    since: str | None
    facts: Mapping[str, Any]
    also: tuple[Basis, ...]
    view: str
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One reason: `code`, in words, and the basis of the row that it is about, if there is one."""

    code: str
    zh: str
    en: str
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class NotReceived:
    """A unit that takes part or could have been named, and does not receive the event."""

    unit: UnitName
    reasons: tuple[WhyNot, ...]


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A row that holds, but names nobody: no unit of the register answers to `to`."""

    to: Words
    delivery: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class MirrorEffect:
    """A mirrored opinion at one department: to be copied, or changed by this event. `reason`: why it should look."""

    unit: UnitName
    state: str
    opinion: str
    reason: str
    basis: Basis | None


@dataclass(frozen=True, slots=True)
class NotMirrored:
    """A department that a row of the mirror table names and that gets no copy."""

    role: str
    unit: UnitName | None
    reason: WhyNot


class ClockChange(StrEnum):
    """What an event did to a clock."""

    STARTED = "started"
    STOPPED = "stopped"
    BREACHED = "breached"
    PAUSED = "paused"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    DUE_CHANGED = "due-changed"
    RANG = "rang"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """A clock that the event started or changed, as it stands then.

    `was_due_to` is set if it moved. `steps` show the count where nothing but the calendar had a part in it.
    `open_points` are the questions of law on whose choice it rests, with who signed the choice.
    """

    id: UUID
    change: ClockChange
    rule: str
    version: str
    duty: Words
    basis: Basis
    consequence: Words | None
    office: bool
    kind: str
    holder: UnitName
    started_by: str
    assumed_start: bool
    start_from: datetime | None
    start_to: datetime | None
    due_from: datetime | None
    due_to: datetime | None
    was_due_to: datetime | None
    provisional: bool
    state: str
    was: str | None
    certain: bool
    stopped_by: str | None
    overrun_seconds: int | None
    next_alarm: str | None
    next_alarm_at: datetime | None
    period: Words | None
    steps: tuple[Words, ...]
    open_points: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitLabel:
    """One row of the table of limits. `profile`: the row is off unless the office turns this on."""

    rule: str
    version: str
    duty: Words
    basis: Basis
    since: str
    until: str | None
    profile: str | None


@dataclass(frozen=True, slots=True)
class LimitLooked:
    """A limit that was looked at for a duty which the event concerns. It binds if `reason` is null."""

    limit: LimitLabel
    holder: UnitName
    started_by: str
    reason: WhyNot | None


@dataclass(frozen=True, slots=True)
class PackageDocument:
    """A document (文书) that the transfer package must have. `supplied_by` null: it is missing so far."""

    zh: str
    en: str
    basis: Basis
    supplied_by: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """What the bus says itself because of the event."""

    id: str
    type: str
    zh: str
    en: str
    about: str


@dataclass(frozen=True, slots=True)
class Account:
    """What one event caused in its case, by which rules and facts, and what it did not cause and why not."""

    event: EventLabel
    case: CaseLabel
    occurred_at: datetime
    precision: str
    recorded_at: datetime
    rules: RuleSet
    outcome: Outcome
    held: Flagged | None
    facts: Facts
    tracks: tuple[TrackChange, ...]
    roles: tuple[RoleChange, ...]
    received: tuple[Received, ...]
    not_received: tuple[NotReceived, ...]
    unfilled: tuple[Unfilled, ...]
    unheard: Words | None
    mirrors: tuple[MirrorEffect, ...]
    not_mirrored: tuple[NotMirrored, ...]
    clocks: tuple[ClockEffect, ...]
    limits: tuple[LimitLooked, ...]
    documents: tuple[PackageDocument, ...]
    anomalies: tuple[Flagged, ...]
    says: tuple[Said, ...]
