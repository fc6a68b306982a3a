"""Imports on record: a job for each sheet, a row for each of its rows, in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update

from infra.boxes import Box, box_of, new_box
from infra.import_tables import import_jobs, import_rows
from producers.gateway.submissions import Identity, Submission, on_record
from producers.imports.checking import Ledger, Row, RowState
from producers.imports.rows import Flaw
from schemas.sealed.keys import of_import

_BEFORE = 2000
"""Identities that one query asks about."""


class JobState(StrEnum):
    """Where an import stands."""

    CHECKED = "checked"  # by wish only checked: nothing was said
    FLAWED = "flawed"  # something is wrong: nothing was said
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Job:
    """One import. `counts` says how many rows are in each state."""

    import_id: UUID
    unit: str
    template: str
    filename: str
    headers: tuple[str, ...]
    state: JobState
    created_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]


def add(connection: Connection, job: Job, rows: Sequence[Row]) -> None:
    """Puts an import on record, with all its rows. The caller commits."""
    values = {
        "import_id": job.import_id,
        "unit": job.unit,
        "template": job.template,
        "filename": job.filename,
        "headers": json.dumps(job.headers, ensure_ascii=False),
        "state": job.state,
        "created_at": job.created_at,
        "claimed_until": job.created_at,
        "finished_at": job.finished_at,
    }
    connection.execute(insert(import_jobs).values(values))
    if rows:
        box = new_box(connection, of_import(job.import_id), job.created_at)
        connection.execute(insert(import_rows), [_values(job, row, box) for row in rows])


def find(connection: Connection, import_id: UUID, *, unit: str) -> Job | None:
    """The import, if it is this unit's."""
    t = import_jobs.c
    row = connection.execute(
        select(import_jobs).where(t.import_id == import_id, t.unit == unit)
    ).one_or_none()
    return None if row is None else _job(row, _counts(connection, [row.import_id])[row.import_id])


def latest(connection: Connection, unit: str, *, most: int) -> list[Job]:
    """The unit's latest imports, the newest first."""
    t = import_jobs.c
    wanted = select(import_jobs).where(t.unit == unit).order_by(t.created_at.desc(), t.import_id).limit(most)
    rows = connection.execute(wanted).all()
    counts = _counts(connection, [row.import_id for row in rows])
    return [_job(row, counts[row.import_id]) for row in rows]


def running_of(connection: Connection, unit: str) -> int:
    """How many imports of the unit are under way."""
    t = import_jobs.c
    wanted = select(func.count()).where(t.unit == unit, t.state == JobState.RUNNING)
    return int(connection.execute(wanted).scalar_one())


def rows_of(
    connection: Connection, import_id: UUID, *states: RowState, most: int | None = None, after: int = 0
) -> list[Row]:
    """The rows in these states (none given: all), in the order of the sheet, from the one after `after` on."""
    t = import_rows.c
    wanted = (
        select(import_rows).where(t.import_id == import_id, t.number > after).order_by(t.number).limit(most)
    )
    if states:
        wanted = wanted.where(t.state.in_(states))
    found = connection.execute(wanted).all()
    box = box_of(connection, of_import(import_id))
    return [_row(row, box) for row in found]


def claim(connection: Connection, *, now: datetime, lease: timedelta) -> Job | None:
    """An import under way that nobody works on, claimed for `lease`. The caller commits."""
    t = import_jobs.c
    free = (
        select(t.import_id)
        .where(t.state == JobState.RUNNING, t.claimed_until <= now)
        .order_by(t.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    mine = update(import_jobs).where(t.import_id == free).values(claimed_until=now + lease)
    row = connection.execute(mine.returning(*import_jobs.c)).one_or_none()
    return None if row is None else _job(row, _counts(connection, [row.import_id])[row.import_id])


def settle(
    connection: Connection, import_id: UUID, rows: Iterable[Row], *, now: datetime, lease: timedelta
) -> None:
    """Writes down what became of rows that were ready, and keeps the claim. The caller commits."""
    t, box = import_rows.c, new_box(connection, of_import(import_id), now)
    for row in rows:
        standing = update(import_rows).where(
            t.import_id == import_id, t.number == row.number, t.state == RowState.READY
        )
        said = row.state in (RowState.SAID, RowState.KNOWN, RowState.CORRECTED)
        connection.execute(
            standing.values(
                state=row.state, events=None, flaws=box.seal(_flaws(row)), said_at=now if said else None
            )
        )
    job = update(import_jobs).where(import_jobs.c.import_id == import_id)
    connection.execute(job.values(claimed_until=now + lease))


def finish(connection: Connection, import_id: UUID, *, now: datetime) -> None:
    """Nothing of the import is left to say. The caller commits."""
    job = update(import_jobs).where(import_jobs.c.import_id == import_id)
    connection.execute(job.values(state=JobState.DONE, finished_at=now))


def forget(connection: Connection, *, before: datetime) -> None:
    """Deletes what the sheets of finished imports said; that they were imported stays. The caller commits."""
    old = select(import_jobs.c.import_id).where(import_jobs.c.finished_at < before)
    t = import_rows.c
    connection.execute(
        update(import_rows).where(t.import_id.in_(old), t.cells.is_not(None)).values(cells=None, events=None)
    )


def ledger(connection: Connection, unit: str, row_ids: Iterable[str]) -> Ledger:
    """What is on record of these rows."""
    wanted = sorted(set(row_ids) - {""})
    submissions: dict[Identity, Submission] = {}
    standing: dict[str, str] = {}
    t = import_rows.c
    for start in range(0, len(wanted), _BEFORE):
        some = wanted[start : start + _BEFORE]
        said = (
            select(t.row_id, t.event_id)
            .where(t.unit == unit, t.row_id.in_(some), t.said_at.is_not(None))
            .order_by(t.said_at)
        )
        standing.update((row_id, event_id) for row_id, event_id in connection.execute(said))
        submissions |= on_record(connection, [(unit, standing.get(one, one)) for one in some])
    return Ledger(submissions, standing)


def _counts(connection: Connection, imports: Sequence[UUID]) -> Mapping[UUID, dict[str, int]]:
    t = import_rows.c
    counted = (
        select(t.import_id, t.state, func.count())
        .where(t.import_id.in_(imports))
        .group_by(t.import_id, t.state)
    )
    found: dict[UUID, dict[str, int]] = {one: {} for one in imports}
    for import_id, state, count in connection.execute(counted):
        found[import_id][state] = count
    return found


def _job(row: Any, counts: Mapping[str, int]) -> Job:
    return Job(
        import_id=row.import_id,
        unit=row.unit,
        template=row.template,
        filename=row.filename,
        headers=tuple(json.loads(row.headers)),
        state=JobState(row.state),
        created_at=row.created_at,
        finished_at=row.finished_at,
        counts=counts,
    )


def _values(job: Job, row: Row, box: Box) -> dict[str, Any]:
    return {
        "import_id": job.import_id,
        "number": row.number,
        "unit": job.unit,
        "row_id": row.row_id,
        "event_id": row.event_id,
        "state": row.state,
        "cells": box.seal(json.dumps(row.cells, ensure_ascii=False)),
        "events": box.seal(json.dumps(row.events, ensure_ascii=False))
        if row.state in (RowState.READY, RowState.HELD)
        else None,
        "flaws": box.seal(_flaws(row)),
        "said_at": None,
    }


def _flaws(row: Row) -> str:
    return json.dumps([[flaw.column, flaw.zh, flaw.en] for flaw in row.flaws], ensure_ascii=False)


def _row(row: Any, box: Box) -> Row:
    return Row(
        number=row.number,
        cells=tuple(json.loads(box.open(row.cells or "[]"))),
        state=RowState(row.state),
        row_id=row.row_id,
        event_id=row.event_id,
        events=tuple(json.loads(box.open(row.events or "[]"))),
        flaws=tuple(Flaw(*flaw) for flaw in json.loads(box.open(row.flaws))),
    )
