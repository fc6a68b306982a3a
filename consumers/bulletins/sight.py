"""Whose numbers a reader may see (docs/adr/0030-who-sees-which-numbers.md). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from schemas.units import PROCURATORATE, Register


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader sees: the rows of these units. `whole`: with the rows of the others and the totals.

    `units` None: every unit's. A unit that is not `whole` sees its own row only: in a district with few units,
    a total less one's own number tells of the others.
    """

    units: frozenset[str] | None
    whole: bool

    def sees(self, unit: str) -> bool:
        """Whether the row of `unit` is shown."""
        return self.units is None or unit in self.units

    def among(self, units: Iterable[str]) -> tuple[str, ...]:
        """Those of `units` whose rows are shown, in their order."""
        return tuple(unit for unit in units if self.sees(unit))

    def sees_any(self, units: Collection[str]) -> bool:
        """Whether anything of a bulletin of these units is shown."""
        return bool(self.among(units))


def sight_of(unit: str | None, register: Register) -> Sight:
    """What the people of `unit` see; None: operators and auditors."""
    if unit is None:
        return Sight(None, whole=True)
    if not oversees(unit, register):
        return Sight(frozenset({unit}), whole=False)
    district = register.district_of(unit)
    return Sight(frozenset(one.code for one in register.units if one.district == district), whole=True)


def oversees(unit: str | None, register: Register) -> bool:
    """Whether the unit is a department of the procuratorate, which supervises the linkage of its district."""
    known = register.by_code.get(unit or "")
    return known is not None and bool(known.roles & PROCURATORATE)
