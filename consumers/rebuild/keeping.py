"""What a rebuild takes over from the old database: everything that is not in the log, whichever table it is in."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine

from consumers.rebuild.dump import FOLDED
from infra.database import driver_connection

REBUILT = frozenset(
    {
        *FOLDED,
        "progress",
        "outbox",
        "feeds",
        "feed_positions",
        "relay_progress",
        "document_mentions",
        "document_progress",
        "exchanges",
        "exchange_progress",
        "reconciled",
    }
)
"""What the log and the feed topics give back, or what is only found out again. Every other table is kept."""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1"
_COLUMNS = """
SELECT column_name, is_identity = 'YES' FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
"""
_ACKNOWLEDGED = """
UPDATE feeds SET acknowledged = least(%s, published), acknowledged_at = %s WHERE unit = %s
"""


class NotFresh(RuntimeError):  # noqa: N818  (reads as a statement at the raise)
    """The fresh database holds something of its own that would be mixed with what is kept."""


def keep(old: Engine, fresh: Engine) -> Mapping[str, int]:
    """Copy every table that is not rebuilt, and how far units have acknowledged; rows by table. Blocks.

    Both databases have the schema of this program; nobody writes the old one meanwhile. All or nothing. Raises
    NotFresh.
    """
    copied = {}
    with old.connect() as source, fresh.begin() as target:
        for table in kept_tables(source):
            copied[table] = _copy(driver_connection(source), driver_connection(target), table)
        _acknowledged(source, target)
    return copied


def kept_tables(connection: Connection) -> list[str]:
    """The tables that a rebuild takes over, in the order of their names."""
    names = driver_connection(connection).execute(_TABLES)
    return [name for (name,) in names if name not in REBUILT]


def _copy(
    source: psycopg.Connection[tuple[object, ...]], target: psycopg.Connection[tuple[object, ...]], table: str
) -> int:
    name = sql.Identifier(table)
    if target.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(name)).fetchone() == (True,):
        raise NotFresh(
            f"the fresh database has rows in {table} already: rebuild into one that is only migrated"
        )
    columns = [(str(column), bool(identity)) for column, identity in source.execute(_COLUMNS, (table,))]
    listed = sql.SQL(", ").join(sql.Identifier(column) for column, _ in columns)
    out = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT BINARY)").format(name, listed)
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(name, listed)
    with source.cursor() as reading, target.cursor() as writing:
        with reading.copy(out) as read, writing.copy(into) as write:
            for block in read:
                write.write(block)
        copied = writing.rowcount
    for column, identity in columns:
        if identity:
            _go_on(target, table, column)
    return copied


def _go_on(target: psycopg.Connection[tuple[object, ...]], table: str, column: str) -> None:
    """New rows get numbers behind those that were kept."""
    highest = sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({})) FROM {}")
    names = (sql.Literal(table), sql.Literal(column), sql.Identifier(column), sql.Identifier(table))
    target.execute(highest.format(*names))


def _acknowledged(source: Connection, target: Connection) -> None:
    rows = driver_connection(source).execute("SELECT acknowledged, acknowledged_at, unit FROM feeds")
    driver_connection(target).cursor().executemany(_ACKNOWLEDGED, rows.fetchall())
