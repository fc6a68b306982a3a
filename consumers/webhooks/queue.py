"""What is still to be sent to webhooks, in PostgreSQL: queued from the feeds' numbers, and taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine, select, tuple_

from consumers.casework.store import raw_cursor
from consumers.feeds.heads import FeedHead, heads_upto
from consumers.readmodel.feed import DELIVERED, ITEM_COLUMNS
from consumers.readmodel.rows import feed_items
from consumers.readmodel.views import FeedItem
from consumers.webhooks import secrets
from consumers.webhooks.rules import LEASE, LIFETIME, TRIPPED
from infra.tables import feed_positions

QUEUED_AT_ONCE = 500
"""Numbers of one feed that one transaction queues."""
TAKEN_AT_ONCE = 200
"""Deliveries that one transaction takes, over all webhooks."""


class Taken(NamedTuple):
    """A delivery that this process sends now. `attempts` counts this try; `failures` are the receiver's so far."""

    webhook_id: UUID
    unit: str
    url: str
    secret: str
    seq: int
    attempts: int
    expires_at: datetime
    failures: int

    @property
    def message_id(self) -> str:
        """The same at every try, so that a receiver recognises what it has."""
        return f"{self.webhook_id}.{self.seq}"


# What a crash of the server loses of this is queued and taken anew, under the same message ids; settling is durable.
_LAZILY = "SET LOCAL synchronous_commit = off"

# A webhook stands for one range of numbers of one feed; its row is the lock of the range.
_QUEUE = """
WITH behind AS (
  SELECT w.webhook_id, w.unit, w.cursor, least(f.published, w.cursor + %(most)s) AS upto, f.published,
    w.types, w.fields
  FROM webhooks w JOIN feeds f ON f.unit = w.unit
  WHERE w.state = 'active' AND w.cursor < f.published
    AND NOT EXISTS (SELECT FROM suspensions h WHERE h.unit = w.unit)
  FOR UPDATE OF w SKIP LOCKED
), moved AS (
  UPDATE webhooks w SET cursor = b.upto FROM behind b WHERE w.webhook_id = b.webhook_id
), queued AS (
  INSERT INTO webhook_deliveries (webhook_id, seq, case_id, state, attempts, due_at, expires_at, answer)
  SELECT b.webhook_id, p.seq, e.case_id, 'queued', 0, %(now)s, %(expires)s, ''
  FROM behind b
  JOIN feed_positions p ON p.unit = b.unit AND p.seq > b.cursor AND p.seq <= b.upto
  JOIN events e ON (e.partition, e.log_offset) = (p.partition, p.log_offset)
  WHERE (cardinality(b.types) = 0 OR e.type = ANY(b.types))
    AND (cardinality(b.fields) = 0 OR EXISTS (
      SELECT 1 FROM unnest(b.fields) AS f(code)
      WHERE convert_from(e.headers, 'UTF8')::jsonb @> jsonb_build_array(jsonb_build_array('ce_field', f.code))))
)
SELECT count(*) FROM behind WHERE upto < published
"""


def queue_published(engine: Engine, now: datetime) -> int:
    """Queue what was published since, for each active webhook; for how many of them there is more. Blocks."""
    told = {"most": QUEUED_AT_ONCE, "now": now, "expires": now + LIFETIME}
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        cursor.execute(_LAZILY)
        row = cursor.execute(_QUEUE, told).fetchone()
    return 0 if row is None else int(row[0])


# The first of each case only: later ones of the case wait for it, other cases do not. A receiver that
# fails in a row is probed with one delivery, due or not, as soon as its time has come.
_TAKE = """
WITH ready AS (
  SELECT webhook_id, unit, url, secret, failures FROM webhooks
  WHERE state = 'active' AND (open_until IS NULL OR open_until <= %(now)s)
    AND NOT webhook_id = ANY(%(busy)s::uuid[])
    AND NOT EXISTS (SELECT FROM suspensions h WHERE h.unit = webhooks.unit)
), picked AS (
  SELECT w.*, d.seq FROM ready w CROSS JOIN LATERAL (
    SELECT seq FROM webhook_deliveries d
    WHERE d.webhook_id = w.webhook_id AND d.state = 'queued'
      AND (d.due_at <= %(now)s OR w.failures >= %(tripped)s)
      AND NOT EXISTS (
        SELECT 1 FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.case_id = d.case_id
          AND e.state = 'queued' AND e.seq < d.seq)
    ORDER BY d.seq LIMIT CASE WHEN w.failures >= %(tripped)s THEN 1 ELSE %(each)s END
    FOR UPDATE SKIP LOCKED
  ) d LIMIT %(most)s
), probing AS (
  UPDATE webhooks w SET open_until = %(until)s FROM picked p
  WHERE w.webhook_id = p.webhook_id AND p.failures >= %(tripped)s
)
UPDATE webhook_deliveries d SET attempts = d.attempts + 1, due_at = %(until)s, attempted_at = %(now)s
FROM picked p WHERE d.webhook_id = p.webhook_id AND d.seq = p.seq
RETURNING d.webhook_id, p.unit, p.url, p.secret, d.seq, d.attempts, d.expires_at, p.failures
"""


def take(engine: Engine, now: datetime, *, each: int, busy: Sequence[UUID] = ()) -> list[Taken]:
    """Deliveries to send now, at most `each` of one webhook and none of `busy` ones. Blocks.

    Nothing of a suspended unit, which waits. They are this process's for the length of a lease; if it dies, they
    are due again.
    """
    told = {
        "now": now,
        "until": now + LEASE,
        "each": each,
        "most": TAKEN_AT_ONCE,
        "tripped": TRIPPED,
        "busy": list(busy),
    }
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        cursor.execute(_LAZILY)
        rows = [Taken._make(row) for row in cursor.execute(_TAKE, told)]
        found = secrets.opened(connection, ((one.unit, one.secret) for one in rows))
    taken = (one._replace(secret=secret) for one, secret in zip(rows, found, strict=True))
    return sorted(taken, key=lambda one: (one.seq, one.webhook_id))


def items_of(
    engine: Engine, taken: Sequence[Taken]
) -> tuple[dict[tuple[str, int], FeedItem], dict[tuple[str, int], FeedHead]]:
    """The feed entries that these deliveries are of, and the last head of each, by unit and number. Blocks."""
    position = feed_positions.c
    wanted = tuple_(position.unit, position.seq).in_({(one.unit, one.seq) for one in taken})
    rows = select(position.unit, *ITEM_COLUMNS).select_from(DELIVERED).where(wanted)
    with engine.connect() as connection:
        found = connection.execute(rows).all()
        items = feed_items(connection, found)
        by_number = {(row.unit, row.seq): item for row, item in zip(found, items, strict=True)}
        return by_number, heads_upto(connection, by_number)
