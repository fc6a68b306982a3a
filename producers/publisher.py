"""The publisher for an agency's own program: says an event and returns when the bus has it."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from producers.broker import CONNECT_SECONDS, Broker, Sent
from producers.budget import Budget
from producers.errors import BusUnreachable, NotSealed, PartlyPublished, PublishError
from producers.ingress import IngressSealer, IngressSource
from producers.receipts import Receipt
from producers.records import Encode, Record, Statement, check, new_id, record_of
from schemas import codec
from schemas.sealed.ingress import is_sealed
from schemas.spans import Precision
from schemas.topics import TopicNames
from schemas.units import Register


class Pending:
    """An event that was sent and whose receipt is still to come."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent

    @property
    def done(self) -> bool:
        """Whether the outcome is known; until then the event may still reach the broker."""
        return self._sent.done

    def result(self) -> Receipt:
        """Blocks until the broker has acknowledged. Raises BusRefused or BusUnreachable."""
        position = self._sent.result()
        record = self._sent.record
        return Receipt(
            source=record.envelope.source,
            id=record.envelope.id,
            topic=position.topic,
            partition=position.partition,
            offset=position.offset,
            digest=record.digest.hex(),
        )


class Publisher:
    """Says events in the name of one unit, straight to its own ingress topic. Safe between threads.

        with Publisher("by-env", "kafka:9092", register=load_register(path)) as publisher:
            receipt = publisher.publish("transfer.sent", "2026-17", occurred_at=when, data=facts, event_id="7")

    Every event is checked as intake will check it before it is sent, so a mistake is an exception here and
    not a dead letter there. At most `in_flight_records` and `in_flight_bytes` wait for the broker; then `send`
    blocks, and after `delivery_seconds` without room raises BusUnreachable. `names` holds the installation's
    topic prefix, `options` are kafka-python's (security settings); `clock` gives the aware time.

    With `ingress`, where the key comes from (`producers.ingress`), what is said is sealed before it leaves the
    program; without, it lies in the ingress topic in the clear. It is never sent in the clear for want of a key.
    """

    def __init__(
        self,
        unit: str,
        bootstrap: str,
        *,
        register: Register,
        names: TopicNames | None = None,
        delivery_seconds: float = 30.0,
        connect_seconds: float = CONNECT_SECONDS,
        in_flight_records: int = 5_000,
        in_flight_bytes: int = 32 * 1024 * 1024,
        max_event_bytes: int = 256 * 1024,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        entropy: Callable[[int], bytes] = secrets.token_bytes,
        options: Mapping[str, Any] | None = None,
        ingress: IngressSource | None = None,
    ) -> None:
        if in_flight_records < 1 or in_flight_bytes < 2 * max_event_bytes:
            raise ValueError("in_flight_records must be at least 1, in_flight_bytes twice max_event_bytes")
        if unit not in register.by_code:
            raise ValueError(f"unit {unit!r} is not in the register")
        self.unit = unit
        self._topic = (names or TopicNames()).ingress(unit)
        self._register = register
        self._max_bytes = max_event_bytes
        self._seconds = delivery_seconds
        self._pipeline = in_flight_records
        self._clock = clock
        self._entropy = entropy
        self._seal = None if ingress is None else IngressSealer(ingress, entropy=entropy)
        self._broker = Broker(
            bootstrap,
            client_id=f"linkage-publisher-{unit}",
            budget=Budget(records=in_flight_records, size=in_flight_bytes),
            delivery_seconds=delivery_seconds,
            options=options or {},
            connect_seconds=connect_seconds,
        )

    def publish(
        self,
        type: str,  # noqa: A002  (the attribute's name in CloudEvents)
        case_number: str,
        *,
        occurred_at: datetime,
        data: Mapping[str, Any],
        event_id: str = "",
        case_unit: str = "",
        precision: Precision = Precision.SECOND,
        **connection: str,
    ) -> Receipt:
        """Says one event and blocks until the broker has it, at most `delivery_seconds`.

        `case_unit` is the unit that opened the case, by default the speaker. `connection` may name `field`,
        `operator`, `classification`, `causation`, `correlation` and `traceparent` (see Statement). Give an
        `event_id` from your own records: with the same id a repeated attempt is the same event.
        Raises NotAccepted, NotSealed, BusRefused or BusUnreachable.
        """
        statement = Statement(
            type,
            case_number,
            occurred_at,
            data,
            id=event_id,
            case_unit=case_unit,
            precision=precision,
            **connection,
        )
        return self.send(statement).result()

    def send(self, statement: Statement, *, encode: Encode = codec.encode) -> Pending:
        """Sends without waiting for the receipt: ask the Pending for it. Blocks while too much is in flight.

        Raises NotAccepted or NotSealed (nothing was sent), BusRefused, or BusUnreachable if there was no room in time.
        """
        now = self._clock()
        named = statement if statement.id else replace(statement, id=new_id(now, self._entropy(10)))
        return self.send_record(record_of(named, unit=self.unit, encode=encode))

    def send_record(self, record: Record) -> Pending:
        """Sends a record that was made before: the same event, however often. Otherwise as `send`.

        One that was sealed before goes out byte for byte, and was checked before that.
        """
        now = self._clock()
        if not is_sealed(record.value):
            check(record, unit=self.unit, register=self._register, now=now, max_bytes=self._max_bytes)
            record = self._sealed(record, now)
        return Pending(self._broker.send(self._topic, record, seconds=self._seconds))

    def publish_many(
        self, statements: Iterable[Statement], *, encode: Encode = codec.encode
    ) -> list[Receipt]:
        """Says many events, pipelined and in order; returns their receipts once the broker has all of them.

        An event that fails does not stop the others: when all are through, PartlyPublished names each failure
        by its position, and carries the receipts of the rest. The input may be longer than fits in memory.
        """
        pending: deque[tuple[int, Pending]] = deque()
        receipts: dict[int, Receipt] = {}
        failures: dict[int, PublishError] = {}
        for number, statement in enumerate(statements):
            try:
                pending.append((number, self.send(statement, encode=encode)))
            except PublishError as error:
                failures[number] = error
            if len(pending) >= self._pipeline:
                _settle(pending.popleft(), receipts, failures)
        while pending:
            _settle(pending.popleft(), receipts, failures)
        if failures:
            raise PartlyPublished(receipts, failures)
        return list(receipts.values())

    def flush(self) -> None:
        """Blocks until every event that was sent is acknowledged or has failed. Raises BusUnreachable.

        Each Pending still has to be asked for its own outcome.
        """
        if not self._broker.budget.drained(seconds=self._seconds):
            raise BusUnreachable(f"{self._broker.budget.records} events are still without acknowledgement")

    def close(self) -> None:
        """Waits for what is in flight, at most `delivery_seconds`, and disconnects."""
        self._broker.close(seconds=self._seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _sealed(self, record: Record, now: datetime) -> Record:
        if self._seal is None:
            return record
        sealed = self._seal(record, now)
        if sealed is None:
            raise NotSealed("no ingress key is known yet: the gateway has not told one")
        return sealed


def _settle(
    sent: tuple[int, Pending], receipts: dict[int, Receipt], failures: dict[int, PublishError]
) -> None:
    number, pending = sent
    try:
        receipts[number] = pending.result()
    except PublishError as error:
        failures[number] = error
