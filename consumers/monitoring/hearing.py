"""When each unit last reported and whether it has fallen silent; a look reads only what came since the last."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from consumers.monitoring.silence import LONGEST_LOOK, Hearing, hearing
from consumers.rulebook import Rulebook
from schemas.spans import CHINA
from schemas.units import BUS_UNIT

LEAST_APART = timedelta(seconds=60)
"""Silence is measured in days: whoever asks more often is told the same again."""

Heard = Mapping[str, tuple[Hearing, datetime | None]]
"""By unit: how it is heard, and when it last reported."""

_SINCE = text("""
SELECT e.partition, e.source, (e.recorded_at AT TIME ZONE :zone)::date AS day, max(e.recorded_at) AS last,
  max(e.log_offset) AS reached
FROM (SELECT DISTINCT partition FROM progress) p
LEFT JOIN unnest(CAST(:partitions AS int[]), CAST(:offsets AS bigint[])) AS m(partition, log_offset) USING (partition)
JOIN events e ON e.partition = p.partition AND e.log_offset > coalesce(m.log_offset, -1)
GROUP BY e.partition, e.source, day
""")


class Hearings:
    """The days on which units reported. Safe between threads: one looks, the others wait for it. Blocks."""

    def __init__(self, engine: Engine, rulebook: Rulebook) -> None:
        self._engine = engine
        self._rulebook = rulebook
        self._days: dict[str, set[date]] = {}
        self._last: dict[str, datetime] = {}
        self._reached: dict[int, int] = {}
        self._heard: Heard = {}
        self._at: datetime | None = None
        self._lock = threading.Lock()

    def look(self, now: datetime) -> Heard:
        """For each unit of the register: whether it has fallen silent by `now`, and when it last reported.

        The first look reads the whole log and takes as long.
        """
        with self._lock:
            if self._at is None or abs(now - self._at) >= LEAST_APART:
                with self._engine.connect() as connection:
                    self._read(connection)
                self._heard = {unit: self._hear(unit, now) for unit in self._rulebook.register.by_code}
                self._at = now
            return self._heard

    def _read(self, connection: Connection) -> None:
        marks = {"partitions": list(self._reached), "offsets": list(self._reached.values())}
        for partition, source, day, last, reached in connection.execute(
            _SINCE, {"zone": str(CHINA), **marks}
        ):
            self._reached[partition] = max(reached, self._reached.get(partition, -1))
            if source != BUS_UNIT:
                self._days.setdefault(source, set()).add(day)
                self._last[source] = max(last, self._last.get(source, last))

    def _hear(self, unit: str, now: datetime) -> tuple[Hearing, datetime | None]:
        first = (now - LONGEST_LOOK).date()
        days = sorted(day for day in self._days.get(unit, ()) if day > first)
        return hearing(days, now, self._rulebook.calendar.at(now)), self._last.get(unit)
