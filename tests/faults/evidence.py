"""What the bus has done, read from outside: its topics with a plain consumer, its tables with plain SQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, text

from consumers.feeds.heads import HEAD
from infra.settings import Settings
from schemas.units import Register


@dataclass(frozen=True, slots=True)
class Seen:
    """One record of a topic."""

    partition: int
    offset: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, str]

    @property
    def identity(self) -> tuple[str, str]:
        """(source, id) as its headers say."""
        return self.headers.get("ce_source", ""), self.headers.get("ce_id", "")


def read_topics(settings: Settings, topics: list[str]) -> dict[str, list[Seen]]:
    """Every record of these topics up to their present ends, by topic, in the order of each partition."""
    found: dict[str, list[Seen]] = {topic: [] for topic in topics}
    for tp, record in _records(settings, topics):
        headers = {name: (raw or b"").decode(errors="replace") for name, raw in record.headers}
        if HEAD in headers:
            continue  # signed heads are no entries
        at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
        found[tp.topic].append(Seen(tp.partition, record.offset, at, record.key, record.value, headers))
    return found


def _records(settings: Settings, topics: list[str]) -> Iterator[tuple[TopicPartition, Any]]:
    with closing(
        KafkaConsumer(
            bootstrap_servers=settings.bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
    ) as consumer:
        parts = [
            TopicPartition(topic, number)
            for topic in topics
            for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        ends = {tp: end for tp, end in consumer.end_offsets(parts).items() if end}
        if not ends:
            return
        consumer.assign(list(ends))
        consumer.seek_to_beginning()
        while ends:
            for tp, records in consumer.poll(timeout_ms=5000, max_records=5000).items():
                for record in records:
                    if tp in ends and record.offset < ends[tp]:
                        yield tp, record
                if tp in ends and consumer.position(tp) >= ends[tp]:
                    del ends[tp]


def end_offsets(settings: Settings, register: Register) -> dict[tuple[str, int], int]:
    """The ends of every topic that a worker reads, in the order of the register: the broker answers in any order."""
    names = settings.topics
    ingress = [names.ingress(unit.code) for unit in register.units]
    partitions = [(topic, 0) for topic in (*ingress, names.ingress("gateway"), names.dead_letters)]
    partitions += [(names.case_events, number) for number in range(settings.partitions)]
    with closing(KafkaConsumer(bootstrap_servers=settings.bootstrap, enable_auto_commit=False)) as consumer:
        ends = consumer.end_offsets([TopicPartition(*partition) for partition in partitions])
    return {partition: ends[TopicPartition(*partition)] for partition in partitions}


def rows(engine: Engine, query: str, **values: object) -> list[Mapping[str, Any]]:
    """The rows of a query."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query), values).mappings()]


def count(engine: Engine, query: str) -> int:
    """The one number that a query gives."""
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def unfinished(engine: Engine, settings: Settings, register: Register) -> list[str]:
    """What is still on its way, one line each; empty when the bus has nothing left to do (I10)."""
    ends = end_offsets(settings, register)
    known = {
        (row["topic"], row["partition"]): row["next_offset"] for row in rows(engine, "SELECT * FROM progress")
    }
    left = [
        f"{topic}/{number}: {known.get((topic, number), 0)} of {end}"
        for (topic, number), end in ends.items()
        if known.get((topic, number), 0) < end
    ]
    for what, query in _WAITING.items():
        if number := count(engine, query):
            left.append(f"{number} {what}")
    return left


_WAITING = {
    "rows in the outbox": "SELECT count(*) FROM outbox",
    "feed entries without a number": "SELECT count(*) FROM feed_entries f LEFT JOIN feed_positions p "
    "ON (p.partition, p.log_offset, p.n) = (f.partition, f.log_offset, f.n) WHERE p.seq IS NULL",
    "feeds not published to their end": "SELECT count(*) FROM feeds WHERE published < assigned",
    "alarms about to ring": "SELECT count(*) FROM clocks WHERE alarm_at < now() + interval '30 seconds'",
}
