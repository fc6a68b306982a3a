"""The casework transaction: batches of the log, their effects and their partitions' positions, at once or not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg
import structlog
from sqlalchemy import Connection, Engine

from consumers.casework import store
from consumers.casework.batch import BatchFold
from consumers.casework.memory import CaseMemory
from consumers.casework.rows import Rows
from consumers.rulebook import Rulebook
from infra.batches import Batch
from infra.failpoints import failpoint
from infra.positions import LostGuard, Move, Position, lock_position
from infra.tracing import Hop

log = structlog.get_logger(__name__)
_HOP = Hop("casework")

LONGEST_FOLD_SECONDS = 3.0
"""After so long a transaction takes no further record. Far below every time-out that watches a worker."""

Reread = Callable[[str, int, int, int], Iterator[Batch]]
"""(topic, partition, start, end) → the records of that range, in batches."""


class Casework:
    """Applies the batches of the partitions that one worker holds. Blocks: call it in a thread.

    One batch at a time: a thread that Faust has given up on may still be at work when the next one comes.

    The same batch may be applied twice, by this worker or another: the position in PostgreSQL lets one
    of them through. What the batch decides depends on the log alone (`decide` is pure), so any worker
    decides the same.
    """

    # cached_events: how many events of cases to keep in memory for each partition; steady: a clock in seconds.
    def __init__(
        self,
        engine: Engine,
        rulebook: Rulebook,
        reread: Reread,
        *,
        cached_events: int,
        topic: str,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._rulebook = rulebook
        self._reread = reread
        self._cached_events = cached_events
        self._topic = topic
        self._steady = steady
        self._memories: dict[int, CaseMemory] = {}
        self._one_at_a_time = threading.Lock()

    def forget(self) -> None:
        """Let go of all cases in memory, when partitions are taken away. Never waits for a batch in hand.

        Only to free memory: cases are used only if they are the state at the partition's position.
        """
        self._memories = {}

    def apply(self, *wave: Batch) -> int:
        """Apply batches of different partitions and commit; returns how many records were new.

        They share transactions as far as they fit. Raises what the database raises, and LogLost if records
        before a batch were never applied and the log has lost them.
        """
        with self._one_at_a_time:
            began = _HOP.began()
            applied = sum(self._healed(batch) for batch in wave) + self._apply_all(list(wave))
            _HOP.ended(began, (record.headers for batch in wave for record in batch))
            return applied

    def _healed(self, batch: Batch) -> int:
        """Applies what should have come before the batch and did not; almost always nothing."""
        partition, end = batch[0].partition, batch[0].offset
        missing = self._missing_before(partition, end)
        if missing is None:
            return 0
        log.warning("gap", topic=self._topic, partition=partition, start=missing, end=end)
        return sum(
            self._apply_all([earlier]) for earlier in self._reread(self._topic, partition, missing, end)
        )

    def _missing_before(self, partition: int, first: int) -> int | None:
        memory = self._memories.get(partition)
        if memory is not None and memory.standing is not None and memory.standing.next_offset == first:
            return None
        with self._engine.begin() as connection:
            standing = lock_position(connection, self._topic, partition)
        if memory is not None and memory.standing != standing:
            self._memories.pop(partition, None)  # somebody else has moved on: what we remember is old
        return standing.next_offset if standing.next_offset < first else None

    def _apply_all(self, wave: Sequence[Batch]) -> int:
        applied = 0
        while wave:
            done, wave = self._apply_some(wave)
            applied += done
        return applied

    def _apply_some(self, wave: Sequence[Batch]) -> tuple[int, list[Batch]]:
        try:
            try:
                return self._transact(wave, careful=False)
            except psycopg.errors.UniqueViolation:
                # An identity that another case has taken, or records that somebody else has applied. Rare
                # enough to lock the position, look everything up and go again, one partition at a time.
                done, left = self._transact(wave[:1], careful=True)
                return done, [*left, *wave[1:]]
        except BaseException:
            for batch in wave:
                self._memories.pop(batch[0].partition, None)
            raise

    def _transact(self, wave: Sequence[Batch], *, careful: bool) -> tuple[int, list[Batch]]:
        """Apply the wave, or as much of it as fits into one transaction: how many records, and what is left."""
        failpoint("casework-before-transaction")
        rows, moves, left = Rows(), [], []
        folded: list[tuple[BatchFold, int]] = []
        enough = self._enough()
        with self._engine.begin() as connection:
            for batch in wave:
                partition = batch[0].partition
                memory, position = self._standing(connection, partition, locked=careful)
                new = _from(batch, position.next_offset)
                if not new:
                    self._memories.pop(partition, None)  # somebody else applied it: what we remember is old
                    continue
                if new[0].offset != position.next_offset:
                    raise LostGuard(
                        f"{self._topic}/{partition} stands at {position.next_offset}, not {new[0].offset}"
                    )
                if folded and enough():
                    left.append(new)
                    continue
                folding = BatchFold(connection, self._rulebook, memory, position, rows, careful=careful)
                folding.fold(new, enough)
                next_offset = new[folding.folded - 1].offset + 1
                moves.append(Move(self._topic, partition, position.next_offset, next_offset, folding.chain))
                folded.append((folding, next_offset))
                left.append(_from(new, next_offset))
            if moves:
                store.write(connection, moves, rows)
            failpoint("casework-before-commit")
        failpoint("casework-after-commit")
        for folding, next_offset in folded:
            folding.remember(next_offset)
        return sum(folding.folded for folding, _ in folded), [batch for batch in left if batch]

    def _standing(
        self, connection: Connection, partition: int, *, locked: bool
    ) -> tuple[CaseMemory, Position]:
        """Where the partition stands, and the cases as they are there.

        If memory knows, it is not asked again: whether nobody else has moved on is compared when it is written.
        """
        memory = self._memories.setdefault(partition, CaseMemory(self._cached_events))
        if memory.standing is not None and not locked:
            return memory, memory.standing
        position = lock_position(connection, self._topic, partition)
        if memory.standing not in (None, position):
            memory = self._memories[partition] = CaseMemory(self._cached_events)
        return memory, position

    def _enough(self) -> Callable[[], bool]:
        """A case of thousands of events is slow to fold: commit now and then, so that what is done is done."""
        until = self._steady() + LONGEST_FOLD_SECONDS
        return lambda: self._steady() >= until


def _from(batch: Batch, next_offset: int) -> Batch:
    if batch[0].offset >= next_offset:
        return batch
    return [record for record in batch if record.offset >= next_offset]
