"""Sessions of the console: a random token in a cookie, its SHA-256 in the database. The caller commits."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, or_, select, update

from consumers.console.access import ConsoleRole
from infra.tables import console_sessions, console_users

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in. `unit` None: sees every unit's. `complete` False: the second factor is still to come."""

    name: str
    shown: str
    role: ConsoleRole
    unit: str | None
    csrf: str
    complete: bool
    second_factor: bool
    token_hash: bytes


def begin(connection: Connection, name: str, *, complete: bool, now: datetime) -> str:
    """Begins a session and returns the token for the cookie. Sessions that are over are cleared away."""
    token = secrets.token_urlsafe(32)
    column = console_sessions.c
    over = or_(column.seen_at < now - IDLE, column.created_at < now - LONGEST)
    connection.execute(delete(console_sessions).where(over))
    connection.execute(
        insert(console_sessions).values(
            token_hash=digest(token),
            user=name,
            csrf=secrets.token_urlsafe(32),
            complete=complete,
            created_at=now,
            seen_at=now,
        )
    )
    return token


def visitor_of(connection: Connection, token: str, *, now: datetime) -> Visitor | None:
    """Whose session this is, unless it is over, unknown or the person is shut out. Notes that it is in use."""
    session, person = console_sessions.c, console_users.c
    columns = (person.name, person.shown, person.role, person.unit, person.second_factor, *console_sessions.c)
    joined = console_sessions.join(console_users, session.user == person.name)
    alive = (
        session.token_hash == digest(token),
        session.seen_at >= now - IDLE,
        session.created_at >= now - LONGEST,
        person.active,
    )
    row = connection.execute(select(*columns).select_from(joined).where(*alive)).one_or_none()
    if row is None:
        return None
    if row.seen_at < now - _NOTED_EVERY:
        seen = update(console_sessions).where(session.token_hash == row.token_hash).values(seen_at=now)
        connection.execute(seen)
    return Visitor(
        name=row.name,
        shown=row.shown,
        role=ConsoleRole(row.role),
        unit=row.unit,
        csrf=row.csrf,
        complete=row.complete,
        second_factor=row.second_factor,
        token_hash=row.token_hash,
    )


def end(connection: Connection, token_hash: bytes) -> None:
    """Ends one session."""
    connection.execute(delete(console_sessions).where(console_sessions.c.token_hash == token_hash))


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode()).digest()
