"""Re-reading a range of one partition with a plain consumer: how gaps are healed and the database is rebuilt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from infra.batches import Batch


class LogLost(Exception):  # noqa: N818  (reads as a statement at the raise)
    """The log no longer holds records that were never applied. Nobody may go on from here silently."""


class RangeUnread(Exception):  # noqa: N818  (reads as a statement at the raise)
    """The broker did not give the range in time; trying again later is right."""


Options = Mapping[str, Any]
"""kafka-python's security settings, as `infra.kafka.security_options` gives them."""


def end_offset(bootstrap: str, topic: str, partition: int, *, options: Options | None = None) -> int:
    """The offset that the next record written to the partition will get. Blocks on the broker."""
    tp = TopicPartition(topic, partition)
    with closing(_consumer(bootstrap, options)) as consumer:
        return int(consumer.end_offsets([tp])[tp])


def offsets_at(
    bootstrap: str, topics: Iterable[str], at: datetime, *, options: Options | None = None
) -> dict[tuple[str, int], int]:
    """For each partition of these topics, the offset of the first record that was written at `at` or later.

    The end of the partition if none was. Blocks on the broker.
    """
    with closing(_consumer(bootstrap, options)) as consumer:
        places = [
            TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        ends = consumer.end_offsets(places)
        found = consumer.offsets_for_times(dict.fromkeys(places, int(at.timestamp() * 1000)))
    return {
        (tp.topic, tp.partition): int(ends[tp] if found.get(tp) is None else found[tp].offset)
        for tp in places
    }


def read_range(
    bootstrap: str,
    topic: str,
    partition: int,
    start: int,
    end: int,
    *,
    timeout_seconds: float = 30.0,
    options: Options | None = None,
) -> Iterator[Batch]:
    """The records with start <= offset < end, in batches. Blocks.

    Offsets without a record are passed over: a unit that writes with transactions leaves their markers in its
    own topic. Raises LogLost if the log begins after `start`, RangeUnread if the broker gives nothing for
    `timeout_seconds`.
    """
    with reading(bootstrap, timeout_seconds=timeout_seconds, options=options) as read:
        yield from read(topic, partition, start, end)


@contextmanager
def reading(
    bootstrap: str, *, timeout_seconds: float = 30.0, options: Options | None = None
) -> Iterator[Callable[[str, int, int, int], Iterator[Batch]]]:
    """`read_range` for one range after the other, over one connection."""
    with closing(_consumer(bootstrap, options)) as consumer:

        def read(topic: str, partition: int, start: int, end: int) -> Iterator[Batch]:
            return _read(consumer, TopicPartition(topic, partition), start, end, int(timeout_seconds * 1000))

        yield read


def _read(consumer: Any, tp: TopicPartition, start: int, end: int, timeout_ms: int) -> Iterator[Batch]:
    consumer.assign([tp])
    first = int(consumer.beginning_offsets([tp])[tp])
    if first > start:
        raise LogLost(f"{tp.topic}/{tp.partition} begins at {first}, but {start} was never applied")
    consumer.seek(tp, start)
    at = start
    while at < end:
        polled = consumer.poll(timeout_ms=timeout_ms, max_records=2000).get(tp, [])
        reached = polled[-1].offset + 1 if polled else int(consumer.position(tp))
        if reached == at:
            raise RangeUnread(f"{tp.topic}/{tp.partition}: nothing came for [{at}, {end})")
        at = reached
        wanted = [record for record in polled if record.offset < end]
        if wanted:
            yield wanted


def _consumer(bootstrap: str, options: Options | None) -> Any:
    return KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=4 * 1024 * 1024,
        **(options or {}),
    )
