"""Positions in PostgreSQL: one row per partition that filters duplicates, fences zombies and finds gaps.

The row is locked and compared inside the transaction that writes a batch's effects, so the position and
the effects move together or not at all (docs/architecture.md, "Effectively once").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import structlog
from sqlalchemy import Connection, bindparam, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from infra.database import PATIENCE_SECONDS, driver_connection
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


@dataclass(frozen=True, slots=True)
class Move:
    """That a partition goes on from `expected` to `next_offset`, and its hash chain has a new head."""

    topic: str
    partition: int
    expected: int
    next_offset: int
    chain: bytes = CHAIN_START


# Made once: every batch, however small, runs one of them.
_HERE = (progress.c.topic == bindparam("at_topic")) & (progress.c.partition == bindparam("at_partition"))
_LOCK = select(progress.c.next_offset, progress.c.chain).where(_HERE).with_for_update()
_HOLD = "SELECT next_offset FROM progress WHERE topic = %s AND partition = %s FOR UPDATE"
_MOVE = """
UPDATE progress SET next_offset = %s, chain = %s WHERE topic = %s AND partition = %s AND next_offset = %s
"""


def lock_position(
    connection: Connection, topic: str, partition: int, *, standstill_seconds: float = PATIENCE_SECONDS
) -> Position:
    """The position, locked until the transaction ends; made at offset 0 if nobody has been here yet.

    Waits for another session that has it locked, and raises OperationalError when the database's patience
    ends. A session that has done nothing for `standstill_seconds` by then loses its transaction: a process
    that was frozen in the middle of one would otherwise hold the partition until somebody wakes it.
    """
    names = {"at_topic": topic, "at_partition": partition}
    with _impatience(connection, [(topic, partition)], standstill_seconds):
        row = connection.execute(_LOCK, names).first()
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
SELECT pg_terminate_backend(a.pid)
FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS w(topic, partition)
JOIN progress p USING (topic, partition) JOIN pg_stat_activity a ON a.backend_xid = p.xmax
WHERE a.query_start < now() - make_interval(secs => :seconds)
""")


@contextmanager
def _impatience(connection: Connection, wanted: Sequence[tuple[str, int]], seconds: float) -> Iterator[None]:
    """Ends whoever holds a position and stands still, once the database's patience with it has ended."""
    try:
        yield
    except (OperationalError, psycopg.errors.LockNotAvailable) as error:
        if isinstance(getattr(error, "orig", error), psycopg.errors.LockNotAvailable):
            topics, partitions = map(list, zip(*wanted, strict=True))
            names = {"topics": topics, "partitions": partitions, "seconds": seconds}
            with connection.engine.begin() as own:
                ended = own.execute(_END_STANDSTILL, names).all()
            if ended:
                log.warning("ended a session that stood still", wanted=wanted)
        raise


def move_position(
    connection: Connection, topic: str, partition: int, *, expected: int, next_offset: int, chain: bytes
) -> None:
    """Move the position from `expected` on, or raise LostGuard if it stands elsewhere."""
    move_positions(connection, [Move(topic, partition, expected, next_offset, chain)])


def move_positions(connection: Connection, moves: Sequence[Move]) -> None:
    """Make all the moves, or raise LostGuard if one of the positions stands elsewhere.

    Waits for another session as `lock_position` does. Whoever has not locked the positions before learns here,
    from the same comparison, whether they are still its own to move.
    """
    with moving(connection, moves):
        pass


@contextmanager
def moving(connection: Connection, moves: Sequence[Move]) -> Iterator[psycopg.Cursor[Any]]:
    """The same together with what is done on the cursor inside: everything goes to the database in one trip.

    Nothing can be read from it inside, and nothing copied. Raises LostGuard at the end, and in place of it what
    the statements inside raise if another session has done them already: then lock the position and look.
    """
    wanted = [(move.topic, move.partition) for move in moves]
    driver = driver_connection(connection)
    with _impatience(connection, wanted, PATIENCE_SECONDS), driver.pipeline():
        moved = driver.cursor()
        moved.executemany(
            _MOVE,
            [(move.next_offset, move.chain, move.topic, move.partition, move.expected) for move in moves],
        )
        yield driver.cursor()
    if moved.rowcount != len(moves):
        lost = ", ".join(f"{move.topic}/{move.partition} at {move.expected}" for move in moves)
        raise LostGuard(f"somebody else has moved one of: {lost}")


@contextmanager
def holding(connection: Connection, topic: str, partition: int, *, expected: int) -> Iterator[None]:
    """Lock a position that is known; what cursors are asked inside goes to the database in the same trip, after it.

    What they answer can be read once this has ended. Raises LostGuard at the end if the position stands elsewhere.
    Waits for another session as `lock_position` does.
    """
    driver = driver_connection(connection)
    with _impatience(connection, [(topic, partition)], PATIENCE_SECONDS), driver.pipeline():
        held = driver.cursor().execute(_HOLD, (topic, partition))
        yield
    standing = held.fetchone()
    if standing != (expected,):
        raise LostGuard(f"{topic}/{partition} stands at {standing and standing[0]}, not {expected}")


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
