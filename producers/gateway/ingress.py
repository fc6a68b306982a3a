"""Where the gateway writes: its own ingress topic, whole groups at once, with an eye on whether the broker answers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Self

from infra.batches import BatchProducer, NotDelivered, Outgoing
from producers.errors import BusUnreachable
from producers.receipts import Position
from producers.records import Record

_PARTITION = 0
"""An ingress topic has one: what a unit says keeps its order."""
_PAUSE_SECONDS = 0.5


class Silence:
    """How long nothing was answered although something was asked; pure but for its clock."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._waiting = 0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """From the first question without answer, whether it waits or has failed; 0 after an answer."""
        return 0.0 if self._since is None else self._monotonic() - self._since

    def asked(self) -> None:
        """One more waits for its answer."""
        if self._since is None:
            self._since = self._monotonic()
        self._waiting += 1

    def failed(self) -> None:
        """One does not wait any more and has no answer."""
        self._waiting -= 1

    def answered(self) -> None:
        """One has its answer."""
        self._waiting -= 1
        self.ended()

    def ended(self) -> None:
        """There is an answer to something else: it is not silent."""
        self._since = self._monotonic() if self._waiting else None


class Ingress:
    """One ingress topic, written through the batch producer (docs/adr/0048). Belongs to one event loop.

    After a group that was not acknowledged the broker is tried until it answers again; until it does, and once it
    has been silent for `silence_seconds`, whoever has something to say should be turned away rather than wait.
    """

    def __init__(
        self,
        producer: BatchProducer,
        topic: str,
        *,
        silence_seconds: float,
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._silence_seconds = silence_seconds
        self._silence = Silence()
        self._seeking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def unanswered_seconds(self) -> float:
        """How long the broker has acknowledged nothing although something waits or could not be sent; else 0."""
        return self._silence.seconds

    @property
    def silent(self) -> bool:
        """Whether the broker is probably away: nobody should wait for it."""
        return self.unanswered_seconds > self._silence_seconds

    async def find(self) -> None:
        """Returns once the broker has told where the topic is. Raises BusUnreachable."""
        try:
            await self._producer.find(self._topic)
        except NotDelivered as error:
            raise BusUnreachable(
                f"{error}; is the broker up, does the topic {self._topic} exist, may the gateway write it?"
            ) from error

    async def write(self, records: Sequence[Record]) -> list[Position]:
        """Where the broker has each of `records`, on disk on every in-sync replica, in their order.

        Raises BusUnreachable if that is not known of all of them: each may be there or not, and writing it again
        is safe, because intake takes an identity once.
        """
        self._silence.asked()
        try:
            placed = await self._producer.send_all(
                Outgoing(self._topic, _PARTITION, record.key, record.value, record.headers)
                for record in records
            )
        except BaseException as error:
            self._silence.failed()
            if not isinstance(error, NotDelivered):
                raise
            self._seek()
            raise BusUnreachable(f"no acknowledgement from {self._topic} ({error})") from error
        self._silence.answered()
        if any(batch.offset < 0 for batch in placed):
            raise BusUnreachable(f"{self._topic} has it, but the broker did not say where")
        offsets = (batch.offset + number for batch in placed for number in range(batch.records))
        return [Position(self._topic, _PARTITION, offset) for offset in offsets]

    async def close(self) -> None:
        """Ends the connection. Whoever still writes is told that there is no acknowledgement."""
        if self._seeking is not None:
            self._seeking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._seeking
        await self._producer.close()

    def _seek(self) -> None:
        if self._seeking is None or self._seeking.done():
            self._seeking = asyncio.ensure_future(self._until_found())

    async def _until_found(self) -> None:
        while True:
            try:
                await self._producer.find(self._topic)
            except NotDelivered:
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                self._silence.ended()
                return
