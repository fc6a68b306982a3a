"""Reconciliation from end to end: what was accepted was applied, what was decided is in the feeds and arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

GRACE = timedelta(minutes=5)
"""What is younger is still under way."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something is on one side and not on the other: `count` of it at `unit`, `example` the oldest.

    `check` is the code of the comparison that failed; CHECKS says what it compares.
    """

    check: str
    unit: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: what it says in both languages, and rows of (unit, count, example) that contradict it."""

    zh: str
    en: str
    query: str


CHECKS: Mapping[str, Check] = {
    "accepted-applied": Check(
        "网关已给回执的事件均已入库或者列入隔离区",
        "every event with a receipt of the gateway is applied or in quarantine",
        """
        SELECT s.source, count(*), min(s.received_at || ' ' || s.source || '/' || s.event_id)
        FROM submissions s
        WHERE s.topic IS NOT NULL AND s.received_at < :before
          AND NOT EXISTS (SELECT FROM events e WHERE e.source = s.source AND e.event_id = s.event_id)
          AND NOT EXISTS (SELECT FROM quarantine q WHERE q.source = s.source AND q.event_id = s.event_id)
        GROUP BY s.source
        """,
    ),
    "decided-numbered": Check(
        "应送达的事件均已编入推送序列",
        "every delivery that was decided has its number in a feed",
        """
        SELECT f.unit, count(*), min(e.recorded_at || ' ' || e.source || '/' || e.event_id)
        FROM feed_entries f
        JOIN events e ON (e.partition, e.log_offset) = (f.partition, f.log_offset)
        LEFT JOIN feed_positions p
          ON (p.unit, p.partition, p.log_offset, p.n) = (f.unit, f.partition, f.log_offset, f.n)
        WHERE p.seq IS NULL AND e.recorded_at < :before
        GROUP BY f.unit
        """,
    ),
    "numbered-decided": Check(
        "推送序列中的每一项都有送达依据",
        "every number of a feed belongs to a delivery that was decided for that unit",
        """
        SELECT p.unit, count(*), min('number ' || p.seq)
        FROM feed_positions p
        LEFT JOIN feed_entries f
          ON (f.unit, f.partition, f.log_offset, f.n) = (p.unit, p.partition, p.log_offset, p.n)
        WHERE f.unit IS NULL
        GROUP BY p.unit
        """,
    ),
    "dense": Check(
        "推送序列编号连续、无重复",
        "the numbers of a feed run from 1 without gaps, and no delivery has two",
        """
        SELECT f.unit, abs(f.assigned - count(p.seq)) + count(p.seq) - count(DISTINCT (p.partition, p.log_offset, p.n)),
          'up to ' || f.assigned || ' by the feed, ' || count(p.seq) || ' there'
        FROM feeds f LEFT JOIN feed_positions p ON p.unit = f.unit AND p.seq BETWEEN 1 AND f.assigned
        GROUP BY f.unit, f.assigned
        HAVING f.assigned <> count(p.seq) OR count(p.seq) <> count(DISTINCT (p.partition, p.log_offset, p.n))
        """,
    ),
    "numbered-published": Check(
        "除暂停单位外，已编号的均已写入推送主题",
        "every number is acknowledged by the broker, but those that are held for a suspended unit",
        """
        SELECT f.unit, count(*), min(e.recorded_at || ' number ' || p.seq)
        FROM feeds f
        JOIN feed_positions p ON p.unit = f.unit AND p.seq > f.published
        JOIN events e ON (e.partition, e.log_offset) = (p.partition, p.log_offset)
        WHERE e.recorded_at < :before AND f.unit NOT IN (SELECT unit FROM suspensions)
        GROUP BY f.unit
        """,
    ),
    "sent-accepted": Check(
        "webhook 推送均在 72 小时内被接收，或者单位另行确认",
        "every delivery to a webhook was accepted in its 72 hours, or acknowledged otherwise",
        """
        SELECT w.unit, count(*), min(d.attempted_at || ' number ' || d.seq || ': ' || d.answer)
        FROM webhook_deliveries d
        JOIN webhooks w ON w.webhook_id = d.webhook_id AND w.state <> 'removed'
        LEFT JOIN feeds f ON f.unit = w.unit
        WHERE d.state = 'failed' AND d.seq > coalesce(f.acknowledged, 0)
        GROUP BY w.unit
        """,
    ),
}
"""Every comparison by its code, in the order of the way that an event takes."""

_UNACKNOWLEDGED = """
SELECT f.unit, count(*), min(e.recorded_at || ' number ' || p.seq)
FROM feeds f
JOIN feed_positions p ON p.unit = f.unit AND p.seq > f.acknowledged AND p.seq <= f.published
JOIN events e ON (e.partition, e.log_offset) = (p.partition, p.log_offset)
WHERE e.recorded_at < :before
GROUP BY f.unit
"""
UNACKNOWLEDGED = "published-acknowledged"


def reconcile(
    engine: Engine, now: datetime, *, acknowledged_within: timedelta | None = None
) -> list[Difference]:
    """Compare each stage with the one before it as of `now`, in one snapshot. Empty: all agree. Blocks.

    With `acknowledged_within`, what a unit has not acknowledged for so long counts as a difference too.
    """
    asked = [(code, check.query, GRACE) for code, check in CHECKS.items()]
    if acknowledged_within is not None:
        asked.append((UNACKNOWLEDGED, _UNACKNOWLEDGED, acknowledged_within))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return [
            _difference(code, row)
            for code, query, grace in asked
            for row in connection.execute(text(f"{query} ORDER BY 1"), {"before": now - grace})
        ]


def _difference(code: str, row: Any) -> Difference:
    unit, count, example = row
    return Difference(code, unit, count, example)
