"""What a rule may decide, as values: nothing here acts, casework carries it out in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from consumers.casefile import Clock, Mirror
from schemas.units import Role


class Delivery(StrEnum):
    """Why a unit receives an event; the `linkage-delivery` header of a feed record."""

    DUTY = "duty"  # it must act, or the event is addressed to it
    COPY = "copy"  # 抄送: for information, carries no duty
    RESULT = "result"  # what became of something it said
    MIRROR = "mirror"  # a mirrored opinion: work to accept or dismiss
    ALARM = "alarm"  # a clock of its own, or one it watches


@dataclass(frozen=True, slots=True)
class Deliver:
    """The event goes to `unit`. `basis` cites the article or agreement; a unit gets an event once."""

    unit: str
    delivery: Delivery
    role: Role
    basis: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The case's forward or reverse state changes. Empty: a correction took the track back to before its start."""

    state: str
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class RoleTaken:
    """`unit` acts as `role` in this case from now on. Empty: a correction left nobody in the role."""

    role: Role
    unit: str


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Admitted, but out of legal order or otherwise odd: a person should look. Changes nothing else."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Park:
    """The wrong speaker for this case: the event waits for a person and has no effect."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class ClockSet:
    """A clock was started or changed: this is its whole new value."""

    clock: Clock


@dataclass(frozen=True, slots=True)
class MirrorSet:
    """A mirror was opened or decided: this is its whole new value."""

    mirror: Mirror


@dataclass(frozen=True, slots=True)
class Emit:
    """The bus says something itself. `id` is derived, so that a replay says the same thing once.

    `data` is the payload by Avro field name. The event takes its case, field and causation from the
    event that is being decided on.
    """

    id: str
    type: str
    data: Mapping[str, Any] = field(default_factory=dict)


Decision = Deliver | Moved | RoleTaken | Anomaly | Park | ClockSet | MirrorSet | Emit
