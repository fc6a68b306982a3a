"""One unit's feed: reading on from a position, and acknowledging what was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, FromClause, and_, func, select, update

from consumers.feeds.heads import heads_upto
from consumers.feeds.statement import Tally
from consumers.readmodel.rows import EVENT_COLUMNS, feed_items
from consumers.readmodel.selection import EVERYTHING, Selection, selected
from consumers.readmodel.views import FeedPage, Statement
from infra.tables import events, feed_entries, feed_positions, feeds

MOST_LOOKED_AT = 10_000
"""A page with a filter looks through this many numbers at most, so that a rare type costs no scan of history."""

MOST_STATED = 100_000
"""Entries in one statement: longer feeds are compared stretch by stretch."""

_entry, _position = feed_entries.c, feed_positions.c
DELIVERED: FromClause = feed_positions.join(
    feed_entries,
    and_(
        _entry.partition == _position.partition,
        _entry.log_offset == _position.log_offset,
        _entry.n == _position.n,
    ),
).join(events, and_(events.c.partition == _position.partition, events.c.log_offset == _position.log_offset))
"""Numbers of feeds, each with its delivery and its event."""
ITEM_COLUMNS = (_position.seq, _entry.delivery, _entry.role, _entry.basis, *EVENT_COLUMNS)
"""What `rows.feed_items` wants to have of it."""


class AheadOfFeedError(ValueError):
    """A position that the feed has not reached: it belongs to another feed, or to another installation."""

    def __init__(self, seq: int, published: int) -> None:
        super().__init__(f"position {seq} lies ahead of the feed, which has reached {published}")
        self.published = published


def feed_page(
    connection: Connection, unit: str, *, after: int | None, limit: int, wanted: Selection = EVERYTHING
) -> FeedPage:
    """Entries of the feed of `unit` with numbers above `after`, at most `limit`, in order.

    Without `after` it continues behind the last acknowledged one. Only what the broker has acknowledged is
    readable, so this and the feed topic never tell different things. Numbers that `wanted` leaves out are no
    gap: everything up to `next` was looked at, even if nothing is shown. Raises AheadOfFeedError.
    """
    published, acknowledged = standing(connection, unit)
    start = acknowledged if after is None else after
    if start > published:
        raise AheadOfFeedError(start, published)
    end = published if wanted.everything else min(published, start + MOST_LOOKED_AT)
    rows = (
        select(*ITEM_COLUMNS)
        .select_from(DELIVERED)
        .where(_position.unit == unit, _position.seq > start, _position.seq <= end, selected(wanted))
        .order_by(_position.seq)
        .limit(limit)
    )
    items = feed_items(connection, connection.execute(rows).all())
    upto = items[-1].seq if len(items) == limit else end
    return FeedPage(
        unit=unit,
        items=items,
        next=upto,
        published=published,
        acknowledged=acknowledged,
        head=heads_upto(connection, [(unit, upto)]).get((unit, upto)),
    )


def statement(connection: Connection, unit: str, *, after: int, upto: int | None, step: int = 0) -> Statement:
    """The digest of the entries behind `after` up to `upto`, at most MOST_STATED of them; None: as far as that.

    With `step` also the digest behind every so many entries.

    Raises AheadOfFeedError.
    """
    published, acknowledged = standing(connection, unit)
    for told in (after, upto or 0):
        if told > published:
            raise AheadOfFeedError(told, published)
    end = min(published if upto is None else max(upto, after), after + MOST_STATED)
    same = and_(events.c.partition == _position.partition, events.c.log_offset == _position.log_offset)
    rows = (
        select(_position.seq, events.c.digest)
        .select_from(feed_positions.join(events, same))
        .where(_position.unit == unit, _position.seq > after, _position.seq <= end)
        .order_by(_position.seq)
    )
    tally, marks = Tally(after), list[tuple[int, str]]()
    for seq, digest in connection.execute(rows):
        tally.add(seq, digest)
        if step and tally.count % step == 0:
            marks.append((seq, tally.digest))
    return Statement(unit, after, tally.upto, tally.count, tally.digest, published, acknowledged, marks)


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
        published, _ = standing(connection, unit)
        if seq > published:
            raise AheadOfFeedError(seq, published)
    return reached or 0


def standing(connection: Connection, unit: str) -> tuple[int, int]:
    """How far the feed of `unit` is published, and how far it has acknowledged it."""
    row = connection.execute(
        select(feeds.c.published, feeds.c.acknowledged).where(feeds.c.unit == unit)
    ).one_or_none()
    return (0, 0) if row is None else (row.published, row.acknowledged)
