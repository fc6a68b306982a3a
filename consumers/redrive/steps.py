"""The steps of a job in the database: what to send next, what was sent, and what became of it. Blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, text

from consumers.redrive.jobs import Job
from consumers.redrive.opening import opened_original, sealed_original
from consumers.redrive.originals import Decided, Original, into_log, judge, original, release
from consumers.redrive.rules import Action, Place
from consumers.redrive.selecting import unpack
from infra.batches import Outgoing
from infra.settings import Settings
from infra.vault import opened_whole
from schemas.admission import Refusal
from schemas.digests import digest
from schemas.envelope import read_headers
from schemas.units import Register

CHUNK = 500
"""Records that are sent at once. Of each case one at a time: the next goes when that one is known to count."""


@dataclass(slots=True)
class Step:
    """What to send next: the records in their order, and the numbers of the items that they belong to."""

    outgoing: list[Outgoing] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    behind: list[int] = field(default_factory=list)
    settled: int = 0  # items that turned out to need no sending, or to be refused


# Both go once over the job's items: a look back from each item would be a square of their number.
_HOLD = text("""
UPDATE redrive_items i SET state = 'held', outcome = 'earlier-failed', changed_at = :now
FROM (SELECT owner, case_id, min(n) AS n FROM redrive_items
  WHERE job_id = :job AND state IN ('failed', 'held') AND case_id IS NOT NULL GROUP BY owner, case_id) f
WHERE i.job_id = :job AND i.state = 'waiting' AND (i.owner, i.case_id) = (f.owner, f.case_id) AND i.n > f.n
""")
_NEXT = text("""
SELECT i.n, q.topic, q.partition, q.log_offset, q.kind, q.key, q.value, q.headers, q.recorded_at,
       e.digest AS applied
FROM (
  SELECT n, topic, partition, log_offset, source, event_id, state,
    min(n) OVER (PARTITION BY coalesce(case_id::text, n::text)) AS first FROM redrive_items
  WHERE job_id = :job AND state IN ('waiting', 'sent')
) i JOIN quarantine q USING (topic, partition, log_offset)
LEFT JOIN events e ON e.source = i.source AND e.event_id = i.event_id
WHERE i.n = i.first AND i.state = 'waiting'
ORDER BY i.n LIMIT :limit
""")
_STANDING = text("SELECT partition, next_offset FROM progress WHERE topic = :topic")
_SETTLE = text("""
UPDATE redrive_items i SET state = s.state, outcome = s.outcome, changed_at = :now
FROM unnest(CAST(:numbers AS int[]), CAST(:states AS text[]), CAST(:outcomes AS text[])) AS s(n, state, outcome)
WHERE i.job_id = :job AND i.n = s.n
""")
_SENT = text("""
UPDATE redrive_items i SET state = 'sent', sent_behind = s.behind, changed_at = :now
FROM unnest(CAST(:numbers AS int[]), CAST(:behind AS bigint[])) AS s(n, behind)
WHERE i.job_id = :job AND i.n = s.n
""")
# Set aside again comes first: a conflict has its identity among the applied events too.
_FAILED = text("""
UPDATE redrive_items i SET state = 'failed', outcome = q.reason, changed_at = :now
FROM quarantine q
WHERE i.job_id = :job AND i.state = 'sent' AND q.topic = :topic AND q.source = i.source
AND q.event_id = i.event_id AND q.log_offset >= i.sent_behind
""")
_APPLIED = text("""
UPDATE redrive_items i SET state = 'applied', changed_at = :now
FROM events e WHERE i.job_id = :job AND i.state = 'sent' AND e.source = i.source AND e.event_id = i.event_id
""")
_UNKNOWN = text("SELECT count(*) FROM redrive_items WHERE job_id = :job AND state = 'sent'")
_GIVE_BACK = text("""
UPDATE redrive_items SET state = 'returned', changed_at = :now WHERE job_id = :job AND state = 'waiting'
""")


def next_step(engine: Engine, settings: Settings, register: Register, job: Job, *, now: datetime) -> Step:
    """The next records of the job, each judged once more; what needs no sending is settled at once."""
    step = Step()
    settled: list[tuple[int, str, str]] = []
    with engine.begin() as connection:
        connection.execute(_HOLD, {"job": job.id, "now": now})
        standing = _standing(connection, settings.topics.case_events)
        for row in connection.execute(_NEXT, {"job": job.id, "limit": CHUNK}).all():
            headers = unpack(row.headers)
            value = opened_whole(connection, row.value)
            kept = original(key=row.key, value=value, headers=headers, recorded_at=row.recorded_at)
            record, unopened = opened_original(connection, kept)
            outcome = _refused(row, record, unopened, settings, register)
            record = record if outcome else sealed_original(connection, record, register.by_code, now)
            outcome = outcome or _applied(row, record)
            if outcome is not None:
                settled.append((row.n, *outcome))
                continue
            outgoing = _records(record, Place(row.topic, row.partition, row.log_offset), settings, job)
            step.outgoing += outgoing
            step.sent.append(row.n)
            step.behind.append(standing.get(outgoing[0].partition, 0))
        if settled:
            _settle(connection, job.id, settled, now)
    step.settled = len(settled)
    return step


def mark_sent(engine: Engine, job_id: UUID, step: Step, *, now: datetime) -> None:
    """The broker has the records of this step."""
    with engine.begin() as connection:
        connection.execute(_SENT, {"job": job_id, "numbers": step.sent, "behind": step.behind, "now": now})


def confirm(engine: Engine, job_id: UUID, topic: str, *, now: datetime) -> int:
    """Look up what casework made of what was sent; returns of how many that is not known yet."""
    with engine.begin() as connection:
        connection.execute(_FAILED, {"job": job_id, "topic": topic, "now": now})
        connection.execute(_APPLIED, {"job": job_id, "now": now})
        return int(connection.execute(_UNKNOWN, {"job": job_id}).scalar_one())


def give_back(engine: Engine, job_id: UUID, *, now: datetime) -> None:
    """Every record of the job is its unit's again: the unit sees the reason beside it."""
    with engine.begin() as connection:
        connection.execute(_GIVE_BACK, {"job": job_id, "now": now})


def _standing(connection: Connection, topic: str) -> Mapping[int, int]:
    return {row.partition: row.next_offset for row in connection.execute(_STANDING, {"topic": topic})}


def _refused(
    row: Row[Any], record: Original, unopened: Refusal | None, settings: Settings, register: Register
) -> tuple[str, str] | None:
    """(state, outcome) of a record that there is no right to send."""
    if row.kind == "refused":
        refusal = unopened or judge(record, register, settings.max_event_bytes)
        if refusal is not None:
            return "failed", refusal.reason.value
    return None


def _applied(row: Row[Any], record: Original) -> tuple[str, str] | None:
    """(state, outcome) of a record that there is no need to send."""
    if row.applied is not None:
        same = row.applied == digest(read_headers(record.headers), record.value or b"")
        return ("applied", "") if same else ("failed", "identity-conflict")
    return None


def _records(record: Original, place: Place, settings: Settings, job: Job) -> list[Outgoing]:
    topic, partitions = settings.topics.case_events, settings.partitions
    again = into_log(record, topic=topic, partitions=partitions, job=job.id)
    if job.action is not Action.RELEASE:
        return [again]
    decided = Decided(job.id, job.proposed_by, job.proposed_at, job.reason, job.decided_by)
    return [release(record, str(place), decided, topic=topic, partitions=partitions), again]


def _settle(
    connection: Connection, job_id: UUID, settled: Sequence[tuple[int, str, str]], now: datetime
) -> None:
    numbers, states, outcomes = zip(*settled, strict=True)
    connection.execute(
        _SETTLE,
        {
            "job": job_id,
            "numbers": list(numbers),
            "states": list(states),
            "outcomes": list(outcomes),
            "now": now,
        },
    )
