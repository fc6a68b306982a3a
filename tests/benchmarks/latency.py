"""How long from publishing to readable: events said one by one, until every recipient's feed has them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles
from typing import Self

import confluent_kafka

from consumers.feeds.heads import HEAD
from tests.benchmarks.expectation import (
    MIRRORED,
    OPINION,
    Delivered,
    Wrong,
    delivered,
    headers_of,
    recipients,
)
from tests.benchmarks.installation import Installation, Servers
from tests.benchmarks.pacing import say_evenly
from tests.benchmarks.usage import Usage
from tests.benchmarks.workload import Said, event

RATE = 200
"""Events a second: twice what a province says at its busiest."""
LEAD_SECONDS = 15
_LAST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from handing an event to the client until the last of its recipients could read it.

    `mirrored` are the copies of opinions at the departments, which pass through the log a second time.
    """

    delivered: Sequence[float]
    mirrored: Sequence[float]
    seconds: float
    usage: Usage


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of `values` do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def measure(servers: Servers, seconds: int) -> Latency:
    """One run at RATE. Raises expectation.Wrong if a recipient did not get an event."""
    now = datetime.now(UTC)
    said = [event(number, now) for number in range(RATE * (LEAD_SECONDS + seconds))]
    with Installation(servers) as bus, _Reader(bus) as reader:
        sent, usage = publish(bus, said)
        due = {one.id: set(_due(one)) for one in said}
        reader.wait_for(sum(map(len, due.values())))
    measured = said[RATE * LEAD_SECONDS :]
    latencies = [
        {copy: reader.seen[copy] - sent[one.id] for copy in due[one.id] if copy in reader.seen}
        for one in measured
    ]
    missing = sum(len(due[one.id]) for one in measured) - sum(map(len, latencies))
    if missing:
        raise Wrong(f"{missing} feed records did not come")
    return Latency(
        delivered=[
            1000 * max(at for (_, (type_, _)), at in one.items() if type_ != MIRRORED) for one in latencies
        ],
        mirrored=[
            1000 * max(mirrored)
            for one in latencies
            if (mirrored := [at for (_, (type_, _)), at in one.items() if type_ == MIRRORED])
        ],
        seconds=seconds,
        usage=usage,
    )


def _due(one: Said) -> Iterator[tuple[str, Delivered]]:
    for type_ in (OPINION, MIRRORED) if one.type == OPINION else (one.type,):
        for unit in recipients(type_, one.agency):
            yield unit, (type_, one.id)


def publish(bus: Installation, said: Sequence[Said]) -> tuple[dict[str, float], Usage]:
    """Say the events at an even pace; when each was handed to the client, and what the measured part used."""
    return say_evenly(bus, said, rate=RATE, lead_seconds=LEAD_SECONDS, usage=bus.usage, clock=time.monotonic)


class _Reader:
    """Reads every feed in a thread and notes when each record came."""

    def __init__(self, bus: Installation) -> None:
        self.seen: dict[tuple[str, Delivered], float] = {}
        self._units = {bus.settings.topics.feed(code): code for code in bus.rulebook.register.by_code}
        self._consumer = confluent_kafka.Consumer(
            {
                "bootstrap.servers": bus.settings.bootstrap,
                "group.id": "benchmark",
                "enable.auto.commit": False,
            }
        )
        self._consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0) for topic in self._units])
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()
        self._consumer.close()

    def wait_for(self, count: int) -> None:
        """Wait until so many records have come; gives up silently, the caller sees what is missing."""
        deadline = time.monotonic() + _LAST_SECONDS
        while len(self.seen) < count and time.monotonic() < deadline:
            time.sleep(0.1)

    def _read(self) -> None:
        while not self._stopped.is_set():
            record = self._consumer.poll(0.2)
            if record is not None and record.error() is None and HEAD not in headers_of(record):
                unit = self._units[str(record.topic())]
                self.seen.setdefault((unit, delivered(headers_of(record))), time.monotonic())
