"""The casework transaction: one batch of one partition, its effects and the partition's position, at once or not."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Connection, Engine

from consumers.casefile import Case
from consumers.casework import store
from consumers.casework.emission import outbox_row
from consumers.casework.fold import Folded, fold, refold
from consumers.casework.memory import CaseMemory, Known
from consumers.casework.records import Read, Unreadable, append_time, read_record, stored_event
from consumers.casework.rows import Rows, difference, event_row, quarantine_row
from consumers.decisions import Anomaly, Deliver, Emit
from consumers.rulebook import Rulebook
from infra.batches import Batch, Record
from infra.failpoints import failpoint
from infra.positions import LostGuard, Position, lock_position, move_position
from schemas.units import BUS_UNIT

log = structlog.get_logger(__name__)

Reread = Callable[[str, int, int, int], Iterator[Batch]]
"""(topic, partition, start, end) → the records of that range, in batches."""


@dataclass(slots=True)
class _Working:
    """A case while the batch is being folded: nothing is remembered before the commit."""

    known: Known
    case: Case | None
    added: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def digest_of(self, identity: tuple[str, str]) -> bytes | None:
        return self.added.get(identity) or self.known.digests.get(identity)


class Casework:
    """Applies the batches of the partitions that one worker holds. Blocks: call it in a thread.

    One batch at a time: a thread that Faust has given up on may still be at work when the next one comes.

    The same batch may be applied twice, by this worker or another: the position in PostgreSQL lets one
    of them through. What the batch decides depends on the log alone (`decide` is pure), so any worker
    decides the same.
    """

    def __init__(
        self, engine: Engine, rulebook: Rulebook, reread: Reread, *, cached_events: int, topic: str
    ) -> None:
        self._engine = engine
        self._rulebook = rulebook
        self._reread = reread
        self._cached_events = cached_events
        self._topic = topic
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

    def _transact(self, partition: int, batch: Batch, memory: CaseMemory, *, careful: bool) -> int:
        failpoint("casework-before-transaction")
        with self._engine.begin() as connection:
            position = lock_position(connection, self._topic, partition)
            new = _not_yet_applied(batch, position.next_offset)
            if not new:
                self._memories.pop(partition, None)  # somebody else applied it: what we remember is old
                return 0
            if new[0].offset != position.next_offset:
                raise LostGuard(
                    f"{self._topic}/{partition} stands at {position.next_offset}, not {new[0].offset}"
                )
            if memory.next_offset not in (None, position.next_offset):
                memory = self._memories[partition] = CaseMemory(self._cached_events)
            folding = _Folding(connection, self._rulebook, memory, position, careful=careful)
            rows = folding.fold_all(new)
            store.write(connection, rows)
            move_position(
                connection,
                self._topic,
                partition,
                expected=position.next_offset,
                next_offset=new[-1].offset + 1,
                chain=folding.chain,
            )
            failpoint("casework-before-commit")
        failpoint("casework-after-commit")
        folding.remember(new[-1].offset + 1)
        return len(new)


def _not_yet_applied(batch: Batch, next_offset: int) -> Batch:
    if batch[0].offset >= next_offset:
        return batch
    return [record for record in batch if record.offset >= next_offset]


class _Folding:
    """One pass over a batch inside its transaction."""

    def __init__(
        self,
        connection: Connection,
        rulebook: Rulebook,
        memory: CaseMemory,
        position: Position,
        *,
        careful: bool,
    ) -> None:
        self._connection = connection
        self._rulebook = rulebook
        self._memory = memory
        self._careful = careful
        self._cases: dict[UUID, _Working] = {}
        self._rows = Rows()
        self._taken: dict[tuple[str, str], tuple[UUID, bytes]] = {}
        self.chain = position.chain

    def fold_all(self, records: Sequence[Record]) -> Rows:
        """Fold every record; what comes out is not written yet."""
        read = [read_record(record) for record in records]
        self._load({item.event.envelope.subject for item in read if isinstance(item, Read)})
        if self._careful:
            identities = [item.event.identity for item in read if isinstance(item, Read)]
            self._taken = store.taken_identities(self._connection, identities)
        for item in read:
            if isinstance(item, Read):
                self._fold_one(item)
            else:
                self._refuse(item)
        for working in self._cases.values():
            if working.case is not None and working.added:
                difference(working.known.case, working.case, self._rows)
        return self._rows

    def remember(self, next_offset: int) -> None:
        """After the commit: what the database now has is what memory has."""
        for case_id, working in self._cases.items():
            working.known.case = working.case
            working.known.digests.update(working.added)
            self._memory.put(case_id, working.known)
        self._memory.next_offset = next_offset

    def _load(self, case_ids: set[UUID]) -> None:
        unknown = []
        for case_id in case_ids:
            known = self._memory.get(case_id)
            if known is None:
                unknown.append(case_id)
            else:
                self._cases[case_id] = _Working(known, known.case)
        stored = store.stored_events(self._connection, unknown) if unknown else {}
        for case_id in unknown:
            rows = stored.get(case_id, [])
            case = refold([stored_event(row) for row in rows], self._rulebook)
            digests = {(row["source"], row["event_id"]): row["digest"] for row in rows}
            self._cases[case_id] = _Working(Known(case, digests), case)

    def _fold_one(self, item: Read) -> None:
        event = item.event
        identity = event.identity
        if identity[0] == BUS_UNIT:
            self._rows.returned.append(identity[1])
        working = self._cases[event.envelope.subject]
        before = working.digest_of(identity) or self._taken_elsewhere(identity, event.envelope.subject)
        if before is not None:
            if before != item.digest:
                self._set_aside(
                    item, "conflict", "identity-conflict", "this identity stands for other content already"
                )
            return
        folded = fold(working.case, event, self._rulebook)
        if folded.parked is not None:
            self._set_aside(item, "parked", folded.parked.reason, folded.parked.detail)
            return
        working.case = folded.case
        working.added[identity] = item.digest
        if self._careful:
            self._taken[identity] = (event.envelope.subject, item.digest)
        self._record(item)
        self._decided(item, working, folded)

    def _taken_elsewhere(self, identity: tuple[str, str], case_id: UUID) -> bytes | None:
        taken = self._taken.get(identity)
        if taken is None or taken[0] == case_id:
            return None
        return b"another case"  # never equal to a digest: same identity, other content

    def _record(self, item: Read) -> None:
        self.chain = hashlib.sha256(self.chain + item.digest).digest()
        self._rows.events.append(event_row(item, self.chain))

    def _decided(self, item: Read, working: _Working, folded: Folded) -> None:
        event, rows, case = item.event, self._rows, folded.case
        deliveries = anomalies = 0
        for decision in folded.decisions:
            if isinstance(decision, Deliver):
                rows.feed_entries.append(
                    (
                        event.partition,
                        event.offset,
                        deliveries,
                        decision.unit,
                        decision.delivery.value,
                        decision.role.value,
                        decision.basis,
                    )
                )
                deliveries += 1
            elif isinstance(decision, Anomaly):
                rows.anomalies.append(
                    (
                        event.partition,
                        event.offset,
                        anomalies,
                        event.envelope.subject,
                        decision.code,
                        decision.detail,
                    )
                )
                anomalies += 1
            elif isinstance(decision, Emit) and case is not None:
                if working.digest_of((BUS_UNIT, decision.id)) is None:  # else it came back already
                    rows.outbox.append(outbox_row(decision, case, item))

    def _set_aside(self, item: Read, kind: str, reason: str, detail: str) -> None:
        self._rows.quarantine.append(
            quarantine_row(
                item.record,
                kind=kind,
                reason=reason,
                detail=detail,
                owner=item.event.envelope.source,
                event=item.event,
                recorded_at=item.event.recorded_at,
            )
        )

    def _refuse(self, item: Unreadable) -> None:
        self._rows.quarantine.append(
            quarantine_row(
                item.record,
                kind="refused",
                reason="unreadable",
                detail=item.detail,
                owner="",
                event=None,
                recorded_at=append_time(item.record),
            )
        )
