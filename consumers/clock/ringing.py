"""The clock process: turns alarms that are due into events on their way to the log. Several may run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from consumers.casefile import Alarm, Clock, ClockKind, ClockState
from consumers.casework.emission import bus_headers
from consumers.casework.records import pack_headers
from consumers.casework.store import RELAY_CHANNEL, raw_cursor
from consumers.clock.adopting import adopt
from consumers.handovers.alarms import alarm_event
from consumers.patience import until_done
from consumers.workdays import Edition
from infra import metrics
from infra.failpoints import failpoint
from infra.settings import Settings
from infra.tables import cases, clocks, outbox
from schemas.codec import encode
from schemas.spans import Span

PAGE = 500

_LOOK_FOR_HEADS_SECONDS = 10.0

log = structlog.get_logger(__name__)


def ring_due(engine: Engine) -> int:
    """Put the events of all alarms that are due into the outbox; returns how many were looked at. Blocks.

    "Due" is by the database's clock, so no worker's clock can ring early. The rows stay locked until the
    events are committed: an alarm that casework is just changing is left for the next round, and two
    clock processes never see the same one. Ringing twice is harmless anyway: the event's id and bytes
    follow from the clock, and the outbox takes an id once.
    """
    seen = 0
    while rung := _ring_page(engine, seen):
        failpoint("clock-after-commit")
        seen += rung
    return seen


def _ring_page(engine: Engine, offset: int) -> int:
    with engine.begin() as connection:
        rows = connection.execute(_due(offset)).mappings().all()
        fresh = [row for row in rows if connection.execute(_outbox_insert(dict(row))).first() is not None]
        if rows:
            raw_cursor(connection).execute(f"NOTIFY {RELAY_CHANNEL}")
            failpoint("clock-before-commit")
    metrics.rung.inc(len(fresh))
    for row in fresh:
        metrics.lateness.observe((row["looked_at"] - row["alarm_at"]).total_seconds())
    return len(rows)


def _due(offset: int) -> Any:
    return (
        select(clocks, cases.c.origin_unit, cases.c.origin_case, cases.c.field, func.now().label("looked_at"))
        .join(cases, cases.c.case_id == clocks.c.case_id)
        .where(clocks.c.alarm_at <= func.now())
        .order_by(clocks.c.alarm_at, clocks.c.clock_id)
        .offset(offset)
        .limit(PAGE)
        .with_for_update(of=clocks, skip_locked=True)
    )


def _outbox_insert(row: Mapping[str, Any]) -> Any:
    clock = clock_of(row)
    event_id, type_, data = alarm_event(clock, row["case_id"])
    headers = bus_headers(
        event_id=event_id,
        type_=type_,
        case_id=row["case_id"],
        origin_unit=row["origin_unit"],
        origin_case=row["origin_case"],
        field=row["field"],
        time=row["alarm_at"],  # when it was to ring, not when it did: the bytes must not depend on who rings
        causation=clock.started_by[1],
    )
    return (
        insert(outbox)
        .values(
            event_id=event_id,
            case_id=row["case_id"],
            headers=pack_headers(headers),
            value=encode(type_, data),
            created_at=func.now(),
        )
        .on_conflict_do_nothing()
        .returning(outbox.c.event_id)
    )


def clock_of(row: Mapping[str, Any]) -> Clock:
    """The clock in a row of `clocks`. What has rung before is not in the row and left empty."""
    return Clock(
        id=cast("UUID", row["clock_id"]),
        rule=row["rule"],
        version=row["version"],
        kind=ClockKind(row["kind"]),
        holder=row["holder"],
        started_by=(row["started_source"], row["started_id"]),
        started_offset=row["started_offset"],
        start=Span(row["start_from"], row["start_to"]),
        assumed_start=row["assumed_start"],
        due_earliest=row["due_from"],
        due_latest=row["due_to"],
        provisional=row["provisional"],
        state=ClockState(row["state"]),
        certain=row["certain"],
        stopped_by=_identity(row["stopped_source"], row["stopped_id"]),
        stopped=None if row["stopped_id"] is None else Span(row["stopped_from"], row["stopped_to"]),
        overrun_seconds=row["overrun_seconds"],
        breached_by=_identity(row["breached_source"], row["breached_id"]),
        breach_withdrawn=row["breach_withdrawn"],
        reported_late=row["reported_late"],
        alarm=None if row["alarm"] is None else Alarm(row["alarm"]),
        alarm_at=row["alarm_at"],
    )


def _identity(source: str | None, event_id: str | None) -> tuple[str, str] | None:
    return None if source is None or event_id is None else (source, event_id)


async def run(
    settings: Settings,
    engine: Engine,
    ready: Callable[[], None],
    editions: Sequence[Edition] = (),
    sign: Callable[[], object] | None = None,
) -> None:
    """Ring until cancelled, tell cases of a new edition of the calendar, and `sign` heads if they are due.

    Gives the process up when the database stays away too long.
    """
    ready()
    monotonic = asyncio.get_running_loop().time
    looks_at = signs_at = monotonic()
    while True:
        await until_done(
            lambda: asyncio.to_thread(ring_due, engine), what="clock", give_up_after=settings.stall_seconds
        )
        if editions and monotonic() >= looks_at:
            looks_at = monotonic() + settings.calendar_interval_seconds
            await until_done(
                lambda: asyncio.to_thread(adopt, engine, editions, margin=settings.calendar_margin),
                what="calendar",
                give_up_after=settings.stall_seconds,
            )
        if sign is not None and monotonic() >= signs_at:
            signs_at = monotonic() + _LOOK_FOR_HEADS_SECONDS
            await until_done(
                lambda: asyncio.to_thread(sign), what="heads", give_up_after=settings.stall_seconds
            )
        await asyncio.sleep(settings.clock_interval_seconds)
