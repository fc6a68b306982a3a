"""The webhooks of units in PostgreSQL: registered, confirmed by a handshake, resumed, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, func, insert, select, text, update

from consumers.casework.store import raw_cursor
from consumers.readmodel.rows import AnyRow
from consumers.readmodel.selection import Selection
from consumers.webhooks import secrets
from consumers.webhooks.rules import LEASE, LIFETIME, PROBE_WAITS, Answer, State
from infra.tables import feeds
from infra.webhook_tables import webhook_deliveries, webhooks

MOST_OF_A_UNIT = 10
HANDSHAKE_LIFETIME = timedelta(hours=24)
"""A receiver that has not answered the handshake for so long is paused."""
CHANNEL = "webhook"
"""Notified when there is a handshake to make."""
KEPT = ("pending", "active", "paused")


class TooManyError(ValueError):
    """A unit has as many webhooks as it may have."""


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook as its unit sees it. `state`: pending until the handshake, active, or paused.

    `cursor`: the feed is queued up to this number. `queued` and `failed` count deliveries; `answer` is what
    the last try came to. While `open_until` lies ahead, nothing is sent, because `failures` came in a row.
    """

    id: UUID
    url: str
    types: list[str]
    fields: list[str]
    state: str
    cursor: int
    created_at: datetime
    confirmed_at: datetime | None
    failures: int
    open_until: datetime | None
    answer: str
    queued: int
    failed: int


def register(
    connection: Connection,
    webhook_id: UUID,
    unit: str,
    url: str,
    secret: str,
    *,
    wanted: Selection,
    now: datetime,
    after: int | None = None,
) -> None:
    """Adds a webhook that waits for its handshake; the caller commits.

    It gets what is published behind number `after`, or from now on. Raises TooManyError.
    """
    connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"webhooks of {unit}"))))
    mine = select(func.count()).where(webhooks.c.unit == unit, webhooks.c.state.in_(KEPT))
    if connection.execute(mine).scalar_one() >= MOST_OF_A_UNIT:
        raise TooManyError(f"{unit} has {MOST_OF_A_UNIT} webhooks already: remove one")
    published = connection.execute(
        select(func.coalesce(func.max(feeds.c.published), 0)).where(feeds.c.unit == unit)
    ).scalar_one()
    connection.execute(
        insert(webhooks).values(
            webhook_id=webhook_id,
            unit=unit,
            url=url,
            secret=secrets.kept(connection, unit, secret, now),
            types=list(wanted.types),
            fields=list(wanted.fields),
            state="pending",
            cursor=published if after is None else min(after, published),
            created_at=now,
            failures=0,
            open_until=now,
            answer="",
        )
    )
    _notify(connection)


def webhooks_of(connection: Connection, unit: str) -> list[WebhookView]:
    """The webhooks of `unit`, oldest first."""
    rows = connection.execute(
        select(webhooks)
        .where(webhooks.c.unit == unit, webhooks.c.state.in_(KEPT))
        .order_by(webhooks.c.created_at, webhooks.c.webhook_id)
    ).all()
    found = connection.execute(
        select(webhook_deliveries.c.webhook_id, webhook_deliveries.c.state, func.count())
        .where(
            webhook_deliveries.c.webhook_id.in_([row.webhook_id for row in rows]),
            webhook_deliveries.c.state != State.DELIVERED.value,
        )
        .group_by(webhook_deliveries.c.webhook_id, webhook_deliveries.c.state)
    )
    counts = {(webhook_id, state): count for webhook_id, state, count in found}
    return [_view(row, counts) for row in rows]


def _view(row: AnyRow, counts: dict[tuple[UUID, str], int]) -> WebhookView:
    return WebhookView(
        id=row.webhook_id,
        url=row.url,
        types=row.types,
        fields=row.fields,
        state=row.state,
        cursor=row.cursor,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        failures=row.failures,
        open_until=row.open_until,
        answer=row.answer,
        queued=counts.get((row.webhook_id, State.QUEUED.value), 0),
        failed=counts.get((row.webhook_id, State.FAILED.value), 0),
    )


def remove(connection: Connection, unit: str, webhook_id: UUID) -> bool:
    """Nothing more is sent to it; False if `unit` has no such webhook. What was delivered stays on record."""
    which = (webhooks.c.webhook_id == webhook_id) & (webhooks.c.unit == unit) & webhooks.c.state.in_(KEPT)
    done = connection.execute(update(webhooks).where(which).values(state="removed", secret=""))
    return done.rowcount == 1


def resume(connection: Connection, unit: str, webhook_id: UUID, *, now: datetime) -> bool:
    """Asks for a new handshake and queues what has failed anew; False if `unit` has no such webhook."""
    which = (webhooks.c.webhook_id == webhook_id) & (webhooks.c.unit == unit) & webhooks.c.state.in_(KEPT)
    begun = update(webhooks).where(which).values(state="pending", created_at=now, failures=0, open_until=now)
    if connection.execute(begun).rowcount == 0:
        return False
    connection.execute(
        update(webhook_deliveries)
        .where(webhook_deliveries.c.webhook_id == webhook_id, webhook_deliveries.c.state != "delivered")
        .values(state=State.QUEUED.value, attempts=0, due_at=now, expires_at=now + LIFETIME)
    )
    _notify(connection)
    return True


def retry(connection: Connection, unit: str | None, webhook_id: UUID, seq: int, *, now: datetime) -> bool:
    """Queues one failed delivery of a webhook of `unit` (None: of anybody's) anew; False if there is none.

    Asked again it changes nothing: the delivery has not failed any more. The caller commits.
    """
    whose = webhooks.c.webhook_id == webhook_id
    mine = select(webhooks.c.webhook_id).where(whose if unit is None else whose & (webhooks.c.unit == unit))
    sent = webhook_deliveries.c
    which = (sent.webhook_id.in_(mine)) & (sent.seq == seq) & (sent.state == State.FAILED.value)
    queued = {"state": State.QUEUED.value, "attempts": 0, "due_at": now, "expires_at": now + LIFETIME}
    done = connection.execute(update(webhook_deliveries).where(which).values(queued))
    if done.rowcount:
        _notify(connection)
    return bool(done.rowcount)


def _notify(connection: Connection) -> None:
    connection.execute(text(f"NOTIFY {CHANNEL}"))


class Unconfirmed(NamedTuple):
    """A webhook whose receiver has to be asked whether it wants this."""

    webhook_id: UUID
    unit: str
    url: str
    secret: str
    failures: int
    created_at: datetime


_UNCONFIRMED = """
UPDATE webhooks SET open_until = %(until)s WHERE webhook_id IN (
  SELECT webhook_id FROM webhooks WHERE state = 'pending' AND open_until <= %(now)s
    AND unit NOT IN (SELECT unit FROM suspensions)
  LIMIT 50 FOR UPDATE SKIP LOCKED
) RETURNING webhook_id, unit, url, secret, failures, created_at
"""
_CONFIRMED = """
UPDATE webhooks SET state = %(state)s, failures = %(failures)s, open_until = %(until)s, answer = %(answer)s,
  confirmed_at = CASE WHEN %(state)s = 'active' THEN %(now)s ELSE confirmed_at END
WHERE webhook_id = %(webhook)s AND state = 'pending'
"""


def unconfirmed(engine: Engine, now: datetime) -> Sequence[Unconfirmed]:
    """Webhooks whose handshake is due, for this process to make. Blocks."""
    with engine.begin() as connection:
        rows = raw_cursor(connection).execute(_UNCONFIRMED, {"now": now, "until": now + LEASE}).fetchall()
        told = [Unconfirmed._make(row) for row in rows]
        found = secrets.opened(connection, ((one.unit, one.secret) for one in told))
    return [one._replace(secret=secret) for one, secret in zip(told, found, strict=True)]


def confirm(engine: Engine, one: Unconfirmed, answer: Answer, now: datetime) -> str:
    """Records what the handshake came to, and returns the webhook's state. Blocks."""
    state, failures, until = "active", 0, None
    if not answer.accepted:
        expired = now >= one.created_at + HANDSHAKE_LIFETIME
        state, failures = ("paused" if expired else "pending"), one.failures + 1
        until = now + PROBE_WAITS[min(one.failures, len(PROBE_WAITS) - 1)]
    told = {
        "webhook": one.webhook_id,
        "state": state,
        "failures": failures,
        "until": until,
        "answer": answer.told,
        "now": now,
    }
    with engine.begin() as connection:
        raw_cursor(connection).execute(_CONFIRMED, told)
    return state
