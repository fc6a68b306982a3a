"""Who may sign in to the console of `linkage dev` and `linkage demo`: somebody of every role, one password for all."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from consumers.console import people
from consumers.console.access import ConsoleRole
from infra.database import engine
from infra.dev.supervisor import Dev
from schemas.units import Register

_FILE = "console.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One person of the demonstration. `unit` None: of no unit."""

    name: str
    role: ConsoleRole
    unit: str | None
    zh: str
    en: str


PARTS = (
    Part("operator", ConsoleRole.OPERATOR, None, "运维员", "runs the bus, sees everything, masked"),
    Part("auditor", ConsoleRole.AUDITOR, None, "审计员", "reads everything, changes nothing"),
    Part("security", ConsoleRole.SECURITY, None, "安全管理员", "admits people, sees no case"),
    Part("second", ConsoleRole.SECURITY, None, "安全管理员（复核）", "decides on what the other proposes"),
    Part("criminal", ConsoleRole.HEAD, "by-criminal", "刑事检察部门负责人", "head, criminal department"),
    Part("pil", ConsoleRole.CLERK, "by-pil", "公益诉讼检察部门经办人", "clerk, public-interest department"),
    Part("police", ConsoleRole.HEAD, "by-police", "公安分局法制部门负责人", "head, police branch"),
    Part("env", ConsoleRole.CLERK, "by-env", "生态环境分局经办人", "clerk, environment branch"),
)


@dataclass(frozen=True, slots=True)
class Logins:
    """Whom this installation admits, and the password."""

    admitted: Sequence[Part]
    password: str

    def lines(self, language: str) -> str:
        """One line for each, for the terminal; `language` is zh or en."""
        told = [(one.name, one.zh if language == "zh" else one.en) for one in self.admitted]
        return "\n".join(f"  {name:<10}{self.password}   {who}" for name, who in told)


def admit(installation: Dev, *, now: datetime) -> Logins:
    """Admits somebody of every role whose unit the register has; those of an earlier run keep their password."""
    file = installation.folder / _FILE
    password = _password(file)
    connector = engine(installation.settings, pool=1)
    with connector.begin() as connection:
        for part in (admitted := _those_of(installation.register)):
            _add(connection, installation.register, part, password, now)
    connector.dispose()
    return Logins(admitted, password)


def admit_on(connection: Connection, register: Register, password: str, *, now: datetime) -> None:
    """The same on a database alone. The caller commits."""
    for part in _those_of(register):
        _add(connection, register, part, password, now)


def _those_of(register: Register) -> list[Part]:
    return [part for part in PARTS if part.unit is None or part.unit in register.by_code]


def _add(connection: Connection, register: Register, part: Part, password: str, now: datetime) -> None:
    if people.person(connection, part.name) is None:
        people.add(
            connection,
            register,
            name=part.name,
            shown=part.zh,
            role=part.role,
            unit=part.unit,
            password=password,
            now=now,
        )


def _password(file: Path) -> str:
    """The password that an earlier run told the user, or a new one."""
    if file.exists():
        return str(json.loads(file.read_text())["password"])
    made = secrets.token_urlsafe(12)
    file.touch(mode=0o600)
    file.write_text(json.dumps({"password": made}) + "\n")
    return made
