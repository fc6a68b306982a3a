"""The audit of the console: who read, sought, took out, revealed or changed what. Entries are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, insert, select

from consumers.console.access import Action
from consumers.console.sessions import Visitor
from infra.tables import console_audit

SHORTEST_REASON = 4
"""Characters: a reason for revealing says at least something."""
_LONGEST = 2000


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
    connection.execute(
        insert(console_audit).values(
            at=now,
            user=name[:_LONGEST],
            role=role,
            unit=unit,
            action=action.value,
            target=target[:_LONGEST],
            case_id=case_id,
            detail=detail[:_LONGEST],
            address=address,
        )
    )


def of_case(connection: Connection, case_id: UUID, *, unit: str | None, limit: int = 100) -> list[Noted]:
    """Who had to do with a case, the latest first; with `unit` only that unit's own people."""
    column = console_audit.c
    rows = select(console_audit).where(column.case_id == case_id)
    if unit is not None:
        rows = rows.where(column.unit == unit)
    return [Noted(*row) for row in connection.execute(rows.order_by(column.n.desc()).limit(limit))]


def entries(
    connection: Connection, *, user: str = "", action: str = "", before: int | None = None, limit: int = 100
) -> list[Noted]:
    """The latest entries, of one person or one kind if asked, below number `before`."""
    column, rows = console_audit.c, select(console_audit)
    if user:
        rows = rows.where(column.user == user)
    if action:
        rows = rows.where(column.action == action)
    if before is not None:
        rows = rows.where(column.n < before)
    return [Noted(*row) for row in connection.execute(rows.order_by(column.n.desc()).limit(limit))]


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
