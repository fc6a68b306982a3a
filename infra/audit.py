"""The audit of people: who read, sought, took out, printed, revealed or changed what. Entries are only ever added.

One table for the console and the command line. It is no fold of the log: it is kept by backups.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, insert

from infra.tables import console_audit

LONGEST = 2000
"""Characters of a text in an entry; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something; `role` and `address` are empty for whoever works at the command line."""

    name: str
    role: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did: `action` is the kind that people filter by, `what` the deed (`job-approved`) or nothing.

    `role` and `address` are empty and `unit` None for whoever works at the command line.
    """

    user: str
    action: str
    what: str
    target: str
    role: str = ""
    unit: str | None = None
    case_id: UUID | None = None
    detail: str = ""
    address: str = ""


def enter(connection: Connection, entry: Entry, *, now: datetime) -> None:
    """Adds an entry in the caller's transaction."""
    connection.execute(
        insert(console_audit).values(
            at=now,
            user=entry.user[:LONGEST],
            role=entry.role,
            unit=entry.unit,
            action=entry.action,
            what=entry.what,
            target=entry.target[:LONGEST],
            case_id=entry.case_id,
            detail=entry.detail[:LONGEST],
            address=entry.address,
        )
    )


def enter_change(
    connection: Connection, actor: Actor, what: str, target: str, reason: str, *, now: datetime
) -> None:
    """Adds the entry of a change in the transaction that makes it."""
    entry = Entry(actor.name, "change", what, target, role=actor.role, detail=reason, address=actor.address)
    enter(connection, entry, now=now)
