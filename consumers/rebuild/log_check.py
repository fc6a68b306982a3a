"""Holding the log itself, read again from the broker, against what the database has of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine

from consumers.casework.records import Unreadable, append_time, pack_headers, read_record
from consumers.casework.store import raw_cursor
from consumers.rebuild.verifying import Verified
from infra.batches import Record

Read = Callable[[int, int], Iterable[Record]]
"""The records of a partition before an offset, in order: as much of them as the log still has."""

_EVENTS = """
SELECT log_offset, recorded_at, headers, value, digest FROM events
WHERE partition = %s AND log_offset < %s ORDER BY log_offset
"""
_ELSEWHERE = """
SELECT EXISTS (SELECT FROM quarantine WHERE topic = %s AND partition = %s AND log_offset = %s)
    OR EXISTS (SELECT FROM events WHERE source = %s AND event_id = %s AND digest = %s)
"""


def verify_log(engine: Engine, topic: str, read: Read) -> list[Verified]:
    """Compare each partition, as far as it was applied, record by record. Blocks.

    Every event must be in the log at its offset with the same bytes, headers and append time; every record
    of the log must be an event, stand in quarantine, or repeat an event.
    """
    with engine.begin() as connection:
        cursor = raw_cursor(connection)
        cursor.execute(
            "SELECT partition, next_offset FROM progress WHERE topic = %s ORDER BY partition", (topic,)
        )
        return [_verify(connection, topic, partition, end, read) for partition, end in cursor.fetchall()]


def _verify(connection: Connection, topic: str, partition: int, end: int, read: Read) -> Verified:
    rows = raw_cursor(connection).stream(_EVENTS, (partition, end))
    compared = 0
    for offset, problem in _differences(rows, read(partition, end), _other(connection, topic)):
        if problem:
            return Verified(partition, compared, offset, problem)
        compared += 1
    return Verified(partition, compared, None)


def _differences(
    rows: Iterator[Any], records: Iterable[Record], elsewhere: Callable[[Record], bool]
) -> Iterator[tuple[int, str]]:
    """For each offset what is wrong there, or nothing."""
    row = next(rows, None)
    for record in records:
        if row is not None and row[0] < record.offset:
            break
        if row is not None and row[0] == record.offset:
            yield record.offset, _difference(row, record)
            row = next(rows, None)
        elif not elsewhere(record):
            yield record.offset, "the log has a record here that was neither applied nor set aside"
    if row is not None:
        yield row[0], "the log does not have this event"


def _difference(row: Any, record: Record) -> str:
    _, recorded_at, headers, value, _ = row
    if record.value != value:
        return "the log has another value here"
    if append_time(record) != recorded_at:
        return "the log has another append time here"
    try:
        return "" if pack_headers(record.headers) == headers else "the log has other headers here"
    except ValueError:
        return "the log has headers here that are no text"


def _other(connection: Connection, topic: str) -> Callable[[Record], bool]:
    engine = connection.engine

    def elsewhere(record: Record) -> bool:
        found = read_record(record)
        said = (
            (None, None, None)
            if isinstance(found, Unreadable)
            else (*found.event.envelope.identity, found.digest)
        )
        with engine.connect() as own:  # the first connection is still giving events
            cursor: psycopg.Cursor[Any] = raw_cursor(own)
            cursor.execute(_ELSEWHERE, (topic, record.partition, record.offset, *said))
            return cursor.fetchone() == (True,)

    return elsewhere
