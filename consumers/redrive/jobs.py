"""Jobs of operators: proposed, decided by a second person where that is wanted, and kept until they are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, update

from consumers.approvals.rules import to_second_person, to_words
from consumers.redrive.rules import Action, Planned, Verdict
from infra.audit import Entry, enter
from infra.tables import redrive_items, redrive_jobs


class JobState(StrEnum):
    """Where a job stands. Approved ones are at work, or were interrupted."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DONE = "done"
    STOPPED = "stopped"
    REJECTED = "rejected"


class JobError(Exception):
    """What was asked of a job cannot be done; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job, and how many of its records are in which state."""

    id: UUID
    action: Action
    state: JobState
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    rate: int
    finished_at: datetime | None
    items: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many records the job has."""
        return sum(self.items.values())

    @property
    def settled(self) -> int:
        """How many of them nothing more will be done with."""
        return self.total - self.items.get("waiting", 0) - self.items.get("sent", 0)


def propose(
    connection: Connection,
    job_id: UUID,
    planned: Sequence[Planned],
    action: Action,
    *,
    by: str,
    reason: str,
    rate: int,
    needs_approval: bool,
    now: datetime,
) -> None:
    """Make a job of what is ready in a plan. Repeating it with the same id changes nothing. The caller commits.

    Raises JobError if nothing is ready, or if nobody and no reason is named.
    """
    ready = [one.candidate for one in planned if one.verdict is Verdict.READY]
    _check_words(by, reason)
    if not ready:
        raise JobError("没有可处理的记录 — nothing of what was chosen can be done: see the dry run")
    if connection.execute(select(redrive_jobs.c.job_id).where(redrive_jobs.c.job_id == job_id)).first():
        return
    state = JobState.PROPOSED if needs_approval else JobState.APPROVED
    connection.execute(
        insert(redrive_jobs).values(
            job_id=job_id,
            action=action.value,
            state=state.value,
            reason=reason,
            proposed_by=by,
            proposed_at=now,
            rate=rate,
        )
    )
    connection.execute(
        insert(redrive_items),
        [
            {
                "job_id": job_id,
                "n": n,
                "topic": one.place.topic,
                "partition": one.place.partition,
                "log_offset": one.place.offset,
                "source": one.source,
                "event_id": one.event_id,
                "owner": one.owner,
                "case_id": one.case_id,
                "state": "waiting",
                "outcome": "",
                "changed_at": now,
            }
            for n, one in enumerate(ready)
        ],
    )
    record_action(connection, by, f"{action.value}-proposed", str(job_id), reason, now=now)


def decide(
    connection: Connection, job_id: UUID, *, by: str, approve: bool, reason: str, now: datetime
) -> None:
    """A second person approves or rejects a proposed job. The caller commits.

    Raises JobError if it is not proposed, or if the person is the one who proposed it.
    """
    _check_words(by, reason)
    job = job_of(connection, job_id, lock=True)
    if job.state is not JobState.PROPOSED:
        raise JobError(f"作业状态为{job.state.value} — job {job_id} is {job.state.value}, not proposed")
    if objection := to_second_person(job.proposed_by, by):
        raise JobError(objection)
    state = JobState.APPROVED if approve else JobState.REJECTED
    _set(connection, job_id, state=state.value, decided_by=by, decided_at=now)
    record_action(connection, by, "job-approved" if approve else "job-rejected", str(job_id), reason, now=now)


def stop(connection: Connection, job_id: UUID, *, by: str, reason: str, now: datetime) -> None:
    """Stop a job: what is sent stays sent, nothing more is. The caller commits. Raises JobError."""
    _check_words(by, reason)
    job = job_of(connection, job_id, lock=True)
    if job.state not in (JobState.PROPOSED, JobState.APPROVED):
        raise JobError(f"作业状态为{job.state.value} — job {job_id} is {job.state.value} already")
    _set(connection, job_id, state=JobState.STOPPED.value, finished_at=now)
    record_action(connection, by, "job-stopped", str(job_id), reason, now=now)


def finish(connection: Connection, job_id: UUID, *, now: datetime) -> None:
    """Mark a job done, unless somebody stopped it meanwhile. The caller commits."""
    approved = (redrive_jobs.c.job_id == job_id) & (redrive_jobs.c.state == JobState.APPROVED.value)
    connection.execute(
        update(redrive_jobs).where(approved).values(state=JobState.DONE.value, finished_at=now)
    )


def job_of(connection: Connection, job_id: UUID, *, lock: bool = False) -> Job:
    """The job. Raises JobError if there is none."""
    wanted = select(redrive_jobs).where(redrive_jobs.c.job_id == job_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise JobError(f"没有该作业 — there is no job {job_id}: see `linkage dlq jobs`")
    return _job(row, _counts(connection, [job_id]).get(job_id, {}))


def jobs(connection: Connection, *, limit: int = 100) -> list[Job]:
    """The latest jobs, the newest first."""
    rows = connection.execute(
        select(redrive_jobs).order_by(redrive_jobs.c.proposed_at.desc()).limit(limit)
    ).all()
    counts = _counts(connection, [row.job_id for row in rows])
    return [_job(row, counts.get(row.job_id, {})) for row in rows]


@dataclass(frozen=True, slots=True)
class Item:
    """One record of a job, for its report."""

    place: str
    source: str | None
    event_id: str | None
    state: str
    outcome: str
    changed_at: datetime


def items(
    connection: Connection, job_id: UUID, *, states: Sequence[str] = (), limit: int = 1000
) -> list[Item]:
    """The records of a job in their order, those in `states` if any are named."""
    wanted = redrive_items.c.job_id == job_id
    if states:
        wanted &= redrive_items.c.state.in_(states)
    rows = connection.execute(select(redrive_items).where(wanted).order_by(redrive_items.c.n).limit(limit))
    return [
        Item(
            f"{row.topic}/{row.partition}/{row.log_offset}",
            row.source,
            row.event_id,
            row.state,
            row.outcome,
            row.changed_at,
        )
        for row in rows
    ]


def record_action(
    connection: Connection, operator: str, action: str, subject: str, reason: str, *, now: datetime
) -> None:
    """Keep who did what, when and why, in the caller's transaction."""
    kind = "reveal" if action == "record-revealed" else "change"
    enter(connection, Entry(operator, kind, action, subject, detail=reason), now=now)


def _check_words(by: str, reason: str) -> None:
    if objection := to_words(by, reason):
        raise JobError(objection)


def _set(connection: Connection, job_id: UUID, **values: Any) -> None:
    connection.execute(update(redrive_jobs).where(redrive_jobs.c.job_id == job_id).values(**values))


def _counts(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    column = redrive_items.c
    rows = connection.execute(
        select(column.job_id, column.state, func.count())
        .where(column.job_id.in_(ids))
        .group_by(column.job_id, column.state)
    )
    found: dict[UUID, dict[str, int]] = {}
    for job_id, state, number in rows:
        found.setdefault(job_id, {})[state] = number
    return found


def _job(row: Any, counts: Mapping[str, int]) -> Job:
    return Job(
        row.job_id,
        Action(row.action),
        JobState(row.state),
        row.reason,
        row.proposed_by,
        row.proposed_at,
        row.decided_by,
        row.decided_at,
        row.rate,
        row.finished_at,
        counts,
    )
