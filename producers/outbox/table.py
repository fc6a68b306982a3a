"""The outbox's table, for any database that SQLAlchemy knows, and the engine of an outbox in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)

NAME = "linkage_outbox"
_BUSY_SECONDS = 30.0
_LARGEST = 1024 * 1024  # bytes of a value: MySQL makes a column that is large enough
_number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up in an INTEGER only


def outbox_table(metadata: MetaData, name: str = NAME) -> Table:
    """The table, to be made by the agency's own migrations or by `Outbox.create`.

    Times are milliseconds since 1970 (UTC), because databases differ in what they make of a time zone.
    """
    return Table(
        name,
        metadata,
        Column("position", _number, primary_key=True, autoincrement=True),
        Column("unit", String(64), nullable=False),
        Column("event_id", String(128), nullable=False),
        Column("type", String(100), nullable=False),
        Column("case_id", String(36), nullable=False),
        Column("digest", LargeBinary(32), nullable=False),
        Column("headers", Text, nullable=False),  # JSON list of [name, text]
        Column(
            "value", LargeBinary(_LARGEST), nullable=False
        ),  # as it goes to the broker: never encoded again
        Column("sealed_to", String(16), nullable=False),  # name of an ingress key; empty: in the clear
        Column("state", String(10), nullable=False),
        Column("queued_at", BigInteger, nullable=False),
        Column("due_at", BigInteger, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("claim", String(36), nullable=False),
        Column("claimed_until", BigInteger, nullable=False),
        Column("settled_at", BigInteger),
        Column("reason", String(100), nullable=False),
        Column("problem", Text, nullable=False),
        Column("receipt", Text),  # JSON, as the broker or the gateway gave it
        UniqueConstraint("unit", "event_id", name=f"uq_{name}_identity"),
        Index(f"ix_{name}_case", "case_id", "position"),
        Index(f"ix_{name}_state", "unit", "state", "position"),
        sqlite_autoincrement=True,  # a number is not given again after what was sent is forgotten
    )


def file_engine(path: Path) -> Engine:
    """An engine on an SQLite file, made if it is missing. A commit is on disk when it returns.

    Several processes may use the file at once: a writer waits up to half a minute for another.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    connection.isolation_level = None  # we say ourselves when a transaction begins
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Any) -> None:
    # A transaction that first reads and then writes could not wait for another writer.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
