"""Who may speak for a case: the one question whose answer can keep an event out of it.

An event out of order is admitted and flagged. Only an organ that plays no part in the case is parked, so that
nobody can write itself into a case, and read it from then on, by knowing its number:

- Whoever said or received anything in the case may speak, and so may its superiors. A person who releases a
  parked event lets its speaker in by just that: the release is addressed to it (docs/adr/0009).
- Procuratorate, court, justice bureau and supervision organ may speak in the districts the case touches.
- Police and agencies of the case's district may speak while nobody acts in their role: real cases reach the
  bus midway, with a filing whose transfer was never published. That is flagged.
- After an accident any agency of the district may be part of the inquiry team (应急〔2019〕54号).
"""

from __future__ import annotations

from consumers.casefile import Case, CaseEvent
from consumers.decisions import Anomaly, Park
from consumers.transfers.flags import foreign_opening, uninvited, wrong_speaker
from consumers.transfers.history import stands_above
from schemas.units import BUS_UNIT, PROCURATORATE, Register, Role, Unit

_ORGANS = PROCURATORATE | {Role.COURT, Role.JUSTICE, Role.SUPERVISION}


def entry(case: Case, event: CaseEvent, register: Register) -> Park | Anomaly | None:
    """Whether `event`, the last of `case`, is let in: parked, let in and flagged, or simply let in."""
    speaker = event.envelope.source
    if speaker in case.participants or speaker == BUS_UNIT:
        return None
    unit = register.by_code.get(speaker)
    opening = len(case.events) == 1
    if unit is None or not (_by_office(case, unit, register) or _as_newcomer(case, unit)):
        return wrong_speaker(case, event, register)
    if opening:
        return foreign_opening(case, event, register)
    if _by_office(case, unit, register):
        return None
    return uninvited(case, event, register)


def _by_office(case: Case, unit: Unit, register: Register) -> bool:
    if not unit.roles.isdisjoint(_ORGANS) and _touches(case, unit.district, register):
        return True
    return any(stands_above(unit.code, known, register) for known in case.participants)


def _touches(case: Case, district: str, register: Register) -> bool:
    return district == case.district or any(
        register.district_of(code) == district for code in case.participants
    )


def _as_newcomer(case: Case, unit: Unit) -> bool:
    if unit.district != case.district:
        return False
    if Role.POLICE in unit.roles and Role.POLICE not in case.roles:
        return True
    if Role.AGENCY not in unit.roles:
        return False
    return Role.AGENCY not in case.roles or bool(case.standing("accident.occurred"))
