"""Which records were not applied, and what is known about each today: read from the database. Blocks."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, text

from consumers.redrive.opening import opened_original
from consumers.redrive.originals import judge, original
from consumers.redrive.rules import Candidate, Group, Place, ranked
from infra.vault import opened_whole
from schemas.units import Register

PAGE = 500
"""Rows with their bytes that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A filter over the records that were not applied; what is None or empty does not restrict.

    `open_only` leaves out what is settled: applied since, or given back to its unit.
    """

    places: Sequence[Place] = ()
    kind: str | None = None
    reason: str | None = None
    type: str | None = None
    owner: str | None = None
    case_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    open_only: bool = True


_APPLIED = """(q.kind <> 'conflict' AND q.owner = q.source AND EXISTS (
  SELECT FROM events e WHERE e.source = q.source AND e.event_id = q.event_id))"""
_RETURNED = """EXISTS (SELECT FROM redrive_items i WHERE i.topic = q.topic AND i.partition = q.partition
  AND i.log_offset = q.log_offset AND i.state = 'returned')"""
_DUE = """(SELECT min(c.due_to) FROM clocks c
  WHERE c.case_id = q.case_id AND c.state IN ('running', 'breached'))"""
_ABOUT = f"""
q.topic, q.partition, q.log_offset, q.kind, q.reason, q.owner, q.source, q.event_id, q.type, q.case_id,
q.recorded_at, {_APPLIED} AS applied, {_RETURNED} AS returned, {_DUE} AS due,
(SELECT count(*) FROM events e WHERE e.case_id = q.case_id AND e.recorded_at > q.recorded_at) AS later,
(SELECT jsonb_object_agg(f.outcome, f.times) FROM (
  SELECT i.outcome, count(*) AS times FROM redrive_items i
  WHERE i.state = 'failed' AND ((i.topic, i.partition, i.log_offset) = (q.topic, q.partition, q.log_offset)
    OR (i.source, i.event_id) = (q.source, q.event_id))
  GROUP BY i.outcome) f) AS failures
"""


def candidates(
    connection: Connection,
    selection: Selection,
    register: Register,
    *,
    max_bytes: int,
    limit: int | None = None,
) -> list[Candidate]:
    """The selected records in the order in which they came, each judged by today's contracts and register.

    With `limit` the first of them only: judging costs a third of a millisecond each.
    """
    where, values = _conditions(selection)
    rows = connection.execute(
        text(
            f"SELECT {_ABOUT}, q.key, q.value, q.headers FROM quarantine q WHERE {where} "
            "ORDER BY q.recorded_at, q.topic, q.partition, q.log_offset LIMIT :limit"
        ).execution_options(yield_per=PAGE),
        values | {"limit": limit},
    )
    return [_candidate(connection, row, register, max_bytes) for row in rows]


def siblings(connection: Connection, chosen: Sequence[Candidate]) -> list[Candidate]:
    """Open records of the same units and cases that were not chosen: they may have to go first."""
    cases = {one.case_id for one in chosen if one.case_id is not None}
    lanes, places = {one.lane for one in chosen}, {one.place for one in chosen}
    found: list[Candidate] = []
    for some in _cut(sorted(map(str, cases)), 5_000):
        rows = connection.execute(
            text(
                f"SELECT {_ABOUT} FROM quarantine q WHERE q.case_id = ANY(CAST(:cases AS uuid[])) "
                f"AND q.kind <> 'conflict' AND NOT {_APPLIED} AND NOT {_RETURNED}"
            ),
            {"cases": "{" + ",".join(some) + "}"},
        )
        found += [_about(row) for row in rows]
    return [one for one in found if one.lane in lanes and one.place not in places]


def groups(connection: Connection, selection: Selection | None = None) -> list[Group]:
    """The selected records by cause, the most pressing first."""
    where, values = _conditions(selection or Selection())
    rows = connection.execute(
        text(
            "SELECT q.kind, q.reason, q.type, q.owner, count(*) AS number, min(q.recorded_at) AS oldest, "
            f"max(q.recorded_at) AS newest, min({_DUE}) AS due FROM quarantine q WHERE {where} "
            "GROUP BY q.kind, q.reason, q.type, q.owner"
        ),
        values,
    )
    return ranked(
        Group(row.kind, row.reason, row.type, row.owner, row.number, row.oldest, row.newest, row.due)
        for row in rows
    )


def unpack(packed: bytes) -> list[tuple[str, bytes | None]]:
    """The headers in `quarantine.headers`."""
    return [(name, None if told is None else base64.b64decode(told)) for name, told in orjson.loads(packed)]


def _conditions(selection: Selection) -> tuple[str, dict[str, Any]]:
    parts = ["true"]
    values: dict[str, Any] = {}
    for column, value in (
        ("kind", selection.kind),
        ("reason", selection.reason),
        ("type", selection.type),
        ("owner", selection.owner),
        ("case_id", selection.case_id),
    ):
        if value is not None:
            parts.append(f"q.{column} = :{column}")
            values[column] = value
    if selection.since is not None:
        parts.append("q.recorded_at >= :since")
        values["since"] = selection.since
    if selection.until is not None:
        parts.append("q.recorded_at < :until")
        values["until"] = selection.until
    if selection.places:
        parts.append(
            "(q.topic, q.partition, q.log_offset) IN "
            "(SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:numbers AS int[]), CAST(:offsets AS bigint[])))"
        )
        values["topics"] = [place.topic for place in selection.places]
        values["numbers"] = [place.partition for place in selection.places]
        values["offsets"] = [place.offset for place in selection.places]
    if selection.open_only:
        parts.append(f"NOT {_APPLIED} AND NOT {_RETURNED}")
    return " AND ".join(parts), values


def _candidate(connection: Connection, row: Row[Any], register: Register, max_bytes: int) -> Candidate:
    refusal = None
    if row.kind == "refused" and row.owner:
        headers = unpack(row.headers)
        value = opened_whole(connection, row.value)
        kept = original(key=row.key, value=value, headers=headers, recorded_at=row.recorded_at)
        record, unopened = opened_original(connection, kept)
        refusal = unopened or judge(record, register, max_bytes)
    return _about(row, refusal=refusal)


def _about(row: Row[Any], **more: Any) -> Candidate:
    return Candidate(
        place=Place(row.topic, row.partition, row.log_offset),
        kind=row.kind,
        reason=row.reason,
        owner=row.owner,
        source=row.source,
        event_id=row.event_id,
        type=row.type,
        case_id=row.case_id,
        recorded_at=row.recorded_at,
        applied=row.applied,
        returned=row.returned,
        failures=row.failures,
        later=row.later,
        due=row.due,
        **more,
    )


def _cut(all_: Sequence[str], size: int) -> Iterator[Iterable[str]]:
    return (all_[start : start + size] for start in range(0, len(all_), size))
