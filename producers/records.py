"""From what a unit states to the record that the bus reads: pure, for the publisher and the gateway alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from producers.errors import NotAccepted
from schemas import admission, codec
from schemas.admission import Reason
from schemas.catalogue import BY_NAME
from schemas.digests import digest
from schemas.envelope import ID, MAX_HEADER_BYTES, Envelope, Headers, write_headers
from schemas.identity import case_id
from schemas.spans import Precision
from schemas.units import Register

Encode = Callable[[str, Mapping[str, Any]], bytes]
"""(event type, payload) → the record's value: `codec.encode`, or `codec.encode_json` for JSON data."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One event as its speaker states it.

    `occurred_at` is when it happened in the world, aware, known as exactly as `precision` says. `case_number`
    is the number (案号) that `case_unit` gave the case it opened; an empty `case_unit` is the speaker itself.
    `id` identifies the event among all that the speaker ever said; empty: a new one is made, and then a
    repeated attempt is another event. `data` is the payload by Avro field name.
    """

    type: str
    case_number: str
    occurred_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    case_unit: str = ""
    precision: Precision = Precision.SECOND
    field: str = ""  # 领域
    operator: str = ""  # who in the unit acted
    classification: str = ""
    causation: str = ""
    correlation: str = ""
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A record ready for an ingress topic, and what identifies it."""

    envelope: Envelope
    key: bytes
    value: bytes
    headers: Headers
    digest: bytes

    @property
    def size(self) -> int:
        """Bytes the record takes, near enough to bound memory with."""
        return len(self.value) + sum(len(name) + len(text) for name, text in self.headers) + 64


def new_id(now: datetime, entropy: bytes) -> str:
    """A UUID of version 7 (RFC 9562): sorts by `now`, unique by 10 bytes of `entropy`."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    random = int.from_bytes(entropy[:10]) & ((1 << 74) - 1)
    high = (milliseconds << 16) | 0x7000 | (random >> 62)
    low = (0b10 << 62) | (random & ((1 << 62) - 1))
    return str(UUID(int=(high << 64) | low))


def record_of(statement: Statement, *, unit: str, encode: Encode) -> Record:
    """The record in which `unit` states this. Raises NotAccepted if it cannot even be written down.

    `statement.id` must be filled. Whether the bus would admit the record is `check`'s business.
    """
    return record_with(envelope_of(statement, unit=unit), _encoded(statement, encode))


def record_with(envelope: Envelope, value: bytes) -> Record:
    """The record of an event whose payload is written down already."""
    return Record(
        envelope=envelope,
        key=str(envelope.subject).encode(),
        value=value,
        headers=write_headers(envelope),
        digest=digest(envelope, value),
    )


def envelope_of(statement: Statement, *, unit: str) -> Envelope:
    """The envelope in which `unit` states this. Raises NotAccepted if it cannot be written down."""
    if not statement.case_number.strip():
        raise NotAccepted(Reason.CASE_ID, "case_number is empty: the number of the unit that opened the case")
    if statement.occurred_at.tzinfo is None:
        raise NotAccepted(Reason.TIME, "occurred_at has no time zone: give an aware datetime")
    case_unit = statement.case_unit or unit
    return Envelope(
        id=statement.id,
        source=unit,
        type=statement.type,
        subject=case_id(case_unit, statement.case_number),
        time=statement.occurred_at,
        origin_unit=case_unit,
        origin_case=statement.case_number.strip(),
        precision=statement.precision,
        field=statement.field,
        operator=statement.operator,
        classification=statement.classification,
        causation=statement.causation,
        correlation=statement.correlation,
        traceparent=statement.traceparent,
    )


def _encoded(statement: Statement, encode: Encode) -> bytes:
    if statement.type not in BY_NAME:
        detail = f"{statement.type!r} is no event type: see docs/catalogue.md"
        raise NotAccepted(Reason.UNKNOWN_TYPE, detail, path="type")
    try:
        return encode(statement.type, statement.data)
    except codec.Unencodable as error:
        path = str(error).removeprefix(f"{statement.type}: ").partition(": ")[0]
        raise NotAccepted(Reason.UNDECODABLE, str(error), path=f"data.{path}".removesuffix(".data")) from None


def passes(
    record: Record, statement: Statement, *, unit: str, register: Register, now: datetime, max_bytes: int
) -> bool:
    """Whether `check` accepts what `record_of` has just made of `statement`; if not, `check` has the reason.

    Costs a quarter: what was encoded a moment ago is not decoded again. tests/producers/test_records.py shows that
    the two never disagree.
    """
    texts = [text for _, text in record.headers]
    told = b"".join(texts)
    size = len(told) + len(record.key) + len(record.value) + sum([len(name) for name, _ in record.headers])
    return (
        size <= max_bytes
        and max(map(len, texts)) <= MAX_HEADER_BYTES
        and b"\0" not in told
        and b"%00" not in told
        and ID.fullmatch(record.envelope.id) is not None
        and admission.admissible(
            record.envelope,
            BY_NAME[statement.type],
            statement.data,
            owner=unit,
            register=register,
            now=now,
        )
    )


def check(record: Record, *, unit: str, register: Register, now: datetime, max_bytes: int) -> None:
    """Raises NotAccepted with intake's own reason if the bus would refuse `record` from `unit` at `now`."""
    verdict = admission.admit(
        key=record.key,
        value=record.value,
        headers=record.headers,
        owner=unit,
        register=register,
        now=now,
        max_bytes=max_bytes,
    )
    if isinstance(verdict, admission.Refusal):
        raise NotAccepted(verdict.reason, verdict.detail)
