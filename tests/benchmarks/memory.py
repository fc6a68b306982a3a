"""Whether memory stays flat: resident size of worker and relay while a long stream of new cases goes through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.benchmarks.expectation import counts
from tests.benchmarks.installation import Installation, Servers
from tests.benchmarks.throughput import log_records
from tests.benchmarks.workload import SIDE_BY_SIDE, STEPS, event

BLOCK = SIDE_BY_SIDE * len(STEPS)
SETTLED = 200_000
"""Events after which caches are full: from here on memory is to be flat."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident MiB after each block of events, and how it grew after SETTLED events."""

    events: Sequence[int]
    worker: Sequence[float]
    relay: Sequence[float]

    def slope(self, sizes: Sequence[float]) -> float:
        """MiB per 100,000 events after SETTLED, by least squares."""
        points = [(at, size) for at, size in zip(self.events, sizes, strict=True) if at >= SETTLED]
        middle_at = sum(at for at, _ in points) / len(points)
        middle = sum(size for _, size in points) / len(points)
        spread = sum((at - middle_at) ** 2 for at, _ in points)
        return 100_000 * sum((at - middle_at) * (size - middle) for at, size in points) / spread


def measure(servers: Servers, events: int) -> Memory:
    """One run of `events`, at most two blocks of them waiting at a time."""
    now = datetime.now(UTC)
    sizes: list[tuple[int, dict[str, float]]] = []
    applied = published = 0
    with Installation(servers) as bus:
        for first in range(0, events, BLOCK):
            block = [event(number, now) for number in range(first, first + BLOCK)]
            bus.send(log_records(block, bus.settings.topics, bus.settings.partitions))
            bus.wait_for(applied, published)
            due = counts(block)
            applied, published = applied + due.applied, published + due.delivered
            sizes.append((first, bus.resident()))
        bus.wait_for(applied, published)
    return Memory(
        [at for at, _ in sizes],
        [size["worker"] for _, size in sizes],
        [size["relay"] for _, size in sizes],
    )
