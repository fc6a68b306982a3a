"""Who exists on the bus: the register of units, their roles in procedure and who stands above them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from schemas.fields import FIELD_BY_CODE


class Role(StrEnum):
    """What a unit does in the procedure. One unit may have several: police also penalise."""

    AGENCY = "AG"  # 行政执法机关
    POLICE = "PSB"  # 公安机关
    CRIMINAL = "PC"  # 刑事检察部门
    ADMINISTRATIVE = "PA"  # 行政检察部门
    CIVIL = "PV"  # 民事检察部门
    PUBLIC_INTEREST = "PI"  # 公益诉讼检察部门
    CASE_MANAGEMENT = "CM"  # 案件管理部门
    JUSTICE = "JU"  # 司法行政机关
    SUPERVISION = "SV"  # 监察机关
    SUPERIOR = "SUP"  # 上级主管机关
    COURT = "CT"  # 人民法院
    BUS = "BUS"  # the bus itself

    __hash__ = str.__hash__  # as a role equals its code; and every event looks roles up


PROCURATORATE = frozenset(
    {Role.CRIMINAL, Role.ADMINISTRATIVE, Role.CIVIL, Role.PUBLIC_INTEREST, Role.CASE_MANAGEMENT}
)
BUS_UNIT = "bus"
"""The `source` of what the bus itself decides; no unit may take this code."""


class RegisterError(ValueError):
    """A register that cannot be used: says which entry and why."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to reach at a unit about the bus (联络人): an office or a post, with a telephone, a mail, or both."""

    name: str
    phone: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """One organ or department. `district` groups the units that act together at one level."""

    code: str  # lower-case letters, digits and hyphens: part of topic names and ACLs
    name_zh: str
    name_en: str
    roles: frozenset[Role]
    district: str
    fields: frozenset[str] = frozenset()  # 领域 an agency enforces; empty: any
    superior: str | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class Register:
    """All units of one installation. Built once at start, passed to the rules as a value."""

    units: tuple[Unit, ...]
    _by_role: dict[tuple[str, Role], str] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for unit in self.units:
            _check(unit, seen)
            seen.add(unit.code)
            for role in unit.roles:
                self._by_role.setdefault((unit.district, role), unit.code)
        for unit in self.units:
            if unit.superior is not None and unit.superior not in seen:
                raise RegisterError(f"unit {unit.code!r}: superior {unit.superior!r} is not in the register")

    @cached_property
    def by_code(self) -> dict[str, Unit]:
        """Every unit by its code."""
        return {unit.code: unit for unit in self.units}

    def has_role(self, code: str, role: Role) -> bool:
        """Whether the unit exists and acts in `role`."""
        unit = self.by_code.get(code)
        return unit is not None and role in unit.roles

    def acting(self, district: str, role: Role) -> str | None:
        """The code of the first unit registered for `role` in `district`, or None."""
        return self._by_role.get((district, role))

    def district_of(self, code: str) -> str | None:
        """The district of a unit, or None if nobody is registered under `code`."""
        unit = self.by_code.get(code)
        return None if unit is None else unit.district


def _check(unit: Unit, seen: Iterable[str]) -> None:
    if unit.code in seen:
        raise RegisterError(f"unit {unit.code!r} is registered twice")
    if unit.code == BUS_UNIT or not unit.code.replace("-", "").isalnum() or unit.code != unit.code.lower():
        raise RegisterError(
            f"unit code {unit.code!r}: use lower-case letters, digits and hyphens, and not {BUS_UNIT!r}"
        )
    if not unit.code.isascii():
        raise RegisterError(f"unit code {unit.code!r} is not ASCII: it becomes part of topic names")
    if not unit.roles or Role.BUS in unit.roles:
        raise RegisterError(f"unit {unit.code!r}: give it at least one role, and not BUS")
    for contact in unit.contacts:
        if not contact.name or not (contact.phone or contact.mail):
            raise RegisterError(f"unit {unit.code!r}: a contact has a name, and a phone or a mail")
    for name in sorted(unit.fields - FIELD_BY_CODE.keys()):
        accepted = ", ".join(FIELD_BY_CODE)
        raise RegisterError(f"unit {unit.code!r}: {name!r} is no field; accepted: {accepted}")


def load_register(path: Path) -> Register:
    """The register in a TOML file of `[[unit]]` tables (see docs/units.md). Raises RegisterError."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("unit", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise RegisterError(f"the register {path} cannot be read: {error}") from error
    if not rows:
        raise RegisterError(f"the register {path} holds no [[unit]] table")
    return Register(tuple(_unit(row, path) for row in rows))


def _unit(row: dict[str, object], path: Path) -> Unit:
    code = str(row.get("code", ""))
    try:
        return Unit(
            code=code,
            name_zh=str(row["name_zh"]),
            name_en=str(row["name_en"]),
            roles=frozenset(Role(role) for role in _strings(row["roles"])),
            district=str(row["district"]),
            fields=frozenset(_strings(row.get("fields", []))),
            superior=None if row.get("superior") is None else str(row["superior"]),
            contacts=tuple(_contact(one) for one in _list(row.get("contacts", []), "contacts")),
        )
    except KeyError as error:
        raise RegisterError(f"{path}: unit {code!r} lacks {error}") from error
    except ValueError as error:
        raise RegisterError(f"{path}: unit {code!r}: {error}") from error


def _contact(told: object) -> Contact:
    if not isinstance(told, dict) or not told.keys() <= {"name", "phone", "mail"}:
        raise ValueError(f"a contact is {{ name = …, phone = …, mail = … }}, not {told!r}")
    return Contact(*(str(told.get(key, "")) for key in ("name", "phone", "mail")))


def _strings(value: object) -> list[str]:
    return [str(item) for item in _list(value, "strings")]


def _list(value: object, of: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list of {of}, got {value!r}")  # noqa: TRY004  (one kind of error)
    return value
