"""Whether a reader of a partition keeps up: judged over a window of observations, without any threshold. Pure.

The rules are those of Burrow: not how large the backlog is counts, but whether the reader moves and the backlog
shrinks. The position is the one in PostgreSQL; Kafka's committed offset is only a hint.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple


class Seen(NamedTuple):
    """One observation of a partition: where its reader stands and where the topic ends."""

    at: datetime
    position: int
    end: int

    @property
    def lag(self) -> int:
        """Records not yet applied."""
        return max(0, self.end - self.position)


class State(StrEnum):
    """How a reader is doing."""

    OK = "ok"
    FALLING_BEHIND = "falling-behind"  # it moves, but its backlog has only grown
    STALLED = "stalled"  # there is work, and it has not moved
    REWOUND = "rewound"  # it stands before where it stood: somebody has reset it
    UNKNOWN = "unknown"  # seen too few times to say


SEVERITY = (State.UNKNOWN, State.OK, State.FALLING_BEHIND, State.STALLED, State.REWOUND)
"""The states, the worst last."""


def judge(window: Sequence[Seen], *, least: int = 3) -> State:
    """The state by the observations of a window, the oldest first."""
    if len(window) < least:
        return State.UNKNOWN
    positions = [one.position for one in window]
    lags = [one.lag for one in window]
    if any(later < earlier for earlier, later in pairwise(positions)):
        return State.REWOUND
    if min(lags) == 0:
        return State.OK
    if positions[0] == positions[-1]:
        return State.STALLED
    growing = all(later >= earlier for earlier, later in pairwise(lags))
    return State.FALLING_BEHIND if growing and lags[-1] > lags[0] else State.OK


def worst(states: Sequence[State]) -> State:
    """The worst of several, such as the partitions of a topic."""
    return max(states, key=SEVERITY.index, default=State.UNKNOWN)


def seconds_behind(window: Sequence[Seen]) -> float:
    """How old the oldest record is that is not applied, by when the end of the topic passed it.

    Between two observations records are taken to have come evenly. What was there before the window began is
    at least as old as the window: then this is a lower bound.
    """
    if not window or window[-1].lag == 0:
        return 0.0
    position, now = window[-1].position, window[-1].at
    before: Seen | None = None
    for one in window:
        if one.end > position:
            return (now - _passed(before, one, position)).total_seconds()
        before = one
    return 0.0


def _passed(before: Seen | None, after: Seen, position: int) -> datetime:
    if before is None:
        return after.at
    share = (position - before.end) / (after.end - before.end)
    return before.at + max(share, 0.0) * (after.at - before.at)


def rate(window: Sequence[Seen]) -> float:
    """Records a second that came to the topic within the window."""
    if len(window) < 2:
        return 0.0
    span = window[-1].at - window[0].at
    return 0.0 if span <= timedelta(0) else (window[-1].end - window[0].end) / span.total_seconds()
