"""Rows of the database as the views that readers are shown: pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Row

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
from infra.tables import cases, clocks, events, quarantine
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
)
CLOCK_COLUMNS = (*clocks.c, cases.c.origin_unit, cases.c.origin_case)
QUARANTINE_COLUMNS = tuple(c for c in quarantine.c if c.name not in ("key", "value", "headers"))


def entry_view(row: AnyRow, *, deliveries: list[Delivery], flags: list[Flag]) -> CaseEntry:
    """A row of EVENT_COLUMNS with what belongs to it."""
    return CaseEntry(
        event=_event(row),
        recorded_at=row.recorded_at,
        position=Place(row.partition, row.log_offset),
        deliveries=deliveries,
        flags=flags,
    )


def feed_item(row: AnyRow) -> FeedItem:
    """A row of EVENT_COLUMNS with seq, delivery, role and basis."""
    return FeedItem(
        seq=row.seq,
        delivery=row.delivery,
        role=row.role,
        basis=row.basis,
        event=_event(row),
        recorded_at=row.recorded_at,
        position=Place(row.partition, row.log_offset),
    )


def clock_view(row: AnyRow) -> ClockView:
    """A row of CLOCK_COLUMNS."""
    return ClockView(
        id=row.clock_id,
        case=CaseName(row.case_id, row.origin_unit, row.origin_case),
        rule=row.rule,
        version=row.version,
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
    )


def raw_record(row: AnyRow) -> RawRecord:
    """A whole row of `quarantine`."""
    packed: Iterable[tuple[str, str | None]] = orjson.loads(row.headers)
    headers = [(name, None if text is None else base64.b64decode(text)) for name, text in packed]
    return RawRecord(quarantined(row), row.key, row.value, headers)


def _event(row: AnyRow) -> EventView:
    packed: Iterable[tuple[str, str]] = orjson.loads(row.headers)
    return event_view(read_headers((name, text.encode()) for name, text in packed), row.value)


def _name(source: str | None, event_id: str | None) -> EventName | None:
    return None if source is None or event_id is None else EventName(source, event_id)
