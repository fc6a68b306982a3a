"""Writing rows together with the positions they belong to: many by COPY, few as JSON in one trip to the database.

Both ways write the same rows. A handful of them by COPY would cost twenty trips, and at ordinary times every
transaction writes a handful; thousands of them as JSON would cost the database more than COPY.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql

from consumers.casework.rows import Row, Rows
from infra import tables
from infra.database import driver_connection
from infra.positions import Move, move_positions, moving

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_OIDS = {
    "SMALLINT": "int2",
    "INTEGER": "int4",
    "BIGINT": "int8",
    "TEXT": "text",
    "UUID": "uuid",
    "BYTEA": "bytea",
}
_OIDS |= {"TIMESTAMP WITH TIME ZONE": "timestamptz", "BOOLEAN": "bool"}


class _Writer:
    """The statements that write one table, made once from its columns."""

    def __init__(self, table: Table, key: Sequence[str] = (), omit: Sequence[str] = ()) -> None:
        columns = [column for column in table.columns if column.identity is None and column.name not in omit]
        names = ", ".join(column.name for column in columns)
        self.types = [_OIDS[column.type.compile(_DIALECT)] for column in columns]
        self.copy = f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)"
        stage = f"stage_{table.name}"
        self.make_stage = (
            f"CREATE TEMP TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS "
            f"AS SELECT {names} FROM {table.name} WITH NO DATA"
        )
        self.copy_stage = f"COPY {stage} ({names}) FROM STDIN (FORMAT BINARY)"
        changes = ", ".join(
            f"{column.name} = s.{column.name}" for column in columns if column.name not in key
        )
        match = " AND ".join(f"{table.name}.{name} = s.{name}" for name in key)
        self.insert = (
            f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {stage} ORDER BY ctid "
            "ON CONFLICT DO NOTHING"
        )
        self.update = f"UPDATE {table.name} SET {changes} FROM {stage} s WHERE {match}"
        told = f"json_populate_recordset(NULL::{table.name}, %s::json)"
        self.names = [str(column.name) for column in columns]  # orjson takes no subclass
        self.insert_told = f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {told}"
        self.insert_told_missing = f"{self.insert_told} ON CONFLICT DO NOTHING"
        self.update_told = f"UPDATE {table.name} SET {changes} FROM {told} s WHERE {match}"

    def insert_rows(self, cursor: psycopg.Cursor[Any], rows: Iterable[Row]) -> None:
        """Add rows that are not there yet."""
        self._copy(cursor, self.copy, rows)

    def insert_missing_rows(self, cursor: psycopg.Cursor[Any], rows: Iterable[Row]) -> None:
        """Add rows in their order, but for those whose key is there."""
        cursor.execute(self.make_stage)
        self._copy(cursor, self.copy_stage, rows)
        cursor.execute(self.insert)

    def update_rows(self, cursor: psycopg.Cursor[Any], rows: Iterable[Row]) -> None:
        """Change rows that are there."""
        cursor.execute(self.make_stage)
        self._copy(cursor, self.copy_stage, rows)
        cursor.execute(self.update)

    def tell(self, cursor: psycopg.Cursor[Any], statement: str, rows: Iterable[Row]) -> None:
        """Run one of the statements that take their rows as JSON."""
        told = [dict(zip(self.names, row, strict=True)) for row in rows]
        cursor.execute(statement, (orjson.dumps(told, default=_hexadecimal).decode(),))

    def _copy(self, cursor: psycopg.Cursor[Any], statement: str, rows: Iterable[Row]) -> None:
        with cursor.copy(statement) as copy:
            copy.set_types(self.types)
            for row in rows:
                copy.write_row(row)


def _hexadecimal(value: object) -> str:
    if isinstance(value, bytes):
        return "\\x" + value.hex()  # as PostgreSQL writes it
    raise TypeError(f"{type(value).__name__} has no place in a row")


_EVENTS = _Writer(tables.events)
_FEED = _Writer(tables.feed_entries)
_ANOMALIES = _Writer(tables.anomalies)
_QUARANTINE = _Writer(tables.quarantine)
_CASES = _Writer(tables.cases, key=("case_id",))
_CLOCKS = _Writer(tables.clocks, key=("clock_id",))
_MIRRORS = _Writer(tables.mirrors, key=("mirror_id",))

_OUTBOX = _Writer(tables.outbox, omit=("published_at",))

# A few thousand rows are found by their keys: reading a table of many cases for them, as the planner would
# while it is of middling size, costs more.
_BY_INDEX = "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
_DELETE_OUTBOX = "DELETE FROM outbox WHERE event_id = ANY(%s)"


FEW_ROWS = 100
FEW_BYTES = 128 * 1024


def write(connection: Connection, moves: Sequence[Move], rows: Rows) -> None:
    """Write everything and move the positions, within the connection's transaction.

    Raises LostGuard if a position stands elsewhere, and psycopg.errors.UniqueViolation (wrapped by nobody) if
    an event's identity is taken by an event of another case, or somebody else has applied the same records.
    """
    if rows.count <= FEW_ROWS and rows.size <= FEW_BYTES:
        with moving(connection, moves) as cursor:
            _write_few(cursor, rows)
    else:
        move_positions(connection, moves)
        _write_many(raw_cursor(connection), rows)


def _write_few(cursor: psycopg.Cursor[Any], rows: Rows) -> None:
    for writer, new in _new(rows):
        if new:
            writer.tell(cursor, writer.insert_told, new)
    if rows.changed_cases:
        cursor.execute(_BY_INDEX)
    for writer, changed in _changed(rows):
        if changed:
            writer.tell(cursor, writer.update_told, changed)
    if rows.outbox:
        _OUTBOX.tell(cursor, _OUTBOX.insert_told_missing, rows.outbox)
    _last(cursor, rows)


def _write_many(cursor: psycopg.Cursor[Any], rows: Rows) -> None:
    for writer, new in _new(rows):
        if new:
            writer.insert_rows(cursor, new)
    if rows.changed_cases:
        cursor.execute(_BY_INDEX)
    for writer, changed in _changed(rows):
        if changed:
            writer.update_rows(cursor, changed)
    if rows.outbox:
        _OUTBOX.insert_missing_rows(cursor, rows.outbox)
    _last(cursor, rows)


def _new(rows: Rows) -> tuple[tuple[_Writer, list[Row]], ...]:
    return (
        (_EVENTS, rows.events),
        (_FEED, rows.feed_entries),
        (_ANOMALIES, rows.anomalies),
        (_QUARANTINE, rows.quarantine),
        (_CASES, rows.new_cases),
        (_CLOCKS, rows.new_clocks),
        (_MIRRORS, rows.new_mirrors),
    )


def _changed(rows: Rows) -> tuple[tuple[_Writer, list[Row]], ...]:
    return (
        (_CASES, rows.changed_cases),
        (_CLOCKS, rows.changed_clocks),
        (_MIRRORS, rows.changed_mirrors),
    )


def _last(cursor: psycopg.Cursor[Any], rows: Rows) -> None:
    if rows.returned:
        cursor.execute(_DELETE_OUTBOX, (rows.returned,))
    if rows.wakes_relay:
        cursor.execute(f"NOTIFY {RELAY_CHANNEL}")


def write_quarantine(connection: Connection, rows: Iterable[Row]) -> None:
    """Add rows to the quarantine within the connection's transaction."""
    _QUARANTINE.insert_rows(raw_cursor(connection), rows)


RELAY_CHANNEL = "relay_work"
"""PostgreSQL notification channel that wakes the relay when a batch with something to send commits."""


def raw_cursor(connection: Connection) -> psycopg.Cursor[Any]:
    """The psycopg cursor under a SQLAlchemy connection: COPY has no place in SQLAlchemy's own interface.

    Results come in PostgreSQL's binary format: bytes as they are, not twice as long.
    """
    return driver_connection(connection).cursor(binary=True)


@contextmanager
def single_statement(engine: Engine) -> Iterator[psycopg.Cursor[Any]]:
    """A cursor for one statement, a transaction by itself: one trip to the database where `begin` takes three."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        yield raw_cursor(connection)


_STORED = """
SELECT case_id, partition, log_offset, recorded_at, source, event_id, headers, value, digest
FROM events WHERE case_id = ANY(%s::uuid[]) ORDER BY partition, log_offset
"""


def stored_events(connection: Connection, case_ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The applied events of these cases, in the order of the log; cases without any are left out."""
    # One text parameter: psycopg would build an array of UUID objects element by element in Python.
    wanted = "{" + ",".join(map(str, case_ids)) + "}"
    cursor = raw_cursor(connection)
    cursor.row_factory = psycopg.rows.dict_row
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in cursor.execute(_STORED, (wanted,)):
        found.setdefault(row["case_id"], []).append(row)
    return found


_TAKEN = """
SELECT e.source, e.event_id, e.case_id, e.digest FROM events e
JOIN unnest(%s::text[], %s::text[]) AS w(source, event_id) USING (source, event_id)
"""


def taken_identities(
    connection: Connection, identities: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], tuple[UUID, bytes]]:
    """Which of these identities are applied already: case and digest. Only after a conflict: it is slow."""
    cursor = raw_cursor(connection)
    rows = cursor.execute(_TAKEN, ([s for s, _ in identities], [i for _, i in identities]))
    return {(source, event_id): (case_id, digest) for source, event_id, case_id, digest in rows}
