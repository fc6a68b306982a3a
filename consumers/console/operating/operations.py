"""What the pages of operators need besides the database: the watch over the topics, and carrying out jobs."""

from __future__ import annotations

import asyncio
import threading
from uuid import UUID

import structlog
from sqlalchemy import Engine

from consumers.console.desk import Clock
from consumers.monitoring.watching import Look, Watch
from consumers.redrive.running import Redriver
from infra.batches import BatchProducer
from infra.kafka import security_options
from infra.settings import Settings
from schemas.units import Register

log = structlog.get_logger(__name__)


class Operations:
    """The console's connection to the broker. Safe between threads."""

    def __init__(self, settings: Settings, register: Register, engine: Engine, clock: Clock) -> None:
        self.needs_approval = settings.redrive_approval
        self.max_bytes = settings.max_event_bytes
        self._settings = settings
        self._register = register
        self._engine = engine
        self._clock = clock
        self._watch = Watch(settings, register, engine)

    def look(self) -> Look:
        """Where every topic and reader stands. Raises what broker or database raise. Blocks."""
        return self._watch.look()

    def begin(self, job_id: UUID) -> None:
        """Carry out a job in a thread of its own. Should this process be killed, somebody resumes the job."""
        threading.Thread(target=self._run, args=(job_id,), name=f"redrive-{job_id}", daemon=True).start()

    def _run(self, job_id: UUID) -> None:
        try:
            asyncio.run(self._carry_out(job_id))
        except Exception as error:  # noqa: BLE001  (the job stands in the database, and its page offers to resume it)
            log.warning("redrive interrupted", job=str(job_id), error=f"{type(error).__name__}: {error}")

    async def _carry_out(self, job_id: UUID) -> None:
        settings = self._settings
        name, security = f"{settings.namespace}redrive-console", security_options(settings)
        async with BatchProducer(settings.bootstrap, name, options=security) as producer:
            redriver = Redriver(settings, self._register, self._engine, producer, clock=self._clock)
            await redriver.carry_out(job_id)
