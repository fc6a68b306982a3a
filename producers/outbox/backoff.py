"""How long to wait before another attempt: longer each time, bounded, and not for everybody the same."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits of `first_seconds`, doubled with each further attempt up to `most_seconds`, less up to half by chance.

    The chance keeps the agencies of a district from returning all at once after the bus was away.
    """

    first_seconds: float = 1.0
    most_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.first_seconds <= self.most_seconds:
            raise ValueError("first_seconds must be above 0 and at most most_seconds")

    def seconds(self, attempt: int, chance: float) -> float:
        """The wait after the `attempt`-th failure (from 1); `chance` is in [0, 1)."""
        whole = self.first_seconds * float(1 << min(max(attempt, 1) - 1, _MOST_DOUBLINGS))
        return min(whole, self.most_seconds) * (1 - chance / 2)
