"""Cases, clocks, events and quarantine as a unit may see them. Reads only; what is foreign is not found."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from consumers.casefile import CaseEvent
from consumers.readmodel import scope
from consumers.readmodel.rows import (
    CLOCK_COLUMNS,
    EVENT_COLUMNS,
    QUARANTINE_COLUMNS,
    AnyRow,
    case_event,
    clock_view,
    entry_view,
    mirror_view,
    quarantined,
    raw_record,
)
from consumers.readmodel.scope import Unit
from consumers.readmodel.standing import standing
from consumers.readmodel.views import (
    CaseEntry,
    CaseName,
    CaseView,
    ClockView,
    Delivery,
    EventTrace,
    Flag,
    MirrorView,
    Quarantined,
    RawRecord,
)
from infra.tables import (
    anomalies,
    cases,
    clocks,
    events,
    feed_entries,
    feed_positions,
    feeds,
    mirrors,
    quarantine,
    submissions,
)
from schemas.units import Register

MOST_ROWS = 1000
OPEN = ("running", "paused", "breached")
"""States of a clock that somebody still has to do something about."""

_Key = tuple[int, int]


def case_for(connection: Connection, unit: Unit, case_id: UUID, register: Register) -> CaseView | None:
    """The case as `unit` may see it; None if it may see nothing of it."""
    applied = _applied(connection, unit, events.c.case_id == case_id)
    if not applied:
        return None
    origin = applied[0].envelope
    return CaseView(
        case=CaseName(case_id, origin.origin_unit, origin.origin_case),
        standing=standing(applied, register),
        events=_entries(connection, unit, events.c.case_id == case_id, applied),
        clocks=_clocks(connection, unit, clocks.c.case_id == case_id),
        mirrors=_mirrors(connection, unit, mirrors.c.case_id == case_id),
    )


def clocks_for(
    connection: Connection, unit: Unit, *, overdue: bool = False, limit: int = MOST_ROWS
) -> list[ClockView]:
    """Open clocks that `unit` may see, the most urgent first; with `overdue` only the breached ones.

    For an operator all units' clocks; to see those that one unit sees, pass that unit.
    """
    wanted = clocks.c.state == "breached" if overdue else clocks.c.state.in_(OPEN)
    return _clocks(connection, unit, wanted, limit=limit)


def event_for(connection: Connection, unit: Unit, source: str, event_id: str) -> EventTrace | None:
    """What became of one event; None if `unit` neither said it nor received it.

    Only the speaker is shown its quarantined records and whether the gateway holds it without receipt.
    """
    which = and_(events.c.source == source, events.c.event_id == event_id)
    entries = _entries(connection, unit, which, _applied(connection, unit, which))
    refused = _quarantined(
        connection, unit, and_(quarantine.c.source == source, quarantine.c.event_id == event_id)
    )
    submitted = _submitted(connection, source, event_id) if unit in (None, source) else None
    if not entries and not refused and submitted is None:
        return None
    started = and_(clocks.c.started_source == source, clocks.c.started_id == event_id)
    stopped = and_(clocks.c.stopped_source == source, clocks.c.stopped_id == event_id)
    opinion = and_(mirrors.c.opinion_source == source, mirrors.c.opinion_id == event_id)
    case_ids = {entry.event.case.id for entry in entries}
    return EventTrace(
        source=source,
        id=event_id,
        state=_state(entries, refused, submitted),
        received_at=None if submitted is None else submitted.received_at,
        entry=entries[0] if entries else None,
        clocks=_clocks(connection, unit, and_(clocks.c.case_id.in_(case_ids), or_(started, stopped)))
        if entries
        else [],
        mirrors=_mirrors(connection, unit, and_(mirrors.c.case_id.in_(case_ids), opinion)) if entries else [],
        quarantined=refused,
    )


def quarantine_for(connection: Connection, unit: Unit, *, limit: int = MOST_ROWS) -> list[Quarantined]:
    """Records of `unit` that were not applied, the latest first."""
    rows = select(*QUARANTINE_COLUMNS).where(scope.quarantine_for(unit))
    latest = rows.order_by(quarantine.c.recorded_at.desc(), quarantine.c.log_offset.desc()).limit(limit)
    return [quarantined(row) for row in connection.execute(latest)]


def quarantined_record(connection: Connection, topic: str, partition: int, offset: int) -> RawRecord | None:
    """A quarantined record with its bytes. For operators: it may hold anything, from anybody."""
    key = (
        quarantine.c.topic == topic,
        quarantine.c.partition == partition,
        quarantine.c.log_offset == offset,
    )
    row = connection.execute(select(quarantine).where(*key)).one_or_none()
    return None if row is None else raw_record(row)


def _state(entries: list[CaseEntry], refused: list[Quarantined], submitted: AnyRow | None) -> str:
    if entries:
        return "applied"
    if refused:
        return refused[0].kind
    return "pending" if submitted is not None and submitted.topic is not None else "unknown"


def _applied(connection: Connection, unit: Unit, which: ColumnElement[bool]) -> list[CaseEvent]:
    visible = select(*EVENT_COLUMNS).where(which, scope.events_for(unit))
    rows = connection.execute(visible.order_by(events.c.partition, events.c.log_offset))
    return [case_event(row) for row in rows]


def _entries(
    connection: Connection, unit: Unit, which: ColumnElement[bool], applied: list[CaseEvent]
) -> list[CaseEntry]:
    if not applied:
        return []
    deliveries = _deliveries(connection, unit, which)
    flags = _flags(connection, which)
    return [
        entry_view(
            event,
            deliveries=deliveries.get((event.partition, event.offset), []),
            flags=flags.get((event.partition, event.offset), [])
            if unit in (None, event.envelope.source)
            else [],
        )
        for event in applied
    ]


def _deliveries(
    connection: Connection, unit: Unit, which: ColumnElement[bool]
) -> Mapping[_Key, list[Delivery]]:
    entry, position = feed_entries.c, feed_positions.c
    numbered = and_(
        position.unit == entry.unit,
        position.partition == entry.partition,
        position.log_offset == entry.log_offset,
        position.n == entry.n,
    )
    joined = (
        feed_entries.join(
            events, and_(events.c.partition == entry.partition, events.c.log_offset == entry.log_offset)
        )
        .outerjoin(feed_positions, numbered)
        .outerjoin(feeds, feeds.c.unit == entry.unit)
    )
    rows = (
        select(
            entry.partition,
            entry.log_offset,
            entry.unit,
            entry.delivery,
            entry.role,
            entry.basis,
            position.seq,
            func.coalesce(position.seq <= feeds.c.published, False).label("published"),
            func.coalesce(position.seq <= feeds.c.acknowledged, False).label("acknowledged"),
        )
        .select_from(joined)
        .where(which, scope.deliveries_for(unit))
        .order_by(entry.partition, entry.log_offset, entry.n)
    )
    found: dict[_Key, list[Delivery]] = {}
    for partition, offset, *delivery in connection.execute(rows):
        found.setdefault((partition, offset), []).append(Delivery(*delivery))
    return found


def _flags(connection: Connection, which: ColumnElement[bool]) -> Mapping[_Key, list[Flag]]:
    same = and_(events.c.partition == anomalies.c.partition, events.c.log_offset == anomalies.c.log_offset)
    rows = (
        select(anomalies.c.partition, anomalies.c.log_offset, anomalies.c.code, anomalies.c.detail)
        .select_from(anomalies.join(events, same))
        .where(which)
        .order_by(anomalies.c.partition, anomalies.c.log_offset, anomalies.c.n)
    )
    found: dict[_Key, list[Flag]] = {}
    for partition, offset, code, detail in connection.execute(rows):
        found.setdefault((partition, offset), []).append(Flag(code, detail))
    return found


def _clocks(
    connection: Connection, unit: Unit, which: ColumnElement[bool], *, limit: int = MOST_ROWS
) -> list[ClockView]:
    rows = (
        select(*CLOCK_COLUMNS)
        .select_from(clocks.join(cases, cases.c.case_id == clocks.c.case_id))
        .where(which, scope.clocks_for(unit))
        .order_by(clocks.c.due_to.nulls_last(), clocks.c.rule, clocks.c.clock_id)
        .limit(limit)
    )
    return [clock_view(row) for row in connection.execute(rows)]


def _mirrors(connection: Connection, unit: Unit, which: ColumnElement[bool]) -> list[MirrorView]:
    rows = select(mirrors).where(which, scope.mirrors_for(unit)).order_by(mirrors.c.copied_at, mirrors.c.unit)
    return [mirror_view(row) for row in connection.execute(rows)]


def _quarantined(connection: Connection, unit: Unit, which: ColumnElement[bool]) -> list[Quarantined]:
    rows = select(*QUARANTINE_COLUMNS).where(which, scope.quarantine_for(unit))
    return [quarantined(row) for row in connection.execute(rows.order_by(quarantine.c.recorded_at))]


def _submitted(connection: Connection, source: str, event_id: str) -> AnyRow | None:
    wanted = select(submissions).where(submissions.c.source == source, submissions.c.event_id == event_id)
    return connection.execute(wanted).one_or_none()
