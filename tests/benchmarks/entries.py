"""What stands in the feed topics after a run, and when the broker took it: what every other way out is held against."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import confluent_kafka

from consumers.feeds.heads import HEAD
from tests.benchmarks.expectation import Wrong, headers_of
from tests.benchmarks.installation import Installation

_SECONDS = 60.0


class Entry(NamedTuple):
    """An entry of a feed; `at` is the broker's time of its record, in seconds since the epoch."""

    unit: str
    seq: int
    type: str
    event: str
    at: float


def published(bus: Installation, count: int) -> list[Entry]:
    """Every entry of every feed, once there are `count` of them. Raises Wrong if there never are so many."""
    deadline = time.monotonic() + _SECONDS
    while (there := bus.progress()[1]) < count:
        if time.monotonic() > deadline:
            raise Wrong(f"{there} entries are published, due {count}")
        time.sleep(0.1)
    entries = list(_read(bus, count, deadline))
    if len(entries) < count:
        raise Wrong(f"{len(entries)} records are in the feed topics, due {count}")
    return entries


def _read(bus: Installation, count: int, deadline: float) -> Iterator[Entry]:
    units = {bus.settings.topics.feed(code): code for code in bus.rulebook.register.by_code}
    consumer = confluent_kafka.Consumer(
        {"bootstrap.servers": bus.settings.bootstrap, "group.id": "benchmark", "enable.auto.commit": False}
    )
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0) for topic in units])
    found = 0
    while found < count and time.monotonic() < deadline:
        for record in consumer.consume(1000, 1.0):
            headers = headers_of(record)
            if HEAD not in headers:
                found += 1
                unit, at = units[str(record.topic())], record.timestamp()[1] / 1000
                names = (headers["ce_type"].decode(), headers["ce_id"].decode())
                yield Entry(unit, int(headers["linkage-seq"]), *names, at)
    consumer.close()
