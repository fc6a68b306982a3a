"""Rows of the database as the views that readers are shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from consumers.casefile import CaseEvent
from consumers.casework.records import unpack_headers
from consumers.handovers.statutes import BY_KEY
from consumers.readmodel.opening import keys_for, opened_event
from consumers.readmodel.views import (
    CaseEntry,
    CaseName,
    ClockView,
    Delivery,
    EventName,
    EventView,
    FeedItem,
    Flag,
    MirrorView,
    Place,
    Quarantined,
    RawRecord,
    event_view,
)
from consumers.views.cutting import CaseKeys
from consumers.views.kinds import View, view_of
from infra.tables import cases, clocks, events, quarantine, redrive_items, redrive_jobs
from schemas.codec import decode
from schemas.envelope import read_headers

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns are named by the list it was selected with."""

EVENT_COLUMNS = (
    events.c.partition,
    events.c.log_offset,
    events.c.source,
    events.c.recorded_at,
    events.c.headers,
    events.c.value,
    events.c.digest,
)
CLOCK_COLUMNS = (*clocks.c, cases.c.origin_unit, cases.c.origin_case)
_RETURN = (
    (redrive_items.c.topic == quarantine.c.topic)
    & (redrive_items.c.partition == quarantine.c.partition)
    & (redrive_items.c.log_offset == quarantine.c.log_offset)
    & (redrive_items.c.state == "returned")
    & (redrive_jobs.c.job_id == redrive_items.c.job_id)
)
QUARANTINE_COLUMNS = (
    *(c for c in quarantine.c if c.name not in ("key", "value", "headers")),
    select(redrive_items.c.changed_at).where(_RETURN).limit(1).scalar_subquery().label("returned_at"),
    select(redrive_jobs.c.reason).where(_RETURN).limit(1).scalar_subquery().label("returned_reason"),
)


def case_event(row: AnyRow) -> CaseEvent:
    """A row of EVENT_COLUMNS."""
    envelope = read_headers(unpack_headers(row.headers))
    return CaseEvent(
        partition=row.partition,
        offset=row.log_offset,
        recorded_at=row.recorded_at,
        envelope=envelope,
        span=envelope.span,
        data=decode(row.value).data,
    )


def entry_view(
    shown: EventView, event: CaseEvent, deliveries: list[Delivery], flags: list[Flag]
) -> CaseEntry:
    """An applied event as it is shown, with what belongs to it."""
    return CaseEntry(
        event=shown,
        recorded_at=event.recorded_at,
        position=Place(event.partition, event.offset),
        deliveries=deliveries,
        flags=flags,
    )


def feed_items(connection: Connection, rows: Sequence[AnyRow]) -> list[FeedItem]:
    """Rows of EVENT_COLUMNS with seq, delivery, role and basis, opened and cut for whom they are delivered to."""
    told = [case_event(row) for row in rows]
    keys = keys_for(connection, told)
    return [_feed_item(row, event, keys) for row, event in zip(rows, told, strict=True)]


def seen(event: CaseEvent, view: View, keys: CaseKeys) -> EventView:
    """An applied event, opened by its case's key, as a reader with this `view` sees it."""
    return event_view(opened_event(event, keys), view, keys.get(event.envelope.subject))


def _feed_item(row: AnyRow, event: CaseEvent, keys: CaseKeys) -> FeedItem:
    return FeedItem(
        seq=row.seq,
        delivery=row.delivery,
        role=row.role,
        basis=row.basis,
        event=seen(event, view_of(row.delivery, row.role), keys),
        recorded_at=row.recorded_at,
        position=Place(row.partition, row.log_offset),
        digest=row.digest.hex(),
    )


def clock_view(row: AnyRow) -> ClockView:
    """A row of CLOCK_COLUMNS. A clock keeps the row of the table of limits that it was started by."""
    statute = BY_KEY[row.rule, row.version]
    return ClockView(
        id=row.clock_id,
        case=CaseName(row.case_id, row.origin_unit, row.origin_case),
        rule=row.rule,
        version=row.version,
        duty_zh=statute.zh,
        duty_en=statute.en,
        basis=statute.source,
        mark=statute.mark.value,
        kind=row.kind,
        holder=row.holder,
        state=row.state,
        started_by=EventName(row.started_source, row.started_id),
        start_from=row.start_from,
        start_to=row.start_to,
        assumed_start=row.assumed_start,
        due_from=row.due_from,
        due_to=row.due_to,
        provisional=row.provisional,
        certain=row.certain,
        stopped_by=_name(row.stopped_source, row.stopped_id),
        stopped_from=row.stopped_from,
        stopped_to=row.stopped_to,
        overrun_seconds=row.overrun_seconds,
        breach_withdrawn=row.breach_withdrawn,
        reported_late=row.reported_late,
    )


def mirror_view(row: AnyRow) -> MirrorView:
    """A row of `mirrors`."""
    return MirrorView(
        id=row.mirror_id,
        opinion=EventName(row.opinion_source, row.opinion_id),
        unit=row.unit,
        why=row.why,
        state=row.state,
        copied_at=row.copied_at,
        reason=row.reason,
        clue_no=row.clue_no,
        decided_by=_name(row.decided_source, row.decided_id),
    )


def quarantined(row: AnyRow) -> Quarantined:
    """A row of QUARANTINE_COLUMNS."""
    return Quarantined(
        topic=row.topic,
        partition=row.partition,
        offset=row.log_offset,
        kind=row.kind,
        reason=row.reason,
        detail=row.detail,
        owner=row.owner,
        event=_name(row.source, row.event_id),
        type=row.type,
        case_id=row.case_id,
        recorded_at=row.recorded_at,
        returned_at=row.returned_at,
        returned_reason=row.returned_reason,
    )


def raw_record(row: AnyRow, value: bytes | None) -> RawRecord:
    """A whole row of `quarantine`, with its value opened."""
    packed: Iterable[tuple[str, str | None]] = orjson.loads(row.headers)
    headers = [(name, None if text is None else base64.b64decode(text)) for name, text in packed]
    return RawRecord(quarantined(row), row.key, value, headers)


def _name(source: str | None, event_id: str | None) -> EventName | None:
    return None if source is None or event_id is None else EventName(source, event_id)
