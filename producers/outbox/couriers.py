"""Ways from the outbox to the bus: what a courier is, what it tells, and the one that uses Kafka."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from producers.errors import BusRefused, BusUnreachable, NotAccepted, NotPermitted, PublishError
from producers.publisher import Pending, Publisher
from producers.receipts import Receipt
from producers.records import Record


@dataclass(frozen=True, slots=True)
class Delivered:
    """The bus has the event; `receipt` proves it."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Refused:
    """The bus will never take this event as it is: it is set aside until a person decides."""

    reason: str
    problem: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Not known to have arrived, and nothing is wrong with the event: it is tried again.

    `after_seconds` is the least that the bus asked to wait for. `answered`: the bus is there and answers, only
    this event has no receipt.
    """

    problem: str
    after_seconds: float = 0.0
    answered: bool = False


Outcome = Delivered | Refused | Unsettled


def is_answered(outcome: Outcome) -> bool:
    """Whether the bus was there, whatever it said."""
    return not isinstance(outcome, Unsettled) or outcome.answered


class Courier(Protocol):
    """Brings records to the bus. `deliver` may block for `patience_seconds` and raises nothing foreseen."""

    @property
    def patience_seconds(self) -> float:
        """The longest that one `deliver` takes."""

    @property
    def most(self) -> int:
        """The most records that one `deliver` takes."""

    def deliver(self, records: Sequence[Record]) -> list[Outcome]:
        """One outcome for each record, in their order."""

    def close(self) -> None:
        """Disconnects."""


class KafkaCourier:
    """Brings records straight to the unit's ingress topic.

    `connect` makes the publisher when it is first needed and is tried again while no broker answers, so a
    program starts while the bus is down. Used by one thread.
    """

    def __init__(
        self, connect: Callable[[], Publisher], *, most: int = 500, patience_seconds: float = 45.0
    ) -> None:
        self._connect = connect
        self._publisher: Publisher | None = None
        # Given to the client and not acknowledged in time: it still sends them when the broker is back.
        self._under_way: dict[tuple[str, str], Pending] = {}
        self.most = most
        self.patience_seconds = patience_seconds

    def deliver(self, records: Sequence[Record]) -> list[Outcome]:
        """Sends all of them at once and waits for the acknowledgements."""
        try:
            publisher = self._connected()
        except BusUnreachable as error:
            return [Unsettled(str(error))] * len(records)
        sent = [self._send(publisher, record) for record in records]
        return [
            self._settled(record, one) if isinstance(one, Pending) else one
            for record, one in zip(records, sent, strict=True)
        ]

    def close(self) -> None:
        """Waits for what is in flight as long as the publisher does, and disconnects."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def _connected(self) -> Publisher:
        if self._publisher is None:
            self._publisher = self._connect()
        return self._publisher

    def _send(self, publisher: Publisher, record: Record) -> Pending | Outcome:
        known = self._under_way.get(record.envelope.identity)
        if known is not None:
            return known
        try:
            return publisher.send_record(record)
        except PublishError as error:
            return _outcome(error)

    def _settled(self, record: Record, pending: Pending) -> Outcome:
        identity = record.envelope.identity
        try:
            receipt = pending.result()
        except PublishError as error:
            if pending.done:
                self._under_way.pop(identity, None)
            else:
                self._under_way[identity] = pending
            return _outcome(error)
        self._under_way.pop(identity, None)
        return Delivered(receipt)


def _outcome(error: PublishError) -> Outcome:
    match error:
        case NotAccepted():
            return Refused(error.reason, error.detail)
        case NotPermitted():  # a matter of the connection, not of the event
            return Unsettled(str(error))
        case BusRefused():
            return Refused("broker-refused", str(error))
        case _:
            return Unsettled(str(error))
