"""One unit's feed: reading on from a position, and acknowledging what was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, select, update

from consumers.readmodel.rows import EVENT_COLUMNS, feed_item
from consumers.readmodel.views import FeedPage
from infra.tables import events, feed_entries, feed_positions, feeds


class AheadOfFeedError(ValueError):
    """A position that the feed has not reached: it belongs to another feed, or to another installation."""

    def __init__(self, seq: int, published: int) -> None:
        super().__init__(f"position {seq} lies ahead of the feed, which has reached {published}")
        self.published = published


def feed_page(connection: Connection, unit: str, *, after: int | None, limit: int) -> FeedPage:
    """Entries of the feed of `unit` with numbers above `after`, at most `limit`, in order.

    Without `after` it continues behind the last acknowledged one. Only what the broker has acknowledged is
    readable, so this and the feed topic never tell different things. Raises AheadOfFeedError.
    """
    published, acknowledged = _standing(connection, unit)
    start = acknowledged if after is None else after
    if start > published:
        raise AheadOfFeedError(start, published)
    position, entry = feed_positions.c, feed_entries.c
    joined = feed_positions.join(
        feed_entries,
        and_(
            entry.partition == position.partition,
            entry.log_offset == position.log_offset,
            entry.n == position.n,
        ),
    ).join(events, and_(events.c.partition == position.partition, events.c.log_offset == position.log_offset))
    rows = (
        select(position.seq, entry.delivery, entry.role, entry.basis, *EVENT_COLUMNS)
        .select_from(joined)
        .where(position.unit == unit, position.seq > start, position.seq <= published)
        .order_by(position.seq)
        .limit(limit)
    )
    items = [feed_item(row) for row in connection.execute(rows)]
    return FeedPage(
        unit=unit,
        items=items,
        next=items[-1].seq if items else start,
        published=published,
        acknowledged=acknowledged,
    )


def acknowledge(connection: Connection, unit: str, seq: int, *, now: datetime) -> int:
    """Records that `unit` has everything up to `seq`, and returns how far it has acknowledged now.

    Never moves back: an earlier number than the last is heard, and changes nothing. The caller commits.
    Raises AheadOfFeedError.
    """
    moved = (
        update(feeds)
        .where(feeds.c.unit == unit, feeds.c.published >= seq)
        .values(
            acknowledged=func.greatest(feeds.c.acknowledged, seq),
            acknowledged_at=func.greatest(feeds.c.acknowledged_at, now),
        )
        .returning(feeds.c.acknowledged)
    )
    reached: int | None = connection.execute(moved).scalar_one_or_none()
    if reached is None:
        published, _ = _standing(connection, unit)
        if seq > published:
            raise AheadOfFeedError(seq, published)
    return reached or 0


def _standing(connection: Connection, unit: str) -> tuple[int, int]:
    row = connection.execute(
        select(feeds.c.published, feeds.c.acknowledged).where(feeds.c.unit == unit)
    ).one_or_none()
    return (0, 0) if row is None else (row.published, row.acknowledged)
