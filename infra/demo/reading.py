"""Waiting for the bus and reading back what became of the published cases, as an operator: from its tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, select

from consumers.casework.records import unpack_headers
from infra.demo.outcome import (
    AnomalySeen,
    ClockSeen,
    Delivered,
    Held,
    MirrorSeen,
    Outcome,
    ThresholdSeen,
)
from infra.demo.playing import DemoError, Play
from infra.tables import anomalies, cases, clocks, events, feed_entries, feeds, mirrors, outbox, quarantine
from schemas.codec import decode
from schemas.envelope import read_headers

_SECONDS = 120.0
_EVERY_SECONDS = 0.05


class Progress:
    """Waits for the bus by looking into its database.

    `settling` is the settling time of the bus, `check` raises if the bus cannot get any further.
    """

    def __init__(self, engine: Engine, *, settling: timedelta, check: Callable[[], None]) -> None:
        self._engine = engine
        self._settling = settling
        self._check = check

    def wait_for(self, event_ids: Sequence[str]) -> None:
        """Block until each event is applied or held back. Raises DemoError if that takes too long."""
        wanted = set(event_ids)
        self._until(
            lambda connection: wanted <= _dealt_with(connection, wanted), "the worker to apply the events"
        )

    def wait_until_quiet(self) -> None:
        """Block until every alarm that is due by now has rung and every feed is published. Raises DemoError.

        An alarm that is set for the settling time of a late-reported start counts as due.
        """
        horizon = self._settling + timedelta(seconds=1)
        self._until(lambda connection: _quiet(connection, horizon), "clock and relay to finish")

    def _until(self, done: Callable[[Connection], bool], what: str) -> None:
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            with self._engine.connect() as connection:
                if done(connection):
                    return
            self._check()
            time.sleep(_EVERY_SECONDS)
        raise DemoError(f"waited {_SECONDS:g} s for {what}")


def _dealt_with(connection: Connection, wanted: set[str]) -> set[str]:
    applied = select(events.c.event_id).where(events.c.event_id.in_(wanted))
    held = select(quarantine.c.event_id).where(quarantine.c.event_id.in_(wanted))
    return set(connection.execute(applied.union(held)).scalars())


def _quiet(connection: Connection, horizon: timedelta) -> bool:
    ringing = _count(connection, clocks.c.alarm_at <= func.now() + horizon)
    unsaid = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
    entries = connection.execute(select(func.count()).select_from(feed_entries)).scalar_one()
    published = connection.execute(select(func.coalesce(func.sum(feeds.c.published), 0))).scalar_one()
    return ringing == 0 and unsaid == 0 and entries == published


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(clocks).where(which)).scalar_one()


def outcome_of(connection: Connection, play: Play) -> Outcome:
    """Everything the bus made of one case, seen as an operator sees it."""
    steps = play.steps
    main = connection.execute(select(cases).where(cases.c.case_id == play.main_case)).one_or_none()
    said = select(events.c.event_id, events.c.case_id).where(events.c.event_id.in_(steps))
    standing = {row.event_id: row.case_id for row in connection.execute(said)}
    return Outcome(
        case=play.history.id,
        steps=steps,
        speakers=play.speakers,
        applied=frozenset(standing),
        elsewhere=frozenset(event for event, case in standing.items() if case != play.main_case),
        state=main.state if main else "",
        reverse_state=main.reverse_state if main else None,
        deliveries=_deliveries(connection, play.case_ids),
        clocks=_clocks(connection, play.main_case),
        mirrors=_mirrors(connection, play.main_case),
        anomalies=_anomalies(connection, play.case_ids),
        held=_held(connection, steps),
        thresholds=_thresholds(connection, play.case_ids),
    )


def _deliveries(connection: Connection, case_ids: Collection[UUID]) -> tuple[Delivered, ...]:
    entry = feed_entries.c
    rows = (
        select(events.c.event_id, entry.unit, entry.delivery, entry.role, entry.basis)
        .join(events, and_(events.c.partition == entry.partition, events.c.log_offset == entry.log_offset))
        .where(events.c.case_id.in_(case_ids))
        .order_by(entry.partition, entry.log_offset, entry.n)
    )
    return tuple(Delivered(*row) for row in connection.execute(rows))


def _clocks(connection: Connection, case_id: UUID) -> tuple[ClockSeen, ...]:
    column = clocks.c
    rows = (
        select(
            column.rule,
            column.version,
            column.kind,
            column.holder,
            column.started_id,
            column.due_from,
            column.due_to,
            column.state,
            column.certain,
            column.assumed_start,
            column.overrun_seconds,
            column.provisional,
            column.breach_withdrawn,
        )
        .where(column.case_id == case_id)
        .order_by(column.due_to.nulls_last(), column.rule, column.clock_id)
    )
    return tuple(ClockSeen(*row) for row in connection.execute(rows))


def _mirrors(connection: Connection, case_id: UUID) -> tuple[MirrorSeen, ...]:
    rows = select(mirrors.c.opinion_id, mirrors.c.unit, mirrors.c.why, mirrors.c.state)
    ours = rows.where(mirrors.c.case_id == case_id).order_by(mirrors.c.copied_at, mirrors.c.unit)
    return tuple(MirrorSeen(*row) for row in connection.execute(ours))


def _anomalies(connection: Connection, case_ids: Collection[UUID]) -> tuple[AnomalySeen, ...]:
    flag = anomalies.c
    rows = (
        select(events.c.event_id, flag.code, flag.detail)
        .join(events, and_(events.c.partition == flag.partition, events.c.log_offset == flag.log_offset))
        .where(flag.case_id.in_(case_ids))
        .order_by(flag.partition, flag.log_offset, flag.n)
    )
    return tuple(AnomalySeen(*row) for row in connection.execute(rows))


def _thresholds(connection: Connection, case_ids: Collection[UUID]) -> tuple[ThresholdSeen, ...]:
    matched = select(events.c.headers, events.c.value).where(
        events.c.case_id.in_(case_ids), events.c.type == "lead.threshold_matched"
    )
    rows = connection.execute(matched.order_by(events.c.partition, events.c.log_offset))
    return tuple(
        ThresholdSeen(read_headers(unpack_headers(row.headers)).causation, decode(row.value).data["rule"])
        for row in rows
    )


def _held(connection: Connection, event_ids: Collection[str]) -> tuple[Held, ...]:
    column = quarantine.c
    rows = select(column.event_id, column.kind, column.reason, column.detail)
    ours = rows.where(column.event_id.in_(event_ids)).order_by(column.recorded_at)
    return tuple(Held(*row) for row in connection.execute(ours))
