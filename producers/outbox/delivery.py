"""Delivery in the background: what is due goes to the bus, round by round, until the program stops."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from infra.failpoints import failpoint
from producers.outbox.backoff import Backoff
from producers.outbox.claims import Claims
from producers.outbox.couriers import Courier, Delivered, Refused, Unsettled, is_answered
from producers.outbox.outbox import Outbox

log = structlog.get_logger(__name__)

_GRACE_SECONDS = 5.0
"""A claim outlasts the longest delivery by this much."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did. Nothing claimed: nothing is due now. `answered`: the bus was there."""

    delivered: int = 0
    refused: int = 0
    unsettled: int = 0
    answered: bool = False

    @property
    def claimed(self) -> int:
        """Events that were tried."""
        return self.delivered + self.refused + self.unsettled

    @property
    def failed(self) -> bool:
        """Whether something was tried and the bus did not answer at all."""
        return self.claimed > 0 and not self.answered


class Delivery:
    """Brings the events of an outbox to the bus by a courier, in a thread of its own.

        with Delivery(outbox, KafkaCourier(connect)):
            ...                                        # the agency's program; events go out meanwhile

    Any number of programs may deliver from one outbox. `chance` gives numbers in [0, 1).
    """

    def __init__(
        self,
        outbox: Outbox,
        courier: Courier,
        *,
        backoff: Backoff = Backoff(),  # noqa: B008  (frozen)
        poll_seconds: float = 0.5,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._claims = Claims(outbox)
        self._courier = courier
        self._backoff = backoff
        self._poll = poll_seconds
        self._chance = chance
        self._lease = timedelta(seconds=courier.patience_seconds + _GRACE_SECONDS)
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def round(self) -> Round:
        """Tries once what is due, one event of each case at most. Blocks for the courier and the database."""
        now = self._outbox.clock()
        claimed = self._claims.claim(now=now, most=self._courier.most, lease=self._lease)
        if not claimed:
            return Round()
        failpoint("delivery-claimed")
        outcomes = self._courier.deliver([one.record for one in claimed])
        failpoint("delivery-receipted")
        self._claims.settle(claimed, outcomes, now=self._outbox.clock(), wait=self._wait)
        failpoint("delivery-settled")
        return Round(
            delivered=sum(isinstance(one, Delivered) for one in outcomes),
            refused=sum(isinstance(one, Refused) for one in outcomes),
            unsettled=sum(isinstance(one, Unsettled) for one in outcomes),
            answered=any(is_answered(one) for one in outcomes),
        )

    def drain(self) -> Round:
        """Rounds until nothing is due or the bus does not answer; returns the sum. For commands."""
        done = Round()
        while True:
            one = self.round()
            done = Round(
                delivered=done.delivered + one.delivered,
                refused=done.refused + one.refused,
                unsettled=done.unsettled + one.unsettled,
                answered=done.answered or one.answered,
            )
            if not one.claimed or one.failed:
                return done

    def run(self) -> None:
        """Delivers until `stop` is called. While the bus or the database is away it tries ever less often."""
        failures = 0
        while not self._ending.is_set():
            try:
                one = self.round()
            except SQLAlchemyError as error:
                log.warning("the outbox cannot be read or written", error=str(error))
                one = Round(unsettled=1)
            if one.failed:
                failures += 1
                self._ending.wait(self._wait(failures))
                continue
            if failures and one.claimed:
                failures = 0
                self._claims.hurry()
            if not one.claimed:
                self._ending.wait(self._poll)

    def start(self) -> None:
        """Begins to deliver in the background."""
        if self._thread is not None:
            raise RuntimeError("the delivery has been started already")
        self._thread = threading.Thread(target=self.run, name=f"outbox-{self._outbox.unit}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends after the round that is under way and disconnects. What is left goes out next time."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        self._courier.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait(self, failures: int) -> float:
        return self._backoff.seconds(failures, self._chance())
