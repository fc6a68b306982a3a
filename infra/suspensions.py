"""Units that are suspended: what they say and what is for them is held until they are resumed, and nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from infra.tables import suspensions


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when a unit is suspended, and why."""

    since: datetime
    reason: str


def suspend(connection: Connection, unit: str, *, reason: str, now: datetime) -> Suspension:
    """Suspends `unit` and returns the suspension that stands: an earlier one keeps its day and reason.

    The caller commits. Running processes follow within `Suspensions.LIFETIME_SECONDS`.
    """
    row = {"unit": unit, "since": now, "reason": reason}
    connection.execute(insert(suspensions).values(row).on_conflict_do_nothing())
    return suspended(connection)[unit]


def resume(connection: Connection, unit: str) -> bool:
    """Ends the suspension of `unit`; False if there was none. The caller commits."""
    ended = connection.execute(delete(suspensions).where(suspensions.c.unit == unit))
    return ended.rowcount == 1


def suspended(connection: Connection) -> dict[str, Suspension]:
    """Every suspension by its unit."""
    rows = connection.execute(select(suspensions.c.unit, suspensions.c.since, suspensions.c.reason))
    return {row.unit: Suspension(row.since, row.reason) for row in rows}


class Suspensions:
    """Remembers for a moment who is suspended, so that not everything asks the database. Safe between threads."""

    LIFETIME_SECONDS = 1.0

    def __init__(self, engine: Engine, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._monotonic = monotonic
        self._known: frozenset[str] = frozenset()
        self._until = float("-inf")
        self._asking = threading.Lock()

    def remembered(self) -> frozenset[str] | None:
        """The suspended units if that is still known, else None. Never blocks."""
        return self._known if self._monotonic() < self._until else None

    def units(self) -> frozenset[str]:
        """The suspended units; asks the database if the answer is not remembered, which may block."""
        with self._asking:  # one asks, the others take its answer
            known = self.remembered()
            if known is None:
                with self._engine.connect() as connection:
                    known = frozenset(suspended(connection))
                self._known, self._until = known, self._monotonic() + self.LIFETIME_SECONDS
        return known
