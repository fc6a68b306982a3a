"""A window of observations of every partition that is read, kept up by whoever looks; and what it tells."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from consumers.monitoring.lag import Seen, State, judge, rate, seconds_behind
from consumers.monitoring.standings import Ends, Partition, Standings, read_partitions, standings
from infra.settings import Settings
from schemas.units import Register

WINDOW = 20
"""Observations that are kept: with one each 5 s, a hundred seconds."""
LEAST_APART = timedelta(seconds=2)
"""Whoever looks more often sees the same observation again."""


@dataclass(frozen=True, slots=True)
class PartitionLine:
    """One partition: where it ends, where its reader stands, how far that is behind, and how it is doing."""

    topic: str
    partition: int
    end: int
    position: int
    lag: int
    seconds: float
    rate: float
    state: State


@dataclass(frozen=True, slots=True)
class Look:
    """Everything at one moment."""

    standings: Standings
    partitions: tuple[PartitionLine, ...]


class Watch:
    """Looks when asked, and remembers. Safe between threads: one looks, the others wait for it. Blocks."""

    def __init__(self, settings: Settings, register: Register, engine: Engine) -> None:
        self._engine = engine
        self._ends = Ends(settings, read_partitions(settings, register))
        self._seen: dict[Partition, deque[Seen]] = defaultdict(lambda: deque(maxlen=WINDOW))
        self._last: Look | None = None
        self._lock = threading.Lock()

    def look(self) -> Look:
        """Look, unless somebody has just done so. Raises what the broker or the database raises."""
        with self._lock:
            with self._engine.connect() as connection:
                found = standings(connection)
            if self._last is not None and found.at - self._last.standings.at < LEAST_APART:
                return self._last
            ends = self._ends.read()
            self._last = Look(found, tuple(self._observed(found.at, ends, found.positions)))
            return self._last

    def look_over_time(self, looks: int, pause: Callable[[float], object]) -> Look:
        """The last of several looks: whether a reader moves can only be seen over time. `pause` lets seconds pass."""
        for _ in range(looks - 1):
            self.look()
            pause(LEAST_APART.total_seconds())
        return self.look()

    def close(self) -> None:
        """Release the connection to the broker."""
        self._ends.close()

    def _observed(
        self, at: datetime, ends: Mapping[Partition, int], positions: Mapping[Partition, int]
    ) -> list[PartitionLine]:
        lines = []
        for (topic, number), end in sorted(ends.items()):
            window = self._seen[topic, number]
            # Positions were read first: one that is ahead of the end would be an error of the order of reading.
            window.append(Seen(at, positions.get((topic, number), 0), end))
            known, last = list(window), window[-1]
            lines.append(
                PartitionLine(
                    topic,
                    number,
                    end,
                    last.position,
                    last.lag,
                    seconds_behind(known),
                    rate(known),
                    judge(known),
                )
            )
        return lines
