"""Whose duty it is: the unit that speaks or is addressed, or whoever acts in the role that the law names."""

from __future__ import annotations

from collections.abc import Sequence

from consumers.casefile import CaseEvent
from consumers.handovers.docket import Docket, last_before, latest
from consumers.handovers.duty import Duty, Key, Start, fits, key_of
from schemas.units import Role

NAMES_AGENCY = ("transfer.sent", "transfer.on_site_handed")
"""Events that tell who the agency of a case is: whoever says them."""
_DECIDED = "filing.declined"
_ADDRESSED = (*NAMES_AGENCY, "transfer.forwarded")
NAMES_POLICE = (*_ADDRESSED, _DECIDED)
"""Events that tell who the police organ of a case is: whoever declined, else whoever was addressed last."""


def holders(duty: Duty, start: Start, event: CaseEvent, docket: Docket) -> Sequence[tuple[str, Key]]:
    """Every unit that `event` puts under the duty, with what the duty is about."""
    data = event.data
    key = key_of(start.key or duty.key, data) if duty.key else ()
    if duty.per_copy:
        return [(copy["unit"], key) for copy in data["copies"]]
    named = event.envelope.source if start.speaker else data.get("addressee")
    units = (named,) if named is not None else _not_named(duty, event, docket)
    if duty.conditional:
        units = tuple(unit for unit in units if _may_hold(duty, start, event, unit, docket))
    return [(unit, key) for unit in units]


def lacks_holder(duty: Duty, event: CaseEvent, docket: Docket) -> bool:
    """Whether the duty begins with `event` and the register names nobody who could hold it.

    Without an agency or a police organ in the case there is no such duty; a department must exist.
    """
    if duty.per_copy or duty.role in (Role.AGENCY, Role.POLICE) or event.data.get("addressee"):
        return False
    starts = (start for start in duty.starts if start.type == event.envelope.type and not start.speaker)
    return any(fits(start.only, event.data) for start in starts) and not _not_named(duty, event, docket)


def _may_hold(duty: Duty, start: Start, event: CaseEvent, unit: str, docket: Docket) -> bool:
    register = docket.rulebook.register
    if start.said_by is not None and not register.has_role(event.envelope.source, start.said_by):
        return False
    return not duty.held_by or any(register.has_role(unit, role) for role in duty.held_by)


def _not_named(duty: Duty, event: CaseEvent, docket: Docket) -> tuple[str, ...]:
    """Whom an event without addressee means: those its letter is addressed to, else who acts in the role."""
    addressed = _of_the_letter(duty, event, docket)
    if addressed:
        return addressed
    unit = _acting(duty.role, event, docket)
    return () if unit is None else (unit,)


def _of_the_letter(duty: Duty, event: CaseEvent, docket: Docket) -> tuple[str, ...]:
    """The addressees that other starts of the duty name for the same letter."""
    letter = event.data.get("letter_no")
    if letter is None:
        return ()
    others = (other.data for start in duty.starts for other in docket.standing(start.type))
    named = {
        data["addressee"] for data in others if data.get("letter_no") == letter and data.get("addressee")
    }
    return tuple(sorted(named))


def _acting(role: Role, event: CaseEvent, docket: Docket) -> str | None:
    """Who acts as `role` when `event` happens, told from the case's events; None if nobody can be named.

    The agency is whoever transferred the case, else whoever opened it, and never the speaker itself; the
    police organ is the one that declined, else the one addressed last; departments come from the register.
    """
    register, case = docket.rulebook.register, docket.case
    if role is Role.AGENCY:
        transfer = last_before(_all(docket, NAMES_AGENCY), latest(event))
        if transfer is not None:
            return transfer.envelope.source
        opener = case.origin_unit
        return opener if opener != event.envelope.source and register.has_role(opener, role) else None
    if role is Role.POLICE:
        decided = last_before(docket.standing(_DECIDED), latest(event))
        if decided is not None:
            return decided.envelope.source
        addressed = last_before(_all(docket, _ADDRESSED), latest(event))
        if addressed is not None:
            return str(addressed.data["addressee"])
    return register.acting(case.district, role)


def _all(docket: Docket, types: tuple[str, ...]) -> list[CaseEvent]:
    return [event for type_ in types for event in docket.standing(type_)]
