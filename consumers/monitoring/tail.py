"""The live tail: events as they are applied, decoded and masked, by filter. Reads the database alone; blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from consumers.casework.records import unpack_headers
from consumers.views.contents import masked
from consumers.views.fields import contract_of
from schemas.catalogue import BY_NAME
from schemas.codec import decode
from schemas.envelope import read_headers

MOST = 200
LONGEST = 240

Marks = Mapping[int, int]
"""By partition of the log: the last offset that was seen."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events; what is empty does not restrict."""

    source: str = ""
    type: str = ""
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TailLine:
    """One applied event. `content` is masked; `number` is the case number that people know."""

    partition: int
    offset: int
    at: datetime
    type: str
    source: str
    event_id: str
    case_id: UUID
    origin_unit: str
    number: str
    content: str


_AFTER = """
SELECT e.partition, e.log_offset, e.recorded_at, e.type, e.source, e.event_id, e.case_id, e.headers, e.value
FROM unnest(CAST(:partitions AS int[]), CAST(:offsets AS bigint[])) AS m(partition, log_offset)
CROSS JOIN LATERAL (
  SELECT *, max(e.recorded_at) OVER (ORDER BY e.log_offset) AS reached FROM (
    SELECT * FROM events e WHERE e.partition = m.partition AND e.log_offset > m.log_offset {where}
    ORDER BY e.log_offset {order} LIMIT :most
  ) e
) e ORDER BY e.reached {order}, e.partition {order}, e.log_offset {order} LIMIT :most
"""
"""`reached` never falls within a partition, where many records have one time and a clock that is set back makes earlier
ones: ordered by the time alone a full page could have a later record of a partition without an earlier one."""
_MARKS = text("SELECT partition, next_offset - 1 AS last FROM progress WHERE topic = :topic")


def marks(connection: Connection, topic: str) -> dict[int, int]:
    """Where the log has been applied to: a tail begins behind it."""
    return {row.partition: row.last for row in connection.execute(_MARKS, {"topic": topic})}


def after(connection: Connection, seen: Marks, wanted: Filter, *, latest: bool = False) -> list[TailLine]:
    """Events behind these marks, the oldest first, at most MOST; with `latest` the newest of them.

    Events of one partition are never passed over: more come with the marks of the last.
    """
    where, values = _conditions(wanted)
    order = "DESC" if latest else "ASC"
    rows = connection.execute(
        text(_AFTER.format(where=where, order=order)),
        {"partitions": list(seen), "offsets": list(seen.values()), "most": MOST, **values},
    ).all()
    return [_line(row) for row in (reversed(rows) if latest else rows)]


def advanced(seen: Marks, lines: list[TailLine], reached: Marks) -> dict[int, int]:
    """The marks after these lines. A page that is full may leave some; otherwise all up to `reached` was seen."""
    if len(lines) < MOST:
        return {**seen, **reached}
    new = dict(seen)
    for line in lines:
        new[line.partition] = max(new.get(line.partition, -1), line.offset)
    return new


def _conditions(wanted: Filter) -> tuple[str, dict[str, Any]]:
    parts, values = "", {}
    for column, value in (("source", wanted.source), ("type", wanted.type), ("case_id", wanted.case_id)):
        if value:
            parts += f" AND e.{column} = :{column}"
            values[column] = value
    return parts, values


def _line(row: Row[Any]) -> TailLine:
    envelope = read_headers(unpack_headers(row.headers))
    data = decode(row.value).data
    fields = contract_of(BY_NAME[row.type])["fields"]
    shown = [
        f"{field['name']}: {masked(data[field['name']], field)}"
        for field in fields
        if data.get(field["name"])
    ]
    return TailLine(
        row.partition,
        row.log_offset,
        row.recorded_at,
        row.type,
        row.source,
        row.event_id,
        row.case_id,
        envelope.origin_unit,
        envelope.origin_case,
        shortened(" · ".join(shown)),
    )


def shortened(content: str) -> str:
    """At most LONGEST characters: a tail is looked over, not read."""
    return content if len(content) <= LONGEST else f"{content[: LONGEST - 1]}…"
