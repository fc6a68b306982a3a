"""Dry runs of `POST /v1/events`: the same checks and errors, and what each event would cause. Nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from producers.gateway.desk import Conflicting, Destroyed, Seal
from producers.gateway.submissions import Identity, on_record
from producers.records import Record

Foresee = Callable[[str, Sequence[Record], datetime], Sequence[Mapping[str, Any]]]
"""(unit, records, append time) → what each would cause as the unit may see it, in order, ready for JSON. Blocks."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an event would cause. `known`: an earlier request has brought it already, so that nothing would happen."""

    known: bool
    effects: Mapping[str, Any]
    digest: bytes


DryOutcome = Foreseen | Conflicting | Destroyed


class DryDesk:
    """Answers dry runs as the desk would answer the events. Blocks: call it in a thread."""

    def __init__(self, engine: Engine, foresee: Foresee, seal: Seal = list) -> None:
        self._engine = engine
        self._foresee = foresee
        self._seal = seal

    def outcomes(self, unit: str, records: Sequence[Record], now: datetime) -> list[DryOutcome]:
        """What becomes of each record if it is said at `now` after those before it. Raises what the database raises."""
        sealed = self._seal(records)
        outcomes = iter(self._outcomes(unit, [record for record in sealed if record is not None], now))
        return [Destroyed() if record is None else next(outcomes) for record in sealed]

    def _outcomes(self, unit: str, records: Sequence[Record], now: datetime) -> list[DryOutcome]:
        with self._engine.connect() as connection:
            before = on_record(connection, {record.envelope.identity for record in records})
        content: dict[Identity, bytes] = {identity: one.digest for identity, one in before.items()}
        fits = [content.setdefault(one.envelope.identity, one.digest) == one.digest for one in records]
        effects = iter(self._foresee(unit, [one for one, fit in zip(records, fits, strict=True) if fit], now))
        outcomes: list[DryOutcome] = []
        for record, fit in zip(records, fits, strict=True):
            known = before.get(record.envelope.identity)
            if fit:
                outcomes.append(Foreseen(known is not None, next(effects), record.digest))
            else:  # the first one counts, on record or in this very list
                outcomes.append(Conflicting(now if known is None else known.received_at))
        return outcomes
