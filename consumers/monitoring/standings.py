"""Where everything stands at one moment: ends and positions of topics, outbox, feeds, alarms, what is set aside."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Connection, Engine, text

from infra.kafka import client_options
from infra.settings import Settings
from schemas.spans import CHINA
from schemas.topics import GATEWAY
from schemas.units import Register

Partition = tuple[str, int]
_PATIENCE_MS = 4_000
"""A scrape that takes longer than 10 s is given up by Prometheus: it had better be told that the broker is away."""


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """One unit's feed. `waiting` entries have no number yet or are not sent."""

    unit: str
    assigned: int
    published: int
    acknowledged: int
    acknowledged_at: datetime | None

    @property
    def unpublished(self) -> int:
        """Numbered, but not acknowledged by the broker."""
        return self.assigned - self.published

    @property
    def backlog(self) -> int:
        """Readable for the unit, which has not said that it has it."""
        return self.published - self.acknowledged


@dataclass(frozen=True, slots=True)
class Standings:
    """What the database says at `at`, by its own clock."""

    at: datetime
    positions: Mapping[Partition, int]
    outbox: int
    outbox_seconds: float
    unnumbered: int
    feeds: tuple[FeedStanding, ...]
    held_alarms: int
    held_seconds: float
    set_aside: Mapping[tuple[str, str], int]
    redriving: Mapping[str, int]
    reconciled_at: datetime | None = None
    differences: int = 0
    other_rules: int = 0  # cases with an open clock that no event touched since the rules changed


_ONE = text("""
SELECT now() AS at,
  (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS outbox,
  (SELECT extract(epoch FROM now() - min(created_at)) FROM outbox WHERE published_at IS NULL) AS outbox_seconds,
  (SELECT count(*) FROM clocks WHERE alarm_at < now() - interval '2 seconds') AS held,
  (SELECT extract(epoch FROM now() - min(alarm_at)) FROM clocks WHERE alarm_at < now()) AS held_seconds,
  (SELECT count(*) FROM (SELECT DISTINCT partition FROM progress) p LEFT JOIN relay_progress r USING (partition)
   JOIN feed_entries f ON f.partition = p.partition AND f.log_offset > coalesce(r.log_offset, -1)) AS unnumbered,
  (SELECT at FROM reconciliations ORDER BY n DESC LIMIT 1) AS reconciled_at,
  (SELECT found FROM reconciliations ORDER BY n DESC LIMIT 1) AS differences
""")
_POSITIONS = text("SELECT topic, partition, next_offset FROM progress")
_FEEDS = text("SELECT unit, assigned, published, acknowledged, acknowledged_at FROM feeds ORDER BY unit")
# What a unit said again, or a job sent, is settled: only what is open is worth an alarm.
_SET_ASIDE = text("""
SELECT q.kind, q.reason, count(*) AS number FROM quarantine q
WHERE NOT (q.kind <> 'conflict' AND EXISTS (
  SELECT FROM events e WHERE e.source = q.source AND e.event_id = q.event_id AND q.owner = q.source))
AND NOT EXISTS (SELECT FROM redrive_items i WHERE i.topic = q.topic AND i.partition = q.partition
  AND i.log_offset = q.log_offset AND i.state = 'returned')
GROUP BY q.kind, q.reason
""")
_REDRIVING = text("""
SELECT i.state, count(*) AS number FROM redrive_items i JOIN redrive_jobs j USING (job_id)
WHERE j.state = 'approved' GROUP BY i.state
""")


_OTHER_RULES = text("""
SELECT count(DISTINCT k.case_id) FROM clocks k JOIN cases c USING (case_id)
JOIN (SELECT positions FROM rules_in_use ORDER BY n DESC LIMIT 1) r ON r.positions <> '{}'
WHERE k.state IN ('running', 'paused', 'breached')
AND c.last_offset < (r.positions ->> c.partition::text)::bigint
""")


def standings(connection: Connection) -> Standings:
    """Where everything stands by the database. Blocks."""
    one = connection.execute(_ONE).one()
    return Standings(
        at=one.at,
        positions={(row.topic, row.partition): row.next_offset for row in connection.execute(_POSITIONS)},
        outbox=one.outbox,
        outbox_seconds=float(one.outbox_seconds or 0),
        unnumbered=one.unnumbered,
        feeds=tuple(FeedStanding(*row) for row in connection.execute(_FEEDS)),
        held_alarms=one.held,
        held_seconds=float(one.held_seconds or 0),
        set_aside={(row.kind, row.reason): row.number for row in connection.execute(_SET_ASIDE)},
        redriving={row.state: row.number for row in connection.execute(_REDRIVING)},
        reconciled_at=one.reconciled_at,
        differences=one.differences or 0,
        other_rules=connection.execute(_OTHER_RULES).scalar_one(),
    )


def read_partitions(settings: Settings, register: Register) -> list[Partition]:
    """Every partition that a worker reads."""
    names = settings.topics
    single = [names.dead_letters, *(names.ingress(code) for code in (*register.by_code, GATEWAY))]
    return [(names.case_events, number) for number in range(settings.partitions)] + [
        (topic, 0) for topic in single
    ]


class Ends:
    """Asks the broker where topics end, over one connection. Blocks; not thread-safe."""

    def __init__(self, settings: Settings, partitions: list[Partition]) -> None:
        self._settings = settings
        self._wanted = [TopicPartition(*partition) for partition in partitions]
        self._consumer: Any = None

    def read(self) -> dict[Partition, int]:
        """The ends now. Raises what kafka-python raises; then the next call connects anew."""
        try:
            if self._consumer is None:
                self._consumer = KafkaConsumer(
                    **client_options(self._settings),
                    enable_auto_commit=False,
                    bootstrap_timeout_ms=_PATIENCE_MS,
                )
            ends = self._consumer.end_offsets(self._wanted, timeout_ms=_PATIENCE_MS)
        except BaseException:
            self.close()
            raise
        return {(tp.topic, tp.partition): int(end) for tp, end in ends.items()}

    def close(self) -> None:
        """Release the connection."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with closing(consumer):
                pass


_HEARD = text("""
SELECT source, (recorded_at AT TIME ZONE :zone)::date AS day, max(recorded_at) AS last FROM events
WHERE recorded_at > now() - interval '370 days' AND source <> 'bus' GROUP BY source, day ORDER BY source, day
""")


def reporting_days(engine: Engine) -> dict[str, tuple[list[date], datetime]]:
    """By unit: the days in China on which it reported in the last year, and its last report. Blocks; minutes apart."""
    found: dict[str, tuple[list[date], datetime]] = {}
    with engine.connect() as connection:
        for source, day, last in connection.execute(_HEARD, {"zone": str(CHINA)}):
            days = found[source][0] if source in found else []
            found[source] = ([*days, day], last)
    return found
