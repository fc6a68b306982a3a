"""Where producers write to Kafka: an idempotent kafka-python producer with a bound on its memory."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from kafka import KafkaProducer
from kafka import errors as kafka_errors

from producers.budget import Budget
from producers.errors import BusRefused, BusUnreachable, NotPermitted, PublishError
from producers.receipts import Position
from producers.records import Record

# The broker has decided and did not write: trying again as it is would only repeat the answer.
_FINAL = (
    kafka_errors.AuthorizationError,
    kafka_errors.InvalidTopicError,
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.PolicyViolationError,
    kafka_errors.InvalidTimestampError,
    kafka_errors.InvalidRecordError,
)
_NOT_PERMITTED = (kafka_errors.AuthorizationError, kafka_errors.InvalidTopicError)
_FOR_EVER_MS = 2**31 - 1
"""kafka-python 3.0.12 must not expire a batch itself. When one expires that was sent before, the producer
forgets its id (`reset_producer_id`) and never asks for another: nothing is ever written again, although the
broker is back (pinned in tests/producers/test_publisher.py). We stop waiting instead; it goes out later."""
_REQUEST_SECONDS = 10.0
_METADATA_SECONDS = 10.0
CONNECT_SECONDS = 30.0


class Sent:
    """A record on its way. `result` may be asked from any thread and more than once."""

    def __init__(self, record: Record, topic: str, future: Any, deadline: float) -> None:
        self.record = record
        self._topic = topic
        self._future = future
        self._deadline = deadline

    @property
    def done(self) -> bool:
        """Whether the outcome is known, well or badly. While it is not, the record may still be written."""
        return bool(self._future.is_done)

    def result(self) -> Position:
        """Blocks until the broker has the record on disk, at most until the delivery time is over.

        Raises BusRefused, or BusUnreachable if it is not known whether the record was written.
        """
        what = f"{self.record.envelope.source}/{self.record.envelope.id}"
        try:
            done = self._future.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except kafka_errors.KafkaError as error:
            raise _explained(error, what, self._topic) from error
        if done.offset < 0:
            raise BusUnreachable(
                f"{what}: the broker has it but did not say where; publish again with the same id"
            )
        return Position(done.topic, done.partition, done.offset)


class Broker:
    """Writes records and bounds what is in flight. Safe between threads.

    `delivery_seconds` is how long one record may take until its outcome counts as unknown; it stays in flight
    and is written once the broker is back, unless the process ends before. `options` go to kafka-python as they
    are (security settings). Raises BusUnreachable if no broker answers at `bootstrap` within `connect_seconds`.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        client_id: str,
        budget: Budget,
        delivery_seconds: float,
        options: Mapping[str, Any],
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self.budget = budget
        self._seconds = delivery_seconds
        try:
            self._producer = KafkaProducer(
                bootstrap_servers=bootstrap.split(","),
                client_id=client_id,
                enable_idempotence=True,
                acks="all",
                delivery_timeout_ms=_FOR_EVER_MS,
                request_timeout_ms=int(_REQUEST_SECONDS * 1000),
                max_block_ms=int(min(_METADATA_SECONDS, delivery_seconds) * 1000),
                bootstrap_timeout_ms=int(connect_seconds * 1000),
                reconnect_backoff_max_ms=1000,
                batch_size=128 * 1024,
                allow_auto_create_topics=False,
                **options,
            )
        except kafka_errors.KafkaError as error:
            raise BusUnreachable(f"no Kafka broker answers at {bootstrap}: {error}") from error

    def send(self, topic: str, record: Record, *, seconds: float) -> Sent:
        """Hands the record to the sending thread; blocks up to `seconds` for room in the budget.

        Raises BusUnreachable (no room: nothing was sent) or BusRefused.
        """
        if not self.budget.take(record.size, seconds=seconds):
            raise BusUnreachable(
                f"{self.budget.records} records are waiting for the broker's acknowledgement and none came "
                f"for {seconds:g} s; this one was not sent"
            )
        try:
            future = self._producer.send(
                topic, key=record.key, value=record.value, headers=list(record.headers)
            )
        except kafka_errors.KafkaError as error:
            self.budget.give_back(record.size)
            raise _explained(error, f"{record.envelope.source}/{record.envelope.id}", topic) from error
        future.add_both(lambda _: self.budget.give_back(record.size))
        return Sent(record, topic, future, time.monotonic() + self._seconds)

    def close(self, *, seconds: float) -> None:
        """Waits up to `seconds` for what is in flight, then stops the sending thread; the rest is given up."""
        self.budget.drained(seconds=seconds)
        try:
            self._producer.close(timeout=0 if self.budget.records else seconds)
        except kafka_errors.KafkaTimeoutError:
            # close() of 3.0.12 raises before it stops its thread if anything is left
            self._producer._sender.force_close()  # noqa: SLF001
            self._producer.close(timeout=seconds)


def _explained(error: Exception, what: str, topic: str) -> PublishError:
    if isinstance(error, _FINAL):
        kind = NotPermitted if isinstance(error, _NOT_PERMITTED) else BusRefused
        return kind(f"{what}: the broker refused it on {topic}: {type(error).__name__}: {error}")
    if isinstance(error, kafka_errors.KafkaTimeoutError):
        return BusUnreachable(
            f"{what}: no acknowledgement from {topic} in time ({error}); is the broker up, does the topic "
            "exist? Publish again with the same id"
        )
    return BusUnreachable(f"{what}: not acknowledged by {topic}: {type(error).__name__}: {error}")
