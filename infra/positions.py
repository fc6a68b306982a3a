"""Positions in PostgreSQL: one row per partition that filters duplicates, fences zombies and finds gaps.

The row is locked and compared inside the transaction that writes a batch's effects, so the position and
the effects move together or not at all (docs/architecture.md, "Effectively once").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
import structlog
from sqlalchemy import Connection, bindparam, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from infra.database import PATIENCE_SECONDS
from infra.tables import progress

CHAIN_START = bytes(32)
"""The head of a hash chain that has no link yet."""

log = structlog.get_logger(__name__)


class LostGuard(Exception):  # noqa: N818  (reads as a statement at the raise)
    """Another worker moved this partition's position meanwhile: this transaction must be rolled back."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partition stands: the offset to apply next, and the head of its hash chain."""

    next_offset: int
    chain: bytes


# Made once: every batch, however small, runs both.
_HERE = (progress.c.topic == bindparam("at_topic")) & (progress.c.partition == bindparam("at_partition"))
_LOCK = select(progress.c.next_offset, progress.c.chain).where(_HERE).with_for_update()
_MOVE = (
    update(progress)
    .where(_HERE, progress.c.next_offset == bindparam("at_offset"))
    .values(next_offset=bindparam("to_offset"), chain=bindparam("to_chain"))
)


def lock_position(
    connection: Connection, topic: str, partition: int, *, standstill_seconds: float = PATIENCE_SECONDS
) -> Position:
    """The position, locked until the transaction ends; made at offset 0 if nobody has been here yet.

    Waits for another session that has it locked, and raises OperationalError when the database's patience
    ends. A session that has done nothing for `standstill_seconds` by then loses its transaction: a process
    that was frozen in the middle of one would otherwise hold the partition until somebody wakes it.
    """
    names = {"at_topic": topic, "at_partition": partition}
    try:
        row = connection.execute(_LOCK, names).first()
    except OperationalError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            _end_standstill(connection, topic, partition, standstill_seconds)
        raise
    if row is None:
        connection.execute(
            insert(progress)
            .values(topic=topic, partition=partition, next_offset=0, chain=CHAIN_START)
            .on_conflict_do_nothing()
        )
        row = connection.execute(_LOCK, names).one()
    return Position(row.next_offset, row.chain)


# Whoever has locked or changed the row last stands in its xmax.
_END_STANDSTILL = text("""
SELECT pg_terminate_backend(a.pid) FROM progress p JOIN pg_stat_activity a ON a.backend_xid = p.xmax
WHERE p.topic = :topic AND p.partition = :partition AND a.query_start < now() - make_interval(secs => :seconds)
""")


def _end_standstill(connection: Connection, topic: str, partition: int, seconds: float) -> None:
    names = {"topic": topic, "partition": partition, "seconds": seconds}
    with connection.engine.begin() as own:
        ended = own.execute(_END_STANDSTILL, names).all()
    if ended:
        log.warning("ended a session that stood still", topic=topic, partition=partition)


def move_position(
    connection: Connection, topic: str, partition: int, *, expected: int, next_offset: int, chain: bytes
) -> None:
    """Move the position from `expected` on, or raise LostGuard if it stands elsewhere."""
    names = {"at_topic": topic, "at_partition": partition, "at_offset": expected}
    moved = connection.execute(_MOVE, {**names, "to_offset": next_offset, "to_chain": chain})
    if moved.rowcount != 1:
        raise LostGuard(f"{topic}/{partition} no longer stands at {expected}")


def read_positions(
    connection: Connection, partitions: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """The next offset of each known partition among `partitions`."""
    wanted = list(partitions)
    if not wanted:
        return {}
    rows = connection.execute(
        select(progress.c.topic, progress.c.partition, progress.c.next_offset).where(
            tuple_(progress.c.topic, progress.c.partition).in_(wanted)
        )
    )
    return {(row.topic, row.partition): row.next_offset for row in rows}
