"""Reconciliation by itself: each hour everything is held against everything, and what came of it is kept. Blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, insert, select, text

from consumers.proof.cut import UnderWay, take_cut
from consumers.proof.held_topics import TOPIC_CHECKS, hold, remember
from consumers.readmodel.reconciling import CHECKS, UNACKNOWLEDGED, Difference, reconcile
from infra.kafka import security_options
from infra.proof_tables import reconciliations
from infra.rereading import reading
from infra.settings import Settings
from schemas.units import Register

EVERY = timedelta(hours=1)
AGAIN = timedelta(minutes=5)
"""So soon after a difference: one that has settled should not stand for an hour."""
LOOK_SECONDS = 10.0
PATIENCE_SECONDS = 20.0
"""So long the readers may need to come to where everything stood."""

_LOCK = 4_716_022
"""Advisory lock of whoever compares: of several clock processes one does."""

log = structlog.get_logger(__name__)


class AlreadyComparing(RuntimeError):  # noqa: N818  (reads as a statement at the raise)
    """Somebody else is comparing at this moment."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was compared and what differed: everything accepted before `at`, on the broker up to `positions`.

    `positions` has for each topic/partition the offset before which everything fits; `records` were read for it.
    """

    at: datetime
    by: str
    records: int
    positions: Mapping[str, int]
    differences: tuple[Difference, ...]


def reconcile_due(settings: Settings, register: Register, engine: Engine, now: datetime) -> bool:
    """Reconcile if the last time is long enough ago, and nobody else does; whether it was done.

    Raises UnderWay, and what broker or database raise.
    """
    with engine.connect() as connection:
        before = last(connection, limit=1)
    if before and now - before[0].at < (AGAIN if before[0].differences else EVERY):
        return False
    try:
        reconcile_now(settings, register, engine, now, by="clock")
    except AlreadyComparing:
        return False
    return True


def reconcile_now(
    settings: Settings,
    register: Register,
    engine: Engine,
    now: datetime,
    *,
    by: str,
    acknowledged_within: timedelta | None = None,
) -> Reconciliation:
    """Compare everything that was accepted before `now` on its whole way, and keep what came of it.

    Raises AlreadyComparing, UnderWay, and what broker or database raise; then nothing is kept.
    """
    with _alone(engine):
        cut = take_cut(settings, register, engine, patience=PATIENCE_SECONDS)
        found = reconcile(engine, now, acknowledged_within=acknowledged_within)
        with reading(settings.bootstrap, options=security_options(settings)) as read:
            held = hold(engine, settings.topics, cut, read)
        positions = {f"{topic}/{number}": offset for (topic, number), (offset, _) in held.fitted.items()}
        done = Reconciliation(now, by, held.records, positions, (*found, *held.differences))
        with engine.begin() as connection:
            remember(connection, held.fitted)
            _keep(connection, done)
    for one in done.differences:
        log.error("difference", check=one.check, unit=one.unit, count=one.count, example=one.example)
    return done


def last(connection: Connection, *, limit: int) -> list[Reconciliation]:
    """The last reconciliations, the latest first."""
    rows = connection.execute(select(reconciliations).order_by(reconciliations.c.n.desc()).limit(limit))
    return [
        Reconciliation(
            at=row.at,
            by=row.by,
            records=row.records,
            positions=row.positions,
            differences=tuple(Difference(**one) for one in row.differences),
        )
        for row in rows
    ]


def words(check: str) -> tuple[str, str]:
    """What a comparison says in Chinese and English, by its code."""
    if check in CHECKS:
        return CHECKS[check].zh, CHECKS[check].en
    if check == UNACKNOWLEDGED:
        return "单位已按时确认收件", "every unit has acknowledged what was published in time"
    return TOPIC_CHECKS[check]


def keep_reconciling(compare: Callable[[], object], stopped: threading.Event) -> None:
    """Call `compare` again and again until `stopped`; whatever goes wrong is told and tried again.

    That nothing was compared for long has an alarm of its own.
    """
    while not stopped.wait(LOOK_SECONDS):
        try:
            compare()
        except UnderWay as error:
            log.info("not compared yet", why=str(error))
        except Exception as error:  # noqa: BLE001  (the clock beside must go on ringing)
            log.warning("cannot compare", error=f"{type(error).__name__}: {error}".split("\n")[0])


def _keep(connection: Connection, done: Reconciliation) -> None:
    told: dict[str, Any] = asdict(done)
    connection.execute(insert(reconciliations).values(**told, found=len(done.differences)))


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Held by the connection, so that it ends with a process that dies."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")):
            raise AlreadyComparing("another process is comparing at this moment: its result is kept too")
        try:
            yield
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
