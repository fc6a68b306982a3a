"""Which demo unit plays which organ of a published case: by field and region, with the cases that cross regions."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.units import Register, Role, Unit

HOME = "baiyun"
NEIGHBOUR = "huadu"
"""Plays the other city or province of a case that crosses regions."""

_PLAYED_AT_HOME = (
    Role.POLICE,
    Role.CRIMINAL,
    Role.ADMINISTRATIVE,
    Role.CIVIL,
    Role.PUBLIC_INTEREST,
    Role.CASE_MANAGEMENT,
    Role.JUSTICE,
    Role.COURT,
)
# The agency is in another city, or is not the one that the field points to.
_AGENCY_ELSEWHERE = frozenset({"yingjiang-shishi-trademark", "jiading-package-printing"})
_AGENCY: Mapping[str, str] = {"zhongshan-plating": "by-town"}  # a town office


def cast_of(case: str, field: str, register: Register) -> dict[str, str]:
    """Role of the published case (AG, AG2, PSB, …) → demo unit. Every case is played in one district.

    `AG` is that district's agency for the field, `AG2` the neighbour's. A role that nobody in the register
    can play is left out, so that its steps are listed as not said.
    """
    cast = {str(role): unit for role in _PLAYED_AT_HOME if (unit := register.acting(HOME, role)) is not None}
    at_home, elsewhere = _agency(field, HOME, register), _agency(field, NEIGHBOUR, register)
    agency = _AGENCY.get(case) or (elsewhere if case in _AGENCY_ELSEWHERE else at_home)
    if agency is not None:
        cast[str(Role.AGENCY)] = agency
    if elsewhere is not None:
        cast["AG2"] = elsewhere
    return cast


def _agency(field: str, district: str, register: Register) -> str | None:
    return next((unit.code for unit in register.units if _enforces(unit, field, district)), None)


def _enforces(unit: Unit, field: str, district: str) -> bool:
    return Role.AGENCY in unit.roles and unit.district == district and field in unit.fields
