"""Jobs that are approved and that nobody carries out: whoever may write the log takes them up by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from sqlalchemy import Engine, text

LOOK_SECONDS = 3.0
LEFT_SECONDS = 10.0
"""A job in which nothing has moved for so long is left: its page's process may not write, or was killed."""

_LEFT = text("""
SELECT j.job_id FROM redrive_jobs j
WHERE j.state = 'approved'
  AND greatest(j.proposed_at, j.decided_at, (SELECT max(changed_at) FROM redrive_items i WHERE i.job_id = j.job_id))
    < now() - make_interval(secs => :seconds)
ORDER BY j.proposed_at LIMIT 1
""")

log = structlog.get_logger(__name__)


def left_job(engine: Engine, *, seconds: float = LEFT_SECONDS) -> UUID | None:
    """The oldest approved job in which nothing has moved for `seconds`. Blocks."""
    with engine.connect() as connection:
        found: UUID | None = connection.scalar(_LEFT, {"seconds": seconds})
        return found


async def take_up(
    engine: Engine, carry_out: Callable[[UUID], Awaitable[object]], *, seconds: float = LEFT_SECONDS
) -> bool:
    """Carry out the job that is left, if there is one; whether it was carried to its end.

    Several may try: a job runs once at a time. Whatever stops it is told, and the job is left again.
    """
    job = await asyncio.to_thread(left_job, engine, seconds=seconds)
    if job is None:
        return False
    try:
        await carry_out(job)
    except Exception as error:  # noqa: BLE001  (the job stands in the database; the relay beside goes on)
        log.warning("a job is left", job=str(job), error=f"{type(error).__name__}: {error}".split("\n")[0])
        return False
    log.info("a job was taken up and carried out", job=str(job))
    return True


async def keep_taking_up(engine: Engine, carry_out: Callable[[UUID], Awaitable[object]]) -> None:
    """Look for such jobs until cancelled; a database that is away is waited for."""
    while True:
        try:
            await take_up(engine, carry_out)
        except Exception as error:  # noqa: BLE001  (as above)
            log.warning("cannot look for jobs", error=f"{type(error).__name__}: {error}".split("\n")[0])
        await asyncio.sleep(LOOK_SECONDS)
