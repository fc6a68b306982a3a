"""Messages: composed of what waits on a channel, taken under a lease, and settled. Blocks; several may run at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, or_, select, true, update

from consumers.notifying.channels import all_channels, queue
from consumers.notifying.rules import Channel, Matter, Topic, composed, in_office_hours, may_tell
from consumers.webhooks.rules import LEASE, Answer, State, settle
from consumers.workdays import Calendar
from infra.notifying_tables import channels, matters, messages


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that this process sends now; nobody else does before its lease ends."""

    id: UUID
    channel: Channel
    subject: str
    body: str
    attempts: int
    queued_at: datetime
    expires_at: datetime


def compose_due(engine: Engine, calendar: Calendar, console: str, now: datetime) -> int:
    """Queues a message for each channel on which something may be told now; returns how many."""
    made = 0
    with engine.begin() as connection:
        for channel in all_channels(connection):
            waiting = _waiting(connection, channel)
            if waiting and may_tell(channel, min(row.found_at for row in waiting), now, calendar):
                _compose(connection, channel, waiting, console, now)
                made += 1
    return made


def _waiting(connection: Connection, channel: Channel) -> Sequence[Any]:
    rows = (
        select(matters)
        .where(matters.c.channel_id == channel.id, matters.c.message_id.is_(None))
        .order_by(matters.c.at.nulls_last(), matters.c.key)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(rows).all()


def _compose(
    connection: Connection, channel: Channel, waiting: Sequence[Any], console: str, now: datetime
) -> None:
    told = [Matter(row.key, Topic(row.topic), row.number, row.path, row.at) for row in waiting]
    subject, body = composed(channel, told, console)
    message_id = queue(connection, channel, subject, body, now=now)
    keys = [one.key for one in told]
    mine = and_(matters.c.channel_id == channel.id, matters.c.key.in_(keys))
    connection.execute(update(matters).where(mine).values(message_id=message_id))


def take(engine: Engine, calendar: Calendar, now: datetime, *, most: int = 20) -> list[Taken]:
    """Messages that are due, with a lease. Out of office hours those of quiet channels wait, but for tests."""
    awake = in_office_hours(now, calendar)
    allowed = true() if awake else or_(messages.c.test, ~channels.c.quiet)
    rows = (
        select(messages)
        .select_from(messages.join(channels, channels.c.channel_id == messages.c.channel_id))
        .where(messages.c.state == State.QUEUED.value, messages.c.due_at <= now, allowed)
        .where(or_(channels.c.active, messages.c.test))
        .order_by(messages.c.due_at, messages.c.message_id)
        .limit(most)
        .with_for_update(of=messages, skip_locked=True)
    )
    with engine.begin() as connection:
        known = {one.id: one for one in all_channels(connection)}
        found = [_taken(row, known[row.channel_id]) for row in connection.execute(rows)]
        mine = messages.c.message_id.in_([one.id for one in found])
        leased = {"attempts": messages.c.attempts + 1, "due_at": now + LEASE}
        connection.execute(update(messages).where(mine).values(leased))
    return found


def settled(engine: Engine, taken: Taken, answer: Answer, now: datetime, *, jitter: float) -> State:
    """Keeps what came of a try; a message that another process took meanwhile is left to that."""
    result = settle(answer, attempts=taken.attempts, expires_at=taken.expires_at, now=now, jitter=jitter)
    same_try = and_(messages.c.message_id == taken.id, messages.c.attempts == taken.attempts)
    with engine.begin() as connection:
        connection.execute(
            update(messages)
            .where(same_try, messages.c.state == State.QUEUED.value)
            .values(state=result.state.value, due_at=result.due_at, answer=answer.told)
        )
    return result.state


def latest(connection: Connection, channel_id: UUID, limit: int = 5) -> Sequence[Any]:
    """The latest messages of a channel, for its page."""
    rows = select(messages).where(messages.c.channel_id == channel_id)
    return connection.execute(rows.order_by(messages.c.queued_at.desc()).limit(limit)).all()


def _taken(row: Any, channel: Channel) -> Taken:
    return Taken(
        row.message_id, channel, row.subject, row.body, row.attempts + 1, row.queued_at, row.expires_at
    )
