"""A courier whose bus is a list: for the rules of the outbox, which are about what is said, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from producers.outbox.couriers import Delivered, Outcome
from producers.receipts import Receipt
from producers.records import Record

Answer = Callable[[Record], Outcome | None]
"""What the bus says to a record; None: it takes it."""


@dataclass
class ListCourier:
    """Takes records into `log`, unless `answer` says otherwise."""

    answer: Answer = lambda record: None
    log: list[Record] = field(default_factory=list)
    most: int = 100
    patience_seconds: float = 1.0

    def deliver(self, records: Sequence[Record]) -> list[Outcome]:
        return [self.answer(record) or self._take(record) for record in records]

    def close(self) -> None:
        pass

    @property
    def said(self) -> list[str]:
        return [record.envelope.id for record in self.log]

    def _take(self, record: Record) -> Delivered:
        self.log.append(record)
        source, name = record.envelope.identity
        return Delivered(Receipt(source, name, "ingress", 0, len(self.log) - 1, record.digest.hex()))
