"""Records of the log as the case events that rules see, and case events as rows of the database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from consumers.casefile import CaseEvent
from infra.batches import Record
from schemas.codec import decode
from schemas.digests import digest
from schemas.envelope import Headers, read_headers


@dataclass(frozen=True, slots=True)
class Read:
    """A record that could be read: what the rules see, and what the audit chain covers."""

    record: Record
    event: CaseEvent
    headers: bytes  # as `pack_headers` packs them
    digest: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record of the log that is no event. Intake admits none, so somebody else must have written it."""

    record: Record
    detail: str


def read_record(record: Record) -> Read | Unreadable:
    """The event in `record`. Never raises for any bytes."""
    if record.value is None:
        return Unreadable(record, "the record has no value")
    try:
        event = _event(record, record.value)
        headers = pack_headers(record.headers)
    except (ValueError, OverflowError) as error:  # no envelope, no payload, no text, no date of any calendar
        return Unreadable(record, str(error))
    return Read(record, event, headers, digest(event.envelope, record.value))


def _event(record: Record, value: bytes) -> CaseEvent:
    envelope = read_headers(record.headers)
    decoded = decode(value)
    if decoded.event_type.name != envelope.type:
        raise ValueError(f"ce_type is {envelope.type}, but the value is a {decoded.event_type.name}")
    return CaseEvent(
        partition=record.partition,
        offset=record.offset,
        recorded_at=append_time(record),
        envelope=envelope,
        span=envelope.span,
        data=decoded.data,
    )


def append_time(record: Record) -> datetime:
    """When the broker wrote the record, in UTC to the millisecond."""
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


def leaf(offset: int, event_digest: bytes, recorded_at: datetime, headers: bytes) -> bytes:
    """What the audit chain takes of one event: the whole of it, in 32 bytes that show nothing of it.

    Covers all that the rules go by: what was said, the whole envelope as `pack_headers` packs it, where in
    the partition it stands and when the broker wrote it.
    """
    written = int(recorded_at.timestamp() * 1000).to_bytes(8)
    return hashlib.sha256(b"\0" + offset.to_bytes(8) + event_digest + written + headers).digest()


def link(chain: bytes, event_leaf: bytes) -> bytes:
    """The head of the audit chain after one more event. The first byte keeps links and leaves apart."""
    return hashlib.sha256(b"\1" + chain + event_leaf).digest()


def pack_headers(headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    """Headers of an admitted record as the JSON that `events.headers` keeps: [[name, text], …]."""
    return orjson.dumps([(name, (raw or b"").decode()) for name, raw in headers])


def unpack_headers(packed: bytes) -> Headers:
    """The headers that `pack_headers` packed."""
    return [(name, text.encode()) for name, text in orjson.loads(packed)]


def stored_event(row: Mapping[str, Any]) -> CaseEvent:
    """The case event in a row of `events` (partition, log_offset, recorded_at, headers, value)."""
    envelope = read_headers(unpack_headers(row["headers"]))
    return CaseEvent(
        partition=row["partition"],
        offset=row["log_offset"],
        recorded_at=row["recorded_at"],
        envelope=envelope,
        span=envelope.span,
        data=decode(row["value"]).data,
    )
