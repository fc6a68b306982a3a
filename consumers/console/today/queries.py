"""What the working desk asks the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from consumers.casefile import ClockKind, ClockState, MirrorState
from consumers.console.worktime import NEAR, Urgency, until
from consumers.readmodel import scope
from consumers.readmodel.rows import QUARANTINE_COLUMNS, mirror_view, quarantined
from consumers.readmodel.selecting import clocks_where
from consumers.readmodel.views import CaseName, ClockView, MirrorView, Quarantined
from consumers.workdays import Calendar
from infra.tables import cases, clocks, feeds, mirrors, quarantine

MOST_LINES = 40
_LOOK_BACK = timedelta(days=30)
_UNREAD_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MirrorWork:
    """A mirrored opinion that a department has not decided on."""

    mirror: MirrorView
    case: CaseName


@dataclass(frozen=True, slots=True)
class FeedTrouble:
    """A unit's feed that stands still. `unsent`: not with the broker yet; `unread`: not acknowledged by the unit."""

    unit: str
    unsent: int
    unread: int
    read_at: datetime | None


def counts(
    connection: Connection, unit: str | None, now: datetime, calendar: Calendar
) -> Mapping[Urgency, int]:
    """How many limits that `unit` must keep (None: anybody) have each colour."""
    due = clocks.c.due_to
    orange, yellow = (until(now, NEAR[colour], calendar) for colour in (Urgency.ORANGE, Urgency.YELLOW))
    late = or_(clocks.c.state == ClockState.BREACHED.value, due < now)
    row = connection.execute(
        select(
            func.count().filter(late),
            func.count().filter(~late, due < orange),
            func.count().filter(~late, due >= orange, due < yellow),
        ).where(_pressing(unit))
    ).one()
    return dict(zip((Urgency.RED, Urgency.ORANGE, Urgency.YELLOW), row, strict=True))


def pressing(connection: Connection, unit: str | None, now: datetime, calendar: Calendar) -> list[ClockView]:
    """The limits that `unit` must keep and that are due within three workdays or not far past, the nearest first."""
    yellow = until(now, NEAR[Urgency.YELLOW], calendar)
    soon = and_(_pressing(unit), clocks.c.due_to >= now, clocks.c.due_to < yellow)
    return clocks_where(connection, unit, soon, limit=MOST_LINES)


def overdue(connection: Connection, unit: str | None, now: datetime) -> list[ClockView]:
    """The limits that `unit` has missed, the latest missed first: there is most to save."""
    late = or_(clocks.c.state == ClockState.BREACHED.value, clocks.c.due_to < now)
    return clocks_where(connection, unit, and_(_pressing(unit), late), limit=MOST_LINES, latest_first=True)


def open_mirrors(connection: Connection, unit: str | None) -> tuple[int, list[MirrorWork]]:
    """How many mirrored opinions wait for a decision of `unit` (None: of anybody), and the oldest of them."""
    wanted = mirrors.c.state == MirrorState.COPIED.value
    if unit is not None:
        wanted = and_(wanted, mirrors.c.unit == unit)
    total = connection.execute(select(func.count()).where(wanted)).scalar_one()
    rows = (
        select(mirrors, cases.c.origin_unit, cases.c.origin_case)
        .select_from(mirrors.join(cases, cases.c.case_id == mirrors.c.case_id))
        .where(wanted)
        .order_by(mirrors.c.copied_at, mirrors.c.mirror_id)
        .limit(MOST_LINES)
    )
    found = [
        MirrorWork(mirror_view(row), CaseName(row.case_id, row.origin_unit, row.origin_case))
        for row in connection.execute(rows)
    ]
    return total, found


def held_back(connection: Connection, unit: str | None, now: datetime) -> tuple[int, list[Quarantined]]:
    """How many records of the last thirty days were not applied, and the latest of them; the unit's own only."""
    recent = and_(scope.quarantine_for(unit), quarantine.c.recorded_at >= now - _LOOK_BACK)
    total = connection.execute(select(func.count()).where(recent)).scalar_one()
    latest = quarantine.c.recorded_at.desc(), quarantine.c.log_offset.desc()
    rows = select(*QUARANTINE_COLUMNS).where(recent).order_by(*latest).limit(10)
    return total, [quarantined(row) for row in connection.execute(rows)]


def feed_troubles(connection: Connection, unit: str | None, now: datetime) -> list[FeedTrouble]:
    """Feeds with entries that the broker has not got, or that the unit has not read for a day; the fullest first."""
    mine = true() if unit is None else feeds.c.unit == unit
    old = or_(feeds.c.acknowledged_at.is_(None), feeds.c.acknowledged_at < now - _UNREAD_AFTER)
    unread: ColumnElement[bool] = and_(feeds.c.published > feeds.c.acknowledged, old)
    rows = (
        select(
            feeds.c.unit,
            feeds.c.assigned - feeds.c.published,
            feeds.c.published - feeds.c.acknowledged,
            feeds.c.acknowledged_at,
        )
        .where(mine, or_(unread, feeds.c.assigned > feeds.c.published))
        .order_by((feeds.c.published - feeds.c.acknowledged).desc(), feeds.c.unit)
    )
    return [FeedTrouble(*row) for row in connection.execute(rows)]


def _pressing(unit: str | None) -> ColumnElement[bool]:
    """Limits that run or were missed, and that `unit` must keep."""
    running = and_(
        clocks.c.state.in_(("running", "paused", "breached")),  # as the partial index says it
        clocks.c.state != ClockState.PAUSED.value,
        clocks.c.kind == ClockKind.DEADLINE.value,
    )
    return running if unit is None else and_(running, clocks.c.holder == unit)
