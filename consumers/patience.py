"""Doing a piece of blocking work until it succeeds: what is worth waiting for, and when to give up the process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

import psycopg
import structlog
from kafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from infra.batches import NotDelivered
from infra.positions import LostGuard
from infra.rereading import LogLost, RangeUnread

EXIT_STALLED = 75
"""EX_TEMPFAIL: no progress for too long. A supervisor restarts the process, which tries again from the position."""
EXIT_LOG_LOST = 65
"""EX_DATAERR: the log lost records that were never applied. A person must look before anything goes on."""

TRANSIENT = (
    DBAPIError,
    PoolTimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    LostGuard,
    RangeUnread,
    NotDelivered,
    KafkaError,
    OSError,
)
"""Worth trying again: the database or the broker is away, or another worker was quicker."""
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0

log = structlog.get_logger(__name__)


async def until_done(
    work: Callable[[], Awaitable[object]],
    *,
    what: str,
    give_up_after: float,
    transient: tuple[type[Exception], ...] = TRANSIENT,
) -> None:
    """Do `work`, again after each transient failure, with growing pauses.

    After `give_up_after` seconds without success, or when the log has lost records, the process ends
    hard: nothing is acknowledged, nothing is half-done, and whoever supervises it sees a non-zero status.
    Any other exception leaves as it came.
    """
    loop = asyncio.get_running_loop()
    started, pause = loop.time(), FIRST_PAUSE
    while True:
        try:
            await work()
        except LogLost as error:
            log.critical("log lost", what=what, detail=str(error))
            os._exit(EXIT_LOG_LOST)
        except transient as error:
            waited = loop.time() - started
            log.warning(
                "waiting",
                what=what,
                error=f"{type(error).__name__}: {error}".split("\n")[0],
                waited=round(waited, 1),
            )
            if waited > give_up_after:
                log.critical("stalled", what=what, seconds=round(waited))
                os._exit(EXIT_STALLED)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return
