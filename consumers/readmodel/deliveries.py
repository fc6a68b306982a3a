"""How far each delivery has come: of one event to each recipient, and those that failed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, case, func, lateral, select, true

from consumers.readmodel import scope
from consumers.readmodel.scope import Unit
from consumers.readmodel.selecting import Condition
from consumers.readmodel.views import DeliveryView, EventName, Progress, Reached
from infra.tables import events, feed_entries, feed_positions, feeds
from infra.webhook_tables import webhook_deliveries, webhooks

_entry, _position, _sent = feed_entries.c, feed_positions.c, webhook_deliveries.c

# What the unit's webhooks made of it: one that accepted it is enough; else the latest answer counts.
_HOOK = lateral(
    select(
        func.bool_or(_sent.state == "delivered").label("delivered"),
        func.bool_or(_sent.state == "failed").label("failed"),
        func.max(_sent.attempted_at).label("attempted_at"),
        func.array_agg(_sent.answer).label("answers"),
    )
    .select_from(webhook_deliveries.join(webhooks, webhooks.c.webhook_id == _sent.webhook_id))
    .where(webhooks.c.unit == _entry.unit, _sent.seq == _position.seq)
).alias("hook")

_PUBLISHED = func.coalesce(_position.seq <= feeds.c.published, False)
_ACKNOWLEDGED = func.coalesce(_position.seq <= feeds.c.acknowledged, False)
_reached: ColumnElement[str] = case(
    (_ACKNOWLEDGED, Reached.ACKNOWLEDGED.value),
    (_HOOK.c.delivered, Reached.DELIVERED.value),
    (_HOOK.c.failed, Reached.FAILED.value),
    (_PUBLISHED, Reached.SENT.value),
    else_=Reached.QUEUED.value,
)


def _joined() -> FromClause:
    same = and_(events.c.partition == _entry.partition, events.c.log_offset == _entry.log_offset)
    numbered = and_(
        _position.unit == _entry.unit,
        _position.partition == _entry.partition,
        _position.log_offset == _entry.log_offset,
        _position.n == _entry.n,
    )
    delivered = feed_entries.join(events, same).outerjoin(feed_positions, numbered)
    return delivered.outerjoin(feeds, feeds.c.unit == _entry.unit).outerjoin(_HOOK, true())


_COLUMNS = (
    _entry.unit,
    _position.seq,
    _PUBLISHED,
    _ACKNOWLEDGED,
    _reached,
    func.coalesce(func.array_to_string(_HOOK.c.answers, " · "), ""),
    _HOOK.c.attempted_at,
)


_NAMED = (events.c.source, events.c.event_id, events.c.type, events.c.case_id, events.c.recorded_at)


def _chosen(unit: Unit, which: Condition, *more: Any) -> Select[Any]:
    return select(*_COLUMNS, *more).select_from(_joined()).where(which, scope.deliveries_for(unit))


def progress_of(connection: Connection, unit: Unit, which: Condition) -> list[Progress]:
    """How far the events that `which` selects have come to each recipient that `unit` may know of."""
    return [_progress(unit, row) for row in connection.execute(_chosen(unit, which).order_by(_entry.n))]


def deliveries_of(connection: Connection, unit: Unit, source: str, event_id: str) -> list[DeliveryView]:
    """The deliveries of one event that `unit` may know of."""
    which = and_(events.c.source == source, events.c.event_id == event_id)
    return _views(connection, unit, _chosen(unit, which, *_NAMED).order_by(_entry.n))


def failed_for(connection: Connection, unit: Unit, *, limit: int) -> list[DeliveryView]:
    """Deliveries that a receiver did not accept in their time, of what `unit` said or receives; latest first."""
    lost = (
        select(_sent.seq)
        .join(webhooks, webhooks.c.webhook_id == _sent.webhook_id)
        .where(_sent.state == "failed", webhooks.c.unit == _entry.unit, _sent.seq == _position.seq)
        .exists()
    )
    latest = (events.c.recorded_at.desc(), events.c.partition, events.c.log_offset.desc(), _entry.n)
    failed = _chosen(unit, lost, *_NAMED).where(_reached == Reached.FAILED.value)
    return _views(connection, unit, failed.order_by(*latest).limit(limit))


def _views(connection: Connection, unit: Unit, rows: Select[Any]) -> list[DeliveryView]:
    return [
        DeliveryView(
            EventName(row.source, row.event_id), row.type, row.case_id, row.recorded_at, _progress(unit, row)
        )
        for row in connection.execute(rows)
    ]


def _progress(reader: Unit, row: Any) -> Progress:
    """What a receiver answered is for its unit and for operators: a sender learns how far it came, not why."""
    unit, seq, published, acknowledged, reached, answer, attempted_at = row[: len(_COLUMNS)]
    own = reader in (None, unit)
    return Progress(
        unit,
        seq,
        published,
        acknowledged,
        Reached(reached),
        answer if own else "",
        attempted_at if own else None,
    )
