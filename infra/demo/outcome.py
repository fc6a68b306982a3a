"""What became of one published case on the bus, as values: shown by the report, held against the expectations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """One unit received one event. `delivery`, `role` and `basis` say as what, in which role and why."""

    event_id: str
    unit: str
    delivery: str
    role: str
    basis: str


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """One clock as it stands. Due times are aware, the last second in time; None: cannot be computed."""

    rule: str
    version: str
    kind: str
    holder: str
    started_id: str
    due_from: datetime | None
    due_to: datetime | None
    state: str
    certain: bool
    assumed_start: bool
    overrun_seconds: int | None
    provisional: bool = False
    breach_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class MirrorSeen:
    """An opinion copied to one department."""

    opinion_id: str
    unit: str
    why: str
    state: str


@dataclass(frozen=True, slots=True)
class AnomalySeen:
    """An event that was admitted but is out of legal order."""

    event_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ThresholdSeen:
    """That the facts of a case met a prosecution standard when the event said them."""

    event_id: str
    rule: str


@dataclass(frozen=True, slots=True)
class Held:
    """An event that was not applied: `kind` is refused, parked or conflict."""

    event_id: str
    kind: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything the bus made of one case.

    `steps` maps the events that were said to their steps, `speakers` to the units that said them; `applied`
    holds those that arrived in a case, `elsewhere` those of them that stand in a linked case.
    """

    case: str
    steps: Mapping[str, int]
    speakers: Mapping[str, str]
    applied: frozenset[str]
    elsewhere: frozenset[str] = frozenset()
    state: str = ""
    reverse_state: str | None = None
    deliveries: tuple[Delivered, ...] = ()
    clocks: tuple[ClockSeen, ...] = ()
    mirrors: tuple[MirrorSeen, ...] = ()
    anomalies: tuple[AnomalySeen, ...] = ()
    held: tuple[Held, ...] = ()
    thresholds: tuple[ThresholdSeen, ...] = ()

    def step_of(self, event_id: str) -> int | None:
        """The step that said this event, or None if the bus said it."""
        return self.steps.get(event_id)
