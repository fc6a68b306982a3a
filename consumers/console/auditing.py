"""The audit of the console: who read, sought, took out, revealed or changed what. Entries are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, or_, select

from consumers.console.access import Action
from consumers.console.sessions import Visitor
from infra.audit import Entry, enter
from infra.tables import console_audit
from schemas.spans import CHINA

SHORTEST_REASON = 4
"""Characters: a reason for revealing says at least something."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry."""

    n: int
    at: datetime
    user: str
    role: str
    unit: str | None
    action: str
    target: str
    case_id: UUID | None
    detail: str
    address: str
    what: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; what is empty asks for nothing. Days are China's, both included."""

    user: str = ""
    action: str = ""
    unit: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None


def note(
    connection: Connection,
    who: Visitor | str,
    action: Action,
    target: str,
    *,
    now: datetime,
    case_id: UUID | None = None,
    detail: str = "",
    address: str = "",
) -> None:
    """Adds an entry. `who` is the name alone while nobody is signed in. The caller commits."""
    name, role, unit = (who.name, who.role.value, who.unit) if isinstance(who, Visitor) else (who, "", None)
    entry = Entry(
        user=name,
        action=action.value,
        what="",
        target=target,
        role=role,
        unit=unit,
        case_id=case_id,
        detail=detail,
        address=address,
    )
    enter(connection, entry, now=now)


def of_case(connection: Connection, case_id: UUID, *, unit: str | None, limit: int = 100) -> list[Noted]:
    """Who had to do with a case, the latest first; with `unit` only that unit's own people."""
    column = console_audit.c
    rows = select(console_audit).where(column.case_id == case_id)
    if unit is not None:
        rows = rows.where(column.unit == unit)
    return [Noted(*row) for row in connection.execute(rows.order_by(column.n.desc()).limit(limit))]


def entries(
    connection: Connection, wanted: Wanted, *, before: int | None = None, limit: int = 100
) -> list[Noted]:
    """The latest entries that fit, below number `before`."""
    column, rows = console_audit.c, select(console_audit).where(*_conditions(wanted))
    if before is not None:
        rows = rows.where(column.n < before)
    return [Noted(*row) for row in connection.execute(rows.order_by(column.n.desc()).limit(limit))]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    column = console_audit.c
    equal = ((column.user, wanted.user), (column.action, wanted.action), (column.unit, wanted.unit))
    found = [one == value for one, value in equal if value]
    if wanted.text:
        found.append(
            or_(*(one.contains(wanted.text, autoescape=True) for one in (column.target, column.detail)))
        )
    if wanted.since is not None:
        found.append(column.at >= datetime.combine(wanted.since, time(), CHINA))
    if wanted.until is not None:
        found.append(column.at < datetime.combine(wanted.until + timedelta(days=1), time(), CHINA))
    return found


def revealed(connection: Connection, visitor: Visitor, case_id: UUID, *, since: datetime) -> bool:
    """Whether the visitor has given a reason for seeing this case unmasked after `since`."""
    column = console_audit.c
    wanted = (
        column.case_id == case_id,
        column.user == visitor.name,
        column.action == Action.REVEAL.value,
        func.char_length(column.detail) >= SHORTEST_REASON,
        column.at >= since,
    )
    return connection.execute(select(column.n).where(*wanted).limit(1)).first() is not None
