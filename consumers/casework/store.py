"""Writing a batch's rows in bulk: COPY for what is new, COPY to a staging table and UPDATE for what is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

from consumers.casework.rows import Row, Rows
from infra import tables

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

    def _copy(self, cursor: psycopg.Cursor[Any], statement: str, rows: Iterable[Row]) -> None:
        with cursor.copy(statement) as copy:
            copy.set_types(self.types)
            for row in rows:
                copy.write_row(row)


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


def write(connection: Connection, rows: Rows) -> None:
    """Write everything within the connection's transaction. Raises psycopg.errors.UniqueViolation (wrapped by
    nobody) if an event's identity is taken by an event of another case.
    """
    cursor = raw_cursor(connection)
    for writer, new in (
        (_EVENTS, rows.events),
        (_FEED, rows.feed_entries),
        (_ANOMALIES, rows.anomalies),
        (_QUARANTINE, rows.quarantine),
        (_CASES, rows.new_cases),
        (_CLOCKS, rows.new_clocks),
        (_MIRRORS, rows.new_mirrors),
    ):
        if new:
            writer.insert_rows(cursor, new)
    if rows.changed_cases:
        cursor.execute(_BY_INDEX)
    for writer, changed in (
        (_CASES, rows.changed_cases),
        (_CLOCKS, rows.changed_clocks),
        (_MIRRORS, rows.changed_mirrors),
    ):
        if changed:
            writer.update_rows(cursor, changed)
    if rows.outbox:
        _OUTBOX.insert_missing_rows(cursor, rows.outbox)
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
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  (the engine is made for psycopg)
    return driver.cursor(binary=True)


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
