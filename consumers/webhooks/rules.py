"""When a delivery is tried again, and when a receiver is left alone for a while: pure, over tables of waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

LIFETIME = timedelta(hours=72)
"""A delivery that was not accepted for so long after it was queued has failed."""
LEASE = timedelta(seconds=60)
"""Who takes a delivery has this long to settle it; then another process may take it again."""
TRIPPED = 5
"""So many failures in a row, and the receiver is only probed until it accepts something."""
LONGEST_WISH = timedelta(hours=1)
"""A receiver's Retry-After is honoured up to this."""

WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 300, 1800, 7200, 18_000, 36_000))
"""Before the second try, the third and so on; the last holds for all later ones. As Standard Webhooks advises."""
PROBE_WAITS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 1800))
"""Between probes of a receiver that is left alone; the last holds for all later ones."""


class State(StrEnum):
    """Of a delivery."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one try. `told` is the status, or what kept it from being sent; never what the body said."""

    status: int | None
    told: str
    retry_after: timedelta | None = None

    @property
    def accepted(self) -> bool:
        """Only 2xx is a yes: a redirect leads to an address that nobody approved."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """410: the receiver wants nothing any more."""
        return self.status == 410


@dataclass(frozen=True, slots=True)
class Settled:
    """What a delivery becomes after a try; `due_at` is the next one while it is queued."""

    state: State
    due_at: datetime


def settle(answer: Answer, *, attempts: int, expires_at: datetime, now: datetime, jitter: float) -> Settled:
    """After try number `attempts`, counted from 1. `jitter` from 0 to 1 spreads the waits by a tenth each way."""
    if answer.accepted:
        return Settled(State.DELIVERED, now)
    wait = WAITS[min(attempts, len(WAITS)) - 1] * (0.9 + 0.2 * jitter)
    if answer.retry_after is not None:
        wait = max(wait, min(answer.retry_after, LONGEST_WISH))
    if now >= expires_at:
        return Settled(State.FAILED, now)
    return Settled(State.QUEUED, min(now + wait, expires_at))


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a receiver fares: failures in a row, and until when nothing is sent to it."""

    failures: int = 0
    open_until: datetime | None = None


def fare(failures: int, answer: Answer, now: datetime) -> Circuit:
    """The circuit after one more try, `failures` in a row before it."""
    if answer.accepted:
        return Circuit()
    failures += 1
    if failures < TRIPPED:
        return Circuit(failures)
    return Circuit(failures, now + PROBE_WAITS[min(failures - TRIPPED, len(PROBE_WAITS) - 1)])


def jitter_of(name: str) -> float:
    """A number from 0 to 1 that follows from a name: many deliveries spread, and each always alike."""
    return int.from_bytes(sha256(name.encode()).digest()[:4]) / 2**32
