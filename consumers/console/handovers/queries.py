"""What the board asks the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from consumers.casefile import ClockKind, ClockState
from consumers.console.handovers.filters import After, Filter, Order, Shown, Whose, day_bounds
from consumers.readmodel import scope
from consumers.readmodel.rows import CLOCK_COLUMNS, clock_view
from consumers.readmodel.views import ClockView
from infra.tables import cases, clocks

ON_ONE_PAGE = 50
MOST_EXPORTED = 10_000
_OPEN = ("running", "paused", "breached")  # as the partial index says it
_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Row:
    """A clock and the field of its case."""

    clock: ClockView
    field: str


def board(
    connection: Connection, unit: str | None, wanted: Filter, now: datetime, *, limit: int = ON_ONE_PAGE
) -> list[Row]:
    """The clocks of the filter that `unit` may see, in its order."""
    due, clock = clocks.c.due_to, clocks.c.clock_id
    latest = wanted.order is Order.LATEST
    order = (due.desc().nulls_last(), clock.desc()) if latest else (due.nulls_last(), clock)
    rows = (
        select(*CLOCK_COLUMNS, cases.c.field)
        .select_from(clocks.join(cases, cases.c.case_id == clocks.c.case_id))
        .where(_which(unit, wanted, now), _behind(wanted.after, latest=latest))
        .order_by(*order)
        .limit(limit)
    )
    return [Row(clock_view(row), row.field) for row in connection.execute(rows)]


def one(connection: Connection, unit: str | None, clock: UUID) -> ClockView | None:
    """One clock, if `unit` may see it."""
    rows = (
        select(*CLOCK_COLUMNS)
        .select_from(clocks.join(cases, cases.c.case_id == clocks.c.case_id))
        .where(clocks.c.clock_id == clock, scope.clocks_for(unit))
    )
    row = connection.execute(rows).one_or_none()
    return None if row is None else clock_view(row)


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
            clocks.c.state.in_(_OPEN),
            clocks.c.kind == ClockKind.DEADLINE.value,
            mine,
            clocks.c.due_to >= begin,
            clocks.c.due_to < end,
        )
        .group_by(local)
    )
    return {day: (total, missed) for day, total, missed in connection.execute(rows)}


def _which(unit: str | None, wanted: Filter, now: datetime) -> ColumnElement[bool]:
    conditions = [_shown(wanted.shown, now), clocks.c.kind == ClockKind.DEADLINE.value]
    if unit is not None:
        ours = wanted.whose is Whose.OURS
        conditions.append(clocks.c.holder == unit if ours else scope.clocks_for(unit))
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
        missed = (ClockState.BREACHED.value, ClockState.MET_LATE.value)
        return or_(clocks.c.state.in_(missed), clocks.c.breach_withdrawn)
    running = clocks.c.state.in_(_OPEN)
    if shown is Shown.OPEN:
        return running
    return and_(running, clocks.c.state != ClockState.PAUSED.value, clocks.c.due_to < now)


def _behind(after: After | None, *, latest: bool) -> ColumnElement[bool]:
    """Rows that come after the last one of the page before; those without due time come last."""
    if after is None:
        return true()
    due, clock = clocks.c.due_to, clocks.c.clock_id
    further = clock < after.clock if latest else clock > after.clock
    if after.due is None:
        return and_(due.is_(None), further)
    beyond = due < after.due if latest else due > after.due
    return or_(beyond, and_(due == after.due, further), due.is_(None))
