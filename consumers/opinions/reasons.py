"""Why an event is mirrored or not: each row of the table for its type, department by department. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.casefile import Case, CaseEvent
from consumers.opinions.mirrors import MirrorRow, Reason, reason
from consumers.opinions.rules import ROWS, Unmet, departments, unmet
from schemas.units import Register, Role


@dataclass(frozen=True, slots=True)
class Considered:
    """One department that one row names. It gets a copy unless something is `unmet`; `unit` is "" if nobody acts."""

    row: MirrorRow
    role: Role
    unit: str
    why: Reason
    unmet: Unmet | None


def considered(case: Case, event: CaseEvent, register: Register) -> tuple[Considered, ...]:
    """Every department of every row for `event`, the last event of `case`."""
    return tuple(
        Considered(row, role, unit, reason(row, role, case, event), unmet(row, case, event, register) or why)
        for row in ROWS.get(event.envelope.type, ())
        for role, unit, why in departments(row, case, event, register)
    )
