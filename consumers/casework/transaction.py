"""The casework transaction: one batch of one partition, its effects and the partition's position, at once or not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import structlog
from sqlalchemy import Engine

from consumers.casework import store
from consumers.casework.batch import BatchFold
from consumers.casework.memory import CaseMemory
from consumers.rulebook import Rulebook
from infra.batches import Batch
from infra.failpoints import failpoint
from infra.positions import LostGuard, lock_position, move_position

log = structlog.get_logger(__name__)

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

    def apply(self, batch: Batch) -> int:
        """Apply a batch and commit; returns how many records were new. Raises what the database raises.

        Raises LogLost if records before the batch were never applied and the log has lost them.
        """
        with self._one_at_a_time:
            return self._heal_and_apply(batch)

    def _heal_and_apply(self, batch: Batch) -> int:
        partition = batch[0].partition
        missing = self._missing_before(partition, batch[0].offset)
        if missing is not None:
            log.warning("gap", topic=self._topic, partition=partition, start=missing, end=batch[0].offset)
            for earlier in self._reread(self._topic, partition, missing, batch[0].offset):
                self._apply_once(partition, earlier)
        return self._apply_once(partition, batch)

    def _missing_before(self, partition: int, first: int) -> int | None:
        memory = self._memories.get(partition)
        if memory is not None and memory.next_offset == first:
            return None
        with self._engine.begin() as connection:
            standing = lock_position(connection, self._topic, partition).next_offset
        return standing if standing < first else None

    def _apply_once(self, partition: int, batch: Batch) -> int:
        applied = 0
        while batch:
            done, next_offset = self._apply_some(partition, batch)
            applied += done
            batch = _from(batch, next_offset)
        return applied

    def _apply_some(self, partition: int, batch: Batch) -> tuple[int, int]:
        memory = self._memories.setdefault(partition, CaseMemory(self._cached_events))
        try:
            try:
                return self._transact(partition, batch, memory, careful=False)
            except psycopg.errors.UniqueViolation:
                # An identity that another case has taken. Rare enough to look everything up and go again.
                return self._transact(partition, batch, memory, careful=True)
        except BaseException:
            self._memories.pop(partition, None)
            raise

    def _transact(
        self, partition: int, batch: Batch, memory: CaseMemory, *, careful: bool
    ) -> tuple[int, int]:
        """Apply the batch, or as much of it as fits into one transaction: how many records, and where it stands."""
        failpoint("casework-before-transaction")
        with self._engine.begin() as connection:
            position = lock_position(connection, self._topic, partition)
            new = _from(batch, position.next_offset)
            if not new:
                self._memories.pop(partition, None)  # somebody else applied it: what we remember is old
                return 0, position.next_offset
            if new[0].offset != position.next_offset:
                raise LostGuard(
                    f"{self._topic}/{partition} stands at {position.next_offset}, not {new[0].offset}"
                )
            if memory.next_offset not in (None, position.next_offset):
                memory = self._memories[partition] = CaseMemory(self._cached_events)
            folding = BatchFold(connection, self._rulebook, memory, position, careful=careful)
            store.write(connection, folding.fold(new, self._enough()))
            next_offset = new[folding.folded - 1].offset + 1
            move_position(
                connection,
                self._topic,
                partition,
                expected=position.next_offset,
                next_offset=next_offset,
                chain=folding.chain,
            )
            failpoint("casework-before-commit")
        failpoint("casework-after-commit")
        folding.remember(next_offset)
        return folding.folded, next_offset

    def _enough(self) -> Callable[[], bool]:
        """A case of thousands of events is slow to fold: commit now and then, so that what is done is done."""
        until = self._steady() + LONGEST_FOLD_SECONDS
        return lambda: self._steady() >= until


def _from(batch: Batch, next_offset: int) -> Batch:
    if batch[0].offset >= next_offset:
        return batch
    return [record for record in batch if record.offset >= next_offset]
