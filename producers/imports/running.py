"""Saying the rows of imports: in the background of a gateway, resumed by any gateway after a kill."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from infra.failpoints import failpoint
from infra.problems import ProblemError
from producers.gateway.desk import Conflicting, Desk, Destroyed, Receipted, Unavailable
from producers.gateway.statements import Reader
from producers.imports import jobs
from producers.imports.checking import CONFLICT, DESTROYED, Row, RowState
from producers.imports.jobs import Job
from producers.imports.rows import Flaw
from producers.records import Record

log = structlog.get_logger(__name__)

_LEASE = timedelta(seconds=30)
_AT_ONCE = 200
"""Rows that are said together: what else the gateway has to do comes in between."""
_PAUSE_SECONDS = 2.0


class ImportRunner:
    """Works off imports, one at a time, in the order of their upload. Used on the gateway's event loop.

    A row is said first and written down afterwards. If the process dies in between, the row is said again with
    the same id and bytes, and the first receipt comes back. Rows of one case are said one after the other.
    """

    def __init__(self, engine: Engine, desk: Desk, reader: Reader, *, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._desk = desk
        self._reader = reader
        self._clock = clock
        self._waking = asyncio.Event()

    def wake(self) -> None:
        """There is a new import."""
        self._waking.set()

    async def run(self) -> None:
        """Works until it is cancelled. While database or broker are away it waits."""
        while True:
            self._waking.clear()
            try:
                job = await run_in_threadpool(self._claimed)
                if job is not None and await self._work_off(job):
                    continue
            except SQLAlchemyError as error:
                log.warning("imports wait for the database", error=str(error))
            except Exception:
                log.exception("an import failed and is tried again")
            await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_PAUSE_SECONDS):
                await self._waking.wait()
        except TimeoutError:
            return

    async def _work_off(self, job: Job) -> bool:
        """Says all that is ready; False if the broker is away and it must be tried again later."""
        while rows := await run_in_threadpool(self._ready, job):
            for wave in _waves(rows):
                settled = await self._say(job, wave)
                failpoint("import-said")
                await run_in_threadpool(self._settle, job, settled)
                failpoint("import-written")
                if len(settled) < len(wave):
                    return False
        await run_in_threadpool(self._finish, job)
        log.info(
            "an import is done", import_id=str(job.import_id), unit=job.unit, rows=sum(job.counts.values())
        )
        return True

    async def _say(self, job: Job, rows: Sequence[Row]) -> list[Row]:
        """The rows that have an outcome. All that a row says is said in its order, a correction at the end."""
        settled: list[Row] = []
        waiting = list(rows)
        step = 0
        while waiting:
            records, refused = self._records(job, waiting, step)
            outcomes = await self._desk.submit([record for _, record in records]) if records else []
            answered = [
                _after(row, outcome, step, job)
                for (row, _), outcome in zip(records, outcomes, strict=True)
                if not isinstance(outcome, Unavailable)
            ]
            settled += refused + [row for row in answered if row.state is not RowState.READY]
            waiting = [row for row in answered if row.state is RowState.READY]
            step += 1
        return settled

    def _records(
        self, job: Job, rows: Sequence[Row], step: int
    ) -> tuple[list[tuple[Row, Record]], list[Row]]:
        records: list[tuple[Row, Record]] = []
        refused: list[Row] = []
        for row in rows:
            try:
                record = self._reader.record(row.events[step], unit=job.unit, now=self._clock(), entropy=b"")
            except ProblemError as problem:  # the register has changed since the sheet was checked
                refused.append(_with(row, RowState.REFUSED, problem.detail, problem.detail))
            else:
                records.append((row, record))
        return records, refused

    def _claimed(self) -> Job | None:
        with self._engine.begin() as connection:
            return jobs.claim(connection, now=self._clock(), lease=_LEASE)

    def _ready(self, job: Job) -> list[Row]:
        with self._engine.begin() as connection:
            return jobs.rows_of(connection, job.import_id, RowState.READY, most=_AT_ONCE)

    def _settle(self, job: Job, rows: Sequence[Row]) -> None:
        with self._engine.begin() as connection:
            jobs.settle(connection, job.import_id, rows, now=self._clock(), lease=_LEASE)

    def _finish(self, job: Job) -> None:
        with self._engine.begin() as connection:
            jobs.finish(connection, job.import_id, now=self._clock())


def _waves(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows in groups, in their order: no two rows of one case are in one group."""
    waves: list[list[Row]] = []
    reached: dict[tuple[str, str], int] = {}
    for row in rows:
        case = row.events[0]["case"]
        n = reached.get(key := (case.get("unit", ""), case["number"]), -1) + 1
        reached[key] = n
        if n == len(waves):
            waves.append([])
        waves[n].append(row)
    return waves


def _after(row: Row, outcome: Receipted | Conflicting | Destroyed, step: int, job: Job) -> Row:
    """The row after its `step`-th event has an outcome; still ready if there is more to say."""
    if isinstance(outcome, Conflicting):
        return _with(row, RowState.CONFLICT, *CONFLICT)
    if isinstance(outcome, Destroyed):
        return _with(row, RowState.REFUSED, *DESTROYED)
    if step < len(row.events) - 1:
        return row
    if row.event_id != row.row_id:
        return replace(row, state=RowState.CORRECTED)
    ours = outcome.first or outcome.submission.received_at >= job.created_at
    return replace(row, state=RowState.SAID if ours else RowState.KNOWN)


def _with(row: Row, state: RowState, zh: str, en: str) -> Row:
    return replace(row, state=state, flaws=(Flaw("", zh, en),))
