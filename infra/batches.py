"""Record batches to and from Kafka: what a partition's records look like, and a producer that sends many at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self

import aiokafka
from aiokafka.errors import KafkaError

MAX_BATCH_BYTES = 512 * 1024
MAX_REQUEST_BYTES = 4 * 1024 * 1024


class Record(Protocol):
    """A consumed record: aiokafka's and kafka-python's own classes both have this shape."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp(self) -> int:
        """Append time in the log, milliseconds since 1970 UTC."""

    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...  # noqa: D102


Batch = Sequence[Record]
"""Consecutive records of one partition, in the order of the log."""

Wave = Sequence[Batch]
"""What one poll brought: batches of different partitions, none of them empty."""


def place_of(wave: Wave) -> str:
    """Where the records of a wave stand, for logs."""
    return " ".join(f"{batch[0].topic}/{batch[0].partition}" for batch in wave)


class Outgoing(NamedTuple):
    """A record to send. The partition is chosen by the caller, so that every writer of a topic agrees."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Placed(NamedTuple):
    """Where a batch of `records` begins in its partition; `offset` is negative if the broker did not say."""

    offset: int
    records: int


class NotDelivered(Exception):  # noqa: N818  (reads as a statement at the raise)
    """Some of the records may not be in the log. Sending all of them again is safe: readers drop repeats."""


class BatchProducer:
    """Sends sets of records, acknowledged by all in-sync replicas, in order within each partition.

    Built on aiokafka's batch interface, because building a record in Python costs more than everything
    else that the relay does (docs/adr/0003-batch-producer.md). Belongs to one event loop. Idempotent:
    the broker drops what a retry of the client repeats. After a failure the client is made anew, since
    its sequence numbers can no longer be trusted. `options` go to aiokafka as they are (security settings).
    """

    def __init__(
        self,
        bootstrap: str,
        client_id: str,
        *,
        timeout_seconds: float = 30.0,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._bootstrap = bootstrap
        self._options = dict(options or {})
        self._client_id = client_id
        self._timeout_ms = int(timeout_seconds * 1000)
        self._client: aiokafka.AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._topics: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Release the connection; what was sent and awaited is in the log already."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(KafkaError, OSError, asyncio.TimeoutError):
                await client.stop()

    async def find(self, topic: str) -> None:
        """Connect, and wait until the broker has told where `topic` is. Raises NotDelivered."""
        try:
            client = await self._connected([topic])
            await client.partitions_for(topic)
        except (TimeoutError, KafkaError, OSError) as error:
            await self.close()
            raise NotDelivered(f"no broker told where {topic} is: {type(error).__name__} {error}") from error

    async def expect(self, topics: Collection[str]) -> None:
        """Connect, and ask where all these topics are: their first records need not. Raises NotDelivered."""
        try:
            await self._connected(topics)
        except (TimeoutError, KafkaError, OSError) as error:
            await self.close()
            raise NotDelivered(f"no broker answered: {type(error).__name__} {error}") from error

    async def send_all(self, records: Iterable[Outgoing]) -> list[Placed]:
        """Send `records` and wait until the broker has every one. Raises NotDelivered; then send all again.

        Returns where their batches are: those of one partition in the order of its records.
        """
        told = list(records)
        try:
            client = await self._connected({record.topic for record in told})
            counts, futures = [], []
            for (topic, partition), batches in _build(client, told).items():
                for batch in batches:
                    counts.append(batch.record_count())
                    futures.append(await client.send_batch(batch, topic, partition=partition))
            done = await asyncio.gather(*futures)
        except (TimeoutError, KafkaError, OSError) as error:
            await self.close()
            raise NotDelivered(f"the broker did not acknowledge: {type(error).__name__} {error}") from error
        return [Placed(one.offset, count) for one, count in zip(done, counts, strict=True)]

    async def _connected(self, topics: Collection[str]) -> aiokafka.AIOKafkaProducer:
        """The client, which has asked where `topics` are: about all it does not know at once.

        Left to itself it asks when it first meets each, about all that it has met before as well: with a
        thousand feeds that held up everything else for ten seconds.
        """
        async with self._connecting:
            missing = not self._topics.issuperset(topics)
            self._topics.update(topics)
            if self._client is None:
                self._client, missing = await self._connect(), True
            if missing:
                await self._client.client.set_topics(self._topics)
            return self._client

    async def _connect(self) -> aiokafka.AIOKafkaProducer:
        client = aiokafka.AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
            request_timeout_ms=self._timeout_ms,
            **self._options,
        )
        try:
            await client.start()
        except BaseException:
            await client.stop()
            raise
        return client


def _build(client: Any, records: Iterable[Outgoing]) -> dict[tuple[str, int], list[Any]]:
    built: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for topic, partition, key, value, headers in records:
        batches = built[(topic, partition)]
        if not batches:
            batches.append(client.create_batch())
        if batches[-1].append(timestamp=None, key=key, value=value, headers=headers) is None:
            batches.append(client.create_batch())
            if batches[-1].append(timestamp=None, key=key, value=value, headers=headers) is None:
                raise NotDelivered(f"a record of {len(value or b'')} bytes is too large for {topic}")
    return built
