"""Dense sequence numbers for feeds: which entries get which number, decided once, before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Engine

from consumers.casework.records import unpack_headers
from consumers.casework.store import FEW_ROWS, raw_cursor, single_statement
from infra.database import driver_connection
from infra.positions import holding, lock_position, move_position
from schemas.envelope import Headers

MAX_ENTRIES = 5000


class Logged(NamedTuple):
    """An event as the log has it, `headers` with where it stands there and its digest; its entries share one."""

    partition: int
    offset: int
    key: bytes
    headers: Headers
    value: bytes


class Numbered(NamedTuple):
    """A feed entry with its number, and the event it delivers."""

    unit: str
    seq: int
    delivery: str
    role: str
    basis: str
    event: Logged


class _Entry(NamedTuple):
    partition: int
    log_offset: int
    n: int
    unit: str
    delivery: str
    role: str
    basis: str


@dataclass(frozen=True, slots=True)
class Step:
    """What one numbering transaction did: `numbered` entries to send now, `more` if it stopped at its limit.

    `held` says that others got numbers too, and wait: for a unit that is suspended, or behind such ones.
    """

    numbered: list[Numbered]
    more: bool
    held: bool = False


# Entries of a partition commit in the order of its log, since batches of a partition are serialised by its
# position row. So "beyond the last numbered offset" misses nothing, unlike an order by row id would.
# WITH TIES takes whole events only: an event's entries are numbered together or not yet.
_NEXT = """
SELECT f.* FROM generate_series(0, %(partitions)s - 1) AS p
LEFT JOIN relay_progress r ON r.partition = p
CROSS JOIN LATERAL (
  SELECT partition, log_offset, n, unit, delivery, role, basis FROM feed_entries
  WHERE partition = p::int2 AND log_offset > coalesce(r.log_offset, -1)
  ORDER BY log_offset FETCH FIRST (%(room)s) ROWS WITH TIES
) f ORDER BY f.partition, f.log_offset, f.n
"""

# Each event once, however many entries deliver it.
_EVENTS = """
SELECT e.partition, e.log_offset, e.case_id::text, e.headers, e.value, e.digest
FROM unnest(%s::int2[], %s::int8[], %s::int8[]) AS r(partition, first, last)
JOIN events e ON e.partition = r.partition AND e.log_offset BETWEEN r.first AND r.last
"""

# Only feeds with something left are looked into, each from where it stands: the table is as long as history.
_UNPUBLISHED = """
SELECT p.unit, p.seq, f.delivery, f.role, f.basis,
  e.partition, e.log_offset, e.case_id::text, e.headers, e.value, e.digest
FROM feeds s
CROSS JOIN LATERAL (
  SELECT unit, seq, partition, log_offset, n FROM feed_positions
  WHERE unit = s.unit AND seq > s.published ORDER BY seq LIMIT %(limit)s
) p
JOIN feed_entries f ON (f.partition, f.log_offset, f.n) = (p.partition, p.log_offset, p.n)
JOIN events e ON (e.partition, e.log_offset) = (p.partition, p.log_offset)
WHERE s.assigned > s.published AND NOT EXISTS (SELECT FROM suspensions h WHERE h.unit = s.unit)
ORDER BY p.unit, p.seq LIMIT %(limit)s
"""

_HELD = (
    "SELECT EXISTS (SELECT FROM feeds s JOIN suspensions h ON h.unit = s.unit WHERE s.assigned > s.published)"
)

# A unit that has something unsent gets nothing new sent before it.
_STANDINGS = """
SELECT coalesce(s.unit, h.unit), coalesce(s.assigned, 0), h.unit IS NOT NULL OR s.assigned > s.published
FROM feeds s FULL JOIN suspensions h ON h.unit = s.unit
"""

# Without this, and without fresh statistics, the planner sorts the whole backlog for each page of it.
_BY_INDEX = "SET LOCAL enable_bitmapscan = off"


def unpublished(engine: Engine, limit: int = MAX_ENTRIES) -> Step:
    """Entries that have a number but no acknowledgement of the broker: left by a crash or a suspension. Blocks.

    Those of a suspended unit go on waiting.
    """
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        # Asked first: a unit that is resumed between the two is sent its entries now, and asked about once more.
        ((held,),) = cursor.execute(_HELD).fetchall()
        rows = cursor.execute(_UNPUBLISHED, {"limit": limit})
        entries = [Numbered._make((*row[:5], _logged(row[5:]))) for row in rows]
        return Step(entries, more=bool(entries), held=held)


LEASE = "relay"
"""The row of `progress` (partition 0) that counts how often a relay became active: its `next_offset` is the term."""


def begin_term(engine: Engine) -> int:
    """Become the relay: whoever was it before can number nothing from now on. Returns the new term. Blocks."""
    with engine.begin() as connection:
        standing = lock_position(connection, LEASE, 0)
        term = standing.next_offset + 1
        move_position(
            connection, LEASE, 0, expected=standing.next_offset, next_offset=term, chain=standing.chain
        )
        return term


def number_next(engine: Engine, partitions: int, term: int, *, limit: int = MAX_ENTRIES) -> Step:
    """Give the next entries of all partitions their numbers, about `limit` of them, in one transaction. Blocks.

    Raises LostGuard if another relay's term has begun. Numbers are committed before anything is sent, so
    a crash sends the same entry under the same number again, never another entry under it.
    """
    room = max(1, limit // partitions)
    with engine.begin() as connection:
        with holding(connection, LEASE, 0, expected=term):
            raw_cursor(connection).execute(_BY_INDEX)
            rows = raw_cursor(connection).execute(_NEXT, {"partitions": partitions, "room": room})
        entries = [_Entry(*row) for row in rows]
        if not entries:
            return Step([], more=False)
        reached, more = _reached(entries, room)
        events, standings = _look_up(connection, entries, reached)
        numbered = _number(entries, events, {unit: assigned for unit, assigned, _ in standings})
        _write(connection, entries, numbered, reached)
        held = {unit for unit, _, waits in standings if waits}
        free = [entry for entry in numbered if entry.unit not in held] if held else numbered
        return Step(free, more, held=len(free) < len(numbered))


def _reached(entries: Sequence[_Entry], room: int) -> tuple[dict[int, int], bool]:
    """How far these entries go in each partition, and whether some partition may have more."""
    counted = Counter(entry.partition for entry in entries)
    return {entry.partition: entry.log_offset for entry in entries}, max(counted.values()) >= room


def _look_up(
    connection: Connection, entries: Sequence[_Entry], reached: Mapping[int, int]
) -> tuple[dict[tuple[int, int], Logged], list[tuple[str, int, bool]]]:
    """The events that these entries deliver, and how feeds stand: `_STANDINGS`."""
    first = {entry.partition: entry.log_offset for entry in reversed(entries)}
    ranges = (list(reached), [first[partition] for partition in reached], list(reached.values()))
    with driver_connection(connection).pipeline():
        rows = raw_cursor(connection).execute(_EVENTS, ranges)
        standings = raw_cursor(connection).execute(_STANDINGS)
    return {(row[0], row[1]): _logged(row) for row in rows}, standings.fetchall()


def _logged(row: Sequence[Any]) -> Logged:
    partition, offset, case_id, packed, value, digest = row
    headers = unpack_headers(packed)
    headers.append(("linkage-position", f"{partition}/{offset}".encode()))
    headers.append(("linkage-digest", digest.hex().encode()))
    return Logged(partition, offset, case_id.encode(), headers, value)


def _number(
    entries: Sequence[_Entry], events: Mapping[tuple[int, int], Logged], assigned: dict[str, int]
) -> list[Numbered]:
    """The entries with their numbers, which go on from the last `assigned` ones."""
    numbered = []
    for partition, offset, _, unit, delivery, role, basis in entries:
        seq = assigned[unit] = assigned.get(unit, 0) + 1
        numbered.append(Numbered(unit, seq, delivery, role, basis, events[partition, offset]))
    return numbered


_INSERT_POSITIONS = """
INSERT INTO feed_positions (unit, seq, partition, log_offset, n)
SELECT unit, seq, partition, log_offset, n FROM json_populate_recordset(NULL::feed_positions, %s::json)
"""
_MOVE_FEEDS = """
INSERT INTO feeds (unit, assigned, published, acknowledged)
SELECT unit, assigned, 0, 0 FROM unnest(%s::text[], %s::int8[]) AS n(unit, assigned)
ON CONFLICT (unit) DO UPDATE SET assigned = EXCLUDED.assigned
"""
_MOVE_RELAY = """
INSERT INTO relay_progress (partition, log_offset) SELECT * FROM unnest(%s::int2[], %s::int8[])
ON CONFLICT (partition) DO UPDATE SET log_offset = EXCLUDED.log_offset
"""
_POSITION = ("unit", "seq", "partition", "log_offset", "n")


def _write(
    connection: Connection,
    entries: Sequence[_Entry],
    numbered: Sequence[Numbered],
    reached: Mapping[int, int],
) -> None:
    assigned = {entry.unit: entry.seq for entry in numbered}
    positions = [
        (one.unit, one.seq, entry.partition, entry.log_offset, entry.n)
        for entry, one in zip(entries, numbered, strict=True)
    ]
    if len(positions) > FEW_ROWS:
        with raw_cursor(connection).copy("COPY feed_positions FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["text", "int8", "int2", "int8", "int2"])
            for row in positions:
                copy.write_row(row)
    with driver_connection(connection).pipeline():
        if len(positions) <= FEW_ROWS:  # a handful costs less as one parameter than the trips of COPY
            told = orjson.dumps([dict(zip(_POSITION, row, strict=True)) for row in positions])
            raw_cursor(connection).execute(_INSERT_POSITIONS, (told.decode(),))
        raw_cursor(connection).execute(_MOVE_FEEDS, (list(assigned), list(assigned.values())))
        raw_cursor(connection).execute(_MOVE_RELAY, (list(reached), list(reached.values())))


def mark_published(engine: Engine, highest: Mapping[str, int]) -> None:
    """Record that the broker has everything up to these numbers, and wake whoever waits for a feed. Blocks.

    Does not wait for the disk: should the database forget it, the same entries are sent once more.
    """
    with single_statement(engine) as cursor:
        cursor.execute(_PUBLISHED, (list(highest), list(highest.values())))


_PUBLISHED = """
WITH highest AS (SELECT * FROM unnest(%s::text[], %s::int8[]) AS h(unit, seq)), moved AS (
  UPDATE feeds SET published = greatest(published, seq) FROM highest WHERE feeds.unit = highest.unit
)
SELECT pg_notify('feed', unit), set_config('synchronous_commit', 'off', true) FROM highest
"""
