"""What the board asks the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Text, and_, func, literal, select, true, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from consumers.casefile import ClockKind, ClockState
from consumers.console.clocksets import MISSED, OPEN
from consumers.console.handovers.filters import After, Filter, Order, Shown, Whose, day_bounds
from consumers.readmodel import scope
from consumers.readmodel.rows import CLOCK_COLUMNS, clock_view
from consumers.readmodel.selecting import clocks_where
from consumers.readmodel.views import ClockView, EventName
from consumers.rulebook import Rulebook
from infra.tables import cases, clocks, events

ON_ONE_PAGE = 50
MOST_EXPORTED = 10_000
_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Row:
    """A clock and the field of its case."""

    clock: ClockView
    field: str


def board(
    connection: Connection, unit: str | None, wanted: Filter, now: datetime, *, limit: int = ON_ONE_PAGE
) -> list[Row]:
    """The clocks of the filter that `unit` may see, in its order; those without due time come last."""
    which, after, latest = _which(connection, unit, wanted, now), wanted.after, wanted.order is Order.LATEST
    dated: list[Row] = []
    if after is None or after.due is not None:
        dated = _rows(connection, and_(which, _dated_behind(after, latest=latest)), limit, latest=latest)
    if len(dated) == limit:
        return dated
    # Asked apart: in either order an index has all that are due, and few have no due time.
    undated = and_(which, _undated_behind(after, latest=latest))
    return dated + _rows(connection, undated, limit - len(dated), latest=latest)


def _rows(connection: Connection, which: ColumnElement[bool], limit: int, *, latest: bool) -> list[Row]:
    due, clock = clocks.c.due_to, clocks.c.clock_id
    rows = (
        select(*CLOCK_COLUMNS, cases.c.field)
        .select_from(clocks.join(cases, cases.c.case_id == clocks.c.case_id))
        .where(which)
        .order_by(*((due.desc(), clock.desc()) if latest else (due, clock)))
        .limit(limit)
    )
    return [Row(clock_view(row), row.field) for row in connection.execute(rows)]


def begun_at(connection: Connection, rows: Sequence[Row]) -> Mapping[EventName, datetime]:
    """When what began each of these clocks came into the log."""
    column, found = events.c, {row.clock.started_by for row in rows}
    names = [
        literal(list(part), ARRAY(Text))
        for part in zip(*((one.source, one.id) for one in found), strict=True)
    ]
    if not names:
        return {}
    asked = func.unnest(*names).table_valued("source", "id", name="asked").render_derived()
    same = and_(column.source == asked.c.source, column.event_id == asked.c.id)
    told = select(column.source, column.event_id, column.recorded_at).join_from(asked, events, same)
    return {EventName(source, id_): at for source, id_, at in connection.execute(told)}


def one(connection: Connection, unit: str | None, clock: UUID, rulebook: Rulebook) -> ClockView | None:
    """One clock, if `unit` may see it, with the choices of this rulebook on which it rests."""
    return next(iter(clocks_where(connection, unit, clocks.c.clock_id == clock, rulebook)), None)


def due_days(
    connection: Connection, unit: str | None, first: date, last: date
) -> Mapping[date, tuple[int, int]]:
    """For each day from `first` to `last`: how many limits fall due that `unit` (None: anybody) must keep.

    The second number is how many of them were missed and are still to be done.
    """
    local = func.date(func.timezone(_ZONE, clocks.c.due_to))
    begin, end = day_bounds(first)[0], day_bounds(last)[1]
    mine = true() if unit is None else clocks.c.holder == unit
    rows = (
        select(local, func.count(), func.count().filter(clocks.c.state == ClockState.BREACHED.value))
        .where(
            OPEN,
            clocks.c.kind == ClockKind.DEADLINE.value,
            mine,
            clocks.c.due_to >= begin,
            clocks.c.due_to < end,
        )
        .group_by(local)
    )
    return {day: (total, missed) for day, total, missed in connection.execute(rows)}


def _which(connection: Connection, unit: str | None, wanted: Filter, now: datetime) -> ColumnElement[bool]:
    shown = _shown(wanted.shown, now)
    conditions = [shown, clocks.c.kind == ClockKind.DEADLINE.value]
    if unit is not None and wanted.whose is Whose.OURS:
        conditions.append(clocks.c.holder == unit)
    elif unit is not None:
        little = scope.sees_little(connection, unit)
        conditions.append(scope.clocks_among(unit, shown) if little else scope.clocks_for(unit))
    if wanted.unit:
        conditions.append(clocks.c.holder == wanted.unit)
    if wanted.rule:
        conditions.append(clocks.c.rule == wanted.rule)
    if wanted.field:
        conditions.append(cases.c.field == wanted.field)
    if wanted.due is not None:
        begin, end = day_bounds(wanted.due)
        conditions += [clocks.c.due_to >= begin, clocks.c.due_to < end]
    return and_(*conditions)


def _shown(shown: Shown, now: datetime) -> ColumnElement[bool]:
    if shown is Shown.ALL:
        return true()
    if shown is Shown.HISTORY:
        return MISSED
    if shown is Shown.OPEN:
        return OPEN
    return and_(OPEN, clocks.c.state != ClockState.PAUSED.value, clocks.c.due_to < now)


def _dated_behind(after: After | None, *, latest: bool) -> ColumnElement[bool]:
    """Clocks with a due time that come after the last one of the page before."""
    due, clock = clocks.c.due_to, clocks.c.clock_id
    if after is None:
        return due.is_not(None)
    place, last = tuple_(due, clock), tuple_(literal(after.due), literal(after.clock))
    return place < last if latest else place > last


def _undated_behind(after: After | None, *, latest: bool) -> ColumnElement[bool]:
    """Clocks without one that do."""
    due, clock = clocks.c.due_to, clocks.c.clock_id
    if after is None or after.due is not None:
        return due.is_(None)
    return and_(due.is_(None), clock < after.clock if latest else clock > after.clock)
