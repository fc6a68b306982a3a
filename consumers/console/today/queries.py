"""What the working desk asks the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from consumers.casefile import ClockKind, ClockState, MirrorState
from consumers.console.clocksets import OPEN
from consumers.console.worktime import NEAR, Urgency, until
from consumers.readmodel import scope
from consumers.readmodel.rows import (
    CLOCK_COLUMNS,
    QUARANTINE_COLUMNS,
    clock_view,
    mirror_view,
    quarantined,
)
from consumers.readmodel.views import CaseName, ClockView, MirrorView, Quarantined
from consumers.webhooks.rules import TRIPPED
from consumers.workdays import Calendar
from infra.tables import cases, clocks, events, feeds, mirrors, quarantine, redrive_items
from infra.webhook_tables import webhook_deliveries, webhooks

MOST_LINES = 40
MOST_COUNTED = 1000
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


@dataclass(frozen=True, slots=True)
class Held:
    """A record that was not applied, and when the nearest limit of its case falls due."""

    record: Quarantined
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Failing:
    """A receiver of a unit that fails: failures in a row, its last answer, and deliveries given up and not read."""

    unit: str
    state: str
    failures: int
    answer: str
    lost: int


def counts(
    connection: Connection, unit: str | None, now: datetime, calendar: Calendar
) -> Mapping[Urgency, int]:
    """How many limits that `unit` must keep (None: anybody) have each colour, MOST_COUNTED at most."""
    due = clocks.c.due_to
    orange, yellow = (until(now, NEAR[colour], calendar) for colour in (Urgency.ORANGE, Urgency.YELLOW))
    ranges = {
        Urgency.RED: due < now,
        Urgency.ORANGE: and_(due >= now, due < orange),
        Urgency.YELLOW: and_(due >= orange, due < yellow),
    }
    return {
        colour: _counted(connection, select(clocks.c.clock_id).where(_pressing(unit), within))
        for colour, within in ranges.items()
    }


def _counted(connection: Connection, rows: Select[Any]) -> int:
    """How many rows there are, or MOST_COUNTED: nobody reads more, and counting all of them takes long."""
    return connection.execute(
        select(func.count()).select_from(rows.limit(MOST_COUNTED).subquery())
    ).scalar_one()


def pressing(connection: Connection, unit: str | None, now: datetime, calendar: Calendar) -> list[ClockView]:
    """The limits that `unit` must keep and that are due within three workdays, the nearest first."""
    due = clocks.c.due_to
    soon = and_(_pressing(unit), due >= now, due < until(now, NEAR[Urgency.YELLOW], calendar))
    return _clocks(connection, soon, due, clocks.c.clock_id)


def overdue(connection: Connection, unit: str | None, now: datetime) -> list[ClockView]:
    """The limits that `unit` has missed, the latest missed first: there is most to save."""
    late = and_(_pressing(unit), clocks.c.due_to < now)
    return _clocks(connection, late, clocks.c.due_to.desc(), clocks.c.clock_id.desc())


def _clocks(
    connection: Connection, which: ColumnElement[bool], *order: ColumnElement[Any]
) -> list[ClockView]:
    rows = (
        select(*CLOCK_COLUMNS)
        .select_from(clocks.join(cases, cases.c.case_id == clocks.c.case_id))
        .where(which)
        .order_by(*order)
        .limit(MOST_LINES)
    )
    return [clock_view(row) for row in connection.execute(rows)]


def open_mirrors(connection: Connection, unit: str | None) -> tuple[int, list[MirrorWork]]:
    """How many mirrored opinions wait for a decision of `unit` (None: of anybody), and the oldest of them."""
    wanted = mirrors.c.state == MirrorState.COPIED.value
    if unit is not None:
        wanted = and_(wanted, mirrors.c.unit == unit)
    total = _counted(connection, select(mirrors.c.mirror_id).where(wanted))
    order = mirrors.c.copied_at, mirrors.c.mirror_id
    oldest = select(mirrors.c.mirror_id).where(wanted).order_by(*order).limit(MOST_LINES)
    rows = (
        select(mirrors, cases.c.origin_unit, cases.c.origin_case)
        .select_from(mirrors.join(cases, cases.c.case_id == mirrors.c.case_id))
        .where(mirrors.c.mirror_id.in_(oldest))
        .order_by(*order)
    )
    found = [
        MirrorWork(mirror_view(row), CaseName(row.case_id, row.origin_unit, row.origin_case))
        for row in connection.execute(rows)
    ]
    return total, found


def held_back(connection: Connection, unit: str | None, now: datetime) -> tuple[int, list[Held]]:
    """How many records wait for a person, and the most pressing of them; the unit's own only.

    Those of the last thirty days that were not applied, and whatever is parked. What was said again or given back
    waits for nobody. Parked ones come first, then whose case has the nearest limit that `unit` (None: anybody) must
    keep, then the latest.
    """
    parked, recorded = quarantine.c.kind == "parked", quarantine.c.recorded_at
    wanted = and_(scope.quarantine_for(unit), or_(recorded >= now - _LOOK_BACK, parked), ~_settled())
    total = _counted(connection, select(quarantine.c.log_offset).where(wanted))
    due = (
        select(func.min(clocks.c.due_to))
        .where(clocks.c.case_id == quarantine.c.case_id, _pressing(unit))
        .scalar_subquery()
        .label("due")
    )
    order = parked.desc(), due.nulls_last(), recorded.desc(), quarantine.c.log_offset.desc()
    rows = select(*QUARANTINE_COLUMNS, due).where(wanted).order_by(*order).limit(10)
    return total, [Held(quarantined(row), row.due) for row in connection.execute(rows)]


def _settled() -> ColumnElement[bool]:
    """Applied since, as its unit said it again or a person sent or released it; or given back."""
    applied = exists().where(
        quarantine.c.kind != "conflict",
        quarantine.c.owner == quarantine.c.source,
        events.c.source == quarantine.c.source,
        events.c.event_id == quarantine.c.event_id,
    )
    item = redrive_items.c
    returned = exists().where(
        item.topic == quarantine.c.topic,
        item.partition == quarantine.c.partition,
        item.log_offset == quarantine.c.log_offset,
        item.state == "returned",
    )
    return or_(applied, returned)


def failing(connection: Connection, unit: str | None) -> list[Failing]:
    """Receivers that do not take what is sent to them, the most failures first."""
    sent = webhook_deliveries.c
    lost = (
        select(func.count())
        .select_from(webhook_deliveries)
        .where(
            sent.webhook_id == webhooks.c.webhook_id,
            sent.state == "failed",
            sent.seq > func.coalesce(feeds.c.acknowledged, 0),
        )
        .scalar_subquery()
    )
    mine = true() if unit is None else webhooks.c.unit == unit
    known = select(
        webhooks.c.unit, webhooks.c.state, webhooks.c.failures, webhooks.c.answer, lost.label("lost")
    )
    rows = (
        known.select_from(webhooks.outerjoin(feeds, feeds.c.unit == webhooks.c.unit))
        .where(mine, webhooks.c.state != "removed")
        .subquery()
    )
    bad = or_(rows.c.lost > 0, rows.c.failures >= TRIPPED, rows.c.state == "paused")
    wanted = select(rows).where(bad).order_by(rows.c.lost.desc(), rows.c.unit)
    return [Failing(*row) for row in connection.execute(wanted)]


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


def next_limits(connection: Connection, units: Collection[str], now: datetime) -> dict[str, datetime]:
    """When the next limit of the law falls due that each of these units must keep; without one it is left out.

    Those that are missed already do not count: some unit has always missed one.
    """
    asked = func.unnest(literal(list(units), ARRAY(Text))).column_valued("unit")
    due = select(func.min(clocks.c.due_to)).where(
        clocks.c.holder == asked, _pressing(None), clocks.c.due_to >= now
    )
    rows = connection.execute(select(asked, due.scalar_subquery()))
    return {unit: at for unit, at in rows if at is not None}


def _pressing(unit: str | None) -> ColumnElement[bool]:
    """Limits that run or were missed, and that `unit` must keep."""
    running = and_(
        OPEN,
        clocks.c.state != ClockState.PAUSED.value,
        clocks.c.kind == ClockKind.DEADLINE.value,
    )
    return running if unit is None else and_(running, clocks.c.holder == unit)
