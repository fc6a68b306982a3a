"""What a batch leaves behind, as rows: pure, so that the SQL beside it only has to write them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from consumers.casefile import Case, Clock, Mirror
from consumers.casework.records import Read
from infra.batches import Record
from schemas.envelope import Envelope

Row = tuple[Any, ...]


@dataclass(slots=True)
class Rows:
    """Rows by table, in the column order of `COLUMNS`. `new_…` are inserted, `changed_…` are updated."""

    events: list[Row] = field(default_factory=list)
    feed_entries: list[Row] = field(default_factory=list)
    anomalies: list[Row] = field(default_factory=list)
    quarantine: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)  # outbox ids that came back through the log
    new_cases: list[Row] = field(default_factory=list)
    changed_cases: list[Row] = field(default_factory=list)
    new_clocks: list[Row] = field(default_factory=list)
    changed_clocks: list[Row] = field(default_factory=list)
    new_mirrors: list[Row] = field(default_factory=list)
    changed_mirrors: list[Row] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows there are to write."""
        return sum(len(getattr(self, table.name)) for table in fields(self))

    @property
    def size(self) -> int:
        """The bytes that may make up most of them: what was said, and what could not be read."""
        return sum(len(row[10]) for row in self.events) + sum(len(row[13] or b"") for row in self.quarantine)

    @property
    def wakes_relay(self) -> bool:
        """Whether there is anything for the relay to send."""
        return bool(self.feed_entries or self.outbox)


def event_row(item: Read, chain: bytes) -> Row:
    """A row of `events`."""
    event = item.event
    envelope = event.envelope
    return (
        event.partition,
        event.offset,
        envelope.source,
        envelope.id,
        envelope.type,
        envelope.subject,
        event.span.earliest,
        event.span.latest,
        event.recorded_at,
        item.headers,
        item.record.value,
        item.digest,
        chain,
    )


def case_row(case: Case) -> Row:
    """A row of `cases`; a case that has a row has at least one event."""
    last = case.events[-1]
    return (
        case.id,
        last.partition,
        case.origin_unit,
        case.origin_case,
        case.district,
        case.field,
        case.offence,
        case.state,
        case.reverse_state,
        len(case.events),
        case.events[0].recorded_at,
        last.recorded_at,
        last.offset,
    )


def clock_row(case: Case, clock: Clock) -> Row:
    """A row of `clocks`."""
    stopped = clock.stopped
    return (
        clock.id,
        case.id,
        case.events[-1].partition,
        clock.rule,
        clock.version,
        clock.kind.value,
        clock.holder,
        *clock.started_by,
        clock.started_offset,
        clock.start.earliest,
        clock.start.latest,
        clock.assumed_start,
        clock.due_earliest,
        clock.due_latest,
        clock.provisional,
        clock.state.value,
        clock.certain,
        *(clock.stopped_by or (None, None)),
        None if stopped is None else stopped.earliest,
        None if stopped is None else stopped.latest,
        clock.overrun_seconds,
        *(clock.breached_by or (None, None)),
        clock.breach_withdrawn,
        clock.reported_late,
        None if clock.alarm is None else clock.alarm.value,
        clock.alarm_at,
    )


def mirror_row(case: Case, mirror: Mirror) -> Row:
    """A row of `mirrors`."""
    return (
        mirror.id,
        case.id,
        case.events[-1].partition,
        *mirror.opinion,
        mirror.unit,
        mirror.why,
        mirror.state.value,
        mirror.copied_at,
        mirror.reason,
        mirror.clue_no,
        *(mirror.decided_by or (None, None)),
    )


def quarantine_row(
    record: Record,
    *,
    kind: str,
    reason: str,
    detail: str,
    owner: str,
    envelope: Envelope | None,
    recorded_at: datetime,
) -> Row:
    """A row of `quarantine` for a record that was not applied.

    `owner` wrote it; what `envelope` claims, if one could be read, may be another unit.
    """
    return (
        record.topic,
        record.partition,
        record.offset,
        kind,
        reason,
        detail,
        owner,
        None if envelope is None else envelope.source,
        None if envelope is None else envelope.id,
        None if envelope is None else envelope.type,
        None if envelope is None else envelope.subject,
        recorded_at,
        record.key,
        record.value,
        pack_any_headers(record.headers),
    )


def pack_any_headers(headers: Iterable[tuple[str, bytes | None]]) -> bytes:
    """Headers that may hold anything, as JSON: [[name, base64 value or null], …]."""
    return orjson.dumps(
        [(name, None if raw is None else base64.b64encode(raw).decode()) for name, raw in headers]
    )


def difference(before: Case | None, after: Case, rows: Rows) -> None:
    """Add the rows of `after` that differ from `before`, the case as the database has it."""
    (rows.new_cases if before is None else rows.changed_cases).append(case_row(after))
    _changes(
        {} if before is None else before.clocks,
        after.clocks,
        (rows.new_clocks, rows.changed_clocks),
        lambda clock: clock_row(after, clock),
    )
    _changes(
        {} if before is None else before.mirrors,
        after.mirrors,
        (rows.new_mirrors, rows.changed_mirrors),
        lambda mirror: mirror_row(after, mirror),
    )


def _changes(before: Any, after: Any, into: tuple[list[Row], list[Row]], row: Any) -> None:
    if after is before:
        return
    key: UUID
    for key, value in after.items():
        old = before.get(key)
        if old is None:
            into[0].append(row(value))
        elif old is not value and old != value:
            into[1].append(row(value))
