"""What became of each delivery: event × recipient, by the numbers of the recipient's feed. Blocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import Connection, text

from consumers.casework.records import unpack_headers
from schemas.envelope import read_headers


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One unit's feed: numbers given out, sent, acknowledged, and since when the oldest waits for the unit."""

    unit: str
    assigned: int
    published: int
    acknowledged: int
    acknowledged_at: datetime | None
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One entry of a feed. `state`: numbered (not sent yet), sent, or acknowledged."""

    seq: int
    state: str
    delivery: str
    basis: str
    type: str
    source: str
    event_id: str
    case_id: UUID
    origin_unit: str
    number: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class FailedLine:
    """An entry that a receiver did not accept in its 72 hours, and that its unit has not acknowledged otherwise."""

    webhook_id: UUID
    unit: str
    host: str
    seq: int
    attempts: int
    attempted_at: datetime | None
    answer: str
    type: str
    case_id: UUID


_FEEDS = text("""
SELECT s.unit, s.assigned, s.published, s.acknowledged, s.acknowledged_at, (
  SELECT e.recorded_at FROM feed_positions p JOIN events e USING (partition, log_offset)
  WHERE p.unit = s.unit AND p.seq = s.acknowledged + 1) AS waiting_since
FROM feeds s WHERE CAST(:unit AS text) IS NULL OR s.unit = :unit
ORDER BY s.published - s.acknowledged DESC, s.unit
""")
_ENTRIES = text("""
SELECT p.seq, CASE WHEN p.seq <= s.acknowledged THEN 'acknowledged' WHEN p.seq <= s.published THEN 'sent'
  ELSE 'numbered' END AS state, f.delivery, f.basis, e.type, e.source, e.event_id, e.case_id, e.headers, e.recorded_at
FROM feed_positions p JOIN feeds s USING (unit)
JOIN feed_entries f ON (f.partition, f.log_offset, f.n) = (p.partition, p.log_offset, p.n)
JOIN events e ON (e.partition, e.log_offset) = (p.partition, p.log_offset)
WHERE p.unit = :unit AND p.seq < :before AND (NOT :waiting OR p.seq > s.acknowledged)
ORDER BY p.seq DESC LIMIT :limit
""")

_FAILED = text("""
SELECT d.webhook_id, w.unit, w.url, d.seq, d.attempts, d.attempted_at, d.answer, e.type, d.case_id
FROM webhook_deliveries d JOIN webhooks w USING (webhook_id) JOIN feeds s ON s.unit = w.unit
JOIN feed_positions p ON p.unit = w.unit AND p.seq = d.seq JOIN events e USING (partition, log_offset)
WHERE d.state = 'failed' AND w.state <> 'removed' AND d.seq > s.acknowledged
  AND (CAST(:unit AS text) IS NULL OR w.unit = :unit)
ORDER BY d.seq DESC, w.unit LIMIT :limit
""")


def failed_lines(connection: Connection, unit: str | None, *, limit: int) -> list[FailedLine]:
    """The latest failed deliveries to receivers of `unit`, or of anybody."""
    rows = connection.execute(_FAILED, {"unit": unit, "limit": limit})
    return [FailedLine(row[0], row[1], urlsplit(row[2]).netloc, *row[3:]) for row in rows]


def feed_lines(connection: Connection, unit: str | None = None) -> list[FeedLine]:
    """Every feed, or that of `unit`, the longest backlog first."""
    return [FeedLine(*row) for row in connection.execute(_FEEDS, {"unit": unit})]


def deliveries_of(
    connection: Connection, unit: str, *, waiting: bool = False, before: int | None = None, limit: int = 100
) -> list[DeliveryLine]:
    """Entries of the unit's feed below number `before`, the latest first; `waiting`: not acknowledged yet."""
    values = {"unit": unit, "waiting": waiting, "before": before or 2**62, "limit": limit}
    lines = []
    for row in connection.execute(_ENTRIES, values):
        envelope = read_headers(unpack_headers(row.headers))
        lines.append(
            DeliveryLine(
                row.seq, row.state, row.delivery, row.basis, row.type, row.source, row.event_id, row.case_id,
                envelope.origin_unit, envelope.origin_case, row.recorded_at,
            )
        )  # fmt: skip
    return lines
