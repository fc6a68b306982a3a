"""What becomes of a record that a unit wrote: into the log as it is, or to the dead letters with its reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from infra.batches import Outgoing, Record
from schemas.admission import Admitted, Refusal, admit
from schemas.topics import GATEWAY, TopicNames
from schemas.units import Register

_KEPT = ("ce_", "traceparent", "content-type")
REASON = "linkage-reason"
"""The first of the headers that a dead letter gains; what stands before it is the unit's own."""
ADDED = 10
"""How many headers a dead letter gains."""


def partition_of(case_id: UUID, partitions: int) -> int:
    """The partition of the log that holds a case. Case ids are hashes, so they spread evenly as they are."""
    return case_id.int % partitions


def outgoing(
    record: Record, *, register: Register, topics: TopicNames, partitions: int, now: datetime, max_bytes: int
) -> Outgoing:
    """Where the record goes and in which form. Never raises for any record; does no I/O.

    `now` is the record's append time: judged again after a crash, it is judged the same.

    Admitted records keep key and value byte for byte; headers that are not part of the envelope are
    dropped, among them any that would make a stream processor answer somewhere. Refused records keep
    everything and gain headers that say where they stood and why they were refused.
    """
    owner = topics.ingress_owner(record.topic)
    verdict = admit(
        key=record.key,
        value=record.value,
        headers=record.headers,
        owner=owner,
        register=register,
        now=now,
        max_bytes=max_bytes,
    )
    if isinstance(verdict, Refusal):
        return dead_letter(record, verdict, owner=owner, topic=topics.dead_letters)
    return _admitted(record, verdict, topics.case_events, partitions)


def _admitted(record: Record, verdict: Admitted, topic: str, partitions: int) -> Outgoing:
    headers = [(name, raw) for name, raw in record.headers if name.startswith(_KEPT)]
    headers.append(("linkage-ingress", f"{record.topic}/{record.partition}/{record.offset}".encode()))
    return Outgoing(
        topic, partition_of(verdict.envelope.subject, partitions), record.key, record.value, headers
    )


def dead_letter(record: Record, refusal: Refusal, *, owner: str, topic: str) -> Outgoing:
    """The refused record, byte-identical, with its origin and reason.

    The `__streams.errors.*` names are those of Kafka Streams (KIP-1034), which tools know how to show.
    """
    # Only the gateway is believed about who speaks: a unit's topic says itself whose it is.
    speaker = refusal.envelope.source if owner == GATEWAY and refusal.envelope else owner
    added = [
        (REASON, refusal.reason.value.encode()),
        ("linkage-detail", refusal.detail.encode()),
        ("linkage-owner", owner.encode()),
        ("linkage-speaker", speaker.encode()),
        ("linkage-refused-from-time", str(record.timestamp).encode()),
        ("__streams.errors.exception", f"Refusal: {refusal.reason.value}".encode()),
        ("__streams.errors.message", refusal.detail.encode()),
        ("__streams.errors.topic", record.topic.encode()),
        ("__streams.errors.partition", str(record.partition).encode()),
        ("__streams.errors.offset", str(record.offset).encode()),
    ]
    return Outgoing(topic, 0, record.key, record.value, [*record.headers, *added])
