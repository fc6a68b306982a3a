"""A record that was not applied, as it was when its unit said it, and as it goes into the log after all: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from consumers.intake.checking import REASON, partition_of
from infra.batches import Outgoing
from schemas.admission import Refusal, admit
from schemas.codec import encode
from schemas.envelope import Envelope, read_headers, write_headers
from schemas.identity import derived_id
from schemas.units import BUS_UNIT, Register

RELEASED = "case.event_released"
_KEPT = ("ce_", "traceparent", "content-type")

AnyHeaders = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Original:
    """What a unit wrote. `owner` and `said_at` are as intake judged it; `ingress` is where it was written."""

    key: bytes | None
    value: bytes | None
    headers: AnyHeaders
    owner: str
    said_at: datetime
    ingress: str


def original(
    *, key: bytes | None, value: bytes | None, headers: AnyHeaders, recorded_at: datetime
) -> Original:
    """The record behind a row of the quarantine. Trusts the headers that the bus itself added, last."""
    added = _added_at(headers)
    told = {name: (raw or b"").decode(errors="replace") for name, raw in headers[added:]}
    if not told:
        told = {name: (raw or b"").decode(errors="replace") for name, raw in headers}
        return Original(key, value, headers, "", recorded_at, told.get("linkage-ingress", ""))
    said_at = datetime.fromtimestamp(int(told["linkage-refused-from-time"]) / 1000, UTC)
    place = "/".join(told[f"__streams.errors.{part}"] for part in ("topic", "partition", "offset"))
    return Original(key, value, headers[:added], told["linkage-owner"], said_at, place)


def _added_at(headers: AnyHeaders) -> int:
    """Where intake's own headers begin: a unit may have sent one of the same name before them."""
    for index in range(len(headers) - 1, -1, -1):
        if headers[index][0] == REASON:
            return index
    return len(headers)


def judge(record: Original, register: Register, max_bytes: int) -> Refusal | None:
    """How intake would judge the record with today's register and contracts; None: it would admit it.

    By the time at which the unit wrote it: what was said too early then does not become true by waiting.
    """
    verdict = admit(
        key=record.key,
        value=record.value,
        headers=record.headers,
        owner=record.owner,
        register=register,
        now=record.said_at,
        max_bytes=max_bytes,
    )
    return verdict if isinstance(verdict, Refusal) else None


def into_log(record: Original, *, topic: str, partitions: int, job: UUID) -> Outgoing:
    """The record for the log: key and value byte for byte, the envelope as it was, and which job sent it.

    The envelope must be readable: intake would admit the record, or has once.
    """
    case_id = read_headers(record.headers).subject
    headers = [(name, raw) for name, raw in record.headers if name.startswith(_KEPT)]
    headers += [("linkage-ingress", record.ingress.encode()), ("linkage-redrive", str(job).encode())]
    return Outgoing(topic, partition_of(case_id, partitions), record.key, record.value, headers)


@dataclass(frozen=True, slots=True)
class Decided:
    """Who released an event, when and why. `approver`: the second person, where one was needed."""

    job: UUID
    by: str
    at: datetime
    reason: str
    approver: str | None


def release(record: Original, place: str, decided: Decided, *, topic: str, partitions: int) -> Outgoing:
    """The bus's own event that lets the speaker of a parked record into its case.

    Its identity and bytes follow from the record and the decision alone: sent again, it counts once.
    """
    said = read_headers(record.headers)
    headers = write_headers(
        Envelope(
            id=str(derived_id(f"{place}\n{decided.job}", RELEASED, said.source)),
            source=BUS_UNIT,
            type=RELEASED,
            subject=said.subject,
            time=decided.at,
            origin_unit=said.origin_unit,
            origin_case=said.origin_case,
            field=said.field,
            operator=decided.by,
            causation=said.id,
        )
    )
    value = encode(
        RELEASED,
        {
            "addressee": said.source,
            "regarding_source": said.source,
            "regarding_id": said.id,
            "place": place,
            "reason": decided.reason,
            "approver": decided.approver,
        },
    )
    return Outgoing(topic, partition_of(said.subject, partitions), str(said.subject).encode(), value, headers)
