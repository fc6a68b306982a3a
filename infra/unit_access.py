"""What is done to the access of a unit, together with its entry in the audit: console and command line do it here.

The caller commits, so that the change and its entry stand or fall together with whatever asked for them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from infra import access, suspensions
from infra.audit import Actor, enter_change
from infra.suspensions import Suspension


def issue(
    connection: Connection,
    actor: Actor,
    unit: str,
    reason: str,
    *,
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """A new API key for `unit`, which cannot be shown again; a third retires the oldest."""
    key = access.issue_key(connection, unit, now=now, expires_at=expires_at)
    enter_change(connection, actor, "key-issued", unit, reason, now=now)
    return key


def revoke(
    connection: Connection, actor: Actor, unit: str, reason: str, *, now: datetime, name: str = ""
) -> int:
    """Revokes the unit's valid keys, or only the one of that name; returns how many."""
    count = access.revoke_keys(connection, unit, now=now, name=name)
    if count:
        enter_change(connection, actor, "keys-revoked", f"{unit} {name}".strip(), reason, now=now)
    return count


def suspend(connection: Connection, actor: Actor, unit: str, reason: str, *, now: datetime) -> Suspension:
    """Holds what the unit says and what is for it; an earlier suspension keeps its day and reason."""
    standing = suspensions.suspend(connection, unit, reason=reason, now=now)
    if standing.since == now:
        enter_change(connection, actor, "unit-suspended", unit, reason, now=now)
    return standing


def resume(connection: Connection, actor: Actor, unit: str, reason: str, *, now: datetime) -> bool:
    """Lets everything that was held go on; False if nothing was."""
    ended = suspensions.resume(connection, unit)
    if ended:
        enter_change(connection, actor, "unit-resumed", unit, reason, now=now)
    return ended
