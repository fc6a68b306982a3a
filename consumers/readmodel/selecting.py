"""Rows that a reader may see, chosen by a condition: the parts that cases, clocks and traces are put together from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, and_, select

from consumers.casefile import CaseEvent
from consumers.readmodel import scope
from consumers.readmodel.opening import keys_for
from consumers.readmodel.points import points_in
from consumers.readmodel.rows import (
    CLOCK_COLUMNS,
    EVENT_COLUMNS,
    QUARANTINE_COLUMNS,
    case_event,
    clock_view,
    entry_view,
    mirror_view,
    quarantined,
    seen,
)
from consumers.readmodel.scope import Unit
from consumers.readmodel.views import CaseEntry, ClockView, Delivery, Flag, MirrorView, Quarantined
from consumers.rulebook import Rulebook
from consumers.views.kinds import View, view_of
from infra.tables import anomalies, cases, clocks, events, feed_entries, mirrors, quarantine

MOST_ROWS = 1000

Condition = ColumnElement[bool]
_Key = tuple[int, int]


def applied_events(connection: Connection, unit: Unit, which: Condition) -> list[CaseEvent]:
    """Applied events, in the order of the log."""
    visible = select(*EVENT_COLUMNS).where(which, scope.events_for(unit))
    rows = connection.execute(visible.order_by(events.c.partition, events.c.log_offset))
    return [case_event(row) for row in rows]


def case_entries(
    connection: Connection, unit: Unit, which: Condition, of: list[CaseEvent]
) -> list[CaseEntry]:
    """The events `of`, which `which` selected, each with its deliveries and, for its speaker, its flags."""
    if not of:
        return []
    deliveries = _deliveries(connection, unit, which)
    flags = _flags(connection, which)
    entries, keys = [], keys_for(connection, of)
    for event in of:
        place = (event.partition, event.offset)
        own = unit in (None, event.envelope.source)
        to = deliveries.get(place, [])
        view = View.FULL if own else _view(unit, to)
        entries.append(entry_view(seen(event, view, keys), event, to, flags.get(place, []) if own else []))
    return entries


def _view(unit: Unit, deliveries: list[Delivery]) -> View:
    """The view of a unit that got the event: by the delivery that brought it there."""
    [own] = [delivery for delivery in deliveries if delivery.unit == unit]
    return view_of(own.delivery, own.role)


def clocks_where(
    connection: Connection,
    unit: Unit,
    which: Condition,
    rulebook: Rulebook,
    *,
    limit: int = MOST_ROWS,
) -> list[ClockView]:
    """Clocks, the most urgent first, with the choices of this rulebook on which they rest."""
    rows = (
        select(*CLOCK_COLUMNS)
        .select_from(clocks.join(cases, cases.c.case_id == clocks.c.case_id))
        .where(which, scope.clocks_for(unit))
        .order_by(clocks.c.due_to.nulls_last(), clocks.c.rule, clocks.c.clock_id)
        .limit(limit)
    )
    points = points_in(rulebook)
    return [
        replace(clock_view(row), open_points=points(row.rule, row.version))
        for row in connection.execute(rows)
    ]


def mirrors_where(connection: Connection, unit: Unit, which: Condition) -> list[MirrorView]:
    """Mirrored opinions, in the order in which they were copied."""
    rows = select(mirrors).where(which, scope.mirrors_for(unit)).order_by(mirrors.c.copied_at, mirrors.c.unit)
    return [mirror_view(row) for row in connection.execute(rows)]


def quarantined_where(connection: Connection, unit: Unit, which: Condition) -> list[Quarantined]:
    """Records that were not applied, in the order in which they came."""
    rows = select(*QUARANTINE_COLUMNS).where(which, scope.quarantine_for(unit))
    return [quarantined(row) for row in connection.execute(rows.order_by(quarantine.c.recorded_at))]


def _deliveries(connection: Connection, unit: Unit, which: Condition) -> Mapping[_Key, list[Delivery]]:
    entry = feed_entries.c
    same = and_(events.c.partition == entry.partition, events.c.log_offset == entry.log_offset)
    rows = (
        select(entry.partition, entry.log_offset, entry.unit, entry.delivery, entry.role, entry.basis)
        .select_from(feed_entries.join(events, same))
        .where(which, scope.deliveries_for(unit))
        .order_by(entry.partition, entry.log_offset, entry.n)
    )
    found: dict[_Key, list[Delivery]] = {}
    for partition, offset, *delivery in connection.execute(rows):
        found.setdefault((partition, offset), []).append(Delivery(*delivery))
    return found


def _flags(connection: Connection, which: Condition) -> Mapping[_Key, list[Flag]]:
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
