"""To whom a notice goes, who may publish and withdraw one, and who has not read it yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from consumers.console.access import ConsoleRole
from schemas.units import PROCURATORATE, Register, Role

SHORTEST_REASON = 4
"""Characters: a reason for withdrawing says at least something."""


class Kind(StrEnum):
    """What a notice is."""

    NOTICE = "notice"  # 通知
    BULLETIN = "bulletin"  # 通报
    TRAINING = "training"  # 培训


ADDRESSABLE: tuple[Role, ...] = tuple(role for role in Role if role is not Role.BUS)
"""Kinds of unit that a notice can be addressed to."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it was published. `unit` None: by an operator. `withdrawn_at` None: it stands."""

    id: UUID
    kind: str
    title: str
    body: str
    author: str
    unit: str | None
    units: tuple[str, ...]
    roles: tuple[str, ...]
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a person of a unit has said to have read a notice. `shown` is the person's name as colleagues read it."""

    user: str
    shown: str
    unit: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit that the notice is addressed to, and who of it has read it: nobody, if it is empty."""

    unit: str
    receipts: tuple[Receipt, ...]


def addressed(notice: Notice, register: Register) -> tuple[str, ...]:
    """The units that the notice is for, in the order of the register, without the one that published it."""
    return tuple(
        unit.code
        for unit in register.by_code.values()
        if unit.code != notice.unit and (unit.code in notice.units or not unit.roles.isdisjoint(notice.roles))
    )


def standings(notice: Notice, receipts: Iterable[Receipt], register: Register) -> Sequence[Standing]:
    """How each unit stands that the notice is for, those that have not read it first."""
    read = tuple(receipts)
    found = [
        Standing(unit, tuple(one for one in read if one.unit == unit)) for unit in addressed(notice, register)
    ]
    return sorted(found, key=lambda one: bool(one.receipts))


def may_publish(role: ConsoleRole, unit: str | None, register: Register) -> bool:
    """Operators, and heads of departments of the procuratorate (mark D: an office may see it otherwise)."""
    if role is ConsoleRole.OPERATOR:
        return True
    known = register.by_code.get(unit or "")
    return role is ConsoleRole.HEAD and known is not None and not known.roles.isdisjoint(PROCURATORATE)


def may_withdraw(notice: Notice, role: ConsoleRole, unit: str | None, register: Register) -> bool:
    """Operators, and the head of the department that published it; once."""
    if notice.withdrawn_at is not None or not may_publish(role, unit, register):
        return False
    return role is ConsoleRole.OPERATOR or notice.unit == unit


def knows_readers(notice: Notice, unit: str | None) -> bool:
    """Whether people of `unit` (None: of no unit) are told who has read it: the author's, and who sees everything."""
    return unit is None or notice.unit == unit


def may_read_all(notice: Notice, unit: str | None) -> bool:
    """Whether they get text and files: of a withdrawn notice only those who know its readers."""
    return notice.withdrawn_at is None or knows_readers(notice, unit)
