"""What the bus says itself: a decision to say something, as the record that will go into the log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from consumers.casefile import Case
from consumers.casework.records import Read, pack_headers
from consumers.casework.rows import Row
from consumers.decisions import Emit
from schemas.codec import encode
from schemas.envelope import Envelope, Headers, write_headers
from schemas.units import BUS_UNIT


def bus_headers(
    *, event_id: str, type_: str, case_id: UUID, origin_unit: str, origin_case: str, field: str, time: datetime,
    causation: str, correlation: str = "",
) -> Headers:  # fmt: skip
    """The headers of an event whose source is the bus."""
    return write_headers(
        Envelope(
            id=event_id,
            source=BUS_UNIT,
            type=type_,
            subject=case_id,
            time=time,
            origin_unit=origin_unit,
            origin_case=origin_case,
            field=field,
            causation=causation,
            correlation=correlation,
        )
    )


def outbox_row(emit: Emit, case: Case, cause: Read) -> Row:
    """A row of `outbox` (event_id, case_id, headers, value, created_at) for what `cause` made the bus say.

    The event's time is the append time of its cause, so that a replay builds the same bytes.
    """
    event = cause.event
    headers = bus_headers(
        event_id=emit.id,
        type_=emit.type,
        case_id=case.id,
        origin_unit=case.origin_unit,
        origin_case=case.origin_case,
        field=case.field,
        time=event.recorded_at,
        causation=event.envelope.id,
        correlation=event.envelope.correlation,
    )
    value = encode(emit.type, with_opinion(emit.data, cause.record.value))
    return (emit.id, case.id, pack_headers(headers), value, event.recorded_at)


def with_opinion(data: Mapping[str, Any], opinion: bytes | None) -> Mapping[str, Any]:
    """The rule that mirrors an opinion has no bytes: here the opinion's own are put in, unchanged."""
    return {**data, "opinion_value": opinion} if data.get("opinion_value") == b"" else data
