"""What there is to tell: looked up again and again, noted once for each channel. Blocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, or_, select, true
from sqlalchemy.dialects.postgresql import insert

from consumers.casefile import ClockKind
from consumers.console.worktime import DAY, until
from consumers.notifying.channels import all_channels
from consumers.notifying.rules import Channel, Matter, Topic
from consumers.webhooks.rules import TRIPPED
from consumers.workdays import Calendar
from infra.notifying_tables import matters
from infra.tables import cases, clocks, feeds, quarantine
from infra.webhook_tables import webhooks

MOST = 500
"""Matters of one kind that a channel notes at one look; the rest at the next."""
_UNREAD_AFTER = timedelta(days=1)


def gather(engine: Engine, calendar: Calendar, now: datetime) -> int:
    """Notes on every active channel what is new for it; returns how much that is. Several may run at once."""
    fresh = 0
    with engine.begin() as connection:
        for channel in all_channels(connection):
            found = list(_matters(connection, channel, calendar, now)) if channel.active else []
            if found:
                fresh += _note(connection, channel, found, now)
    return fresh


def _note(connection: Connection, channel: Channel, found: list[Matter], now: datetime) -> int:
    rows = [
        {
            "channel_id": channel.id,
            "key": one.key,
            "topic": one.topic.value,
            "number": one.number,
            "path": one.path,
            "at": one.at,
            "found_at": now,
        }
        for one in found
    ]
    made = connection.execute(insert(matters).on_conflict_do_nothing().returning(matters.c.key), rows)
    return len(made.all())


def _matters(connection: Connection, channel: Channel, calendar: Calendar, now: datetime) -> Iterator[Matter]:
    due = clocks.c.due_to
    if Topic.OVERDUE in channel.topics:
        late = and_(due >= channel.created_at, due < now)
        yield from _clocks(connection, channel, Topic.OVERDUE, late)
    if Topic.SOON in channel.topics:
        near = and_(due >= now, due < until(now, DAY, calendar))
        yield from _clocks(connection, channel, Topic.SOON, near)
    if Topic.PARKED in channel.topics:
        yield from _parked(connection, channel)
    if Topic.DELIVERIES in channel.topics:
        yield from _feeds(connection, channel, now)
        yield from _webhooks(connection, channel, now)


def _new(channel: Channel, key: ColumnElement[Any]) -> ColumnElement[bool]:
    """Restricts to what the channel has not noted, so that MOST at a look gets through any number."""
    noted = select(matters.c.key).where(matters.c.channel_id == channel.id, matters.c.key == key)
    return ~noted.exists()


def _clocks(
    connection: Connection, channel: Channel, topic: Topic, which: ColumnElement[bool]
) -> Iterator[Matter]:
    key = (
        f"{topic} "
        + clocks.c.clock_id.cast(matters.c.key.type)
        + " "
        + clocks.c.due_to.cast(matters.c.key.type)
    )
    running = and_(
        clocks.c.state.in_(("running", "paused", "breached")),  # as the partial index says it
        clocks.c.state != "paused",
        clocks.c.kind == ClockKind.DEADLINE.value,
    )
    mine = true() if channel.unit is None else clocks.c.holder == channel.unit
    rows = (
        select(key.label("key"), clocks.c.due_to, cases.c.case_id, cases.c.origin_case)
        .select_from(clocks.join(cases, cases.c.case_id == clocks.c.case_id))
        .where(running, mine, which, _new(channel, key))
        .order_by(clocks.c.due_to, clocks.c.clock_id)
        .limit(MOST)
    )
    for row in connection.execute(rows):
        yield Matter(row.key, topic, row.origin_case, f"/cases/{row.case_id}", row.due_to)


def _parked(connection: Connection, channel: Channel) -> Iterator[Matter]:
    column, text = quarantine.c, matters.c.key.type
    key = "parked " + column.topic + "/" + column.partition.cast(text) + "/" + column.log_offset.cast(text)
    mine = true() if channel.unit is None else column.owner == channel.unit
    rows = (
        select(key.label("key"), column.recorded_at, cases.c.origin_case)
        .select_from(quarantine.outerjoin(cases, cases.c.case_id == column.case_id))
        .where(mine, column.recorded_at >= channel.created_at, _new(channel, key))
        .order_by(column.recorded_at)
        .limit(MOST)
    )
    path = "/dead-letters" if channel.unit is None else "/today"
    for row in connection.execute(rows):
        yield Matter(row.key, Topic.PARKED, row.origin_case or "", path, row.recorded_at)


def _feeds(connection: Connection, channel: Channel, now: datetime) -> Iterator[Matter]:
    column = feeds.c
    mine = true() if channel.unit is None else column.unit == channel.unit
    old = or_(column.acknowledged_at.is_(None), column.acknowledged_at < now - _UNREAD_AFTER)
    rows = select(column.unit, column.acknowledged, column.acknowledged_at).where(
        mine, old, column.published > column.acknowledged
    )
    for row in connection.execute(rows):
        key = f"feed {row.unit} {row.acknowledged}"
        yield Matter(key, Topic.DELIVERIES, "", f"/deliveries?unit={row.unit}", row.acknowledged_at)


def _webhooks(connection: Connection, channel: Channel, now: datetime) -> Iterator[Matter]:
    column = webhooks.c
    mine = true() if channel.unit is None else column.unit == channel.unit
    rows = select(column.webhook_id, column.unit).where(
        mine, column.state == "active", column.failures >= TRIPPED
    )
    for row in connection.execute(rows):
        key = f"webhook {row.webhook_id} {now:%Y-%m-%d}"  # told again on each day on which it fails
        yield Matter(key, Topic.DELIVERIES, "", f"/deliveries?unit={row.unit}", None)
