"""One pass over a batch: what each record does to its case, gathered as rows; nothing is written or remembered here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import Connection

from consumers.casefile import Case, Identity
from consumers.casework import store
from consumers.casework.emission import outbox_row
from consumers.casework.fold import Folded, fold, refold
from consumers.casework.memory import CaseMemory, Known
from consumers.casework.records import Read, Unreadable, append_time, leaf, link, read_record, stored_event
from consumers.casework.rows import Row, Rows, difference, event_row, quarantine_row
from consumers.decisions import Anomaly, Deliver, Emit
from consumers.rulebook import Rulebook
from infra.batches import Record
from infra.positions import Position
from schemas.units import BUS_UNIT

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Working:
    """A case while the batch is being folded: nothing is remembered before the commit."""

    known: Known
    case: Case | None
    added: dict[Identity, bytes] = field(default_factory=dict)

    def digest_of(self, identity: Identity) -> bytes | None:
        return self.added.get(identity) or self.known.digests.get(identity)

    def knows(self, identity: Identity) -> bool:
        return identity in self.added or identity in self.known.digests


class BatchFold:
    """Folds a batch inside its transaction into `rows`, reading what it needs of the cases through `connection`.

    `chain` is the head of the partition's hash chain after what has been folded so far. With `careful`
    every identity of the batch is looked up across all cases, which is slow: only after one was found
    to be taken.
    """

    def __init__(
        self,
        connection: Connection,
        rulebook: Rulebook,
        memory: CaseMemory,
        position: Position,
        rows: Rows,
        *,
        careful: bool,
    ) -> None:
        self._connection = connection
        self._rulebook = rulebook
        self._memory = memory
        self._careful = careful
        self._cases: dict[UUID, _Working] = {}
        self._rows = rows
        self._taken: dict[Identity, tuple[UUID, bytes]] = {}
        self.chain = position.chain
        self.folded = 0

    def fold(self, records: Sequence[Record], enough: Callable[[], bool]) -> None:
        """Fold records, in order, until all are folded or it is `enough`; at least one. Nothing is written yet.

        Their rows are added to `rows`; `folded` then says how many records they are.
        """
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
            self.folded += 1
            if enough():
                break
        for working in self._cases.values():
            if working.case is not None and working.added:
                difference(working.known.case, working.case, self._rows)

    def remember(self, next_offset: int) -> None:
        """After the commit: what the database now has is what memory has."""
        for case_id, working in self._cases.items():
            working.known.case = working.case
            working.known.digests.update(working.added)
            self._memory.put(case_id, working.known)
        self._memory.standing = Position(next_offset, self.chain)

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
        try:
            folded = fold(working.case, event, self._rulebook)
            said = _said(folded, working, item)
        except MemoryError:
            raise
        except Exception as error:
            # A rule that fails on one event must not stop everybody's cases, and would fail again after a restart.
            log.exception("rule failed", partition=event.partition, offset=event.offset, type=event.type)
            self._set_aside(item, "parked", "rule-failed", f"{type(error).__name__}: {error}")
            return
        if folded.parked is not None:
            self._set_aside(item, "parked", folded.parked.reason, folded.parked.detail)
            return
        working.case = folded.case
        working.added[identity] = item.digest
        if self._careful:
            self._taken[identity] = (event.envelope.subject, item.digest)
        self._record(item)
        self._rows.outbox += said
        self._decided(item, folded)

    def _taken_elsewhere(self, identity: Identity, case_id: UUID) -> bytes | None:
        taken = self._taken.get(identity)
        if taken is None or taken[0] == case_id:
            return None
        return b"another case"  # never equal to a digest: same identity, other content

    def _record(self, item: Read) -> None:
        self.chain = link(
            self.chain, leaf(item.event.offset, item.digest, item.event.recorded_at, item.headers)
        )
        self._rows.events.append(event_row(item, self.chain))

    def _decided(self, item: Read, folded: Folded) -> None:
        event, rows = item.event, self._rows
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

    def _set_aside(self, item: Read, kind: str, reason: str, detail: str) -> None:
        self._rows.quarantine.append(
            quarantine_row(
                item.record,
                kind=kind,
                reason=reason,
                detail=detail,
                owner=item.event.envelope.source,
                envelope=item.event.envelope,
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
                envelope=None,
                recorded_at=append_time(item.record),
            )
        )


def _said(folded: Folded, working: _Working, item: Read) -> list[Row]:
    """Rows of `outbox` for what the bus says itself and has not said yet."""
    case = folded.case
    if case is None:
        return []
    return [
        outbox_row(decision, case, item)
        for decision in folded.decisions
        if isinstance(decision, Emit) and not working.knows((BUS_UNIT, decision.id))
    ]
