"""The cases of one partition that a worker keeps in memory while the partition is its own."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from consumers.casefile import Case, Identity
from infra.positions import Position


@dataclass(slots=True)
class Known:
    """A case as the database has it, and the digests of the events it is made of."""

    case: Case | None
    digests: dict[Identity, bytes] = field(default_factory=dict)
    weight: int = 0  # what the memory counts it as


class CaseMemory:
    """Cases by id, the least recently used forgotten first. Forgetting is safe: the database has them all.

    Bounded by events, not by cases, since a case weighs what its history weighs. Not thread-safe: one
    batch of a partition is applied at a time, and a lost partition's memory is thrown away as a whole.
    """

    def __init__(self, max_events: int) -> None:
        self._max = max_events
        self._cases: OrderedDict[UUID, Known] = OrderedDict()
        self._events = 0
        self.standing: Position | None = (
            None  # the position these cases are the state at; None: not yet known
        )

    def get(self, case_id: UUID) -> Known | None:
        """The case, if it is remembered."""
        known = self._cases.get(case_id)
        if known is not None:
            self._cases.move_to_end(case_id)
        return known

    def put(self, case_id: UUID, known: Known) -> None:
        """Remember the case, and forget others if there are too many events now."""
        before = self._cases.get(case_id)
        self._events -= 0 if before is None else before.weight
        known.weight = len(known.digests) + 1
        self._events += known.weight
        self._cases[case_id] = known
        self._cases.move_to_end(case_id)
        while self._events > self._max and self._cases:
            _, forgotten = self._cases.popitem(last=False)
            self._events -= forgotten.weight
