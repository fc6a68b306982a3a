"""How many events a second: from records that lie in the log, or in an ingress topic, to acknowledged feed records."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from consumers.intake.checking import partition_of
from infra.batches import Outgoing
from schemas.topics import GATEWAY, TopicNames
from tests.benchmarks import expectation
from tests.benchmarks.installation import CACHED_EVENTS, Installation, Servers
from tests.benchmarks.usage import Usage
from tests.benchmarks.workload import Said, delivery_order, event

WARM_EVENTS = 20_000
"""Events before the measured ones: partitions are assigned, caches full, the broker's code is compiled."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """One run. `events` are different input events; repeats and what the bus says itself come on top."""

    start: str  # "log" or "ingress"
    events: int
    seconds: float
    log_records: int
    feed_records: int
    usage: Usage
    resident: dict[str, float]

    @property
    def rate(self) -> float:
        """Input events a second."""
        return self.events / self.seconds


def measure(servers: Servers, events: int, *, start: str, warm: int = WARM_EVENTS) -> Throughput:
    """One run of `events` after `warm` others. Raises expectation.Wrong unless every row and record is right.

    The measured records are written while the workers are held, so that all are there when the clock starts.
    It stops when the log's positions are at their ends and the broker has acknowledged every feed record.
    """
    now = datetime.now(UTC)
    said = [event(number, now) for number in range(warm + events)]
    with Installation(servers, cached_events=CACHED_EVENTS) as bus:
        as_records = log_records if start == "log" else _ingress_records
        before = expectation.counts(said[:warm])
        after = expectation.counts(said)
        bus.send(as_records(said[:warm], bus.settings.topics, bus.settings.partitions))
        bus.wait_for(before.applied, before.delivered)
        with bus.workers_held():
            order = (said[warm + number] for number in delivery_order(events))
            sent = bus.send(as_records(order, bus.settings.topics, bus.settings.partitions))
            usage, started = bus.usage(), time.monotonic()
        repeats = sent - events
        ended = bus.wait_for(after.applied + repeats, after.delivered)
        used = bus.usage().since(usage)
        expectation.check(bus, said)
        return Throughput(
            start=start,
            events=events,
            seconds=ended - started,
            log_records=after.applied - before.applied + repeats,
            feed_records=after.delivered - before.delivered,
            usage=used,
            resident=bus.resident(),
        )


def log_records(events: Iterable[Said], topics: TopicNames, partitions: int) -> Iterator[Outgoing]:
    """As intake writes them to the log, with the header that it adds."""
    for number, said in enumerate(events):
        origin = f"{topics.ingress(said.unit)}/0/{number}".encode()
        headers = [*said.headers, ("linkage-ingress", origin)]
        partition = partition_of(said.case, partitions)
        yield Outgoing(topics.case_events, partition, said.key, said.value, headers)


def _ingress_records(events: Iterable[Said], topics: TopicNames, _: int) -> Iterator[Outgoing]:
    """As the gateway writes them: one topic, since only there the order of a case's events is given.

    Units that write to topics of their own answer each other: police receive what they have been sent. With
    all of it lying there beforehand, answers would overtake questions.
    """
    for said in events:
        yield Outgoing(topics.ingress(GATEWAY), 0, said.key, said.value, said.headers)
