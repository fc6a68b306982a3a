"""Carrying out a job: send, wait until casework has said what came of it, go on; safe to be killed anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, text

from consumers.redrive import steps
from consumers.redrive.jobs import Job, JobError, JobState, finish, job_of
from consumers.redrive.rules import Action
from infra.batches import BatchProducer
from infra.failpoints import failpoint
from infra.settings import Settings
from schemas.units import Register

LOCK = 7_310_024
"""Key of the PostgreSQL advisory lock under which one job of an installation is carried out at a time."""
LOOK_SECONDS = 0.02
LONGEST_LOOK_SECONDS = 0.5

Clock = Callable[[], datetime]
Report = Callable[[Job], None]


class NotConfirmed(Exception):  # noqa: N818  (reads as a statement at the raise)
    """Records are in the log, but casework does not get to them. Nothing is lost: resume the job later."""


class Redriver:
    """Carries out jobs. Lives in one event loop; database work runs in threads.

    Everything that decides what happens next is in PostgreSQL. Killed between sending and marking, it sends
    the same bytes again, which casework drops by their identity: at least once on the wire, once in effect.
    """

    def __init__(
        self,
        settings: Settings,
        register: Register,
        engine: Engine,
        producer: BatchProducer,
        *,
        clock: Clock,
        report: Report = lambda _: None,
    ) -> None:
        self._settings = settings
        self._register = register
        self._engine = engine
        self._producer = producer
        self._clock = clock
        self._report = report

    async def carry_out(self, job_id: UUID) -> Job:
        """Carry out an approved job from where it stands, until it is done or somebody stops it; returns it.

        Raises JobError if the job may not run or another one does, NotConfirmed, NotDelivered, and what the
        database raises; after each of them it can be carried out further by another call.
        """
        async with _alone(self._engine):
            job = await self._read(job_id)
            if job.state is not JobState.APPROVED:
                zh = f"作业状态为{job.state.value}，不能执行"
                raise JobError(f"{zh} — job {job_id} is {job.state.value}: it does not run")
            if job.action is Action.RETURN:
                await asyncio.to_thread(steps.give_back, self._engine, job_id, now=self._clock())
            else:
                await self._send_all(job)
            await asyncio.to_thread(_finish, self._engine, job_id, self._clock())
            job = await self._read(job_id)
            self._report(job)
            return job

    async def _send_all(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        await self._confirmed(job.id)
        while job.state is JobState.APPROVED:
            began = loop.time()
            step = await self._send_some(job)
            if not (step.sent or step.settled):
                return
            job = await self._read(job.id)
            self._report(job)
            await asyncio.sleep(max(0.0, len(step.sent) / job.rate - (loop.time() - began)))

    async def _send_some(self, job: Job) -> steps.Step:
        step = await asyncio.to_thread(
            steps.next_step, self._engine, self._settings, self._register, job, now=self._clock()
        )
        if step.sent:
            failpoint("redrive-before-send")
            await self._producer.send_all(step.outgoing)
            failpoint("redrive-after-send")
            await asyncio.to_thread(steps.mark_sent, self._engine, job.id, step, now=self._clock())
            failpoint("redrive-marked")
            await self._confirmed(job.id)
        return step

    async def _confirmed(self, job_id: UUID) -> None:
        """Wait until it is known what became of everything sent."""
        loop = asyncio.get_running_loop()
        pause, last, since = LOOK_SECONDS, -1, loop.time()
        while left := await self._unknown(job_id):
            if left != last:
                last, since = left, loop.time()
            elif loop.time() - since > self._settings.stall_seconds:
                raise NotConfirmed(
                    f"已发送{left}条，尚未生效 — {left} records are in the log, but casework does not apply them: "
                    f"see `linkage doctor`, then `linkage dlq resume {job_id}`"
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK_SECONDS)

    async def _unknown(self, job_id: UUID) -> int:
        topic = self._settings.topics.case_events
        return await asyncio.to_thread(steps.confirm, self._engine, job_id, topic, now=self._clock())

    async def _read(self, job_id: UUID) -> Job:
        return await asyncio.to_thread(_job_of, self._engine, job_id)


@asynccontextmanager
async def _alone(engine: Engine) -> AsyncIterator[None]:
    """Hold the lock of this installation's redrive. It ends with the connection, so a killed one leaves none."""
    connection = await asyncio.to_thread(engine.connect)
    try:
        await asyncio.to_thread(connection.execution_options, isolation_level="AUTOCOMMIT")
        taken = text("SELECT pg_try_advisory_lock(:key)")
        if not (await asyncio.to_thread(connection.execute, taken, {"key": LOCK})).scalar_one():
            raise JobError("另一作业正在执行 — another job is being carried out: wait for it, or stop it")
        yield
    finally:
        await asyncio.to_thread(connection.invalidate)
        await asyncio.to_thread(connection.close)


def _job_of(engine: Engine, job_id: UUID) -> Job:
    with engine.connect() as connection:
        return job_of(connection, job_id)


def _finish(engine: Engine, job_id: UUID, now: datetime) -> None:
    with engine.begin() as connection:
        finish(connection, job_id, now=now)
